/*
 * Graphs for tests: small ones from a line of text, random ones, and long ones.
 */
#ifndef SUPPORT_GRAPH_BUILDER_H
#define SUPPORT_GRAPH_BUILDER_H

#include "graph/graph.h"

/* Objects of a text, by letter. */
enum { A, B, C, D, E, F, G, H };

/*
 * Words, separated by spaces.  Objects are letters from a on; object a is number 0.
 *   a->b   traversed     a+>b   counted     a~>b   weak     a.>b   borrowed     a?>b   guess
 *   !a     a C variable refers to a         ?a     a word of a stack looks like a
 *   @a     a running C function may hold a; all of them are one's, that holds one
 *   a:rc2  its count is 2   a:size9  bytes  a:owned9  bytes  a:static-2  a static root that
 *          explains -2 references           a:immortal   a:untracked
 * An object's count is unreadable unless given, its size 1; it is tracked.
 */
struct graph *graph_from_text(const char *text);

#define RANDOM_OBJECTS 16

/* Of at most RANDOM_OBJECTS objects, with everything that a graph can have. */
struct graph *random_graph(uint64_t *state);
uint32_t random_below(uint64_t *state, uint32_t bound);

/* A root that refers to object 0, and each object to the next; with `closed`, the last one to
 * the first.  Sizes and counts are 1. */
enum chain_end { CHAIN_OPEN, CHAIN_CLOSED };
struct graph *chain_graph(uint32_t length, enum chain_end end);

#endif
