/*
 * The nodes and steps are a graph themselves, of which the components without the language's
 * steps are the program's parts.
 */
#include "analysis/components.h"
#include "analysis/cycle_steps.h"

#include <stdlib.h>

struct splitter {
	const struct cycle_steps *old;
	struct components components; /* of nodes */
	struct cycle_steps made;
	struct cycle_parts *parts;
};

static void free_steps(struct cycle_steps *steps)
{
	free(steps->first_node);
	free(steps->object);
	free(steps->first_step);
	free(steps->steps);
}

/* The components without the language's steps. */
static bool find_components(struct splitter *splitter, const bool *own, struct error *err)
{
	const struct cycle_steps *old = splitter->old;
	uint32_t count = old->first_step[old->node_count];
	CLEANUP_FREE uint32_t *target = malloc(((size_t)count + 1) * sizeof(*target));
	CLEANUP_FREE uint8_t *kind = malloc((size_t)count + 1);
	struct graph graph = {.object_count = old->node_count,
			      .reference_count = count,
			      .first_reference = old->first_step,
			      .target = target,
			      .kind = kind};

	if (!target || !kind)
		return error_out_of_memory(err, "taking cycles apart");
	for (uint32_t s = 0; s < count; s++) {
		target[s] = old->steps[s].target;
		kind[s] = own[old->steps[s].site] ? REFERENCE_BORROWED : REFERENCE_TRAVERSED;
	}
	return components_compute(&graph, NULL, &splitter->components, err);
}

static bool allocate(struct splitter *splitter)
{
	const struct cycle_steps *old = splitter->old;
	size_t nodes = (size_t)old->node_count + 1;
	size_t parts = (size_t)splitter->components.count + old->part_count + 1;
	size_t steps = (size_t)old->first_step[old->node_count] + 1;

	splitter->made = (struct cycle_steps){
		.node_count = old->node_count,
		.site_count = old->site_count,
		.site_hash = old->site_hash,
		.first_node = malloc(parts * sizeof(uint32_t)),
		.object = malloc(nodes * sizeof(uint32_t)),
		.first_step = malloc(nodes * sizeof(uint32_t)),
		.steps = malloc(steps * sizeof(struct cycle_step)),
	};
	*splitter->parts = (struct cycle_parts){
		.component = malloc(parts * sizeof(uint32_t)),
		.own = malloc(parts * sizeof(bool)),
		.node_number = malloc(nodes * sizeof(uint32_t)),
	};
	return splitter->made.first_node && splitter->made.object &&
	       splitter->made.first_step && splitter->made.steps &&
	       splitter->parts->component && splitter->parts->own &&
	       splitter->parts->node_number;
}

static void begin_part(struct splitter *splitter, uint32_t component, bool own, uint32_t node)
{
	uint32_t part = splitter->made.part_count++;

	splitter->made.first_node[part] = node;
	splitter->parts->component[part] = component;
	splitter->parts->own[part] = own;
}

/*
 * Components of nodes are in the order of their lowest members, and nodes in the order of the
 * old components: those of an old component are next to each other.
 */
static void number_nodes(struct splitter *splitter)
{
	const struct cycle_steps *old = splitter->old;
	const struct components *found = &splitter->components;
	uint32_t number = 0, next = 0;

	for (uint32_t c = 0; c < old->part_count; c++) {
		struct node_range nodes = cycle_part_nodes(old, c);
		uint32_t left = nodes.end - nodes.first;

		for (; next < found->count &&
		       node_is_in(nodes, found->members[found->first[next]]);
		     next++) {
			begin_part(splitter, c, false, number);
			for (uint32_t i = found->first[next]; i < found->first[next + 1]; i++) {
				splitter->parts->node_number[found->members[i]] = number++;
				left--;
			}
		}
		if (left)
			begin_part(splitter, c, true, number);
		for (uint32_t node = nodes.first; left && node < nodes.end; node++)
			if (found->component_of[node] == OBJECT_NONE)
				splitter->parts->node_number[node] = number++;
	}
	splitter->made.first_node[splitter->made.part_count] = number;
}

static void copy_steps(struct splitter *splitter)
{
	const struct cycle_steps *old = splitter->old;
	struct cycle_steps *made = &splitter->made;
	const uint32_t *number = splitter->parts->node_number;
	uint32_t filled = 0;

	/* `object` has the old node of each new one until its steps are copied. */
	for (uint32_t node = 0; node < old->node_count; node++)
		made->object[number[node]] = node;
	for (uint32_t node = 0; node < made->node_count; node++) {
		uint32_t from = made->object[node];

		made->object[node] = old->object[from];
		made->first_step[node] = filled;
		for (uint32_t s = old->first_step[from]; s < old->first_step[from + 1]; s++)
			made->steps[filled++] = (struct cycle_step){
				old->steps[s].site, number[old->steps[s].target]};
	}
	made->first_step[made->node_count] = filled;
}

bool cycle_parts_split(struct cycle_steps *steps, const bool *own, struct cycle_parts *ret,
		       struct error *err)
{
	struct splitter splitter = {.old = steps, .parts = ret};
	bool done;

	*ret = (struct cycle_parts){0};
	if (!find_components(&splitter, own, err))
		return false;
	done = allocate(&splitter);
	if (done) {
		number_nodes(&splitter);
		copy_steps(&splitter);
		free_steps(steps);
		*steps = splitter.made;
	} else {
		free_steps(&splitter.made);
		cycle_parts_release(ret);
		error_out_of_memory(err, "taking cycles apart");
	}
	components_release(&splitter.components);
	return done;
}

void cycle_parts_release(struct cycle_parts *parts)
{
	free(parts->component);
	free(parts->own);
	free(parts->node_number);
	*parts = (struct cycle_parts){0};
}
