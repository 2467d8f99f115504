/* SPDX-License-Identifier: MIT */
/*
 * Python objects to arrays and back: numbers, nested sequences of them, buffers, other libraries' tensors; and the
 * operands of a call, among which Python's own numbers are weak scalars (NEP 50).
 */
#include <stdlib.h>
#include <string.h>

#include "tools/python/src/package.h"

/* What a nested sequence turns out to be. */
struct nest {
	int ndim; /* -1 until the first number is reached */
	int64_t shape[TR_MAX_RANK];
	enum tr_dtype dtype; /* of all its numbers */
	bool cast;           /* there are arrays, which are converted as arrays are */
	PyObject *likes;     /* a list of what candidates are arrays of, None for none; NULL if there were none */
	Py_ssize_t next;     /* of them, to be filled in */
};

/* What may be another library's array: neither a list of levels nor a number. */
static bool is_candidate(PyObject *o)
{
	return !PyList_Check(o) && !PyTuple_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && !PyFloat_Check(o) &&
	       !PyLong_Check(o) && !PyComplex_Check(o) && !is_array(o) && (PySequence_Check(o) || !PyNumber_Check(o));
}

static bool is_level(PyObject *o)
{
	if (is_array(o))
		return !is_scalar(o);
	if (PyList_Check(o) || PyTuple_Check(o))
		return true;
	return PySequence_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && PySequence_Size(o) >= 0;
}

/* TR_DTYPE_NONE with an exception for what is no number. */
static enum tr_dtype number_type(PyObject *o)
{
	enum tr_dtype code = TR_DTYPE_NONE;
	PyObject *dtype;
	int overflow;

	PyErr_Clear();
	if (PyBool_Check(o))
		return TR_BOOL;
	if (Py_TYPE(o) == &PyLong_Type) {
		PyLong_AsLongLongAndOverflow(o, &overflow);
		return overflow > 0 ? TR_U64 : TR_I64;
	}
	if (Py_TYPE(o) == &PyFloat_Type)
		return TR_F64;
	if (PyComplex_Check(o))
		return TR_C128;
	dtype = PyObject_GetAttrString(o, "dtype");
	if (dtype) {
		dtype_from(dtype, &code);
		Py_DECREF(dtype);
		return code;
	}
	PyErr_Clear();
	if (PyIndex_Check(o))
		return TR_I64;
	if (PyFloat_Check(o))
		return TR_F64;
	PyErr_Format(unsupported_dtype, "no array can be made of %R of type %R", o, Py_TYPE(o));
	return TR_DTYPE_NONE;
}

static int ragged(int depth)
{
	PyErr_Format(PyExc_ValueError,
		     "array: the sequences have an inhomogeneous shape after %d dimensions; all of one depth must be of "
		     "one length", depth);
	return -1;
}

/* An array among the sequences, known by its shape. */
static int discover_array(const struct tr_tensor *t, int depth, struct nest *nest)
{
	int ndim = depth + tr_ndim(t);

	if (ndim > TR_MAX_RANK) {
		PyErr_Format(PyExc_ValueError, "array: more than %d dimensions", TR_MAX_RANK);
		return -1;
	}
	for (int i = depth; i < ndim; i++) {
		if ((nest->ndim >= 0 && i >= nest->ndim) || (nest->shape[i] >= 0 && nest->shape[i] != tr_shape(t)[i - depth]))
			return ragged(i);
		nest->shape[i] = tr_shape(t)[i - depth];
	}
	if (nest->ndim >= 0 && nest->ndim != ndim)
		return ragged(ndim);
	nest->ndim = ndim;
	nest->dtype = nest->dtype == TR_DTYPE_NONE ? tr_dtype_of(t) : tr_promote_types(nest->dtype, tr_dtype_of(t));
	nest->cast = true;
	return 0;
}

/* The array that a candidate is, borrowed; NULL without an exception if it is none. */
static PyObject *discover_like(PyObject *o, struct nest *nest)
{
	PyObject *array = array_from_buffer(o);

	if (!array && !PyErr_Occurred())
		array = array_from_protocol(o);
	if (!array && PyErr_Occurred())
		return NULL;
	if (!nest->likes)
		nest->likes = PyList_New(0);
	if (!nest->likes || PyList_Append(nest->likes, array ? array : Py_None)) {
		Py_XDECREF(array);
		return NULL;
	}
	Py_XDECREF(array);
	return array;
}

static int discover_number(PyObject *o, int depth, struct nest *nest)
{
	enum tr_dtype code = PyFloat_CheckExact(o) ? TR_F64 : number_type(o);

	if (code == TR_DTYPE_NONE)
		return -1;
	if (nest->ndim >= 0 && depth != nest->ndim)
		return ragged(depth);
	nest->ndim = depth;
	if (nest->dtype != code)
		nest->dtype = nest->dtype == TR_DTYPE_NONE ? code : tr_promote_types(nest->dtype, code);
	return 0;
}

/* A new reference. */
static PyObject *item_of(PyObject *sequence, Py_ssize_t i)
{
	return PyList_CheckExact(sequence) ? Py_XNewRef(PyList_GetItem(sequence, i)) : PySequence_GetItem(sequence, i);
}

static int discover(PyObject *o, int depth, struct nest *nest)
{
	Py_ssize_t n;
	int err = 0;

	if (PyFloat_CheckExact(o) || PyLong_CheckExact(o))
		return discover_number(o, depth, nest);
	if (is_array(o) && !is_scalar(o))
		return discover_array(tensor_of(o), depth, nest);
	if (is_candidate(o)) {
		PyObject *like = discover_like(o, nest);

		if (like || PyErr_Occurred())
			return like ? discover_array(tensor_of(like), depth, nest) : -1;
	}
	if (!is_level(o))
		return discover_number(o, depth, nest);
	n = PySequence_Size(o);
	if (n < 0)
		return -1;
	if (nest->ndim >= 0 && depth >= nest->ndim)
		return ragged(depth);
	if (depth == TR_MAX_RANK) {
		PyErr_Format(PyExc_ValueError, "array: more than %d dimensions", TR_MAX_RANK);
		return -1;
	}
	if (nest->shape[depth] >= 0 && nest->shape[depth] != n)
		return ragged(depth);
	nest->shape[depth] = n;
	if (n == 0)
		nest->ndim = depth + 1;
	for (Py_ssize_t i = 0; i < n && !err; i++) {
		PyObject *item = item_of(o, i);

		err = item ? discover(item, depth + 1, nest) : -1;
		Py_XDECREF(item);
	}
	return err;
}

static int put_integer(PyObject *o, enum tr_dtype code, void *at)
{
	PyObject *number = PyNumber_Long(o);
	long long value;
	unsigned long long wide;
	uint64_t greatest = 1;
	int64_t least = 0;
	int overflow;

	if (!number)
		return -1;
	dtype_bounds(code, &least, &greatest);
	value = PyLong_AsLongLongAndOverflow(number, &overflow);
	wide = (unsigned long long)value;
	if (overflow > 0) {
		wide = PyLong_AsUnsignedLongLong(number);
		overflow = PyErr_Occurred() != NULL;
		PyErr_Clear();
		value = INT64_MAX;
	}
	if (!least && !PyLong_Check(o) && !PyFloat_CheckExact(o)) { /* scalars become unsigned ones as arrays do */
		wide = PyLong_AsUnsignedLongLongMask(number);
		overflow = value = 0;
		greatest = UINT64_MAX;
	}
	if (overflow || value < least || (value >= 0 && wide > greatest)) {
		PyErr_Format(PyExc_OverflowError, "Python integer %S out of bounds for %s", number, tr_dtype_name(code));
		Py_DECREF(number);
		return -1;
	}
	Py_DECREF(number);
	memcpy(at, &wide, tr_dtype_size(code)); /* little-endian: the low bytes come first */
	return 0;
}

int number_put(PyObject *o, enum tr_dtype code, void *at)
{
	double real, imag = 0;

	if (code == TR_BOOL) {
		int truth = PyObject_IsTrue(o);

		*(uint8_t *)at = truth > 0;
		return truth < 0 ? -1 : 0;
	}
	if (code <= TR_U64)
		return put_integer(o, code, at);
	if (code >= TR_C64 && !PyComplex_Check(o) && !PyFloat_Check(o) && PyObject_HasAttrString(o, "__complex__")) {
		PyObject *number = PyObject_CallMethod(o, "__complex__", NULL);
		int err = number && PyComplex_Check(number) ? number_put(number, code, at) : -1;

		Py_XDECREF(number);
		return err;
	}
	if (PyComplex_Check(o)) {
		real = PyComplex_RealAsDouble(o);
		imag = PyComplex_ImagAsDouble(o);
	} else {
		real = PyFloat_AsDouble(o);
	}
	if (PyErr_Occurred())
		return -1;
	if (code == TR_F64 || code == TR_C128)
		memcpy(at, (double[]){real, imag}, tr_dtype_size(code));
	else
		memcpy(at, (float[]){(float)real, (float)imag}, tr_dtype_size(code));
	return 0;
}

static int fill_array(struct tr_tensor *t, enum tr_dtype dtype, char **at)
{
	size_t size = (size_t)tr_numel(t) * tr_dtype_size(dtype); /* part of a tensor that exists */
	struct tr_tensor *cast = NULL;
	int err;

	if (!context_enter())
		return -1;
	if (tr_dtype_of(t) != dtype)
		t = cast = tr_astype(t, dtype);
	err = t ? tr_read(t, *at, size) : -TR_ENOMEM;
	tr_free(cast);
	*at += size;
	return context_status(err);
}

static int fill(PyObject *o, int depth, struct nest *nest, char **at)
{
	int err = 0;

	if (PyFloat_CheckExact(o) && nest->dtype == TR_F64 && depth == nest->ndim) {
		double x = PyFloat_AsDouble(o);

		memcpy(*at, &x, sizeof(x));
		*at += sizeof(x);
		return 0;
	}
	if (is_array(o) && !is_scalar(o))
		return fill_array(tensor_of(o), nest->dtype, at);
	if (nest->likes && is_candidate(o) && nest->next < PyList_Size(nest->likes)) {
		PyObject *like = PyList_GetItem(nest->likes, nest->next++);

		if (like != Py_None)
			return fill_array(tensor_of(like), nest->dtype, at);
	}
	if (depth == nest->ndim) {
		err = number_put(o, nest->dtype, *at);
		*at += tr_dtype_size(nest->dtype);
		return err;
	}
	for (int64_t i = 0; i < nest->shape[depth] && !err; i++) {
		PyObject *item = item_of(o, (Py_ssize_t)i);

		err = item ? fill(item, depth + 1, nest, at) : -1;
		Py_XDECREF(item);
	}
	return err;
}

/* Takes array. */
static PyObject *cast_to(PyObject *array, enum tr_dtype dtype)
{
	PyObject *cast = array ? array_from(array, dtype, -1) : NULL;

	Py_XDECREF(array);
	return cast;
}

/* The type numbers are put down in, which is dtype only if that is how Python's become it: *dtype, if another, is for later. */
static enum tr_dtype type_put(enum tr_dtype found, bool cast, enum tr_dtype *dtype)
{
	if (found == TR_DTYPE_NONE)
		found = TR_F64;
	if (*dtype != TR_DTYPE_NONE && *dtype <= TR_U64 && (found <= TR_U64 || (*dtype != TR_BOOL && found == TR_F64 && !cast)))
		found = *dtype;
	if (dtype_is_half(found)) {
		*dtype = *dtype == TR_DTYPE_NONE ? found : *dtype;
		found = TR_F32;
	}
	return found;
}

/* Python's complex numbers do not become real ones; arrays of them do. */
static int refuse_parts(enum tr_dtype found, bool cast, enum tr_dtype dtype)
{
	if (found < TR_C64 || cast || dtype == TR_BOOL || dtype >= TR_C64)
		return 0;
	PyErr_Format(PyExc_TypeError, "%s() argument must be a string or a real number, not 'complex'",
		     dtype <= TR_U64 ? "int" : "float");
	return -1;
}

static PyObject *from_nest(PyObject *o, struct nest *nest, enum tr_dtype dtype)
{
	struct tr_context *ctx;
	struct tr_tensor *t;
	PyObject *array;
	char *at;

	if (discover(o, 0, nest) || refuse_parts(nest->dtype, nest->cast || nest->dtype == TR_DTYPE_NONE, dtype))
		return NULL;
	nest->dtype = type_put(nest->dtype, nest->cast, &dtype);
	ctx = context_enter();
	if (!ctx)
		return NULL;
	t = tr_empty(ctx, nest->dtype, nest->ndim, nest->shape);
	at = tr_data(t);
	array = context_array(t);
	if (!array || (at && fill(o, 0, nest, &at))) {
		Py_XDECREF(array);
		return NULL;
	}
	return dtype != TR_DTYPE_NONE && dtype != nest->dtype ? cast_to(array, dtype) : array;
}

/* An array of one of Python's numbers. */
static PyObject *from_number(PyObject *o, enum tr_dtype dtype)
{
	enum tr_dtype code = type_put(number_type(o), false, &dtype);
	_Alignas(16) char value[16];
	struct tr_context *ctx;
	PyObject *array;

	if (refuse_parts(code, false, dtype) || number_put(o, code, value))
		return NULL;
	ctx = context_enter();
	array = ctx ? context_array(tr_from_data(ctx, code, 0, NULL, value)) : NULL;
	return dtype != TR_DTYPE_NONE && dtype != code ? cast_to(array, dtype) : array;
}

/* An array of the numbers in nested sequences, or of one number. */
static PyObject *from_values(PyObject *o, enum tr_dtype dtype)
{
	struct nest nest = {.ndim = -1, .dtype = TR_DTYPE_NONE};
	PyObject *array;

	if (PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o) || PyComplex_CheckExact(o))
		return from_number(o, dtype);
	for (int i = 0; i < TR_MAX_RANK; i++)
		nest.shape[i] = -1;
	array = from_nest(o, &nest, dtype);
	Py_XDECREF(nest.likes);
	return array;
}

static PyObject *from_array(PyObject *array, enum tr_dtype dtype, int copy)
{
	struct tr_tensor *t = tensor_of(array);
	bool same = dtype == TR_DTYPE_NONE || dtype == tr_dtype_of(t), scalar = is_scalar(array);
	PyThreadState *state;
	struct tr_tensor *y;

	if (same && copy != 1 && !scalar)
		return Py_NewRef(array);
	if (copy == 0) {
		PyErr_Format(PyExc_ValueError, "a conversion from %s%s to %s cannot avoid a copy", scalar ? "a scalar of " : "",
			     tr_dtype_name(tr_dtype_of(t)), tr_dtype_name(same ? tr_dtype_of(t) : dtype));
		return NULL;
	}
	if (!context_enter())
		return NULL;
	state = context_release(tr_numel(t));
	y = same ? tr_copy(t) : tr_astype(t, dtype);
	context_resume(state);
	return context_array(y);
}

static PyObject *by_dlpack(PyObject *o)
{
	PyObject *module = PyImport_ImportModule("trueno._core"), *array;

	if (!module)
		return NULL;
	array = PyObject_CallMethod(module, "from_dlpack", "O", o);
	Py_DECREF(module);
	return array;
}

PyObject *array_from(PyObject *o, enum tr_dtype dtype, int copy)
{
	PyObject *array = NULL, *result;

	if (is_array(o))
		return from_array(o, dtype, copy);
	if (PyList_Check(o) || PyTuple_Check(o) || PyLong_Check(o) || Py_TYPE(o) == &PyFloat_Type || PyBytes_Check(o))
		goto values;
	array = array_from_buffer(o);
	if (!array && !PyErr_Occurred() && PyObject_HasAttrString(o, "__dlpack__"))
		array = by_dlpack(o);
	if (!array && !PyErr_Occurred())
		array = array_from_protocol(o);
	if (!array && PyErr_Occurred())
		return NULL;
	if (array) {
		result = from_array(array, dtype, copy);
		Py_DECREF(array);
		return result;
	}
values:
	if (copy == 0) {
		PyErr_Format(PyExc_ValueError, "an array of %R cannot avoid a copy", Py_TYPE(o));
		return NULL;
	}
	return from_values(o, dtype);
}

static PyObject *number_at(enum tr_dtype code, const void *at)
{
	double d[2];
	float f[2];
	int64_t i = 0;

	if (code == TR_F64) {
		memcpy(d, at, sizeof(*d));
		return PyFloat_FromDouble(d[0]);
	}
	if (code == TR_BOOL)
		return PyBool_FromLong(*(const uint8_t *)at);
	if (code >= TR_U8 && code <= TR_U64) {
		memcpy(&i, at, tr_dtype_size(code));
		return PyLong_FromUnsignedLongLong((uint64_t)i);
	}
	if (code <= TR_I64) {
		unsigned up = 64 - 8 * (unsigned)tr_dtype_size(code);

		memcpy(&i, at, tr_dtype_size(code));
		return PyLong_FromLongLong((int64_t)((uint64_t)i << up) >> up);
	}
	if (code == TR_F32 || code == TR_C64) {
		memcpy(f, at, tr_dtype_size(code));
		d[0] = f[0];
		d[1] = code == TR_C64 ? f[1] : 0;
	} else {
		memcpy(d, at, tr_dtype_size(code));
	}
	return code >= TR_C64 ? PyComplex_FromDoubles(d[0], d[1]) : PyFloat_FromDouble(d[0]);
}

/* All elements in C order, halves as float32, in memory for free(); *code their type. NULL with an exception. */
static char *elements(PyObject *array, enum tr_dtype *code)
{
	struct tr_tensor *t = tensor_of(array), *wide = NULL;
	size_t size;
	char *data;
	int err;

	*code = dtype_is_half(tr_dtype_of(t)) ? TR_F32 : tr_dtype_of(t);
	size = (size_t)tr_numel(t) * tr_dtype_size(*code); /* a half's double fits: it was checked when t was made */
	data = malloc(size ? size : 1);
	if (!data) {
		PyErr_NoMemory();
		return NULL;
	}
	if (!context_enter()) {
		free(data);
		return NULL;
	}
	if (*code != tr_dtype_of(t))
		t = wide = tr_astype(t, *code);
	err = tr_read(t, data, size);
	tr_free(wide);
	if (!context_status(err))
		return data;
	free(data);
	return NULL;
}

static PyObject *scalar_item(PyObject *scalar)
{
	enum tr_dtype code = (enum tr_dtype)((struct scalar *)scalar)->code;
	const void *value = scalar_value(scalar);
	double half;

	if (!value)
		return NULL;
	return scalar_half(code, value, &half) ? PyFloat_FromDouble(half) : number_at(code, value);
}

PyObject *array_item(PyObject *array)
{
	struct tr_tensor *t;
	enum tr_dtype code;
	PyObject *o;
	char *data;

	if (is_scalar(array))
		return scalar_item(array);
	t = tensor_of(array);
	if (tr_numel(t) != 1) {
		PyErr_Format(PyExc_ValueError, "only an array of one element is a number; this one has %lld",
			     (long long)tr_numel(t));
		return NULL;
	}
	data = elements(array, &code);
	o = data ? number_at(code, data) : NULL;
	free(data);
	return o;
}

static PyObject *list_at(struct tr_tensor *t, int axis, enum tr_dtype code, const char **at)
{
	PyObject *list;

	size_t size = tr_dtype_size(code);
	int64_t n;

	if (axis == tr_ndim(t)) {
		list = number_at(code, *at);
		*at += size;
		return list;
	}
	n = tr_shape(t)[axis];
	list = PyList_New((Py_ssize_t)n);
	for (int64_t i = 0; list && i < n; i++) {
		PyObject *item;

		if (axis + 1 < tr_ndim(t)) {
			item = list_at(t, axis + 1, code, at);
		} else {
			item = number_at(code, *at);
			*at += size;
		}

		if (!item || PyList_SetItem(list, (Py_ssize_t)i, item)) {
			Py_DECREF(list);
			return NULL;
		}
	}
	return list;
}

PyObject *array_tolist(PyObject *self, PyObject *unused)
{
	enum tr_dtype code;
	char *data = elements(self, &code);
	const char *at = data;
	PyObject *list = data ? list_at(tensor_of(self), 0, code, &at) : NULL;

	(void)unused;
	free(data);
	return list;
}

int operand_get(struct operand *o, PyObject *from)
{
	int overflow = 0;

	o->own = o->narrow = false;
	o->t = NULL;
	o->from = from;
	o->array = from;
	o->kind = OPERAND_ARRAY;
	if (Py_TYPE(from) == array_type)
		return 0;
	if (Py_TYPE(from) == &PyFloat_Type) {
		o->kind = OPERAND_FLOAT;
		o->value.f = PyFloat_AsDouble(from);
		return 0;
	}
	if (Py_TYPE(from) == &PyLong_Type) {
		o->kind = OPERAND_INT;
		o->value.i = PyLong_AsLongLongAndOverflow(from, &overflow);
		if (overflow)
			o->kind = OPERAND_WIDE;
		return 0;
	} else if (PyBool_Check(from)) {
		o->kind = OPERAND_BOOL;
		o->value.i = from == Py_True;
		return 0;
	} else if (Py_TYPE(from) == &PyComplex_Type) {
		o->kind = OPERAND_COMPLEX;
		o->value.parts[0] = PyComplex_RealAsDouble(from);
		o->value.parts[1] = PyComplex_ImagAsDouble(from);
		return 0;
	}
	if (is_array(from))
		return 0;
	o->array = array_from(from, TR_DTYPE_NONE, -1);
	o->own = true;
	return o->array ? 0 : -1;
}

int operand_settle(struct operand *o)
{
	if (o->kind != OPERAND_WIDE)
		return 0;
	o->kind = OPERAND_ARRAY;
	o->array = array_from(o->from, TR_DTYPE_NONE, -1);
	o->own = true;
	return o->array ? 0 : -1;
}

struct tr_tensor *operand_bind(struct tr_context *ctx, struct operand *o)
{
	float narrow[2];

	switch (o->kind) {
	case OPERAND_ARRAY:
		return o->t = tensor_of(o->array);
	case OPERAND_BOOL:
		return o->t = tr_from_data(ctx, TR_BOOL, 0, NULL, &o->value.i);
	case OPERAND_INT:
		return o->t = tr_scalar_int(ctx, o->value.i);
	case OPERAND_FLOAT:
		return o->t = tr_scalar(ctx, o->value.f);
	case OPERAND_COMPLEX:
		narrow[0] = (float)o->value.parts[0];
		narrow[1] = (float)o->value.parts[1];
		if (o->narrow)
			return o->t = tr_from_data(ctx, TR_C64, 0, NULL, narrow);
		return o->t = tr_from_data(ctx, TR_C128, 0, NULL, o->value.parts);
	default:
		return o->t = NULL;
	}
}

void operand_unbind(struct operand *o)
{
	if (o->kind > OPERAND_ARRAY)
		tr_free(o->t);
}

void operand_drop(struct operand *o)
{
	if (o->kind == OPERAND_ARRAY && o->own)
		Py_XDECREF(o->array);
	o->kind = OPERAND_NONE;
}

int int64_of(PyObject *o, int64_t *out)
{
	PyObject *number = PyNumber_Index(o);
	int overflow = 0;

	if (!number)
		return -1;
	*out = PyLong_AsLongLongAndOverflow(number, &overflow);
	Py_DECREF(number);
	if (overflow)
		PyErr_Format(PyExc_OverflowError, "%R does not fit 64 bits", o);
	return overflow || PyErr_Occurred() ? -1 : 0;
}

/* A truth value is no size and no axis. */
static int whole_of(PyObject *o, int64_t *out, const char *what)
{
	if (!PyBool_Check(o))
		return int64_of(o, out);
	PyErr_Format(PyExc_TypeError, "%s: an integer is required, not %R", what, o);
	return -1;
}

int ints_of(PyObject *o, int64_t *out, int max, const char *what)
{
	Py_ssize_t n;

	if (PyIndex_Check(o) && !(is_array(o) && tr_ndim(tensor_of(o))))
		return whole_of(o, out, what) ? -1 : 1;
	n = PySequence_Size(o);
	if (n < 0)
		return -1;
	if (n > max) {
		PyErr_Format(PyExc_ValueError, "%s: %zd given, at most %d possible", what, n, max);
		return -1;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *item = PySequence_GetItem(o, i);
		int err = item ? whole_of(item, out + i, what) : -1;

		Py_XDECREF(item);
		if (err)
			return -1;
	}
	return (int)n;
}
