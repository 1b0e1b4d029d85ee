/*
 * A count here is the number of counted references from garbage.  Each question takes some
 * away, follows what falls to zero, and puts back all that it took.
 */
#include "analysis/release.h"

#include "base/vector.h"

#include <stdlib.h>

struct release {
	const struct graph *graph;
	const uint8_t *state;
	uint32_t *count;                 /* [object_count] */
	bool *freed;                     /* [object_count] */
	VECTOR_OF(uint32_t) queue;       /* freed objects */
	VECTOR_OF(uint32_t) taken;       /* targets of references that were taken away */
	const struct release_gone *gone; /* or NULL */
};

void release_free(struct release *release)
{
	if (!release)
		return;
	free(release->count);
	free(release->freed);
	vector_release(&release->queue);
	vector_release(&release->taken);
	free(release);
}

static void count_references(struct release *release)
{
	const struct graph *graph = release->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i];
		     release->state[i] == STATE_GARBAGE && r < graph->first_reference[i + 1];
		     r++)
			if (reference_is_counted(graph->kind[r]))
				release->count[graph->target[r]]++;
}

struct release *release_create(const struct graph *graph,
			       const struct reachability *reachability, struct error *err)
{
	CLEANUP(release_freep) struct release *release = calloc(1, sizeof(*release));
	size_t room = (size_t)graph->object_count + 1;

	if (release) {
		release->graph = graph;
		release->state = reachability->state;
		release->count = calloc(room, sizeof(*release->count));
		release->freed = calloc(room, sizeof(*release->freed));
	}
	if (!release || !release->count || !release->freed) {
		error_out_of_memory(err, "looking for what breaks cycles");
		return NULL;
	}
	count_references(release);
	return TAKE(release);
}

static void free_object(struct release *release, uint32_t object)
{
	if (release->freed[object])
		return;
	release->freed[object] = true;
	vector_push(&release->queue, object);
}

static void take_reference(struct release *release, uint32_t target)
{
	if (release->state[target] != STATE_GARBAGE)
		return;
	vector_push(&release->taken, target);
	if (--release->count[target] == 0)
		free_object(release, target);
}

static bool is_gone(const struct release_gone *gone, uint32_t source, uint32_t reference)
{
	return gone && gone->site_of[reference] != SITE_NONE &&
	       gone->gone[gone->site_of[reference]] &&
	       (!gone->scope_of || gone->scope_of[source] == gone->scope);
}

static struct release_sum spread(struct release *release)
{
	const struct graph *graph = release->graph;
	struct release_sum sum = {0};

	for (size_t i = 0; i < release->queue.count; i++) {
		uint32_t object = release->queue.items[i];

		sum.objects++;
		sum.bytes += graph->size[object] + graph->owned_size[object];
		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++)
			if (reference_is_counted(graph->kind[r]) &&
			    !is_gone(release->gone, object, r))
				take_reference(release, graph->target[r]);
	}
	return sum;
}

static bool put_back(struct release *release, struct error *err)
{
	bool failed = release->queue.failed || release->taken.failed;

	vector_each (&release->taken, target)
		release->count[*target]++;
	vector_each (&release->queue, object)
		release->freed[*object] = false;
	release->taken.count = release->queue.count = 0;
	return !failed || error_out_of_memory(err, "looking for what breaks cycles");
}

void release_begin(struct release *release, const struct release_gone *gone)
{
	release->gone = gone;
}

void release_take_reference(struct release *release, uint32_t reference)
{
	take_reference(release, release->graph->target[reference]);
}

void release_take_object(struct release *release, uint32_t object)
{
	free_object(release, object);
}

bool release_end(struct release *release, struct release_sum *ret, struct error *err)
{
	*ret = spread(release);
	return put_back(release, err);
}
