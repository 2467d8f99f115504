/* SPDX-License-Identifier: MIT */
/*
 * DLPack, both ways (https://dmlc.github.io/dlpack): capsules of version 1 where the consumer asks for them, which can
 * say that memory is read-only, and of the older form else. The structures are the standard's.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/python/src/package.h"

struct dl_tensor {
	void *data;
	struct { int32_t type, id; } device;
	int32_t ndim;
	struct { uint8_t code, bits; uint16_t lanes; } dtype;
	int64_t *shape, *strides; /* strides in elements; NULL: C order */
	uint64_t byte_offset;
};

struct dl_managed {
	struct dl_tensor tensor;
	void *context;
	void (*deleter)(struct dl_managed *self);
};

struct dl_versioned {
	struct { uint32_t major, minor; } version;
	void *context;
	void (*deleter)(struct dl_versioned *self);
	uint64_t flags;
	struct dl_tensor tensor;
};

#define DL_CPU 1
#define DL_READ_ONLY 1u
#define DL_COPIED 2u

/* Codes: 0 signed, 1 unsigned, 2 IEEE float, 4 bfloat, 5 complex, 6 bool; with the bits of an element. */
static const struct { uint8_t code, bits; } types[TR_DTYPE_COUNT] = {
	[TR_BOOL] = {6, 8}, [TR_I8] = {0, 8}, [TR_I16] = {0, 16}, [TR_I32] = {0, 32}, [TR_I64] = {0, 64}, [TR_U8] = {1, 8},
	[TR_U16] = {1, 16}, [TR_U32] = {1, 32}, [TR_U64] = {1, 64}, [TR_F16] = {2, 16}, [TR_BF16] = {4, 16},
	[TR_F32] = {2, 32}, [TR_F64] = {2, 64}, [TR_C64] = {5, 64}, [TR_C128] = {5, 128},
};

/* What was lent: the array, and shape and strides that outlive it being looked at. */
struct lent {
	union {
		struct dl_managed old;
		struct dl_versioned new;
	} as;
	PyObject *array;
	int64_t shape[TR_MAX_RANK], strides[TR_MAX_RANK];
};

/* A consumer may let go from any thread. */
static void let_go(struct lent *lent)
{
	PyGILState_STATE state = PyGILState_Ensure();

	Py_DECREF(lent->array);
	free(lent);
	PyGILState_Release(state);
}

static void delete_old(struct dl_managed *self)
{
	let_go(self->context);
}

static void delete_new(struct dl_versioned *self)
{
	let_go(self->context);
}

/* A capsule that nobody took over. */
static void capsule_dies(PyObject *capsule)
{
	struct dl_managed *old;
	struct dl_versioned *new;

	if (PyCapsule_IsValid(capsule, "dltensor")) {
		old = PyCapsule_GetPointer(capsule, "dltensor");
		old->deleter(old);
	} else if (PyCapsule_IsValid(capsule, "dltensor_versioned")) {
		new = PyCapsule_GetPointer(capsule, "dltensor_versioned");
		new->deleter(new);
	}
}

static void describe(struct dl_tensor *dl, struct lent *lent, void *data)
{
	struct tr_tensor *t = tensor_of(lent->array);

	memcpy(lent->shape, tr_shape(t), sizeof(int64_t) * (size_t)tr_ndim(t));
	memcpy(lent->strides, tr_strides(t), sizeof(int64_t) * (size_t)tr_ndim(t));
	dl->data = data;
	dl->device.type = DL_CPU;
	dl->device.id = 0;
	dl->ndim = tr_ndim(t);
	dl->dtype.code = types[tr_dtype_of(t)].code;
	dl->dtype.bits = types[tr_dtype_of(t)].bits;
	dl->dtype.lanes = 1;
	dl->shape = lent->shape;
	dl->strides = lent->strides;
	dl->byte_offset = 0;
}

/* Takes over the reference to array. */
static PyObject *lend(PyObject *array, bool versioned, bool copied)
{
	struct lent *lent = calloc(1, sizeof(*lent));
	PyObject *capsule = NULL;
	bool readonly = false;
	void *data = array_data(array, &readonly);

	if (!lent)
		PyErr_NoMemory();
	else if (data && readonly && !versioned)
		PyErr_SetString(PyExc_BufferError, "read-only memory cannot be lent to a consumer of DLPack before version 1");
	else if (data) {
		lent->array = array;
		describe(versioned ? &lent->as.new.tensor : &lent->as.old.tensor, lent, data);
		if (versioned) {
			lent->as.new.version.major = 1;
			lent->as.new.context = lent;
			lent->as.new.deleter = delete_new;
			lent->as.new.flags = (readonly ? DL_READ_ONLY : 0) | (copied ? DL_COPIED : 0);
		} else {
			lent->as.old.context = lent;
			lent->as.old.deleter = delete_old;
		}
		capsule = PyCapsule_New(lent, versioned ? "dltensor_versioned" : "dltensor", capsule_dies);
	}
	if (!capsule) {
		free(lent);
		Py_DECREF(array);
	}
	return capsule;
}

PyObject *array_dlpack(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = {"stream", "max_version", "dl_device", "copy", NULL};
	PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None, *array;
	int type = DL_CPU, id = 0, major = 0, minor = 0, copies;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "|OOOO:__dlpack__", names, &stream, &version, &device, &copy))
		return NULL;
	if (version != Py_None && !PyArg_ParseTuple(version, "ii;max_version", &major, &minor))
		return NULL;
	if (device != Py_None && !PyArg_ParseTuple(device, "ii;dl_device", &type, &id))
		return NULL;
	if (stream != Py_None) {
		PyErr_SetString(PyExc_RuntimeError, "this array lies in host memory: stream must be None");
		return NULL;
	}
	if (type != DL_CPU) {
		PyErr_SetString(PyExc_BufferError, "this array lies in host memory: the device must be (1, 0)");
		return NULL;
	}
	copies = copy == Py_None ? 0 : PyObject_IsTrue(copy);
	array = copies < 0 ? NULL : array_from(self, TR_DTYPE_NONE, copies ? 1 : -1);
	return array ? lend(array, major >= 1, copies) : NULL;
}

PyObject *array_dlpack_device(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	return Py_BuildValue("ii", DL_CPU, 0);
}

/* What was borrowed. */
struct dl_owner {
	struct owner owner;
	struct dl_managed *old;
	struct dl_versioned *new;
};

static void release_dl(struct owner *owner)
{
	struct dl_owner *o = (struct dl_owner *)owner;

	if (o->old && o->old->deleter)
		o->old->deleter(o->old);
	if (o->new && o->new->deleter)
		o->new->deleter(o->new);
	free(o);
}

static enum tr_dtype type_of(const struct dl_tensor *dl)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (types[d].code == dl->dtype.code && types[d].bits == dl->dtype.bits && dl->dtype.lanes == 1)
			return d;
	return TR_DTYPE_NONE;
}

static PyObject *borrow(const struct dl_tensor *dl, unsigned flags, struct owner *owner)
{
	int64_t strides[TR_MAX_RANK], step = 1;

	for (int i = dl->ndim; i-- > 0;) {
		strides[i] = dl->strides ? dl->strides[i] : step;
		step *= dl->shape[i];
	}
	return array_from_memory(type_of(dl), dl->ndim, dl->shape, strides, (char *)dl->data + dl->byte_offset, flags, owner);
}

static const struct dl_tensor *tensor_in(PyObject *capsule, struct dl_owner *o, unsigned *flags)
{
	if (PyCapsule_IsValid(capsule, "dltensor_versioned")) {
		o->new = PyCapsule_GetPointer(capsule, "dltensor_versioned");
		*flags = o->new->flags & DL_READ_ONLY ? TR_BORROW_CONST : 0;
		return o->new->version.major == 1 ? &o->new->tensor : NULL;
	}
	if (!PyCapsule_IsValid(capsule, "dltensor"))
		return NULL;
	o->old = PyCapsule_GetPointer(capsule, "dltensor");
	return &o->old->tensor;
}

static PyObject *take_over(PyObject *capsule)
{
	struct dl_owner *o = calloc(1, sizeof(*o));
	const struct dl_tensor *dl;
	unsigned flags = 0;

	if (!o)
		return PyErr_NoMemory();
	o->owner.release = release_dl;
	dl = tensor_in(capsule, o, &flags);
	if (!dl || dl->device.type != DL_CPU || dl->ndim > TR_MAX_RANK || type_of(dl) == TR_DTYPE_NONE) {
		PyErr_SetString(PyExc_BufferError, "from_dlpack: the tensor must lie in host memory, have at most 8 axes and "
						   "elements of one of this library's types");
		free(o);
		return NULL;
	}
	PyCapsule_SetName(capsule, o->new ? "used_dltensor_versioned" : "used_dltensor");
	return borrow(dl, flags, &o->owner);
}

static PyObject *from_dlpack(PyObject *module, PyObject *o)
{
	PyObject *version, *method, *none, *kw, *capsule = NULL, *array;

	(void)module;
	method = PyObject_GetAttrString(o, "__dlpack__");
	none = PyTuple_New(0);
	version = Py_BuildValue("ii", 1, 0);
	kw = version ? Py_BuildValue("{s:O}", "max_version", version) : NULL;
	if (method && none && kw) {
		capsule = PyObject_Call(method, none, kw);
		if (!capsule && PyErr_ExceptionMatches(PyExc_TypeError)) { /* from before version 1 */
			PyErr_Clear();
			capsule = PyObject_Call(method, none, NULL);
		}
	}
	Py_XDECREF(method);
	Py_XDECREF(none);
	Py_XDECREF(version);
	Py_XDECREF(kw);
	array = capsule ? take_over(capsule) : NULL;
	Py_XDECREF(capsule);
	return array;
}

PyMethodDef dlpack_functions[] = {
	{"from_dlpack", from_dlpack, METH_O, "An array on the memory of another library's tensor."},
	{NULL, NULL, 0, NULL},
};
