/*
 * Opening a module's debug info, and the queries.
 */
#include "debuginfo/debug_info.h"

#include "base/search.h"
#include "debuginfo/debug_cache.h"
#include "debuginfo/debug_file.h"
#include "debuginfo/debug_reader.h"
#include "debuginfo/debug_tables.h"

#include <stdlib.h>

/* Unnamed structs within unnamed structs, arrays of arrays: damage goes deeper, C does not. */
#define DEPTH_LIMIT 16

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
	const struct binary *file;

	/* A cached module's debug package may be gone; only its symbols are missed then. */
	if (!debug_file_find(binary, options, &info->binary, cached ? &missing : err) &&
	    !cached)
		return false;
	file = info->binary ? info->binary : binary;
	info->path = strdup(binary_path(file));
	if (!info->path)
		return error_out_of_memory(err, "reading debug info");
	if (binary_has_section(file, ".gnu_debugaltlink"))
		anomaly_record(options->anomalies, "debuginfo", 0,
			       "debug info that dwz moved to a supplement is not read");
	if (!cached && !read_flat(binary, file, options, &flat, err))
		return false;
	return debug_tables_fill(info, &flat) || error_out_of_memory(err, "reading debug info");
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
	debug_tables_release(info);
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
	const uint32_t *place = key_map_find(map, debug_tables_key(name));

	return place ? *place : DEBUG_NONE;
}

uint32_t debug_type_named(const struct debug_info *info, const char *name)
{
	uint32_t id = named(&info->types_by_name, name);

	return id != DEBUG_NONE ? id : named(&info->aliases_by_name, name);
}

uint32_t debug_type_next_named(const struct debug_info *info, uint32_t id)
{
	return id < info->type_count ? info->next_named[id] : DEBUG_NONE;
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
	size_t at = count_leading(info->entry_count, i, info->entries[i].address < address);

	if (at == info->entry_count || info->entries[at].address != address)
		return NULL;
	return &info->functions[info->entries[at].function];
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
