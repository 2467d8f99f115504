/* SPDX-License-Identifier: MIT */
/*
 * Operations of the table as callables. What a family's calls look like is said once, in forms; a call fills the ring's
 * entry by its form and submits it, so that a new row of a known family is a function of the package without a line
 * here.
 */
#include <math.h>
#include <string.h>

#include "lib/op.h"
#include "tools/python/src/package.h"

PyTypeObject *op_type;

struct op {
	PyObject_HEAD
	vectorcallfunc vectorcall;
	enum tr_op code;
	PyObject *self; /* bound as a method: the first operand; else NULL */
};

/* What an argument does to the entry. */
enum kind {
	ARG_OUT, ARG_AXES, ARG_AXIS, ARG_AXIS_FLAT, ARG_KEEPDIMS, ARG_DDOF, ARG_METHOD, ARG_AS, ARG_SCAN_AS, ARG_CAST,
	ARG_DTYPE, ARG_F64, ARG_I32, ARG_I32X3, ARG_F64X3, ARG_U32, ARG_DECIMALS
};

struct param {
	const char *name;
	enum kind kind;
	uint8_t at; /* byte of attr */
};

struct form {
	uint8_t required, most; /* operands */
	uint8_t reduces;        /* attr.u32[0] is a set of axes */
	const char *names;      /* of the operands, by commas */
	struct param param[8];
};

#define ATTR(s, member) offsetof(struct s, member)
#define REDUCTION {"axis", ARG_AXES, 0}, {"dtype", ARG_AS, 4}, {"out", ARG_OUT, 0}, {"keepdims", ARG_KEEPDIMS, 4}
#define CONVOLUTION {2, 3, 0, "a,weight,bias", {{"stride", ARG_I32X3, ATTR(tr_conv_params, stride)}, \
	{"padding", ARG_I32X3, ATTR(tr_conv_params, padding)}, {"dilation", ARG_I32X3, ATTR(tr_conv_params, dilation)}, \
	{"groups", ARG_I32, ATTR(tr_conv_params, groups)}, \
	{"output_padding", ARG_I32X3, ATTR(tr_conv_params, output_padding)}, \
	{"flags", ARG_U32, ATTR(tr_conv_params, flags)}, {"out", ARG_OUT, 0}}}
#define POOL {1, 1, 0, "a", {{"kernel_size", ARG_I32X3, ATTR(tr_pool_params, kernel)}, \
	{"stride", ARG_I32X3, ATTR(tr_pool_params, stride)}, {"padding", ARG_I32X3, ATTR(tr_pool_params, padding)}, \
	{"dilation", ARG_I32X3, ATTR(tr_pool_params, dilation)}, {"flags", ARG_U32, ATTR(tr_pool_params, flags)}, \
	{"out", ARG_OUT, 0}}}

/* A family without a form has functions of its own, or none. */
static const struct form forms[TR_FAMILY_COUNT] = {
	[TR_FAMILY_UNARY] = {1, 1, 0, "x", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_UNARY1] = {1, 1, 0, "x", {{"p", ARG_F64, 0}, {"out", ARG_OUT, 0}, {"dtype", ARG_CAST, 0}}},
	[TR_FAMILY_UNARY2] = {1, 1, 0, "x", {{"p", ARG_F64, 0}, {"q", ARG_F64, 8}, {"out", ARG_OUT, 0},
					     {"dtype", ARG_CAST, 0}}},
	[TR_FAMILY_DECIMALS] = {1, 1, 0, "x", {{"decimals", ARG_DECIMALS, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_BINARY] = {2, 2, 0, "x1,x2", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_TERNARY] = {3, 3, 0, "a,b,c", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_SELECT] = {3, 3, 0, "condition,x,y", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_CAST] = {1, 1, 0, "a", {{"dtype", ARG_DTYPE, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_REDUCE] = {1, 1, 1, "a", {REDUCTION, {"ddof", ARG_DDOF, 4}, {"correction", ARG_DDOF, 4}}},
	[TR_FAMILY_ARGREDUCE] = {1, 1, 1, "a", {{"axis", ARG_AXES, 0}, {"out", ARG_OUT, 0}, {"keepdims", ARG_KEEPDIMS, 4}}},
	[TR_FAMILY_VECTOR_NORM] = {1, 1, 1, "a", {{"p", ARG_F64, 24}, REDUCTION}},
	[TR_FAMILY_MEDIAN] = {1, 1, 1, "a", {{"axis", ARG_AXES, 0}, {"out", ARG_OUT, 0}, {"keepdims", ARG_KEEPDIMS, 4}}},
	[TR_FAMILY_QUANTILE] = {1, 1, 1, "a", {{"q", ARG_F64, 24}, {"axis", ARG_AXES, 0}, {"out", ARG_OUT, 0},
					       {"method", ARG_METHOD, 4}, {"keepdims", ARG_KEEPDIMS, 4}}},
	[TR_FAMILY_SCAN] = {1, 1, 0, "a", {{"axis", ARG_AXIS_FLAT, 0}, {"dtype", ARG_SCAN_AS, 8}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_SORT] = {1, 1, 0, "a", {{"axis", ARG_AXIS_FLAT, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_SEARCH] = {2, 2, 0, "a,v", {{"flags", ARG_U32, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_SOFTMAX] = {1, 1, 0, "a", {{"axis", ARG_AXIS, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_NORM] = {1, 3, 0, "a,weight,bias", {{"eps", ARG_F64, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_MATMUL] = {2, 2, 0, "x1,x2", {{"out", ARG_OUT, 0}, {"dtype", ARG_DTYPE, 0}}},
	[TR_FAMILY_VECDOT] = {2, 2, 0, "x1,x2", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_LINEAR] = {2, 3, 0, "a,weight,bias", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_ATTENTION] = {3, 4, 0, "q,k,v,mask", {{"scale", ARG_F64, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_CONV] = CONVOLUTION,
	[TR_FAMILY_CONV_TRANSPOSE] = CONVOLUTION,
	[TR_FAMILY_MAX_POOL] = POOL,
	[TR_FAMILY_AVG_POOL] = POOL,
	[TR_FAMILY_ADAPTIVE_POOL] = {1, 1, 0, "a", {{"output_size", ARG_I32X3, ATTR(tr_pool_params, output)},
						    {"out", ARG_OUT, 0}}},
	[TR_FAMILY_INTERPOLATE] = {1, 1, 0, "a", {{"size", ARG_I32X3, ATTR(tr_interpolate_params, size)},
						  {"scale", ARG_F64X3, ATTR(tr_interpolate_params, scale)},
						  {"mode", ARG_U32, ATTR(tr_interpolate_params, mode)},
						  {"flags", ARG_U32, ATTR(tr_interpolate_params, flags)},
						  {"out", ARG_OUT, 0}}},
	[TR_FAMILY_TAKE] = {2, 2, 0, "a,indices", {{"axis", ARG_AXIS_FLAT, 0}, {"out", ARG_OUT, 0}}},
	[TR_FAMILY_EMBEDDING] = {2, 2, 0, "indices,weight", {{"out", ARG_OUT, 0}}},
	[TR_FAMILY_PUT] = {2, 2, 0, "a,indices", {{"axis", ARG_AXIS, 0}, {"out", ARG_OUT, 0}}},
};

/* One call on its way to the ring. */
struct call {
	const struct tr_op_info *info;
	const struct form *form;
	struct operand operand[TR_SQE_SRCS];
	int n; /* operands given, those left out between them included */
	PyObject *out, *given; /* the array to write to, a new reference, and what was given as it */
	enum tr_dtype cast; /* of all operands */
	bool flat;          /* the first operand is to have one axis */
	bool array;         /* a result without axes is to be an array, not a scalar */
	bool is_operator;   /* a + b rather than add(a, b): integers by themselves are checked for overflow */
	bool spread;        /* ddof or correction is given */
	bool general;       /* it has one of NumPy's arguments that the package's general() knows */
	struct tr_sqe sqe;
};

/* The package's way for calls with further arguments of NumPy's, and its check of floating-point errors: callables of
 * _ufunc.py. The check is NULL while no error is asked for. */
static PyObject *general, *check;
static const char *const general_arguments[] = {
	"where", "casting", "order", "subok", "signature", "sig", "axes", "axis", "keepdims", "initial", "mean", "dtype",
	"overwrite_input", "weights", "mode",
};

bool errors_are_checked(void)
{
	return check != NULL;
}

/* Spatial axes of a row that ends in 1d, 2d or 3d. */
static int spatial_axes(const struct tr_op_info *info)
{
	size_t n = strlen(info->name);

	return n > 2 && info->name[n - 1] == 'd' ? info->name[n - 2] - '0' : 1;
}

static int set_numbers(struct call *c, const struct param *p, PyObject *value)
{
	char *at = (char *)&c->sqe.attr + p->at;
	int64_t i[3] = {0};
	int n;

	if (p->kind == ARG_I32 || p->kind == ARG_U32 || p->kind == ARG_I32X3) {
		n = ints_of(value, i, p->kind == ARG_I32X3 ? 3 : 1, p->name);
		if (n < 0)
			return -1;
		/* one number for every spatial axis, as PyTorch's */
		for (int k = 0; k < 3; k++) {
			int32_t v = (int32_t)i[PyIndex_Check(value) ? 0 : k];

			if (i[k] != (int32_t)i[k]) {
				PyErr_Format(PyExc_OverflowError, "%s: %lld is too large", p->name, (long long)i[k]);
				return -1;
			}
			if (k < (p->kind != ARG_I32X3 ? 1 : PyIndex_Check(value) ? spatial_axes(c->info) : n))
				memcpy(at + 4 * k, &v, 4);
		}
		return 0;
	}
	n = p->kind == ARG_F64X3 && !PyFloat_Check(value) && PySequence_Check(value) ? (int)PySequence_Size(value) : -1;
	for (int k = 0; k < (n < 0 ? p->kind == ARG_F64X3 ? spatial_axes(c->info) : 1 : n) && k < 3; k++) {
		PyObject *item = n < 0 ? Py_NewRef(value) : PySequence_GetItem(value, k);
		double v = item ? PyFloat_AsDouble(item) : 0;

		Py_XDECREF(item);
		memcpy(at + 8 * k, &v, 8);
	}
	return PyErr_Occurred() ? -1 : 0;
}

/* AxisError(axis, ndim), a ValueError and an IndexError. */
static int no_axis(int64_t axis, int ndim)
{
	PyObject *module = PyImport_ImportModule("trueno.exceptions");
	PyObject *type = module ? PyObject_GetAttrString(module, "AxisError") : NULL;
	PyObject *error = type ? PyObject_CallFunction(type, "Li", (long long)axis, ndim) : NULL;

	if (error)
		PyErr_SetObject(type, error);
	Py_XDECREF(module);
	Py_XDECREF(type);
	Py_XDECREF(error);
	return -1;
}

/* Whether the first operand, if it is known by now, has the axis; the one of a number counts as 0. */
static int check_axis(const struct call *c, int64_t axis)
{
	int ndim;

	if (c->n < 1 || c->operand[0].kind == OPERAND_NONE)
		return 0;
	ndim = c->operand[0].kind == OPERAND_ARRAY ? tr_ndim(tensor_of(c->operand[0].array)) : 0;
	if (axis >= -ndim && axis < ndim)
		return 0;
	return ndim == 0 && (axis == 0 || axis == -1) ? 1 : no_axis(axis, ndim);
}

static int set_axes(struct call *c, PyObject *value)
{
	int64_t axis[2 * TR_MAX_RANK];
	uint32_t set = 0;
	int n;

	if (value == Py_None)
		return 0;
	n = ints_of(value, axis, 2 * TR_MAX_RANK, "axis");
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		uint32_t bit = axis[i] == (int)axis[i] ? TR_AXIS((int)axis[i]) : TR_AXIS_BAD;
		int missing = check_axis(c, axis[i]);

		if (missing < 0)
			return -1;
		if (missing) /* of a number */
			return 0;
		if (set & bit || bit == TR_AXIS_BAD) {
			PyErr_Format(PyExc_ValueError, "%s: axis %lld is %s", c->info->name, (long long)axis[i],
				     set & bit ? "named twice" : "out of bounds");
			return -1;
		}
		set |= bit;
	}
	c->sqe.attr.u32[0] = set;
	return 0;
}

static int set_axis(struct call *c, const struct param *p, PyObject *value)
{
	c->flat = value == Py_None && p->kind == ARG_AXIS_FLAT;
	if (value == Py_None) {
		c->sqe.attr.i64[0] = p->kind == ARG_AXIS_FLAT ? 0 : -1;
		return 0;
	}
	if (ints_of(value, &c->sqe.attr.i64[0], 1, "axis") != 1)
		return -1;
	return check_axis(c, c->sqe.attr.i64[0]) < 0 ? -1 : 0;
}

/* What to multiply by before and to divide by after rounding, as tr_round. */
static int set_decimals(struct call *c, PyObject *value)
{
	int64_t n;

	if (int64_of(value, &n))
		return -1;
	c->sqe.attr.f64[0] = n > 0 ? pow(10, (double)n) : 1;
	c->sqe.attr.f64[1] = n < 0 ? pow(10, -(double)n) : 1;
	return 0;
}

static int set_method(struct call *c, PyObject *value)
{
	static const char *const names[] = {"linear", "lower", "higher", "nearest", "midpoint"};
	const char *name = PyUnicode_Check(value) ? PyUnicode_AsUTF8AndSize(value, NULL) : "";

	for (uint32_t i = 0; name && i < 5; i++)
		if (!strcmp(name, names[i])) {
			c->sqe.attr.u32[1] |= i << 24;
			return 0;
		}
	PyErr_Format(PyExc_ValueError, "%s: method %R is not linear, lower, higher, nearest or midpoint", c->info->name,
		     value);
	return -1;
}

static int set_dtype(struct call *c, const struct param *p, PyObject *value)
{
	enum tr_dtype code;

	if (dtype_from(value, &code))
		return -1;
	if (code == TR_DTYPE_NONE)
		return 0;
	if (p->kind == ARG_CAST || (code >= TR_C64 && p->kind != ARG_DTYPE) || (p->kind == ARG_DTYPE && c->info->result != TR_RESULT_ASKED))
		c->cast = code;
	else if (p->kind == ARG_DTYPE)
		c->sqe.dtype = (uint8_t)code;
	else
		c->sqe.attr.u32[p->at / 4] |= TR_AS(code);
	return 0;
}

static int set_out(struct call *c, PyObject *value)
{
	if (PyTuple_Check(value)) {
		if (PyTuple_Size(value) != 1) {
			PyErr_SetString(PyExc_ValueError, "The 'out' tuple must have exactly one entry per ufunc output");
			return -1;
		}
		value = PyTuple_GetItem(value, 0);
		if (value == Py_Ellipsis) {
			PyErr_SetString(PyExc_TypeError, "must use `...` as `out=...` and not per-operand/in a tuple");
			return -1;
		}
	}
	Py_CLEAR(c->out);
	c->given = NULL;
	c->array |= value == Py_Ellipsis;
	if (value == Py_None || value == Py_Ellipsis)
		return 0;
	if (is_array(value) && !is_scalar(value))
		c->out = Py_NewRef(value);
	else if (PyObject_CheckBuffer(value) && PyObject_HasAttrString(value, "__array_interface__") && !is_array(value))
		c->out = array_from_buffer(value); /* an array of NumPy's */
	if (!c->out && !PyErr_Occurred())
		PyErr_SetString(PyExc_TypeError, "return arrays must be of ArrayType");
	c->given = value;
	return c->out ? 0 : -1;
}

static int set_param(struct call *c, const struct param *p, PyObject *value)
{
	int64_t i;

	switch (p->kind) {
	case ARG_OUT:
		return set_out(c, value);
	case ARG_AXES:
		return set_axes(c, value);
	case ARG_AXIS:
	case ARG_AXIS_FLAT:
		return set_axis(c, p, value);
	case ARG_KEEPDIMS:
		c->sqe.attr.u32[1] |= PyObject_IsTrue(value) > 0 ? TR_KEEPDIMS : 0;
		return PyErr_Occurred() ? -1 : 0;
	case ARG_DDOF:
		if (c->spread) {
			PyErr_SetString(PyExc_ValueError, "ddof and correction can't be provided simultaneously.");
			return -1;
		}
		c->spread = true;
		if (PyFloat_Check(value) && PyFloat_AsDouble(value) == (int)PyFloat_AsDouble(value)) {
			i = (int64_t)PyFloat_AsDouble(value);
		} else if (PyFloat_Check(value) && !PyErr_Occurred()) { /* a part of an element: beyond the row */
			c->general = true;
			return 0;
		} else if (int64_of(value, &i)) {
			return -1;
		}
		if (i < 0 || i > 255) {
			PyErr_Format(PyExc_ValueError, "%s: ddof %lld is outside 0..255", c->info->name, (long long)i);
			return -1;
		}
		c->sqe.attr.u32[1] |= TR_DDOF(i);
		return 0;
	case ARG_DECIMALS:
		return set_decimals(c, value);
	case ARG_METHOD:
		return set_method(c, value);
	case ARG_AS:
	case ARG_SCAN_AS:
	case ARG_CAST:
	case ARG_DTYPE:
		return set_dtype(c, p, value);
	default:
		return value == Py_None ? 0 : set_numbers(c, p, value);
	}
}

/* What the entry holds for arguments that are not given. */
static void set_defaults(struct call *c)
{
	const struct form *f = c->form;

	if (f->reduces)
		c->sqe.attr.u32[0] = TR_ALL_AXES;
	if (c->info->family == TR_FAMILY_VECTOR_NORM)
		c->sqe.attr.f64[3] = 2;
	else if (c->info->family == TR_FAMILY_QUANTILE)
		c->sqe.attr.f64[3] = 0.5;
	else if (c->info->family == TR_FAMILY_DECIMALS)
		c->sqe.attr.f64[0] = c->sqe.attr.f64[1] = 1;
	else if (c->info->family == TR_FAMILY_NORM)
		c->sqe.attr.f64[0] = 1e-5;
	else if (c->info->family == TR_FAMILY_ATTENTION)
		c->sqe.attr.f64[0] = 1;
	else if (c->info->family == TR_FAMILY_SOFTMAX || c->info->family == TR_FAMILY_SORT)
		c->sqe.attr.i64[0] = -1;
	else if (c->info->family == TR_FAMILY_SCAN || c->info->family == TR_FAMILY_TAKE)
		c->flat = true;
}

static int set_operand(struct call *c, int i, PyObject *value)
{
	if (i >= c->n)
		c->n = i + 1;
	if (value == Py_None && i >= c->form->required)
		return 0;
	c->operand[i].from = value;
	return operand_get(&c->operand[i], value);
}

static int wrong_arguments(const struct call *c, const char *what)
{
	PyErr_Format(PyExc_TypeError, "%s(%s, ...): %s", c->info->name, c->form->names, what);
	return -1;
}

#define NO_ARGUMENT 8
#define GENERAL_ARGUMENT 9

/* The argument of that name, an operand's place as ~i, GENERAL_ARGUMENT, or NO_ARGUMENT with an exception. */
static int named(const struct call *c, const char *name)
{
	const char *at = c->form->names;
	size_t length = strlen(name);

	for (int i = 0; i < 8 && c->form->param[i].name; i++)
		if (!strcmp(c->form->param[i].name, name))
			return i;
	for (int i = 0; i < c->form->most; i++) {
		size_t n = strcspn(at, ",");

		if (n == length && !strncmp(at, name, n))
			return ~i;
		at += n + 1;
	}
	for (size_t i = 0; i < sizeof(general_arguments) / sizeof(*general_arguments); i++)
		if (!strcmp(general_arguments[i], name))
			return GENERAL_ARGUMENT;
	PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%s'", c->info->name, name);
	return NO_ARGUMENT;
}

static int set_argument(struct call *c, Py_ssize_t i, PyObject *value)
{
	if (i < c->form->most)
		return set_operand(c, (int)i, value);
	i -= c->form->most;
	if (i >= 8 || !c->form->param[i].name)
		return wrong_arguments(c, "too many arguments");
	if (value == Py_Ellipsis && c->form->param[i].kind == ARG_OUT)
		return wrong_arguments(c, "out=... is only allowed as a keyword argument.");
	return set_param(c, &c->form->param[i], value);
}

static int set_keywords(struct call *c, PyObject *const *values, PyObject *names)
{
	Py_ssize_t n = names ? PyTuple_Size(names) : 0;

	for (Py_ssize_t i = 0; i < n; i++) {
		const char *name = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(names, i), NULL);
		int k = name ? named(c, name) : NO_ARGUMENT;

		c->general |= k == GENERAL_ARGUMENT;
		if (c->general)
			return 0;
		if (k == NO_ARGUMENT || (k < 0 ? set_operand(c, ~k, values[i]) : set_param(c, &c->form->param[k], values[i])))
			return -1;
	}
	return 0;
}

/* The type that the operands that are arrays meet in, TR_DTYPE_NONE if there are none. */
static enum tr_dtype met_dtype(const struct call *c)
{
	enum tr_dtype code = TR_DTYPE_NONE;

	for (int i = c->info->family == TR_FAMILY_SELECT; i < c->n; i++)
		if (c->operand[i].kind == OPERAND_ARRAY)
			code = code == TR_DTYPE_NONE ? tr_dtype_of(tensor_of(c->operand[i].array))
				: tr_promote_types(code, tr_dtype_of(tensor_of(c->operand[i].array)));
	return code;
}

static int out_of_bounds(const struct operand *o, enum tr_dtype code)
{
	PyErr_Format(PyExc_OverflowError, "Python integer %R out of bounds for %s", o->from, tr_dtype_name(code));
	return -1;
}

/* Two of Python's ints compare as their difference and 0. */
static int compare_ints(struct call *c)
{
	PyObject *a = c->operand[0].from, *b = c->operand[1].from;
	int more = PyObject_RichCompareBool(a, b, Py_GT), less = PyObject_RichCompareBool(a, b, Py_LT);

	if (more < 0 || less < 0)
		return -1;
	c->operand[0].kind = c->operand[1].kind = OPERAND_FLOAT;
	c->operand[0].value.f = more - less;
	c->operand[1].value.f = 0;
	return 0;
}

/* An int beyond 64 bits: beside floats it is one, and every integer is less, or greater, as than an infinity. */
static int check_wide(struct call *c, struct operand *o)
{
	enum tr_dtype code = met_dtype(c);
	bool positive;

	if (code == TR_DTYPE_NONE && c->info->result == TR_RESULT_BOOL && c->n == 2)
		return compare_ints(c);
	if (code == TR_DTYPE_NONE)
		return operand_settle(o);
	if (code > TR_U64) {
		o->kind = OPERAND_FLOAT;
		o->value.f = PyLong_AsDouble(o->from);
		return o->value.f == -1 && PyErr_Occurred() ? -1 : 0;
	}
	PyLong_AsUnsignedLongLong(o->from);
	if (!PyErr_Occurred() && (code == TR_U64 || c->info->result == TR_RESULT_BOOL))
		return operand_settle(o);
	PyErr_Clear();
	if (c->info->result != TR_RESULT_BOOL)
		return out_of_bounds(o, code);
	positive = PyLong_AsDouble(o->from) > 0;
	if (PyErr_Occurred()) {
		PyObject *zero = PyLong_FromLong(0);

		PyErr_Clear();
		positive = zero && PyObject_RichCompareBool(o->from, zero, Py_GT) > 0;
		Py_XDECREF(zero);
	}
	o->kind = OPERAND_FLOAT;
	o->value.f = positive ? (double)INFINITY : -(double)INFINITY;
	return 0;
}

/* A Python int beside integers of a type that cannot hold it; comparisons are as of numbers, whatever their types. A
 * complex number beside narrow floats is narrow. */
static int check_scalar(struct call *c, struct operand *o)
{
	enum tr_dtype code = met_dtype(c);
	uint64_t greatest;
	int64_t least;

	if (o->kind == OPERAND_COMPLEX) {
		o->narrow = code == TR_F16 || code == TR_BF16 || code == TR_F32 || code == TR_C64;
		return 0;
	}
	if (code == TR_DTYPE_NONE || !dtype_bounds(code, &least, &greatest))
		return 0;
	if (o->value.i >= least && (o->value.i < 0 || (uint64_t)o->value.i <= greatest))
		return 0;
	if (c->info->result == TR_RESULT_BOOL) {
		PyObject *strong = PyLong_FromLongLong(o->value.i);

		o->array = strong ? array_from(strong, TR_I64, -1) : NULL;
		Py_XDECREF(strong);
		o->kind = OPERAND_ARRAY;
		o->own = true;
		return o->array ? 0 : -1;
	}
	return out_of_bounds(o, code);
}

/* With the lock: an operand as dtype= and axis=None ask. */
static struct tr_tensor *prepared(const struct call *c, int i, struct tr_tensor *t)
{
	if (c->cast != TR_DTYPE_NONE && t && tr_dtype_of(t) != c->cast)
		t = tr_astype(t, c->cast);
	return c->flat && i == 0 ? tr_ravel(t) : t;
}

static PyObject *submit(struct call *c)
{
	struct tr_context *ctx = context_enter();
	bool plain = c->cast == TR_DTYPE_NONE && !c->flat;
	struct tr_tensor *y = NULL;
	PyThreadState *state;
	int64_t elements = 0;
	int err = 0;

	if (!ctx)
		return NULL;
	if (!plain)
		tr_scope_begin(ctx);
	for (int i = 0; i < c->n && !err; i++) {
		struct tr_tensor *t = operand_bind(ctx, &c->operand[i]);

		if (!plain)
			t = prepared(c, i, t);
		if (!t && c->operand[i].kind != OPERAND_NONE)
			err = -TR_ENOMEM;
		c->sqe.src[i] = tr_handle(t);
		elements += t ? tr_numel(t) : 0;
	}
	c->sqe.nsrc = (uint8_t)c->n;
	c->sqe.dst = c->out ? tr_handle(tensor_of(c->out)) : 0;
	state = context_release(elements);
	if (!err)
		err = tr_submit(ctx, &c->sqe, 1);
	context_resume(state);
	for (int i = 0; plain && i < c->n; i++)
		operand_unbind(&c->operand[i]);
	if (!err && !c->out)
		y = tr_from_handle(ctx, c->sqe.dst);
	if (!plain) {
		tr_keep(y);
		tr_scope_end(ctx);
	}
	if (c->out)
		return context_status(err) ? NULL : Py_NewRef(c->given);
	return c->array ? context_array(y) : context_result(y);
}

static void begin(struct call *c, enum tr_op op)
{
	c->info = &tr__ops[op];
	c->form = &forms[c->info->family];
	for (int i = 0; i < TR_SQE_SRCS; i++)
		c->operand[i].kind = OPERAND_NONE;
	c->n = 0;
	c->out = c->given = NULL;
	c->cast = TR_DTYPE_NONE;
	c->flat = c->general = c->is_operator = c->spread = false;
	c->array = c->info->family == TR_FAMILY_SELECT || c->info->family == TR_FAMILY_CAST;
	tr_prep(&c->sqe, op);
	set_defaults(c);
}

/* y, or NULL with the exception that seterr() asks for. */
static PyObject *checked(const struct call *c, PyObject *y)
{
	PyObject *operands = PyTuple_New(c->n), *result;

	for (int i = 0; operands && i < c->n; i++)
		PyTuple_SetItem(operands, i, Py_NewRef(c->operand[i].from ? c->operand[i].from : Py_None));
	result = operands ? PyObject_CallFunction(check, "sOOO", c->info->name, operands, y, c->is_operator ? Py_True : Py_False) : NULL;
	Py_XDECREF(operands);
	Py_XDECREF(result);
	if (result)
		return y;
	Py_DECREF(y);
	return NULL;
}

/* Integers have no integer powers of less than 0. */
static int check_power(struct call *c)
{
	struct operand *base = &c->operand[0], *power = &c->operand[1];
	uint64_t greatest = 0;
	int64_t least = 0;
	bool negative;

	if (c->cast != TR_DTYPE_NONE ? !dtype_bounds(c->cast, &least, &greatest)
	    : base->kind == OPERAND_ARRAY ? !dtype_bounds(tr_dtype_of(tensor_of(base->array)), &least, &greatest)
					  : base->kind != OPERAND_INT)
		return 0;
	negative = power->kind == OPERAND_INT && power->value.i < 0;
	if (power->kind == OPERAND_ARRAY && dtype_bounds(tr_dtype_of(tensor_of(power->array)), &least, &greatest) && least < 0 &&
	    tr_numel(tensor_of(power->array))) {
		PyObject *lowest = op_call(TR_OP_min, &power->array, 1, NULL), *number = lowest ? array_item(lowest) : NULL;

		negative = number && PyLong_AsLongLong(number) < 0;
		Py_XDECREF(lowest);
		Py_XDECREF(number);
	}
	if (negative)
		PyErr_SetString(PyExc_ValueError, "Integers to negative integer powers are not allowed.");
	return PyErr_Occurred() ? -1 : 0;
}

/* How many elements a reduction makes one of. */
static int64_t reduced(const struct call *c, const struct tr_tensor *t)
{
	uint32_t axes = c->sqe.attr.u32[0];
	int64_t n = 1;

	for (int i = 0; i < tr_ndim(t); i++)
		if (axes == TR_ALL_AXES || axes & (TR_AXIS(i) | TR_AXIS(i - tr_ndim(t))))
			n *= tr_shape(t)[i];
	return n;
}

/* The warnings that NumPy gives for moments of nothing. */
static int warn_of_empty(const struct call *c)
{
	bool mean = c->info == &tr__ops[TR_OP_mean], spread = c->info == &tr__ops[TR_OP_var] || c->info == &tr__ops[TR_OP_std];
	int64_t n;

	if ((!mean && !spread) || c->operand[0].kind != OPERAND_ARRAY)
		return 0;
	n = reduced(c, tensor_of(c->operand[0].array));
	if (mean && n == 0)
		return PyErr_WarnEx(PyExc_RuntimeWarning, "Mean of empty slice.", 1);
	if (spread && n - (int64_t)(c->sqe.attr.u32[1] >> 16 & 0xff) <= 0)
		return PyErr_WarnEx(PyExc_RuntimeWarning, "Degrees of freedom <= 0 for slice.", 1);
	return 0;
}

/* The library writes to destinations of the result's very shape; the package's way takes care of larger ones. */
static PyObject *again(struct call *c)
{
	PyObject *args = PyTuple_New(c->n), *kw = NULL, *y = NULL;

	PyErr_Clear();
	for (int i = 0; args && i < c->n; i++)
		PyTuple_SetItem(args, i, Py_NewRef(c->operand[i].from ? c->operand[i].from : Py_None));
	kw = args ? Py_BuildValue("{s:O}", "out", c->given) : NULL;
	if (kw)
		y = PyObject_CallFunction(general, "sOO", c->info->name, args, kw);
	Py_XDECREF(args);
	Py_XDECREF(kw);
	if (!y)
		return NULL;
	Py_DECREF(y);
	return Py_NewRef(c->given);
}

static void drop(struct call *c)
{
	for (int i = 0; i < c->n; i++)
		operand_drop(&c->operand[i]);
	Py_CLEAR(c->out);
}

static PyObject *finish(struct call *c, int err)
{
	PyObject *y;

	for (int i = 0; i < c->n && !err; i++)
		if (c->operand[i].kind == OPERAND_WIDE)
			err = check_wide(c, &c->operand[i]);
		else if (c->n > 1 && (c->operand[i].kind == OPERAND_INT || c->operand[i].kind == OPERAND_COMPLEX))
			err = check_scalar(c, &c->operand[i]);
	if (!err && c->n < c->form->required)
		err = wrong_arguments(c, "too few operands");
	for (int i = 0; i < c->form->required && !err; i++)
		if (c->operand[i].kind == OPERAND_NONE)
			err = wrong_arguments(c, "an operand is missing");
	if (!err && c->info == &tr__ops[TR_OP_pow])
		err = check_power(c);
	if (!err && c->info->family == TR_FAMILY_REDUCE)
		err = warn_of_empty(c);
	y = err ? NULL : submit(c);
	if (!y && !err && c->out && (tr__family_is_map((enum tr_family)c->info->family) || c->info->family == TR_FAMILY_VECDOT) &&
	    PyErr_ExceptionMatches(PyExc_ValueError))
		y = again(c);
	if (check && y)
		y = checked(c, y);
	drop(c);
	return y;
}

PyObject *op_call(enum tr_op op, PyObject *const *args, Py_ssize_t n, PyObject *out)
{
	struct call c;
	int err = 0;

	begin(&c, op);
	c.out = Py_XNewRef(out);
	c.given = out;
	c.is_operator = true;
	for (Py_ssize_t i = 0; i < n && !err; i++)
		err = set_argument(&c, i, args[i]);
	return finish(&c, err);
}

/* general(operation, operands and arguments, keywords) */
static PyObject *call_general(const struct op *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	Py_ssize_t first = op->self != NULL, count = PyTuple_Size(names);
	PyObject *all = PyTuple_New(n + first), *kw = PyDict_New(), *plain = PyUnicode_FromString(tr__ops[op->code].name);
	PyObject *y = NULL;

	if (all && kw && plain && general) {
		if (first)
			PyTuple_SetItem(all, 0, Py_NewRef(op->self));
		for (Py_ssize_t i = 0; i < n; i++)
			PyTuple_SetItem(all, i + first, Py_NewRef(args[i]));
		for (Py_ssize_t i = 0; i < count; i++)
			PyDict_SetItem(kw, PyTuple_GetItem(names, i), args[n + i]);
		if (!PyErr_Occurred())
			y = PyObject_CallFunctionObjArgs(general, plain, all, kw, NULL);
	}
	Py_XDECREF(all);
	Py_XDECREF(kw);
	Py_XDECREF(plain);
	return y;
}

static PyObject *vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
	struct op *op = (struct op *)self;
	Py_ssize_t n = (Py_ssize_t)(nargsf & ~PY_VECTORCALL_ARGUMENTS_OFFSET), first = op->self != NULL;
	struct call c;
	int err = 0;

	begin(&c, op->code);
	if (op->self)
		err = set_operand(&c, 0, op->self);
	for (Py_ssize_t i = 0; i < n && !err; i++)
		err = set_argument(&c, i + first, args[i]);
	if (!err && names)
		err = set_keywords(&c, args + n, names);
	if (c.general && !err) {
		drop(&c);
		return call_general(op, args, n, names);
	}
	return finish(&c, err);
}

static PyObject *call(PyObject *self, PyObject *args, PyObject *kw)
{
	Py_ssize_t n = PyTuple_Size(args), count = kw ? PyDict_Size(kw) : 0, at = 0;
	PyObject *values[32], *names = NULL, *key, *value, *y;

	if (n + count > 32) {
		PyErr_SetString(PyExc_TypeError, "too many arguments");
		return NULL;
	}
	for (Py_ssize_t i = 0; i < n; i++)
		values[i] = PyTuple_GetItem(args, i);
	if (count) {
		names = PyTuple_New(count);
		if (!names)
			return NULL;
		for (Py_ssize_t i = 0; PyDict_Next(kw, &at, &key, &value); i++) {
			PyTuple_SetItem(names, i, Py_NewRef(key));
			values[n + i] = value;
		}
	}
	y = vectorcall(self, values, (size_t)n, names);
	Py_XDECREF(names);
	return y;
}

static PyObject *make(enum tr_op code, PyObject *self)
{
	struct op *op = PyObject_New(struct op, op_type);

	if (!op)
		return NULL;
	op->vectorcall = vectorcall;
	op->code = code;
	op->self = Py_XNewRef(self);
	return (PyObject *)op;
}

static void dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((struct op *)self)->self);
	PyObject_Free(self);
	Py_DECREF(type);
}

/* As an attribute of a class it is a method of the first operand. */
static PyObject *bind(PyObject *self, PyObject *instance, PyObject *type)
{
	(void)type;
	return instance && instance != Py_None ? make(((struct op *)self)->code, instance) : Py_NewRef(self);
}

static const struct tr_op_info *info_of(PyObject *self)
{
	return &tr__ops[((struct op *)self)->code];
}

static PyObject *repr(PyObject *self)
{
	return PyUnicode_FromFormat("<trueno.%s>", info_of(self)->name);
}

static PyObject *get_name(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(info_of(self)->name);
}

static PyObject *get_doc(PyObject *self, void *unused)
{
	const struct tr_op_info *info = info_of(self);
	PyObject *names = PyUnicode_FromString(forms[info->family].names), *more, *doc;

	(void)unused;
	for (int i = 0; names && i < 8 && forms[info->family].param[i].name; i++) {
		more = PyUnicode_FromFormat("%U, %s=...", names, forms[info->family].param[i].name);
		Py_DECREF(names);
		names = more;
	}
	doc = names ? PyUnicode_FromFormat("%s(%U)\n\n%s.\n", info->name, names, info->doc) : NULL;
	Py_XDECREF(names);
	return doc;
}

static PyObject *get_nin(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromLong(forms[info_of(self)->family].required);
}

/* As NumPy's "dd->d", one for each type it is evaluated in that has a letter in NumPy. */
static PyObject *get_types(PyObject *self, void *unused)
{
	static const char chars[] = "?bhilBHILeEfdFD";
	const struct tr_op_info *info = info_of(self);
	int n = forms[info->family].required;
	PyObject *list = PyList_New(0);

	(void)unused;
	for (int d = 0; list && d < TR_DTYPE_COUNT; d++) {
		char text[8] = "";
		PyObject *type;

		if (!(info->dtypes & TR__BIT(d)) && (d != TR_F16 || !(info->dtypes & TR__SET_FLOAT)))
			continue;
		if (d == TR_BF16)
			continue;
		memset(text, chars[d], (size_t)n);
		memcpy(text + n, "->", 2);
		text[n + 2] = info->result == TR_RESULT_BOOL ? '?' : chars[d];
		type = PyUnicode_FromString(text);
		if (!type || PyList_Append(list, type))
			Py_CLEAR(list);
		Py_XDECREF(type);
	}
	return list;
}

static PyObject *get_elementwise(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(tr__family_is_map((enum tr_family)info_of(self)->family));
}

static PyObject *get_nout(PyObject *self, void *unused)
{
	(void)self, (void)unused;
	return PyLong_FromLong(1);
}

static PyGetSetDef attributes[] = {
	{"__name__", get_name, NULL, NULL, NULL},
	{"__qualname__", get_name, NULL, NULL, NULL},
	{"__doc__", get_doc, NULL, NULL, NULL},
	{"nin", get_nin, NULL, "Operands that must be given.", NULL},
	{"nout", get_nout, NULL, "Results.", NULL},
	{"types", get_types, NULL, "Element types of operands and result, as dd->d.", NULL},
	{"elementwise", get_elementwise, NULL, "Whether an element of the result depends on one of each operand.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyObject *reduce(PyObject *self, PyObject *unused)
{
	(void)unused;
	return PyUnicode_FromString(info_of(self)->name);
}

static PyMethodDef methods[] = {
	{"__reduce__", reduce, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
	{"__vectorcalloffset__", T_PYSSIZET, offsetof(struct op, vectorcall), READONLY, NULL},
	{NULL, 0, 0, 0, NULL},
};

/* set_general(callable), set_check(callable or None) */
static PyObject *set_general(PyObject *module, PyObject *f)
{
	(void)module;
	Py_XDECREF(general);
	general = Py_NewRef(f);
	return Py_NewRef(Py_None);
}

static PyObject *set_check(PyObject *module, PyObject *f)
{
	(void)module;
	Py_XDECREF(check);
	check = f == Py_None ? NULL : Py_NewRef(f);
	return Py_NewRef(Py_None);
}

PyMethodDef op_functions[] = {
	{"set_general", set_general, METH_O, NULL},
	{"set_check", set_check, METH_O, NULL},
	{NULL, NULL, 0, NULL},
};

int ops_add(PyObject *module)
{
	PyType_Slot slots[] = {
		{Py_tp_dealloc, dealloc}, {Py_tp_call, call}, {Py_tp_descr_get, bind}, {Py_tp_repr, repr},
		{Py_tp_getset, attributes}, {Py_tp_members, members}, {Py_tp_methods, methods}, {0, NULL},
	};
	PyType_Spec spec = {"trueno.operation", sizeof(struct op), 0,
			    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR, slots};
	PyObject *all = PyDict_New();

	op_type = (PyTypeObject *)PyType_FromSpec(&spec);
	if (!op_type || !all || PyModule_AddObjectRef(module, "ops", all) ||
	    PyModule_AddObjectRef(module, "operation", (PyObject *)op_type))
		return -1;
	for (int i = 0; i < TR_OP_COUNT; i++) {
		PyObject *op = forms[tr__ops[i].family].most ? make((enum tr_op)i, NULL) : NULL;

		if (!forms[tr__ops[i].family].most)
			continue;
		if (!op || PyDict_SetItemString(all, tr__ops[i].name, op))
			return -1;
		Py_DECREF(op);
	}
	Py_DECREF(all);
	return 0;
}
