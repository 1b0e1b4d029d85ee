/* Memory that the small-object allocator keeps and nobody uses, and that no pins explain. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

#define MUCH_RETAINED ((uint64_t)1 << 20) /* bytes of free pools worth a finding */

struct unused {
	uint64_t pools, pool_bytes, block_bytes;
};

static struct unused sum_unused(const struct snapshot *snapshot)
{
	struct unused sum = {0};

	vector_each (&snapshot->pools, pool) {
		if (pool->report.block_size) {
			sum.block_bytes +=
				(uint64_t)(pool->report.capacity - pool->report.used) *
				pool->report.block_size;
		} else {
			sum.pool_bytes += pool->report.size;
			sum.pools++;
		}
	}
	return sum;
}

/* Of findings that are there already: nothing is told twice. */
static uint64_t pinned_bytes(const struct snapshot *snapshot)
{
	uint64_t bytes = 0;

	vector_each (&snapshot->findings, finding)
		if (!strcmp(finding->kind, "pins"))
			bytes += finding->bytes;
	return bytes;
}

bool find_retention(struct findings *findings, struct error *err)
{
	struct unused sum = sum_unused(findings->snapshot);
	uint64_t pinned = pinned_bytes(findings->snapshot);
	struct snapshot_finding finding = {
		.kind = "retention",
		.severity = "info",
		.certainty = CERTAINTY_HINT,
		.bytes = sum.pool_bytes + sum.block_bytes,
		.objects = sum.pools,
		.title = "pymalloc keeps memory that holds no object",
		.advice = "arenas return to the system only when all of their pools are free: "
			  "see heapsect pools",
		.query = "SELECT * FROM v_size_classes",
	};

	(void)err;
	finding.bytes -= pinned < finding.bytes ? pinned : finding.bytes;
	if (finding.bytes < MUCH_RETAINED)
		return true;
	finding.evidence = arena_format(findings->arena,
					"%s in free pools, %s in free blocks of pools in use",
					findings_bytes(findings, sum.pool_bytes),
					findings_bytes(findings, sum.block_bytes));
	findings_add(findings, &finding);
	return true;
}
