/* Dropped cycles that the collector has not freed. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

bool find_garbage(struct findings *findings, struct error *err)
{
	struct leak_sum sum = findings_sum_leaks(findings, LEAK_GARBAGE, GRADE_PROVEN);
	struct snapshot_finding finding = {
		.kind = "garbage",
		.severity = "warning",
		.certainty = CERTAINTY_PROVEN,
		.bytes = sum.bytes,
		.objects = sum.objects,
		.evidence = "unreachable, and every reference to them comes from themselves",
		.advice = "break the cycles with weakref, or see why the collector does not "
			  "run",
		.query = "SELECT * FROM leaks WHERE kind = 'garbage'",
	};

	(void)err;
	if (!sum.rows)
		return true;
	finding.title =
		arena_format(findings->arena,
			     "%" PRIu64 " objects are garbage that the collector has not freed",
			     sum.objects);
	findings_add(findings, &finding);
	return true;
}
