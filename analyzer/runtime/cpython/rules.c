/*
 * What C types do not say: which members of CPython's structs hold no count, and which ones
 * tp_traverse leaves out.  A struct of "*" matches any; a member ending in "*" matches a
 * prefix, one beginning with "*" a suffix.  The first match wins.
 */
#include "runtime/cpython/plan.h"

static const struct rule {
	const char *struct_name, *member;
	enum plan_rule rule;
} rules[] = {
	/* The collector's and Py_TRACE_REFS' links are no references. */
	{"*", "_ob_next", PLAN_SKIP},
	{"*", "_ob_prev", PLAN_SKIP},
	{"*", "ob_type", PLAN_SKIP},
	{"gc_generation", "head", PLAN_SKIP},
	/* Free lists keep stale pointers past their count. */
	{"*", "free_list*", PLAN_STALE},
	{"*", "freelist*", PLAN_STALE},
	{"*", "keys_free_list", PLAN_STALE},
	{"*", "value_freelist", PLAN_STALE},
	{"*", "asend_freelist", PLAN_STALE},
	/* Weak references: to the object, and back from it to the list of them. */
	{"_PyWeakReference", "wr_object", PLAN_WEAK},
	{"PyWeakReference", "wr_object", PLAN_WEAK},
	{"_PyWeakReference", "wr_prev", PLAN_SKIP},
	{"_PyWeakReference", "wr_next", PLAN_SKIP},
	{"*", "*weakreflist", PLAN_BORROWED},
	{"*", "*weaklist", PLAN_BORROWED},
	{"*", "*weakrefs", PLAN_BORROWED},
	{"_Py_interp_cached_objects", "weakref_descriptor", PLAN_DEFAULT},
	{"*", "weakref*", PLAN_BORROWED},
	/* Owned by who owns the holder, or by a table that outlives it. */
	{"PyModuleObject", "md_def", PLAN_BORROWED},
	{"PyModuleDef_Base", "m_copy", PLAN_COUNTED},
	{"*", "f_gen", PLAN_BORROWED},
	{"*", "d_base", PLAN_BORROWED},
	{"_specialization_cache", "getitem", PLAN_BORROWED},
	{"_specialization_cache", "init", PLAN_BORROWED},
	{"_ts", "frame", PLAN_BORROWED},
	{"_PyThreadStateImpl", "base_frame", PLAN_SKIP}, /* below a thread's first frame */
	{"_ts", "trace_info", PLAN_SKIP},
	{"_ts", "_threadstate*", PLAN_SKIP},
	{"_ts", "on_delete_data", PLAN_OBJECT}, /* a weak reference to the thread's lock */
	{"", "func", PLAN_OBJECT},              /* signal handlers, as atomic integers */
	{"type_cache_entry", "value", PLAN_BORROWED},
	{"method_cache_entry", "value", PLAN_BORROWED},
	{"*", "callable_cache", PLAN_BORROWED},
	{"*", "type_version_cache", PLAN_BORROWED},
	{"*", "func_version_cache", PLAN_BORROWED},
	{"*", "slots_cache", PLAN_BORROWED},
	{"*", "var_cached", PLAN_BORROWED},
	{"*", "localdict", PLAN_BORROWED},
	{"managed_static_type_state", "type", PLAN_SKIP},
	{"static_builtin_state", "type", PLAN_SKIP},
	{"lru_list_elem", "prev", PLAN_BORROWED},
	{"lru_list_elem", "next",
	 PLAN_TYPED}, /* the ring ends at the cache, which is no element */
	{"lru_list_elem", "key", PLAN_BORROWED}, /* told as the cache's, which visits them */
	{"lru_list_elem", "result", PLAN_BORROWED},
	{"_signal_module_state", "default_handler", PLAN_BORROWED},
	{"_signal_module_state", "ignore_handler", PLAN_BORROWED},
	{"signal_state_t", "default_handler", PLAN_DEFAULT},
	{"(global)", "PySocketModuleAPI", PLAN_SKIP},    /* static up to 3.9: borrows */
	{"StgDictObject", "proto", PLAN_NOT_A_TYPE},     /* see ctypes.c */
	{"partialobject", "placeholder", PLAN_BORROWED}, /* functools.partial's, 3.14 */
	{"enumobject", "one",
	 PLAN_BORROWED}, /* enumerate's: the small int, which lives as long */
	{"pysqlite_Cache", "factory", PLAN_BORROWED},
	{"pysqlite_Cache", "first", PLAN_SKIP}, /* see readers.c */
	{"pysqlite_Cache", "last", PLAN_BORROWED},
	{"_pysqlite_Node", "prev", PLAN_BORROWED},
	{"_pysqlite_Node", "next", PLAN_BORROWED},
	{"pysqlite_Connection", "Warning", PLAN_BORROWED},
	{"pysqlite_Connection", "*Error", PLAN_BORROWED},
	{"PyMemoryViewObject", "view", PLAN_SKIP}, /* the managed buffer holds the object */
	/* Tables of a type or of a module, that what they describe points into. */
	{"*", "d_member", PLAN_BORROWED},
	{"*", "d_method", PLAN_BORROWED},
	{"*", "d_getset", PLAN_BORROWED},
	{"*", "m_ml", PLAN_BORROWED},
	/* The runtime's state is walked from its own lists. */
	{"pyruntimestate", "_main_interpreter", PLAN_SKIP},
	{"pyruntimestate", "interpreters", PLAN_SKIP},
	{"_is", "_initial_thread", PLAN_SKIP},
	{"_is", "threads", PLAN_SKIP},
	{"_PyInterpreterFrame", "f_globals", PLAN_BORROWED},
	{"_PyInterpreterFrame", "f_builtins", PLAN_BORROWED},
	/* Structs of the object's own. */
	{"ElementObject", "extra", PLAN_FOLLOW},
	{"PicklerObject", "memo", PLAN_FOLLOW},
	{"*", "ZONEINFO_STRONG_CACHE", PLAN_FOLLOW},
	{"ElementObjectExtra", "_children",
	 PLAN_SKIP}, /* where `children` points while they are few */
	{"pysqlite_Connection", "*_ctx", PLAN_FOLLOW},
	{"*", "i_nodes", PLAN_BORROWED}, /* iterators over a context's tree */
	{"teedataobject", "values", PLAN_SKIP},
	{"PyDateTime_DateTime", "tzinfo", PLAN_IF_TIMEZONE},
	{"PyDateTime_Time", "tzinfo", PLAN_IF_TIMEZONE},
	{"SRE_STATE", "string", PLAN_COUNTED},
	{"UnpicklerObject", "buffer", PLAN_COUNTED},
	{"xmlparseobject", "intern", PLAN_COUNTED},
	{"_PyUnicodeWriter", "buffer", PLAN_COUNTED},
	/* Tables that a reader of its own understands. */
	{"PySetObject", "smalltable", PLAN_SKIP},
	{"PyTupleObject", "ob_item", PLAN_DEFAULT},
	{"*", "gi_iframe", PLAN_SKIP},
	{"*", "cr_iframe", PLAN_SKIP},
	{"*", "ag_iframe", PLAN_SKIP},
	{"_frame", "_f_frame_data", PLAN_SKIP},
	{"_frame", "f_localsplus", PLAN_SKIP},
	/* Counted, and left out by tp_traverse: what cannot be part of a cycle. */
	{"_heaptypeobject", "ht_name", PLAN_COUNTED},
	{"_heaptypeobject", "ht_qualname", PLAN_COUNTED},
	{"_heaptypeobject", "ht_slots", PLAN_COUNTED},
	{"_typeobject", "tp_subclasses", PLAN_OBJECT}, /* void * since 3.12 */
	{"PyCMethodObject", "mm_class", PLAN_TRAVERSED},
	{"PyDescrObject", "d_name", PLAN_COUNTED},
	{"PyDescrObject", "d_qualname", PLAN_COUNTED},
	{"PyModuleObject", "md_name", PLAN_COUNTED},
	{"*", "gi_origin_or_finalizer", PLAN_SKIP}, /* never set */
	{"*", "cr_origin_or_finalizer", PLAN_COUNTED},
	{"*", "cr_origin", PLAN_COUNTED},
};

/* Arrays behind a pointer, that hold references. */
static const struct plan_array_rule array_rules[] = {
	{"ElementObjectExtra", "children", "length", NULL},
	{"ElementIterObject", "parent_stack", "parent_stack_used", NULL},
	{"xmlparseobject", "handlers", NULL, "_DummyDecl"},
	{"PyZoneInfo_ZoneInfo", "_ttinfos", "num_ttinfos", NULL},
	{"RingBuf", "items", "items_cap", NULL},
	{"PyMemoTable", "mt_table", "mt_allocated", NULL},
	{"UnpicklerObject", "memo", "memo_size", NULL},
};

/* Structs that are only declared, and what they are: their holder owns them. */
static const struct {
	const char *declared, *defined;
} opaque_structs[] = {
	{"PyUnicodeWriter", "_PyUnicodeWriter"},
};

const char *plan_opaque_struct(const char *declared)
{
	for (size_t i = 0; i < ARRAY_COUNT(opaque_structs); i++)
		if (!strcmp(opaque_structs[i].declared, declared))
			return opaque_structs[i].defined;
	return NULL;
}

const struct plan_array_rule *plan_array_rule_for(const char *struct_name, const char *member)
{
	for (size_t i = 0; i < ARRAY_COUNT(array_rules); i++)
		if (!strcmp(array_rules[i].member, member) &&
		    (!array_rules[i].struct_name[0] ||
		     !strcmp(array_rules[i].struct_name, struct_name)))
			return &array_rules[i];
	return NULL;
}

static bool member_matches(const char *pattern, const char *member)
{
	size_t length = strlen(pattern), have = strlen(member);

	if (pattern[0] == '*')
		return have >= length - 1 && !strcmp(member + have - (length - 1), pattern + 1);
	if (length && pattern[length - 1] == '*')
		return !strncmp(pattern, member, length - 1);
	return !strcmp(pattern, member);
}

enum plan_rule plan_rule_for(const char *struct_name, const char *member)
{
	for (size_t i = 0; i < ARRAY_COUNT(rules); i++)
		if ((rules[i].struct_name[0] == '*' ||
		     !strcmp(rules[i].struct_name, struct_name)) &&
		    member_matches(rules[i].member, member))
			return rules[i].rule;
	return PLAN_DEFAULT;
}
