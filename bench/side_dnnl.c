/* SPDX-License-Identifier: MIT */
/*
 * A side of bench/versus that is oneDNN 2; OMP_NUM_THREADS says how many threads. Layouts are the primitive's own
 * choice and are made before anything is timed, as within a network; that favours oneDNN against sides that take what
 * they are given.
 *
 *	matmul | linear                 operands 0 and 1 (linear: weight [out,in]), then a bias or none
 *	conv GROUPS STRIDE… PADDING…    input, weight, bias; a stride and a padding for each spatial axis
 *	softmax AXIS | log_softmax AXIS
 *	layer_norm EPS                  input, weight, bias
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dnnl.h>

#include "bench/side.h"

#define MOST 3

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static dnnl_primitive_t primitive;
static dnnl_exec_arg_t args[MOST + 1];
static int arg_count;
static struct side_operand operand[MOST];
static dnnl_memory_desc_t plain[MOST], dst_plain;
static dnnl_data_type_t type, result_type;
static int operands;
static void *product;

static void clear(void)
{
	for (int i = 0; i < arg_count; i++)
		dnnl_memory_destroy(args[i].memory);
	if (primitive)
		dnnl_primitive_destroy(primitive);
	for (int i = 0; i < operands; i++)
		free(operand[i].data);
	free(product);
	primitive = NULL;
	product = NULL;
	arg_count = operands = 0;
}

static int take(struct side_operand *o)
{
	dnnl_dims_t strides;
	int64_t stride = 1;

	type = !strcmp(o->dtype, "bfloat16") ? dnnl_bf16 : !strcmp(o->dtype, "int8") ? dnnl_s8 : dnnl_f32;
	result_type = type == dnnl_s8 ? dnnl_s32 : type;
	if (operands == MOST || o->layout[0] != 'c' || (type == dnnl_f32 && strcmp(o->dtype, "float32") != 0)) {
		free(o->data);
		return side_error("dense operands of float32, bfloat16 or int8 only");
	}
	for (int i = o->ndim; i-- > 0; stride *= o->shape[i])
		strides[i] = stride;
	dnnl_memory_desc_init_by_strides(&plain[operands], o->ndim, o->shape, type, strides);
	operand[operands++] = *o;
	return 0;
}

static dnnl_memory_desc_t any(int ndim, const int64_t *shape, dnnl_data_type_t of)
{
	dnnl_memory_desc_t md;

	dnnl_memory_desc_init_by_tag(&md, ndim, shape, of, dnnl_format_tag_any);
	return md;
}

static int copy(const dnnl_memory_desc_t *from, dnnl_memory_t a, const dnnl_memory_desc_t *to, dnnl_memory_t b)
{
	dnnl_primitive_desc_t pd;
	dnnl_primitive_t reorder;
	dnnl_exec_arg_t both[] = {{DNNL_ARG_FROM, a}, {DNNL_ARG_TO, b}};

	if (dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL))
		return side_error("no such reorder");
	if (dnnl_primitive_create(&reorder, pd) || dnnl_primitive_execute(reorder, stream, 2, both) ||
	    dnnl_stream_wait(stream))
		return side_error("a reorder failed");
	dnnl_primitive_destroy(reorder);
	dnnl_primitive_desc_destroy(pd);
	return 0;
}

/* Adds the primitive's memory for one argument, filled from operand k; k < 0: the result. */
static int bind(const_dnnl_primitive_desc_t pd, int arg, int k)
{
	const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(pd, dnnl_query_exec_arg_md, arg);
	dnnl_memory_t memory, user;
	int err = 0;

	if (!md || dnnl_memory_create(&memory, md, engine, DNNL_MEMORY_ALLOCATE))
		return side_error("no memory for argument %d", arg);
	args[arg_count++] = (dnnl_exec_arg_t){arg, memory};
	if (k >= 0) {
		dnnl_memory_create(&user, &plain[k], engine, operand[k].data);
		err = copy(&plain[k], user, md, memory);
		dnnl_memory_destroy(user);
	}
	return err;
}

/* Makes the primitive and its memory, and runs it once. arg: of each operand, then of the result. */
static int prepare(const_dnnl_op_desc_t desc, const int *arg)
{
	dnnl_primitive_desc_t pd;
	int err = 0;

	if (dnnl_primitive_desc_create(&pd, desc, NULL, engine, NULL))
		return side_error("oneDNN has no such primitive");
	for (int i = 0; i < operands && !err; i++)
		err = bind(pd, arg[i], i);
	if (!err)
		err = bind(pd, DNNL_ARG_DST, -1);
	if (!err && dnnl_primitive_create(&primitive, pd))
		err = side_error("the primitive cannot be created");
	if (!err && (dnnl_primitive_execute(primitive, stream, arg_count, args) || dnnl_stream_wait(stream)))
		err = side_error("the primitive does not run");
	dnnl_primitive_desc_destroy(pd);
	return err;
}

static void set_result(int ndim, const int64_t *shape)
{
	dnnl_dims_t strides;
	int64_t stride = 1;

	for (int i = ndim; i-- > 0; stride *= shape[i])
		strides[i] = stride;
	dnnl_memory_desc_init_by_strides(&dst_plain, ndim, shape, result_type, strides);
}

static int multiply(bool transposed)
{
	static const int arg[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
	const struct side_operand *a = &operand[0], *b = &operand[1];
	dnnl_dims_t shape, weight, bias = {1, 1, 1, 1, 1, 1, 1, 1};
	dnnl_matmul_desc_t desc;
	int n = a->ndim;
	dnnl_memory_desc_t src, wei, bia, dst;

	if (operands < 2 || n != b->ndim || n < 2)
		return side_error("two matrices are needed");
	memcpy(shape, a->shape, sizeof(a->shape));
	memcpy(weight, b->shape, sizeof(b->shape));
	if (transposed) {
		dnnl_dims_t strides = {1, b->shape[1]};

		weight[0] = b->shape[1];
		weight[1] = b->shape[0];
		dnnl_memory_desc_init_by_strides(&plain[1], 2, weight, type, strides);
	}
	shape[n - 1] = bias[n - 1] = weight[n - 1];
	src = any(n, a->shape, type);
	wei = any(n, weight, type);
	dst = any(n, shape, result_type);
	if (operands == 3) {
		dnnl_dims_t strides = {bias[n - 1], 1};

		dnnl_memory_desc_init_by_strides(&plain[2], n, bias, type, strides);
		bia = any(n, bias, type);
	}
	if (dnnl_matmul_desc_init(&desc, &src, &wei, operands == 3 ? &bia : NULL, &dst))
		return side_error("no such matmul");
	set_result(n, shape);
	return prepare(&desc, arg);
}

/* Spatial axes follow two; a grouped weight has one axis more in front. */
static int convolve(char **word)
{
	static const int arg[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
	const struct side_operand *a = &operand[0], *w = &operand[1];
	int n = a->ndim, groups = atoi(word[1]), shift = groups > 1;
	dnnl_dims_t shape, weight, wstrides, strides = {0}, padding = {0};
	dnnl_memory_desc_t src, wei, bia, dst;
	dnnl_convolution_desc_t desc;
	int64_t stride = 1;

	shape[0] = a->shape[0];
	shape[1] = w->shape[0];
	for (int i = 2; i < n; i++) {
		strides[i - 2] = atoi(word[i]);
		padding[i - 2] = atoi(word[n + i - 2]);
		shape[i] = (a->shape[i] + 2 * padding[i - 2] - w->shape[i]) / strides[i - 2] + 1;
	}
	memcpy(weight + shift, w->shape, (size_t)n * sizeof(*weight));
	if (shift) {
		weight[0] = groups;
		weight[1] /= groups;
	}
	for (int i = n + shift; i-- > 0; stride *= weight[i])
		wstrides[i] = stride;
	dnnl_memory_desc_init_by_strides(&plain[1], n + shift, weight, type, wstrides);
	src = any(n, a->shape, type);
	wei = any(n + shift, weight, type);
	bia = any(1, operand[2].shape, type);
	dst = any(n, shape, result_type);
	if (dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_auto, &src, &wei, &bia, &dst,
					       strides, padding, padding))
		return side_error("no such convolution");
	set_result(n, shape);
	return prepare(&desc, arg);
}

static int normalize(const char *what, const char *number)
{
	static const int arg[] = {DNNL_ARG_SRC, DNNL_ARG_SCALE, DNNL_ARG_SHIFT};
	int axis = atoi(number);
	union {
		dnnl_softmax_desc_t softmax;
		dnnl_layer_normalization_desc_t layer_norm;
	} desc;
	dnnl_status_t err;

	if (axis < 0)
		axis += operand[0].ndim;
	if (what[0] == 's')
		err = dnnl_softmax_forward_desc_init(&desc.softmax, dnnl_forward_inference, &plain[0], axis);
	else if (what[1] == 'o')
		err = dnnl_logsoftmax_forward_desc_init(&desc.softmax, dnnl_forward_inference, &plain[0], axis);
	else
		err = dnnl_layer_normalization_forward_desc_init(&desc.layer_norm, dnnl_forward_inference, &plain[0], NULL,
								 (float)atof(number), dnnl_use_scale | dnnl_use_shift);
	if (err)
		return side_error("no such %s", what);
	set_result(operand[0].ndim, operand[0].shape);
	return prepare(&desc, arg);
}

static int command(int words, char **word, char *answer, size_t room)
{
	(void)answer, (void)room;
	if (!strcmp(word[0], "matmul") || !strcmp(word[0], "linear"))
		return multiply(word[0][0] == 'l');
	if (!strcmp(word[0], "conv") && operands == 3 && words == 2 + 2 * (operand[0].ndim - 2))
		return convolve(word);
	if (words == 2 && operands && (!strcmp(word[0], "softmax") || !strcmp(word[0], "log_softmax") ||
				       (!strcmp(word[0], "layer_norm") && operands == 3)))
		return normalize(word[0], word[1]);
	return side_error("unknown command %s, or operands are missing", word[0]);
}

static void run(void *unused)
{
	(void)unused;
	dnnl_primitive_execute(primitive, stream, arg_count, args);
	dnnl_stream_wait(stream);
}

static const void *result(size_t *bytes, const char **dtype)
{
	dnnl_memory_t memory, user;
	const dnnl_memory_desc_t *md;
	int err;

	*dtype = type == dnnl_bf16 ? "bfloat16" : type == dnnl_s8 ? "int32" : "float32";
	*bytes = dnnl_memory_desc_get_size(&dst_plain);
	free(product);
	product = calloc(1, *bytes);
	if (!product || dnnl_memory_create(&user, &dst_plain, engine, product)) {
		side_error("out of memory");
		return NULL;
	}
	memory = args[arg_count - 1].memory;
	dnnl_memory_get_memory_desc(memory, &md);
	err = copy(md, memory, &dst_plain, user);
	dnnl_memory_destroy(user);
	return err ? NULL : product;
}

int main(void)
{
	static const struct side side = {clear, take, command, run, result};
	const dnnl_version_t *version = dnnl_version();

	if (dnnl_engine_create(&engine, dnnl_cpu, 0) || dnnl_stream_create(&stream, engine, dnnl_stream_default_flags)) {
		printf("error oneDNN does not start\n");
		return 1;
	}
	printf("ok %d.%d.%d\n", version->major, version->minor, version->patch);
	fflush(stdout);
	return side_serve(&side);
}
