/* SPDX-License-Identifier: MIT */
/*
 * Scalars: classes of single elements with NumPy's names and hierarchy, from generic down to float32. A scalar is an
 * array without axes whose content never changes, so that it is a key, and everything that takes an array takes it. It
 * holds its element by value, or as the tensor that an operation left, until somebody looks: a device is not waited for.
 */
#include <string.h>

#include "lib/dtype.h"
#include "lib/ref/cast.h"
#include "tools/python/src/package.h"

PyTypeObject *generic_type, *scalar_types[TR_DTYPE_COUNT];
static PyObject *truths[2]; /* False_ and True_, of which there is one each */

static struct scalar *allocate(PyTypeObject *type)
{
	allocfunc f = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);

	return (struct scalar *)f(type, 0);
}

static struct scalar *create(PyTypeObject *type, enum tr_dtype code)
{
	struct scalar *s = type == scalar_types[code] ? PyObject_New(struct scalar, type) : allocate(type);

	if (!s)
		return NULL;
	s->array.t = NULL;
	s->array.base = s->array.weak = s->array.locked = NULL;
	s->code = (uint8_t)code;
	s->known = false;
	return s;
}

__attribute__((noinline)) PyObject *scalar_make(enum tr_dtype code, const void *value)
{
	struct scalar *s;

	if (code == TR_BOOL && truths[1])
		return Py_NewRef(truths[*(const uint8_t *)value != 0]);
	s = create(scalar_types[code], code);
	if (!s)
		return NULL;
	if (tr__size(code) == 8)
		memcpy(s->value, value, 8);
	else
		memcpy(s->value, value, (size_t)tr__size(code));
	s->known = true;
	return (PyObject *)s;
}

PyObject *scalar_wrap(struct tr_tensor *t)
{
	struct scalar *s;
	uint8_t truth;

	if (tr_dtype_of(t) == TR_BOOL) { /* almost always looked at next */
		int err = context_enter() ? context_status(tr_read(t, &truth, 1)) : -1;

		tensor_free(t);
		return err ? NULL : scalar_make(TR_BOOL, &truth);
	}
	s = create(scalar_types[tr_dtype_of(t)], tr_dtype_of(t));
	if (!s) {
		tensor_free(t);
		return NULL;
	}
	s->array.t = t;
	return (PyObject *)s;
}

const void *scalar_value(PyObject *self)
{
	struct scalar *s = (struct scalar *)self;

	if (s->known)
		return s->value;
	if (!context_enter() || context_status(tr_read(s->array.t, s->value, tr_dtype_size((enum tr_dtype)s->code))))
		return NULL;
	s->known = true;
	return s->value;
}

struct tr_tensor *scalar_tensor(PyObject *self)
{
	struct scalar *s = (struct scalar *)self;
	bool inside = context_held();
	struct tr_context *ctx = inside ? context_get() : context_enter();

	if (!s->array.t) /* another thread may have made it while this one waited */
		s->array.t = tr_from_data(ctx, (enum tr_dtype)s->code, 0, NULL, s->value);
	if (!inside)
		context_leave();
	return s->array.t;
}

bool scalar_half(enum tr_dtype code, const void *value, double *out)
{
	uint16_t bits;

	if (!dtype_is_half(code))
		return false;
	memcpy(&bits, value, sizeof(bits));
	*out = code == TR_F16 ? f32_from_f16(bits) : f32_from_bf16(bits);
	return true;
}

PyObject *scalar_of(PyObject *array)
{
	struct tr_tensor *t = tensor_of(array);

	if (is_scalar(array))
		return Py_NewRef(array);
	if (!context_enter())
		return NULL;
	return context_result(tr_copy(t));
}

/* The number in a text, as Python reads it for that kind; anything else unchanged. */
static PyObject *parsed(PyObject *from, enum tr_dtype code)
{
	PyObject *type = (PyObject *)(code == TR_BOOL ? &PyBool_Type : code <= TR_U64 ? &PyLong_Type
				      : code >= TR_C64 ? &PyComplex_Type : &PyFloat_Type);

	if (from == Py_None && code > TR_U64)
		return PyFloat_FromDouble(Py_NAN);
	if (!PyUnicode_Check(from) && !(PyBytes_Check(from) && code < TR_C64))
		return Py_NewRef(from);
	return PyObject_CallFunctionObjArgs(type, from, NULL);
}

static PyObject *joined(PyObject *real, PyObject *imag)
{
	PyObject *number = PyComplex_FromDoubles(0, 1), *part = number ? PyNumber_Multiply(number, imag) : NULL, *sum = NULL;

	if (part)
		sum = PyNumber_Add(real, part);
	Py_XDECREF(number);
	Py_XDECREF(part);
	return sum;
}

static enum tr_dtype code_of(PyTypeObject *type)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (type == scalar_types[d])
			return d;
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (PyType_IsSubtype(type, scalar_types[d]))
			return d;
	return TR_DTYPE_NONE;
}

enum tr_dtype scalar_code(PyObject *type)
{
	return PyType_Check(type) && PyType_IsSubtype((PyTypeObject *)type, generic_type) ? code_of((PyTypeObject *)type)
											  : TR_DTYPE_NONE;
}

/* A scalar of that class with the one element of array; the array if it has axes. Takes array. */
static PyObject *from_array(PyTypeObject *type, enum tr_dtype code, PyObject *array)
{
	struct scalar *s;

	if (!array || (tr_ndim(tensor_of(array)) && type == scalar_types[code]))
		return array;
	if (code == TR_BOOL && !tr_ndim(tensor_of(array))) {
		struct scalar *truth = (struct scalar *)scalar_of(array);

		Py_DECREF(array);
		return (PyObject *)truth;
	}
	s = create(type, code);
	if (s && (!context_enter() ||
		  context_status(tr_read(tensor_of(array), s->value, tr_dtype_size(code)))))
		Py_CLEAR(s);
	if (s)
		s->known = true;
	Py_DECREF(array);
	return (PyObject *)s;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	enum tr_dtype code = code_of(type);
	PyObject *from = NULL, *imag = NULL, *number, *y = NULL;
	static char *complex_names[] = {"real", "imag", NULL}, *names[] = {"", NULL};

	if (type == scalar_types[TR_F64] && !kw && PyTuple_Size(args) == 1 && PyFloat_CheckExact(PyTuple_GetItem(args, 0))) {
		double x = PyFloat_AsDouble(PyTuple_GetItem(args, 0));

		return scalar_make(TR_F64, &x);
	}
	if (code == TR_DTYPE_NONE) {
		PyErr_Format(PyExc_TypeError, "cannot create instances of %R: it is a class of types", type);
		return NULL;
	}
	if (!(code >= TR_C64 ? PyArg_ParseTupleAndKeywords(args, kw, "|OO", complex_names, &from, &imag)
			     : PyArg_ParseTupleAndKeywords(args, kw, "|O", names, &from)))
		return NULL;
	if (!from)
		number = imag ? joined(Py_False, imag) : PyLong_FromLong(0);
	else
		number = imag ? joined(from, imag) : parsed(from, code);
	if (number && PyLong_CheckExact(number) && code > TR_U64) { /* of any size */
		PyObject *whole = number;

		number = PyNumber_Float(whole);
		Py_DECREF(whole);
	}
	if (number && PyComplex_Check(number) && code < TR_C64 && code != TR_BOOL) {
		PyErr_Format(PyExc_TypeError, "%s() argument must be a string or a real number, not 'complex'", tr_dtype_name(code));
		Py_CLEAR(number);
	}
	if (!number)
		return NULL;
	if (code == TR_BOOL && !is_array(number) && !PyObject_CheckBuffer(number) && !PySequence_Check(number)) {
		uint8_t truth = (uint8_t)(PyObject_IsTrue(number) > 0);

		Py_DECREF(number);
		return PyErr_Occurred() ? NULL : scalar_make(TR_BOOL, &truth);
	}
	if ((PyFloat_CheckExact(number) || PyLong_CheckExact(number)) && !dtype_is_half(code) &&
	    (code > TR_U64 || PyLong_CheckExact(number))) {
		struct scalar *s = create(type, code);

		if (s && number_put(number, code, s->value))
			Py_CLEAR(s);
		if (s)
			s->known = true;
		y = (PyObject *)s;
	} else {
		y = from_array(type, code, array_from(number, code, 1));
	}
	Py_DECREF(number);
	return y;
}

static Py_hash_t scalar_hash(PyObject *self)
{
	PyObject *number = array_item(self);
	Py_hash_t value = number ? PyObject_Hash(number) : -1;

	Py_XDECREF(number);
	return value;
}

static PyObject *subscript(PyObject *self, PyObject *key)
{
	PyObject *array;

	if (PyTuple_Check(key) && !PyTuple_Size(key))
		return Py_NewRef(self);
	if (PyLong_Check(key) || PySlice_Check(key)) {
		PyErr_SetString(PyExc_IndexError, "invalid index to scalar variable.");
		return NULL;
	}
	array = array_from(self, TR_DTYPE_NONE, 1);
	if (array) {
		PyObject *y = PyObject_GetItem(array, key);

		Py_DECREF(array);
		return y;
	}
	return NULL;
}

static int refuse(PyObject *self, PyObject *key, PyObject *value)
{
	(void)key;
	PyErr_Format(PyExc_TypeError, "'%R' object does not support item %s", Py_TYPE(self), value ? "assignment" : "deletion");
	return -1;
}

static PyObject *iterate(PyObject *self)
{
	PyErr_Format(PyExc_TypeError, "'%R' object is not iterable", Py_TYPE(self));
	return NULL;
}

static PyObject *get_dtype(PyObject *self, void *unused)
{
	(void)unused;
	return dtype_object((enum tr_dtype)((struct scalar *)self)->code);
}

static PyObject *get_nothing(PyObject *self, void *unused)
{
	(void)self, (void)unused;
	return PyTuple_New(0);
}

static PyObject *get_number(PyObject *self, void *number)
{
	(void)self;
	return PyLong_FromLong(*(const char *)number - '0');
}

static PyObject *get_self(PyObject *self, void *unused)
{
	(void)unused;
	return Py_NewRef(self);
}

static PyGetSetDef attributes[] = {
	{"dtype", get_dtype, NULL, "The element type.", NULL},
	{"shape", get_nothing, NULL, "Sizes of the axes: none.", NULL},
	{"strides", get_nothing, NULL, "No axes, no steps.", NULL},
	{"ndim", get_number, NULL, "No axes.", "0"},
	{"size", get_number, NULL, "One element.", "1"},
	{"T", get_self, NULL, "The scalar itself.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

/* The abstract classes, each after the one it is a kind of. */
static const struct {
	const char *name, *base, *doc;
} classes[] = {
	{"generic", NULL, "Single elements of any type."},
	{"number", "generic", "All but bool."},
	{"integer", "number", "Integers."},
	{"signedinteger", "integer", "Integers with a sign."},
	{"unsignedinteger", "integer", "Integers without a sign."},
	{"inexact", "number", "Floating-point numbers and pairs of them."},
	{"floating", "inexact", "Floating-point numbers."},
	{"complexfloating", "inexact", "Complex numbers."},
};

static PyTypeObject *add_type(PyObject *module, const char *name, PyTypeObject *base, PyType_Slot *slots)
{
	char full[64];
	PyType_Spec spec = {full, sizeof(struct scalar), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
	PyObject *bases = PyTuple_Pack(1, base), *type;

	PyOS_snprintf(full, sizeof(full), "trueno.%s", name);
	type = bases ? PyType_FromSpecWithBases(&spec, bases) : NULL;
	Py_XDECREF(bases);
	if (type && PyModule_AddObjectRef(module, name, type))
		Py_CLEAR(type);
	return (PyTypeObject *)type;
}

int scalar_types_add(PyObject *module)
{
	PyType_Slot of_generic[] = {
		{Py_tp_doc, (void *)(uintptr_t)classes[0].doc}, {Py_tp_new, new}, {Py_tp_getset, attributes},
		{Py_tp_hash, scalar_hash}, {Py_tp_richcompare, array_compare}, {Py_mp_subscript, subscript}, {Py_mp_ass_subscript, refuse}, {Py_tp_iter, iterate}, {0, NULL},
	};
	PyTypeObject *types[sizeof(classes) / sizeof(*classes)];

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		PyType_Slot slots[] = {{Py_tp_doc, (void *)(uintptr_t)classes[i].doc}, {0, NULL}};
		PyTypeObject *base = array_type;

		for (size_t k = 0; k < i; k++)
			if (!strcmp(classes[k].name, classes[i].base))
				base = types[k];
		types[i] = add_type(module, classes[i].name, base, i ? slots : of_generic);
		if (!types[i])
			return -1;
	}
	generic_type = types[0];
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		static const char kinds[] = "b..iu.fc"; /* places in classes */
		PyType_Slot slots[] = {{Py_tp_doc, "Single elements of that type."}, {0, NULL}};

		scalar_types[d] = add_type(module, tr_dtype_name((enum tr_dtype)d),
					   types[strchr(kinds, dtype_kind((enum tr_dtype)d)) - kinds], slots);
		if (!scalar_types[d])
			return -1;
	}
	for (uint8_t i = 0; i < 2; i++) {
		PyObject *truth = scalar_make(TR_BOOL, &i);

		if (!truth)
			return -1;
		truths[i] = truth;
	}
	return 0;
}
