/* SPDX-License-Identifier: MIT */
/*
 * Random numbers. A generator's state is a bytearray of struct tr_generator; it is read and written with the context's lock
 * held, so that threads that share one get different numbers. trueno/_random.py gives all this its names.
 */
#include <string.h>

#include "tools/python/src/package.h"

/* A state argument. NULL with an exception, without the lock. */
static char *state_of(PyObject *o)
{
	if (PyByteArray_Check(o) && PyByteArray_Size(o) == sizeof(struct tr_generator))
		return PyByteArray_AsString(o);
	PyErr_SetString(PyExc_TypeError, "a generator's state is needed");
	return NULL;
}

static int uniform(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	return tr_random_uniform_out(y, g, p, q);
}

static int normal(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	return tr_random_normal_out(y, g, p, q);
}

static int exponential(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	(void)q;
	return tr_random_exponential_out(y, g, p);
}

static int poisson(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	(void)q;
	return tr_random_poisson_out(y, g, p);
}

static int bernoulli(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	(void)q;
	return tr_random_bernoulli_out(y, g, p);
}

static int bits(struct tr_tensor *y, struct tr_generator *g, double p, double q)
{
	(void)p, (void)q;
	return tr_random_bits_out(y, g);
}

static const struct {
	const char *name;
	int (*fill)(struct tr_tensor *y, struct tr_generator *g, double p, double q);
} distributions[] = {
	{"uniform", uniform}, {"normal", normal}, {"exponential", exponential}, {"poisson", poisson},
	{"bernoulli", bernoulli}, {"bits", bits}, {"gamma", tr_random_gamma_out}, {"loggamma", tr_random_loggamma_out},
	{"beta", tr_random_beta_out},
};

/* random_fill(distribution, state, out, p, q) */
static PyObject *random_fill(PyObject *module, PyObject *args)
{
	struct tr_generator g;
	PyThreadState *thread;
	PyObject *out, *o;
	const char *name;
	size_t i = 0;
	double p, q;
	char *state;
	int err;

	(void)module;
	if (!PyArg_ParseTuple(args, "sOO!dd:random_fill", &name, &o, array_type, &out, &p, &q))
		return NULL;
	while (i < sizeof(distributions) / sizeof(*distributions) && strcmp(distributions[i].name, name) != 0)
		i++;
	state = state_of(o);
	if (!state || i == sizeof(distributions) / sizeof(*distributions) || !context_enter())
		return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "no distribution %s", name);
	memcpy(&g, state, sizeof(g));
	thread = context_release(tr_numel(tensor_of(out)));
	err = distributions[i].fill(tensor_of(out), &g, p, q);
	context_resume(thread);
	memcpy(state, &g, sizeof(g));
	return context_status(err) ? NULL : Py_NewRef(out);
}

/* random_integers(state, out, low, count): low and count modulo 2^64; random_binomial(state, out, n, p) */
static PyObject *random_integers(PyObject *module, PyObject *args)
{
	unsigned long long low, count;
	struct tr_generator g;
	PyThreadState *thread;
	PyObject *out, *o;
	char *state;
	int err;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO!KK:random_integers", &o, array_type, &out, &low, &count))
		return NULL;
	state = state_of(o);
	if (!state || !context_enter())
		return NULL;
	memcpy(&g, state, sizeof(g));
	thread = context_release(tr_numel(tensor_of(out)));
	err = tr_random_integers_out(tensor_of(out), &g, (int64_t)low, count);
	context_resume(thread);
	memcpy(state, &g, sizeof(g));
	return context_status(err) ? NULL : Py_NewRef(out);
}

static PyObject *random_binomial(PyObject *module, PyObject *args)
{
	struct tr_generator g;
	PyThreadState *thread;
	PyObject *out, *o;
	char *state;
	long long n;
	double p;
	int err;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO!Ld:random_binomial", &o, array_type, &out, &n, &p))
		return NULL;
	state = state_of(o);
	if (!state || !context_enter())
		return NULL;
	memcpy(&g, state, sizeof(g));
	thread = context_release(tr_numel(tensor_of(out)));
	err = tr_random_binomial_out(tensor_of(out), &g, n, p);
	context_resume(thread);
	memcpy(state, &g, sizeof(g));
	return context_status(err) ? NULL : Py_NewRef(out);
}

/* random_permutation(state, n) */
static PyObject *random_permutation(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	struct tr_generator g;
	struct tr_tensor *y;
	PyObject *o;
	char *state;
	long long n;

	(void)module;
	if (!PyArg_ParseTuple(args, "OL:random_permutation", &o, &n))
		return NULL;
	state = state_of(o);
	ctx = state ? context_enter() : NULL;
	if (!ctx)
		return NULL;
	memcpy(&g, state, sizeof(g));
	y = tr_random_permutation(ctx, &g, n);
	memcpy(state, &g, sizeof(g));
	return context_array(y);
}

/* random_shuffle(state, array, axis) */
static PyObject *random_shuffle(PyObject *module, PyObject *args)
{
	struct tr_generator g;
	PyObject *a, *o;
	int axis, err;
	char *state;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO!i:random_shuffle", &o, array_type, &a, &axis))
		return NULL;
	state = state_of(o);
	if (!state || !context_enter())
		return NULL;
	memcpy(&g, state, sizeof(g));
	err = tr_random_shuffle(tensor_of(a), &g, axis);
	memcpy(state, &g, sizeof(g));
	return context_status(err) ? NULL : Py_NewRef(Py_None);
}

/* random_choice(state, n, shape, replace, p): p is memory of n doubles or None */
static PyObject *random_choice(PyObject *module, PyObject *args)
{
	struct tr_context *ctx = NULL;
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *y = NULL;
	struct tr_generator g;
	PyObject *o, *sizes;
	int replace, ndim;
	Py_buffer p = {0};
	char *state;
	long long n;

	(void)module;
	if (!PyArg_ParseTuple(args, "OLOpz*:random_choice", &o, &n, &sizes, &replace, &p))
		return NULL;
	state = state_of(o);
	ndim = state ? ints_of(sizes, shape, TR_MAX_RANK, "size") : -1;
	if (ndim >= 0 && p.buf && (n < 0 || p.len != n * (Py_ssize_t)sizeof(double)))
		PyErr_SetString(PyExc_ValueError, "a and p must have same size");
	else if (ndim >= 0)
		ctx = context_enter();
	if (ctx) {
		memcpy(&g, state, sizeof(g));
		y = tr_random_choice(ctx, &g, n, ndim, shape, replace, p.buf);
		memcpy(state, &g, sizeof(g));
	}
	PyBuffer_Release(&p);
	return ctx ? context_array(y) : NULL;
}

/* random_spawn(state, n): a list of states */
static PyObject *random_spawn(PyObject *module, PyObject *args)
{
	struct tr_generator g, child;
	PyObject *o, *list;
	char *state;
	int n;

	(void)module;
	if (!PyArg_ParseTuple(args, "Oi:random_spawn", &o, &n))
		return NULL;
	state = state_of(o);
	list = state ? PyList_New(0) : NULL;
	if (!list)
		return NULL;
	memcpy(&g, state, sizeof(g));
	for (int i = 0; i < n; i++) {
		PyObject *item;

		tr_generator_spawn(&g, &child, 1);
		item = PyByteArray_FromStringAndSize((const char *)&child, sizeof(child));
		if (!item || PyList_Append(list, item)) {
			Py_XDECREF(item);
			Py_DECREF(list);
			return NULL;
		}
		Py_DECREF(item);
	}
	memcpy(state, &g, sizeof(g));
	return list;
}

#define ROW(name) {#name, name, METH_VARARGS, NULL}
PyMethodDef random_functions[] = {
	ROW(random_fill), ROW(random_integers), ROW(random_binomial), ROW(random_permutation), ROW(random_shuffle),
	ROW(random_choice), ROW(random_spawn), {NULL, NULL, 0, NULL},
};
