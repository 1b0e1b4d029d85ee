#include "pipeline/findings/c_held.h"

#include "base/cleanup.h"
#include "base/search.h"

#include <inttypes.h>
#include <stdlib.h>

/* A word that an object's path begins at. */
struct word {
	const struct graph_root *root;
	uint32_t object, type;
};

/* Words with the same name that hold objects of one type. */
struct group {
	const struct word *words; /* ascending by address */
	size_t count;
	uint64_t bytes; /* that the objects retain */
};

struct search {
	struct findings *findings;
	const struct owners *owners;
	const bool *is_told; /* [object_count] it has something found below it, or is it */
	VECTOR_OF(struct word) words; /* by kind, name, type and address */
};

static void mark_told(const struct findings *findings, const struct owners *owners, bool *ret)
{
	const uint32_t *parent = findings->snapshot->paths.parent;

	vector_each (&owners->found.items, item)
		for (uint32_t object = item->node; object != OBJECT_NONE && !ret[object];
		     object = parent[object])
			ret[object] = true;
}

static int compare_words(const void *left, const void *right)
{
	const struct word *a = left, *b = right;

	if (a->root->kind != b->root->kind)
		return a->root->kind < b->root->kind ? -1 : 1;
	if (a->root->label != b->root->label)
		return a->root->label < b->root->label ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return addr_compare(&a->root->address, &b->root->address);
}

static void find_words(struct search *search)
{
	const struct snapshot *snapshot = search->findings->snapshot;
	const struct graph *graph = snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		if (owners_is_held_by_c(search->findings, i) &&
		    snapshot->reachability.state[i] == STATE_LIVE)
			vector_push(&search->words,
				    ((struct word){&graph->roots[snapshot->paths.step[i]], i,
						   graph->type[i]}));
	if (search->words.count)
		qsort(search->words.items, search->words.count, sizeof(*search->words.items),
		      compare_words);
}

/* The C code that could hold them: what leaks says of their counts. */
static const char *code_of(const struct findings *findings, const char *type)
{
	vector_each (&findings->snapshot->leak_groups, group)
		if (group->kind == LEAK_REFCOUNT && group->holder && !strcmp(group->type, type))
			return group->holder;
	return NULL;
}

static size_t words_in(const struct group *group, const struct snapshot_block *block)
{
	const struct word *words = group->words;
	addr_t end = block->address + block->size;

	return count_leading(group->count, i, words[i].root->address < end) -
	       count_leading(group->count, i, words[i].root->address < block->address);
}

/* "; most of them in one block of 31.3 KiB that buf leads to (struct _object *[])" */
static const char *block_text(const struct findings *findings, const struct group *group)
{
	struct arena *arena = findings->arena;
	uint32_t label;

	vector_each (&findings->snapshot->blocks, block) {
		if (block->state != BLOCK_USED || block->owner != OBJECT_NONE ||
		    words_in(group, block) * 2 < group->count)
			continue;
		label = block->evidence ? block->evidence : block->holder;
		return arena_format(
			arena, "; most of them in one block of %s%s%s%s",
			findings_bytes(findings, block->size), label ? " that " : "",
			label ? arena_format(arena, "%s leads to",
					     names_get(findings->collection->labels, label - 1))
			      : "",
			block->confidence && *block->confidence
				? arena_format(arena, " (%s)", block->kind)
				: "");
	}
	return "";
}

/* "C variable kept[]"; "only C code" */
static const char *holder_text(const struct findings *findings, const struct group *group)
{
	const struct graph_root *root = group->words->root;

	if (root->kind == ROOT_NATIVE)
		return "only C code";
	return findings->snapshot->root_expressions[root - findings->snapshot->graph->roots];
}

/* Ids of those that are told of elsewhere. */
static const char *ids_told(const struct search *search, const struct group *group)
{
	VECTOR_OF(uint32_t) told = {0};
	const char *ids;

	for (size_t i = 0; i < group->count; i++)
		if (search->is_told[group->words[i].object])
			vector_push(&told, group->words[i].object);
	ids = told.failed ? NULL : findings_ids(search->findings, told.items, told.count);
	vector_release(&told);
	return ids;
}

static const char *title_of(const struct findings *findings, const struct group *group,
			    uint64_t objects)
{
	const char *type = findings->collection->types.items[group->words->type].name;
	const char *code =
		group->words->root->kind == ROOT_NATIVE ? code_of(findings, type) : NULL;

	return arena_format(
		findings->arena, "%s %s objects that %s holds retain %s, %u %% of the heap%s%s",
		findings_count(findings, objects), type_short_name(type),
		holder_text(findings, group), findings_bytes(findings, group->bytes),
		findings_percent(findings, group->bytes), code ? "; it could be " : "",
		code ? code : "");
}

static const char *query_of(const struct search *search, const struct group *group)
{
	const struct findings *findings = search->findings;
	const struct graph_root *root = group->words->root;
	const char *ids = ids_told(search, group);

	if (!ids)
		return NULL;
	return arena_format(
		findings->arena,
		"SELECT printf('0x%%x', r.address) AS word, o.id, o.value, o.retained_size AS "
		"bytes FROM paths p JOIN roots r ON r.id = p.root_id JOIN objects o ON o.id = "
		"p.object_id WHERE p.depth = 0 AND r.kind = '%s' AND r.label = '%s' AND "
		"o.state = 'live' AND o.type_id = %" PRIu32 " AND o.id NOT IN (%s)",
		root_kind_name(root->kind),
		names_get(findings->collection->labels, root->label), group->words->type + 1,
		ids);
}

/* "; the first is handle.<locals>.at_end" */
static const char *example_text(const struct search *search, const struct group *group)
{
	char value[VALUE_TEXT_SIZE];
	const char *text =
		snapshot_value_text(search->findings->snapshot, group->words->object, value);

	return text ? arena_format(search->findings->arena, "; the first is %s", text) : "";
}

static const char native_advice[] = "see what that code keeps, and when it gives it back: if "
				    "it is to have nothing by now, a "
				    "Py_DECREF is missing (heapsect leaks)";

static void tell(const struct search *search, const struct group *group, uint64_t objects)
{
	struct findings *findings = search->findings;
	bool native = group->words->root->kind == ROOT_NATIVE;
	const char *block = block_text(findings, group);
	const char *example = example_text(search, group);
	struct snapshot_finding finding = {
		.kind = "c-held",
		.severity = findings_severity(findings, group->bytes),
		.certainty = CERTAINTY_LIKELY,
		.bytes = group->bytes,
		.objects = objects,
		.title = title_of(findings, group, objects),
		.advice = native ? native_advice
				 : "see when that code gives back what it keeps there",
		.query = query_of(search, group),
	};

	if (block && example)
		finding.evidence = arena_format(
			findings->arena, "no other reference is known than %s%s%s",
			native ? "words of native memory" : "those of the variable", block,
			example);
	findings_add(findings, &finding);
}

static void judge(const struct search *search, struct group *group)
{
	const uint64_t *retained = search->findings->snapshot->dominators.retained;
	uint64_t objects = 0;

	for (size_t i = 0; i < group->count; i++)
		if (!search->is_told[group->words[i].object]) {
			group->bytes += retained[group->words[i].object];
			objects++;
		}
	if (objects > 1 && group->bytes >= search->owners->least)
		tell(search, group, objects);
}

static void judge_all(const struct search *search)
{
	const struct word *words = search->words.items;
	size_t count = search->words.count;

	for (size_t first = 0, end; first < count; first = end) {
		struct group group = {.words = &words[first]};

		for (end = first + 1;
		     end < count && words[end].root->kind == words[first].root->kind &&
		     words[end].root->label == words[first].root->label &&
		     words[end].type == words[first].type;
		     end++)
			;
		group.count = end - first;
		judge(search, &group);
	}
}

bool c_held_find(struct findings *findings, const struct owners *owners, struct error *err)
{
	CLEANUP_FREE bool *is_told =
		calloc((size_t)findings->snapshot->graph->object_count + 1, sizeof(*is_told));
	struct search search = {.findings = findings, .owners = owners, .is_told = is_told};
	bool done = is_told != NULL;

	if (done) {
		mark_told(findings, owners, is_told);
		find_words(&search);
		done = !search.words.failed;
	}
	if (done)
		judge_all(&search);
	vector_release(&search.words);
	return done || error_out_of_memory(err, "looking for what C code holds");
}
