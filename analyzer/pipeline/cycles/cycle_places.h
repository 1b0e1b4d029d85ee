/*
 * How references are written: "app.Node.children[]", "frame handle() local 'error'".  A place
 * is an owner, or a part behind another place; the same parts in the same order are the same
 * place.
 */
#ifndef PIPELINE_CYCLE_PLACES_H
#define PIPELINE_CYCLE_PLACES_H

#include "base/arena.h"
#include "base/names.h"
#include "runtime/runtime.h"

#define CYCLE_PLACE_NONE UINT32_MAX

/* What a label is, where that decides how it is written or what can be done about it. */
enum label_kind {
	LABEL_MEMBER,    /* of a C struct */
	LABEL_ATTRIBUTE, /* ".user" */
	LABEL_ITEM,      /* "[]" */
	LABEL_KEY,
	LABEL_VALUE,
	LABEL_DICT,     /* the dict of an object's attributes */
	LABEL_CLOSURE,  /* the tuple of a function's cells */
	LABEL_CELL,     /* what is in one */
	LABEL_FRAME_OF, /* a generator's frame */
	LABEL_LOCAL,    /* "local x" */
	LABEL_NEXT,     /* traceback.tb_next */
	LABEL_ERROR,    /* what an exception refers to: traceback, context, cause */
};

struct cycle_places;

/* Labels and the styles of the first `count` of them live as long as the places. */
struct cycle_places *cycle_places_create(const struct names *labels,
					 const struct label_style *styles, uint32_t count);
void cycle_places_free(struct cycle_places *places);

enum label_kind cycle_places_label_kind(const struct cycle_places *places, uint32_t label);

/* `own`: it leads to what the language ties up by itself; such a place is one of its own. */
struct cycle_place_part {
	uint32_t label; /* NAME_NONE: an owner, whose text `name` is */
	uint32_t name;  /* of a key or variable, in cycle_places_names(); NAME_NONE: none */
	bool own;
};
/* The place of the part behind `parent`, which is CYCLE_PLACE_NONE for an owner's. */
uint32_t cycle_places_add(struct cycle_places *places, uint32_t parent,
			  struct cycle_place_part part);

struct names *cycle_places_names(struct cycle_places *places);
bool cycle_places_failed(const struct cycle_places *places);
uint32_t cycle_places_count(const struct cycle_places *places);

struct cycle_place {
	uint32_t parent;
	struct cycle_place_part part;
};
const struct cycle_place *cycle_places_get(const struct cycle_places *places, uint32_t place);

/* The whole text.  NULL when out of memory. */
const char *cycle_places_text(const struct cycle_places *places, uint32_t place,
			      struct arena *arena);
/* The same without the module of the owner's type, and without what kind of object it is. */
const char *cycle_places_short_text(const struct cycle_places *places, uint32_t place,
				    struct arena *arena);

#endif
