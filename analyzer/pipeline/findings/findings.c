#include "pipeline/findings/findings.h"

#include "pipeline/findings/kinds.h"
#include "report/format.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NUMBER_TEXT = 32, ID_TEXT = sizeof(", 4294967295") - 1 };

#define LEAST_BYTES ((uint64_t)1 << 18)
#define LEAST_PART  100u /* or one part in that many of the memory */

static finding_fn *const kinds[] = {
	find_verdict,    find_holders, find_refcount,  find_garbage, find_native,
	find_native_use, find_pins,    find_retention, find_waste,
};

static bool is_verdict(const struct snapshot_finding *finding)
{
	return strcmp(finding->kind, "verdict") == 0;
}

/*
 * Every process has a little of everything: some garbage that waits for the collector, some
 * free pools, a few references that the interpreter itself never gives back.  What is lost for good
 * is told whatever its size, if it happened more than a few times.
 */
static bool is_worth_telling(const struct findings *findings,
			     const struct snapshot_finding *finding)
{
	uint64_t bytes = finding->whole ? finding->whole : finding->bytes;

	return is_verdict(finding) || (finding->small_too && finding->objects >= REPEATED) ||
	       bytes >= LEAST_BYTES || bytes * LEAST_PART >= findings->figures.memory;
}

void findings_add(struct findings *findings, const struct snapshot_finding *finding)
{
	if (finding->title && finding->evidence && finding->advice && finding->query &&
	    is_worth_telling(findings, finding))
		vector_push(&findings->snapshot->findings, *finding);
}

const char *findings_count(const struct findings *findings, uint64_t count)
{
	char text[NUMBER_TEXT];

	return arena_string(findings->arena, format_count((int64_t)count, text, sizeof(text)));
}

const char *findings_bytes(const struct findings *findings, uint64_t bytes)
{
	char text[NUMBER_TEXT];

	return arena_string(findings->arena, format_bytes(bytes, text, sizeof(text)));
}

unsigned findings_percent(const struct findings *findings, uint64_t bytes)
{
	uint64_t memory = findings->figures.memory;

	return memory ? (unsigned)(bytes * 100 / memory) : 0;
}

const char *findings_ids(const struct findings *findings, const uint32_t *objects, size_t count)
{
	size_t room = count * ID_TEXT + 1, length = 0;
	char *ids = arena_alloc(findings->arena, room);

	for (size_t i = 0; ids && i < count; i++)
		length += (size_t)snprintf(ids + length, room - length, "%s%" PRIu32,
					   i ? ", " : "", objects[i] + 1);
	return ids;
}

const char findings_native_advice[] = "see what has its C library keep that much: close what "
				      "is done with, bound what is kept "
				      "(heapsect heap)";

const char *findings_severity(const struct findings *findings, uint64_t bytes)
{
	return bytes >= findings->figures.memory - findings->figures.memory / 2 ? "warning"
										: "info";
}

struct leak_sum findings_sum_leaks(const struct findings *findings, enum leak_kind kind,
				   enum leak_grade grade)
{
	struct leak_sum sum = {0};

	vector_each (&findings->snapshot->leaks, leak)
		if (leak->kind == kind && leak->grade == grade) {
			sum.rows++;
			sum.objects += leak->objects;
			sum.bytes += leak->bytes;
		}
	return sum;
}

static double weight(const struct snapshot_finding *finding)
{
	return (double)finding->bytes * finding->certainty;
}

/* The verdict is about all the others, and comes last. */
static int compare_findings(const void *left, const void *right)
{
	const struct snapshot_finding *a = left, *b = right;

	if (is_verdict(a) != is_verdict(b))
		return is_verdict(a) ? 1 : -1;
	if (weight(a) != weight(b))
		return weight(a) > weight(b) ? -1 : 1;
	return strcmp(a->title, b->title);
}

bool findings_make(const struct collection *collection, struct snapshot *snapshot,
		   struct error *err)
{
	struct findings findings = {
		.collection = collection,
		.snapshot = snapshot,
		.arena = collection->arena,
		.figures = verdict_figures(collection, snapshot),
	};

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (!kinds[i](&findings, err))
			return false;
	if (snapshot->findings.count)
		qsort(snapshot->findings.items, snapshot->findings.count,
		      sizeof(*snapshot->findings.items), compare_findings);
	if (snapshot->findings.failed)
		return error_out_of_memory(err, "drawing conclusions");
	return true;
}
