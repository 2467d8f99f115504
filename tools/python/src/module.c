/* SPDX-License-Identifier: MIT */
/*
 * The module trueno._core and the process's context: made on first use, locked while a thread uses it. Owners of
 * borrowed memory whose storage has died wait in a list until the lock is free, since letting them go may run any
 * Python code.
 */
#include <pthread.h>
#include <string.h>

#include <trueno/trace.h>

#include "tools/python/src/package.h"

static struct tr_context *context;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct owner *dead;
/* As the process begins: the package is loaded once, and a look is to cost no call. */
static _Thread_local bool held __attribute__((tls_model("initial-exec")));

/* Nobody waits for the lock while holding the interpreter, so the one who has it can always get the interpreter. */
static void take_lock(void)
{
	PyThreadState *state;

	if (!pthread_mutex_trylock(&lock))
		return;
	state = PyEval_SaveThread();
	pthread_mutex_lock(&lock);
	PyEval_RestoreThread(state);
}

static void write_trace(void)
{
	tr_trace_write(context);
}

/* With the lock. */
static struct tr_context *create(void)
{
	char why[256] = "";
	int err = tr_context_create(&context, NULL, why, sizeof(why));
	if (!err) {
		Py_AtExit(write_trace); /* the context lives as long as the process */
		return context;
	}
	context_leave();
	raise_status(err, why);
	return NULL;
}

struct tr_context *context_enter(void)
{
	take_lock();
	held = true;
	return context ? context : create();
}

void context_leave(void)
{
	struct owner *list = dead;

	dead = NULL;
	held = false;
	pthread_mutex_unlock(&lock);
	while (list) {
		struct owner *next = list->next;

		list->release(list);
		list = next;
	}
}

bool context_held(void)
{
	return held;
}

struct tr_context *context_get(void)
{
	return context;
}

void owner_dead(void *owner)
{
	((struct owner *)owner)->next = dead;
	dead = owner;
}

/* Handing the interpreter over costs more than an operation on fewer elements. */
#define RELEASE_ELEMENTS 16384

PyThreadState *context_release(int64_t elements)
{
	return elements >= RELEASE_ELEMENTS ? PyEval_SaveThread() : NULL;
}

void context_resume(PyThreadState *state)
{
	if (state)
		PyEval_RestoreThread(state);
}

void raise_status(int status, const char *message)
{
	PyObject *type = PyExc_ValueError;

	switch (status < 0 ? -status : status) {
	case TR_EDTYPE:
		type = PyExc_TypeError;
		break;
	case TR_ENOMEM:
		type = PyExc_MemoryError;
		break;
	case TR_EINDEX:
		type = PyExc_IndexError;
		break;
	case TR_EIO:
		type = PyExc_OSError;
		break;
	case TR_EDEVICE:
	case TR_EBUSY:
	case TR_ESTATE:
		type = PyExc_RuntimeError;
		break;
	}
	PyErr_SetString(type, message && *message ? message : tr_strstatus(status));
}

static int fail(int status)
{
	char message[512] = "";

	strncpy(message, tr_error_message(context), sizeof(message) - 1);
	if (tr_error(context))
		status = tr_error(context);
	tr_error_clear(context);
	context_leave();
	raise_status(status, message);
	return -1;
}

int context_status(int status)
{
	if (status)
		return fail(status);
	context_leave();
	return 0;
}

PyObject *context_array(struct tr_tensor *t)
{
	if (context_status(t ? 0 : -TR_EINVAL))
		return NULL;
	return array_wrap(t);
}

PyObject *array_view(PyObject *y, PyObject *from)
{
	struct array *a = (struct array *)from;

	if (y && y != from && !is_scalar(y) && !is_scalar(from) && !((struct array *)y)->base &&
	    tr_shares_storage(((struct array *)y)->t, a->t))
		((struct array *)y)->base = Py_NewRef(a->base && is_array(a->base) ? a->base : from);
	return y;
}

PyObject *context_result(struct tr_tensor *t)
{
	if (context_status(t ? 0 : -TR_EINVAL))
		return NULL;
	return tr_ndim(t) ? array_wrap(t) : scalar_wrap(t);
}

void tensor_free(struct tr_tensor *t)
{
	if (!t)
		return;
	take_lock();
	held = true;
	tr_free(t);
	context_leave();
}

PyObject *array_wrap(struct tr_tensor *t)
{
	struct array *a = PyObject_New(struct array, array_type);

	if (!a) {
		tensor_free(t);
		return NULL;
	}
	a->t = t;
	a->base = a->weak = a->locked = NULL;
	return (PyObject *)a;
}

/* {"driver": …, "name": …, "level": …, "threads": …} */
static PyObject *device_info(PyObject *self, PyObject *unused)
{
	struct tr_device_info info;

	(void)self, (void)unused;
	if (!context_enter())
		return NULL;
	tr_device_info(context, &info);
	context_leave();
	return Py_BuildValue("{s:s,s:s,s:s,s:I}", "driver", info.driver, "name", info.name, "level", info.level, "threads",
			     info.threads);
}

static PyMethodDef own_functions[] = {
	{"device_info", device_info, METH_NOARGS, "What operations run on."},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "trueno._core",
	.m_doc = "Arrays and operations of the trueno library.",
	.m_size = -1,
	.m_methods = own_functions,
};

static int add_functions(PyObject *m)
{
	PyMethodDef *const lists[] = {functions, dlpack_functions, file_functions, linalg_functions, fft_functions,
				      random_functions, set_functions, op_functions};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(lists) / sizeof(*lists); i++)
		err = PyModule_AddFunctions(m, lists[i]);
	return err;
}

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
	PyObject *m = PyModule_Create(&module);

	if (!m)
		return NULL;
	if (PyModule_AddStringConstant(m, "__version__", tr_version()) || add_functions(m) || linalg_add(m) ||
	    dtype_type_add(m) || array_type_add(m) || scalar_types_add(m) || ops_add(m)) {
		Py_DECREF(m);
		return NULL;
	}
	return m;
}
