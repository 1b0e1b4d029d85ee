/*
 * Why the objects of a type are alive: their paths, merged.
 */
#include "analysis/expression.h"
#include "analysis/merged_paths.h"
#include "base/names.h"
#include "store/sql_text.h"
#include "store/why.h"

#include <ctype.h>
#include <stdlib.h>

/* What a label's steps are, as the writer of expressions wants them. */
struct label {
	const char *name, *expression;
};

struct merger {
	sqlite3 *database;
	struct computed_rows *rows;
	VECTOR_OF(struct label) labels;
	VECTOR_OF(uint8_t) roles;
	struct names *starts;                /* "thread * frame work() local 'buffer'" */
	VECTOR_OF(const char *) start_texts; /* by number: the one, or of many that */
	VECTOR_OF(bool) is_namespace;        /* by number */
	VECTOR_OF(uint32_t) start_of_root;   /* by id of the root */
	uint32_t object_count;
	uint32_t *parent, *label, *key;
	struct merged_paths merged;
};

static bool prepare(const struct merger *merger, const char *query, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v2(merger->database, sql_find(query), -1, ret, NULL) ==
	       SQLITE_OK;
}

static const char *keep(const struct merger *merger, const unsigned char *text)
{
	return text ? arena_string(merger->rows->arena, (const char *)text) : NULL;
}

static enum path_role role_of(const struct label *label)
{
	if (label->expression && !*label->expression)
		return PATH_NAMESPACE;
	if (!strcmp(label->name, "value"))
		return PATH_VALUE;
	return !strcmp(label->name, "[]") || !strcmp(label->name, "key") ? PATH_ITEM
									 : PATH_NAME;
}

static bool read_labels(struct merger *merger)
{
	sqlite3_stmt *statement = NULL;
	bool ok = prepare(merger, "queries/why_type_labels", &statement);

	while (ok && sqlite3_step(statement) == SQLITE_ROW) {
		struct label label = {
			.name = keep(merger, sqlite3_column_text(statement, 1)),
			.expression = keep(merger, sqlite3_column_text(statement, 2)),
		};

		ok = label.name && vector_push(&merger->labels, label) &&
		     vector_push(&merger->roles, (uint8_t)role_of(&label));
	}
	sqlite3_finalize(statement);
	return ok;
}

/* Threads that do the same are one: "thread 12 frame f()" is "thread * frame f()". */
static const char *general_text(const struct merger *merger, const char *text)
{
	static const char prefix[] = "thread ";
	const char *rest = text + strlen(prefix);

	if (strncmp(text, prefix, strlen(prefix)) != 0)
		return text;
	while (isdigit((unsigned char)*rest))
		rest++;
	return arena_format(merger->rows->arena, "thread *%s", rest);
}

/* The number of a start. */
static uint32_t take_start(struct merger *merger, const char *text, bool is_namespace)
{
	const char *general = general_text(merger, text);
	uint32_t count = names_count(merger->starts);
	uint32_t number = general ? names_add(merger->starts, general) : NAME_NONE;

	if (number == NAME_NONE)
		return OBJECT_NONE;
	if (number == count) {
		vector_push(&merger->start_texts, text);
		vector_push(&merger->is_namespace, is_namespace);
	} else if (strcmp(merger->start_texts.items[number], text) != 0) {
		merger->start_texts.items[number] = general;
	}
	return merger->start_texts.failed || merger->is_namespace.failed ? OBJECT_NONE : number;
}

static bool read_starts(struct merger *merger)
{
	sqlite3_stmt *statement = NULL;
	bool ok = prepare(merger, "queries/why_type_starts", &statement);

	while (ok && sqlite3_step(statement) == SQLITE_ROW) {
		sqlite3_int64 id = sqlite3_column_int64(statement, 0);
		const char *text = keep(merger, sqlite3_column_text(statement, 1));
		uint32_t start =
			text ? take_start(merger, text, sqlite3_column_int(statement, 2))
			     : OBJECT_NONE;

		while (ok && (sqlite3_int64)merger->start_of_root.count <= id)
			ok = vector_push(&merger->start_of_root, OBJECT_NONE);
		if (ok)
			merger->start_of_root.items[id] = start;
	}
	sqlite3_finalize(statement);
	return ok;
}

static uint32_t number_of(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
		       ? OBJECT_NONE
		       : (uint32_t)(sqlite3_column_int64(statement, column) - 1);
}

/* A path that no root begins: as it is written, but without the address. */
static uint32_t rootless_start(struct merger *merger, sqlite3_stmt *describe, uint32_t object)
{
	char text[600];

	sqlite3_reset(describe);
	sqlite3_bind_int64(describe, 1, (sqlite3_int64)object + 1);
	if (sqlite3_step(describe) != SQLITE_ROW)
		return OBJECT_NONE;
	snprintf(text, sizeof(text), "<%s %s>", sqlite3_column_text(describe, 1),
		 sqlite3_column_text(describe, 2));
	return take_start(merger, arena_string(merger->rows->arena, text), false);
}

static void take_step(struct merger *merger, sqlite3_stmt *statement, sqlite3_stmt *describe)
{
	uint32_t object = number_of(statement, 0), root = number_of(statement, 4);

	if (object >= merger->object_count)
		return;
	merger->parent[object] = number_of(statement, 1);
	merger->label[object] = number_of(statement, 2);
	merger->key[object] = number_of(statement, 3);
	if (merger->parent[object] != OBJECT_NONE)
		return;
	merger->label[object] = root != OBJECT_NONE && root + 1 < merger->start_of_root.count
					? merger->start_of_root.items[root + 1]
					: rootless_start(merger, describe, object);
}

static bool count_objects(struct merger *merger)
{
	sqlite3_stmt *statement = NULL;
	bool ok = prepare(merger, "queries/why_type_last", &statement) &&
		  sqlite3_step(statement) == SQLITE_ROW;

	if (ok)
		merger->object_count = (uint32_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return ok;
}

static bool read_steps(struct merger *merger)
{
	sqlite3_stmt *statement = NULL, *describe = NULL;
	size_t room;
	bool ok = count_objects(merger);

	room = ((size_t)merger->object_count + 1) * sizeof(uint32_t);
	merger->parent = malloc(room);
	merger->label = malloc(room);
	merger->key = malloc(room);
	ok = ok && merger->parent && merger->label && merger->key &&
	     prepare(merger, "queries/why_type_steps", &statement) &&
	     prepare(merger, "queries/path_start", &describe);
	while (ok && sqlite3_step(statement) == SQLITE_ROW)
		take_step(merger, statement, describe);
	sqlite3_finalize(statement);
	sqlite3_finalize(describe);
	return ok;
}

static bool add_objects(struct merger *merger, sqlite3_value *type)
{
	sqlite3_stmt *statement = NULL;
	bool ok = prepare(merger, "queries/why_type_objects", &statement) &&
		  sqlite3_bind_value(statement, 1, type) == SQLITE_OK;

	while (ok && sqlite3_step(statement) == SQLITE_ROW)
		ok = merged_paths_add(&merger->merged, number_of(statement, 0),
				      (uint64_t)sqlite3_column_int64(statement, 1));
	sqlite3_finalize(statement);
	return ok;
}

static bool is_namespace(const struct merger *merger, const struct path_branch *branch)
{
	return branch->parent != OBJECT_NONE &&
	       merger->roles.items[branch->label] == PATH_NAMESPACE;
}

static void append_branch(const struct merger *merger, const struct path_branch *branch,
			  sqlite3_stmt *keys, struct expression *ret)
{
	const struct label *label = &merger->labels.items[branch->label];
	struct expression_step step = {.label = label->name, .expression = label->expression};
	enum path_role role = role_of(label);
	const struct path_branch *parent = &merger->merged.branches.items[branch->parent];

	ret->in_namespace |= is_namespace(merger, parent);
	if (branch->key != OBJECT_NONE) {
		sqlite3_reset(keys);
		sqlite3_bind_int64(keys, 1, (sqlite3_int64)branch->key + 1);
		if (sqlite3_step(keys) == SQLITE_ROW) {
			step.key_type = (const char *)sqlite3_column_text(keys, 0);
			step.key_value = (const char *)sqlite3_column_text(keys, 1);
		}
	} else if (role == PATH_ITEM || role == PATH_VALUE) {
		step = (struct expression_step){
			.label = "[*]",
			.expression = strcmp(label->name, "key") ? "[*]" : ".keys()[*]",
		};
	}
	expression_append(ret, &step);
	if (branch->repeats)
		expression_append(ret,
				  &(struct expression_step){.label = "…", .expression = "…"});
}

static int compare_branches(const void *left, const void *right, void *context)
{
	const struct path_branch *branches = context;
	uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
	const struct path_branch *a = &branches[first], *b = &branches[second];

	if (a->total_objects != b->total_objects)
		return a->total_objects < b->total_objects ? -1 : 1;
	return first > second ? -1 : first < second; /* the larger ends the stack */
}

struct waiting {
	uint32_t branch, depth;
};

/* Rows of the tree still to be written: the last one is the next. */
struct branch_stack {
	VECTOR_OF(struct waiting) waiting;
	VECTOR_OF(uint32_t) children; /* scratch */
};

static bool is_start(const struct path_branch *branch)
{
	return branch->parent == OBJECT_NONE;
}

/* modules is a start, and modules['app'] is one for people. */
static bool is_open_start(const struct merger *merger, const struct path_branch *branch)
{
	return is_start(branch) && !branch->objects &&
	       merger->is_namespace.items[branch->label];
}

/* Children in the order of the stack, the largest last.  A namespace's are its parent's. */
static void list_children(const struct merger *merger, struct branch_stack *stack,
			  uint32_t first)
{
	struct path_branch *branches = merger->merged.branches.items;

	stack->children.count = 0;
	for (uint32_t i = first; i != OBJECT_NONE; i = branches[i].next)
		vector_push(&stack->children, i);
	for (size_t i = 0; i < stack->children.count; i++) {
		const struct path_branch *child = &branches[stack->children.items[i]];

		if (!is_open_start(merger, child) &&
		    (!is_namespace(merger, child) || child->objects))
			continue;
		stack->children.items[i--] = stack->children.items[--stack->children.count];
		for (uint32_t k = child->first_child; k != OBJECT_NONE; k = branches[k].next)
			vector_push(&stack->children, k);
	}
	if (stack->children.count)
		qsort_r(stack->children.items, stack->children.count,
			sizeof(*stack->children.items), compare_branches, branches);
}

static void push_children(struct branch_stack *stack, uint32_t depth)
{
	vector_each (&stack->children, child) {
		struct waiting waiting = {*child, depth};

		vector_push(&stack->waiting, waiting);
	}
}

static void start_row(const struct merger *merger, const struct path_branch *branch,
		      sqlite3_stmt *keys, struct expression *ret)
{
	const struct path_branch *parent =
		is_start(branch) ? branch : &merger->merged.branches.items[branch->parent];

	expression_start(ret, is_start(branch) || is_open_start(merger, parent)
				      ? merger->start_texts.items[parent->label]
				      : "");
	if (!is_start(branch))
		append_branch(merger, branch, keys, ret);
}

/* A branch and those below it, as long as they are the only ones, are one row. */
static void write_row(struct merger *merger, struct branch_stack *stack, struct waiting waiting,
		      sqlite3_stmt *keys)
{
	const struct path_branch *branch = &merger->merged.branches.items[waiting.branch];
	struct expression expression;

	start_row(merger, branch, keys, &expression);
	list_children(merger, stack, branch->first_child);
	while (!branch->objects && stack->children.count == 1) {
		branch = &merger->merged.branches.items[stack->children.items[0]];
		append_branch(merger, branch, keys, &expression);
		list_children(merger, stack, branch->first_child);
	}
	expression_finish(&expression);
	computed_integer(merger->rows, waiting.depth);
	computed_text(merger->rows, expression.text);
	computed_integer(merger->rows, (int64_t)branch->total_objects);
	computed_integer(merger->rows, (int64_t)branch->total_bytes);
	computed_integer(merger->rows, (int64_t)branch->example + 1);
	push_children(stack, waiting.depth + 1);
}

static bool write_rows(struct merger *merger)
{
	struct branch_stack stack = {{0}, {0}};
	sqlite3_stmt *keys = NULL;
	bool ok = prepare(merger, "queries/why_type_key", &keys);

	list_children(merger, &stack, merger->merged.first_start);
	push_children(&stack, 0);
	while (ok && stack.waiting.count)
		write_row(merger, &stack, stack.waiting.items[--stack.waiting.count], keys);
	ok = ok && !stack.waiting.failed && !stack.children.failed;
	sqlite3_finalize(keys);
	vector_release(&stack.waiting);
	vector_release(&stack.children);
	return ok;
}

static bool merge(struct merger *merger, sqlite3_value *type)
{
	struct error err = {0};
	struct path_steps steps;

	if (!read_labels(merger) || !read_starts(merger) || !read_steps(merger))
		return false;
	steps = (struct path_steps){.object_count = merger->object_count,
				    .label_count = (uint32_t)merger->labels.count,
				    .parent = merger->parent,
				    .label = merger->label,
				    .key = merger->key,
				    .role = merger->roles.items,
				    .is_namespace = merger->is_namespace.items};
	if (!merged_paths_init(&merger->merged, &steps, &err) || !add_objects(merger, type))
		return false;
	merged_paths_sum(&merger->merged);
	return write_rows(merger);
}

static bool why_type_compute(sqlite3 *database, sqlite3_value *type, struct computed_rows *ret)
{
	struct merger merger = {.database = database, .rows = ret, .starts = names_create()};
	bool ok = merger.starts && merge(&merger, type);

	merged_paths_release(&merger.merged);
	names_free(merger.starts);
	vector_release(&merger.labels);
	vector_release(&merger.roles);
	vector_release(&merger.start_texts);
	vector_release(&merger.is_namespace);
	vector_release(&merger.start_of_root);
	free(merger.parent);
	free(merger.label);
	free(merger.key);
	return ok;
}

const struct computed_table why_type_table = {"why_type", 5, why_type_compute};
