/* SPDX-License-Identifier: MIT */
/*
 * Element types as Python objects, one for each: compared with names, Python's own number types and other libraries'
 * element types, which are known by their name.
 */
#include <stdio.h>
#include <string.h>

#include "tools/python/src/package.h"

PyTypeObject *dtype_type;
PyObject *unsupported_dtype;
static PyObject *objects[TR_DTYPE_COUNT];

/* Formats of the struct module, and kinds in NumPy's letters. */
static const struct {
	const char *format;
	char kind;
} rows[TR_DTYPE_COUNT] = {
	[TR_BOOL] = {"?", 'b'}, [TR_I8] = {"b", 'i'}, [TR_I16] = {"h", 'i'}, [TR_I32] = {"i", 'i'}, [TR_I64] = {"l", 'i'},
	[TR_U8] = {"B", 'u'}, [TR_U16] = {"H", 'u'}, [TR_U32] = {"I", 'u'}, [TR_U64] = {"L", 'u'}, [TR_F16] = {"e", 'f'},
	[TR_BF16] = {NULL, 'f'}, [TR_F32] = {"f", 'f'}, [TR_F64] = {"d", 'f'}, [TR_C64] = {"Zf", 'c'},
	[TR_C128] = {"Zd", 'c'},
};

/* Other names that NumPy and Python have for them. */
static const struct {
	const char *name;
	enum tr_dtype code;
} aliases[] = {
	{"bool_", TR_BOOL}, {"int", TR_I64}, {"float", TR_F64}, {"complex", TR_C128}, {"half", TR_F16},
	{"single", TR_F32}, {"double", TR_F64}, {"b1", TR_BOOL}, {"intp", TR_I64}, {"uintp", TR_U64},
	{"p", TR_I64}, {"P", TR_U64}, {"n", TR_I64}, {"N", TR_U64}, {"q", TR_I64}, {"Q", TR_U64}, {"F", TR_C64}, {"D", TR_C128}, {"uint", TR_U64},
	{"longlong", TR_I64}, {"ulonglong", TR_U64}, {"byte", TR_I8}, {"ubyte", TR_U8}, {"short", TR_I16},
	{"ushort", TR_U16}, {"intc", TR_I32}, {"uintc", TR_U32}, {"long", TR_I64}, {"ulong", TR_U64},
	{"csingle", TR_C64}, {"cdouble", TR_C128},
	/* long double is double, as where C's is */
	{"longdouble", TR_F64}, {"g", TR_F64}, {"clongdouble", TR_C128}, {"G", TR_C128},
};

PyObject *dtype_object(enum tr_dtype code)
{
	return Py_NewRef(objects[code]);
}

const char *dtype_format(enum tr_dtype code)
{
	return rows[code].format;
}

char dtype_kind(enum tr_dtype code)
{
	return rows[code].kind;
}

bool dtype_bounds(enum tr_dtype code, int64_t *least, uint64_t *greatest)
{
	unsigned bits = 8 * (unsigned)tr_dtype_size(code);

	if (rows[code].kind == 'i') {
		*least = -(int64_t)(UINT64_C(1) << (bits - 2)) * 2;
		*greatest = (UINT64_C(1) << (bits - 1)) - 1;
	} else if (rows[code].kind == 'u') {
		*least = 0;
		*greatest = UINT64_MAX >> (64 - bits);
	} else {
		return false;
	}
	return true;
}

enum tr_dtype dtype_by_format(const char *format, Py_ssize_t itemsize)
{
	if (!format)
		format = "B";
	if (*format == '@' || *format == '=' || *format == '<' || *format == '|')
		format++;
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (rows[d].format && !strcmp(rows[d].format, format) && (Py_ssize_t)tr_dtype_size(d) == itemsize)
			return d;
	if (strlen(format) == 1 && strchr("bhilq", *format))
		for (int d = TR_I8; d <= TR_I64; d++)
			if ((Py_ssize_t)tr_dtype_size(d) == itemsize)
				return d;
	if (strlen(format) == 1 && strchr("BHILQ", *format))
		for (int d = TR_U8; d <= TR_U64; d++)
			if ((Py_ssize_t)tr_dtype_size(d) == itemsize)
				return d;
	return TR_DTYPE_NONE;
}

/* "float32", "double", "<f4", "f4", "f" */
static enum tr_dtype by_name(const char *name)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (!strcmp(tr_dtype_name(d), name))
			return d;
	if (!strncmp(name, "torch.", 6))
		return by_name(name + 6);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (!strcmp(aliases[i].name, name))
			return aliases[i].code;
	if (*name == '<' || *name == '=' || *name == '|')
		return name[1] && !strchr("<=|>", name[1]) ? by_name(name + 1) : TR_DTYPE_NONE;
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		char text[8] = {rows[d].kind, 0};
		size_t size = tr_dtype_size(d);

		if (!rows[d].format)
			continue;
		snprintf(text + 1, sizeof(text) - 1, "%zu", size);
		if (!strcmp(text, name) || !strcmp(rows[d].format, name))
			return d;
	}
	return TR_DTYPE_NONE;
}

/* Whether NumPy has an element type of that name: texts, dates, objects, records, extended precision and foreign byte
 * orders have none here. */
static bool is_foreign_name(const char *name)
{
	static const char *const starts[] = {"object", "str", "bytes", "void", "datetime64", "timedelta64", "record", "StringDType",
					     "float128", "complex256", "unicode"};
	const char *rest;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(name, starts[i], strlen(starts[i])))
			return true;
	if (*name == '>')
		return by_name(name + 1) != TR_DTYPE_NONE || is_foreign_name(name + 1);
	if (strchr("<=|", *name))
		name++;
	if (!strcmp(name, "f16") || !strcmp(name, "c32"))
		return true;
	if (!*name)
		return false;
	rest = name + 1 + strspn(name + 1, "0123456789");
	if (!strcmp(name, "c") || (strchr("OSUVaMmT", *name) && (!*rest || *rest == '[')))
		return true;
	return strchr(name, ',') || *name == '(' || (*name >= '0' && *name <= '9'); /* "i4,f8", "(2,3)i4", "10i" */
}

static bool has_foreign_name(PyObject *o, const char *attribute)
{
	PyObject *text = attribute ? PyObject_GetAttrString(o, attribute) : Py_NewRef(o);
	const char *name = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
	bool is = name && is_foreign_name(name);

	Py_XDECREF(text);
	PyErr_Clear();
	return is;
}

/* Every other class is NumPy's type of objects, and lists, tuples and dicts describe records. */
static bool is_foreign(PyObject *o)
{
	if (PyUnicode_Check(o))
		return has_foreign_name(o, NULL);
	if (PyType_Check(o))
		return !PyType_IsSubtype((PyTypeObject *)o, array_type);
	return PyList_Check(o) || PyTuple_Check(o) || PyDict_Check(o) || has_foreign_name(o, "str");
}

static enum tr_dtype by_text(PyObject *text)
{
	const char *name = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;

	return name ? by_name(name) : TR_DTYPE_NONE;
}

/* Of other objects: their attribute "name" (an element type's), "__name__" (a class of scalars), else their text. */
static enum tr_dtype by_attributes(PyObject *o)
{
	static const char *const names[] = {"name", "__name__"};
	enum tr_dtype code = TR_DTYPE_NONE;
	PyObject *text;

	for (size_t i = 0; i < 2 && code == TR_DTYPE_NONE; i++) {
		text = PyObject_GetAttrString(o, names[i]);
		code = by_text(text);
		Py_XDECREF(text);
		PyErr_Clear();
	}
	if (code == TR_DTYPE_NONE && !PyType_Check(o)) {
		text = PyObject_Str(o);
		code = by_text(text);
		Py_XDECREF(text);
		PyErr_Clear();
	}
	return code;
}

static enum tr_dtype find(PyObject *o)
{
	enum tr_dtype code;

	if (Py_TYPE(o) == dtype_type)
		return ((struct dtype *)o)->code;
	code = scalar_code(o);
	if (code != TR_DTYPE_NONE)
		return code;
	if (o == (PyObject *)&PyFloat_Type)
		return TR_F64;
	if (o == (PyObject *)&PyLong_Type)
		return TR_I64;
	if (o == (PyObject *)&PyBool_Type)
		return TR_BOOL;
	if (o == (PyObject *)&PyComplex_Type)
		return TR_C128;
	if (PyUnicode_Check(o))
		return by_text(o);
	return !PyType_Check(o) && has_foreign_name(o, "str") ? TR_DTYPE_NONE : by_attributes(o);
}

int dtype_from(PyObject *o, enum tr_dtype *out)
{
	*out = TR_DTYPE_NONE;
	if (!o || o == Py_None)
		return 0;
	*out = find(o);
	if (*out != TR_DTYPE_NONE)
		return 0;
	PyErr_Format(is_foreign(o) ? unsupported_dtype : PyExc_TypeError, "data type %R not understood", o);
	return -1;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	static char *names[] = {"dtype", "align", "copy", NULL};
	PyObject *from, *align, *copy; /* types of one number are aligned, and there is one object of each */
	enum tr_dtype code;

	(void)type;
	if (!PyArg_ParseTupleAndKeywords(args, kw, "O|OO:dtype", names, &from, &align, &copy) || dtype_from(from, &code))
		return NULL;
	return dtype_object(code == TR_DTYPE_NONE ? TR_F64 : code);
}

static PyObject *repr(PyObject *self)
{
	return PyUnicode_FromFormat("dtype('%s')", tr_dtype_name(((struct dtype *)self)->code));
}

static PyObject *str(PyObject *self)
{
	return PyUnicode_FromString(tr_dtype_name(((struct dtype *)self)->code));
}

static Py_hash_t hash(PyObject *self)
{
	return ((struct dtype *)self)->code + 1;
}

static PyObject *compare(PyObject *self, PyObject *other, int how)
{
	bool same;

	if (how != Py_EQ && how != Py_NE)
		return Py_NewRef(Py_NotImplemented);
	same = other != Py_None && find(other) == ((struct dtype *)self)->code;
	return PyBool_FromLong(same == (how == Py_EQ));
}

static PyObject *reduce(PyObject *self, PyObject *unused)
{
	(void)unused;
	return Py_BuildValue("(O(s))", dtype_type, tr_dtype_name(((struct dtype *)self)->code));
}

static PyObject *get_itemsize(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromSize_t(tr_dtype_size(((struct dtype *)self)->code));
}

static PyObject *get_kind(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromFormat("%c", rows[((struct dtype *)self)->code].kind);
}

static PyObject *get_type(PyObject *self, void *unused)
{
	(void)unused;
	return Py_NewRef((PyObject *)scalar_types[((struct dtype *)self)->code]);
}

static PyObject *get_name(PyObject *self, void *unused)
{
	(void)unused;
	return str(self);
}

static PyObject *get_str(PyObject *self, void *unused)
{
	enum tr_dtype code = ((struct dtype *)self)->code;
	size_t size = tr_dtype_size(code);

	(void)unused;
	return PyUnicode_FromFormat("%c%c%zu", size > 1 ? '<' : '|', rows[code].kind, size);
}

static PyGetSetDef attributes[] = {
	{"itemsize", get_itemsize, NULL, "Bytes of an element.", NULL},
	{"kind", get_kind, NULL, "b, i, u, f or c.", NULL},
	{"name", get_name, NULL, "As float32.", NULL},
	{"type", get_type, NULL, "The class of its scalars.", NULL},
	{"str", get_str, NULL, "As <f4.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
	{"__reduce__", reduce, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

int dtype_type_add(PyObject *module)
{
	PyType_Slot slots[] = {
		{Py_tp_doc, "An element type."}, {Py_tp_new, new}, {Py_tp_repr, repr}, {Py_tp_str, str},
		{Py_tp_hash, hash}, {Py_tp_richcompare, compare}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},
		{0, NULL},
	};
	PyType_Spec spec = {"trueno.dtype", sizeof(struct dtype), 0, Py_TPFLAGS_DEFAULT, slots};

	dtype_type = (PyTypeObject *)PyType_FromSpec(&spec);
	unsupported_dtype = PyErr_NewExceptionWithDoc("trueno.exceptions.UnsupportedDTypeError",
						      "An element type that NumPy has and this package has not.", PyExc_TypeError,
						      NULL);
	if (!unsupported_dtype || PyModule_AddObjectRef(module, "UnsupportedDTypeError", unsupported_dtype))
		return -1;
	if (!dtype_type || PyModule_AddObjectRef(module, "dtype", (PyObject *)dtype_type))
		return -1;
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		struct dtype *o = PyObject_New(struct dtype, dtype_type);

		if (!o)
			return -1;
		o->code = d;
		objects[d] = (PyObject *)o;
	}
	return 0;
}
