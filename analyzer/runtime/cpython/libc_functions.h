/*
 * Functions of the C library that traverse functions call, by what they are meant to do: the
 * library's own code for them is picked at run time, for processors with wide vectors.
 */
#ifndef RUNTIME_CPYTHON_LIBC_FUNCTIONS_H
#define RUNTIME_CPYTHON_LIBC_FUNCTIONS_H

#include "runtime/cpython/x86_machine.h"

#define LIBC_NONE UINT32_MAX

/* Its number, 0 …, or LIBC_NONE. */
uint32_t libc_function_named(const char *symbol);

/* Does what it does, with its arguments in the registers; not the return.  False: gave up. */
bool libc_function_run(struct x86_machine *machine, uint32_t number);

#endif
