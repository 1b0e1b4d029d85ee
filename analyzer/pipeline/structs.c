#include "pipeline/structs.h"

#define DEPTH_LIMIT  16
#define MOST_MEMBERS 4096u /* of one struct */

/* A struct or union within the one that is being added. */
struct level {
	uint32_t type;
	uint32_t next;   /* of its members */
	uint64_t offset; /* bytes from the outermost struct */
	const char *path;
};

struct listing {
	struct structs *structs;
	const struct debug_info *debug;
	uint32_t owner;
	size_t first; /* of its members among the snapshot's */
	struct level levels[DEPTH_LIMIT];
	size_t depth;
};

void structs_release(struct structs *structs)
{
	key_map_release(&structs->known);
}

static const char *path_to(struct listing *listing, const struct level *level, const char *name)
{
	const char *path = arena_format(listing->structs->arena, "%s%s%s", level->path,
					*level->path && *name ? "." : "", name);

	return path ? path : "";
}

static const char *type_text(struct listing *listing, uint32_t id)
{
	const struct debug_type *type;
	const char *text;
	int stars = 0;

	while (id != DEBUG_NONE && debug_type(listing->debug, id)->kind == DEBUG_POINTER &&
	       stars < 8) {
		id = debug_type(listing->debug, id)->target;
		stars++;
	}
	type = id == DEBUG_NONE ? NULL : debug_type(listing->debug, id);
	text = arena_format(listing->structs->arena, "%s%s%s%.*s",
			    !type || type->kind == DEBUG_BASE || type->kind == DEBUG_FUNCTION
				    ? ""
			    : type->kind == DEBUG_UNION ? "union "
			    : type->kind == DEBUG_ENUM  ? "enum "
			    : type->kind == DEBUG_ARRAY ? ""
							: "struct ",
			    !type                          ? "void"
			    : type->kind == DEBUG_FUNCTION ? "function"
			    : *type->name                  ? type->name
			    : type->kind == DEBUG_ARRAY    ? "array"
							   : "(unnamed)",
			    stars ? " " : "", stars, "********");
	return text ? text : "";
}

static void add_member(struct listing *listing, const struct level *level,
		       const struct debug_member *member)
{
	struct snapshot *snapshot = listing->structs->snapshot;
	struct snapshot_member row = {
		.owner = listing->owner, .offset = level->offset + member->offset, .count = 1};
	uint32_t type = member->type;
	bool is_compound;

	for (int i = 0; i < DEPTH_LIMIT && type != DEBUG_NONE &&
			debug_type(listing->debug, type)->kind == DEBUG_ARRAY;
	     i++) {
		row.count *= debug_type(listing->debug, type)->count;
		type = debug_type(listing->debug, type)->target;
	}
	if (type == DEBUG_NONE || snapshot->members.count - listing->first >= MOST_MEMBERS)
		return;
	row.size = debug_type(listing->debug, type)->size;
	row.name = path_to(listing, level, member->name);
	is_compound = debug_type(listing->debug, type)->member_count &&
		      debug_type(listing->debug, type)->kind != DEBUG_ENUM;
	if (is_compound && row.count == 1 && listing->depth < DEPTH_LIMIT) {
		listing->levels[listing->depth++] =
			(struct level){.type = type, .offset = row.offset, .path = row.name};
		return;
	}
	row.type = type_text(listing, type);
	vector_push(&snapshot->members, row);
}

static void add_members(struct listing *listing)
{
	while (listing->depth > 0) {
		struct level *level = &listing->levels[listing->depth - 1];
		const struct debug_type *type = debug_type(listing->debug, level->type);
		struct level at = *level;

		if (level->next == type->member_count) {
			listing->depth--;
			continue;
		}
		add_member(listing, &at,
			   debug_member(listing->debug, type->first_member + level->next++));
	}
}

void structs_add(struct structs *structs, const struct debug_info *debug, uint32_t id)
{
	const struct debug_type *type = debug_type(debug, id);
	struct snapshot *snapshot = structs->snapshot;
	uint32_t fresh = (uint32_t)snapshot->structs.count;
	struct listing listing = {.structs = structs,
				  .debug = debug,
				  .owner = fresh,
				  .first = snapshot->members.count};
	const uint32_t *place;

	if ((type->kind != DEBUG_STRUCT && type->kind != DEBUG_UNION) || !*type->name)
		return;
	place = key_map_add(&structs->known, key_mix_text(key_mix(1, type->kind), type->name),
			    fresh);
	if (!place || *place != fresh)
		return;
	vector_push(&snapshot->structs, ((struct snapshot_struct){type->name, type->size,
								  type->kind == DEBUG_UNION}));
	listing.levels[listing.depth++] = (struct level){.type = id, .path = ""};
	add_members(&listing);
}
