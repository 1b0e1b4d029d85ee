/*
 * Steps for tests, from a line of text: "a-parent>b b-child>a".  Nodes are letters from a on,
 * sites are words and are numbered by their texts.
 */
#ifndef SUPPORT_STEPS_BUILDER_H
#define SUPPORT_STEPS_BUILDER_H

#include "analysis/cycle_steps.h"

#define STEPS_MOST 26

struct built_steps {
	struct cycle_steps steps; /* one component of all nodes; object n is node n */
	const char *site_text[STEPS_MOST * STEPS_MOST];
	uint32_t first_node[2], object[STEPS_MOST], first_step[STEPS_MOST + 1];
	struct cycle_step step[STEPS_MOST * STEPS_MOST];
	uint64_t site_hash[STEPS_MOST * STEPS_MOST];
	char text[1024];
};

/* `order` says which letter is which node: "ba" makes b node 0; NULL: a is. */
void build_steps(struct built_steps *built, const char *text, const char *order);
uint32_t built_site(const struct built_steps *built, const char *text);

#endif
