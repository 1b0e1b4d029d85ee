/* Objects with references that nobody owns: a finding for each module that could have them. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

#define MANY 100u /* leaks, from which on they are no accident of a module's import */

/* All groups of one holder. */
struct part {
	uint64_t leaks, objects, bytes;
	const struct snapshot_leak_group *most; /* the group with the most leaks */
};

static bool is_counted(const struct snapshot_leak_group *group)
{
	return group->kind == LEAK_REFCOUNT && group->grade == GRADE_PROVEN;
}

static bool is_of(const struct snapshot_leak_group *group, const char *holder)
{
	if (!group->holder || !holder)
		return group->holder == holder;
	return !strcmp(group->holder, holder);
}

static struct part sum_of(const struct snapshot *snapshot, const char *holder)
{
	struct part part = {0};

	vector_each (&snapshot->leak_groups, group) {
		if (!is_counted(group) || !is_of(group, holder))
			continue;
		part.leaks += group->leaks;
		part.objects += group->objects;
		part.bytes += group->bytes;
		if (!part.most || group->leaks > part.most->leaks)
			part.most = group;
	}
	return part;
}

/* Is there an earlier group of the same holder, which had a finding for both? */
static bool is_told(const struct snapshot *snapshot, const struct snapshot_leak_group *group)
{
	for (size_t i = 0; &snapshot->leak_groups.items[i] < group; i++)
		if (is_counted(&snapshot->leak_groups.items[i]) &&
		    is_of(&snapshot->leak_groups.items[i], group->holder))
			return true;
	return false;
}

static const char *title_of(const struct findings *findings, const struct part *part)
{
	struct arena *arena = findings->arena;
	const char *type = part->most->type, *count = findings_count(findings, part->leaks);
	const char *most =
		part->leaks == part->most->leaks
			? arena_format(arena, "%s %s objects", count, type)
			: arena_format(arena, "%s objects, most of them %s,", count, type);

	if (!most || !part->most->holder)
		return most ? arena_format(arena, "%s have references that nobody owns", most)
			    : NULL;
	return arena_format(arena,
			    "%s have references that nobody owns; %s could have taken them",
			    most, part->most->holder);
}

static const char *evidence_of(struct arena *arena, const struct snapshot_leak_group *group)
{
	static const char *const counts =
		"their counts exceed every reference in the dump, and no memory holds their "
		"addresses for the rest";

	return group->holder ? arena_format(arena, "%s; %s: %s", counts, group->holder,
					    group->evidence)
			     : arena_string(arena, counts);
}

/* Names of code are no SQL. */
static const char *query_of(struct arena *arena, const char *holder)
{
	static const char *const start =
		"SELECT l.* FROM leaks l JOIN leak_groups g ON g.id = l.group_id "
		"WHERE g.kind = 'refcount' AND g.grade = 'proven' AND g.holder";

	if (!holder)
		return arena_format(arena, "%s IS NULL", start);
	return strchr(holder, '\'') ? arena_format(arena, "%s IS NOT NULL", start)
				    : arena_format(arena, "%s = '%s'", start, holder);
}

static void tell(struct findings *findings, const struct snapshot_leak_group *group)
{
	struct arena *arena = findings->arena;
	struct part part = sum_of(findings->snapshot, group->holder);
	struct snapshot_finding finding = {
		.kind = "refcount",
		.severity = part.leaks < MANY ? "info" : "critical",
		.small_too = part.leaks >= REPEATED,
		.certainty = CERTAINTY_PROVEN,
		.bytes = part.bytes,
		.objects = part.objects,
		.title = title_of(findings, &part),
		.evidence = evidence_of(arena, part.most),
		.advice =
			group->holder
				? "look in that code for a Py_DECREF that is missing where it "
				  "handles these types (heapsect leaks)"
				: "a C extension forgot a decref: look for the code that "
				  "handles these types (heapsect leaks)",
		.query = query_of(arena, group->holder),
	};

	findings_add(findings, &finding);
}

bool find_refcount(struct findings *findings, struct error *err)
{
	(void)err;
	vector_each (&findings->snapshot->leak_groups, group)
		if (is_counted(group) && !is_told(findings->snapshot, group))
			tell(findings, group);
	return true;
}
