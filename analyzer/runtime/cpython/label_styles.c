#include "runtime/cpython/label_styles.h"

/*
 * The ordinary step has ORDINARY.  What is nearer: namespaces, which nobody writes.  What is
 * further: what the language put there.  A class leads to its bases and a function to its
 * module's globals, but that is not why those are alive.
 */
enum { NAMESPACE = 0, ORDINARY = 2, KEY = 6, MACHINERY = 8, FAR = 24 };

static const struct {
	const char *label;
	struct label_style style;
} styles[] = {
	{"md_dict", {"", NAMESPACE}},
	{"__dict__", {"", NAMESPACE}},
	{"tp_dict", {"", NAMESPACE}},
	{"ht_type.tp_dict", {"", NAMESPACE}},
	{"func_dict", {"", NAMESPACE}},
	{"cm_dict", {"", NAMESPACE}},
	{"sm_dict", {"", NAMESPACE}},
	{"localdict", {"", NAMESPACE}},
	{"dummies", {NULL, 1}}, /* of a threading.local: by thread */

	{"key", {NULL, KEY}},
	{"ob_type", {".__class__", FAR}},
	{"tp_base", {".__base__", FAR}},
	{"tp_bases", {".__bases__", FAR}},
	{"tp_mro", {".__mro__", FAR}},
	{"tp_subclasses", {".__subclasses__()", FAR}},
	{"ht_type.tp_base", {".__base__", FAR}},
	{"ht_type.tp_bases", {".__bases__", FAR}},
	{"ht_type.tp_mro", {".__mro__", FAR}},
	{"ht_type.tp_subclasses", {".__subclasses__()", FAR}},
	{"ht_cached_keys", {NULL, MACHINERY}},
	{"ht_module", {NULL, FAR}},
	{"ht_name", {".__name__", ORDINARY}},
	{"ht_qualname", {".__qualname__", ORDINARY}},
	{"d_common.d_type", {".__objclass__", FAR}},
	{"d_common.d_name", {".__name__", ORDINARY}},
	{"descr", {NULL, MACHINERY}},

	{"func_globals", {".__globals__", FAR}},
	{"func_builtins", {".__builtins__", FAR}},
	{"func_code", {".__code__", ORDINARY}},
	{"func_closure", {".__closure__", ORDINARY}},
	{"func_defaults", {".__defaults__", ORDINARY}},
	{"func_kwdefaults", {".__kwdefaults__", ORDINARY}},
	{"func_annotations", {".__annotations__", ORDINARY}},
	{"func_doc", {".__doc__", ORDINARY}},
	{"func_name", {".__name__", ORDINARY}},
	{"func_qualname", {".__qualname__", ORDINARY}},
	{"func_module", {".__module__", MACHINERY}},
	{"ob_ref", {".cell_contents", ORDINARY}},
	{"m_self", {".__self__", MACHINERY}},
	{"m_module", {".__module__", MACHINERY}},
	{"im_self", {".__self__", ORDINARY}},
	{"im_func", {".__func__", ORDINARY}},
	{"sm_callable", {".__func__", ORDINARY}},
	{"cm_callable", {".__func__", ORDINARY}},
	{"prop_get", {".fget", ORDINARY}},
	{"prop_set", {".fset", ORDINARY}},
	{"prop_del", {".fdel", ORDINARY}},
	{"prop_doc", {".__doc__", ORDINARY}},
	{"fn", {".func", ORDINARY}}, /* of a functools.partial */
	{"traceback", {".__traceback__", ORDINARY}},
	{"wr_callback", {".__callback__", ORDINARY}},
	{"f_back", {".f_back", MACHINERY}},
	{"f_globals", {".f_globals", FAR}},
	{"f_builtins", {".f_builtins", FAR}},
	{"root.next", {NULL, MACHINERY}}, /* of an lru_cache: its cache has the same */
	{"root.prev", {NULL, MACHINERY}},

	{"interpreter.modules", {"modules", 0}},
	{"interpreter.imports.modules", {"modules", 0}}, /* 3.12 */
	{"interpreter.sysdict", {"sys.__dict__", 4}},
	{"interpreter.builtins", {"builtins.__dict__", 4}},
	{"thread.dict", {"dict", MACHINERY}},
	{"thread.async_gen_firstiter", {NULL, FAR}}, /* hooks: methods of the event loop */
	{"thread.async_gen_finalizer", {NULL, FAR}},
	{"interned", {NULL, FAR}},
	{"syntax tree", {NULL, MACHINERY}},
};

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

struct label_style cpython_label_style(const char *label)
{
	for (size_t i = 0; i < ARRAY_COUNT(styles); i++)
		if (strcmp(styles[i].label, label) == 0)
			return styles[i].style;
	if (begins_with(label, "interpreter.") || begins_with(label, "_PyRuntime.") ||
	    begins_with(label, "atexit."))
		return (struct label_style){NULL, MACHINERY};
	return (struct label_style){NULL, ORDINARY};
}
