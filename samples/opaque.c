/*
 * A Python extension that is built without debug info, as most are installed: what its objects
 * refer to is known to nobody but their tp_traverse functions.
 *
 *   Pair      two members, a note that is not traversed, a dict, weak references
 *   Row       as many items as it was given; of three, it says that it is no container
 *   Tree      a struct of its own with a label and an array of branches; a heap type
 *   Counter   counts how often it was traversed: a function that a dead process cannot run
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <structmember.h>

struct pair {
	PyObject_HEAD PyObject *left, *right, *note, *dict, *weak;
};

static int pair_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct pair *pair = (struct pair *)self;

	Py_VISIT(pair->left);
	Py_VISIT(pair->right);
	Py_VISIT(pair->dict);
	return 0;
}

static int pair_clear(PyObject *self)
{
	struct pair *pair = (struct pair *)self;

	Py_CLEAR(pair->left);
	Py_CLEAR(pair->right);
	Py_CLEAR(pair->dict);
	return 0;
}

static void pair_dealloc(PyObject *self)
{
	struct pair *pair = (struct pair *)self;

	PyObject_GC_UnTrack(self);
	if (pair->weak)
		PyObject_ClearWeakRefs(self);
	pair_clear(self);
	Py_CLEAR(pair->note);
	Py_TYPE(self)->tp_free(self);
}

static int pair_init(PyObject *self, PyObject *args, PyObject *named)
{
	struct pair *pair = (struct pair *)self;

	(void)named;
	if (!PyArg_ParseTuple(args, "OOO", &pair->left, &pair->right, &pair->note)) {
		pair->left = pair->right = pair->note = NULL;
		return -1;
	}
	Py_INCREF(pair->left);
	Py_INCREF(pair->right);
	Py_INCREF(pair->note);
	return 0;
}

static PyMemberDef pair_members[] = {
	{"left", T_OBJECT, offsetof(struct pair, left), 0, NULL},
	{"right", T_OBJECT_EX, offsetof(struct pair, right), 0, NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyTypeObject pair_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "opaque.Pair",
	.tp_basicsize = sizeof(struct pair),
	.tp_dealloc = pair_dealloc,
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
	.tp_traverse = pair_traverse,
	.tp_clear = pair_clear,
	.tp_weaklistoffset = offsetof(struct pair, weak),
	.tp_dictoffset = offsetof(struct pair, dict),
	.tp_members = pair_members,
	.tp_init = pair_init,
	.tp_new = PyType_GenericNew,
};

struct row {
	PyObject_VAR_HEAD long number;
	PyObject *items[1];
};

static int row_traverse(PyObject *self, visitproc visit, void *arg)
{
	for (Py_ssize_t i = Py_SIZE(self); i-- > 0;)
		Py_VISIT(((struct row *)self)->items[i]);
	return 0;
}

static int row_clear(PyObject *self)
{
	for (Py_ssize_t i = Py_SIZE(self); i-- > 0;)
		Py_CLEAR(((struct row *)self)->items[i]);
	return 0;
}

/* As greenlets do while they run: what it refers to is nothing for the collector to know. */
static int row_is_gc(PyObject *self)
{
	return Py_SIZE(self) != 3;
}

static void row_dealloc(PyObject *self)
{
	PyObject_GC_UnTrack(self);
	row_clear(self);
	Py_TYPE(self)->tp_free(self);
}

static PyObject *row_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
	Py_ssize_t count = PyTuple_GET_SIZE(args);
	PyObject *self = type->tp_alloc(type, count);

	(void)named;
	for (Py_ssize_t i = 0; self && i < count; i++) {
		((struct row *)self)->items[i] = PyTuple_GET_ITEM(args, i);
		Py_INCREF(((struct row *)self)->items[i]);
	}
	return self;
}

static PyTypeObject row_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "opaque.Row",
	.tp_basicsize = offsetof(struct row, items),
	.tp_itemsize = sizeof(PyObject *),
	.tp_dealloc = row_dealloc,
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
	.tp_traverse = row_traverse,
	.tp_clear = row_clear,
	.tp_is_gc = row_is_gc,
	.tp_new = row_new,
};

struct branches {
	PyObject *label;
	Py_ssize_t count;
	PyObject **items;
};

struct tree {
	PyObject_HEAD int depth;
	struct branches *branches;
};

static int tree_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct branches *branches = ((struct tree *)self)->branches;

#if PY_VERSION_HEX >= 0x03090000
	Py_VISIT(Py_TYPE(self));
#endif
	if (!branches)
		return 0;
	Py_VISIT(branches->label);
	for (Py_ssize_t i = 0; i < branches->count; i++)
		Py_VISIT(branches->items[i]);
	return 0;
}

static int tree_clear(PyObject *self)
{
	struct branches *branches = ((struct tree *)self)->branches;

	((struct tree *)self)->branches = NULL;
	if (!branches)
		return 0;
	Py_XDECREF(branches->label);
	for (Py_ssize_t i = 0; i < branches->count; i++)
		Py_XDECREF(branches->items[i]);
	PyMem_Free(branches->items);
	PyMem_Free(branches);
	return 0;
}

static void tree_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	PyObject_GC_UnTrack(self);
	tree_clear(self);
	type->tp_free(self);
	Py_DECREF(type);
}

/* Tree(label, *branches) */
static int tree_init(PyObject *self, PyObject *args, PyObject *named)
{
	struct branches *branches = PyMem_Calloc(1, sizeof(*branches));
	Py_ssize_t count = PyTuple_GET_SIZE(args);

	(void)named;
	if (!branches || !count)
		return -1;
	branches->items = PyMem_Calloc((size_t)count, sizeof(*branches->items));
	branches->label = PyTuple_GET_ITEM(args, 0);
	Py_INCREF(branches->label);
	for (branches->count = 0; branches->count < count - 1; branches->count++) {
		branches->items[branches->count] = PyTuple_GET_ITEM(args, branches->count + 1);
		Py_INCREF(branches->items[branches->count]);
	}
	((struct tree *)self)->branches = branches;
	return 0;
}

static PyType_Slot tree_slots[] = {
	{Py_tp_dealloc, tree_dealloc},  {Py_tp_traverse, tree_traverse},
	{Py_tp_clear, tree_clear},      {Py_tp_init, tree_init},
	{Py_tp_new, PyType_GenericNew}, {0, NULL},
};

static PyType_Spec tree_spec = {
	.name = "opaque.Tree",
	.basicsize = sizeof(struct tree),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
	.slots = tree_slots,
};

struct counter {
	PyObject_HEAD long traversed;
	PyObject *thing;
};

static int counter_traverse(PyObject *self, visitproc visit, void *arg)
{
	((struct counter *)self)->traversed++;
	Py_VISIT(((struct counter *)self)->thing);
	return 0;
}

static int counter_clear(PyObject *self)
{
	Py_CLEAR(((struct counter *)self)->thing);
	return 0;
}

static void counter_dealloc(PyObject *self)
{
	PyObject_GC_UnTrack(self);
	counter_clear(self);
	Py_TYPE(self)->tp_free(self);
}

static PyObject *counter_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
	PyObject *self, *thing;

	(void)named;
	if (!PyArg_ParseTuple(args, "O", &thing))
		return NULL;
	self = type->tp_alloc(type, 0);
	if (self) {
		Py_INCREF(thing);
		((struct counter *)self)->thing = thing;
	}
	return self;
}

static PyTypeObject counter_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "opaque.Counter",
	.tp_basicsize = sizeof(struct counter),
	.tp_dealloc = counter_dealloc,
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
	.tp_traverse = counter_traverse,
	.tp_clear = counter_clear,
	.tp_new = counter_new,
};

struct kept { /* the module's */
	long number;
	PyObject *tree, *registry;
};

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
	struct kept *kept = PyModule_GetState(module);

	Py_VISIT(kept->tree);
	Py_VISIT(kept->registry);
	return 0;
}

static int module_clear(PyObject *module)
{
	struct kept *kept = PyModule_GetState(module);

	Py_CLEAR(kept->tree);
	Py_CLEAR(kept->registry);
	return 0;
}

static int add(PyObject *module, const char *name, PyObject *thing)
{
	if (!thing)
		return -1;
	Py_INCREF(thing);
	return PyModule_AddObject(module, name, thing);
}

static int module_exec(PyObject *module)
{
	static PyTypeObject *const types[] = {&pair_type, &row_type, &counter_type};
	struct kept *kept = PyModule_GetState(module);

	kept->tree = PyType_FromSpec(&tree_spec);
	kept->registry = PyDict_New();
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (PyType_Ready(types[i]) ||
		    add(module, strchr(types[i]->tp_name, '.') + 1, (PyObject *)types[i]))
			return -1;
	return kept->registry ? add(module, "Tree", kept->tree) : -1;
}

static PyModuleDef_Slot module_slots[] = {
	{Py_mod_exec, module_exec},
	{0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,         .m_name = "opaque",
	.m_size = sizeof(struct kept), .m_slots = module_slots,
	.m_traverse = module_traverse, .m_clear = module_clear,
};

PyMODINIT_FUNC PyInit_opaque(void)
{
	return PyModuleDef_Init(&definition);
}
