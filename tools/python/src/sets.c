/* SPDX-License-Identifier: MIT */
/* Sets, counts, samples and places in a grid (sets.h, numeric.h) for the package's Python files. */
#include "tools/python/src/package.h"

#define MOST_KEYS 64

static PyObject *pair(PyObject *args, const char *format, struct tr_tensor *(*f)(struct tr_tensor *, struct tr_tensor *))
{
	PyObject *a, *b;

	if (!PyArg_ParseTuple(args, format, array_type, &a, array_type, &b) || !context_enter())
		return NULL;
	return context_array(f(tensor_of(a), tensor_of(b)));
}

#define PAIR(name) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		(void)module; \
		return pair(args, "O!O!:" #name, tr_##name); \
	}
PAIR(isin)
PAIR(intersect1d)
PAIR(union1d)
PAIR(setdiff1d)
PAIR(setxor1d)

/* A list of t[n], None where there is none; takes the tensors over. Called with the lock let go. */
static PyObject *list_of(struct tr_tensor *const *t, int n)
{
	PyObject *list = PyList_New(n);

	for (int i = 0; i < n; i++) {
		PyObject *item = !list ? NULL : t[i] ? array_wrap(t[i]) : Py_NewRef(Py_None);

		if (!list && t[i])
			tensor_free(t[i]);
		if (list && (!item || PyList_SetItem(list, i, item))) {
			Py_DECREF(list);
			list = NULL;
		}
	}
	return list;
}

/* unique(a, axis or None, flags): [values, index, inverse, counts] */
static PyObject *unique(PyObject *module, PyObject *args)
{
	PyObject *a, *axis;
	struct tr_unique u;
	unsigned flags;
	int64_t along = 0;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!OI:unique", array_type, &a, &axis, &flags) ||
	    (axis != Py_None && int64_of(axis, &along)) || !context_enter())
		return NULL;
	if (context_status(axis == Py_None ? tr_unique(tensor_of(a), flags, &u)
					   : tr_unique_along(tensor_of(a), (int)along, flags, &u)))
		return NULL;
	return list_of((struct tr_tensor *[]){u.values, u.index, u.inverse, u.counts}, 4);
}

/* topk(a, k, axis, flags): [values, indices] */
static PyObject *topk(PyObject *module, PyObject *args)
{
	struct tr_tensor *y[2];
	unsigned flags;
	PyObject *a;
	long long k;
	int axis;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!LiI:topk", array_type, &a, &k, &axis, &flags) || !context_enter())
		return NULL;
	if (context_status(tr_topk(tensor_of(a), k, axis, flags, &y[0], &y[1])))
		return NULL;
	return list_of(y, 2);
}

/* The arrays of a list; how many, or -1 with an exception. */
static int tensors_of(PyObject *list, struct tr_tensor **t, int most)
{
	Py_ssize_t n = PyList_Check(list) ? PyList_Size(list) : -1;

	if (n < 1 || n > most) {
		PyErr_Format(PyExc_ValueError, "a list of 1 to %d arrays is needed", most);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		PyObject *item = PyList_GetItem(list, i);

		if (!is_array(item)) {
			PyErr_SetString(PyExc_TypeError, "a list of arrays is needed");
			return -1;
		}
		t[i] = tensor_of(item);
	}
	return (int)n;
}

static PyObject *lexsort(PyObject *module, PyObject *args)
{
	struct tr_tensor *keys[MOST_KEYS];
	PyObject *list;
	int axis, n;

	(void)module;
	if (!PyArg_ParseTuple(args, "Oi:lexsort", &list, &axis))
		return NULL;
	n = tensors_of(list, keys, MOST_KEYS);
	if (n < 0 || !context_enter())
		return NULL;
	return context_array(tr_lexsort(keys, n, axis));
}

static PyObject *take_along_axis(PyObject *module, PyObject *args)
{
	PyObject *a, *indices;
	int axis;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!i:take_along_axis", array_type, &a, array_type, &indices, &axis) || !context_enter())
		return NULL;
	return context_array(tr_take_along_axis(tensor_of(a), tensor_of(indices), axis));
}

/* An array or None as a tensor or NULL; false with an exception. */
static bool optional(PyObject *o, struct tr_tensor **t)
{
	*t = is_array(o) ? tensor_of(o) : NULL;
	if (!*t && o != Py_None)
		PyErr_SetString(PyExc_TypeError, "an array or None is needed");
	return *t || o == Py_None;
}

static PyObject *bincount(PyObject *module, PyObject *args)
{
	struct tr_tensor *w;
	PyObject *a, *weights;
	long long least;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!OL:bincount", array_type, &a, &weights, &least) || !optional(weights, &w) ||
	    !context_enter())
		return NULL;
	return context_array(tr_bincount(tensor_of(a), w, least));
}

static PyObject *digitize(PyObject *module, PyObject *args)
{
	PyObject *a, *bins;
	int right;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!p:digitize", array_type, &a, array_type, &bins, &right) || !context_enter())
		return NULL;
	return context_array(tr_digitize(tensor_of(a), tensor_of(bins), right));
}

static PyObject *histogram(PyObject *module, PyObject *args)
{
	PyObject *a, *edges, *weights;
	struct tr_tensor *w;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!O:histogram", array_type, &a, array_type, &edges, &weights) ||
	    !optional(weights, &w) || !context_enter())
		return NULL;
	return context_array(tr_histogram(tensor_of(a), tensor_of(edges), w));
}

static PyObject *diff(PyObject *module, PyObject *args)
{
	PyObject *a;
	int n, axis;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!ii:diff", array_type, &a, &n, &axis) || !context_enter())
		return NULL;
	return context_array(tr_diff(tensor_of(a), n, axis));
}

/* interp(x, xp, fp, left or None, right or None) */
static PyObject *interp(PyObject *module, PyObject *args)
{
	PyObject *x, *xp, *fp, *end[2];
	double value[2] = {0, 0};

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!O!OO:interp", array_type, &x, array_type, &xp, array_type, &fp, &end[0], &end[1]))
		return NULL;
	for (int i = 0; i < 2; i++)
		if (end[i] != Py_None)
			value[i] = PyFloat_AsDouble(end[i]);
	if (PyErr_Occurred() || !context_enter())
		return NULL;
	return context_array(tr_interp(tensor_of(x), tensor_of(xp), tensor_of(fp), end[0] == Py_None ? NULL : &value[0],
				       end[1] == Py_None ? NULL : &value[1]));
}

static PyObject *trapezoid(PyObject *module, PyObject *args)
{
	struct tr_tensor *x;
	PyObject *y, *at;
	double dx;
	int axis;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!Odi:trapezoid", array_type, &y, &at, &dx, &axis) || !optional(at, &x) || !context_enter())
		return NULL;
	return context_array(tr_trapezoid(tensor_of(y), x, dx, axis));
}

static PyObject *ravel_multi_index(PyObject *module, PyObject *args)
{
	struct tr_tensor *t[32];
	PyObject *list, *sizes;
	int64_t shape[32];
	int mode, n;

	(void)module;
	if (!PyArg_ParseTuple(args, "OOi:ravel_multi_index", &list, &sizes, &mode))
		return NULL;
	n = tensors_of(list, t, 32);
	if (n < 0 || ints_of(sizes, shape, 32, "dims") != n) {
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_ValueError, "parameter multi_index must be a sequence of as many arrays as dims has");
		return NULL;
	}
	if (!context_enter())
		return NULL;
	return context_array(tr_ravel_multi_index(t, n, shape, (enum tr_index_mode)mode));
}

static PyObject *unravel_index(PyObject *module, PyObject *args)
{
	struct tr_tensor *out[32] = {NULL};
	PyObject *indices, *sizes;
	int64_t shape[32];
	int n;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O:unravel_index", array_type, &indices, &sizes))
		return NULL;
	n = ints_of(sizes, shape, 32, "shape");
	if (n < 0 || !context_enter() || context_status(tr_unravel_index(tensor_of(indices), n, shape, out)))
		return NULL;
	return list_of(out, n);
}

#define ROW(name) {#name, name, METH_VARARGS, NULL}
PyMethodDef set_functions[] = {
	ROW(isin), ROW(intersect1d), ROW(union1d), ROW(setdiff1d), ROW(setxor1d), ROW(unique), ROW(topk), ROW(lexsort),
	ROW(take_along_axis), ROW(bincount), ROW(digitize), ROW(histogram), ROW(diff), ROW(interp), ROW(trapezoid),
	ROW(ravel_multi_index), ROW(unravel_index), {NULL, NULL, 0, NULL},
};
