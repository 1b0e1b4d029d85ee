/*
 * Components as a programmer sees them: objects with names of their own are nodes, and a step
 * is an attribute, an item or a variable that leads from one to another, through whatever
 * containers only the first one holds.  A step's site is how it is written, "app.Node.parent".
 *
 * Some sites are the language's own: they lead to classes and modules.  Without them a
 * component falls into parts, each the nodes of cycles that the program made; what is left of
 * it is a part of its own, which only such sites tie up.
 *
 * Refuses to know: what the texts of sites are, beyond their order.
 */
#ifndef ANALYSIS_CYCLE_STEPS_H
#define ANALYSIS_CYCLE_STEPS_H

#include "base/error.h"

#define SITE_NONE UINT32_MAX

struct cycle_step {
	uint32_t site;
	uint32_t target; /* node */
};

/* Consecutive nodes. */
struct node_range {
	uint32_t first, end;
};

/*
 * Nodes of part p are first_node[p] … first_node[p+1]-1; steps of node n are
 * steps[first_step[n]] … steps[first_step[n+1]-1], by site, and stay within its component.
 * The numbers of sites are in the order of their texts.
 */
struct cycle_steps {
	uint32_t part_count, node_count, site_count;
	uint32_t *first_node; /* [part_count + 1] */
	uint32_t *object;     /* [node_count] */
	uint32_t *first_step; /* [node_count + 1] */
	struct cycle_step *steps;
	uint64_t *site_hash; /* [site_count] the same for the same text in every run */
};

static inline struct node_range cycle_part_nodes(const struct cycle_steps *steps, uint32_t part)
{
	return (struct node_range){steps->first_node[part], steps->first_node[part + 1]};
}

static inline bool node_is_in(struct node_range nodes, uint32_t node)
{
	return node - nodes.first < nodes.end - nodes.first;
}

struct cycle_parts {
	uint32_t *component;   /* [part_count] ascending */
	bool *own;             /* [part_count] only the language's sites tie it up */
	uint32_t *node_number; /* [node_count] what became of the nodes as they were numbered */
};
/*
 * Parts that are components are taken apart; own[] tells which sites are the language's.  Nodes are
 * numbered anew: of each component first those of the program's parts, then the rest.
 */
bool cycle_parts_split(struct cycle_steps *steps, const bool *own, struct cycle_parts *ret,
		       struct error *err);
void cycle_parts_release(struct cycle_parts *parts);

/* Scratch of walks over nodes. */
struct cycle_walk {
	const struct cycle_steps *steps;
	uint32_t *count; /* [node_count] */
	uint32_t *queue; /* [node_count] */
};
/* False when out of memory. */
bool cycle_walk_init(struct cycle_walk *walk, const struct cycle_steps *steps);
void cycle_walk_release(struct cycle_walk *walk);

/*
 * How many of the nodes cycles lead to, or are part of one, when the steps of sites of which
 * skip[] is true (NULL: none) and those to other nodes are taken away; 0: there is no cycle
 * then.  For those nodes walk->count is not 0.
 */
uint32_t cycle_walk_trim(struct cycle_walk *walk, struct node_range nodes, const bool *skip);

#endif
