/*
 * Components as steps between objects with names, and how each step is written: attributes
 * and variables of the program, where the memory has dicts, cells and frames.
 */
#ifndef PIPELINE_CYCLE_MAP_H
#define PIPELINE_CYCLE_MAP_H

#include "analysis/cycle_steps.h"
#include "pipeline/cycles/cycle_places.h"
#include "pipeline/cycles/object_names.h"

/* What a site is to somebody who would break a cycle there. */
enum site_kind {
	SITE_FIXED,     /* nothing that a programmer wrote */
	SITE_ATTRIBUTE, /* of an object or a class */
	SITE_ITEM,      /* of a container */
	SITE_VARIABLE,  /* of a frame or generator */
	SITE_CLOSURE,   /* of a function */
	SITE_ERROR,     /* what an exception keeps by itself */
};

struct site {
	const char *text;       /* "app.Node.parent" */
	const char *short_text; /* "Node.parent" */
	enum site_kind kind;
	bool own;      /* it leads to a class or a module: the language ties them up itself */
	bool is_bound; /* it holds a bound method, whose object it leads to */
	bool is_plain; /* some of what it leads to is no instance of a class of Python code */
	bool no_weak;  /* some of it cannot be referred to weakly */
};

struct cycle_map {
	struct cycle_steps steps;
	struct cycle_parts parts;
	uint32_t *part_of; /* [object_count] with the containers of its nodes; OBJECT_NONE */
	uint32_t *first_object; /* [part_count + 1] */
	uint32_t *objects;  /* of part p: first_object[p] … first_object[p+1]-1, ascending */
	struct site *sites; /* [steps.site_count] */
	bool *own;          /* [steps.site_count] the same as sites[].own */
	/* The sites of references between garbage, SITE_NONE of others; NULL: there is none. */
	uint32_t *site_of; /* [reference_count] */
};

/* From the snapshot's graph, reachability, components and values. */
bool cycle_map_make(const struct collection *collection, const struct snapshot *snapshot,
		    struct cycle_map *ret, struct error *err);
void cycle_map_release(struct cycle_map *map);

#endif
