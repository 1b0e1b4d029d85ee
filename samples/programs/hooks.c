/*
 * Calls Python functions when something happens: each that is registered is kept in an array that
 * grows, and there is no way to take one off.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

static PyObject **functions;
static size_t count, capacity;

static PyObject *hooks_register(PyObject *module, PyObject *function)
{
	(void)module;
	if (count == capacity) {
		size_t larger = capacity ? 2 * capacity : 64;
		PyObject **moved = realloc(functions, larger * sizeof(*moved));

		if (!moved)
			return PyErr_NoMemory();
		functions = moved;
		capacity = larger;
	}
	Py_INCREF(function);
	functions[count++] = function;
	Py_RETURN_NONE;
}

static PyObject *hooks_fire(PyObject *module, PyObject *event)
{
	(void)module;
	for (size_t i = 0; i < count; i++) {
		PyObject *result = PyObject_CallFunctionObjArgs(functions[i], event, NULL);

		if (!result)
			return NULL;
		Py_DECREF(result);
	}
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"register", hooks_register, METH_O, NULL},
				{"fire", hooks_fire, METH_O, NULL},
				{NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT, "hooks", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_hooks(void)
{
	return PyModule_Create(&definition);
}
