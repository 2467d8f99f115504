/* SPDX-License-Identifier: MIT */
/*
 * <trueno/linalg.h>: each function takes exactly the arguments named in its format; trueno/_linalg.py gives them NumPy's.
 * Shapes and matrices without a result are LinAlgError, a ValueError.
 */
#include "tools/python/src/package.h"

static PyObject *linalg_error;

/* A ValueError becomes a LinAlgError. */
static void raise_again(void)
{
	PyObject *type, *value, *trace;

	if (!PyErr_ExceptionMatches(PyExc_ValueError))
		return;
	PyErr_Fetch(&type, &value, &trace);
	PyErr_SetObject(linalg_error, value);
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(trace);
}

/* Enters for work on matrices: more of it than there are elements. */
static bool enter(PyObject *a, PyThreadState **state)
{
	if (!context_enter())
		return false;
	*state = context_release(32 * tr_numel(tensor_of(a)));
	return true;
}

static PyObject *leave(struct tr_tensor *y, PyThreadState *state)
{
	PyObject *array;

	context_resume(state);
	array = context_result(y);
	if (!array)
		raise_again();
	return array;
}

/* A tuple of the n tensors, or status as an exception. */
static PyObject *leave_with(int status, struct tr_tensor *const *y, int n, PyThreadState *state)
{
	PyObject *tuple;

	context_resume(state);
	if (context_status(status)) {
		raise_again();
		return NULL;
	}
	tuple = PyTuple_New(n);
	for (int i = 0; i < n; i++) {
		PyObject *array = !tuple ? NULL : tr_ndim(y[i]) ? array_wrap(y[i]) : scalar_wrap(y[i]);

		if (!tuple)
			tensor_free(y[i]);
		else if (!array || PyTuple_SetItem(tuple, i, array)) {
			Py_DECREF(tuple);
			tuple = NULL;
		}
	}
	return tuple;
}

/* An array or None, as a tensor or NULL. */
static int get_optional(PyObject *o, void *out)
{
	if (o != Py_None && !is_array(o)) {
		PyErr_SetString(PyExc_TypeError, "an array or None is needed");
		return 0;
	}
	*(struct tr_tensor **)out = o == Py_None ? NULL : tensor_of(o);
	return 1;
}

#define COMMA ,
#define SINGLE(name, format, declare, targets, ...) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		PyThreadState *state; \
		PyObject *a; \
		declare; \
		(void)module; \
		if (!PyArg_ParseTuple(args, "O!" format ":" #name, array_type, &a targets) || !enter(a, &state)) \
			return NULL; \
		return leave(tr_##name(tensor_of(a) __VA_ARGS__), state); \
	}
#define SEVERAL(name, count, format, declare, targets, ...) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		struct tr_tensor *y[3]; \
		PyThreadState *state; \
		PyObject *a; \
		int err; \
		declare; \
		(void)module; \
		if (!PyArg_ParseTuple(args, "O!" format ":" #name, array_type, &a targets) || !enter(a, &state)) \
			return NULL; \
		err = tr_##name(tensor_of(a) __VA_ARGS__); \
		return leave_with(err, y, count, state); \
	}

SINGLE(solve, "O!", PyObject *b, COMMA array_type COMMA &b, COMMA tensor_of(b))
SINGLE(inv, "", , )
SINGLE(det, "", , )
SEVERAL(slogdet, 2, "", , , COMMA &y[0] COMMA &y[1])
SINGLE(cholesky, "p", int upper, COMMA &upper, COMMA upper)
SEVERAL(svd, 3, "p", int full, COMMA &full, COMMA full COMMA &y[0] COMMA &y[1] COMMA &y[2])
SINGLE(svdvals, "", , )
SEVERAL(eigh, 2, "p", int upper, COMMA &upper, COMMA upper COMMA &y[0] COMMA &y[1])
SINGLE(eigvalsh, "p", int upper, COMMA &upper, COMMA upper)
SEVERAL(eig, 2, "", , , COMMA &y[0] COMMA &y[1])
SINGLE(eigvals, "", , )
SINGLE(pinv, "O&p", struct tr_tensor *rtol; int hermitian, COMMA get_optional COMMA &rtol COMMA &hermitian,
       COMMA rtol COMMA hermitian)
SINGLE(matrix_rank, "O&O&p", struct tr_tensor *tol; struct tr_tensor *rtol; int hermitian,
       COMMA get_optional COMMA &tol COMMA get_optional COMMA &rtol COMMA &hermitian, COMMA tol COMMA rtol COMMA hermitian)
SINGLE(matrix_power, "L", long long n, COMMA &n, COMMA n)
SINGLE(matrix_norm, "ip", int order; int keep, COMMA &order COMMA &keep,
       COMMA (enum tr_matrix_norm)order COMMA keep ? TR_KEEPDIMS : 0)
SINGLE(cond, "i", int order, COMMA &order, COMMA (enum tr_matrix_norm)order)
SINGLE(tensorinv, "i", int ind, COMMA &ind, COMMA ind)
SINGLE(cross, "O!i", PyObject *b; int axis, COMMA array_type COMMA &b COMMA &axis, COMMA tensor_of(b) COMMA axis)

/* qr(a, mode): (q, r), or of mode R r alone. */
static PyObject *qr(PyObject *module, PyObject *args)
{
	struct tr_tensor *y[2];
	PyThreadState *state;
	PyObject *a;
	int mode, err;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!i:qr", array_type, &a, &mode) || !enter(a, &state))
		return NULL;
	err = tr_qr(tensor_of(a), (enum tr_qr_mode)mode, &y[0], &y[1]);
	if (mode == TR_QR_R)
		return leave(err ? NULL : y[1], state);
	return leave_with(err, y, 2, state);
}

/* lstsq(a, b, rcond): ((x, residuals, singular values), rank) */
static PyObject *lstsq(PyObject *module, PyObject *args)
{
	PyObject *a, *b, *arrays;
	struct tr_lstsq y = {0};
	PyThreadState *state;
	double rcond;
	int err;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!d:lstsq", array_type, &a, array_type, &b, &rcond) || !enter(a, &state))
		return NULL;
	err = tr_lstsq(tensor_of(a), tensor_of(b), rcond, &y);
	arrays = leave_with(err, (struct tr_tensor *[]){y.x, y.residuals, y.singular}, 3, state);
	return arrays ? Py_BuildValue("NL", arrays, (long long)y.rank) : NULL;
}

static PyObject *multi_dot(PyObject *module, PyObject *list)
{
	struct tr_tensor *parts[64];
	PyThreadState *state;
	Py_ssize_t n = PyList_Check(list) ? PyList_Size(list) : -1;

	(void)module;
	if (n < 2 || n > 64) {
		PyErr_SetString(PyExc_ValueError, "multi_dot: a list of 2 to 64 arrays is needed");
		return NULL;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *item = PyList_GetItem(list, i);

		if (!is_array(item)) {
			PyErr_SetString(PyExc_TypeError, "multi_dot: a list of arrays is needed");
			return NULL;
		}
		parts[i] = tensor_of(item);
	}
	if (!enter(PyList_GetItem(list, 0), &state))
		return NULL;
	return leave(tr_multi_dot(parts, (int)n), state);
}

static PyObject *tensorsolve(PyObject *module, PyObject *args)
{
	int64_t wide[TR_MAX_RANK];
	int axes[TR_MAX_RANK], n;
	PyObject *a, *b, *list;
	PyThreadState *state;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!O!O:tensorsolve", array_type, &a, array_type, &b, &list))
		return NULL;
	n = ints_of(list, wide, TR_MAX_RANK, "axes");
	if (n < 0)
		return NULL;
	for (int i = 0; i < n; i++)
		axes[i] = wide[i] >= -TR_MAX_RANK && wide[i] < TR_MAX_RANK ? (int)wide[i] : TR_MAX_RANK;
	if (!enter(a, &state))
		return NULL;
	return leave(tr_tensorsolve(tensor_of(a), tensor_of(b), n, axes), state);
}

int linalg_add(PyObject *module)
{
	linalg_error = PyErr_NewExceptionWithDoc("trueno.linalg.LinAlgError",
						 "A matrix of the wrong shape, or one that has no such result.",
						 PyExc_ValueError, NULL);
	if (!linalg_error)
		return -1;
	return PyModule_AddObjectRef(module, "LinAlgError", linalg_error);
}

#define ROW(name) {#name, name, METH_VARARGS, NULL}
PyMethodDef linalg_functions[] = {
	ROW(solve), ROW(inv), ROW(det), ROW(slogdet), ROW(cholesky), ROW(qr), ROW(svd), ROW(svdvals), ROW(eigh),
	ROW(eigvalsh), ROW(eig), ROW(eigvals), ROW(lstsq), ROW(pinv), ROW(matrix_rank), ROW(matrix_power),
	ROW(matrix_norm), ROW(cond), {"multi_dot", multi_dot, METH_O, NULL}, ROW(tensorsolve), ROW(tensorinv), ROW(cross),
	{NULL, NULL, 0, NULL},
};
