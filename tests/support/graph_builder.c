#include "support/graph_builder.h"

#include "graph/builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define LETTERS 26

static const char kind_marks[REFERENCE_KINDS + 1] = "-+~.?";

static addr_t address_of(uint32_t number)
{
	return 0x7f0000000000 + number * 0x40ull;
}

static struct graph *finish(struct graph_builder *builder)
{
	struct error err = {0};
	uint64_t dangling;
	struct graph *graph = graph_builder_finish(builder, &dangling, &err);

	cr_assert(graph, "%s", err.message);
	graph_builder_free(builder);
	return graph;
}

static void add_root(struct graph_builder *builder, uint32_t object, enum root_kind kind,
		     int64_t counted)
{
	graph_builder_root(builder, address_of(object),
			   &(struct graph_root){
				   .kind = kind,
				   .thread = OBJECT_NONE,
				   .frame = OBJECT_NONE,
				   .counted = counted,
				   .call = 1,
				   .most = 1,
			   });
}

/* Calls on each word that begins with `letter`, or on all if it is 0. */
static const char *next_word(const char *word, char letter)
{
	while (*word) {
		word += strspn(word, " ");
		if (*word && (!letter || *word == letter))
			return word;
		word += strcspn(word, " ");
	}
	return NULL;
}

static bool number_after(const char *word, const char *key, int64_t *ret)
{
	if (strncmp(word + 1, key, strlen(key)) != 0)
		return false;
	*ret = strtoll(word + 1 + strlen(key), NULL, 10);
	return true;
}

static void describe_object(struct graph_object *object, int64_t *owned, const char *text,
			    char letter)
{
	int64_t number;

	for (const char *word = next_word(text, letter); word;
	     word = next_word(word + strcspn(word, " "), letter)) {
		if (number_after(word, ":rc", &object->refcount))
			object->flags |= OBJECT_COUNTED;
		else if (number_after(word, ":size", &number))
			object->size = (uint64_t)number;
		else if (strncmp(word + 1, ":immortal", 9) == 0)
			object->flags |= OBJECT_IMMORTAL;
		else if (strncmp(word + 1, ":untracked", 10) == 0)
			object->flags &= (uint8_t)~OBJECT_TRACKED;
		else
			number_after(word, ":owned", owned);
	}
}

static void add_references(struct graph_builder *builder, const char *text, char letter)
{
	for (const char *word = next_word(text, letter); word;
	     word = next_word(word + strcspn(word, " "), letter)) {
		const char *mark = word[1] ? strchr(kind_marks, word[1]) : NULL;

		if (mark && word[2] == '>')
			graph_builder_reference(builder, address_of((uint32_t)(word[3] - 'a')),
						0, (enum reference_kind)(mark - kind_marks));
	}
}

static void add_roots(struct graph_builder *builder, const char *text)
{
	for (const char *word = next_word(text, 0); word;
	     word = next_word(word + strcspn(word, " "), 0)) {
		int64_t counted;

		if (*word == '!')
			add_root(builder, (uint32_t)(word[1] - 'a'), ROOT_GLOBAL, 1);
		else if (*word == '@')
			add_root(builder, (uint32_t)(word[1] - 'a'), ROOT_C_LOCAL, 1);
		else if (*word == '?')
			add_root(builder, (uint32_t)(word[1] - 'a'), ROOT_STACK, 0);
		else if (number_after(word, ":static", &counted))
			add_root(builder, (uint32_t)(*word - 'a'), ROOT_STATIC, counted);
	}
}

static bool is_mentioned(const char *text, char letter)
{
	for (const char *word = next_word(text, 0); word;
	     word = next_word(word + strcspn(word, " "), 0)) {
		bool is_root = strchr("!?@", *word);
		bool is_reference = word[1] && word[2] == '>';

		if (word[is_root] == letter || (is_reference && word[3] == letter))
			return true;
	}
	return false;
}

struct graph *graph_from_text(const char *text)
{
	struct graph_builder *builder = graph_builder_create();

	cr_assert(builder);
	for (uint32_t i = LETTERS; i-- > 0;) { /* any order will do */
		char letter = (char)('a' + (int)i);
		struct graph_object object = {
			.address = address_of(i), .size = 1, .flags = OBJECT_TRACKED};
		int64_t owned = 0;

		if (!is_mentioned(text, letter))
			continue;
		describe_object(&object, &owned, text, letter);
		graph_builder_object(builder, &object);
		graph_builder_owned(builder, (uint64_t)owned);
		add_references(builder, text, letter);
	}
	add_roots(builder, text);
	return finish(builder);
}

uint32_t random_below(uint64_t *state, uint32_t bound)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*state >> 33) % bound;
}

static void add_random_object(struct graph_builder *builder, uint64_t *state, uint32_t number,
			      uint32_t count)
{
	struct graph_object object = {
		.address = address_of(number),
		.size = random_below(state, 100),
		.refcount = (int64_t)random_below(state, 4),
		.flags = random_below(state, 8) ? OBJECT_COUNTED : 0,
	};

	if (random_below(state, 24) == 0)
		object.flags |= OBJECT_IMMORTAL;
	if (random_below(state, 4))
		object.flags |= OBJECT_TRACKED;
	graph_builder_object(builder, &object);
	graph_builder_owned(builder, random_below(state, 10));
	for (uint32_t left = random_below(state, 4); left > 0; left--) {
		bool counted = random_below(state, 8) > 0;

		graph_builder_reference(builder, address_of(random_below(state, count)), left,
					counted ? random_below(state, 2)
						: random_below(state, REFERENCE_KINDS));
	}
}

struct graph *random_graph(uint64_t *state)
{
	struct graph_builder *builder = graph_builder_create();
	uint32_t count = 1 + random_below(state, RANDOM_OBJECTS);

	cr_assert(builder);
	for (uint32_t i = 0; i < count; i++)
		add_random_object(builder, state, i, count);
	for (uint32_t left = random_below(state, 4); left > 0; left--) {
		enum root_kind kind = random_below(state, ROOT_KINDS);

		add_root(builder, random_below(state, count), kind,
			 (int64_t)random_below(state, 4) - 1);
	}
	return finish(builder);
}

struct graph *chain_graph(uint32_t length, enum chain_end end)
{
	struct graph_builder *builder = graph_builder_create();

	cr_assert(builder);
	for (uint32_t i = 0; i < length; i++) {
		graph_builder_object(builder, &(struct graph_object){
						      .address = address_of(i),
						      .size = 1,
						      .refcount = 1,
						      .flags = OBJECT_COUNTED,
					      });
		if (i + 1 < length)
			graph_builder_reference(builder, address_of(i + 1), 0,
						REFERENCE_TRAVERSED);
	}
	if (end == CHAIN_CLOSED)
		graph_builder_reference(builder, address_of(0), 0, REFERENCE_TRAVERSED);
	add_root(builder, 0, ROOT_GLOBAL, 1);
	return finish(builder);
}
