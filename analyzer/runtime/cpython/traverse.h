/*
 * What a tp_traverse or m_traverse function visits, told from its machine code: a member that
 * it visits is loaded from its struct, so a displacement that no load has is not visited.
 */
#ifndef RUNTIME_CPYTHON_TRAVERSE_H
#define RUNTIME_CPYTHON_TRAVERSE_H

#include "runtime/cpython/plan.h"

enum visit { VISIT_UNKNOWN, VISIT_YES, VISIT_NO };

/*
 * Does the function load a word at the offset of some struct?  Unknown: its code cannot be had.
 * `own` is the offset of a load that it needs to get at the struct, which one load that is no
 * argument of a call is taken for; or TRAVERSE_DIRECT.
 */
#define TRAVERSE_DIRECT UINT32_MAX
enum visit traverse_visits(const struct python *python, addr_t function, uint32_t offset,
			   uint32_t own);

/* Does the function look at a byte at the offset of some struct?  False where it cannot be told. */
bool traverse_tests_byte(const struct python *python, addr_t function, uint8_t offset);

#endif
