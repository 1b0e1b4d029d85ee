/*
 * What a holder's surroundings tell of how things came to be held, and what to do about it.
 */
#ifndef PIPELINE_FINDINGS_CLUES_H
#define PIPELINE_FINDINGS_CLUES_H

#include "pipeline/findings/holder.h"

struct clue {
	const char *name;   /* what a person calls the holder, and not its type; or NULL */
	const char *words;  /* for the evidence; "" if it says no more than the title */
	const char *advice; /* a sentence without a full stop */
	unsigned certainty;
};

/* Of a holder that is not described, only its object set, less can be told. */
struct clue clue_of(const struct findings *findings, const struct holder *holder);

#endif
