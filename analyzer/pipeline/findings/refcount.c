/* Objects with references that nobody owns. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

bool find_refcount(struct findings *findings, struct error *err)
{
	struct leak_sum sum = findings_sum_leaks(findings, LEAK_REFCOUNT, GRADE_PROVEN);
	struct snapshot_finding finding = {
		.kind = "refcount",
		.severity = "critical",
		.certainty = CERTAINTY_PROVEN,
		.bytes = sum.bytes,
		.objects = sum.objects,
		.evidence = "their counts exceed every reference in the dump, and no memory "
			    "holds their addresses",
		.advice = "a C extension forgot a decref: look for the code that handles "
			  "these types",
		.query = "SELECT * FROM leaks WHERE kind = 'refcount' AND grade = 'proven'",
	};

	(void)err;
	if (!sum.rows)
		return true;
	finding.title =
		arena_format(findings->arena,
			     "%" PRIu64 " objects have references that nobody owns", sum.rows);
	findings_add(findings, &finding);
	return true;
}
