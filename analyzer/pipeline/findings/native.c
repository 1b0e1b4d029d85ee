/* Native memory that is lost. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

bool find_native(struct findings *findings, struct error *err)
{
	struct leak_sum sum = findings_sum_leaks(findings, LEAK_NATIVE, GRADE_PROVEN);
	struct snapshot_finding finding = {
		.kind = "native",
		.severity = "critical",
		.certainty = CERTAINTY_PROVEN,
		.bytes = sum.bytes,
		.objects = sum.objects,
		.evidence = "no pointer in the dump leads to them, but from each other",
		.advice = "C code forgot to free them: their sizes and first words tell "
			  "whose they are (heapsect leaks)",
		.query = "SELECT * FROM leaks WHERE kind = 'native' AND grade = 'proven'",
	};

	(void)err;
	if (!sum.rows)
		return true;
	finding.title = arena_format(
		findings->arena, "%" PRIu64 " blocks of native memory are lost", sum.objects);
	findings_add(findings, &finding);
	return true;
}
