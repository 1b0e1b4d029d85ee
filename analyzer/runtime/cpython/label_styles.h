/*
 * How a Python programmer writes a step along a reference, and how far it leads off the way on
 * which he would look for an object.
 *
 * How to add one: a line in label_styles.c.
 */
#ifndef CPYTHON_LABEL_STYLES_H
#define CPYTHON_LABEL_STYLES_H

#include "runtime/runtime.h"

struct label_style cpython_label_style(const char *label);

#endif
