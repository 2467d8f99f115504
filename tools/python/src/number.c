/* SPDX-License-Identifier: MIT */
/* Operators of arrays, each the operation of the table it stands for, and conversions to Python's numbers. */
#include "tools/python/src/package.h"

/* Whether an operator takes it; others get a turn with NotImplemented. */
static bool takes(PyObject *o)
{
	return is_array(o) || PyFloat_Check(o) || PyLong_Check(o) || PyComplex_Check(o) || PyObject_CheckBuffer(o) ||
	       PyList_Check(o) || PyTuple_Check(o);
}

/* __array_ufunc__ = None in its class. */
static bool refuses_arrays(PyObject *o)
{
	PyObject *says = PyObject_GetAttrString((PyObject *)Py_TYPE(o), "__array_ufunc__");

	PyErr_Clear();
	Py_XDECREF(says);
	return says == Py_None;
}

/* Whether another's class says that operators with it are its own. */
static bool defers(PyObject *o)
{
	if (is_array(o) || PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o) || PyComplex_CheckExact(o) ||
	    PyList_Check(o) || PyTuple_Check(o))
		return is_scalar(o) && PyType_GetFlags(Py_TYPE(o)) & Py_TPFLAGS_HAVE_GC ? refuses_arrays(o) : false;
	return refuses_arrays(o);
}

static PyObject *binary(enum tr_op op, PyObject *a, PyObject *b, PyObject *out)
{
	PyObject *args[] = {a, b};

	if (!takes(a) || !takes(b) || defers(b))
		return Py_NewRef(Py_NotImplemented);
	return op_call(op, args, 2, out);
}

/* Where an in-place operator puts its result: scalars never change, so that a new object takes their place. */
static PyObject *itself(PyObject *a)
{
	return is_scalar(a) ? NULL : a;
}

static PyObject *unary(enum tr_op op, PyObject *a)
{
	return op_call(op, &a, 1, NULL);
}

#define BINARY(slot, op) \
	static PyObject *slot(PyObject *a, PyObject *b) { return binary(TR_OP_##op, a, b, NULL); } \
	static PyObject *inplace_##slot(PyObject *a, PyObject *b) { return binary(TR_OP_##op, a, b, itself(a)); }
#define UNARY(slot, op) \
	static PyObject *slot(PyObject *a) { return unary(TR_OP_##op, a); }

BINARY(add, add)
BINARY(subtract, subtract)
BINARY(multiply, multiply)
BINARY(divide, divide)
BINARY(floor_divide, floor_divide)
BINARY(remain, remainder)
BINARY(matmul, matmul)
BINARY(and, bitwise_and)
BINARY(or, bitwise_or)
BINARY(xor, bitwise_xor)
BINARY(lshift, left_shift)
BINARY(rshift, right_shift)
UNARY(negative, negative)
UNARY(absolute, absolute)
UNARY(invert, invert)
UNARY(positive, copy)

static PyObject *divide_both(PyObject *a, PyObject *b)
{
	PyObject *quotient = floor_divide(a, b), *rest;

	if (!quotient || quotient == Py_NotImplemented)
		return quotient;
	rest = remain(a, b);
	if (!rest) {
		Py_DECREF(quotient);
		return NULL;
	}
	return Py_BuildValue("NN", quotient, rest);
}

static PyObject *power_into(PyObject *a, PyObject *b, PyObject *modulus, PyObject *out)
{
	if (modulus != Py_None) {
		PyErr_SetString(PyExc_TypeError, "pow of arrays takes no modulus");
		return NULL;
	}
	return binary(TR_OP_pow, a, b, out);
}

static PyObject *power(PyObject *a, PyObject *b, PyObject *modulus)
{
	return power_into(a, b, modulus, NULL);
}

static PyObject *inplace_power(PyObject *a, PyObject *b, PyObject *modulus)
{
	return power_into(a, b, modulus, itself(a));
}

PyObject *array_compare(PyObject *a, PyObject *b, int how)
{
	static const enum tr_op ops[] = {
		[Py_LT] = TR_OP_less, [Py_LE] = TR_OP_less_equal, [Py_EQ] = TR_OP_equal, [Py_NE] = TR_OP_not_equal,
		[Py_GT] = TR_OP_greater, [Py_GE] = TR_OP_greater_equal,
	};

	return binary(ops[how], a, b, NULL);
}

static int truth(PyObject *self)
{
	PyObject *item;
	int value;

	if (tr_numel(tensor_of(self)) != 1) {
		PyErr_SetString(PyExc_ValueError, tr_numel(tensor_of(self))
				? "The truth value of an array with more than one element is ambiguous. Use any() or all()"
				: "The truth value of an empty array is ambiguous. Use a.size > 0");
		return -1;
	}
	item = array_item(self);
	value = item ? PyObject_IsTrue(item) : -1;
	Py_XDECREF(item);
	return value;
}

/* The one element of an array without axes, for those who want a number. */
static PyObject *scalar(PyObject *self, const char *what)
{
	if (tr_ndim(tensor_of(self)) == 0)
		return array_item(self);
	PyErr_Format(PyExc_TypeError, "only an array without dimensions can be converted to %s", what);
	return NULL;
}

static PyObject *to_int(PyObject *self)
{
	PyObject *item = scalar(self, "int"), *number = item ? PyNumber_Long(item) : NULL;

	Py_XDECREF(item);
	return number;
}

static PyObject *to_float(PyObject *self)
{
	PyObject *item = scalar(self, "float"), *number = item ? PyNumber_Float(item) : NULL;

	Py_XDECREF(item);
	return number;
}

static PyObject *to_index(PyObject *self)
{
	enum tr_dtype code = tr_dtype_of(tensor_of(self));

	if (code == TR_BOOL || code > TR_U64) {
		PyErr_Format(PyExc_TypeError, "only integer arrays without dimensions can be an index, not %s",
			     tr_dtype_name(code));
		return NULL;
	}
	return scalar(self, "an index");
}

PyType_Slot number_slots[] = {
	{Py_nb_add, add}, {Py_nb_inplace_add, inplace_add},
	{Py_nb_subtract, subtract}, {Py_nb_inplace_subtract, inplace_subtract},
	{Py_nb_multiply, multiply}, {Py_nb_inplace_multiply, inplace_multiply},
	{Py_nb_true_divide, divide}, {Py_nb_inplace_true_divide, inplace_divide},
	{Py_nb_floor_divide, floor_divide}, {Py_nb_inplace_floor_divide, inplace_floor_divide},
	{Py_nb_remainder, remain}, {Py_nb_inplace_remainder, inplace_remain},
	{Py_nb_matrix_multiply, matmul}, {Py_nb_inplace_matrix_multiply, inplace_matmul},
	{Py_nb_and, and}, {Py_nb_inplace_and, inplace_and}, {Py_nb_or, or}, {Py_nb_inplace_or, inplace_or},
	{Py_nb_xor, xor}, {Py_nb_inplace_xor, inplace_xor},
	{Py_nb_lshift, lshift}, {Py_nb_inplace_lshift, inplace_lshift},
	{Py_nb_rshift, rshift}, {Py_nb_inplace_rshift, inplace_rshift},
	{Py_nb_power, power}, {Py_nb_inplace_power, inplace_power}, {Py_nb_divmod, divide_both},
	{Py_nb_negative, negative}, {Py_nb_positive, positive}, {Py_nb_absolute, absolute}, {Py_nb_invert, invert},
	{Py_nb_bool, truth}, {Py_nb_int, to_int}, {Py_nb_float, to_float}, {Py_nb_index, to_index},
	{Py_tp_richcompare, array_compare}, {Py_tp_hash, PyObject_HashNotImplemented},
	{0, NULL},
};
