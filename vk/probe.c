/* SPDX-License-Identifier: MIT */
/*
 * What a GPU does that none of its properties say: whether fma is one rounding. Asked with numbers whose product has a
 * bit that a rounding on the way loses. Knows the driver contract only.
 */
#include <stdio.h>
#include <string.h>

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
		gpu->probed = !err;
	}
	pthread_mutex_unlock(&lock);
	if (err)
		snprintf(errbuf, errlen, "vulkan: %s", detail);
	return err;
}
