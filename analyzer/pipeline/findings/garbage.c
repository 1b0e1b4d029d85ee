/* Dropped cycles that the collector has not freed: one finding for each pattern that matters. */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_PATTERNS 3
#define LEAST_SHARE   10 /* percent of the garbage: below, patterns are told of together */
#define LEAST_PART    20 /* so are few cycles that hold less than one in that many of the memory */

/* "20,000 parser.Node objects", where that is what they are. */
static const char *what_text(const struct findings *findings,
			     const struct snapshot_cycle_pattern *pattern)
{
	return arena_format(findings->arena, "%s %s objects in dropped cycles",
			    findings_count(findings, pattern->type_objects), pattern->type);
}

/* "class app.make.<locals>.Local.__mro__[]": the class in it; NULL: it is written otherwise. */
static const char *class_of(struct arena *arena, const char *pattern)
{
	static const char word[] = "class ";
	const char *end = strstr(pattern, ".__");

	if (strncmp(pattern, word, strlen(word)) != 0 || !end)
		return NULL;
	pattern += strlen(word);
	return arena_string_n(arena, pattern, (size_t)(end - pattern));
}

static const char *title_of(const struct findings *findings,
			    const struct snapshot_cycle_pattern *pattern)
{
	struct arena *arena = findings->arena;
	const char *class =
		pattern->kind == CYCLE_CLASS ? class_of(arena, pattern->pattern) : NULL;
	const char *what = what_text(findings, pattern);

	if (class)
		return arena_format(arena, "%s dropped classes %s: %s",
				    findings_count(findings, pattern->cycles), class,
				    pattern->remedy);
	if (!what)
		return NULL;
	return arena_format(arena, "%s (%s)%s%s", what, pattern->short_pattern,
			    *pattern->remedy ? ": " : "", pattern->remedy);
}

static const struct snapshot_cycle_edge *edge_of(const struct findings *findings,
						 const struct snapshot_cycle_pattern *pattern)
{
	return pattern->edge == OBJECT_NONE
		       ? NULL
		       : &findings->snapshot->cycle_edges.items[pattern->edge];
}

static const char *evidence_of(const struct findings *findings,
			       const struct snapshot_cycle_pattern *pattern)
{
	const struct snapshot_cycle_edge *edge = edge_of(findings, pattern);
	const char *text =
		arena_format(findings->arena,
			     "unreachable, and every reference to them comes from "
			     "themselves: %s cycles, %s",
			     findings_count(findings, pattern->cycles), pattern->pattern);

	if (!edge || !text)
		return text;
	return arena_format(
		findings->arena,
		"%s; without %s counting references would have freed %s objects, %s", text,
		edge->text, findings_count(findings, edge->objects),
		findings_bytes(findings, edge->bytes));
}

/* Why garbage is still there, where that is plain. */
static const char *collector_text(const struct findings *findings)
{
	vector_each (&findings->snapshot->collectors, collector)
		if (!collector->enabled)
			return "; the collector is off: gc.enable() has it free them";
	return "";
}

/* The title has the remedy; here is how, and what for. */
static const char *remedy_of(const struct findings *findings,
			     const struct snapshot_cycle_pattern *pattern)
{
	const struct snapshot_cycle_edge *edge = edge_of(findings, pattern);
	const char *how = pattern->advice;
	size_t remedy = strlen(pattern->remedy);

	if (!*how)
		return "see heapsect cycles";
	if (remedy && !strncmp(how, pattern->remedy, remedy) && how[remedy] == ':')
		how += remedy + 2;
	return edge ? arena_format(findings->arena,
				   "%s; counting references then frees %s of %s objects", how,
				   findings_count(findings, edge->objects),
				   findings_count(findings, pattern->held_objects))
		    : how;
}

static const char *advice_of(const struct findings *findings,
			     const struct snapshot_cycle_pattern *pattern)
{
	const char *remedy = remedy_of(findings, pattern);

	return remedy ? arena_format(findings->arena, "%s%s", remedy, collector_text(findings))
		      : NULL;
}

static void add_pattern(struct findings *findings, uint32_t index, uint64_t all_bytes)
{
	const struct snapshot_cycle_pattern *pattern =
		&findings->snapshot->cycle_patterns.items[index];
	struct snapshot_finding finding = {
		.kind = "garbage",
		.severity = "warning",
		.certainty = CERTAINTY_PROVEN,
		.bytes = pattern->held_bytes,
		.whole = all_bytes,
		.objects = pattern->held_objects,
		.title = title_of(findings, pattern),
		.evidence = evidence_of(findings, pattern),
		.advice = advice_of(findings, pattern),
		.query = arena_format(findings->arena,
				      "SELECT held_objects, held_bytes, * FROM cycle_patterns "
				      "WHERE id = %" PRIu32,
				      index + 1),
	};

	findings_add(findings, &finding);
}

/*
 * What of the garbage is in no cycle that was told of.  It is as lost as the others, but there is
 * no culprit to name: it is not to come before them.
 */
static void add_rest(struct findings *findings, uint64_t objects, uint64_t bytes,
		     const struct leak_sum *all)
{
	bool is_all = objects == all->objects;
	struct snapshot_finding finding = {
		.kind = "garbage",
		.severity = "warning",
		.certainty = is_all ? CERTAINTY_PROVEN : CERTAINTY_HINT,
		.bytes = bytes,
		.objects = objects,
		.title = arena_format(
			findings->arena,
			"%s %sobjects are garbage that the collector has not freed",
			findings_count(findings, objects), is_all ? "" : "more "),
		.evidence = "unreachable, and every reference to them comes from themselves",
		.advice =
			arena_format(findings->arena,
				     "see heapsect cycles for their patterns, heapsect gc for "
				     "why they are still there%s",
				     collector_text(findings)),
		.query = "SELECT * FROM leaks WHERE kind = 'garbage'",
	};

	findings_add(findings, &finding);
}

/* Largest first by what they hold; patterns are in the order of their members' bytes. */
static int compare_held(const void *left, const void *right)
{
	const struct snapshot_cycle_pattern *a = *(struct snapshot_cycle_pattern *const *)left;
	const struct snapshot_cycle_pattern *b = *(struct snapshot_cycle_pattern *const *)right;

	if (a->held_bytes != b->held_bytes)
		return a->held_bytes > b->held_bytes ? -1 : 1;
	return a < b ? -1 : a > b;
}

static size_t list_garbage(const struct snapshot *snapshot,
			   const struct snapshot_cycle_pattern **ret)
{
	size_t count = 0;

	vector_each (&snapshot->cycle_patterns, pattern)
		if (pattern->state == STATE_GARBAGE)
			ret[count++] = pattern;
	qsort(ret, count, sizeof(*ret), compare_held);
	return count;
}

/* A cycle or two are what the start of every program leaves. */
static bool is_accident(const struct findings *findings,
			const struct snapshot_cycle_pattern *pattern)
{
	return pattern->cycles < REPEATED &&
	       pattern->held_bytes * LEAST_PART < findings->figures.memory;
}

bool find_garbage(struct findings *findings, struct error *err)
{
	const struct snapshot *snapshot = findings->snapshot;
	struct leak_sum sum = findings_sum_leaks(findings, LEAK_GARBAGE, GRADE_PROVEN);
	CLEANUP_FREE const struct snapshot_cycle_pattern **patterns =
		malloc((snapshot->cycle_patterns.count + 1) * sizeof(*patterns));
	uint64_t objects = sum.objects, bytes = sum.bytes;
	size_t count;

	if (!patterns)
		return error_out_of_memory(err, "drawing conclusions");
	if (!sum.rows)
		return true;
	count = list_garbage(snapshot, patterns);
	for (size_t i = 0; i < count && i < MOST_PATTERNS; i++) {
		/* What one pattern's cycles hold, another's may hold as well. */
		if (patterns[i]->held_bytes > bytes || patterns[i]->held_objects > objects ||
		    patterns[i]->held_bytes * 100 < sum.bytes * LEAST_SHARE)
			break;
		if (is_accident(findings, patterns[i]))
			continue;
		add_pattern(findings, (uint32_t)(patterns[i] - snapshot->cycle_patterns.items),
			    sum.bytes);
		objects -= patterns[i]->held_objects;
		bytes -= patterns[i]->held_bytes;
	}
	if (objects || bytes)
		add_rest(findings, objects, bytes, &sum);
	return true;
}
