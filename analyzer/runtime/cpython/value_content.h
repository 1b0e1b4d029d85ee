/*
 * objects.content: what tells an immutable object from another one of its type that stands at
 * the same address in a later dump.  Reads all of a value, where values.h reads a short text.
 */
#ifndef RUNTIME_CPYTHON_VALUE_CONTENT_H
#define RUNTIME_CPYTHON_VALUE_CONTENT_H

#include "runtime/cpython/values.h"
#include "runtime/runtime.h"

struct value_content;
/* By the type's own name; NULL: its instances change. */
const struct value_content *value_content_named(const char *type_name);

/* form: of its text; or NULL. */
enum content_kind value_content(struct value_source *source,
				const struct value_content *content,
				const struct value_form *form, uint64_t *ret);

#endif
