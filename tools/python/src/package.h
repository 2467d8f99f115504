/* SPDX-License-Identifier: MIT */
/*
 * What the files of the extension share: the process's one context and its lock, the three types, and the conversions
 * between Python objects and tensors. Written for the limited API of Python 3.11, so that one build serves every
 * later Python.
 *
 * A context serves one thread at a time. Whoever touches it or a tensor holds its lock, between context_enter and
 * context_leave, and runs no Python code meanwhile: the collector might free an array, which needs the same lock.
 */
#ifndef TR_PYTHON_PACKAGE_H
#define TR_PYTHON_PACKAGE_H

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#include <Python.h>
#include <structmember.h>

#include <trueno/trueno.h>

/* Vector calls joined the limited API with 3.12. Every interpreter since 3.8 has them in this very form. */
#if Py_LIMITED_API + 0 < 0x030c0000
typedef PyObject *(*vectorcallfunc)(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames);
#define Py_TPFLAGS_HAVE_VECTORCALL (1UL << 11)
#define PY_VECTORCALL_ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1))
#endif

struct array {
	PyObject_HEAD
	struct tr_tensor *t;
	PyObject *base; /* of a view: the object whose memory it shows; NULL of an array with its own */
	PyObject *weak;   /* Python's list of weak references */
	PyObject *locked; /* what it was before it was made read-only, or NULL */
};

struct dtype {
	PyObject_HEAD
	enum tr_dtype code;
};

/* scalar.c: an element by itself, an array without axes that never changes. array.t: NULL until one is needed. */
struct scalar {
	struct array array;
	uint8_t code; /* the element type */
	bool known;   /* value is the element; else it is in the tensor only */
	_Alignas(16) unsigned char value[16];
};

extern PyObject *unsupported_dtype; /* TypeError of a type that only NumPy has */
extern PyTypeObject *array_type, *dtype_type, *op_type, *generic_type, *scalar_types[TR_DTYPE_COUNT];

static inline bool is_array(PyObject *o)
{
	return Py_TYPE(o) == array_type || PyType_IsSubtype(Py_TYPE(o), array_type);
}

/* Arrays have no other subclasses. */
static inline bool is_scalar(PyObject *o)
{
	return Py_TYPE(o) != array_type && is_array(o);
}

struct tr_tensor *scalar_tensor(PyObject *scalar);
static inline struct tr_tensor *tensor_of(PyObject *array)
{
	struct tr_tensor *t = ((struct array *)array)->t;

	return t ? t : scalar_tensor(array);
}

/* The context, made on the first call, with its lock held. NULL with an exception and without the lock. */
struct tr_context *context_enter(void);
void context_leave(void);
bool context_held(void); /* whether this thread is between the two */
struct tr_context *context_get(void); /* for who is */

/* Lets other Python threads run while work of so many elements is done under the lock; context_resume ends that. */
PyThreadState *context_release(int64_t elements);
void context_resume(PyThreadState *state);

/* Leaves. The tensor as an array, or the context's error as an exception; result: as a scalar if it has no axes. status:
 * 0, or an error as an exception. */
PyObject *context_array(struct tr_tensor *t);
PyObject *context_result(struct tr_tensor *t);
PyObject *array_view(PyObject *y, PyObject *from); /* y, which tells from as its base if it shows from's memory */
int context_status(int status);
void raise_status(int status, const char *message);

/* An array that owns t, for callers without the lock; frees t on failure. Frees a tensor, taking the lock. */
PyObject *array_wrap(struct tr_tensor *t);
void tensor_free(struct tr_tensor *t);

/* A Python object that borrowed memory belongs to: let go, by the first call that leaves the context after its
 * storage died. release may be NULL for object, which is then a plain reference. */
struct owner {
	struct owner *next;
	void (*release)(struct owner *owner);
};
void owner_dead(void *owner);

/* dtype.c */
PyObject *dtype_object(enum tr_dtype code); /* a new reference */
int dtype_from(PyObject *o, enum tr_dtype *out); /* None: TR_DTYPE_NONE. -1 with TypeError */
bool dtype_bounds(enum tr_dtype code, int64_t *least, uint64_t *greatest); /* whether it is an integer type */
const char *dtype_format(enum tr_dtype code); /* of the struct module; NULL for bfloat16 */
enum tr_dtype dtype_by_format(const char *format, Py_ssize_t itemsize);
static inline bool dtype_is_half(enum tr_dtype code)
{
	return code == TR_F16 || code == TR_BF16;
}

char dtype_kind(enum tr_dtype code); /* b, i, u, f or c */

/* scalar.c. value: the element's bytes, NULL with an exception; half: whether it is one, and its number. code: of a class
 * of scalars or a subclass of one, TR_DTYPE_NONE for others. wrap owns t, freed on failure. of: an array's one element. */
PyObject *scalar_make(enum tr_dtype code, const void *value);
PyObject *scalar_wrap(struct tr_tensor *t);
PyObject *scalar_of(PyObject *array);
const void *scalar_value(PyObject *scalar);
bool scalar_half(enum tr_dtype code, const void *value, double *out);
enum tr_dtype scalar_code(PyObject *type);
int scalar_types_add(PyObject *module);

/* convert.c: Python objects to arrays and back. */
PyObject *array_from(PyObject *o, enum tr_dtype dtype, int copy); /* copy: 1 always, 0 never, -1 if needed */
PyObject *array_item(PyObject *array);
int number_put(PyObject *o, enum tr_dtype code, void *at); /* a number as an element, not of a half type */
PyObject *array_tolist(PyObject *self, PyObject *unused);

/* An operand of a call. get without the lock; then bind with it; then drop, with it (locked) or without. */
struct operand {
	enum { OPERAND_NONE, OPERAND_ARRAY, OPERAND_BOOL, OPERAND_INT, OPERAND_FLOAT, OPERAND_COMPLEX, OPERAND_WIDE } kind;
	PyObject *from;  /* what was given: borrowed */
	PyObject *array; /* a reference that is ours if own */
	bool own, narrow; /* narrow: a complex number as complex64 */
	struct tr_tensor *t;
	union {
		int64_t i;
		double f, parts[2];
	} value;
};
int operand_get(struct operand *o, PyObject *from); /* WIDE: an int beyond 64 bits, which must not be bound */
int operand_settle(struct operand *o); /* makes a WIDE one an array, or an exception */
struct tr_tensor *operand_bind(struct tr_context *ctx, struct operand *o);
void operand_unbind(struct operand *o); /* with the lock */
void operand_drop(struct operand *o);   /* without */

/* int_of: an index, -1 with an exception. ints_of: a sequence of them, or one alone; how many, or -1. */
int int64_of(PyObject *o, int64_t *out);
int ints_of(PyObject *o, int64_t *out, int max, const char *what);

/* buffer.c: an array on borrowed memory, strides in elements; owner is released on failure too. The address of an
 * array's first element, NULL with an exception. */
PyObject *array_from_memory(enum tr_dtype dtype, int ndim, const int64_t *shape, const int64_t *strides, void *data,
			    unsigned flags, struct owner *owner);
void *array_data(PyObject *self, bool *readonly);

/* a's memory as other elements: strides in elements of dtype, offset in bytes from a's first; ValueError beyond it. */
PyObject *array_reinterpret(PyObject *a, enum tr_dtype dtype, int ndim, const int64_t *shape, const int64_t *strides,
			    int64_t offset, bool constant);
int arrays_overlap(PyObject *a, PyObject *b); /* whether the bytes between their ends do; -1 with an exception */

/* buffer.c, dlpack.c, index.c, op.c, number.c, functions.c, sets.c */
PyObject *array_compare(PyObject *a, PyObject *b, int how);
PyObject *array_reshape(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names);
extern PyType_Slot buffer_slots[], index_slots[], number_slots[];
PyObject *array_from_buffer(PyObject *o); /* NULL without an exception if o has no buffer */
PyObject *array_from_protocol(PyObject *o); /* the same of __array_interface__ and __array__ */
PyObject *array_interface(PyObject *self, void *unused);
PyObject *array_dlpack(PyObject *self, PyObject *args, PyObject *kw);
PyObject *array_dlpack_device(PyObject *self, PyObject *unused);
extern PyMethodDef functions[], dlpack_functions[], file_functions[], linalg_functions[], fft_functions[],
	random_functions[], set_functions[], op_functions[];
int linalg_add(PyObject *module);
PyObject *op_call(enum tr_op op, PyObject *const *args, Py_ssize_t n, PyObject *out);
bool errors_are_checked(void); /* op.c: whether seterr() asks for anything */
int ops_add(PyObject *module);
int array_type_add(PyObject *module);
int dtype_type_add(PyObject *module);

#endif
