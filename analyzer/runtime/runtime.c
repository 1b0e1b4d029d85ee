#include "runtime/runtime.h"

#include "runtime/cpython/cpython.h"

const struct runtime_ops *const runtimes[] = {
	&cpython_runtime,
	NULL,
};

const char *type_layout_name(enum type_layout layout)
{
	static const char *const names[] = {
		[LAYOUT_BUILTIN] = "builtin", [LAYOUT_DWARF] = "dwarf",
		[LAYOUT_SLOTS] = "slots",     [LAYOUT_GUESS] = "guess",
		[LAYOUT_OPAQUE] = "opaque",   [LAYOUT_TRAVERSE] = "traverse",
	};

	return names[layout];
}
