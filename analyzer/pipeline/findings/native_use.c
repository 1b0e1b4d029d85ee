/*
 * Native memory in use that is no object's own: by the type of the objects or the variable that
 * leads to it, by its C type.
 */
#include "pipeline/findings/kinds.h"
#include "pipeline/findings/scattered.h"
#include "pipeline/paths.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <stdlib.h>

#define LEAST_BYTES ((uint64_t)1 << 20)
#define LEAST_PART  20u /* or one part in that many of the memory */

struct sum {
	uint64_t blocks, bytes;
	const char *kind; /* of a C type */
};

struct uses {
	struct findings *findings;
	struct sum *by_holder;   /* [labels + 1] by blocks.holder */
	struct sum *by_evidence; /* [labels + 1] by blocks.evidence: of C types */
};

static void add(struct sum *sum, const struct snapshot_block *block)
{
	sum->blocks++;
	sum->bytes += block->size;
	sum->kind = block->kind;
}

static void sum_blocks(struct uses *uses)
{
	const struct snapshot *snapshot = uses->findings->snapshot;

	vector_each (&snapshot->blocks, block) {
		if (block->state != BLOCK_USED || block->owner != OBJECT_NONE)
			continue;
		if (block->confidence && *block->confidence) {
			add(&uses->by_evidence[block->evidence], block);
		} else if (!*block->kind && block->holder) {
			add(&uses->by_holder[block->holder], block);
		}
	}
}

/* The number of the type of a name, or of none. */
static uint32_t type_named(const struct findings *findings, const char *name)
{
	for (uint32_t i = 0; i < findings->collection->types.count; i++)
		if (!strcmp(findings->collection->types.items[i].name, name))
			return i;
	return UINT32_MAX;
}

/* " (modules['app'].DATABASE)": where the objects of a type are; "" if there are none. */
static const char *place_of(const struct findings *findings, uint32_t type)
{
	const struct graph *graph = findings->snapshot->graph;
	uint32_t first = OBJECT_NONE, last = OBJECT_NONE;
	uint64_t count = 0;
	const char *one, *other;

	for (uint32_t i = 0; findings->snapshot->paths.parent && i < graph->object_count; i++) {
		if (graph->type[i] != type ||
		    findings->snapshot->reachability.state[i] != STATE_LIVE)
			continue;
		first = first == OBJECT_NONE ? i : first;
		last = i;
		count++;
	}
	if (!count)
		return "";
	one = paths_text(findings->collection, findings->snapshot, first);
	other = paths_text(findings->collection, findings->snapshot, last);
	if (!one || !other)
		return "";
	return arena_format(findings->arena, " (%s%s)",
			    count > 1 ? arena_format(findings->arena, "%s at ",
						     findings_count(findings, count))
				      : "",
			    scattered_merge(findings->arena, one, other));
}

/* texts: whose it is, and SQL that says the same of a row of blocks. */
static void tell(const struct uses *uses, const struct sum *sum, const char *whose,
		 const char *condition)
{
	struct findings *findings = uses->findings;
	struct snapshot_finding finding = {
		.kind = "native-use",
		.severity = findings_severity(findings, sum->bytes),
		.certainty = CERTAINTY_LIKELY,
		.bytes = sum->bytes,
		.objects = sum->blocks,
		.evidence = "blocks of the C library's that no object's own layout explains; "
			    "pointers lead to them from there",
		.advice = findings_native_advice,
	};

	if (!whose || !condition)
		return;
	finding.title = arena_format(
		findings->arena, "%s has %s of native memory in %s blocks, %u %% of the heap",
		whose, findings_bytes(findings, sum->bytes),
		findings_count(findings, sum->blocks), findings_percent(findings, sum->bytes));
	finding.query = arena_format(
		findings->arena,
		"SELECT size, count(*) AS blocks, sum(size) AS bytes FROM blocks WHERE state "
		"= 'used' AND %s GROUP BY size ORDER BY bytes DESC",
		condition);
	findings_add(findings, &finding);
}

static bool is_much(const struct uses *uses, const struct sum *sum)
{
	return sum->bytes >= LEAST_BYTES &&
	       sum->bytes * LEAST_PART >= uses->findings->figures.memory;
}

static void tell_holders(const struct uses *uses)
{
	struct arena *arena = uses->findings->arena;
	const struct names *labels = uses->findings->collection->labels;

	for (uint32_t i = 1; i <= names_count(labels); i++) {
		const char *name = names_get(labels, i - 1);

		if (is_much(uses, &uses->by_holder[i]))
			tell(uses, &uses->by_holder[i],
			     arena_format(arena, "%s%s", name,
					  place_of(uses->findings,
						   type_named(uses->findings, name))),
			     arena_format(arena,
					  "owner_id IS NULL AND kind IS NULL AND holder_id = "
					  "%" PRIu32,
					  i));
	}
}

static void tell_types(const struct uses *uses)
{
	struct arena *arena = uses->findings->arena;
	const struct names *labels = uses->findings->collection->labels;

	for (uint32_t i = 1; i <= names_count(labels); i++)
		if (is_much(uses, &uses->by_evidence[i]))
			tell(uses, &uses->by_evidence[i],
			     arena_format(arena, "%s (%s)", names_get(labels, i - 1),
					  uses->by_evidence[i].kind),
			     arena_format(arena,
					  "owner_id IS NULL AND confidence IS NOT NULL AND "
					  "evidence_id = %" PRIu32,
					  i));
}

bool find_native_use(struct findings *findings, struct error *err)
{
	size_t labels = names_count(findings->collection->labels) + 1;
	CLEANUP_FREE struct sum *sums = calloc(2 * labels, sizeof(*sums));
	struct uses uses = {findings, sums, sums + labels};

	if (!sums)
		return error_out_of_memory(err, "summing up native memory");
	sum_blocks(&uses);
	tell_holders(&uses);
	tell_types(&uses);
	return true;
}
