#include "pipeline/cycles.h"

#include <stdlib.h>

#define LONGEST_PATTERN 8 /* references shown; more are "…" */
#define LARGE_COMPONENT 1000
#define MOST_STARTS     16

uint64_t fingerprint_of(const char *text)
{
	uint64_t hash =
		1469598103934665603ull; /* FNV-1a; as SQLite's signed integers like it */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ull;
	return hash & INT64_MAX;
}

struct describer {
	const struct collection *collection;
	struct snapshot *snapshot;
	uint32_t *sources; /* scratch: object of each reference of the cycle */
};

static const char *type_name(const struct describer *describer, uint32_t object)
{
	return describer->collection->types.items[describer->snapshot->graph->type[object]]
		.name;
}

/* "app.Node.next", "builtins.list[]": one step of a pattern. */
static int format_step(const struct describer *describer, uint32_t source, uint32_t reference,
		       char *ret, size_t size)
{
	const char *label = names_get(describer->collection->labels,
				      describer->snapshot->graph->label[reference]);
	const char *between = label[0] == '.' || label[0] == '[' ? "" : ".";

	return snprintf(ret, size, "%s%s%s", type_name(describer, source), between, label);
}

static uint32_t source_of(const struct graph *graph, uint32_t reference)
{
	uint32_t low = 0, high = graph->object_count;

	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		if (graph->first_reference[middle] <= reference)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Where a cycle's pattern begins must not depend on addresses: at its least step. */
static uint32_t least_start(const struct describer *describer, const uint32_t *references,
			    uint32_t count)
{
	char least[512], step[512];
	uint32_t start = 0;

	format_step(describer, describer->sources[0], references[0], least, sizeof(least));
	for (uint32_t i = 1; i < count; i++) {
		format_step(describer, describer->sources[i], references[i], step,
			    sizeof(step));
		if (strcmp(step, least) < 0) {
			memcpy(least, step, sizeof(least));
			start = i;
		}
	}
	return start;
}

static const char *describe(const struct describer *describer, const uint32_t *references,
			    uint32_t count)
{
	char pattern[LONGEST_PATTERN * 300] = "";
	size_t filled = 0;
	uint32_t start = least_start(describer, references, count);

	for (uint32_t i = 0; i < count && i < LONGEST_PATTERN; i++) {
		uint32_t at = (start + i) % count;
		char step[280];

		format_step(describer, describer->sources[at], references[at], step,
			    sizeof(step));
		filled += (size_t)snprintf(pattern + filled, sizeof(pattern) - filled, "%s%s",
					   i ? " → " : "", step);
	}
	if (count > LONGEST_PATTERN)
		snprintf(pattern + filled, sizeof(pattern) - filled, " → … (%u)", count);
	return arena_string(describer->collection->arena, pattern);
}

static uint64_t component_bytes(const struct snapshot *snapshot, uint32_t component)
{
	const struct components *components = &snapshot->components;
	uint64_t bytes = 0;

	for (uint32_t i = components->first[component]; i < components->first[component + 1];
	     i++) {
		uint32_t object = components->members[i];

		bytes += snapshot->graph->size[object] + snapshot->graph->owned_size[object];
	}
	return bytes;
}

static bool describe_component(struct describer *describer, uint32_t component,
			       struct error *err)
{
	struct snapshot *snapshot = describer->snapshot;
	const struct components *components = &snapshot->components;
	uint32_t size = components->first[component + 1] - components->first[component];
	CLEANUP_FREE uint32_t *references = NULL;
	CLEANUP_FREE uint32_t *sources = NULL;
	struct snapshot_cycle cycle = {.component = component};
	uint32_t count;

	if (!shortest_cycle(snapshot->graph, components, component,
			    size > LARGE_COMPONENT ? 1 : MOST_STARTS, &references, &count, err))
		return false;
	sources = malloc((count + 1) * sizeof(*sources));
	if (!sources)
		return error_out_of_memory(err, "describing cycles");
	for (uint32_t i = 0; i < count; i++)
		sources[i] = source_of(snapshot->graph, references[i]);
	describer->sources = sources;
	cycle.pattern = count ? describe(describer, references, count) : "";
	cycle.fingerprint = fingerprint_of(cycle.pattern ? cycle.pattern : "");
	cycle.state =
		snapshot->reachability.state[components->members[components->first[component]]];
	cycle.bytes = component_bytes(snapshot, component);
	if (!cycle.pattern || !vector_push(&snapshot->cycles, cycle))
		return error_out_of_memory(err, "describing cycles");
	return true;
}

bool cycles_describe(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err)
{
	struct describer describer = {.collection = collection, .snapshot = snapshot};

	for (uint32_t i = 0; i < snapshot->components.count; i++)
		if (!describe_component(&describer, i, err))
			return false;
	return true;
}
