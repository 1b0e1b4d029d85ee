#include "debuginfo/layout.h"

#define NAME_SIZE 256

/* Copies the next alternative of "one|other" to ret and steps behind it; false at the end. */
static bool next_name(const char **names, char ret[NAME_SIZE])
{
	size_t length;

	if (!*names)
		return false;
	length = strcspn(*names, "|");
	if (length >= NAME_SIZE)
		return false;
	memcpy(ret, *names, length);
	ret[length] = '\0';
	*names = (*names)[length] == '|' ? *names + length + 1 : NULL;
	return true;
}

static bool find_path(const struct debug_info *info, uint32_t type, const char *paths,
		      struct debug_field *ret)
{
	char path[NAME_SIZE];

	while (next_name(&paths, path)) {
		if (debug_field(info, type, path, ret))
			return true;
	}
	return false;
}

/* Structs of other units may have the name, too: the first with the field is meant. */
static bool find_field(const struct debug_info *info, const struct field_spec *spec,
		       struct debug_field *ret)
{
	const char *names = spec->struct_names;
	char name[NAME_SIZE];

	while (next_name(&names, name)) {
		for (uint32_t type = debug_type_named(info, name); type != DEBUG_NONE;
		     type = debug_type_next_named(info, type)) {
			if (find_path(info, type, spec->path, ret) &&
			    ret->offset <= UINT32_MAX && ret->size <= UINT32_MAX)
				return true;
		}
	}
	return false;
}

static bool missing(const struct layout_source *source, const struct field_spec *spec,
		    struct error *err)
{
	const char *package = source->debug_package;

	return error_set(err, ERROR_FORMAT,
			 "%s: its debug info (%s) has no field %s in struct %s; install %s of "
			 "exactly this build",
			 source->module, debug_info_path(source->info),
			 *spec->path ? spec->path : "at all", spec->struct_names,
			 package ? package : "the debug package");
}

bool layout_resolve(const struct layout_source *source, const struct field_spec *specs,
		    size_t count, struct layout_field *ret, struct error *err)
{
	bool complete = true;

	for (size_t i = 0; i < count; i++) {
		struct debug_field field;

		ret[i] = (struct layout_field){.type = DEBUG_NONE};
		if (!find_field(source->info, &specs[i], &field)) {
			if (specs[i].required)
				complete = missing(source, &specs[i], err);
			continue;
		}
		ret[i] = (struct layout_field){
			.present = true,
			.bit_size = field.bit_size,
			.bit_offset = field.bit_offset,
			.offset = (uint32_t)field.offset,
			.size = (uint32_t)field.size,
			.type = field.type,
		};
	}
	return complete;
}

int64_t layout_constant(const struct debug_info *info, const char *names, int64_t fallback)
{
	char name[NAME_SIZE];
	int64_t value;

	while (next_name(&names, name)) {
		if (debug_enumerator(info, name, &value))
			return value;
	}
	return fallback;
}
