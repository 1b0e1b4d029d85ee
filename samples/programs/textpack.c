/*
 * Packs texts into one buffer: pack(sequence) is the UTF-8 of all of its elements, each after
 * its length in two bytes.  What is not a str is written as str() has it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static int append(PyObject *buffer, PyObject *text)
{
	Py_ssize_t size = PyByteArray_GET_SIZE(buffer), length;
	const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
	char *end;

	if (!bytes || PyByteArray_Resize(buffer, size + 2 + length) < 0)
		return -1;
	end = PyByteArray_AS_STRING(buffer) + size;
	end[0] = (char)(length & 0xff);
	end[1] = (char)(length >> 8);
	memcpy(end + 2, bytes, (size_t)length);
	return 0;
}

static int append_item(PyObject *buffer, PyObject *item)
{
	PyObject *text;

	if (PyUnicode_Check(item))
		return append(buffer, item);
	text = PyObject_Str(item);
	/* A new reference, which is never given back. */
	return text ? append(buffer, text) : -1;
}

static PyObject *pack(PyObject *Py_UNUSED(module), PyObject *sequence)
{
	PyObject *fast = PySequence_Fast(sequence, "pack() takes a sequence");
	PyObject *buffer = fast ? PyByteArray_FromStringAndSize(NULL, 0) : NULL;

	for (Py_ssize_t i = 0; buffer && i < PySequence_Fast_GET_SIZE(fast); i++)
		if (append_item(buffer, PySequence_Fast_GET_ITEM(fast, i)) < 0)
			Py_CLEAR(buffer);
	Py_XDECREF(fast);
	return buffer;
}

static PyMethodDef methods[] = {
	{"pack", pack, METH_O, "pack(sequence): its texts in one buffer"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT, "textpack", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_textpack(void)
{
	return PyModule_Create(&definition);
}
