/* Memory that the same program would not need, where one holder has much of it. */
#include "pipeline/findings/kinds.h"
#include "pipeline/paths.h"

#include <inttypes.h>

#define HEAP_SHARE 20u                 /* one part in that many is worth a finding */
#define LEAST      ((uint64_t)1 << 20) /* bytes */
#define MOST       3                   /* findings */

static const struct {
	const char *kind, *one, *many, *rest;
} words[] = {
	{"duplicate-text", "string", "strings", ""},
	{"duplicate-bytes", "bytes object", "bytes objects", ""},
	{"underfilled-list", "list", "lists", " with room for more than they hold"},
	{"underfilled-dict", "dict", "dicts", " with room for more than they hold"},
	{"underfilled-set", "set", "sets", " with room for more than they hold"},
	{"empty-list", "empty list", "empty lists", ""},
	{"empty-dict", "empty dict", "empty dicts", ""},
	{"empty-set", "empty set", "empty sets", ""},
	{"boxed-ints", "list of ints", "lists of ints", " with an object for each number"},
	{"boxed-floats", "list of floats", "lists of floats",
	 " with an object for each number"},
};

static bool is_duplicate(const struct snapshot_waste *waste)
{
	return !strncmp(waste->kind, "duplicate-", strlen("duplicate-"));
}

static const char *title_of(const struct findings *findings, const struct snapshot_waste *waste)
{
	const char *objects = findings_count(findings, waste->objects);
	size_t i = 0;

	while (i + 1 < ARRAY_COUNT(words) && strcmp(words[i].kind, waste->kind))
		i++;
	if (is_duplicate(waste))
		return arena_format(findings->arena, "%s %s in %s, only %s of them different",
				    objects, words[i].many, waste->holder,
				    findings_count(findings, waste->distinct));
	return arena_format(findings->arena, "%s %s in %s%s", objects,
			    waste->objects == 1 ? words[i].one : words[i].many, waste->holder,
			    words[i].rest);
}

static const char *evidence_of(const struct findings *findings,
			       const struct snapshot_waste *waste)
{
	const char *savings = findings_bytes(findings, waste->savings);
	const char *bytes = findings_bytes(findings, waste->bytes);
	const char *path =
		waste->example == OBJECT_NONE
			? NULL
			: paths_text(findings->collection, findings->snapshot, waste->example);

	if (is_duplicate(waste))
		return arena_format(findings->arena,
				    "%s of their %s could be saved; the most frequent is there "
				    "%s times, for one as %s",
				    savings, bytes,
				    findings_count(findings, waste->example_weight),
				    path ? path : "?");
	return arena_format(findings->arena, "%s of %s could be saved; the most by %s", savings,
			    bytes, path ? path : "?");
}

bool find_waste(struct findings *findings, struct error *err)
{
	size_t found = 0;

	(void)err;
	vector_each (&findings->snapshot->waste, waste) {
		size_t id = (size_t)(waste - findings->snapshot->waste.items) + 1;
		struct snapshot_finding finding = {
			.kind = "waste",
			.severity = "info",
			.certainty = CERTAINTY_HINT,
			.bytes = waste->savings,
			.objects = waste->objects,
			.advice = waste->advice,
		};

		if (!*waste->holder || waste->savings < LEAST || found == MOST ||
		    waste->savings < findings->figures.memory / HEAP_SHARE)
			continue;
		finding.title = title_of(findings, waste);
		finding.evidence = evidence_of(findings, waste);
		finding.query =
			arena_format(findings->arena, "SELECT * FROM waste WHERE id = %zu", id);
		findings_add(findings, &finding);
		found++;
	}
	return true;
}
