/*
 * Why one object is alive: a search backwards from it, nearest first, to all the roots that hold
 * it.  It goes no further than an owner that everybody knows by name: a module, a class.
 */
#include "store/why.h"

#include "graph/graph.h"
#include "store/path_source.h"

#include <stdlib.h>

enum {
	RING = 32,             /* more than a label's weight */
	FAR_WEIGHT = 24,       /* of steps that explain nothing: see label_styles.c */
	MOST_EXPANDED = 2000,  /* objects whose referrers are read */
	MOST_STEPS = 60000,    /* steps in memory */
	MOST_REFERRERS = 1000, /* of one object: see queries/why_referrers.sql */
	MOST_PATHS = 100,
	VISITED = 1 << 13, /* room of the hash table: a power of two above MOST_EXPANDED */
};

/* A step from an object towards the one that is asked about. */
struct back_step {
	uint32_t object;
	uint32_t
		toward; /* index of the step that follows; OBJECT_NONE: the object asked about */
	uint32_t next;  /* in the list of its cost */
	uint32_t steps, cost;
	bool is_owner;
	struct expression_step step; /* texts in the rows' arena */
};

struct search {
	sqlite3 *database;
	struct computed_rows *rows;
	struct path_source paths;
	sqlite3_stmt *referrers, *roots;
	VECTOR_OF(struct back_step) steps;
	VECTOR_OF(uint32_t) classes;   /* objects, ascending */
	VECTOR_OF(const char *) found; /* what tells distinct roots apart */
	uint32_t first[RING];
	uint32_t visited[VISITED]; /* objects; OBJECT_NONE: free */
	bool is_gate[VISITED];     /* a root or an owner holds it: other ways lead there, too */
	uint32_t expanded;
	bool is_stopped;
};

static bool read_classes(struct search *search)
{
	sqlite3_stmt *statement = NULL;
	bool ok = database_prepare(search->database, "queries/why_classes", &statement);

	while (ok && sqlite3_step(statement) == SQLITE_ROW) {
		uint32_t object = (uint32_t)(sqlite3_column_int64(statement, 0) - 1);

		vector_push(&search->classes, object);
	}
	sqlite3_finalize(statement);
	return ok && !search->classes.failed;
}

static int compare_objects(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static bool is_class(const struct search *search, uint32_t object)
{
	return search->classes.count &&
	       bsearch(&object, search->classes.items, search->classes.count, sizeof(object),
		       compare_objects);
}

static uint32_t slot_of(const struct search *search, uint32_t object)
{
	uint32_t slot = object * 2654435761u % VISITED;

	while (search->visited[slot] != OBJECT_NONE && search->visited[slot] != object)
		slot = (slot + 1) % VISITED;
	return slot;
}

/* True the first time. */
static bool visit(struct search *search, uint32_t object)
{
	uint32_t slot = slot_of(search, object);

	if (search->visited[slot] == object)
		return false;
	search->visited[slot] = object;
	return true;
}

static bool push(struct search *search, const struct back_step *step)
{
	uint32_t index = (uint32_t)search->steps.count;
	struct back_step *pushed;

	if (!vector_push(&search->steps, *step))
		return false;
	pushed = &search->steps.items[index];
	pushed->next = search->first[step->cost % RING];
	search->first[step->cost % RING] = index;
	return true;
}

static const char *keep(struct search *search, const char *text)
{
	return text ? arena_string(search->rows->arena, text) : NULL;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

/* The referrers of a step's object, each a step further away; or the owners among them. */
static void expand(struct search *search, uint32_t index, bool owners_only)
{
	const struct back_step from = search->steps.items[index];
	sqlite3_stmt *statement = search->referrers;
	uint32_t count = 0;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, (sqlite3_int64)from.object + 1);
	for (; sqlite3_step(statement) == SQLITE_ROW; count++) {
		uint32_t weight = (uint32_t)sqlite3_column_int(statement, 4);
		struct back_step step = {
			.object = (uint32_t)(sqlite3_column_int64(statement, 0) - 1),
			.toward = index,
			.steps = from.steps + 1,
			.cost = from.cost + weight,
		};

		if (weight >= FAR_WEIGHT || weight >= RING || step.object == from.object)
			continue;
		if (search->steps.count >= MOST_STEPS)
			break;
		step.is_owner =
			sqlite3_column_int(statement, 7) || is_class(search, step.object);
		if (step.is_owner)
			search->is_gate[slot_of(search, from.object)] = true;
		else if (owners_only)
			continue;
		step.step = (struct expression_step){
			.ordinal = (uint32_t)sqlite3_column_int64(statement, 1),
			.label = keep(search, text_of(statement, 2)),
			.expression = keep(search, text_of(statement, 3)),
			.key_type = keep(search, text_of(statement, 5)),
			.key_value = keep(search, text_of(statement, 6)),
		};
		if (!step.step.label || !push(search, &step))
			break;
	}
	search->is_stopped |= count >= MOST_REFERRERS || search->steps.count >= MOST_STEPS;
	search->expanded++;
}

/* Whether a path begins so. */
static bool begins_with(const char *path, const char *start)
{
	size_t length = strlen(start);

	return !strncmp(path, start, length) &&
	       (path[length] == '\0' || path[length] == '.' || path[length] == '[');
}

/* The first row's path stands there in full. */
static bool is_known(const struct search *search, const char *key)
{
	if (search->found.count && begins_with(search->found.items[0], key))
		return true;
	for (size_t i = 1; i < search->found.count; i++)
		if (!strcmp(search->found.items[i], key))
			return true;
	return false;
}

/* The owner and the name it has for what it holds: app.CACHE, however the path goes on. */
static void write_distinct(const struct search *search, const char *start, uint32_t index,
			   struct expression *ret)
{
	expression_start(ret, start);
	while (index != OBJECT_NONE && search->steps.items[index].toward != OBJECT_NONE) {
		expression_append(ret, &search->steps.items[index].step);
		if (!ret->in_namespace)
			break;
		index = search->steps.items[index].toward;
	}
	expression_finish(ret);
}

static void write_path(const struct search *search, const char *start, uint32_t index,
		       struct expression *ret)
{
	uint32_t total = search->steps.items[index].steps, at = 0;

	expression_start(ret, start);
	for (; search->steps.items[index].toward != OBJECT_NONE;
	     index = search->steps.items[index].toward, at++) {
		bool is_long = total > EXPRESSION_STEPS;

		if (is_long && at == EXPRESSION_FIRST)
			expression_skip(ret, total - EXPRESSION_FIRST - EXPRESSION_LAST);
		if (!is_long || at < EXPRESSION_FIRST || total - at <= EXPRESSION_LAST)
			expression_append(ret, &search->steps.items[index].step);
	}
	expression_finish(ret);
}

static void add_row(struct search *search, const char *kind, const char *path, uint32_t steps)
{
	struct computed_cell none = {.is_null = true};

	computed_integer(search->rows, (int64_t)search->found.count);
	if (kind)
		computed_text(search->rows, kind);
	else
		vector_push(&search->rows->cells, none);
	computed_text(search->rows, path);
	computed_integer(search->rows, steps);
	computed_integer(search->rows, 1);
}

static void add_path(struct search *search, const char *kind, const char *start, uint32_t index)
{
	struct expression expression;
	const char *key;

	write_distinct(search, start, index, &expression);
	if (is_known(search, expression.text) || search->found.count >= MOST_PATHS)
		return;
	key = keep(search, expression.text);
	if (!key || !vector_push(&search->found, key))
		return;
	write_path(search, start, index, &expression);
	add_row(search, kind, expression.text, search->steps.items[index].steps);
}

static void add_roots(struct search *search, uint32_t index)
{
	sqlite3_stmt *statement = search->roots;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, (sqlite3_int64)search->steps.items[index].object + 1);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		search->is_gate[slot_of(search, search->steps.items[index].object)] = true;
		add_path(search, text_of(statement, 0), text_of(statement, 1), index);
	}
}

/* A module or a class is called by its own path. */
static void add_owner(struct search *search, uint32_t index)
{
	struct expression_source source = path_source_expressions(&search->paths);
	uint32_t object = search->steps.items[index].object;
	struct expression expression;

	if (expression_write(&source, object, &expression))
		add_path(search, is_class(search, object) ? "class" : "module", expression.text,
			 index);
}

/* One step's object: what holds it.  False: the search is over. */
static bool look(struct search *search, uint32_t index)
{
	uint32_t object = search->steps.items[index].object;
	bool is_new = visit(search, object);

	if (search->steps.items[index].is_owner) {
		add_owner(search, index);
		return true;
	}
	if (!is_new && !search->is_gate[slot_of(search, object)])
		return true;
	add_roots(search, index);
	if (search->expanded >= MOST_EXPANDED || search->found.count >= MOST_PATHS) {
		search->is_stopped = true;
		return false;
	}
	expand(search, index, !is_new);
	return true;
}

static void run(struct search *search)
{
	/* What waits has costs from `cost` to cost + RING - 1, none of which has been passed. */
	for (uint32_t cost = 0, idle = 0; idle < RING; cost++, idle++)
		while (search->first[cost % RING] != OBJECT_NONE) {
			uint32_t index = search->first[cost % RING];

			search->first[cost % RING] = search->steps.items[index].next;
			idle = 0;
			if (!look(search, index))
				return;
		}
}

/* The path that path() writes, which is there even where the search is stopped. */
static bool add_first(struct search *search, uint32_t object)
{
	struct expression_source source = path_source_expressions(&search->paths);
	struct expression expression;
	sqlite3_stmt *statement = NULL;
	const char *text;

	if (!expression_write(&source, object, &expression) ||
	    !database_prepare(search->database, "queries/why_first", &statement))
		return false;
	text = keep(search, expression.text);
	sqlite3_bind_int64(statement, 1, (sqlite3_int64)object + 1);
	if (text && sqlite3_step(statement) == SQLITE_ROW) {
		vector_push(&search->found, text);
		add_row(search, text_of(statement, 0), text,
			(uint32_t)sqlite3_column_int64(statement, 1));
	}
	sqlite3_finalize(statement);
	return true;
}

/* Rows that were found before the search was stopped say so. */
static void mark_stopped(struct search *search)
{
	for (size_t i = 4; i < search->rows->cells.count; i += 5)
		search->rows->cells.items[i].integer = 0;
}

static void release(struct search *search)
{
	sqlite3_finalize(search->referrers);
	sqlite3_finalize(search->roots);
	path_source_release(&search->paths);
	vector_release(&search->steps);
	vector_release(&search->classes);
	vector_release(&search->found);
	free(search);
}

static bool why_compute(sqlite3 *database, sqlite3_value *argument, struct computed_rows *ret)
{
	sqlite3_int64 id = sqlite3_value_int64(argument);
	struct search *search = calloc(1, sizeof(*search));
	struct back_step start = {.object = (uint32_t)(id - 1), .toward = OBJECT_NONE};
	bool ok;

	if (!search)
		return false;
	search->database = search->paths.database = database;
	search->rows = ret;
	memset(search->first, 0xff, sizeof(search->first));
	memset(search->visited, 0xff, sizeof(search->visited));
	ok = database_prepare(search->database, "queries/why_referrers", &search->referrers) &&
	     database_prepare(search->database, "queries/why_roots", &search->roots) &&
	     read_classes(search);
	if (ok && id > 0 && id < UINT32_MAX && add_first(search, start.object) &&
	    push(search, &start)) {
		run(search);
		if (search->is_stopped)
			mark_stopped(search);
	}
	release(search);
	return ok;
}

const struct computed_table why_table = {"why", 5, why_compute};
