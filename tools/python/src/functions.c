/* SPDX-License-Identifier: MIT */
/*
 * The library's functions that are not operations of the table: creation, views, joining and splitting, products. Each
 * takes exactly the arguments named in its format; the package's Python files give them NumPy's names, order and
 * defaults.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/python/src/package.h"

struct ints {
	int n;
	int64_t at[2 * TR_MAX_RANK];
};

/* Converters of PyArg_ParseTuple. */
static int get_ints(PyObject *o, void *out)
{
	struct ints *ints = out;

	ints->n = ints_of(o, ints->at, 2 * TR_MAX_RANK, "sizes or axes");
	return ints->n >= 0;
}

static int get_dtype(PyObject *o, void *out)
{
	return !dtype_from(o, out);
}

#define FUNCTION(name, format, declare, targets, ...) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		PyObject *a; \
		declare; \
		(void)module; \
		if (!PyArg_ParseTuple(args, "O!" format ":" #name, array_type, &a targets) || !context_enter()) \
			return NULL; \
		return array_view(context_array(tr_##name(tensor_of(a) __VA_ARGS__)), a); \
	}
#define COMMA ,

FUNCTION(ravel, "", , )
FUNCTION(squeeze_all, "", , )
FUNCTION(flatnonzero, "", , )
FUNCTION(argwhere, "", , )
FUNCTION(real, "", , )
FUNCTION(imag, "", , )
FUNCTION(angle, "", , )
FUNCTION(conjugate, "", , )
FUNCTION(view_as_real, "", , )
FUNCTION(view_as_complex, "", , )
FUNCTION(glu, "i", int axis, COMMA &axis, COMMA axis)
FUNCTION(unsqueeze, "i", int i, COMMA &i, COMMA i)
FUNCTION(squeeze, "i", int i, COMMA &i, COMMA i)
FUNCTION(rot90, "i", int i, COMMA &i, COMMA i)
FUNCTION(moveaxis, "ii", int i; int j, COMMA &i COMMA &j, COMMA i COMMA j)
FUNCTION(swapaxes, "ii", int i; int j, COMMA &i COMMA &j, COMMA i COMMA j)
FUNCTION(tril, "L", long long k, COMMA &k, COMMA k)
FUNCTION(triu, "L", long long k, COMMA &k, COMMA k)
FUNCTION(diag, "L", long long k, COMMA &k, COMMA k)
FUNCTION(flip, "I", unsigned axes, COMMA &axes, COMMA axes)
FUNCTION(roll, "Li", long long n; int axis, COMMA &n COMMA &axis, COMMA n COMMA axis)
FUNCTION(repeat, "Li", long long n; int axis, COMMA &n COMMA &axis, COMMA n COMMA axis)
FUNCTION(diagonal, "Lii", long long k; int i; int j, COMMA &k COMMA &i COMMA &j, COMMA k COMMA i COMMA j)
FUNCTION(reshape, "O&", struct ints s, COMMA get_ints COMMA &s, COMMA s.n COMMA s.at)
FUNCTION(broadcast_to, "O&", struct ints s, COMMA get_ints COMMA &s, COMMA s.n COMMA s.at)
FUNCTION(tile, "O&", struct ints s, COMMA get_ints COMMA &s, COMMA s.n COMMA s.at)

/* These may be of one number. */
#define PRODUCT(name) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		PyObject *a, *b; \
		(void)module; \
		if (!PyArg_ParseTuple(args, "O!O!:" #name, array_type, &a, array_type, &b) || !context_enter()) \
			return NULL; \
		return context_result(tr_##name(tensor_of(a), tensor_of(b))); \
	}
PRODUCT(dot)
PRODUCT(vdot)
PRODUCT(inner)
PRODUCT(outer)
PRODUCT(matvec)
PRODUCT(vecmat)
PRODUCT(kron)
PRODUCT(masked_select)
PRODUCT(complex)
PRODUCT(prelu_channels)

static PyObject *trace(PyObject *module, PyObject *args)
{
	long long k;
	PyObject *a;
	int i, j;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!Lii:trace", array_type, &a, &k, &i, &j) || !context_enter())
		return NULL;
	return context_result(tr_trace(tensor_of(a), k, i, j));
}

static PyObject *permute(PyObject *module, PyObject *args)
{
	int perm[TR_MAX_RANK];
	struct ints axes;
	PyObject *a;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O&:permute", array_type, &a, get_ints, &axes))
		return NULL;
	if (axes.n != tr_ndim(tensor_of(a))) {
		PyErr_SetString(PyExc_ValueError, "axes don't match array");
		return NULL;
	}
	for (int i = 0; i < axes.n; i++) {
		int n = axes.n;

		perm[i] = axes.at[i] >= -n && axes.at[i] < n ? (int)(axes.at[i] < 0 ? axes.at[i] + n : axes.at[i]) : n;
	}
	if (!context_enter())
		return NULL;
	return array_view(context_array(tr_permute(tensor_of(a), perm)), a);
}

static PyObject *as_strided(PyObject *module, PyObject *args)
{
	struct ints shape, strides;
	long long offset;
	PyObject *a;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O&O&L:as_strided", array_type, &a, get_ints, &shape, get_ints, &strides, &offset))
		return NULL;
	if (shape.n != strides.n) {
		PyErr_SetString(PyExc_ValueError, "as_strided: as many strides as sizes, please");
		return NULL;
	}
	if (!context_enter())
		return NULL;
	return array_view(context_array(tr_as_strided(tensor_of(a), shape.n, shape.at, strides.at, offset)), a);
}

static PyObject *pad(PyObject *module, PyObject *args)
{
	struct ints before, after;
	PyObject *a;
	double value;
	int mode;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O&O&id:pad", array_type, &a, get_ints, &before, get_ints, &after, &mode, &value))
		return NULL;
	if (before.n != tr_ndim(tensor_of(a)) || after.n != before.n) {
		PyErr_SetString(PyExc_ValueError, "pad: a width before and after for every axis is needed");
		return NULL;
	}
	if (!context_enter())
		return NULL;
	return context_array(tr_pad(tensor_of(a), before.at, after.at, (enum tr_pad_mode)mode, value));
}

/* fill < 0: with nothing. */
static PyObject *filled(PyObject *sizes, enum tr_dtype dtype, int fill)
{
	struct tr_context *ctx;
	struct ints shape;

	if (!get_ints(sizes, &shape))
		return NULL;
	dtype = dtype == TR_DTYPE_NONE ? TR_F64 : dtype;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(fill < 0 ? tr_empty(ctx, dtype, shape.n, shape.at)
				      : tr_full(ctx, dtype, shape.n, shape.at, fill));
}

/* name(shape, dtype) */
#define FILLED(name, fill) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		enum tr_dtype dtype; \
		PyObject *sizes; \
		(void)module; \
		return PyArg_ParseTuple(args, "OO&:" #name, &sizes, get_dtype, &dtype) ? filled(sizes, dtype, fill) : NULL; \
	}
FILLED(empty, -1)
FILLED(zeros, 0)
FILLED(ones, 1)

/* asarray(object, dtype, copy): copy is True, False or None. */
static PyObject *asarray(PyObject *module, PyObject *args)
{
	PyObject *o, *copy;
	enum tr_dtype dtype;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO&O:asarray", &o, get_dtype, &dtype, &copy))
		return NULL;
	return array_from(o, dtype, copy == Py_None ? -1 : PyObject_IsTrue(copy));
}

/*
 * Functions that are called with an object and perhaps a type far more often than with all that NumPy has besides. Those
 * calls are over before Python would have bound their arguments; the others are the package's, of _create.py.
 */
enum { QUICK_ASARRAY, QUICK_ARRAY, QUICK_EMPTY, QUICK_ZEROS, QUICK_ONES, QUICK_COUNT, QUICK_RESHAPE = QUICK_COUNT };
static PyObject *wholes[QUICK_COUNT + 1];

/* f(self, …), or without self if that is NULL. */
static PyObject *call_whole(PyObject *f, PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	Py_ssize_t more = names ? PyTuple_Size(names) : 0, first = self != NULL;
	PyObject *all = PyTuple_New(n + first), *kw = PyDict_New(), *y = NULL;

	if (all && self)
		PyTuple_SetItem(all, 0, Py_NewRef(self));
	for (Py_ssize_t i = 0; all && i < n; i++)
		PyTuple_SetItem(all, i + first, Py_NewRef(args[i]));
	for (Py_ssize_t i = 0; kw && i < more; i++)
		if (PyDict_SetItem(kw, PyTuple_GetItem(names, i), args[n + i])) {
			Py_DECREF(kw);
			kw = NULL;
		}
	if (all && kw)
		y = PyObject_Call(f, all, kw);
	Py_XDECREF(all);
	Py_XDECREF(kw);
	return y;
}

/* Arrays in another order than C keep it, which is for the package. */
static bool is_plain(PyObject *o)
{
	return !is_array(o) || is_scalar(o) || tr_is_contiguous(tensor_of(o));
}

static PyObject *quick(int which, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	enum tr_dtype dtype = TR_DTYPE_NONE;
	Py_ssize_t more = names ? PyTuple_Size(names) : 0;
	bool typed = n == 2 && !more;

	if (n == 1 && more == 1)
		typed = PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "dtype") == 0;
	if ((!typed && (n != 1 || more)) || (which == QUICK_ARRAY && !is_plain(args[0])))
		return call_whole(wholes[which], NULL, args, n, names);
	if (typed && dtype_from(args[1], &dtype))
		return NULL;
	if (which > QUICK_ARRAY)
		return filled(args[0], dtype, which - QUICK_ZEROS);
	return array_from(args[0], dtype, which == QUICK_ARRAY ? 1 : -1);
}

#define QUICK(name, which) \
	static PyObject *quick_##name(PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *names) \
	{ \
		(void)module; \
		return quick(which, args, n, names); \
	}
QUICK(asarray, QUICK_ASARRAY)
QUICK(array, QUICK_ARRAY)
QUICK(empty, QUICK_EMPTY)
QUICK(zeros, QUICK_ZEROS)
QUICK(ones, QUICK_ONES)

#define QUICK_ROW(name, signature, doc) \
	{#name, (PyCFunction)(void (*)(void))quick_##name, METH_FASTCALL | METH_KEYWORDS, #name "(" signature ")\n--\n\n" doc}
#define MADE_ROW(name, doc) QUICK_ROW(name, "shape, dtype=None, order='C', *, device=None, like=None", doc)
static PyMethodDef quick_functions[QUICK_COUNT] = {
	QUICK_ROW(asarray, "a, dtype=None, order=None, *, device=None, copy=None, like=None",
		  "a as an array: itself, borrowing the memory of buffers and DLPack tensors, or a copy of numbers."),
	QUICK_ROW(array, "object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, ndmax=None, like=None",
		  "A copy of object as an array of at least ndmin axes."),
	MADE_ROW(empty, "An array whose elements are not set."),
	MADE_ROW(zeros, "An array of zeros."),
	MADE_ROW(ones, "An array of ones."),
};

/* a.reshape(2, 3), a.reshape((2, 3)) */
PyObject *array_reshape(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	struct ints shape = {.n = (int)n};
	bool plain = !names && n > 0 && n <= TR_MAX_RANK;

	if (plain && n == 1)
		plain = PyLong_CheckExact(args[0]) || PyTuple_CheckExact(args[0]);
	for (Py_ssize_t i = 0; plain && n > 1 && i < n; i++)
		plain = PyLong_CheckExact(args[i]);
	if (!plain)
		return call_whole(wholes[QUICK_RESHAPE], self, args, n, names);
	if (n == 1 && !get_ints(args[0], &shape))
		return NULL;
	for (Py_ssize_t i = 0; n > 1 && i < n; i++)
		if (int64_of(args[i], &shape.at[i]))
			return NULL;
	if (!context_enter())
		return NULL;
	return array_view(context_array(tr_reshape(tensor_of(self), shape.n, shape.at)), self);
}

/* The package's method with all arguments. */
static PyObject *set_reshape(PyObject *module, PyObject *f)
{
	(void)module;
	Py_XDECREF(wholes[QUICK_RESHAPE]);
	wholes[QUICK_RESHAPE] = Py_NewRef(f);
	return Py_NewRef(Py_None);
}

/* quick(name, whole): the function in front of the package's. */
static PyObject *quick_of(PyObject *module, PyObject *args)
{
	const char *name;
	PyObject *f;

	(void)module;
	if (!PyArg_ParseTuple(args, "sO:quick", &name, &f))
		return NULL;
	for (int i = 0; i < QUICK_COUNT; i++) {
		if (strcmp(quick_functions[i].ml_name, name))
			continue;
		Py_XDECREF(wholes[i]);
		wholes[i] = Py_NewRef(f);
		return PyCFunction_NewEx(&quick_functions[i], NULL, NULL);
	}
	return PyErr_Format(PyExc_ValueError, "there is no quick %s", name);
}

static PyObject *from_bytes(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	struct tr_tensor *t;
	struct ints shape;
	enum tr_dtype dtype;
	Py_buffer bytes;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&O&y*:from_bytes", get_dtype, &dtype, get_ints, &shape, &bytes))
		return NULL;
	ctx = context_enter();
	t = ctx ? tr_empty(ctx, dtype, shape.n, shape.at) : NULL;
	if (t && tr_write(t, bytes.buf, (size_t)bytes.len)) {
		tr_free(t);
		t = NULL;
	}
	PyBuffer_Release(&bytes);
	return ctx ? context_array(t) : NULL;
}

/* arange_int takes whole numbers of 64 bits. */
static PyObject *arange_int(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	enum tr_dtype dtype;
	long long start, stop, step;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&LLL:arange", get_dtype, &dtype, &start, &stop, &step))
		return NULL;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(tr_arange_int(ctx, dtype, start, stop, step));
}

static PyObject *arange(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	enum tr_dtype dtype;
	double start, stop, step;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&ddd:arange", get_dtype, &dtype, &start, &stop, &step))
		return NULL;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(tr_arange(ctx, dtype, start, stop, step));
}

static PyObject *linspace(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	enum tr_dtype dtype;
	double start, stop;
	long long n;
	int endpoint;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&ddLp:linspace", get_dtype, &dtype, &start, &stop, &n, &endpoint))
		return NULL;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(tr_linspace(ctx, dtype, start, stop, n, endpoint));
}

static PyObject *triangle(PyObject *args, bool whole)
{
	struct tr_context *ctx;
	enum tr_dtype dtype;
	long long n, m, k;

	if (!PyArg_ParseTuple(args, "O&LLL", get_dtype, &dtype, &n, &m, &k))
		return NULL;
	ctx = context_enter();
	if (!ctx)
		return NULL;
	return context_array(whole ? tr_tri(ctx, dtype, n, m, k) : tr_eye(ctx, dtype, n, m, k));
}

static PyObject *eye(PyObject *module, PyObject *args)
{
	(void)module;
	return triangle(args, false);
}

static PyObject *tri(PyObject *module, PyObject *args)
{
	(void)module;
	return triangle(args, true);
}

/* Tensors of a list of arrays, which outlives the call: free() them. NULL with an exception. */
static struct tr_tensor **tensors_of(PyObject *list, Py_ssize_t *n)
{
	struct tr_tensor **parts;

	*n = PyList_Check(list) ? PyList_Size(list) : -1;
	parts = *n >= 0 && *n <= INT_MAX ? calloc((size_t)*n + 1, sizeof(*parts)) : NULL;
	for (Py_ssize_t i = 0; parts && i < *n; i++) {
		PyObject *item = PyList_GetItem(list, i);

		if (!is_array(item)) {
			free(parts);
			parts = NULL;
			break;
		}
		parts[i] = tensor_of(item);
	}
	if (!parts && !PyErr_Occurred())
		PyErr_SetString(PyExc_TypeError, "a list of arrays is needed");
	return parts;
}

static PyObject *join(PyObject *args, struct tr_tensor *(*f)(struct tr_tensor *const *parts, int n, int axis))
{
	struct tr_tensor **parts, *y;
	PyObject *list;
	Py_ssize_t n;
	int axis;

	if (!PyArg_ParseTuple(args, "Oi", &list, &axis))
		return NULL;
	parts = tensors_of(list, &n);
	if (!parts)
		return NULL;
	if (!n || !context_enter()) {
		free(parts);
		if (!n)
			PyErr_SetString(PyExc_ValueError, "need at least one array");
		return NULL;
	}
	y = f(parts, (int)n, axis);
	free(parts);
	return context_array(y);
}

static PyObject *concatenate(PyObject *module, PyObject *args)
{
	(void)module;
	return join(args, tr_concatenate);
}

static PyObject *stack(PyObject *module, PyObject *args)
{
	(void)module;
	return join(args, tr_stack);
}

/* A list of arrays that own the n tensors; all are freed on failure. Frees out. */
static PyObject *list_of(struct tr_tensor **out, Py_ssize_t n)
{
	PyObject *list = PyList_New(n);

	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *array = list ? array_wrap(out[i]) : NULL;

		if (!list)
			tensor_free(out[i]);
		else if (!array || PyList_SetItem(list, i, array)) {
			Py_DECREF(list);
			list = NULL;
		}
	}
	free(out);
	return list;
}

/* split(a, parts, positions or None, axis) */
static PyObject *split(PyObject *module, PyObject *args)
{
	struct tr_tensor **out;
	PyObject *a, *positions;
	int64_t *at = NULL;
	int n, axis, err = 0;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!iOi:split", array_type, &a, &n, &positions, &axis))
		return NULL;
	out = n > 0 ? calloc((size_t)n, sizeof(*out)) : NULL;
	if (out && positions != Py_None) {
		at = calloc((size_t)n, sizeof(*at));
		err = at ? ints_of(positions, at, n, "split") < 0 : -1;
	}
	if (!out || err || !context_enter()) {
		free(out);
		free(at);
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_ValueError, "split: the number of sections must be larger than 0");
		return NULL;
	}
	err = context_status(at ? tr_split_at(tensor_of(a), at, n, axis, out) : tr_array_split(tensor_of(a), n, axis, out));
	free(at);
	if (!err)
		return list_of(out, n);
	free(out);
	return NULL;
}

static PyObject *meshgrid(PyObject *module, PyObject *args)
{
	struct tr_tensor **parts, **out;
	PyObject *list;
	Py_ssize_t n;
	int xy, err;

	(void)module;
	if (!PyArg_ParseTuple(args, "Op:meshgrid", &list, &xy))
		return NULL;
	parts = tensors_of(list, &n);
	if (!parts)
		return NULL;
	out = calloc((size_t)n + 1, sizeof(*out));
	if (!out || !context_enter()) {
		free(parts);
		free(out);
		return PyErr_Occurred() ? NULL : PyErr_NoMemory();
	}
	err = context_status(tr_meshgrid(parts, (int)n, xy ? TR_MESHGRID_XY : 0, out));
	free(parts);
	if (!err)
		return list_of(out, n);
	free(out);
	return NULL;
}

static PyObject *nonzero(PyObject *module, PyObject *a)
{
	struct tr_tensor **out;
	int n, err;

	(void)module;
	if (!is_array(a)) {
		PyErr_SetString(PyExc_TypeError, "nonzero: an array is needed");
		return NULL;
	}
	n = tr_ndim(tensor_of(a));
	out = calloc((size_t)n + 1, sizeof(*out));
	if (!out)
		return PyErr_NoMemory();
	err = !context_enter() || context_status(tr_nonzero(tensor_of(a), out));
	if (!err)
		return list_of(out, n);
	free(out);
	return NULL;
}

static PyObject *tensordot(PyObject *module, PyObject *args)
{
	int axes[2][2 * TR_MAX_RANK];
	struct ints of_a, of_b;
	PyObject *a, *b;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!O&O&:tensordot", array_type, &a, array_type, &b, get_ints, &of_a, get_ints, &of_b))
		return NULL;
	if (of_a.n != of_b.n) {
		PyErr_SetString(PyExc_ValueError, "shape-mismatch for sum: as many axes of one as of the other");
		return NULL;
	}
	for (int i = 0; i < of_a.n; i++) {
		axes[0][i] = (int)of_a.at[i];
		axes[1][i] = (int)of_b.at[i];
	}
	if (!context_enter())
		return NULL;
	return context_array(tr_tensordot(tensor_of(a), tensor_of(b), of_a.n, axes[0], axes[1]));
}

static PyObject *einsum(PyObject *module, PyObject *args)
{
	struct tr_tensor **parts, *y;
	const char *subscripts;
	PyObject *list;
	Py_ssize_t n;

	(void)module;
	if (!PyArg_ParseTuple(args, "sO:einsum", &subscripts, &list))
		return NULL;
	parts = tensors_of(list, &n);
	if (!parts)
		return NULL;
	if (!n || !context_enter()) {
		free(parts);
		if (!n)
			PyErr_SetString(PyExc_ValueError, "einsum: must provide at least an operand");
		return NULL;
	}
	y = tr_einsum(subscripts, parts, (int)n);
	free(parts);
	return context_result(y);
}

/* reinterpret(a, dtype, shape, strides, offset, constant): strides in elements, offset in bytes */
static PyObject *reinterpret(PyObject *module, PyObject *args)
{
	struct ints shape, strides;
	enum tr_dtype dtype;
	long long offset;
	PyObject *a;
	int constant;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O&O&O&Lp:reinterpret", array_type, &a, get_dtype, &dtype, get_ints, &shape, get_ints,
			      &strides, &offset, &constant))
		return NULL;
	if (shape.n != strides.n || shape.n > TR_MAX_RANK) {
		PyErr_SetString(PyExc_ValueError, "reinterpret: as many strides as sizes, at most 8");
		return NULL;
	}
	return array_reinterpret(a, dtype == TR_DTYPE_NONE ? tr_dtype_of(tensor_of(a)) : dtype, shape.n, shape.at,
				 strides.at, offset, constant);
}

static PyObject *overlap(PyObject *module, PyObject *args)
{
	PyObject *a, *b;
	int answer;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!:overlap", array_type, &a, array_type, &b))
		return NULL;
	answer = arrays_overlap(a, b);
	return answer < 0 ? NULL : PyBool_FromLong(answer);
}

/* make_readonly(a): a's elements cannot be written through a any more. */
static PyObject *make_readonly(PyObject *module, PyObject *a)
{
	struct tr_tensor *t;
	PyObject *holder, *view;

	(void)module;
	if (!is_array(a)) {
		PyErr_SetString(PyExc_TypeError, "an array is needed");
		return NULL;
	}
	t = tensor_of(a);
	holder = PyObject_GetItem(a, Py_Ellipsis);
	if (!holder)
		return NULL;
	view = array_reinterpret(holder, tr_dtype_of(t), tr_ndim(t), tr_shape(t), tr_strides(t), 0, true);
	Py_DECREF(holder);
	if (!view)
		return NULL;
	((struct array *)a)->t = tensor_of(view);
	((struct array *)view)->t = t;
	Py_XDECREF(((struct array *)a)->locked);
	((struct array *)a)->locked = view;
	return Py_NewRef(Py_None);
}

/* make_writeable(a): undoes that. Whether there was anything to undo. */
static PyObject *make_writeable(PyObject *module, PyObject *a)
{
	PyObject *view = is_array(a) ? ((struct array *)a)->locked : NULL;
	struct tr_tensor *t;

	(void)module;
	if (!view)
		return Py_NewRef(Py_False);
	t = tensor_of(view);
	((struct array *)view)->t = tensor_of(a);
	((struct array *)a)->t = t;
	((struct array *)a)->locked = NULL;
	Py_DECREF(view);
	return Py_NewRef(Py_True);
}

/* exchange(a, b): each gets the other's elements, shape and type. */
static PyObject *exchange(PyObject *module, PyObject *args)
{
	PyObject *a, *b, *base;
	struct tr_tensor *t;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!:exchange", array_type, &a, array_type, &b))
		return NULL;
	if (is_scalar(a) || is_scalar(b)) {
		PyErr_SetString(PyExc_TypeError, "scalars never change");
		return NULL;
	}
	t = tensor_of(a);
	base = ((struct array *)a)->base;
	((struct array *)a)->t = tensor_of(b);
	((struct array *)a)->base = ((struct array *)b)->base;
	((struct array *)b)->t = t;
	((struct array *)b)->base = base;
	return Py_NewRef(Py_None);
}

static PyObject *readonly(PyObject *module, PyObject *a)
{
	bool is;

	(void)module;
	if (!is_array(a)) {
		PyErr_SetString(PyExc_TypeError, "an array is needed");
		return NULL;
	}
	return array_data(a, &is) ? PyBool_FromLong(is) : NULL;
}

static PyObject *promote_types(PyObject *module, PyObject *args)
{
	enum tr_dtype a, b;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&O&:promote_types", get_dtype, &a, get_dtype, &b))
		return NULL;
	return dtype_object(tr_promote_types(a, b));
}

static PyObject *shares_storage(PyObject *module, PyObject *args)
{
	PyObject *a, *b;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!:shares_storage", array_type, &a, array_type, &b))
		return NULL;
	return PyBool_FromLong(tr_shares_storage(tensor_of(a), tensor_of(b)));
}

#define ROW(name) {#name, name, METH_VARARGS, NULL}
PyMethodDef functions[] = {
	ROW(real), ROW(imag), ROW(angle), ROW(conjugate), ROW(view_as_real), ROW(view_as_complex), ROW(glu),
	ROW(complex), ROW(prelu_channels), ROW(ravel), ROW(squeeze_all), ROW(flatnonzero), ROW(argwhere),
	ROW(unsqueeze), ROW(squeeze), ROW(rot90), ROW(moveaxis), ROW(swapaxes), ROW(tril), ROW(triu), ROW(diag),
	ROW(flip), ROW(roll), ROW(repeat), ROW(diagonal), ROW(trace), ROW(reshape), ROW(broadcast_to),
	ROW(tile), ROW(dot), ROW(vdot), ROW(inner), ROW(outer), ROW(matvec), ROW(vecmat), ROW(kron),
	ROW(masked_select), ROW(permute), ROW(as_strided), ROW(pad), ROW(empty), ROW(zeros), ROW(ones),
	ROW(asarray), ROW(from_bytes), ROW(arange), ROW(arange_int), ROW(linspace), ROW(eye), ROW(tri),
	ROW(concatenate), ROW(stack), ROW(split), ROW(meshgrid), {"nonzero", nonzero, METH_O, NULL},
	ROW(tensordot), ROW(einsum), ROW(promote_types), ROW(shares_storage),
	ROW(reinterpret), ROW(overlap), ROW(exchange), {"make_readonly", make_readonly, METH_O, NULL},
	{"make_writeable", make_writeable, METH_O, NULL}, {"readonly", readonly, METH_O, NULL},
	{"quick", quick_of, METH_VARARGS, NULL}, {"set_reshape", set_reshape, METH_O, NULL},
	{NULL, NULL, 0, NULL},
};
