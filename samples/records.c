/*
 * A Python extension that reads lines "NAME SIZE" and has the bugs that such code has:
 *
 * - parse() leaves early when a line has no size, and forgets the half-made Record, its copy of the
 *   line and the job that was to read it;
 * - labels() appends new strings to a list, which takes references of its own, and keeps its first.
 *
 * The last lines are kept in a C variable, as they should be.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

enum { RECENT = 4 };

typedef struct {
	PyObject_HEAD PyObject *name;
	long size;
} Record;

/* Something to be done, in C. */
struct job {
	long (*run)(struct job *job);
	char *line;
	long done[6];
};

static PyObject *record_type;
static PyObject *recent[RECENT];
static unsigned parsed;

static void record_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((Record *)self)->name);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyType_Slot record_slots[] = {
	{Py_tp_dealloc, record_dealloc},
	{0, NULL},
};

static PyType_Spec record_spec = {
	"records.Record", sizeof(Record), 0, Py_TPFLAGS_DEFAULT, record_slots,
};

static long read_size(struct job *job)
{
	return strtol(strchr(job->line, ' '), NULL, 10);
}

static void remember(PyObject *line)
{
	Py_INCREF(line);
	Py_XSETREF(recent[parsed % RECENT], line);
	parsed++;
}

static char *copy_of(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = PyMem_RawMalloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static PyObject *parse(PyObject *Py_UNUSED(module), PyObject *line)
{
	const char *text = PyUnicode_AsUTF8(line), *blank;
	Record *record;
	struct job *job;
	char *copy;

	if (!text)
		return NULL;
	remember(line);
	record = (Record *)PyType_GenericAlloc((PyTypeObject *)record_type, 0);
	job = calloc(1, sizeof(*job));
	if (!record || !job)
		return PyErr_NoMemory();
	job->run = read_size;
	blank = strchr(text, ' ');
	copy = copy_of(text);
	record->name = PyUnicode_FromStringAndSize(text, blank ? blank - text
							       : (Py_ssize_t)strlen(text));
	if (!blank) /* Here much is missing: Py_DECREF(record), and free() for what is C's. */
		return PyErr_Format(PyExc_ValueError, "no size in: %U", line);
	job->line = copy;
	record->size = job->run(job);
	PyMem_RawFree(job->line);
	free(job);
	return (PyObject *)record;
}

static PyObject *labels(PyObject *Py_UNUSED(module), PyObject *records)
{
	PyObject *result = PyList_New(0);
	Py_ssize_t count = PyList_Size(records);

	for (Py_ssize_t i = 0; result && i < count; i++) {
		Record *record = (Record *)PyList_GetItem(records, i);
		PyObject *label =
			PyUnicode_FromFormat("%U: %ld bytes", record->name, record->size);

		if (!label || PyList_Append(result, label) < 0)
			return NULL;
		/* Here Py_DECREF(label) is missing. */
	}
	return result;
}

static PyMethodDef methods[] = {
	{"parse", parse, METH_O, "parse(line): a Record"},
	{"labels", labels, METH_O, "labels(list of records): strings"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT, "records", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_records(void)
{
	record_type = PyType_FromSpec(&record_spec);
	return record_type ? PyModule_Create(&definition) : NULL;
}
