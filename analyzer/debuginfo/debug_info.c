/*
 * The arrays behind the queries, made from flat records, with hash indexes over the names.
 */
#include "debuginfo/debug_info.h"

#include "debuginfo/debug_cache.h"
#include "debuginfo/debug_file.h"
#include "debuginfo/debug_reader.h"
#include "debuginfo/flat.h"
#include "debuginfo/key_map.h"

#include <stdlib.h>

#define NAME_KEY 1
/* Unnamed structs within unnamed structs, arrays of arrays: damage goes deeper, C does not. */
#define DEPTH_LIMIT 16

struct enumerator {
	const char *name;
	int64_t value;
};

struct entry {
	addr_t address;
	uint32_t function;
};

struct debug_info {
	char *path;
	struct binary *binary; /* the detached file, or NULL */
	char *strings;
	struct debug_type *types;
	uint32_t *next_named; /* by type: the next complete one of its name, or DEBUG_NONE */
	struct debug_member *members;
	struct debug_variable *variables;
	struct debug_function *functions;
	struct debug_operand *operands;
	struct enumerator *enumerators;
	struct entry *entries;
	size_t type_count, variable_count, function_count, enumerator_count, entry_count;
	struct key_map types_by_name, aliases_by_name, variables_by_name, functions_by_name,
		enumerators_by_name;
};

static bool copy_types(struct debug_info *info, const struct flat *flat)
{
	info->type_count = flat->types.count;
	info->types = calloc(flat->types.count + 1, sizeof(*info->types));
	info->next_named = malloc((flat->types.count + 1) * sizeof(*info->next_named));
	info->members = calloc(flat->members.count + 1, sizeof(*info->members));
	if (!info->types || !info->next_named || !info->members)
		return false;
	for (size_t i = 0; i < flat->types.count; i++) {
		const struct flat_type *from = &flat->types.items[i];

		info->types[i] = (struct debug_type){
			(enum debug_kind)from->kind,
			info->strings + from->name,
			from->size,
			from->target,
			from->count,
			from->first_member,
			from->member_count,
			from->is_signed != 0,
		};
	}
	for (size_t i = 0; i < flat->members.count; i++) {
		const struct flat_member *from = &flat->members.items[i];

		info->members[i] =
			(struct debug_member){info->strings + from->name, from->type,
					      from->offset, from->bit_size, from->bit_offset};
	}
	return true;
}

static bool copy_variables(struct debug_info *info, const struct flat *flat)
{
	info->variable_count = flat->variables.count;
	info->variables = calloc(flat->variables.count + 1, sizeof(*info->variables));
	info->enumerator_count = flat->enumerators.count;
	info->enumerators = calloc(flat->enumerators.count + 1, sizeof(*info->enumerators));
	if (!info->variables || !info->enumerators)
		return false;
	for (size_t i = 0; i < flat->variables.count; i++) {
		const struct flat_variable *from = &flat->variables.items[i];

		info->variables[i] = (struct debug_variable){
			info->strings + from->name,
			info->strings + from->function,
			from->address,
			from->type,
			from->flags & FLAT_EXTERNAL,
			(from->flags & FLAT_THREAD_LOCAL) != 0,
		};
	}
	for (size_t i = 0; i < flat->enumerators.count; i++) {
		info->enumerators[i].name = info->strings + flat->enumerators.items[i].name;
		info->enumerators[i].value = (int64_t)flat->enumerators.items[i].value;
	}
	return true;
}

static bool copy_functions(struct debug_info *info, const struct flat *flat)
{
	info->function_count = flat->functions.count;
	info->functions = calloc(flat->functions.count + 1, sizeof(*info->functions));
	info->operands = calloc(flat->operands.count + 1, sizeof(*info->operands));
	info->entry_count = flat->entries.count;
	info->entries = calloc(flat->entries.count + 1, sizeof(*info->entries));
	if (!info->functions || !info->operands || !info->entries)
		return false;
	for (size_t i = 0; i < flat->functions.count; i++) {
		const struct flat_function *from = &flat->functions.items[i];

		info->functions[i] = (struct debug_function){
			info->strings + from->name, from->low,          from->high, from->unit,
			from->first_operand,        from->operand_count};
	}
	for (size_t i = 0; i < flat->operands.count; i++) {
		const struct flat_operand *from = &flat->operands.items[i];

		info->operands[i] = (struct debug_operand){
			info->strings + from->name, from->type, (enum debug_role)from->role};
	}
	for (size_t i = 0; i < flat->entries.count; i++)
		info->entries[i] = (struct entry){flat->entries.items[i].address,
						  flat->entries.items[i].function};
	return true;
}

static bool is_complete(const struct debug_type *type)
{
	return type->kind == DEBUG_STRUCT || type->kind == DEBUG_UNION ||
	       type->kind == DEBUG_ENUM;
}

/* Puts the last one of a name first, so that going backwards leaves the first one there. */
static void index_types(struct debug_info *info)
{
	for (uint32_t i = (uint32_t)info->type_count; i-- > 0;) {
		uint32_t *first;

		info->next_named[i] = DEBUG_NONE;
		if (!is_complete(&info->types[i]) || !*info->types[i].name)
			continue;
		first = key_map_add(&info->types_by_name,
				    key_mix_text(NAME_KEY, info->types[i].name), DEBUG_NONE);
		if (!first)
			return;
		info->next_named[i] = *first;
		*first = i;
	}
}

static bool index_names(struct debug_info *info, const struct flat *flat)
{
	index_types(info);
	vector_each (&flat->aliases, alias)
		key_map_add(&info->aliases_by_name,
			    key_mix_text(NAME_KEY, info->strings + alias->name), alias->type);
	for (uint32_t i = 0; i < info->variable_count; i++) {
		const struct debug_variable *variable = &info->variables[i];
		uint32_t *place = key_map_add(&info->variables_by_name,
					      key_mix_text(NAME_KEY, variable->name), i);

		if (place && variable->is_external && !info->variables[*place].is_external)
			*place = i;
	}
	for (uint32_t i = 0; i < info->function_count; i++)
		key_map_add(&info->functions_by_name,
			    key_mix_text(NAME_KEY, info->functions[i].name), i);
	for (uint32_t i = 0; i < info->enumerator_count; i++)
		key_map_add(&info->enumerators_by_name,
			    key_mix_text(NAME_KEY, info->enumerators[i].name), i);
	return !info->types_by_name.failed && !info->aliases_by_name.failed &&
	       !info->variables_by_name.failed && !info->functions_by_name.failed &&
	       !info->enumerators_by_name.failed;
}

/* `flat` must be valid. */
static bool fill(struct debug_info *info, const struct flat *flat)
{
	info->strings = malloc(flat->strings.count);
	if (!info->strings)
		return false;
	memcpy(info->strings, flat->strings.items, flat->strings.count);
	return copy_types(info, flat) && copy_variables(info, flat) &&
	       copy_functions(info, flat) && index_names(info, flat);
}

/* What the cache does not have, and then has. */
static bool read_flat(const struct binary *binary, const struct binary *file,
		      const struct debug_options *options, struct flat *ret, struct error *err)
{
	const struct build_id *id = binary_build_id(binary);
	const char *path = binary_path(file);
	bool whole;

	if (!debug_reader_read(path, options->anomalies, ret, &whole, err))
		return false;
	if (!flat_is_valid(ret))
		return error_set(err, ERROR_FORMAT, "%s: its debug info is damaged", path);
	if (whole)
		debug_cache_write(options->cache_dir, id, ret);
	return true;
}

static bool load(struct debug_info *info, const struct binary *binary,
		 const struct debug_options *options, struct error *err)
{
	CLEANUP(flat_release) struct flat flat = {0};
	bool cached = debug_cache_read(options->cache_dir, binary_build_id(binary), &flat);
	struct error missing = {0};

	/* A cached module's debug package may be gone; only its symbols are missed then. */
	if (!debug_file_find(binary, options, &info->binary, cached ? &missing : err) &&
	    !cached)
		return false;
	info->path = strdup(binary_path(info->binary ? info->binary : binary));
	if (!info->path)
		return error_out_of_memory(err, "reading debug info");
	if (!cached &&
	    !read_flat(binary, info->binary ? info->binary : binary, options, &flat, err))
		return false;
	return fill(info, &flat) || error_out_of_memory(err, "reading debug info");
}

struct debug_info *debug_info_open(const struct binary *binary,
				   const struct debug_options *options, struct error *err)
{
	CLEANUP(debug_info_closep) struct debug_info *info = calloc(1, sizeof(*info));

	if (!info) {
		error_out_of_memory(err, "reading debug info");
		return NULL;
	}
	return load(info, binary, options, err) ? TAKE(info) : NULL;
}

void debug_info_close(struct debug_info *info)
{
	if (!info)
		return;
	if (info->binary)
		binary_close(info->binary);
	free(info->path);
	free(info->strings);
	free(info->types);
	free(info->next_named);
	free(info->members);
	free(info->variables);
	free(info->functions);
	free(info->operands);
	free(info->enumerators);
	free(info->entries);
	key_map_release(&info->types_by_name);
	key_map_release(&info->aliases_by_name);
	key_map_release(&info->variables_by_name);
	key_map_release(&info->functions_by_name);
	key_map_release(&info->enumerators_by_name);
	free(info);
}

const char *debug_info_path(const struct debug_info *info)
{
	return info->path;
}

const struct binary *debug_info_binary(const struct debug_info *info)
{
	return info->binary;
}

size_t debug_type_count(const struct debug_info *info)
{
	return info->type_count;
}

const struct debug_type *debug_type(const struct debug_info *info, uint32_t id)
{
	return &info->types[id];
}

const struct debug_member *debug_member(const struct debug_info *info, uint32_t index)
{
	return &info->members[index];
}

static uint32_t named(const struct key_map *map, const char *name)
{
	const uint32_t *place = key_map_find(map, key_mix_text(NAME_KEY, name));

	return place ? *place : DEBUG_NONE;
}

uint32_t debug_type_named(const struct debug_info *info, const char *name)
{
	uint32_t id = named(&info->types_by_name, name);

	return id != DEBUG_NONE ? id : named(&info->aliases_by_name, name);
}

uint32_t debug_type_next_named(const struct debug_info *info, uint32_t id)
{
	return info->next_named[id];
}

bool debug_enumerator(const struct debug_info *info, const char *name, int64_t *ret)
{
	uint32_t index = named(&info->enumerators_by_name, name);

	if (index == DEBUG_NONE)
		return false;
	*ret = info->enumerators[index].value;
	return true;
}

size_t debug_variable_count(const struct debug_info *info)
{
	return info->variable_count;
}

const struct debug_variable *debug_variable(const struct debug_info *info, size_t index)
{
	return &info->variables[index];
}

bool debug_variable_named(const struct debug_info *info, const char *name,
			  const struct debug_variable **ret)
{
	uint32_t index = named(&info->variables_by_name, name);

	if (index == DEBUG_NONE)
		return false;
	*ret = &info->variables[index];
	return true;
}

size_t debug_function_count(const struct debug_info *info)
{
	return info->function_count;
}

const struct debug_function *debug_function(const struct debug_info *info, size_t index)
{
	return &info->functions[index];
}

const struct debug_function *debug_function_at(const struct debug_info *info, addr_t address)
{
	size_t low = 0, high = info->entry_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (info->entries[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == info->entry_count || info->entries[low].address != address)
		return NULL;
	return &info->functions[info->entries[low].function];
}

const struct debug_function *debug_function_named(const struct debug_info *info,
						  const char *name)
{
	uint32_t index = named(&info->functions_by_name, name);

	return index == DEBUG_NONE ? NULL : &info->functions[index];
}

const struct debug_operand *debug_operand(const struct debug_info *info, uint32_t index)
{
	return &info->operands[index];
}

static bool is_struct(const struct debug_info *info, uint32_t type)
{
	return type != DEBUG_NONE && (info->types[type].kind == DEBUG_STRUCT ||
				      info->types[type].kind == DEBUG_UNION);
}

/* An array's elements; itself if it is none. */
static uint32_t element_of(const struct debug_info *info, uint32_t type)
{
	for (int i = 0; i < DEPTH_LIMIT && type != DEBUG_NONE; i++) {
		if (info->types[type].kind != DEBUG_ARRAY)
			return type;
		type = info->types[type].target;
	}
	return DEBUG_NONE;
}

/* Where an unnamed struct is being looked through. */
struct place {
	uint32_t type;
	uint32_t next; /* of its members */
	uint64_t offset;
};

/* A member by name, unnamed structs' members included; adds to ret->offset. */
static bool member_named(const struct debug_info *info, uint32_t type, const char *name,
			 size_t length, struct debug_field *ret)
{
	struct place places[DEPTH_LIMIT] = {{.type = type}};
	size_t depth = 1;

	while (depth > 0) {
		struct place *place = &places[depth - 1];
		const struct debug_type *outer = &info->types[place->type];
		const struct debug_member *member;

		if (place->next == outer->member_count) {
			depth--;
			continue;
		}
		member = &info->members[outer->first_member + place->next++];
		if (strncmp(member->name, name, length) == 0 && member->name[length] == '\0') {
			ret->offset += place->offset + member->offset;
			ret->type = member->type;
			ret->bit_size = member->bit_size;
			ret->bit_offset = member->bit_offset;
			return true;
		}
		if (!*member->name && is_struct(info, member->type) && depth < DEPTH_LIMIT)
			places[depth++] = (struct place){
				.type = member->type, .offset = place->offset + member->offset};
	}
	return false;
}

bool debug_field(const struct debug_info *info, uint32_t type, const char *path,
		 struct debug_field *ret)
{
	struct debug_field field = {.type = type};

	if (!is_struct(info, type))
		return false;
	while (*path) {
		size_t length = strcspn(path, ".");
		uint32_t outer = element_of(info, field.type);

		if (!is_struct(info, outer) || length == 0 ||
		    !member_named(info, outer, path, length, &field))
			return false;
		path += length;
		path += *path == '.';
	}
	if (field.type == DEBUG_NONE)
		return false;
	field.size = info->types[field.type].size;
	*ret = field;
	return true;
}
