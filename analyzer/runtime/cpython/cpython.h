/*
 * CPython: its interpreter's state, its type objects, and which references its objects have.
 */
#ifndef RUNTIME_CPYTHON_CPYTHON_H
#define RUNTIME_CPYTHON_CPYTHON_H

#include "runtime/runtime.h"

extern const struct runtime_ops cpython_runtime;

#endif
