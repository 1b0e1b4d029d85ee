/*
 * Which line of its source an instruction of a code object comes from.
 *
 * Refuses to know: frames.
 */
#ifndef RUNTIME_CPYTHON_LINES_H
#define RUNTIME_CPYTHON_LINES_H

#include "runtime/cpython/python.h"

/*
 * `instruction`: bytes from the first instruction; negative: before it, which counts as the
 * line of the definition.  0 if the instruction has no line, or if the table is damaged or not
 * in the dump.
 */
uint32_t code_line(const struct python *python, addr_t code, int64_t instruction);

#endif
