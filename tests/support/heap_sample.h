/*
 * glibc heaps put together by hand: a C library's data with main_arena, one page-aligned heap
 * of chunks, and one thread whose dtv leads to a tcache.
 *
 *	struct heap_sample *sample = sample_begin(&with_fastbins);
 *	sample_add_chunk(sample, 32);
 *	sample_add_top(sample);
 *	sample_walk(sample);	// fills blocks and arenas
 */
#ifndef SUPPORT_HEAP_SAMPLE_H
#define SUPPORT_HEAP_SAMPLE_H

#include "base/vector.h"
#include "heap/glibc.h"
#include "support/core_builder.h"

#define DATA      0x7f0000001000u /* the C library's */
#define HEAP      0x555500000000u
#define TLS       0x7f0000010000u
#define THREAD    0x7f0000020000u /* the thread's control block, and its dtv */
#define MAPPED    0x7f0000100000u
#define HEAP_SIZE 0x10000u
#define TCACHE    0x290u

/* Where the fields of malloc_state are in a release. */
struct release {
	uint32_t bins, fastbins;
};

extern const struct release with_fastbins, without_fastbins;

struct heap_sample {
	const struct release *release;
	uint8_t data[0x2000], heap[HEAP_SIZE], tls[0x1000], thread[0x1000], mapped[0x4000];
	uint64_t next; /* offset of the next chunk */
	addr_t first_break;
	bool has_mapped;
	struct core_builder *core;
	struct target *target;
	struct anomalies *anomalies;
	VECTOR_OF(struct block_report) blocks;
	VECTOR_OF(struct arena_report) arenas;
};

struct heap_sample *sample_begin(const struct release *release);
void sample_end(struct heap_sample *sample);

void sample_put(uint8_t *bytes, uint64_t offset, uint64_t value);
void sample_put_heap(struct heap_sample *sample, addr_t address, uint64_t value);

/* The next chunk, in use; returns the user's address. */
addr_t sample_add_chunk(struct heap_sample *sample, uint64_t size);
/* To be called after the chunk that follows was added. */
void sample_free_chunk(struct heap_sample *sample, addr_t user);
/* All that is left; returns the chunk's address. */
addr_t sample_add_top(struct heap_sample *sample);
/* malloc_par, with what it counts of chunks with mappings of their own. */
void sample_add_parameters(struct heap_sample *sample, uint32_t mapped, uint64_t bytes);
/* The tcache of the thread, in a chunk of its own. */
addr_t sample_add_tcache(struct heap_sample *sample);
void sample_set_tcache(struct heap_sample *sample, addr_t tcache, uint32_t list, addr_t first,
		       uint16_t count);

/* False if there is no such allocator in the sample. */
bool sample_walk(struct heap_sample *sample);
/* As text, for a message that says all: "used 24, free 40". */
const char *sample_states(const struct heap_sample *sample);
/* How many of stage "glibc" there are. */
size_t sample_anomalies(const struct heap_sample *sample);

#endif
