#include "debuginfo/flat.h"

#include "debuginfo/debug_info.h"

#include <stdlib.h>

void flat_release(struct flat *flat)
{
#define FLAT_RELEASE(name, type) vector_release(&flat->name);
	FLAT_ARRAYS(FLAT_RELEASE)
#undef FLAT_RELEASE
	key_map_release(&flat->texts);
}

bool flat_failed(const struct flat *flat)
{
	bool failed = flat->texts.failed;

#define FLAT_FAILED(name, type) failed |= flat->name.failed;
	FLAT_ARRAYS(FLAT_FAILED)
#undef FLAT_FAILED
	return failed;
}

static uint32_t append(struct flat *flat, const char *text, size_t length)
{
	size_t offset = flat->strings.count;

	if (offset + length + 1 > UINT32_MAX || !vector_reserve(&flat->strings, length + 1))
		return 0;
	memcpy(flat->strings.items + offset, text, length);
	flat->strings.items[offset + length] = '\0';
	flat->strings.count += length + 1;
	return (uint32_t)offset;
}

uint32_t flat_string(struct flat *flat, const char *text)
{
	uint32_t *place;

	if (flat->strings.count == 0)
		append(flat, "", 0);
	if (*text == '\0')
		return 0;
	place = key_map_add(&flat->texts, key_mix_text(1, text), 0);
	if (!place)
		return 0;
	if (*place == 0)
		*place = append(flat, text, strlen(text));
	else if (strcmp(flat->strings.items + *place, text) != 0)
		return append(flat, text, strlen(text));
	return *place;
}

uint32_t flat_symbol(struct flat *flat, const char *name)
{
	static const char *const suffixes[] = {".lto_priv", ".constprop", ".isra", ".part",
					       ".llvm"};
	const char *dot = strchr(name, '.');
	char buf[512];

	if (!dot || dot == name || (size_t)(dot - name) >= sizeof(buf))
		return flat_string(flat, name);
	for (size_t i = 0; i < ARRAY_COUNT(suffixes); i++) {
		if (strncmp(dot, suffixes[i], strlen(suffixes[i])) != 0)
			continue;
		memcpy(buf, name, (size_t)(dot - name));
		buf[dot - name] = '\0';
		return flat_string(flat, buf);
	}
	return flat_string(flat, name);
}

static bool is_string(const struct flat *flat, uint32_t name)
{
	return name < flat->strings.count;
}

static bool is_type(const struct flat *flat, uint32_t type)
{
	return type < flat->types.count || type == DEBUG_NONE;
}

static bool is_slice(uint32_t first, uint32_t count, size_t all)
{
	return first <= all && count <= all - first;
}

static bool types_are_valid(const struct flat *flat)
{
	vector_each (&flat->types, type) {
		if (!is_string(flat, type->name) || !is_type(flat, type->target) ||
		    type->kind > DEBUG_DECLARATION ||
		    !is_slice(type->first_member, type->member_count, flat->members.count))
			return false;
	}
	vector_each (&flat->members, member) {
		if (!is_string(flat, member->name) || !is_type(flat, member->type))
			return false;
	}
	vector_each (&flat->aliases, alias) {
		if (!is_string(flat, alias->name) || alias->type >= flat->types.count)
			return false;
	}
	vector_each (&flat->enumerators, enumerator) {
		if (!is_string(flat, enumerator->name))
			return false;
	}
	return true;
}

static bool variables_are_valid(const struct flat *flat)
{
	vector_each (&flat->variables, variable) {
		if (!is_string(flat, variable->name) || !is_string(flat, variable->function) ||
		    !is_type(flat, variable->type))
			return false;
		if (variable > flat->variables.items &&
		    variable[-1].address > variable->address)
			return false;
	}
	return true;
}

static bool functions_are_valid(const struct flat *flat)
{
	vector_each (&flat->functions, function) {
		if (!is_string(flat, function->name) ||
		    !is_slice(function->first_operand, function->operand_count,
			      flat->operands.count))
			return false;
		if (function > flat->functions.items && function[-1].low > function->low)
			return false;
	}
	vector_each (&flat->operands, operand) {
		if (!is_string(flat, operand->name) || operand->type >= flat->types.count ||
		    operand->role > DEBUG_INLINED)
			return false;
	}
	vector_each (&flat->entries, entry) {
		if (entry->function >= flat->functions.count)
			return false;
		if (entry > flat->entries.items && entry[-1].address > entry->address)
			return false;
	}
	return true;
}

bool flat_is_valid(const struct flat *flat)
{
	if (flat->strings.count == 0 || flat->strings.items[0] != '\0' ||
	    flat->strings.items[flat->strings.count - 1] != '\0')
		return false;
	return types_are_valid(flat) && variables_are_valid(flat) && functions_are_valid(flat);
}
