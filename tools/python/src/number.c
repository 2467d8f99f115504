/* SPDX-License-Identifier: MIT */
/* Operators of arrays, each the operation of the table it stands for, and conversions to Python's numbers. */
#include <string.h>

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

/*
 * Two scalars of one type, or one and a number of Python's, are not worth an entry of the ring: sums, differences, products
 * and quotients of floating-point numbers are correctly rounded wherever they are made, and those of float32 are when they
 * are made in double (Figueroa, 1995); int64 wraps.
 */
enum pair_kind { NO_PAIR, PAIR_F64, PAIR_F32, PAIR_I64 };
struct pair {
	enum pair_kind kind;
	double x[2];
	int64_t i[2];
};

/* Of a class derived from a scalar's, which may have its own mind, it is none. */
static enum pair_kind kind_of(PyObject *o)
{
	const PyTypeObject *type = Py_TYPE(o);

	return type == scalar_types[TR_F64] ? PAIR_F64 : type == scalar_types[TR_F32] ? PAIR_F32
	       : type == scalar_types[TR_I64] ? PAIR_I64 : NO_PAIR;
}

static bool add_scalar(struct pair *p, int side, PyObject *o)
{
	const void *value = scalar_value(o);
	float narrow;

	if (!value)
		return false;
	if (p->kind == PAIR_F32) {
		memcpy(&narrow, value, sizeof(narrow));
		p->x[side] = narrow;
	} else {
		memcpy(p->kind == PAIR_F64 ? (void *)&p->x[side] : (void *)&p->i[side], value, sizeof(double));
	}
	return true;
}

static bool add_number(struct pair *p, int side, PyObject *o)
{
	int overflow = 0;

	if (PyFloat_CheckExact(o) && p->kind != PAIR_I64) {
		p->x[side] = PyFloat_AsDouble(o);
		if (p->kind == PAIR_F32)
			p->x[side] = (float)p->x[side];
		return true;
	}
	if (!PyLong_CheckExact(o))
		return false;
	p->i[side] = PyLong_AsLongLongAndOverflow(o, &overflow);
	if (overflow || (p->kind != PAIR_I64 && (p->i[side] > 1 << 24 || p->i[side] < -(1 << 24))))
		return false; /* not exact in every floating type */
	p->x[side] = (double)p->i[side];
	return true;
}

static struct pair pair_of(PyObject *a, PyObject *b)
{
	enum pair_kind first = kind_of(a), second = kind_of(b);
	struct pair p;

	p.kind = first ? first : second;
	if (!p.kind || (first && second && first != second) || errors_are_checked() ||
	    !(first ? add_scalar(&p, 0, a) : add_number(&p, 0, a)) || !(second ? add_scalar(&p, 1, b) : add_number(&p, 1, b)))
		p.kind = NO_PAIR;
	return p;
}

/* The scalar whose number is the first of p. */
static PyObject *of_pair(const struct pair *p)
{
	float narrow;

	if (p->kind != PAIR_F32)
		return p->kind == PAIR_I64 ? scalar_make(TR_I64, &p->i[0]) : scalar_make(TR_F64, &p->x[0]);
	narrow = (float)p->x[0];
	return scalar_make(TR_F32, &narrow);
}

#define BINARY(slot, op) \
	static PyObject *slot(PyObject *a, PyObject *b) { return binary(TR_OP_##op, a, b, NULL); } \
	static PyObject *inplace_##slot(PyObject *a, PyObject *b) { return binary(TR_OP_##op, a, b, itself(a)); }
#define BASIC(slot, op, sign) \
	static PyObject *slot(PyObject *a, PyObject *b) \
	{ \
		struct pair p = pair_of(a, b); \
\
		if (p.kind == NO_PAIR) \
			return PyErr_Occurred() ? NULL : binary(TR_OP_##op, a, b, NULL); \
		if (p.kind == PAIR_I64) \
			p.i[0] = (int64_t)((uint64_t)p.i[0] sign (uint64_t)p.i[1]); \
		else \
			p.x[0] = p.x[0] sign p.x[1]; \
		return of_pair(&p); \
	} \
	static PyObject *inplace_##slot(PyObject *a, PyObject *b) \
	{ \
		return is_scalar(a) ? slot(a, b) : binary(TR_OP_##op, a, b, a); \
	}
#define UNARY(slot, op) \
	static PyObject *slot(PyObject *a) { return unary(TR_OP_##op, a); }

BASIC(add, add, +)
BASIC(subtract, subtract, -)
BASIC(multiply_numbers, multiply, *)
BINARY(divide_arrays, divide)
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

static bool is_sequence(PyObject *o)
{
	return PyList_Check(o) || PyTuple_Check(o) || PyUnicode_Check(o) || PyBytes_Check(o);
}

/* A scalar is a number to Python's sequences, which it repeats. */
static PyObject *multiply(PyObject *a, PyObject *b)
{
	PyObject *sequence = is_sequence(a) ? a : is_sequence(b) ? b : NULL, *number = sequence == a ? b : a;
	int64_t n;

	if (!sequence || !is_scalar(number))
		return multiply_numbers(a, b);
	if (!PyIndex_Check(number) || int64_of(number, &n)) {
		PyErr_Format(PyExc_TypeError, "can't multiply sequence by non-int of type %R", Py_TYPE(number));
		return NULL;
	}
	return PySequence_Repeat(sequence, (Py_ssize_t)n);
}

static PyObject *divide(PyObject *a, PyObject *b)
{
	struct pair p = pair_of(a, b);

	if (p.kind != PAIR_F64 && p.kind != PAIR_F32)
		return PyErr_Occurred() ? NULL : divide_arrays(a, b);
	p.x[0] /= p.x[1];
	return of_pair(&p);
}

static PyObject *inplace_divide(PyObject *a, PyObject *b)
{
	return is_scalar(a) ? divide(a, b) : inplace_divide_arrays(a, b);
}

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

	struct pair p = pair_of(a, b);
	uint8_t truth;

	if (p.kind == NO_PAIR)
		return PyErr_Occurred() ? NULL : binary(ops[how], a, b, NULL);
	if (p.kind == PAIR_I64)
		truth = (uint8_t[]){[Py_LT] = p.i[0] < p.i[1], [Py_LE] = p.i[0] <= p.i[1], [Py_EQ] = p.i[0] == p.i[1],
				    [Py_NE] = p.i[0] != p.i[1], [Py_GT] = p.i[0] > p.i[1], [Py_GE] = p.i[0] >= p.i[1]}[how];
	else
		truth = (uint8_t[]){[Py_LT] = p.x[0] < p.x[1], [Py_LE] = p.x[0] <= p.x[1], [Py_EQ] = p.x[0] == p.x[1],
				    [Py_NE] = p.x[0] != p.x[1], [Py_GT] = p.x[0] > p.x[1], [Py_GE] = p.x[0] >= p.x[1]}[how];
	return scalar_make(TR_BOOL, &truth);
}

static int truth(PyObject *self)
{
	PyObject *item;
	int value;

	if (is_scalar(self) && ((struct scalar *)self)->code == TR_BOOL)
		return *((struct scalar *)self)->value;
	if (!is_scalar(self) && tr_numel(tensor_of(self)) != 1) {
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
	if (Py_TYPE(self) == scalar_types[TR_F64] || is_scalar(self) || tr_ndim(tensor_of(self)) == 0)
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
	PyObject *item = scalar(self, "float"), *number;

	if (!item || PyFloat_CheckExact(item))
		return item;
	number = PyNumber_Float(item);

	Py_XDECREF(item);
	return number;
}

static PyObject *to_index(PyObject *self)
{
	enum tr_dtype code = is_scalar(self) ? (enum tr_dtype)((struct scalar *)self)->code : tr_dtype_of(tensor_of(self));

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
	{Py_nb_multiply, multiply}, {Py_nb_inplace_multiply, inplace_multiply_numbers},
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
