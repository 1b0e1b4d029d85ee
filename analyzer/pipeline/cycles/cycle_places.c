#include "pipeline/cycles/cycle_places.h"

#include "base/vector.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_TEXT 1024
#define MOST_PARTS   16 /* containers within containers are few: see cycle_map.c */

struct label_info {
	enum label_kind kind;
	const char *text; /* as Python has it */
};

struct cycle_places {
	struct names *names;
	struct label_info *labels;
	uint32_t label_count;
	VECTOR_OF(struct cycle_place) places;
	uint32_t *slots; /* open addressing; CYCLE_PLACE_NONE is empty */
	size_t slot_count;
	bool failed;
};

/* Labels that are more than a member of a struct. */
static const struct {
	const char *label;
	enum label_kind kind;
} kinds[] = {
	{"[]", LABEL_ITEM},
	{"key", LABEL_KEY},
	{"value", LABEL_VALUE},
	{"dict", LABEL_DICT},
	{"func_closure", LABEL_CLOSURE},
	{"ob_ref", LABEL_CELL},
	{"gi_frame", LABEL_FRAME_OF},
	{"cr_frame", LABEL_FRAME_OF},
	{"ag_frame", LABEL_FRAME_OF},
	{"tb_next", LABEL_NEXT},
	{"traceback", LABEL_ERROR},
	{"context", LABEL_ERROR},
	{"cause", LABEL_ERROR},
};

static enum label_kind label_kind(const char *label)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (!strcmp(kinds[i].label, label))
			return kinds[i].kind;
	return LABEL_MEMBER;
}

static struct label_info read_label(const char *label, const char *expression)
{
	if (label[0] == '.')
		return (struct label_info){LABEL_ATTRIBUTE, label};
	if (!strncmp(label, "local ", 6))
		return (struct label_info){LABEL_LOCAL, label + 6};
	if (expression && !*expression)
		return (struct label_info){LABEL_DICT, ".__dict__"};
	if (!strcmp(label, "value"))
		return (struct label_info){LABEL_VALUE, "[]"};
	if (!strcmp(label, "key"))
		return (struct label_info){LABEL_KEY, " key"};
	return (struct label_info){label_kind(label), expression ? expression : label};
}

static bool resize(struct cycle_places *places, size_t slot_count);

struct cycle_places *cycle_places_create(const struct names *labels,
					 const struct label_style *styles, uint32_t count)
{
	struct cycle_places *places = calloc(1, sizeof(*places));

	if (!places)
		return NULL;
	places->names = names_create();
	places->label_count = names_count(labels);
	places->labels = calloc((size_t)places->label_count + 1, sizeof(*places->labels));
	if (!places->names || !places->labels || !resize(places, 4096)) {
		cycle_places_free(places);
		return NULL;
	}
	for (uint32_t i = 0; i < places->label_count; i++)
		places->labels[i] = read_label(names_get(labels, i),
					       i < count ? styles[i].expression : NULL);
	return places;
}

void cycle_places_free(struct cycle_places *places)
{
	if (!places)
		return;
	names_free(places->names);
	free(places->labels);
	vector_release(&places->places);
	free(places->slots);
	free(places);
}

enum label_kind cycle_places_label_kind(const struct cycle_places *places, uint32_t label)
{
	return places->labels[label].kind;
}

struct names *cycle_places_names(struct cycle_places *places)
{
	return places->names;
}

bool cycle_places_failed(const struct cycle_places *places)
{
	return places->failed;
}

uint32_t cycle_places_count(const struct cycle_places *places)
{
	return (uint32_t)places->places.count;
}

const struct cycle_place *cycle_places_get(const struct cycle_places *places, uint32_t place)
{
	return &places->places.items[place];
}

static bool is_same(const struct cycle_place *place, uint32_t parent,
		    struct cycle_place_part part)
{
	return place->parent == parent && place->part.label == part.label &&
	       place->part.name == part.name && place->part.own == part.own;
}

static uint32_t *slot_of(const struct cycle_places *places, uint32_t parent,
			 struct cycle_place_part part)
{
	uint64_t hash = (uint64_t)parent << 32 ^ (uint64_t)part.label << 12 ^ part.name ^
			(uint64_t)part.own << 63;
	size_t at = (hash * 0x9E3779B97F4A7C15ull) >> 32 & (places->slot_count - 1);

	while (places->slots[at] != CYCLE_PLACE_NONE &&
	       !is_same(&places->places.items[places->slots[at]], parent, part))
		at = (at + 1) & (places->slot_count - 1);
	return &places->slots[at];
}

static bool resize(struct cycle_places *places, size_t slot_count)
{
	uint32_t *slots = malloc(slot_count * sizeof(*slots));

	if (!slots)
		return false;
	memset(slots, 0xff, slot_count * sizeof(*slots));
	free(places->slots);
	places->slots = slots;
	places->slot_count = slot_count;
	for (uint32_t i = 0; i < places->places.count; i++) {
		const struct cycle_place *place = &places->places.items[i];

		*slot_of(places, place->parent, place->part) = i;
	}
	return true;
}

uint32_t cycle_places_add(struct cycle_places *places, uint32_t parent,
			  struct cycle_place_part part)
{
	uint32_t *slot = slot_of(places, parent, part);

	if (*slot != CYCLE_PLACE_NONE)
		return *slot;
	if (places->places.count * 2 >= places->slot_count) {
		if (!resize(places, places->slot_count * 2)) {
			places->failed = true;
			return 0;
		}
		slot = slot_of(places, parent, part);
	}
	if (!vector_push(&places->places, ((struct cycle_place){parent, part}))) {
		places->failed = true;
		return 0;
	}
	return *slot = (uint32_t)(places->places.count - 1);
}

/* A part and the one before it, which may be written with it. */
struct written {
	const struct cycle_place_part *part;
	enum label_kind kind, before;
	bool is_named, next_is_named;
};

/* Attributes, variables of closures and locals of generators are written without the dicts,
 * cells and frames that they are in. */
static bool is_left_out(const struct written *written)
{
	switch (written->kind) {
	case LABEL_DICT:
	case LABEL_CLOSURE:
		return written->next_is_named;
	case LABEL_CELL:
		return written->before == LABEL_CLOSURE;
	case LABEL_FRAME_OF:
		return written->next_is_named;
	default:
		return false;
	}
}

static void write_part(const struct cycle_places *places, const struct written *written,
		       char *ret, size_t size)
{
	const char *text = places->labels[written->part->label].text;
	const char *name = written->is_named && written->part->name != NAME_NONE
				   ? names_get(places->names, written->part->name)
				   : "";

	if (is_left_out(written))
		*ret = '\0';
	else if (written->kind == LABEL_LOCAL)
		snprintf(ret, size, " local '%s'", text);
	else if (*name && written->before == LABEL_CLOSURE)
		snprintf(ret, size, " closure '%s'", name);
	else if (*name && written->before == LABEL_DICT)
		snprintf(ret, size, ".%s", name);
	else if (*name)
		snprintf(ret, size, "['%s']", name);
	else
		snprintf(ret, size, "%s%s", strchr(".[ ", *text) ? "" : ".", text);
}

static bool is_named(const struct cycle_places *places, const struct cycle_place_part *part)
{
	return part->name != NAME_NONE || places->labels[part->label].kind == LABEL_LOCAL;
}

/* Of "function app.handle.<locals>.again" or "app.Node", the last name. */
static const char *last_name(const char *owner)
{
	const char *last = owner;

	for (; *owner; owner++)
		if (*owner == '.' || *owner == ' ')
			last = owner + 1;
	return last;
}

static const char *write_place(const struct cycle_places *places, uint32_t place, bool is_short,
			       struct arena *arena)
{
	const struct cycle_place_part *parts[MOST_PARTS];
	char text[LONGEST_TEXT], part[LONGEST_TEXT];
	size_t count = 0, filled;
	enum label_kind before = LABEL_MEMBER;
	const char *owner;

	for (; places->places.items[place].parent != CYCLE_PLACE_NONE;
	     place = places->places.items[place].parent)
		if (count < MOST_PARTS)
			parts[count++] = &places->places.items[place].part;
	owner = names_get(places->names, places->places.items[place].part.name);
	filled =
		(size_t)snprintf(text, sizeof(text), "%s", is_short ? last_name(owner) : owner);
	while (count-- > 0 && filled < sizeof(text)) {
		struct written written = {
			.part = parts[count],
			.kind = places->labels[parts[count]->label].kind,
			.before = before,
			.is_named = is_named(places, parts[count]),
			.next_is_named = count && is_named(places, parts[count - 1]),
		};

		write_part(places, &written, part, sizeof(part));
		filled += (size_t)snprintf(text + filled, sizeof(text) - filled, "%s", part);
		/* What is in a cell comes two parts after the closure. */
		if (!(before == LABEL_CLOSURE && written.kind == LABEL_ITEM))
			before = written.kind;
	}
	return arena_string(arena, text);
}

const char *cycle_places_text(const struct cycle_places *places, uint32_t place,
			      struct arena *arena)
{
	return write_place(places, place, false, arena);
}

const char *cycle_places_short_text(const struct cycle_places *places, uint32_t place,
				    struct arena *arena)
{
	return write_place(places, place, true, arena);
}
