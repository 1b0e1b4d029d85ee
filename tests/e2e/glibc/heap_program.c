/*
 * Fills glibc's heap from several threads, writes what is in it to the file it is given, and
 * aborts.  What it keeps for that is static: nothing is allocated while the heap is described.
 *
 *	arena 1234		fields of mallinfo2
 *	used 55d0… 24		each block in use, and its usable size
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS 6
#ifndef SLOTS
#define SLOTS 20000
#endif

static void *slots[THREADS + 1][SLOTS];
static pthread_barrier_t filled;
static int record;

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void *allocate(uint32_t *state)
{
	uint32_t choice = next_random(state) % 1000;
	size_t size = next_random(state) % 400;

	if (choice < 700)
		return malloc(size);
	if (choice < 950)
		return calloc(1, size * 10);
	if (choice < 990)
		return memalign((size_t)32 << choice % 8, size * 8);
	if (choice < 996)
		return realloc(malloc(size), size * 100);
	return choice % 2 ? malloc(140000 + size * 1000) : memalign(4096, 300000 + size);
}

/* Leaves every third block free; the last ones freed stay in tcaches and fastbins. */
static void fill(void **mine, uint32_t state)
{
	for (size_t i = 0; i < SLOTS; i++)
		mine[i] = allocate(&state);
	for (size_t i = 0; i < SLOTS; i++)
		if (next_random(&state) % 3 == 0) {
			free(mine[i]);
			mine[i] = NULL;
		}
	for (size_t i = 0; i < SLOTS / 2; i++)
		if (!mine[i])
			mine[i] = malloc(next_random(&state) % 2000);
	for (size_t i = 0; i < SLOTS; i += 50) {
		free(mine[i]);
		mine[i] = NULL;
	}
}

static void *run(void *argument)
{
	void **mine = argument;

	fill(mine, (uint32_t)(mine - slots[0]));
	/* One ends: its arena stays, its tcache does not. */
	pthread_barrier_wait(&filled);
	if (mine != slots[1])
		for (;;)
			pause();
	return NULL;
}

static void put(const char *format, const char *name, unsigned long long a,
		unsigned long long b)
{
	char line[128];
	int length = snprintf(line, sizeof(line), format, name, a, b);

	if (length < 0 || write(record, line, (size_t)length) != length)
		_exit(2);
}

static void describe(void)
{
#if __GLIBC_PREREQ(2, 33) && !defined(WITH_MALLINFO)
	struct mallinfo2 info = mallinfo2();
#else
	struct mallinfo info = mallinfo();
#endif

	put("%s %llu\n", "arena", (unsigned long long)info.arena, 0);
	put("%s %llu\n", "ordblks", (unsigned long long)info.ordblks, 0);
	put("%s %llu\n", "hblks", (unsigned long long)info.hblks, 0);
	put("%s %llu\n", "hblkhd", (unsigned long long)info.hblkhd, 0);
	put("%s %llu\n", "fsmblks", (unsigned long long)info.fsmblks, 0);
	put("%s %llu\n", "uordblks", (unsigned long long)info.uordblks, 0);
	put("%s %llu\n", "fordblks", (unsigned long long)info.fordblks, 0);
	put("%s %llu\n", "keepcost", (unsigned long long)info.keepcost, 0);
	for (size_t t = 0; t < THREADS + 1; t++)
		for (size_t i = 0; i < SLOTS; i++)
			if (slots[t][i])
				put("%s %llx %llu\n", "used",
				    (unsigned long long)(uintptr_t)slots[t][i],
				    malloc_usable_size(slots[t][i]));
}

/* Someone else's sbrk: the main arena goes on behind it. */
static void break_heap(void)
{
	if (sbrk(0) == (void *)-1 || sbrk(12345) == (void *)-1)
		_exit(3);
}

/* Someone's mapping close behind the break: malloc has to map memory for its main arena. */
static void block_break(void)
{
	uintptr_t end = ((uintptr_t)sbrk(0) + 0x40fff) & ~(uintptr_t)0xfff;

	if (mmap((void *)end, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		_exit(4);
}

static void fill_main(const char *mode)
{
	if (!strcmp(mode, "blocked"))
		block_break();
	if (strcmp(mode, "foreign")) {
		fill(slots[0], 7);
		return;
	}
	for (size_t i = 0; i < SLOTS / 4; i++) {
		slots[0][i] = malloc(i % 600);
		if (i % 1000 == 500)
			break_heap();
	}
}

int main(int count, char **arguments)
{
	pthread_t threads[THREADS];

	record = count > 1 ? open(arguments[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
	if (record < 0 || pthread_barrier_init(&filled, NULL, THREADS + 1))
		return 1;
	fill_main(count > 2 ? arguments[2] : "");
	for (size_t t = 0; t < THREADS; t++)
		if (pthread_create(&threads[t], NULL, run, slots[t + 1]))
			return 1;
	pthread_barrier_wait(&filled);
	pthread_join(threads[0], NULL);
	for (size_t i = SLOTS * 3 / 4; i < SLOTS; i++) {
		free(slots[0][i]);
		slots[0][i] = NULL;
	}
	malloc_trim(0);
	for (size_t i = 0; i < 200; i++) {
		free(slots[0][i]);
		slots[0][i] = NULL;
	}
	usleep(100000); /* the others are in pause() by then */
	describe();
	abort();
}
