/* Who holds the live memory: one finding for each object where much of it accumulates. */
#include "pipeline/findings/c_held.h"
#include "pipeline/findings/clues.h"
#include "pipeline/findings/scattered.h"
#include "pipeline/paths.h"

#include <inttypes.h>

enum { MOST_HOLDERS = 6, LONGEST_PATH = 160 };

struct writer {
	struct findings *findings;
	const struct holder *holder;
	struct clue clue;
	const char *path;
};

static const char *short_type(const struct findings *findings, uint32_t type)
{
	return type_short_name(findings->collection->types.items[type].name);
}

static const char *type_of(const struct writer *writer, uint32_t object)
{
	return short_type(writer->findings, writer->findings->snapshot->graph->type[object]);
}

static size_t character_start(const char *text, size_t at)
{
	while (at && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* The path for a title; of a long one where it begins and ends.  The query has it in full. */
static const char *title_path(const struct findings *findings, uint32_t object)
{
	const char *path = paths_text(findings->collection, findings->snapshot, object);
	size_t length = path ? strlen(path) : 0, head = LONGEST_PATH / 2;

	if (length <= LONGEST_PATH)
		return path;
	return arena_format(findings->arena, "%.*s … %s", (int)character_start(path, head),
			    path, path + character_start(path, length - head));
}

/* "dict, 40,000 entries of webapp.Response"; "app.Index, in .by_id, .by_name" */
static const char *kind_text(const struct writer *writer)
{
	const struct holder *holder = writer->holder;
	const char *type =
		writer->clue.name ? writer->clue.name : type_of(writer, holder->named);

	if (*holder->parts)
		return arena_format(writer->findings->arena, "%s, in %s", type, holder->parts);
	if (holder->entries < 2)
		return type;
	return arena_format(writer->findings->arena, "%s, %s %s of %s", type,
			    findings_count(writer->findings, holder->entries),
			    holder->entries == holder->entry.objects ? "entries"
								     : "entries, most",
			    short_type(writer->findings, holder->entry.type));
}

static const char *title_text(const struct writer *writer)
{
	const struct holder *holder = writer->holder;
	const char *verb = holder->alone    ? "retains"
			   : *holder->apart ? "holds, besides what is told apart,"
					    : "holds";

	return arena_format(writer->findings->arena, "%s (%s) %s %s, %u %% of the heap",
			    writer->path, kind_text(writer), verb,
			    findings_bytes(writer->findings, holder->bytes),
			    findings_percent(writer->findings, holder->bytes));
}

static const char *count_text(const struct writer *writer, const struct type_count *count)
{
	return arena_format(writer->findings->arena, "%s %s (%s)",
			    findings_count(writer->findings, count->objects),
			    short_type(writer->findings, count->type),
			    findings_bytes(writer->findings, count->bytes));
}

/* Who else has a part in what it holds; a module has everything. */
static const char *others_text(const struct writer *writer)
{
	const struct findings *findings = writer->findings;
	uint32_t keeper = writer->holder->keeper;

	if (keeper == writer->holder->object)
		return "";
	if (keeper != OBJECT_NONE)
		keeper = owners_named(findings, keeper);
	if (keeper == OBJECT_NONE ||
	    findings->collection->types.items[findings->snapshot->graph->type[keeper]]
			    .category == CATEGORY_TYPES)
		return "; others hold some of it, too";
	return arena_format(findings->arena,
			    "; others hold some of it, too, and only %s (%s) retains it all",
			    title_path(findings, keeper), type_of(writer, keeper));
}

static bool is_native(const struct holder *holder)
{
	return holder->native * 2 > holder->bytes;
}

static const char *evidence_text(const struct writer *writer)
{
	const struct holder *holder = writer->holder;
	struct arena *arena = writer->findings->arena;
	const char *words = writer->clue.words;
	const char *text = arena_format(arena, "%s%s", words, *words ? "; " : "");

	for (size_t i = 0; text && i < HOLDER_TYPES && holder->contents[i].objects; i++)
		text = arena_format(arena, "%s%s%s", text, i ? ", " : "",
				    count_text(writer, &holder->contents[i]));
	if (text && *holder->pattern && !*holder->parts)
		text = arena_format(arena, "%s; most of it at …%s: %s", text, holder->pattern,
				    count_text(writer, &holder->most));
	if (text && is_native(holder))
		text = arena_format(arena, "%s; %s of it are blocks of their C libraries", text,
				    findings_bytes(writer->findings, holder->native));
	return text ? arena_format(arena, "%s%s", text, others_text(writer)) : NULL;
}

/* What it holds with others is what is below it on the best paths. */
static const char *query_text(const struct writer *writer)
{
	uint32_t id = writer->holder->object + 1;

	if (writer->holder->alone)
		return arena_format(writer->findings->arena,
				    "SELECT path(id) AS path, retained_size AS bytes FROM "
				    "objects WHERE id = %" PRIu32,
				    id);
	return arena_format(
		writer->findings->arena,
		"WITH RECURSIVE held(id) AS (SELECT %" PRIu32 " UNION ALL SELECT p.object_id "
		"FROM held JOIN paths p ON p.parent_id = held.id WHERE p.object_id NOT IN "
		"(%s)) SELECT t.name AS type, count(*) AS objects, sum(o.size + o.owned_size) "
		"AS bytes FROM held JOIN objects o USING (id) JOIN types t ON t.id = o.type_id "
		"GROUP BY t.id ORDER BY bytes DESC",
		id, writer->holder->apart);
}

static void write_finding(struct findings *findings, const struct holder *holder)
{
	struct writer writer = {
		.findings = findings,
		.holder = holder,
		.clue = clue_of(findings, holder),
		.path = title_path(findings, holder->named),
	};
	struct snapshot_finding finding = {
		.kind = "holder",
		.bytes = holder->bytes,
		.objects = holder->objects,
		.advice = writer.clue.advice,
		.certainty = writer.clue.certainty,
	};

	if (!writer.path)
		return;
	finding.severity = findings_severity(findings, holder->bytes);
	finding.title = title_text(&writer);
	finding.evidence = evidence_text(&writer);
	if (is_native(holder) && !holder->entries && !*holder->parts)
		finding.advice = findings_native_advice;
	finding.query = query_text(&writer);
	findings_add(findings, &finding);
}

/* "SELECT …" of these objects: what they have in common is no condition of SQL. */
static const char *members_query(const struct findings *findings,
				 const struct scattered_group *group)
{
	const char *ids = findings_ids(findings, group->members.items, group->members.count);

	if (!ids)
		return NULL;
	return arena_format(findings->arena,
			    "SELECT path(id) AS path, retained_size AS bytes FROM objects "
			    "WHERE id IN (%s) ORDER BY bytes DESC",
			    ids);
}

static void write_group(struct findings *findings, const struct scattered_group *group)
{
	const uint32_t *members = group->members.items;
	const char *one = paths_text(findings->collection, findings->snapshot, members[0]);
	const char *other = paths_text(findings->collection, findings->snapshot,
				       members[group->members.count - 1]);
	struct holder member = {.object = members[0], .parts = ""};
	struct clue clue = clue_of(findings, &member);
	struct snapshot_finding finding = {
		.kind = "holders",
		.severity = findings_severity(findings, group->bytes),
		.bytes = group->bytes,
		.objects = group->members.count,
		.certainty = clue.certainty,
		.advice = *clue.words
				  ? clue.advice
				  : "if each only grows, bound it; drop what outlives its use",
		.query = members_query(findings, group),
	};

	if (!one || !other)
		return;
	finding.title =
		arena_format(findings->arena, "%s (%s times %s) retain %s, %u %% of the heap",
			     scattered_merge(findings->arena, one, other),
			     findings_count(findings, group->members.count),
			     short_type(findings, findings->snapshot->graph->type[members[0]]),
			     findings_bytes(findings, group->bytes),
			     findings_percent(findings, group->bytes));
	finding.evidence =
		arena_format(findings->arena, "%s%seach alone is small: %s is one of them",
			     clue.words, *clue.words ? "; " : "", one);
	findings_add(findings, &finding);
}

static bool find_scattered(struct findings *findings, const struct owners *owners,
			   struct error *err)
{
	struct scattered scattered;

	if (!scattered_find(findings, owners, &scattered, err))
		return false;
	vector_each (&scattered.groups, group)
		write_group(findings, group);
	scattered_release(&scattered);
	return true;
}

bool find_holders(struct findings *findings, struct error *err)
{
	struct owners owners;
	bool done = true;

	if (!findings->snapshot->paths.parent)
		return true;
	if (!owners_find(findings, &owners, err))
		return false;
	for (uint32_t i = 0; done && i < owners.found.items.count && i < MOST_HOLDERS; i++) {
		struct holder holder;

		done = holder_describe(findings, &owners, i, &holder, err);
		if (done)
			write_finding(findings, &holder);
		if (done)
			holder_release(&holder);
	}
	done = done && find_scattered(findings, &owners, err) &&
	       c_held_find(findings, &owners, err);
	owners_release(&owners);
	return done;
}
