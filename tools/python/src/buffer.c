/* SPDX-License-Identifier: MIT */
/*
 * Memory shared with others: Python's buffer protocol both ways and NumPy's __array_interface__. What is borrowed
 * keeps its owner until the last tensor on it has gone; what is lent keeps the array.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/python/src/package.h"

/* Lent to those who ask for the memory of an array without elements. */
static char nothing[16];

struct buffer_owner {
	struct owner owner;
	Py_buffer view;
};

static void release_buffer(struct owner *owner)
{
	struct buffer_owner *o = (struct buffer_owner *)owner;

	PyBuffer_Release(&o->view);
	free(o);
}

PyObject *array_from_memory(enum tr_dtype dtype, int ndim, const int64_t *shape, const int64_t *strides, void *data,
			    unsigned flags, struct owner *owner)
{
	int64_t low = 0, high = 1;
	struct tr_context *ctx;
	struct tr_tensor *line, *t;

	for (int i = 0; i < ndim; i++) {
		if (shape[i] == 0) {
			high = low = 0;
			break;
		}
		*(strides[i] < 0 ? &low : &high) += strides[i] * (shape[i] - 1);
	}
	ctx = context_enter();
	if (!ctx) {
		owner->release(owner);
		return NULL;
	}
	high -= low;
	line = tr_borrow(ctx, dtype, 1, &high, (char *)data + low * (int64_t)tr_dtype_size(dtype), flags, owner_dead, owner);
	t = tr_as_strided(line, ndim, shape, strides, -low);
	if (!line)
		owner_dead(owner);
	tr_free(line);
	return context_array(t);
}

/* Elements' strides of a view. Whether they are whole. */
static bool element_strides(const Py_buffer *view, int64_t *strides)
{
	int64_t step = view->itemsize;

	for (int i = view->ndim; i-- > 0;) {
		int64_t bytes = view->strides ? view->strides[i] : step;

		if (bytes % view->itemsize)
			return false;
		strides[i] = bytes / view->itemsize;
		step *= view->shape[i];
	}
	return true;
}

/* NumPy lends its dates as plain bytes; what has an element type is asked for it. */
static bool is_foreign(PyObject *o)
{
	PyObject *dtype = PyObject_GetAttrString(o, "dtype");
	enum tr_dtype code;
	bool is;

	PyErr_Clear();
	is = dtype && dtype_from(dtype, &code);
	Py_XDECREF(dtype);
	return is;
}

static bool is_plain_bytes(PyObject *o, const Py_buffer *view)
{
	return !view->format || strcmp(view->format, "B") || PyBytes_Check(o) || PyByteArray_Check(o) || PyMemoryView_Check(o);
}

/* Elements that do not lie on addresses of their size cannot be borrowed. */
static PyObject *copied(enum tr_dtype dtype, const int64_t *shape, struct buffer_owner *owner)
{
	char *data = malloc(owner->view.len > 0 ? (size_t)owner->view.len : 1);
	struct tr_context *ctx;
	PyObject *array = NULL;

	if (!data)
		PyErr_NoMemory();
	else if (!PyBuffer_ToContiguous(data, &owner->view, owner->view.len, 'C')) {
		ctx = context_enter();
		array = ctx ? context_array(tr_from_data(ctx, dtype, owner->view.ndim, shape, data)) : NULL;
	}
	free(data);
	release_buffer(&owner->owner);
	return array;
}

PyObject *array_from_buffer(PyObject *o)
{
	int64_t shape[TR_MAX_RANK], strides[TR_MAX_RANK];
	struct buffer_owner *owner;
	enum tr_dtype dtype;
	PyObject *array;

	if (!PyObject_CheckBuffer(o))
		return NULL;
	owner = malloc(sizeof(*owner));
	if (!owner)
		return PyErr_NoMemory();
	owner->owner.release = release_buffer;
	if (PyObject_GetBuffer(o, &owner->view, PyBUF_FULL_RO)) {
		PyObject *type, *value, *trace;

		PyErr_Fetch(&type, &value, &trace);
		if (is_foreign(o)) { /* NumPy has no buffers of these; the type is what is wrong */
			Py_XDECREF(type);
			Py_XDECREF(value);
			Py_XDECREF(trace);
		} else {
			PyErr_Restore(type, value, trace);
		}
		free(owner);
		return NULL;
	}
	if (!is_plain_bytes(o, &owner->view) && is_foreign(o))
		goto fail;
	dtype = dtype_by_format(owner->view.format, owner->view.itemsize);
	if (dtype == TR_DTYPE_NONE) {
		PyErr_Format(unsupported_dtype, "elements of format '%s' are none of this library's types",
			     owner->view.format ? owner->view.format : "B");
		goto fail;
	}
	if (owner->view.ndim > TR_MAX_RANK) {
		PyErr_Format(PyExc_ValueError, "a buffer of %d dimensions: at most %d are possible", owner->view.ndim, TR_MAX_RANK);
		goto fail;
	}
	if (owner->view.suboffsets || !element_strides(&owner->view, strides)) {
		PyErr_Format(PyExc_ValueError,
			     "a buffer of %d dimensions cannot be borrowed: its strides are not of whole elements",
			     owner->view.ndim);
		goto fail;
	}
	for (int i = 0; i < owner->view.ndim; i++)
		shape[i] = owner->view.shape[i];
	if ((uintptr_t)owner->view.buf % tr_dtype_size(dtype) && dtype < TR_C64)
		return copied(dtype, shape, owner);
	array = array_from_memory(dtype, owner->view.ndim, shape, strides, owner->view.buf,
				  owner->view.readonly ? TR_BORROW_CONST : 0, &owner->owner);
	if (array)
		((struct array *)array)->base = Py_NewRef(o);
	return array;
fail:
	release_buffer(&owner->owner);
	return NULL;
}

struct array_owner {
	struct owner owner;
	PyObject *array;
};

static void release_array(struct owner *owner)
{
	struct array_owner *o = (struct array_owner *)owner;

	Py_DECREF(o->array);
	free(o);
}

/* The bytes [low, high) that a view's elements take, from its first. */
static void extent(int ndim, const int64_t *shape, const int64_t *strides, size_t size, int64_t *low, int64_t *high)
{
	*low = *high = 0;
	for (int i = 0; i < ndim; i++) {
		if (shape[i] == 0) {
			*low = *high = 0;
			return;
		}
		*(strides[i] < 0 ? low : high) += strides[i] * (shape[i] - 1) * (int64_t)size;
	}
	*high += (int64_t)size;
}

PyObject *array_reinterpret(PyObject *a, enum tr_dtype dtype, int ndim, const int64_t *shape, const int64_t *strides,
			    int64_t offset, bool constant)
{
	struct tr_tensor *t = tensor_of(a);
	int64_t low, high, first, last;
	struct array_owner *owner;
	PyObject *result;
	bool readonly;
	char *data = array_data(a, &readonly);

	if (!data)
		return NULL;
	extent(tr_ndim(t), tr_shape(t), tr_strides(t), tr_dtype_size(tr_dtype_of(t)), &low, &high);
	extent(ndim, shape, strides, tr_dtype_size(dtype), &first, &last);
	if (last > first && (offset + first < low || offset + last > high)) {
		PyErr_SetString(PyExc_ValueError, "the view asked for reaches beyond the memory of the array");
		return NULL;
	}
	owner = malloc(sizeof(*owner));
	if (!owner)
		return PyErr_NoMemory();
	owner->owner.release = release_array;
	owner->array = Py_NewRef(a);
	result = array_from_memory(dtype, ndim, shape, strides, data + offset, constant || readonly ? TR_BORROW_CONST : 0,
				   &owner->owner);
	if (result && !is_scalar(a)) {
		PyObject *base = ((struct array *)a)->base;

		((struct array *)result)->base = Py_NewRef(base && is_array(base) ? base : a);
	}
	return result;
}

int arrays_overlap(PyObject *a, PyObject *b)
{
	PyObject *array[] = {a, b};
	int64_t low[2], high[2];

	for (int i = 0; i < 2; i++) {
		struct tr_tensor *t = tensor_of(array[i]);
		bool readonly;
		char *data = array_data(array[i], &readonly);

		if (!data)
			return -1;
		extent(tr_ndim(t), tr_shape(t), tr_strides(t), tr_dtype_size(tr_dtype_of(t)), low + i, high + i);
		if (tr_numel(t) == 0)
			return 0;
		low[i] += (int64_t)(intptr_t)data;
		high[i] += (int64_t)(intptr_t)data;
	}
	return low[0] < high[1] && low[1] < high[0];
}

/* Strides in elements; C order if from is None. -1 with an exception if they are not whole. */
static int interface_strides(PyObject *from, enum tr_dtype dtype, int ndim, const int64_t *shape, int64_t *strides)
{
	int64_t size = (int64_t)tr_dtype_size(dtype), step = 1;

	if (from && from != Py_None && !PyTuple_Check(from)) {
		PyErr_SetString(PyExc_TypeError, "__array_interface__: strides must be a tuple");
		return -1;
	}
	if (from && from != Py_None && ints_of(from, strides, TR_MAX_RANK, "strides") != ndim) {
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_ValueError, "__array_interface__: as many strides as sizes are needed");
		return -1;
	}
	for (int i = ndim; i-- > 0;) {
		if (!from || from == Py_None) {
			strides[i] = step;
			step *= shape[i];
		} else if (strides[i] % size) {
			PyErr_SetString(PyExc_ValueError, "__array_interface__: the strides are not of whole elements");
			return -1;
		} else {
			strides[i] /= size;
		}
	}
	return 0;
}

/* What lies at an address that keep keeps. */
static PyObject *at_address(PyObject *keep, PyObject *data, enum tr_dtype dtype, int ndim, const int64_t *shape,
			    const int64_t *strides)
{
	struct array_owner *owner;
	int readonly = PyObject_IsTrue(PyTuple_GetItem(data, 1));
	void *address = PyLong_AsVoidPtr(PyTuple_GetItem(data, 0));

	if (PyErr_Occurred())
		return NULL;
	owner = malloc(sizeof(*owner));
	if (!owner)
		return PyErr_NoMemory();
	owner->owner.release = release_array;
	owner->array = Py_NewRef(keep);
	return array_from_memory(dtype, ndim, shape, strides, address ? address : nothing, readonly ? TR_BORROW_CONST : 0,
				 &owner->owner);
}

/* What lies in a buffer, from an offset on. */
static PyObject *in_buffer(PyObject *o, PyObject *data, PyObject *offset, enum tr_dtype dtype, int ndim, const int64_t *shape,
			   const int64_t *strides)
{
	PyObject *bytes = array_from_buffer(data == Py_None || !data ? o : data), *result = NULL;
	int64_t at = 0;

	if (!bytes && !PyErr_Occurred())
		PyErr_SetString(PyExc_TypeError, "__array_interface__: data is to be an address or a buffer");
	if (bytes && (!offset || !int64_of(offset, &at)))
		result = array_reinterpret(bytes, dtype, ndim, shape, strides, at, false);
	Py_XDECREF(bytes);
	return result;
}

/* What says nothing of memory is a number. */
static PyObject *of_number(PyObject *o, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	_Alignas(16) char value[16];
	struct tr_context *ctx;

	for (int i = 0; i < ndim; i++)
		if (shape[i] != 1) {
			PyErr_SetString(PyExc_ValueError, "__array_interface__: one number has a shape of ones");
			return NULL;
		}
	if (number_put(o, dtype_is_half(dtype) ? TR_F32 : dtype, value))
		return NULL;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(dtype_is_half(dtype) ? tr_full(ctx, dtype, ndim, shape, *(const float *)(const void *)value)
						  : tr_from_data(ctx, dtype, ndim, shape, value));
}

static PyObject *from_interface(PyObject *o, PyObject *interface)
{
	PyObject *type = PyDict_GetItemString(interface, "typestr"), *sizes = PyDict_GetItemString(interface, "shape");
	PyObject *data = PyDict_GetItemString(interface, "data"), *array;
	int64_t shape[TR_MAX_RANK], strides[TR_MAX_RANK];
	enum tr_dtype dtype = TR_DTYPE_NONE;
	int ndim;

	if (!type || (!sizes && data)) {
		PyErr_Format(PyExc_ValueError, "__array_interface__ of %R lacks typestr or shape", Py_TYPE(o));
		return NULL;
	}
	if (sizes && !PyTuple_Check(sizes)) {
		PyErr_SetString(PyExc_TypeError, "__array_interface__: shape must be a tuple");
		return NULL;
	}
	ndim = dtype_from(type, &dtype) ? -1 : sizes ? ints_of(sizes, shape, TR_MAX_RANK, "dimensions") : 0;
	if (ndim < 0 || interface_strides(PyDict_GetItemString(interface, "strides"), dtype, ndim, shape, strides))
		return NULL;
	if (!data)
		return of_number(o, dtype, ndim, shape);
	if (PyTuple_Check(data) && PyTuple_Size(data) == 2)
		array = at_address(o, data, dtype, ndim, shape, strides);
	else
		array = in_buffer(o, data, PyDict_GetItemString(interface, "offset"), dtype, ndim, shape, strides);
	if (array && !((struct array *)array)->base)
		((struct array *)array)->base = Py_NewRef(o);
	return array;
}

PyObject *array_from_protocol(PyObject *o)
{
	PyObject *answer, *array;

	if (PyType_Check(o) || PyUnicode_Check(o))
		return NULL;
	answer = PyObject_GetAttrString(o, "__array_interface__");
	if (!answer && PyErr_ExceptionMatches(PyExc_AttributeError)) {
		PyErr_Clear();
		answer = PyObject_GetAttrString(o, "__array__");
		if (!answer && PyErr_ExceptionMatches(PyExc_AttributeError))
			PyErr_Clear();
		array = answer ? PyObject_CallObject(answer, NULL) : NULL;
		Py_XDECREF(answer);
		if (!array || is_array(array))
			return array;
		answer = array;
		array = array_from_buffer(answer);
		if (!array && !PyErr_Occurred())
			PyErr_SetString(PyExc_ValueError, "object __array__ method not producing an array");
		Py_DECREF(answer);
		return array;
	}
	if (!answer)
		return NULL;
	if (PyDict_Check(answer)) {
		array = from_interface(o, answer);
	} else {
		PyErr_SetString(PyExc_ValueError, "Invalid __array_interface__ value must be a dictionary");
		array = NULL;
	}
	Py_DECREF(answer);
	return array;
}

static bool repeats(const struct tr_tensor *t)
{
	for (int i = 0; i < tr_ndim(t); i++)
		if (tr_strides(t)[i] == 0 && tr_shape(t)[i] > 1)
			return true;
	return false;
}

void *array_data(PyObject *self, bool *readonly)
{
	struct tr_tensor *t = tensor_of(self);
	struct tr_context *ctx;
	void *data = nothing;

	*readonly = repeats(t) || is_scalar(self);
	if (tr_numel(t) == 0)
		return data;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	data = is_scalar(self) ? (void *)(uintptr_t)tr_data_const(t) : tr_data(t);
	if (!data && tr_error(ctx) == -TR_EREADONLY) {
		tr_error_clear(ctx);
		*readonly = true;
		data = (void *)(uintptr_t)tr_data_const(t);
	}
	return context_status(data ? 0 : -TR_EINVAL) ? NULL : data;
}

/* Shape and strides of what was lent. */
struct lent {
	Py_ssize_t shape[TR_MAX_RANK], strides[TR_MAX_RANK];
};

static int lend(PyObject *self, Py_buffer *view, struct lent *lent, int flags)
{
	struct tr_tensor *t = tensor_of(self);
	size_t size = tr_dtype_size(tr_dtype_of(t));
	const char *why = NULL;
	bool readonly = false;

	view->buf = array_data(self, &readonly);
	if (!view->buf)
		return -1;
	for (int i = 0; i < tr_ndim(t); i++) {
		lent->shape[i] = (Py_ssize_t)tr_shape(t)[i];
		lent->strides[i] = (Py_ssize_t)(tr_strides(t)[i] * (int64_t)size);
	}
	view->len = (Py_ssize_t)(tr_numel(t) * (int64_t)size);
	view->itemsize = (Py_ssize_t)size;
	view->readonly = readonly;
	view->ndim = tr_ndim(t);
	view->format = (char *)(uintptr_t)(flags & PyBUF_FORMAT ? dtype_format(tr_dtype_of(t)) : NULL);
	view->shape = lent->shape;
	view->strides = lent->strides;
	view->suboffsets = NULL;
	view->internal = lent;
	if (!dtype_format(tr_dtype_of(t)))
		why = "bfloat16 has no buffer format; convert with astype(float32)";
	else if ((flags & PyBUF_WRITABLE) && readonly)
		why = "the array is read-only";
	else if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !PyBuffer_IsContiguous(view, 'C'))
		why = "the array is not contiguous";
	else if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !PyBuffer_IsContiguous(view, 'C'))
		why = "the array is not C-contiguous";
	else if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !PyBuffer_IsContiguous(view, 'F'))
		why = "the array is not Fortran-contiguous";
	else if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !PyBuffer_IsContiguous(view, 'A'))
		why = "the array is not contiguous";
	if (!why)
		return 0;
	PyErr_SetString(PyExc_BufferError, why);
	return -1;
}

static int get_buffer(PyObject *self, Py_buffer *view, int flags)
{
	struct lent *lent = malloc(sizeof(*lent));

	view->obj = NULL;
	if (!lent) {
		PyErr_NoMemory();
		return -1;
	}
	if (lend(self, view, lent, flags)) {
		free(lent);
		return -1;
	}
	if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES)
		view->strides = NULL;
	if ((flags & PyBUF_ND) != PyBUF_ND)
		view->shape = NULL;
	view->obj = Py_NewRef(self);
	return 0;
}

static void release(PyObject *self, Py_buffer *view)
{
	(void)self;
	free(view->internal);
}

PyType_Slot buffer_slots[] = {
	{Py_bf_getbuffer, get_buffer},
	{Py_bf_releasebuffer, release},
	{0, NULL},
};

PyObject *array_interface(PyObject *self, void *unused)
{
	struct tr_tensor *t = tensor_of(self);
	bool readonly;
	void *data = array_data(self, &readonly);
	PyObject *type, *text, *result = NULL;

	(void)unused;
	if (!data)
		return NULL;
	type = dtype_object(tr_dtype_of(t));
	text = PyObject_GetAttrString(type, "str");
	if (text)
		result = Py_BuildValue("{s:N,s:N,s:(NO),s:N,s:i}", "shape", PyObject_GetAttrString(self, "shape"), "typestr",
				       text, "data", PyLong_FromVoidPtr(data), readonly ? Py_True : Py_False, "strides",
				       PyObject_GetAttrString(self, "strides"), "version", 3);
	Py_DECREF(type);
	return result;
}
