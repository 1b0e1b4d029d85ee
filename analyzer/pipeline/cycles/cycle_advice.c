#include "pipeline/cycles/cycle_advice.h"

/* Where somebody else's object can be referred to weakly, or only be let go. */
enum remedy {
	REMEDY_NONE,
	REMEDY_WEAK,
	REMEDY_WEAK_ITEMS,
	REMEDY_METHOD,
	REMEDY_CLEAR,
	REMEDY_DEL,
	REMEDY_CLOSURE,
	REMEDY_ERROR
};

static const struct {
	const char *words; /* %s: the site; a few words */
	const char *how;
} remedies[] = {
	[REMEDY_NONE] = {"%s", ""},
	[REMEDY_WEAK] = {"make %s a weakref", "weakref.ref or weakref.proxy, or set it to None "
					      "when its owner is done"},
	[REMEDY_WEAK_ITEMS] = {"hold the items of %s weakly",
			       "weakref.WeakSet or WeakValueDictionary, or clear it when its "
			       "owner is done"},
	[REMEDY_METHOD] = {"keep no bound method in %s",
			   "weakref.WeakMethod, or look the method up when it is called"},
	[REMEDY_CLEAR] = {"clear %s", "del it, or set it to None, when its owner is done"},
	[REMEDY_DEL] = {"del %s", "del the variable, or set it to None, before the function is "
				  "left or waits"},
	[REMEDY_CLOSURE] = {"clear %s", "make the inner function one of the module, or del its "
					"name when it is done"},
	[REMEDY_ERROR] = {"clear %s", "set the exception's __traceback__ to None before it is "
				      "kept, or keep its text only"},
};

static bool has_items(const struct site *site)
{
	size_t length = strlen(site->short_text);

	return length > 2 && !strcmp(site->short_text + length - 2, "[]");
}

/* An item that has a name is a thing of its own: dict['parent']. */
static enum remedy remedy_for(const struct site *site)
{
	switch (site->kind) {
	case SITE_VARIABLE:
		return REMEDY_DEL;
	case SITE_CLOSURE:
		return REMEDY_CLOSURE;
	case SITE_ERROR:
		return REMEDY_ERROR;
	case SITE_ATTRIBUTE:
	case SITE_ITEM:
		if (site->is_bound)
			return REMEDY_METHOD;
		if (site->is_plain)
			return REMEDY_CLEAR;
		return has_items(site) ? REMEDY_WEAK_ITEMS : REMEDY_WEAK;
	case SITE_FIXED:
		break;
	}
	return REMEDY_NONE;
}

/* What is to be changed: "Node.children" of "Node.children[]", "Service.cb" of its method. */
static const char *changed_text(struct arena *arena, const struct site *site)
{
	size_t length = strlen(site->short_text);

	if (site->is_bound)
		length -= strlen(".__self__");
	if (length > 2 && !strncmp(site->short_text + length - 2, "[]", 2))
		length -= 2;
	return arena_string_n(arena, site->short_text, length);
}

static const char *write_remedy(struct arena *arena, const struct site *site)
{
	const char *changed = changed_text(arena, site);
	const char *words = remedies[remedy_for(site)].words;
	const char *place = strstr(words, "%s");

	return changed ? arena_format(arena, "%.*s%s%s", (int)(place - words), words, changed,
				      place + 2)
		       : NULL;
}

/* Classes with __slots__ have no room for weak references unless they say so. */
static const char *slot_text(const struct site *site)
{
	enum remedy remedy = remedy_for(site);

	return site->no_weak && (remedy == REMEDY_WEAK || remedy == REMEDY_WEAK_ITEMS)
		       ? "; its class's __slots__ need '__weakref__' for that"
		       : "";
}

/* Where no few references of the program's would do. */
static void write_hint(struct snapshot_cycle_pattern *pattern)
{
	pattern->advice =
		strstr(pattern->pattern, "asyncio.Task.")
			? "tasks were dropped while they waited: keep them, and await or "
			  "cancel them"
			: "no small set of the program's references breaks them: look at the pattern";
}

static void write_class_advice(struct snapshot_cycle_pattern *pattern)
{
	if (pattern->state != STATE_GARBAGE)
		return;
	pattern->remedy = "make the class once";
	pattern->advice = "every class is a cycle: make it once, in the module, and not each "
			  "time a function is called";
}

bool cycle_advice_write(struct arena *arena, const struct site *const *sites, uint32_t count,
			struct snapshot_cycle_pattern *pattern)
{
	pattern->remedy = pattern->advice = "";
	if (pattern->kind == CYCLE_CLASS) {
		write_class_advice(pattern);
		return true;
	}
	if (pattern->kind == CYCLE_PROGRAM && pattern->state == STATE_GARBAGE && !count)
		write_hint(pattern);
	for (uint32_t i = 0; i < count; i++) {
		const char *remedy = write_remedy(arena, sites[i]);

		pattern->remedy =
			i ? arena_format(arena, "%s and %s", pattern->remedy, remedy) : remedy;
		if (!remedy || !pattern->remedy)
			return false;
	}
	if (count)
		pattern->advice =
			arena_format(arena, "%s: %s%s", pattern->remedy,
				     remedies[remedy_for(sites[0])].how, slot_text(sites[0]));
	return pattern->advice;
}
