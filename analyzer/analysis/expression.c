#include "analysis/expression.h"

#include "graph/graph.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

enum { KEY_SIZE = 400 };

static void append(struct expression *expression, const char *text)
{
	size_t length = strlen(text);

	if (expression->length + length >= EXPRESSION_SIZE)
		length = EXPRESSION_SIZE - 1 - expression->length;
	memcpy(expression->text + expression->length, text, length);
	expression->length += length;
	expression->text[expression->length] = '\0';
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

static bool is_namespace(const struct expression_step *step)
{
	return step->expression && !*step->expression;
}

static void write_step(const struct expression_step *step, bool after_namespace, char *ret,
		       size_t size)
{
	static const char local[] = "local "; /* of a frame that is not running, a generator */
	const char *text = step->expression ? step->expression : step->label;

	if (!strcmp(step->label, "value"))
		write_key(step, after_namespace, ret, size);
	else if (!strcmp(step->label, "[]"))
		snprintf(ret, size, "[%" PRIu32 "]", step->ordinal);
	else if (!strcmp(step->label, "key"))
		snprintf(ret, size, ".keys()[%" PRIu32 "]", step->ordinal / 2);
	else if (!strncmp(text, local, strlen(local)))
		snprintf(ret, size, " local '%s'", text + strlen(local));
	else
		snprintf(ret, size, "%s%s", strchr(".[<", *text) ? "" : ".", text);
}

void expression_write_rootless(const char *state, const char *type, addr_t address, char *ret,
			       size_t size)
{
	snprintf(ret, size, "<%s%s%s at 0x%" PRIx64 ">", strcmp(state, "live") ? state : "",
		 strcmp(state, "live") ? " " : "", type, address);
}

void expression_start(struct expression *expression, const char *text)
{
	expression->length = 0;
	expression->in_namespace = false;
	append(expression, text);
}

void expression_append(struct expression *expression, const struct expression_step *step)
{
	char text[KEY_SIZE + 64];
	bool is_value = !strcmp(step->label, "value");

	if (is_namespace(step)) {
		if (expression->in_namespace)
			append(expression, ".__dict__");
		expression->in_namespace = true;
		return;
	}
	write_step(step, expression->in_namespace, text, sizeof(text));
	if (expression->in_namespace && (!is_value || text[0] != '.'))
		append(expression, ".__dict__");
	expression->in_namespace = false;
	append(expression, text);
}

void expression_skip(struct expression *expression, uint32_t steps)
{
	char text[64];

	expression->in_namespace = false;
	snprintf(text, sizeof(text), " … %" PRIu32 " steps … ", steps);
	append(expression, text);
}

void expression_finish(struct expression *expression)
{
	if (expression->in_namespace)
		append(expression, ".__dict__");
	expression->in_namespace = false;
}

static bool read_step(const struct expression_source *source, uint32_t object,
		      struct expression_step *ret)
{
	return source->step(source->context, object, ret);
}

/* The ancestor of a depth, over the jumps. */
static bool find_ancestor(const struct expression_source *source, uint32_t *object,
			  uint32_t depth)
{
	struct expression_step step, jump;

	if (!read_step(source, *object, &step))
		return false;
	while (step.depth > depth && step.parent != OBJECT_NONE) {
		uint32_t far = step.jump, near = step.parent;

		*object = read_step(source, far, &jump) && jump.depth >= depth ? far : near;
		if (!read_step(source, *object, &step))
			return false;
	}
	return true;
}

/* The objects from `object` up its path, `count` at most, into chain; how many. */
static uint32_t climb(const struct expression_source *source, uint32_t object, uint32_t *chain,
		      uint32_t count)
{
	struct expression_step step;
	uint32_t filled = 0;

	while (filled < count) {
		chain[filled++] = object;
		if (!read_step(source, object, &step) || step.parent == OBJECT_NONE)
			break;
		object = step.parent;
	}
	return filled;
}

static bool append_steps(const struct expression_source *source, uint32_t object,
			 uint32_t count, struct expression *ret)
{
	uint32_t chain[EXPRESSION_STEPS + 1];
	uint32_t filled = climb(source, object, chain, count);
	struct expression_step step;
	char start[KEY_SIZE];

	while (filled-- > 0) {
		if (!read_step(source, chain[filled], &step))
			return false;
		if (step.parent != OBJECT_NONE)
			expression_append(ret, &step);
		else if (source->start(source->context, chain[filled], start, sizeof(start)))
			expression_start(ret, start);
		else
			return false;
	}
	return true;
}

static bool append_long(const struct expression_source *source, uint32_t object, uint32_t depth,
			struct expression *ret)
{
	uint32_t ancestor = object;

	if (!find_ancestor(source, &ancestor, EXPRESSION_FIRST) ||
	    !append_steps(source, ancestor, EXPRESSION_FIRST + 1, ret))
		return false;
	expression_skip(ret, depth - EXPRESSION_FIRST - EXPRESSION_LAST);
	return append_steps(source, object, EXPRESSION_LAST, ret);
}

bool expression_write(const struct expression_source *source, uint32_t object,
		      struct expression *ret)
{
	struct expression_step step;
	bool done;

	expression_start(ret, "");
	if (!read_step(source, object, &step))
		return false;
	done = step.depth > EXPRESSION_STEPS
		       ? append_long(source, object, step.depth, ret)
		       : append_steps(source, object, EXPRESSION_STEPS + 1, ret);
	expression_finish(ret);
	return done;
}
