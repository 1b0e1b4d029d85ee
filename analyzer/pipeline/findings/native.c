/* Native memory that is lost. */
#include "pipeline/findings/kinds.h"

/* ", most of them: glibc block of 1016 bytes"; "" if they are of many kinds. */
static const char *most_text(const struct findings *findings, uint64_t blocks)
{
	vector_each (&findings->snapshot->leak_groups, group)
		if (group->kind == LEAK_NATIVE && group->grade == GRADE_PROVEN &&
		    group->leaks * 2 > blocks)
			return arena_format(findings->arena, ", %s: %s",
					    group->leaks == blocks ? "each" : "most of them",
					    group->type);
	return "";
}

bool find_native(struct findings *findings, struct error *err)
{
	struct leak_sum sum = findings_sum_leaks(findings, LEAK_NATIVE, GRADE_PROVEN);
	struct snapshot_finding finding = {
		.kind = "native",
		.severity = "critical",
		.small_too = true,
		.certainty = CERTAINTY_PROVEN,
		.bytes = sum.bytes,
		.objects = sum.objects,
		.evidence = "no pointer in the dump leads to them, but from each other",
		.advice = "C code forgot to free them: their sizes and first words tell "
			  "whose they are (heapsect leaks)",
		.query = "SELECT * FROM leaks WHERE kind = 'native' AND grade = 'proven'",
	};

	const char *most;

	(void)err;
	if (!sum.rows)
		return true;
	most = most_text(findings, sum.rows);
	if (most)
		finding.title =
			arena_format(findings->arena, "%s blocks of native memory are lost%s",
				     findings_count(findings, sum.objects), most);
	findings_add(findings, &finding);
	return true;
}
