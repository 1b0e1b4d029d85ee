/*
 * Fills glibc's heap, writes what is in use to the file it is given, corrupts the heap in the way
 * that it is asked for, and aborts.
 *
 *	used 55d0… 24		a block in use, and its usable size
 *	damaged 55d0…		what was written over: a chunk's user part, or an address in it
 *	writer 55d0…		the block that was written past its end, where one was
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS   5000
#define MIDDLE  2500
#define SIZE    72
#define ARENA   ((uintptr_t)64 << 20)
#define TCACHED 7

static char *slots[2][SLOTS];
static char *guard; /* keeps the last block away from the top */
static FILE *record;
static pthread_barrier_t filled;

static void *fill(void *argument)
{
	char **mine = argument;

	for (size_t i = 0; i < SLOTS; i++)
		mine[i] = calloc(1, SIZE);
	if (mine != slots[0]) {
		pthread_barrier_wait(&filled);
		for (;;)
			pause();
	}
	return NULL;
}

static void write_size(char *block, size_t size)
{
	*(size_t *)(block - 8) = size;
}

/* Past the end of the block before, up to the size of the one in the middle. */
static char *overflow(int byte)
{
	char *writer = slots[0][MIDDLE], *next = slots[0][MIDDLE + 1];

	memset(writer, byte, (size_t)(next - writer));
	fprintf(record, "writer %lx\n", (unsigned long)writer);
	return next;
}

static char *large(void)
{
	return overflow(0x41);
}

static char *small(void)
{
	return overflow(0);
}

static char *unaligned(void)
{
	char *next = overflow(0);

	write_size(next, 0x59);
	return next;
}

static char *middle(void)
{
	write_size(slots[0][MIDDLE], 10 * 80 + 32 + 1);
	return slots[0][MIDDLE];
}

/* Freed blocks that link to themselves: the last one of a tcache, and of a fastbin. */
static char *tcache_loop(void)
{
	char *block = slots[0][MIDDLE];

	free(block);
	*(uintptr_t *)block = (uintptr_t)block ^ (uintptr_t)block >> 12;
	return block;
}

static char *fastbin_loop(void)
{
	char *block = slots[0][MIDDLE];

	for (int i = 1; i <= TCACHED; i++)
		free(slots[0][MIDDLE + 2 * i]);
	free(block);
	*(uintptr_t *)block = (uintptr_t)(block - 16) ^ (uintptr_t)block >> 12;
	return block;
}

static char *bin_loop(void)
{
	char *block = slots[0][MIDDLE];

	for (int i = 0; i < 3 * TCACHED; i++)
		free(slots[0][MIDDLE + 1 + i]);
	free(block);
	malloc_trim(0); /* consolidates */
	block = slots[0][MIDDLE + 1 + TCACHED];
	for (uintptr_t *word = (uintptr_t *)block; word < (uintptr_t *)(block + 3 * SIZE);
	     word++)
		*word = 0x4141414141414141;
	return block;
}

/* The first chunk of the heap. */
static char *smashed_tcache(void)
{
	char line[256];
	unsigned long start = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]"))
			sscanf(line, "%lx", &start);
	memset((char *)start + 16, 0x41, 0x280);
	return (char *)start + 16;
}

static char *top(void)
{
	char *last = sbrk(0);

	while (malloc_usable_size(last = malloc(5000)) && last < guard)
		;
	memset(last, 0x41, malloc_usable_size(last) + 8);
	fprintf(record, "writer %lx\n", (unsigned long)last);
	return last + malloc_usable_size(last) - 8 + 16;
}

static char *heap_info(void)
{
	char *heap = (char *)((uintptr_t)slots[1][0] & ~(ARENA - 1));

	memset(heap, 0x41, 24);
	return heap + 16;
}

static const struct {
	const char *mode;
	char *(*corrupt)(void);
} modes[] = {
	{"large", large},
	{"small", small},
	{"unaligned", unaligned},
	{"middle", middle},
	{"tcache-loop", tcache_loop},
	{"fastbin-loop", fastbin_loop},
	{"bin", bin_loop},
	{"smashed-tcache", smashed_tcache},
	{"top", top},
	{"heap-info", heap_info},
};

int main(int count, char **arguments)
{
	pthread_t thread;

	record = count > 2 ? fopen(arguments[1], "w") : NULL;
	if (!record || pthread_barrier_init(&filled, NULL, 2))
		return 1;
	setvbuf(record, NULL, _IOFBF, 1 << 20);
	fill(slots[0]);
	guard = malloc(SIZE);
	if (pthread_create(&thread, NULL, fill, slots[1]))
		return 1;
	pthread_barrier_wait(&filled);
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < SLOTS; i++)
			if (t || i < MIDDLE - 100 || i > MIDDLE + 100)
				fprintf(record, "used %lx %zu\n", (unsigned long)slots[t][i],
					malloc_usable_size(slots[t][i]));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].mode, arguments[2]))
			fprintf(record, "damaged %lx\n", (unsigned long)modes[i].corrupt());
	fflush(record);
	abort();
}
