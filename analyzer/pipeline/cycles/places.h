/*
 * How references are written: "app.Node.children[]", "frame handle() local 'error'".  A place
 * is an owner, or a part behind another place; the same parts in the same order are the same
 * place.
 */
#ifndef PIPELINE_PLACES_H
#define PIPELINE_PLACES_H

#include "base/arena.h"
#include "base/names.h"
#include "runtime/runtime.h"

#define PLACE_NONE UINT32_MAX

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

struct places;

/* Labels and the styles of the first `count` of them live as long as the places. */
struct places *places_create(const struct names *labels, const struct label_style *styles,
			     uint32_t count);
void places_free(struct places *places);

enum label_kind places_label_kind(const struct places *places, uint32_t label);

/* `own`: it leads to what the language ties up by itself; such a place is one of its own. */
struct place_part {
	uint32_t label; /* NAME_NONE: an owner, whose text `name` is */
	uint32_t name;  /* of a key or variable, in places_names(); NAME_NONE: none */
	bool own;
};
/* The place of the part behind `parent`, which is PLACE_NONE for an owner's. */
uint32_t places_add(struct places *places, uint32_t parent, struct place_part part);

struct names *places_names(struct places *places);
bool places_failed(const struct places *places);
uint32_t places_count(const struct places *places);

struct place {
	uint32_t parent;
	struct place_part part;
};
const struct place *places_get(const struct places *places, uint32_t place);

/* The whole text.  NULL when out of memory. */
const char *places_text(const struct places *places, uint32_t place, struct arena *arena);
/* The same without the module of the owner's type, and without what kind of object it is. */
const char *places_short_text(const struct places *places, uint32_t place, struct arena *arena);

#endif
