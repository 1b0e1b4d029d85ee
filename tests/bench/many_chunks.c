/*
 * Ten million chunks of malloc, a third of them free, in the folder's core.
 *
 * usage: many-chunks FOLDER [CHUNKS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

int main(int count, char **arguments)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	size_t chunks = count > 2 ? strtoul(arguments[2], NULL, 10) : 10000000;
	void **blocks = malloc(chunks * sizeof(*blocks));
	uint32_t state = 1;

	if (count < 2 || !blocks || chdir(arguments[1]) || setrlimit(RLIMIT_CORE, &unlimited))
		return 1;
	for (size_t i = 0; i < chunks; i++) {
		blocks[i] = malloc(next_random(&state) % 90);
		if (!blocks[i])
			return 1;
		*(uint64_t *)blocks[i] = i;
	}
	/* Never two neighbours: they would become one chunk. */
	for (size_t i = 1; i < chunks; i += 3)
		free(blocks[i]);
	abort();
}
