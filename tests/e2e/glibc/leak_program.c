/*
 * Allocates 100,000 blocks from several threads, keeps them in as many ways as C has, loses 64,
 * frees thousands, and aborts.  To the file it is given it writes, when it happens:
 *
 *	lost 55d0… 3		a block that nothing leads to, and how many go with it, itself included
 *	possible 55d0…		a block that only a pointer into its middle leads to
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS  4 /* the first ends */
#define TABLE    15000
#define LISTED   20000
#define TREE     20000
#define FREED    20000
#define LOST     16 /* by each of the first thread, the second, and the main one twice */
#define POSSIBLE 8
#define LARGE    300000

struct node {
	struct node *left, *right;
	uint64_t rest[6];
};

/* Not static: a compiler leaves out what is only written. */
void *table[TABLE], *interior[POSSIBLE], *of_thread[THREADS];
struct node *tree, *large;
static __thread struct node *own;
static pthread_barrier_t filled;
static int record;

/* All of it is cleared: malloc leaves links in what it rounds up. */
static void *allocate(size_t size)
{
	void *block = malloc(size);

	if (!block)
		_exit(2);
	return memset(block, 0, malloc_usable_size(block));
}

static void put(const char *kind, const void *block, unsigned count)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s %llx %u\n", kind,
			      (unsigned long long)(uintptr_t)block, count);

	if (length < 0 || write(record, line, (size_t)length) != length)
		_exit(3);
	memset(line, 0, sizeof(line));
}

/* What functions that returned left on the stack, and in registers that are not kept. */
static __attribute__((noinline)) void scrub(void)
{
	volatile char room[100000];

	memset((char *)room, 0, sizeof(room));
}

static struct node *list(size_t count)
{
	struct node *first = NULL;

	for (size_t i = 0; i < count; i++) {
		struct node *node = allocate(sizeof(*node) + i * 13 % 200);

		node->left = first;
		first = node;
	}
	return first;
}

/* Single blocks, lists, one in a mapping of its own, and a cycle that a block leads to. */
static __attribute__((noinline)) void lose(void)
{
	for (unsigned i = 0; i < LOST; i++) {
		struct node *first = i == 5 ? allocate(LARGE) : list(1 + i % 4);
		unsigned count = i == 5 ? 1 : 1 + i % 4;

		if (i == 7)
			first->left->left->left->left = first->left;
		put("lost", first, count);
	}
}

static __attribute__((noinline)) void fill_interior(void)
{
	for (size_t i = 0; i < POSSIBLE; i++) {
		char *block = allocate(100 + i * 3);

		put("possible", block, 1);
		interior[i] = block + 40;
	}
}

static struct node *grow(size_t count)
{
	struct node **all = calloc(count, sizeof(*all)), *root;

	for (size_t i = 0; i < count; i++)
		all[i] = allocate(sizeof(**all));
	for (size_t i = 1; i < count; i++)
		*(i % 2 ? &all[(i - 1) / 2]->left : &all[(i - 1) / 2]->right) = all[i];
	root = all[0];
	memset(all, 0, count * sizeof(*all));
	free(all);
	return root;
}

/* Waits with the address in a register only; the list behind it hangs on that. */
static __attribute__((noinline, noreturn)) void wait_with(struct node *node)
{
	register struct node *kept __asm__("r12") = node;

	__asm__ volatile("1: movl %0, %%eax\n\tsyscall\n\tjmp 1b"
			 :
			 : "i"(SYS_pause), "r"(kept)
			 : "rax", "rcx", "r11", "memory");
	__builtin_unreachable();
}

static void *run(void *argument)
{
	size_t number = (size_t)argument;
	struct node *mine = list(1000);
	pthread_key_t key;

	own = list(1000);
	of_thread[number] = list(1000);
	if (pthread_key_create(&key, NULL) || pthread_setspecific(key, list(1000)))
		_exit(4);
	if (number < 2)
		lose();
	scrub();
	if (number == 0) {
		for (struct node *next; mine; mine = next) {
			next = mine->left;
			free(mine);
		}
		for (struct node *next; own; own = next) {
			next = own->left;
			free(own);
		}
		for (struct node *node = pthread_getspecific(key), *next; node; node = next) {
			next = node->left;
			free(node);
		}
	}
	pthread_barrier_wait(&filled);
	if (number == 0)
		return NULL;
	if (number == 1)
		wait_with(mine);
	for (;;) {
		pause();
		__asm__ volatile("" : : "r"(mine) : "memory");
	}
}

static void *freed[FREED];

static void free_many(void)
{
	for (size_t i = 0; i < FREED; i++)
		freed[i] = malloc(24 + i * 13 % 1500);
	for (size_t i = 0; i < 2 * FREED; i += 2) {
		size_t at = i < FREED ? i : i - FREED + 1;

		free(freed[at]);
		freed[at] = NULL;
	}
}

static void fill_table(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		table[i] = (char *)allocate(24 + i * 5 % 600) + (i % 10 == 9 ? 16 : 0);
}

static __attribute__((noinline)) void fill(void)
{
	fill_table(0, TABLE / 2);
	lose();
	fill_interior();
	tree = grow(TREE);
	large = allocate(LARGE);
	large->right = list(LISTED);
	fill_table(TABLE / 2, TABLE);
	lose();
	free_many();
}

int main(int count, char **arguments)
{
	pthread_t threads[THREADS];
	struct node *volatile on_stack;

	record = count > 1 ? open(arguments[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
	if (record < 0 || pthread_barrier_init(&filled, NULL, THREADS + 1))
		return 1;
	fill();
	on_stack = list(5000);
	own = list(1000);
	for (size_t t = 0; t < THREADS; t++)
		if (pthread_create(&threads[t], NULL, run, (void *)t))
			return 1;
	pthread_barrier_wait(&filled);
	pthread_join(threads[0], NULL);
	usleep(100000); /* the others wait by then */
	scrub();
	abort();
}
