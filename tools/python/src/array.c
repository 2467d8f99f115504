/* SPDX-License-Identifier: MIT */
/*
 * The type ndarray: its attributes, and the methods that are not operations of the table. The rest of its methods are
 * set by the package from the functions of the same name.
 */
#include <stddef.h>
#include <string.h>

#include "tools/python/src/package.h"

PyTypeObject *array_type;

static void dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	if (((struct array *)self)->weak)
		PyObject_ClearWeakRefs(self);
	Py_XDECREF(((struct array *)self)->base);
	Py_XDECREF(((struct array *)self)->locked);
	tensor_free(((struct array *)self)->t);
	if (PyType_GetFlags(type) & Py_TPFLAGS_HAVE_GC) { /* a class of the user's, derived from a scalar's */
		freefunc f = (freefunc)PyType_GetSlot(type, Py_tp_free);

		f(self);
	} else {
		PyObject_Free(self);
	}
	Py_DECREF(type);
}

static PyObject *tuple_of(const int64_t *values, int n, int64_t scale)
{
	PyObject *tuple = PyTuple_New(n);

	for (int i = 0; tuple && i < n; i++)
		if (PyTuple_SetItem(tuple, i, PyLong_FromLongLong(values[i] * scale))) {
			Py_DECREF(tuple);
			return NULL;
		}
	return tuple;
}

static PyObject *get_shape(PyObject *self, void *unused)
{
	(void)unused;
	return tuple_of(tr_shape(tensor_of(self)), tr_ndim(tensor_of(self)), 1);
}

/* a.shape = …: the same elements, in the same place. */
static int set_shape(PyObject *self, PyObject *value, void *unused)
{
	struct tr_tensor *t = tensor_of(self), *y;
	int64_t shape[TR_MAX_RANK];
	int n = value ? ints_of(value, shape, TR_MAX_RANK, "shape") : -1;
	bool same;

	(void)unused;
	if (n < 0) {
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_AttributeError, "Cannot delete array shape");
		return -1;
	}
	if (!context_enter())
		return -1;
	y = tr_reshape(t, n, shape);
	same = y && tr_shares_storage(y, t);
	if (same) {
		((struct array *)self)->t = y;
		y = t;
	}
	tr_free(y);
	if (context_status(y ? 0 : -TR_EINVAL))
		return -1;
	if (!same)
		PyErr_SetString(PyExc_AttributeError, "Incompatible shape for in-place modification. Use `.reshape()` to make a copy "
						      "with the desired shape.");
	return same ? 0 : -1;
}

static PyObject *get_base(PyObject *self, void *unused)
{
	PyObject *base = ((struct array *)self)->base;

	(void)unused;
	return Py_NewRef(base ? base : Py_None);
}

static PyObject *get_strides(PyObject *self, void *unused)
{
	struct tr_tensor *t = tensor_of(self);

	(void)unused;
	return tuple_of(tr_strides(t), tr_ndim(t), (int64_t)tr_dtype_size(tr_dtype_of(t)));
}

static PyObject *get_dtype(PyObject *self, void *unused)
{
	(void)unused;
	return dtype_object(tr_dtype_of(tensor_of(self)));
}

static PyObject *get_ndim(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromLong(tr_ndim(tensor_of(self)));
}

static PyObject *get_size(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromLongLong(tr_numel(tensor_of(self)));
}

static PyObject *get_itemsize(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromSize_t(tr_dtype_size(tr_dtype_of(tensor_of(self))));
}

static PyObject *get_nbytes(PyObject *self, void *unused)
{
	struct tr_tensor *t = tensor_of(self);

	(void)unused;
	return PyLong_FromLongLong(tr_numel(t) * (int64_t)tr_dtype_size(tr_dtype_of(t)));
}

static PyObject *get_contiguous(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(tr_is_contiguous(tensor_of(self)));
}

static PyObject *get_reversed(PyObject *self, void *unused)
{
	(void)unused;
	if (!context_enter())
		return NULL;
	return array_view(context_array(tr_permute(tensor_of(self), NULL)), self);
}

static PyObject *get_transposed(PyObject *self, void *unused)
{
	(void)unused;
	if (!context_enter())
		return NULL;
	return array_view(context_array(tr_transpose(tensor_of(self))), self);
}

static PyGetSetDef attributes[] = {
	{"shape", get_shape, set_shape, "Sizes of the axes.", NULL},
	{"base", get_base, NULL, "Whose memory a view shows; None of an array with its own.", NULL},
	{"strides", get_strides, NULL, "Bytes from an element to the next along each axis.", NULL},
	{"dtype", get_dtype, NULL, "The element type.", NULL},
	{"ndim", get_ndim, NULL, "How many axes.", NULL},
	{"size", get_size, NULL, "How many elements.", NULL},
	{"itemsize", get_itemsize, NULL, "Bytes of an element.", NULL},
	{"nbytes", get_nbytes, NULL, "Bytes of all elements.", NULL},
	{"c_contiguous", get_contiguous, NULL, "Whether the elements lie in C order without gaps.", NULL},
	{"T", get_reversed, NULL, "A view with the axes reversed.", NULL},
	{"mT", get_transposed, NULL, "A view with the last two axes exchanged.", NULL},
	{"__array_interface__", array_interface, NULL, "NumPy's description of the memory.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyObject *item(PyObject *self, PyObject *args)
{
	Py_ssize_t n = PyTuple_Size(args);
	PyObject *key, *element, *result;

	if (!n)
		return array_item(self);
	key = n == 1 ? Py_NewRef(PyTuple_GetItem(args, 0)) : Py_NewRef(args);
	if (n == 1 && tr_ndim(tensor_of(self)) != 1 && !PyTuple_Check(key)) {
		PyObject *line = PyObject_CallMethod(self, "ravel", NULL);

		element = line ? PyObject_GetItem(line, key) : NULL;
		Py_XDECREF(line);
	} else {
		element = PyObject_GetItem(self, key);
	}
	Py_DECREF(key);
	result = element ? array_item(element) : NULL;
	Py_XDECREF(element);
	return result;
}

static PyObject *to_complex(PyObject *self, PyObject *unused)
{
	PyObject *o = array_item(self), *number;

	(void)unused;
	if (!o || PyComplex_Check(o))
		return o;
	number = PyComplex_FromDoubles(PyFloat_AsDouble(o), 0);
	Py_DECREF(o);
	return number;
}

/* a.fill(x) is a[...] = x. */
static PyObject *fill(PyObject *self, PyObject *value)
{
	if (PyObject_SetItem(self, Py_Ellipsis, value))
		return NULL;
	return Py_NewRef(Py_None);
}

/* Of the axes in the order asked for: C, F, or A for F if that is how they lie. */
static PyObject *to_bytes(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = {"order", NULL};
	struct tr_tensor *t = tensor_of(self), *turned = NULL;
	Py_ssize_t size = (Py_ssize_t)(tr_numel(t) * (int64_t)tr_dtype_size(tr_dtype_of(t)));
	const char *order = "C";
	PyObject *bytes;
	int err = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "|z:tobytes", names, &order))
		return NULL;
	if (order && (strlen(order) != 1 || !strchr("CFAKcfak", *order))) {
		PyErr_Format(PyExc_ValueError, "order must be one of 'C', 'F', 'A', or 'K' (got '%s')", order);
		return NULL;
	}
	bytes = PyBytes_FromStringAndSize(NULL, size);
	if (!bytes)
		return NULL;
	if (!context_enter()) {
		Py_DECREF(bytes);
		return NULL;
	}
	if (order && !strchr("Cc", *order)) {
		turned = tr_permute(t, NULL);
		if (!turned || strchr("Ff", *order) || (tr_is_contiguous(turned) && !tr_is_contiguous(t)))
			t = turned;
	}
	err = t ? tr_read(t, PyBytes_AsString(bytes), (size_t)size) : -TR_ENOMEM;
	tr_free(turned);
	if (context_status(err)) {
		Py_DECREF(bytes);
		return NULL;
	}
	return bytes;
}

static PyMethodDef methods[] = {
	{"item", item, METH_VARARGS, "The element at the indices, or the only one, as a Python number."},
	{"tolist", array_tolist, METH_NOARGS, "Nested lists of Python numbers."},
	{"tobytes", (PyCFunction)(void (*)(void))to_bytes, METH_VARARGS | METH_KEYWORDS, "The elements' bytes in C or F order."},
	{"reshape", (PyCFunction)(void (*)(void))array_reshape, METH_FASTCALL | METH_KEYWORDS,
	 "reshape($self, /, *shape, order='C', copy=None)\n--\n\nThe elements in C order, or order, in another shape."},
	{"fill", fill, METH_O, "Sets every element."},
	{"__complex__", to_complex, METH_NOARGS, NULL},
	{"__dlpack__", (PyCFunction)(void (*)(void))array_dlpack, METH_VARARGS | METH_KEYWORDS, "A DLPack capsule."},
	{"__dlpack_device__", array_dlpack_device, METH_NOARGS, "DLPack's (device type, number)."},
	{NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct array, weak), READONLY, NULL},
	{NULL, 0, 0, 0, NULL},
};

int array_type_add(PyObject *module)
{
	PyType_Slot own[] = {
		{Py_tp_doc, "An array of numbers of one type."}, {Py_tp_dealloc, dealloc}, {Py_tp_getset, attributes},
		{Py_tp_methods, methods}, {Py_tp_members, members}, {0, NULL},
	};
	PyType_Slot *parts[] = {own, number_slots, index_slots, buffer_slots}, all[96];
	PyType_Spec spec = {"trueno.ndarray", sizeof(struct array), 0,
			    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, all};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (PyType_Slot *slot = parts[i]; slot->slot; slot++)
			all[n++] = *slot;
	all[n] = (PyType_Slot){0, NULL};
	array_type = (PyTypeObject *)PyType_FromSpec(&spec);
	if (!array_type)
		return -1;
	return PyModule_AddObjectRef(module, "ndarray", (PyObject *)array_type);
}
