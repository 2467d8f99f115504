/* SPDX-License-Identifier: MIT */
/* NumPy's files, npy and npz, read and written by the library. */
#include <stdlib.h>

#include "tools/python/src/package.h"

static PyObject *npy_load(PyObject *module, PyObject *args)
{
	struct tr_context *ctx;
	struct tr_tensor *t;
	PyObject *path;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&:load", PyUnicode_FSConverter, &path))
		return NULL;
	ctx = context_enter();
	t = ctx ? tr_npy_load(ctx, PyBytes_AsString(path)) : NULL;
	Py_DECREF(path);
	return ctx ? context_array(t) : NULL;
}

static PyObject *npy_save(PyObject *module, PyObject *args)
{
	PyObject *path, *a;
	int err = -1;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&O!:save", PyUnicode_FSConverter, &path, array_type, &a))
		return NULL;
	if (context_enter())
		err = context_status(tr_npy_save(PyBytes_AsString(path), tensor_of(a)));
	Py_DECREF(path);
	return err ? NULL : Py_NewRef(Py_None);
}

/* All members of an open file as {name: array}. */
static PyObject *members(struct tr_npz *npz)
{
	PyObject *all = PyDict_New();

	for (size_t i = 0; all && i < tr_npz_count(npz); i++) {
		const char *name = tr_npz_name(npz, i);
		struct tr_context *ctx = context_enter();
		PyObject *array = ctx ? context_array(tr_npz_load(npz, ctx, name)) : NULL;

		if (!array || PyDict_SetItemString(all, name, array)) {
			Py_DECREF(all);
			all = NULL;
		}
		Py_XDECREF(array);
	}
	return all;
}

static PyObject *npz_load(PyObject *module, PyObject *args)
{
	struct tr_npz *npz;
	char why[512] = "";
	PyObject *path, *all;
	int err;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&:load", PyUnicode_FSConverter, &path))
		return NULL;
	err = tr_npz_open(&npz, PyBytes_AsString(path), why, sizeof(why));
	Py_DECREF(path);
	if (err) {
		raise_status(err, why);
		return NULL;
	}
	all = members(npz);
	tr_npz_close(npz);
	return all;
}

/* names and tensors of a dict, n of each. 0 or -1 with an exception. */
static int split_dict(PyObject *dict, const char **names, struct tr_tensor **tensors)
{
	Py_ssize_t at = 0, n = 0;
	PyObject *key, *value;

	while (PyDict_Next(dict, &at, &key, &value)) {
		names[n] = PyUnicode_Check(key) ? PyUnicode_AsUTF8AndSize(key, NULL) : NULL;
		if (!names[n] || !is_array(value)) {
			PyErr_SetString(PyExc_TypeError, "savez: arrays under names are needed");
			return -1;
		}
		tensors[n++] = tensor_of(value);
	}
	return 0;
}

static PyObject *npz_save(PyObject *module, PyObject *args)
{
	struct tr_tensor **tensors;
	const char **names;
	PyObject *path, *dict;
	char why[512] = "";
	int compressed, err = -1;
	size_t n;

	(void)module;
	if (!PyArg_ParseTuple(args, "O&O!p:savez", PyUnicode_FSConverter, &path, &PyDict_Type, &dict, &compressed))
		return NULL;
	n = (size_t)PyDict_Size(dict);
	names = calloc(n + 1, sizeof(*names));
	tensors = calloc(n + 1, sizeof(*tensors));
	if (!names || !tensors) {
		PyErr_NoMemory();
	} else if (!split_dict(dict, names, tensors) && context_enter()) {
		err = tr_npz_save(PyBytes_AsString(path), names, tensors, n, compressed ? TR_NPZ_COMPRESSED : 0, why,
				  sizeof(why));
		context_leave();
		if (err)
			raise_status(err, why);
	}
	free(names);
	free(tensors);
	Py_DECREF(path);
	return err ? NULL : Py_NewRef(Py_None);
}

PyMethodDef file_functions[] = {
	{"npy_load", npy_load, METH_VARARGS, NULL},
	{"npy_save", npy_save, METH_VARARGS, NULL},
	{"npz_load", npz_load, METH_VARARGS, NULL},
	{"npz_save", npz_save, METH_VARARGS, NULL},
	{NULL, NULL, 0, NULL},
};
