#include "analysis/expression.h"

#include "graph/graph.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* Of a long path the first and the last steps are written. */
enum { MOST_STEPS = 24, FIRST_STEPS = 8, LAST_STEPS = 6, KEY_SIZE = 400 };

struct writer {
	const struct expression_source *source;
	char *text;
	size_t length;
	bool in_namespace; /* the last step was one, and is not written yet */
};

static void append(struct writer *writer, const char *text)
{
	size_t length = strlen(text);

	if (writer->length + length >= EXPRESSION_SIZE)
		length = EXPRESSION_SIZE - 1 - writer->length;
	memcpy(writer->text + writer->length, text, length);
	writer->length += length;
	writer->text[writer->length] = '\0';
}

static bool is_identifier(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_' && !((unsigned char)*text & 0x80))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' &&
		    !((unsigned char)*text & 0x80))
			return false;
	return true;
}

static bool is_text(const char *type)
{
	return !strcmp(type, "builtins.str") || !strcmp(type, "str");
}

/* Types whose value is what one would type. */
static bool is_literal(const char *type)
{
	static const char *const types[] = {"builtins.int",      "builtins.bool",
					    "builtins.float",    "builtins.bytes",
					    "builtins.NoneType", "builtins.complex"};

	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

/* Quotes stand in values as they are; the rest is escaped already. */
static void write_quoted(const char *value, char *ret, size_t size)
{
	size_t length = 0;

	for (; *value && length + 4 < size; value++) {
		if (*value == '\'')
			ret[length++] = '\\';
		ret[length++] = *value;
	}
	ret[length] = '\0';
}

static void write_key(const struct expression_step *step, bool after_namespace, char *ret,
		      size_t size)
{
	const char *type = step->key_type, *value = step->key_value;
	char quoted[KEY_SIZE];

	if (!type) {
		snprintf(ret, size, "[?]");
	} else if (is_text(type) && value) {
		if (after_namespace && is_identifier(value)) {
			snprintf(ret, size, ".%s", value);
			return;
		}
		write_quoted(value, quoted, sizeof(quoted));
		snprintf(ret, size, "['%s']", quoted);
	} else if (is_literal(type) && value) {
		snprintf(ret, size, "[%s]", value);
	} else {
		snprintf(ret, size, "[<%s%s%s>]", type, value ? " " : "", value ? value : "");
	}
}

bool expression_is_namespace(const struct expression_step *step)
{
	return step->expression && !*step->expression;
}

void expression_write_step(const struct expression_step *step, bool after_namespace, char *ret,
			   size_t size)
{
	const char *text = step->expression ? step->expression : step->label;

	if (!strcmp(step->label, "value"))
		write_key(step, after_namespace, ret, size);
	else if (!strcmp(step->label, "[]"))
		snprintf(ret, size, "[%" PRIu32 "]", step->ordinal);
	else if (!strcmp(step->label, "key"))
		snprintf(ret, size, ".keys()[%" PRIu32 "]", step->ordinal / 2);
	else
		snprintf(ret, size, "%s%s", strchr(".[<", *text) ? "" : ".", text);
}

void expression_write_rootless(const char *state, const char *type, addr_t address, char *ret,
			       size_t size)
{
	snprintf(ret, size, "<%s%s%s at 0x%" PRIx64 ">", strcmp(state, "live") ? state : "",
		 strcmp(state, "live") ? " " : "", type, address);
}

static void append_step(struct writer *writer, const struct expression_step *step)
{
	char text[KEY_SIZE + 64];
	bool is_value = !strcmp(step->label, "value");

	if (expression_is_namespace(step)) {
		if (writer->in_namespace)
			append(writer, ".__dict__");
		writer->in_namespace = true;
		return;
	}
	expression_write_step(step, writer->in_namespace, text, sizeof(text));
	if (writer->in_namespace && (!is_value || text[0] != '.'))
		append(writer, ".__dict__");
	writer->in_namespace = false;
	append(writer, text);
}

static bool append_start(struct writer *writer, uint32_t object)
{
	char text[KEY_SIZE];

	if (!writer->source->start(writer->source->context, object, text, sizeof(text)))
		return false;
	append(writer, text);
	return true;
}

static bool read_step(const struct writer *writer, uint32_t object, struct expression_step *ret)
{
	return writer->source->step(writer->source->context, object, ret);
}

/* The ancestor of a depth, over the jumps. */
static bool find_ancestor(const struct writer *writer, uint32_t *object, uint32_t depth)
{
	struct expression_step step, jump;

	if (!read_step(writer, *object, &step))
		return false;
	while (step.depth > depth && step.parent != OBJECT_NONE) {
		*object = read_step(writer, step.jump, &jump) && jump.depth >= depth
				  ? step.jump
				  : step.parent;
		if (!read_step(writer, *object, &step))
			return false;
	}
	return true;
}

/* The objects from `object` up its path, `count` at most, into chain; how many. */
static uint32_t climb(const struct writer *writer, uint32_t object, uint32_t *chain,
		      uint32_t count)
{
	struct expression_step step;
	uint32_t filled = 0;

	while (filled < count) {
		chain[filled++] = object;
		if (!read_step(writer, object, &step) || step.parent == OBJECT_NONE)
			break;
		object = step.parent;
	}
	return filled;
}

static bool append_steps(struct writer *writer, uint32_t object, uint32_t count)
{
	uint32_t chain[MOST_STEPS + 1];
	struct expression_step step;
	uint32_t filled = climb(writer, object, chain, count);

	while (filled-- > 0) {
		if (!read_step(writer, chain[filled], &step))
			return false;
		if (step.parent != OBJECT_NONE)
			append_step(writer, &step);
		else if (!append_start(writer, chain[filled]))
			return false;
	}
	return true;
}

static bool append_long(struct writer *writer, uint32_t object, uint32_t depth)
{
	uint32_t ancestor = object;
	char text[64];

	if (!find_ancestor(writer, &ancestor, FIRST_STEPS) ||
	    !append_steps(writer, ancestor, FIRST_STEPS + 1))
		return false;
	writer->in_namespace = false;
	snprintf(text, sizeof(text), " … %" PRIu32 " steps … ",
		 depth - FIRST_STEPS - LAST_STEPS);
	append(writer, text);
	return append_steps(writer, object, LAST_STEPS);
}

bool expression_write(const struct expression_source *source, uint32_t object, char *ret)
{
	struct writer writer = {.source = source, .text = ret};
	struct expression_step step;
	bool done;

	ret[0] = '\0';
	if (!read_step(&writer, object, &step))
		return false;
	done = step.depth > MOST_STEPS ? append_long(&writer, object, step.depth)
				       : append_steps(&writer, object, MOST_STEPS + 1);
	if (done && writer.in_namespace)
		append(&writer, ".__dict__");
	return done;
}
