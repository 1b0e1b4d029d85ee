/* What the memory is as a whole: see pipeline/verdict.h. */
#include "pipeline/findings/kinds.h"

bool find_verdict(struct findings *findings, struct error *err)
{
	struct snapshot_finding verdict;

	(void)err;
	if (verdict_find(findings->collection, findings->snapshot, &verdict))
		findings_add(findings, &verdict);
	return true;
}
