/*
 * Images whose pixels are in memory of the C library.  crop(height) gives the first rows of an
 * image without a copy: another image, which keeps the first one and points into its pixels.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

struct image {
	PyObject_HEAD unsigned char *pixels;
	Py_ssize_t width, height;
	PyObject *base; /* whose pixels they are; NULL: its own */
};

static PyTypeObject image_type;

static PyObject *image_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
	Py_ssize_t width, height;
	struct image *image;

	(void)named;
	if (!PyArg_ParseTuple(args, "nn", &width, &height))
		return NULL;
	image = (struct image *)type->tp_alloc(type, 0);
	if (!image)
		return NULL;
	image->pixels = malloc((size_t)(width * height));
	if (!image->pixels) {
		Py_DECREF(image);
		return PyErr_NoMemory();
	}
	memset(image->pixels, 0x7f, (size_t)(width * height));
	image->width = width;
	image->height = height;
	return (PyObject *)image;
}

static void image_dealloc(PyObject *self)
{
	struct image *image = (struct image *)self;

	if (image->base)
		Py_DECREF(image->base);
	else
		free(image->pixels);
	Py_TYPE(self)->tp_free(self);
}

static PyObject *image_crop(PyObject *self, PyObject *height)
{
	struct image *image = (struct image *)self;
	Py_ssize_t rows = PyLong_AsSsize_t(height);
	struct image *part;

	if (rows < 0 || rows > image->height)
		return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "no such rows");
	part = (struct image *)image_type.tp_alloc(&image_type, 0);
	if (!part)
		return NULL;
	Py_INCREF(self);
	part->base = self;
	part->pixels = image->pixels;
	part->width = image->width;
	part->height = rows;
	return (PyObject *)part;
}

static PyMethodDef image_methods[] = {{"crop", image_crop, METH_O, NULL},
				      {NULL, NULL, 0, NULL}};

static PyTypeObject image_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "raster.Image",
	.tp_basicsize = sizeof(struct image),
	.tp_dealloc = image_dealloc,
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_methods = image_methods,
	.tp_new = image_new,
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT, "raster", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_raster(void)
{
	PyObject *module = PyType_Ready(&image_type) < 0 ? NULL : PyModule_Create(&definition);

	Py_INCREF(&image_type);
	if (module && PyModule_AddObject(module, "Image", (PyObject *)&image_type) < 0)
		Py_CLEAR(module);
	return module;
}
