/*
 * A Python extension with a common bug: PySequence_GetItem returns a new reference, and
 * measure() forgets to give it back.  Every element of every sequence that it measures is
 * counted once too often and never freed.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *measure(PyObject *Py_UNUSED(module), PyObject *sequence)
{
	Py_ssize_t count = PySequence_Size(sequence);
	Py_ssize_t total = 0;

	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *item = PySequence_GetItem(sequence, i);

		if (!item)
			return NULL;
		total += PyObject_Size(item);
		/* Here Py_DECREF(item) is missing. */
	}
	return count < 0 || PyErr_Occurred() ? NULL : PyLong_FromSsize_t(total);
}

static PyMethodDef methods[] = {
	{"measure", measure, METH_O, "measure(sequence): the sum of its elements' lengths"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT, "leaky", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_leaky(void)
{
	return PyModule_Create(&definition);
}
