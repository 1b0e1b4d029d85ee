/*
 * How to add one: a row in clues[], before less special ones.
 */
#include "pipeline/findings/clues.h"

enum { WAY_UP = 8 }; /* steps up the path that are looked at */

enum place {
	WITHIN, /* objects of the type have most of what it holds */
	ABOVE,  /* the path leads through an object of the type */
	ITSELF, /* the holder is of the type */
};

static const struct {
	enum place place;
	const char *type;
	struct clue clue;
} clues[] = {
	{WITHIN,
	 "builtins.traceback",
	 {NULL, "with tracebacks, which keep the locals of every frame that they went through",
	  "keep the text of an exception (traceback.format_exc()), not exc_info or the "
	  "exception itself; or traceback.clear_frames()",
	  70}},
	{WITHIN,
	 "_asyncio.Task",
	 {NULL, "tasks, each with its coroutine and that one's locals",
	  "await the tasks, cancel those that wait for too long (asyncio.timeout), and take "
	  "each off when it is done (task.add_done_callback(tasks.discard))",
	  70}},
	{WITHIN,
	 "asyncio.tasks.Task",
	 {NULL, "tasks, each with its coroutine and that one's locals",
	  "await the tasks, cancel those that wait for too long (asyncio.timeout), and take "
	  "each off when it is done (task.add_done_callback(tasks.discard))",
	  70}},
	{ABOVE,
	 "builtins.traceback",
	 {NULL, "the local of a frame that a traceback keeps",
	  "keep the text of an exception (traceback.format_exc()), not the exception "
	  "itself; or traceback.clear_frames()",
	  70}},
	{ABOVE,
	 "functools._lru_cache_wrapper",
	 {"lru_cache",
	  "the cache of functools.lru_cache, which keeps arguments (of a method: self) and "
	  "results",
	  "give the cache a maxsize; on a method it keeps every self: cache a function of the "
	  "module, or use functools.cached_property",
	  70}},
	{ABOVE,
	 "_thread._local",
	 {"threading.local", "a threading.local: what it has lives as long as each thread",
	  "delete the attribute when the work is done, or keep it for the work and not for "
	  "the thread",
	  60}},
	{WITHIN,
	 "builtins.method",
	 {NULL, "bound methods, which keep their objects",
	  "unregister callbacks when their objects are done with, or hold them by "
	  "weakref.WeakMethod",
	  60}},
	{WITHIN,
	 "builtins.generator",
	 {NULL, "suspended generators, which keep their locals",
	  "close() what is not going to be finished, and drop it", 60}},
	{WITHIN,
	 "builtins.coroutine",
	 {NULL, "suspended coroutines, which keep their locals", "await or close() them", 60}},
	{ABOVE,
	 "builtins.cell",
	 {NULL, "a variable of a closure: it lives as long as the function",
	  "bound it (functools.lru_cache(maxsize=N)), or drop what is no longer needed",
	  CERTAINTY_LIKELY}},
	{ITSELF,
	 "collections.deque",
	 {NULL, "", "give the deque a maxlen, or take off it what is done with",
	  CERTAINTY_LIKELY}},
};

static bool is_type(const struct findings *findings, uint32_t object, const char *name)
{
	uint32_t type = findings->snapshot->graph->type[object];

	return strcmp(findings->collection->types.items[type].name, name) == 0;
}

static bool is_above(const struct findings *findings, uint32_t object, const char *name)
{
	const uint32_t *parent = findings->snapshot->paths.parent;

	for (int i = 0; i < WAY_UP && object != OBJECT_NONE; i++) {
		if (is_type(findings, object, name))
			return true;
		object = parent[object];
	}
	return false;
}

static bool is_within(const struct findings *findings, const struct holder *holder,
		      const char *name)
{
	if (!holder->below_by_type)
		return false;
	for (size_t i = 0; i < findings->collection->types.count; i++)
		if (holder->below_by_type[i] * 2 > holder->below &&
		    !strcmp(findings->collection->types.items[i].name, name))
			return true;
	return false;
}

static bool holds(const struct findings *findings, const struct holder *holder, size_t clue)
{
	switch (clues[clue].place) {
	case WITHIN:
		return is_within(findings, holder, clues[clue].type);
	case ABOVE:
		return is_above(findings, holder->object, clues[clue].type);
	case ITSELF:
		return is_type(findings, holder->object, clues[clue].type);
	}
	return false;
}

struct clue clue_of(const struct findings *findings, const struct holder *holder)
{
	static const struct clue entries = {
		NULL, "",
		"if it only grows, bound it: a limit with eviction, or delete what is done "
		"with",
		CERTAINTY_LIKELY};
	static const struct clue object = {
		NULL, "", "drop the reference when it is no longer needed", CERTAINTY_LIKELY};

	for (size_t i = 0; i < ARRAY_COUNT(clues); i++)
		if (holds(findings, holder, i))
			return clues[i].clue;
	return holder->entries > 1 || *holder->parts ? entries : object;
}
