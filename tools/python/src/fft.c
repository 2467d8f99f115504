/* SPDX-License-Identifier: MIT */
/* <trueno/fft.h>: each function takes exactly the arguments named in its format; trueno/_fft.py gives them NumPy's. */
#include "tools/python/src/package.h"

struct lengths {
	int n; /* -1 for None */
	int64_t at[TR_MAX_RANK];
};

static int get_lengths(PyObject *o, void *out)
{
	struct lengths *l = out;

	l->n = o == Py_None ? -1 : ints_of(o, l->at, TR_MAX_RANK, "lengths or axes");
	return o == Py_None || l->n >= 0;
}

static PyObject *leave(struct tr_tensor *y, PyThreadState *state)
{
	context_resume(state);
	return context_array(y);
}

/* name(a, n or None, axis, norm) */
static PyObject *along_axis(PyObject *args, struct tr_tensor *(*f)(struct tr_tensor *, int64_t, int, enum tr_fft_norm))
{
	struct lengths n;
	PyThreadState *state;
	PyObject *a;
	int axis, norm;

	if (!PyArg_ParseTuple(args, "O!O&ii", array_type, &a, get_lengths, &n, &axis, &norm) || !context_enter())
		return NULL;
	state = context_release(8 * tr_numel(tensor_of(a)));
	return leave(f(tensor_of(a), n.n == 1 ? n.at[0] : TR_NONE, axis, (enum tr_fft_norm)norm), state);
}

/* name(a, axes, lengths or None, norm); a length of -1 is all */
static PyObject *along_axes(PyObject *args, struct tr_tensor *(*f)(struct tr_tensor *, int, const int64_t *, const int *,
								   enum tr_fft_norm))
{
	struct lengths s, axes;
	int at[TR_MAX_RANK], norm;
	PyThreadState *state;
	PyObject *a;

	if (!PyArg_ParseTuple(args, "O!O&O&i", array_type, &a, get_lengths, &axes, get_lengths, &s, &norm))
		return NULL;
	if (axes.n < 0 || (s.n >= 0 && s.n != axes.n)) {
		PyErr_SetString(PyExc_ValueError, "Shape and axes have different lengths.");
		return NULL;
	}
	for (int i = 0; i < axes.n; i++) {
		at[i] = axes.at[i] >= -TR_MAX_RANK && axes.at[i] < TR_MAX_RANK ? (int)axes.at[i] : TR_MAX_RANK;
		s.at[i] = s.n < 0 || s.at[i] == -1 ? TR_NONE : s.at[i];
	}
	if (!context_enter())
		return NULL;
	state = context_release(8 * tr_numel(tensor_of(a)));
	return leave(f(tensor_of(a), axes.n, s.at, at, (enum tr_fft_norm)norm), state);
}

#define ALONG_AXIS(name) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		(void)module; \
		return along_axis(args, tr_##name); \
	}
#define ALONG_AXES(name) \
	static PyObject *name(PyObject *module, PyObject *args) \
	{ \
		(void)module; \
		return along_axes(args, tr_##name); \
	}
ALONG_AXIS(fft)
ALONG_AXIS(ifft)
ALONG_AXIS(rfft)
ALONG_AXIS(irfft)
ALONG_AXIS(hfft)
ALONG_AXIS(ihfft)
ALONG_AXES(fftn)
ALONG_AXES(ifftn)
ALONG_AXES(rfftn)
ALONG_AXES(irfftn)

static PyObject *frequencies(PyObject *args, struct tr_tensor *(*f)(struct tr_context *, int64_t, double))
{
	struct tr_context *ctx;
	long long n;
	double d;

	if (!PyArg_ParseTuple(args, "Ld", &n, &d))
		return NULL;
	ctx = context_enter();
	return ctx ? context_array(f(ctx, n, d)) : NULL;
}

static PyObject *fftfreq(PyObject *module, PyObject *args)
{
	(void)module;
	return frequencies(args, tr_fftfreq);
}

static PyObject *rfftfreq(PyObject *module, PyObject *args)
{
	(void)module;
	return frequencies(args, tr_rfftfreq);
}

static PyObject *shifted(PyObject *args, struct tr_tensor *(*f)(struct tr_tensor *, uint32_t))
{
	unsigned axes;
	PyObject *a;

	if (!PyArg_ParseTuple(args, "O!I", array_type, &a, &axes) || !context_enter())
		return NULL;
	return context_array(f(tensor_of(a), axes));
}

static PyObject *fftshift(PyObject *module, PyObject *args)
{
	(void)module;
	return shifted(args, tr_fftshift);
}

static PyObject *ifftshift(PyObject *module, PyObject *args)
{
	(void)module;
	return shifted(args, tr_ifftshift);
}

static PyObject *sliding(PyObject *args, struct tr_tensor *(*f)(struct tr_tensor *, struct tr_tensor *, enum tr_convolve_mode))
{
	PyThreadState *state;
	PyObject *a, *v;
	int mode;

	if (!PyArg_ParseTuple(args, "O!O!i", array_type, &a, array_type, &v, &mode) || !context_enter())
		return NULL;
	state = context_release(8 * (tr_numel(tensor_of(a)) + tr_numel(tensor_of(v))));
	return leave(f(tensor_of(a), tensor_of(v), (enum tr_convolve_mode)mode), state);
}

static PyObject *convolve(PyObject *module, PyObject *args)
{
	(void)module;
	return sliding(args, tr_convolve);
}

static PyObject *correlate(PyObject *module, PyObject *args)
{
	(void)module;
	return sliding(args, tr_correlate);
}

#define ROW(name) {#name, name, METH_VARARGS, NULL}
PyMethodDef fft_functions[] = {
	ROW(fft), ROW(ifft), ROW(rfft), ROW(irfft), ROW(hfft), ROW(ihfft), ROW(fftn), ROW(ifftn), ROW(rfftn), ROW(irfftn),
	ROW(fftfreq), ROW(rfftfreq), ROW(fftshift), ROW(ifftshift), ROW(convolve), ROW(correlate), {NULL, NULL, 0, NULL},
};
