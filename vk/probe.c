/* SPDX-License-Identifier: MIT */
/*
 * What a GPU does that none of its properties say: whether fma is one rounding, asked with numbers whose product has a
 * bit that a rounding on the way loses; and whether its conversions from and to f16 keep denormals and round to nearest even. Knows
 * the driver contract only.
 */
#include <stdio.h>
#include <string.h>

#include "lib/ref/kernels.h"
#include "vk/vk.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* fma(x, x, -y) on the GPU, for x² = y + a bit; whether the bit is lost. */
static int ask(struct tr_device *dev, enum tr_dtype dtype, const void *x, const void *minus_y, bool *soft, char *detail)
{
	size_t size = tr_dtype_size(dtype);
	struct tr_operand o[4];
	struct tr_cmd cmd = {
		.op = TR_OP_fma, .family = TR_FAMILY_TERNARY, .dtype = (uint8_t)dtype, .noperand = 4, .operand = o};
	static const char zero[8];
	struct tr_mem mem;
	int err = tr__vk_heap_alloc(&dev->heap, 4 * size, &mem);

	if (err) {
		snprintf(detail, 128, "out of device memory");
		return err;
	}
	memset(o, 0, sizeof(o));
	for (unsigned i = 0; i < 4; i++) {
		o[i].addr = (char *)mem.addr + i * size;
		o[i].dtype = (uint8_t)dtype;
	}
	memcpy((char *)mem.host + size, x, size);
	memcpy((char *)mem.host + 2 * size, x, size);
	memcpy((char *)mem.host + 3 * size, minus_y, size);
	err = tr__vk_exec_map(dev, &cmd, detail);
	if (!err)
		err = tr__vk_flush(dev, detail);
	*soft = !err && !memcmp(mem.host, zero, size);
	tr__vk_heap_free(&dev->heap, &mem);
	return err;
}

/* Numbers at which conversions part: ends of the denormal and of all numbers, ties, and what is no number. */
static const uint16_t halves[] = {0, 0x8000, 1, 0x8001, 0x3ff, 0x83ff, 0x200, 0x400, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0x3555};
static const uint32_t floats[] = {
	0, 0x80000000, 1, 0x80000001, 0x33000000, 0x33000001, 0x33c00000, 0xb3c00000, 0x387fc000, 0x387fe000, 0x387fffff,
	0x3f801000, 0x3f803000, 0x3f801001, 0xbf802fff, 0x477fe000, 0x477fefff, 0x477ff000, 0xc77ff000, 0x7f7fffff, 0x7f800000,
	0xff800000, 0x7fc00000, 0x7f800001, 0x32ffffff, 0x38800000, 0x33800001};

/* Whether n elements are converted as the specification does it; any NaN is as good as another. */
static int converts(struct tr_device *dev, enum tr_dtype from, enum tr_dtype to, const void *x, size_t n, bool *right, char *detail)
{
	struct tr_operand o[2] = {{.ndim = 1, .dtype = (uint8_t)to}, {.ndim = 1, .dtype = (uint8_t)from}};
	struct tr_cmd cmd = {.op = TR_OP_astype, .family = TR_FAMILY_CAST, .dtype = (uint8_t)from, .noperand = 2, .operand = o};
	float wanted[32], made[32];
	unsigned char y[128];
	struct tr_mem mem;
	int err = tr__vk_heap_alloc(&dev->heap, 256, &mem);

	if (err) {
		snprintf(detail, 128, "out of device memory");
		return err;
	}
	for (int i = 0; i < 2; i++) {
		o[i].addr = (char *)mem.addr + 128 * i;
		o[i].shape[0] = (int64_t)n;
		o[i].stride[0] = 1;
	}
	memcpy((char *)mem.host + 128, x, n * tr_dtype_size(from));
	err = tr__vk_exec_map(dev, &cmd, detail);
	if (!err)
		err = tr__vk_flush(dev, detail);
	tr__ref_kernels.cast[from][to](y, x, (int64_t)n);
	tr__ref_kernels.cast[to][TR_F32](wanted, y, (int64_t)n);
	tr__ref_kernels.cast[to][TR_F32](made, mem.host, (int64_t)n);
	for (size_t i = 0; i < n && !err; i++)
		*right &= wanted[i] == wanted[i] ? !memcmp(&wanted[i], &made[i], sizeof(float)) : made[i] != made[i];
	tr__vk_heap_free(&dev->heap, &mem);
	return err;
}

static int ask_f16(struct tr_device *dev, char *detail)
{
	bool right = true;
	int err;

	dev->gpu->hard_f16 = true;
	err = converts(dev, TR_F16, TR_F32, halves, sizeof(halves) / sizeof(*halves), &right, detail);
	if (!err)
		err = converts(dev, TR_F32, TR_F16, floats, sizeof(floats) / sizeof(*floats), &right, detail);
	dev->gpu->hard_f16 = !err && right;
	return err;
}

int tr__vk_probe(struct tr_device *dev, char *errbuf, size_t errlen)
{
	static const float x32 = 1 + 0x1p-12f, y32 = -(1 + 0x1p-11f);
	static const double x64 = 1 + 0x1p-30, y64 = -(1 + 0x1p-29);
	struct tr_vk_gpu *gpu = dev->gpu;
	bool has64 = gpu->dtypes & TR__BIT(TR_F64), soft32 = false, soft64 = false;
	char detail[128] = "";
	int err = 0;

	pthread_mutex_lock(&lock);
	if (!gpu->probed) {
		err = ask(dev, TR_F32, &x32, &y32, &soft32, detail);
		if (!err && has64)
			err = ask(dev, TR_F64, &x64, &y64, &soft64, detail);
		gpu->soft_fma32 = soft32 && has64; /* it is made of f64 */
		gpu->soft_fma64 = soft64;
		if (!err && gpu->dtypes & TR__BIT(TR_F16))
			err = ask_f16(dev, detail);
		gpu->probed = !err;
	}
	pthread_mutex_unlock(&lock);
	if (err)
		snprintf(errbuf, errlen, "vulkan: %s", detail);
	return err;
}
