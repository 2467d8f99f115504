/* SPDX-License-Identifier: MIT */
/* Subscripts: Python's index objects as the library's, length and iteration. What an index means is the library's. */
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

static int add_array(struct subscript *s, struct tr_index *index, PyObject *o)
{
	PyObject *array = array_from(o, TR_DTYPE_NONE, -1);

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
	} else if (PyLong_Check(o) && !PyBool_Check(o)) {
		index->kind = TR_INDEX_AT;
		if (int64_of(o, &index->start)) {
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

static int parse(struct subscript *s, PyObject *key)
{
	Py_ssize_t n = PyTuple_Check(key) ? PyTuple_Size(key) : -1;
	int err = 0;

	s->n = 0;
	if (n < 0)
		err = add_entry(s, key);
	for (Py_ssize_t i = 0; i < n && !err; i++)
		err = add_entry(s, PyTuple_GetItem(key, i));
	if (err)
		drop(s);
	return err;
}

static PyObject *get(PyObject *self, PyObject *key)
{
	struct subscript s;
	struct tr_tensor *t;
	PyObject *y;

	if (parse(&s, key))
		return NULL;
	if (!context_enter()) {
		drop(&s);
		return NULL;
	}
	if (s.n == 1 && s.index[0].kind == TR_INDEX_AT && tr_ndim(tensor_of(self))) /* the most frequent, without detours */
		t = tr_select(tensor_of(self), 0, s.index[0].start);
	else
		t = tr_index_get(tensor_of(self), s.n, s.index);
	y = context_array(t);
	drop(&s);
	return y;
}

static int set(PyObject *self, PyObject *key, PyObject *from)
{
	struct tr_context *ctx;
	struct operand value;
	struct subscript s;
	int err;

	if (!from) {
		PyErr_SetString(PyExc_ValueError, "elements of an array cannot be deleted");
		return -1;
	}
	if (parse(&s, key))
		return -1;
	err = operand_get(&value, from);
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

	if (!context_enter())
		return NULL;
	if (!tr_ndim(t))
		return context_array(tr_index_get(t, 1, (const struct tr_index[]){TR_AT(i)}));
	return context_array(tr_select(t, 0, i));
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
