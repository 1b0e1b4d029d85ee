#include "pipeline/findings.h"

#include "pipeline/verdict.h"

#include <inttypes.h>
#include <stdlib.h>

#define MUCH_RETAINED ((uint64_t)1 << 20) /* bytes of free pools worth a finding */

struct sum {
	uint64_t rows, objects, bytes;
};

static struct sum sum_leaks(const struct snapshot *snapshot, enum leak_kind kind,
			    enum leak_grade grade)
{
	struct sum sum = {0};

	vector_each (&snapshot->leaks, leak)
		if (leak->kind == kind && leak->grade == grade) {
			sum.rows++;
			sum.objects += leak->objects;
			sum.bytes += leak->bytes;
		}
	return sum;
}

static void add(struct snapshot *snapshot, struct snapshot_finding finding)
{
	if (finding.title && finding.evidence && finding.advice)
		vector_push(&snapshot->findings, finding);
}

static void find_garbage(const struct collection *collection, struct snapshot *snapshot)
{
	struct sum sum = sum_leaks(snapshot, LEAK_GARBAGE, GRADE_PROVEN);

	if (!sum.rows)
		return;
	add(snapshot,
	    (struct snapshot_finding){
		    .kind = "garbage",
		    .severity = "warning",
		    .bytes = sum.bytes,
		    .objects = sum.objects,
		    .title = arena_format(
			    collection->arena,
			    "%" PRIu64 " objects are garbage that the collector has not freed",
			    sum.objects),
		    .evidence =
			    "unreachable, and every reference to them comes from themselves",
		    .advice = "break the cycles with weakref, or see why the collector does "
			      "not run",
		    .query = "SELECT * FROM leaks WHERE kind = 'garbage'",
	    });
}

static void find_surplus(const struct collection *collection, struct snapshot *snapshot)
{
	struct sum sum = sum_leaks(snapshot, LEAK_REFCOUNT, GRADE_PROVEN);

	if (!sum.rows)
		return;
	add(snapshot,
	    (struct snapshot_finding){
		    .kind = "refcount",
		    .severity = "critical",
		    .bytes = sum.bytes,
		    .objects = sum.objects,
		    .title = arena_format(
			    collection->arena,
			    "%" PRIu64 " objects have references that nobody owns", sum.rows),
		    .evidence = "their counts exceed every reference in the dump, and no "
				"memory holds their addresses",
		    .advice = "a C extension forgot a decref: look for the code that handles "
			      "these types",
		    .query = "SELECT * FROM leaks WHERE kind = 'refcount' AND grade = 'proven'",
	    });
}

static void find_native(const struct collection *collection, struct snapshot *snapshot)
{
	struct sum sum = sum_leaks(snapshot, LEAK_NATIVE, GRADE_PROVEN);

	if (!sum.rows)
		return;
	add(snapshot,
	    (struct snapshot_finding){
		    .kind = "native",
		    .severity = "critical",
		    .bytes = sum.bytes,
		    .objects = sum.objects,
		    .title = arena_format(collection->arena,
					  "%" PRIu64 " blocks of native memory are lost",
					  sum.objects),
		    .evidence = "no pointer in the dump leads to them, but from each other",
		    .advice = "C code forgot to free them: their sizes and first words tell "
			      "whose they are (heapsect leaks)",
		    .query = "SELECT * FROM leaks WHERE kind = 'native' AND grade = 'proven'",
	    });
}

static void find_retention(const struct collection *collection, struct snapshot *snapshot)
{
	uint64_t free_pools = 0, free_blocks = 0, pools = 0;

	vector_each (&snapshot->pools, pool) {
		if (pool->report.block_size) {
			free_blocks += (uint64_t)(pool->report.capacity - pool->report.used) *
				       pool->report.block_size;
		} else {
			free_pools += pool->report.size;
			pools++;
		}
	}
	if (free_pools + free_blocks < MUCH_RETAINED)
		return;
	add(snapshot,
	    (struct snapshot_finding){
		    .kind = "retention",
		    .severity = "info",
		    .bytes = free_pools + free_blocks,
		    .objects = pools,
		    .title = "pymalloc keeps memory that holds no object",
		    .evidence = arena_format(collection->arena,
					     "%" PRIu64 " bytes in free pools, %" PRIu64
					     " bytes in free blocks of pools in use",
					     free_pools, free_blocks),
		    .advice = "arenas return to the system only when all of their pools are "
			      "free: see heapsect pools",
		    .query = "SELECT * FROM v_size_classes",
	    });
}

/* Place in the order of severities; the verdict is about all of them, and comes last. */
static size_t severity_rank(const struct snapshot_finding *finding)
{
	static const char *const severities[] = {"critical", "warning", "info"};
	size_t rank = 0;

	if (!strcmp(finding->kind, "verdict"))
		return ARRAY_COUNT(severities);
	while (rank < ARRAY_COUNT(severities) &&
	       strcmp(severities[rank], finding->severity) != 0)
		rank++;
	return rank;
}

static int compare_findings(const void *left, const void *right)
{
	const struct snapshot_finding *a = left, *b = right;

	if (severity_rank(a) != severity_rank(b))
		return severity_rank(a) < severity_rank(b) ? -1 : 1;
	return a->bytes > b->bytes ? -1 : a->bytes < b->bytes;
}

bool findings_make(const struct collection *collection, struct snapshot *snapshot,
		   struct error *err)
{
	struct snapshot_finding verdict;

	if (verdict_find(collection, snapshot, &verdict))
		add(snapshot, verdict);
	find_surplus(collection, snapshot);
	find_garbage(collection, snapshot);
	find_native(collection, snapshot);
	find_retention(collection, snapshot);
	if (snapshot->findings.count)
		qsort(snapshot->findings.items, snapshot->findings.count,
		      sizeof(*snapshot->findings.items), compare_findings);
	if (snapshot->findings.failed)
		return error_out_of_memory(err, "drawing conclusions");
	return true;
}
