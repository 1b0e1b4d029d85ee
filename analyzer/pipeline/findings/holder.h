/*
 * What is known of one holder: of an object where bytes accumulate, or of several alike.
 */
#ifndef PIPELINE_FINDINGS_HOLDER_H
#define PIPELINE_FINDINGS_HOLDER_H

#include "pipeline/findings/owners.h"

enum { HOLDER_TYPES = 3, HOLDER_STEPS = 4 };

/* Objects of one type. */
struct type_count {
	uint32_t type;
	uint64_t objects, bytes;
};

struct holder {
	uint32_t object; /* what holds */
	uint32_t named;  /* the object that a person would name: whose namespace that is */
	uint64_t bytes; /* that it retains; if not alone: its own and those below it on paths */
	uint64_t native;   /* of these, blocks of the objects' C libraries */
	uint32_t keeper;   /* the nearest that retains nearly all below it, or OBJECT_NONE */
	bool alone;        /* nothing else holds a large part of them: all of it goes with it */
	const char *parts; /* of one that is told for several: ".by_id, .by_name"; "" */
	/* Ids of what below it has a finding of its own, and is not counted here: "3, 7"; or "". */
	const char *apart;
	uint64_t entries;        /* elements, keys and values apart from names */
	struct type_count entry; /* the type that has most of their bytes */
	struct type_count
		contents[HOLDER_TYPES]; /* of all below, by own bytes; objects 0: none */
	const char *pattern;            /* where below it most of it is: "[*].canvas"; "" */
	struct type_count most;         /* what is there */
	uint64_t objects, below;        /* of all below, and their bytes; itself included */
	uint64_t *below_by_type; /* [types] of these, bytes at and below objects of a type */
};

/* The holder at owners->found.items[index]. */
bool holder_describe(const struct findings *findings, const struct owners *owners,
		     uint32_t index, struct holder *ret, struct error *err);
void holder_release(struct holder *holder);

#endif
