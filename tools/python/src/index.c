/* SPDX-License-Identifier: MIT */
/* Subscripts: Python's index objects as the library's, length and iteration. What an index means is the library's. */
#include <string.h>

#include "lib/dtype.h"
#include "tools/python/src/package.h"

/* As many as a slice of every axis, and a new axis between each, can need. */
#define MAX_INDEX (4 * TR_MAX_RANK)

struct subscript {
	int n;
	struct tr_index index[MAX_INDEX];
	PyObject *held[MAX_INDEX]; /* arrays the entries point into */
};

/* Python gives the ends of its own range for what is left out; the library's mark for that is the lower one. */
static int add_slice(struct tr_index *index, PyObject *slice)
{
	Py_ssize_t start, stop, step;

	if (PySlice_Unpack(slice, &start, &stop, &step))
		return -1;
	index->kind = TR_INDEX_SLICE;
	index->start = start == PY_SSIZE_T_MIN ? start + 1 : start;
	index->stop = stop == PY_SSIZE_T_MIN && step > 0 ? stop + 1 : stop;
	index->step = step;
	return 0;
}

static int no_index(void)
{
	PyErr_SetString(PyExc_IndexError, "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or "
					  "boolean arrays are valid indices");
	return -1;
}

static int add_array(struct subscript *s, struct tr_index *index, PyObject *o)
{
	bool list = is_array(o) || PySequence_Check(o);
	PyObject *array = PyUnicode_Check(o) || PyFloat_Check(o) || PyComplex_Check(o) ? NULL : array_from(o, TR_DTYPE_NONE, -1);

	if (!array && (!PyErr_Occurred() || (!list && PyErr_ExceptionMatches(PyExc_TypeError))))
		return no_index();
	if (array && tr_numel(tensor_of(array)) == 0 && !is_array(o) && tr_dtype_of(tensor_of(array)) == TR_F64) {
		PyObject *whole = array_from(array, TR_I64, -1); /* [] is a list of no integers */

		Py_DECREF(array);
		array = whole;
	}
	if (!array)
		return -1;
	s->held[s->n] = array;
	index->kind = TR_INDEX_TENSOR;
	index->tensor = tensor_of(array);
	return 0;
}

/* Integers, and arrays of one without axes; bool is a mask. */
static bool is_integer(PyObject *o)
{
	int64_t least;
	uint64_t greatest;

	if (PyLong_CheckExact(o))
		return true;
	if (is_scalar(o))
		return dtype_bounds((enum tr_dtype)((struct scalar *)o)->code, &least, &greatest);
	if (is_array(o))
		return !tr_ndim(tensor_of(o)) && dtype_bounds(tr_dtype_of(tensor_of(o)), &least, &greatest);
	return PyIndex_Check(o) && !PyBool_Check(o) && !PySequence_Check(o);
}

static int add_entry(struct subscript *s, PyObject *o)
{
	struct tr_index *index = &s->index[s->n];

	if (s->n == MAX_INDEX) {
		PyErr_SetString(PyExc_IndexError, "too many indices for array");
		return -1;
	}
	*index = (struct tr_index){.kind = TR_INDEX_NEW};
	s->held[s->n] = NULL;
	if (o == Py_Ellipsis) {
		index->kind = TR_INDEX_ELLIPSIS;
	} else if (PySlice_Check(o)) {
		if (add_slice(index, o))
			return -1;
	} else if (is_integer(o)) {
		index->kind = TR_INDEX_AT;
		if (int64_of(o, &index->start)) {
			if (!PyErr_ExceptionMatches(PyExc_OverflowError))
				return -1;
			PyErr_Clear();
			PyErr_Format(PyExc_IndexError, "cannot fit %R into an index-sized integer", o);
			return -1;
		}
	} else if (o != Py_None && add_array(s, index, o)) {
		return -1;
	}
	s->n++;
	return 0;
}

static void drop(struct subscript *s)
{
	for (int i = 0; i < s->n; i++)
		Py_XDECREF(s->held[i]);
}

/* What kind of index each is comes before what a slice's ends are. */
static int refuse_floats(PyObject *key, Py_ssize_t n)
{
	for (Py_ssize_t i = 0; i < n; i++)
		if (PyFloat_Check(PyTuple_GetItem(key, i)))
			return no_index();
	return -1;
}

static int parse(struct subscript *s, PyObject *key)
{
	Py_ssize_t n = PyTuple_Check(key) ? PyTuple_Size(key) : -1;
	int err = 0;

	s->n = 0;
	if (n < 0)
		err = add_entry(s, key);
	for (Py_ssize_t i = 0; i < n && !err; i++)
		err = add_entry(s, PyTuple_GetItem(key, i));
	if (err) {
		drop(s);
		refuse_floats(key, n);
	}
	return err;
}

/* Whether the indices name one element, and where it is, in bytes from the array's first. */
static bool element_at(const struct tr_tensor *t, int n, const struct tr_index *index, int64_t *at)
{
	const int64_t *shape = tr_shape(t), *strides = tr_strides(t);

	*at = 0;
	if (n != tr_ndim(t))
		return false;
	for (int i = 0; i < n; i++) {
		int64_t size = shape[i], k = index[i].start;

		if (index[i].kind != TR_INDEX_AT || k < -size || k >= size)
			return false;
		*at += (k < 0 ? k + size : k) * strides[i];
	}
	*at *= tr__size(tr_dtype_of(t));
	return true;
}

/* Leaves. An element as a scalar, without a tensor of its own. */
static PyObject *read_element(struct tr_tensor *t, int64_t at)
{
	const char *data = tr_data_const(t);
	PyObject *y = data ? scalar_make(tr_dtype_of(t), data + at) : NULL; /* scalars are made without Python code */

	if (context_status(data ? 0 : -TR_EINVAL))
		return NULL;
	return y;
}

static bool has_ellipsis(const struct subscript *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->index[i].kind == TR_INDEX_ELLIPSIS)
			return true;
	return false;
}

/* Adds what Python's int makes on an axis of n. */
static bool add_place(PyObject *key, int64_t n, int64_t stride, int64_t *at)
{
	int overflow = 0;
	int64_t k = PyLong_CheckExact(key) ? PyLong_AsLongLongAndOverflow(key, &overflow) : n;

	if (overflow || k < -n || k >= n)
		return false;
	*at += (k < 0 ? k + n : k) * stride;
	return true;
}

/* a[i] and a[i, k], which are asked for more than all else: whether there is such an element, and where it is, in bytes. */
static bool place_of(const struct tr_tensor *t, PyObject *key, int64_t *at)
{
	int ndim = tr_ndim(t);

	*at = 0;
	if (PyLong_CheckExact(key)) {
		if (ndim != 1 || !add_place(key, tr_shape(t)[0], tr_strides(t)[0], at))
			return false;
	} else if (!PyTuple_CheckExact(key) || PyTuple_Size(key) != ndim) {
		return false;
	} else {
		for (int i = 0; i < ndim; i++)
			if (!add_place(PyTuple_GetItem(key, i), tr_shape(t)[i], tr_strides(t)[i], at))
				return false;
	}
	*at *= tr__size(tr_dtype_of(t));
	return true;
}

static PyObject *__attribute__((noinline)) get_any(PyObject *self, PyObject *key)
{
	struct tr_tensor *t = tensor_of(self);
	struct subscript s;
	bool array;
	PyObject *y;
	int64_t at;

	if (parse(&s, key))
		return NULL;
	if (!context_enter()) {
		drop(&s);
		return NULL;
	}
	if (element_at(t, s.n, s.index, &at))
		return read_element(t, at); /* nothing is held: all are numbers */
	if (s.n == 1 && s.index[0].kind == TR_INDEX_AT && tr_ndim(t)) /* the most frequent, without detours */
		t = tr_select(t, 0, s.index[0].start);
	else
		t = tr_index_get(t, s.n, s.index);
	array = has_ellipsis(&s);
	y = array_view(array ? context_array(t) : context_result(t), self);
	drop(&s);
	return y;
}

static PyObject *get(PyObject *self, PyObject *key)
{
	struct tr_tensor *t = tensor_of(self);
	int64_t at;

	if (place_of(t, key, &at))
		return context_enter() ? read_element(t, at) : NULL;
	return get_any(self, key);
}

static bool is_real_scalar(PyObject *o)
{
	return is_scalar(o) && strchr("iuf", dtype_kind((enum tr_dtype)((struct scalar *)o)->code));
}

/* Writes a number that needs no conversion to the one element that is named. 1: not of that kind, nothing is done. */
static int write_element(struct tr_tensor *t, int64_t at, PyObject *from)
{
	enum tr_dtype code = tr_dtype_of(t);
	_Alignas(16) char value[16];
	const void *bytes = value;
	uint64_t greatest;
	int64_t least;
	char *data;

	if (PyList_Check(from) || PyTuple_Check(from)) {
		PyErr_SetString(PyExc_ValueError, "setting an array element with a sequence.");
		return -1;
	}
	if (is_scalar(from) && ((struct scalar *)from)->code == code)
		bytes = scalar_value(from);
	else if (!(PyFloat_CheckExact(from) && (code == TR_F32 || code == TR_F64)) &&
		 !((PyLong_CheckExact(from) || PyFloat_CheckExact(from) || is_real_scalar(from)) &&
		   dtype_bounds(code, &least, &greatest)))
		return 1;
	else if (number_put(from, code, value))
		return -1;
	if (!bytes || !context_enter())
		return -1;
	data = tr_data(t);
	if (data)
		memcpy(data + at, bytes, tr_dtype_size(code));
	return context_status(data ? 0 : -TR_EINVAL);
}

/* What imaginary parts go lost with: numbers are refused, arrays warned about. */
static int check_parts(PyObject *self, const struct operand *value)
{
	PyObject *module, *warning;
	int err;

	if (tr_dtype_of(tensor_of(self)) >= TR_C64 || tr_dtype_of(tensor_of(self)) == TR_BOOL)
		return 0;
	if (value->kind == OPERAND_COMPLEX) {
		PyErr_SetString(PyExc_TypeError, "float() argument must be a string or a real number, not 'complex'");
		return -1;
	}
	if (value->kind != OPERAND_ARRAY || tr_dtype_of(tensor_of(value->array)) < TR_C64)
		return 0;
	module = PyImport_ImportModule("trueno.exceptions");
	warning = module ? PyObject_GetAttrString(module, "ComplexWarning") : NULL;
	err = warning ? PyErr_WarnEx(warning, "Casting complex values to real discards the imaginary part", 1) : -1;
	Py_XDECREF(module);
	Py_XDECREF(warning);
	return err;
}

static int __attribute__((noinline)) set_any(PyObject *self, PyObject *key, PyObject *from)
{
	struct tr_context *ctx;
	struct operand value;
	struct subscript s;
	int64_t at;
	int err;

	if (parse(&s, key))
		return -1;
	err = element_at(tensor_of(self), s.n, s.index, &at) ? write_element(tensor_of(self), at, from) : 1;
	if (err <= 0)
		return err;
	err = operand_get(&value, from);
	err = err ? err : operand_settle(&value);
	err = err ? err : check_parts(self, &value);
	ctx = err ? NULL : context_enter();
	if (ctx) {
		struct tr_tensor *v = operand_bind(ctx, &value);

		err = v ? tr_index_set(tensor_of(self), s.n, s.index, v) : -TR_ENOMEM;
		operand_unbind(&value);
		err = context_status(err);
	}
	if (!ctx)
		err = -1;
	operand_drop(&value);
	drop(&s);
	return err;
}

static int set(PyObject *self, PyObject *key, PyObject *from)
{
	struct tr_tensor *t = tensor_of(self);
	int64_t at;
	int err = 1;

	if (!from) {
		PyErr_SetString(PyExc_ValueError, "elements of an array cannot be deleted");
		return -1;
	}
	if (place_of(t, key, &at))
		err = write_element(t, at, from);
	return err <= 0 ? err : set_any(self, key, from);
}

static Py_ssize_t length(PyObject *self)
{
	if (tr_ndim(tensor_of(self)))
		return (Py_ssize_t)tr_shape(tensor_of(self))[0];
	PyErr_SetString(PyExc_TypeError, "len() of unsized object");
	return -1;
}

static PyObject *item(PyObject *self, Py_ssize_t i)
{
	struct tr_tensor *t = tensor_of(self);
	struct tr_index index = TR_AT(i);
	int64_t at;

	if (!context_enter())
		return NULL;
	if (!tr_ndim(t))
		return context_array(tr_index_get(t, 1, &index));
	if (element_at(t, 1, &index, &at))
		return read_element(t, at);
	return array_view(context_array(tr_select(t, 0, i)), self);
}

static PyObject *iterate(PyObject *self)
{
	if (tr_ndim(tensor_of(self)))
		return PySeqIter_New(self);
	PyErr_SetString(PyExc_TypeError, "iteration over a 0-d array");
	return NULL;
}

static int contains(PyObject *self, PyObject *value)
{
	PyObject *args[] = {self, value}, *same = op_call(TR_OP_equal, args, 2, NULL), *some;
	int result = -1;

	some = same ? op_call(TR_OP_any, &same, 1, NULL) : NULL;
	if (some)
		result = PyObject_IsTrue(some);
	Py_XDECREF(same);
	Py_XDECREF(some);
	return result;
}

PyType_Slot index_slots[] = {
	{Py_mp_length, length}, {Py_mp_subscript, get}, {Py_mp_ass_subscript, set}, {Py_sq_length, length},
	{Py_sq_item, item}, {Py_sq_contains, contains}, {Py_tp_iter, iterate},
	{0, NULL},
};
