#include "support/steps_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct word {
	uint32_t source, target;
	const char *site;
};

static uint32_t node_of(char letter, const char *order)
{
	const char *at = order ? strchr(order, letter) : NULL;

	return order ? (uint32_t)(at - order) : (uint32_t)(letter - 'a');
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static uint32_t read_words(struct built_steps *built, const char *order, struct word *words)
{
	uint32_t count = 0;
	char *state = NULL;

	for (char *word = strtok_r(built->text, " ", &state); word;
	     word = strtok_r(NULL, " ", &state)) {
		char *end = strchr(word, '>');

		cr_assert(end && word[1] == '-', "%s", word);
		*end = '\0';
		words[count++] = (struct word){node_of(word[0], order), node_of(end[1], order),
					       word + 2};
	}
	return count;
}

static void number_sites(struct built_steps *built, const struct word *words, uint32_t count)
{
	const char *texts[STEPS_MOST * STEPS_MOST];

	for (uint32_t i = 0; i < count; i++)
		texts[i] = words[i].site;
	qsort(texts, count, sizeof(*texts), compare_texts);
	for (uint32_t i = 0; i < count; i++) {
		if (i && !strcmp(texts[i], texts[i - 1]))
			continue;
		built->site_hash[built->steps.site_count] = 0;
		for (const char *at = texts[i]; *at; at++)
			built->site_hash[built->steps.site_count] =
				built->site_hash[built->steps.site_count] * 31 + (uint8_t)*at;
		built->site_text[built->steps.site_count++] = texts[i];
	}
}

uint32_t built_site(const struct built_steps *built, const char *text)
{
	for (uint32_t i = 0; i < built->steps.site_count; i++)
		if (!strcmp(built->site_text[i], text))
			return i;
	return SITE_NONE;
}

/* Of each node by site. */
static void add_steps(struct built_steps *built, const struct word *words, uint32_t count)
{
	uint32_t filled = 0;

	for (uint32_t node = 0; node < built->steps.node_count; node++) {
		built->first_step[node] = filled;
		for (uint32_t site = 0; site < built->steps.site_count; site++)
			for (uint32_t i = 0; i < count; i++)
				if (words[i].source == node &&
				    !strcmp(words[i].site, built->site_text[site]))
					built->step[filled++] =
						(struct cycle_step){site, words[i].target};
	}
	built->first_step[built->steps.node_count] = filled;
}

void build_steps(struct built_steps *built, const char *text, const char *order)
{
	struct word words[STEPS_MOST * STEPS_MOST];
	uint32_t count;

	*built = (struct built_steps){.steps = {.part_count = 1}};
	snprintf(built->text, sizeof(built->text), "%s", text);
	count = read_words(built, order, words);
	for (uint32_t i = 0; i < count; i++) {
		if (words[i].source >= built->steps.node_count)
			built->steps.node_count = words[i].source + 1;
		if (words[i].target >= built->steps.node_count)
			built->steps.node_count = words[i].target + 1;
	}
	number_sites(built, words, count);
	add_steps(built, words, count);
	for (uint32_t node = 0; node < built->steps.node_count; node++)
		built->object[node] = node;
	built->first_node[1] = built->steps.node_count;
	built->steps.first_node = built->first_node;
	built->steps.object = built->object;
	built->steps.first_step = built->first_step;
	built->steps.steps = built->step;
	built->steps.site_hash = built->site_hash;
}
