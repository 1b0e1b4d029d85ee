/*
 * The kinds of findings, one file each: findings.c asks them in turn and ranks what they add.
 *
 * How to add one: a file here with a finding_fn (several findings of it are fine), its name
 * below, and its line in kinds[] of findings.c.  It adds nothing where nothing is worth a
 * person's time.
 *
 * The rank is by bytes * certainty / 100, and says nothing of severity:
 *   bytes      what would be won if the advice were followed, all of it, nothing twice
 *   certainty  percent: how sure it is that this is a fault and not how the program works
 * Severity is for the reader: critical, warning, info.
 *
 * Texts.  title: one line without a full stop, what it is and in whose words ("20,000
 * parser.Node objects in dropped cycles").  evidence: what was seen, with the numbers.
 * advice: what to do, in terms of the program.  query: SQL whose rows add up to the numbers.
 */
#ifndef PIPELINE_FINDINGS_KINDS_H
#define PIPELINE_FINDINGS_KINDS_H

#include "pipeline/collect.h"
#include "pipeline/verdict.h"
#include "store/snapshot.h"

/* How sure a finding is that it has found a fault. */
enum {
	CERTAINTY_PROVEN = 100, /* lost: no program means it */
	CERTAINTY_LIKELY = 50,  /* out of the ordinary, but it may be meant */
	CERTAINTY_HINT = 10,    /* true, and rarely the cause */
};

#define REPEATED 10u /* objects, from which on a fault is no accident of the start */

struct findings {
	const struct collection *collection;
	struct snapshot *snapshot;
	struct arena *arena;            /* for texts */
	struct verdict_figures figures; /* of the whole memory, bytes */
};

typedef bool finding_fn(struct findings *findings, struct error *err);

finding_fn find_verdict, find_holders, find_refcount, find_garbage, find_native,
	find_native_use, find_pins, find_retention, find_waste;

/* Nothing is added where a text is NULL: out of memory, which the arena's user need not check. */
void findings_add(struct findings *findings, const struct snapshot_finding *finding);

/* Texts for people, in the findings' arena: "20,000"; "19.1 KiB"; and percent of the memory. */
const char *findings_count(const struct findings *findings, uint64_t count);
const char *findings_bytes(const struct findings *findings, uint64_t bytes);
unsigned findings_percent(const struct findings *findings, uint64_t bytes);
/* Ids of objects for SQL's IN: "3, 7"; "": there are none. */
const char *findings_ids(const struct findings *findings, const uint32_t *objects,
			 size_t count);

/* What to do about the memory of a C library that an object has. */
extern const char findings_native_advice[];

/* Of what may be meant: a warning if it has half of the whole memory or more. */
const char *findings_severity(const struct findings *findings, uint64_t bytes);

struct leak_sum {
	uint64_t rows, objects, bytes;
};
struct leak_sum findings_sum_leaks(const struct findings *findings, enum leak_kind kind,
				   enum leak_grade grade);

#endif
