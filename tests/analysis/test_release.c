#include "analysis/release.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct sample {
	struct graph *graph;
	struct ledger ledger;
	struct reachability reachability;
	struct release *release;
	uint32_t *site_of; /* by reference: its label */
};

static void sample_init(struct sample *sample, struct graph *graph)
{
	struct error err = {0};

	*sample = (struct sample){.graph = graph};
	cr_assert(ledger_compute(graph, &sample->ledger, &err) &&
		  reachability_compute(graph, &sample->ledger, &sample->reachability, &err));
	sample->release = release_create(graph, &sample->reachability, &err);
	cr_assert(sample->release, "%s", err.message);
	sample->site_of = calloc(graph->reference_count + 1, sizeof(*sample->site_of));
	for (uint32_t r = 0; r < graph->reference_count; r++)
		sample->site_of[r] = SITE_NONE;
}

static void sample_release(struct sample *sample)
{
	release_free(sample->release);
	reachability_release(&sample->reachability);
	ledger_release(&sample->ledger);
	free(sample->site_of);
	graph_free(sample->graph);
}

/* The n-th reference of the object is gone. */
static struct release_sum without(struct sample *sample, uint32_t object, uint32_t n)
{
	uint32_t reference = sample->graph->first_reference[object] + n;
	struct error err = {0};
	struct release_sum sum;
	struct release_gone gone = {.site_of = sample->site_of, .gone = (bool[]){true}};

	sample->site_of[reference] = 0;
	release_begin(sample->release, &gone);
	release_take_reference(sample->release, reference);
	cr_assert(release_end(sample->release, &sum, &err));
	sample->site_of[reference] = SITE_NONE;
	return sum;
}

Test(release, of_a_pair_frees_both_and_what_hangs_on_them)
{
	struct sample sample;

	sample_init(&sample, graph_from_text("a->b b->a b->c a:size10 b:size20 c:size5"));
	cr_assert_eq(without(&sample, B, 0).objects, 3u);
	cr_assert_eq(without(&sample, B, 0).bytes, 35u);
	cr_assert_eq(without(&sample, B, 1).objects, 1u); /* c alone; a and b hold each other */
	sample_release(&sample);
}

Test(release, keeps_what_another_cycle_holds)
{
	struct sample sample;

	sample_init(&sample, graph_from_text("a->b b->a b->c c->d d->c d->a"));
	cr_assert_eq(without(&sample, B, 0).objects, 0u); /* d refers to a as well */
	cr_assert_eq(without(&sample, C, 0).objects, 1u); /* d; b still refers to a and c */
	sample_release(&sample);
}

Test(release, never_frees_what_is_alive)
{
	struct sample sample;

	sample_init(&sample, graph_from_text("a->b b->a b->c !c c->d"));
	cr_assert_eq(without(&sample, B, 0).objects, 2u);
	sample_release(&sample);
}

Test(release, of_objects_takes_what_only_they_hold)
{
	struct sample sample;
	struct release_sum sum;
	struct error err = {0};

	sample_init(&sample, graph_from_text("a->b b->a b->c c->d d->c"));
	release_begin(sample.release, NULL);
	release_take_object(sample.release, A);
	release_take_object(sample.release, B);
	cr_assert(release_end(sample.release, &sum, &err));
	cr_assert_eq(sum.objects, 2u); /* c and d hold each other */
	sample_release(&sample);
}

Test(release, takes_references_of_the_scope_alone)
{
	struct sample sample;
	struct release_sum sum;
	struct error err = {0};
	uint32_t scope_of[] = {1, 1, 2, 2};
	struct release_gone gone = {.gone = (bool[]){true}, .scope_of = scope_of, .scope = 1};

	/* References of a and c have the same site, but that of c is there: d goes with c. */
	sample_init(&sample, graph_from_text("a->b b->a b->c c->d"));
	gone.site_of = sample.site_of;
	sample.site_of[sample.graph->first_reference[A]] = 0;
	sample.site_of[sample.graph->first_reference[C]] = 0;
	release_begin(sample.release, &gone);
	release_take_reference(sample.release, sample.graph->first_reference[A]);
	cr_assert(release_end(sample.release, &sum, &err));
	cr_assert_eq(sum.objects, 4u);
	sample_release(&sample);
}

/* The same by going over all objects until nothing changes. */
static uint64_t slow_without(const struct sample *sample, const bool *gone)
{
	const struct graph *graph = sample->graph;
	bool freed[RANDOM_OBJECTS] = {false};
	uint64_t objects = 0;
	bool changed = true;

	while (changed) {
		uint32_t count[RANDOM_OBJECTS] = {0}, before[RANDOM_OBJECTS] = {0};

		changed = false;
		for (uint32_t i = 0; i < graph->object_count; i++)
			for (uint32_t r = graph->first_reference[i];
			     r < graph->first_reference[i + 1]; r++) {
				if (!reference_is_counted(graph->kind[r]) ||
				    sample->reachability.state[i] != STATE_GARBAGE)
					continue;
				before[graph->target[r]]++;
				count[graph->target[r]] +=
					!freed[i] && !(sample->site_of[r] != SITE_NONE &&
						       gone[sample->site_of[r]]);
			}
		for (uint32_t i = 0; i < graph->object_count; i++)
			if (!freed[i] && before[i] && !count[i] &&
			    sample->reachability.state[i] == STATE_GARBAGE)
				freed[i] = changed = true, objects++;
	}
	return objects;
}

/* All of it is garbage: nothing has a root, and no count is known. */
static struct graph *random_garbage(uint64_t *state)
{
	char text[512] = "";
	uint32_t objects = 2 + random_below(state, 8);

	for (uint32_t left = 1 + random_below(state, 3 * objects); left > 0; left--)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c->%c ",
			 'a' + (int)random_below(state, objects),
			 'a' + (int)random_below(state, objects));
	return graph_from_text(text);
}

Test(release, agrees_with_counting_again_and_again_on_1000_random_graphs)
{
	uint64_t state = 11, freed = 0;

	for (int round = 0; round < 1000; round++) {
		struct sample sample;
		struct release_sum sum;
		struct error err = {0};
		bool sites[] = {true, false};
		struct release_gone gone = {.gone = sites};

		sample_init(&sample, random_garbage(&state));
		gone.site_of = sample.site_of;
		for (uint32_t r = 0; r < sample.graph->reference_count; r++)
			sample.site_of[r] = random_below(&state, 2);
		release_begin(sample.release, &gone);
		for (uint32_t i = 0; i < sample.graph->object_count; i++)
			for (uint32_t r = sample.graph->first_reference[i];
			     r < sample.graph->first_reference[i + 1]; r++)
				if (!sample.site_of[r])
					release_take_reference(sample.release, r);
		cr_assert(release_end(sample.release, &sum, &err));
		cr_assert_eq(sum.objects, slow_without(&sample, sites), "round %d", round);
		freed += sum.objects;
		sample_release(&sample);
	}
	cr_assert_gt(freed, 100u); /* else the graphs show nothing */
}
