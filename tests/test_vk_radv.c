/* SPDX-License-Identifier: MIT */
/*
 * AMD's compiler on the driver's kernels, without AMD's hardware: Mesa's radeon driver can pretend to have a GPU of a family
 * (RADV_FORCE_FAMILY) and compiles for it, though nothing runs. What gives memory and what runs is replaced here, so that
 * operations of every kind get as far as their pipelines, which the compiler then tells the registers and size of.
 * Without TRUENO_TEST_LONG it is a sample for one family, another every time. TRUENO_RADV_REPORT=docs/radv.md writes the summary there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/context.h"
#include "vk/vk.h"

#include "tests/tensors.h"

#include <trueno/conv.h>
#include <trueno/create.h>

#define ICD "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json"

static char folder[] = "/tmp/trueno-radv-XXXXXX";

/* In a child: */
static struct tr_vk_api real;
static FILE *report;
static const char *label = "fma"; /* of the operation whose kernels are being made */
static unsigned failures;
static unsigned step; /* 1 of so many of the table's operations and types is taken */
static PFN_vkGetPipelineExecutableStatisticsKHR get_statistics;

static VKAPI_ATTR void VKAPI_CALL fake_memory(VkPhysicalDevice p, VkPhysicalDeviceMemoryProperties *m)
{
	(void)p;
	memset(m, 0, sizeof(*m));
	m->memoryHeapCount = m->memoryTypeCount = 1;
	m->memoryHeaps[0].size = (VkDeviceSize)1 << 34;
	m->memoryHeaps[0].flags = VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
	m->memoryTypes[0].propertyFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
					  VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
}

/* A buffer and its memory are the same block. */
static VKAPI_ATTR VkResult VKAPI_CALL fake_buffer(VkDevice d, const VkBufferCreateInfo *i, const VkAllocationCallbacks *a,
						  VkBuffer *out)
{
	(void)d;
	(void)a;
	*out = (VkBuffer)calloc(1, i->size);
	return *out ? VK_SUCCESS : VK_ERROR_OUT_OF_HOST_MEMORY;
}

static void *bound; /* the last buffer asked about: what is allocated next is for it */

static VKAPI_ATTR void VKAPI_CALL fake_requirements(VkDevice d, VkBuffer b, VkMemoryRequirements *r)
{
	(void)d;
	bound = (void *)b;
	*r = (VkMemoryRequirements){.size = 256, .alignment = 256, .memoryTypeBits = 1};
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_allocate(VkDevice d, const VkMemoryAllocateInfo *i,
						    const VkAllocationCallbacks *a, VkDeviceMemory *out)
{
	(void)d;
	(void)i;
	(void)a;
	*out = (VkDeviceMemory)bound;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_bind(VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize o)
{
	(void)d;
	(void)o;
	return (void *)b == (void *)m ? VK_SUCCESS : VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_map(VkDevice d, VkDeviceMemory m, VkDeviceSize o, VkDeviceSize n,
					       VkMemoryMapFlags f, void **out)
{
	(void)d;
	(void)o;
	(void)n;
	(void)f;
	*out = (void *)m;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkDeviceAddress VKAPI_CALL fake_address(VkDevice d, const VkBufferDeviceAddressInfo *i)
{
	(void)d;
	return (VkDeviceAddress)i->buffer;
}

static VKAPI_ATTR void VKAPI_CALL fake_free(VkDevice d, VkDeviceMemory m, const VkAllocationCallbacks *a)
{
	(void)d;
	(void)a;
	free((void *)m);
}

static VKAPI_ATTR void VKAPI_CALL fake_destroy(VkDevice d, VkBuffer b, const VkAllocationCallbacks *a)
{
	(void)d;
	(void)b;
	(void)a;
}

/* The pretended device has no timelines. */
static VKAPI_ATTR VkResult VKAPI_CALL fake_semaphore(VkDevice d, const VkSemaphoreCreateInfo *i,
						     const VkAllocationCallbacks *a, VkSemaphore *out)
{
	(void)d;
	(void)i;
	(void)a;
	*out = VK_NULL_HANDLE;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_submit(VkQueue q, uint32_t n, const VkSubmitInfo *i, VkFence f)
{
	(void)q;
	(void)n;
	(void)i;
	(void)f;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_counter(VkDevice d, VkSemaphore s, uint64_t *out)
{
	(void)d;
	(void)s;
	*out = UINT64_MAX;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_reset(VkDevice d, VkCommandPool p, VkCommandPoolResetFlags f)
{
	(void)d;
	(void)p;
	(void)f;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_begin(VkCommandBuffer c, const VkCommandBufferBeginInfo *i)
{
	(void)c;
	(void)i;
	return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL fake_end(VkCommandBuffer c)
{
	(void)c;
	return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL fake_use(VkCommandBuffer c, VkPipelineBindPoint at, VkPipeline p)
{
	(void)c;
	(void)at;
	(void)p;
}

static VKAPI_ATTR void VKAPI_CALL fake_push(VkCommandBuffer c, VkPipelineLayout l, VkShaderStageFlags s, uint32_t at,
					    uint32_t n, const void *p)
{
	(void)c;
	(void)l;
	(void)s;
	(void)at;
	(void)n;
	(void)p;
}

static VKAPI_ATTR void VKAPI_CALL fake_dispatch(VkCommandBuffer c, uint32_t x, uint32_t y, uint32_t z)
{
	(void)c;
	(void)x;
	(void)y;
	(void)z;
}

static VKAPI_ATTR void VKAPI_CALL fake_barrier(VkCommandBuffer c, VkPipelineStageFlags from, VkPipelineStageFlags to,
					       VkDependencyFlags f, uint32_t n, const VkMemoryBarrier *m, uint32_t nb,
					       const VkBufferMemoryBarrier *b, uint32_t ni, const VkImageMemoryBarrier *i)
{
	(void)c;
	(void)from;
	(void)to;
	(void)f;
	(void)n;
	(void)m;
	(void)nb;
	(void)b;
	(void)ni;
	(void)i;
}

static VKAPI_ATTR VkResult VKAPI_CALL telling_device(VkPhysicalDevice p, const VkDeviceCreateInfo *i,
						     const VkAllocationCallbacks *a, VkDevice *out)
{
	VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR tells = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR,
		.pNext = (void *)(uintptr_t)i->pNext, .pipelineExecutableInfo = VK_TRUE};
	const char *names[8] = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME};
	VkDeviceCreateInfo info = *i;

	for (uint32_t k = 0; k < i->enabledExtensionCount && k < 7; k++)
		names[1 + k] = i->ppEnabledExtensionNames[k];
	info.pNext = &tells;
	info.enabledExtensionCount++;
	info.ppEnabledExtensionNames = names;
	return real.CreateDevice(p, &info, a, out);
}

static unsigned long long value_of(const VkPipelineExecutableStatisticKHR *s, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(s[i].name, name))
			return s[i].value.u64;
	failures++;
	fprintf(report, "FAIL %s: the compiler tells no \"%s\"\n", label, name);
	return 0;
}

/* One line a pipeline: label, VGPRs, SGPRs, spilled VGPRs and SGPRs, code, LDS. */
static VKAPI_ATTR VkResult VKAPI_CALL telling_pipelines(VkDevice d, VkPipelineCache c, uint32_t n,
							const VkComputePipelineCreateInfo *i,
							const VkAllocationCallbacks *a, VkPipeline *out)
{
	VkComputePipelineCreateInfo info = *i;
	VkPipelineExecutableInfoKHR which = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR};
	VkPipelineExecutableStatisticKHR s[64];
	uint32_t told = 64;
	VkResult r;

	(void)c; /* what comes from a cache tells nothing */
	info.flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR;
	r = real.CreateComputePipelines(d, VK_NULL_HANDLE, n, &info, a, out);
	memset(s, 0, sizeof(s));
	for (uint32_t k = 0; k < told; k++)
		s[k].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
	which.pipeline = *out;
	if (r || get_statistics(d, &which, &told, s)) {
		failures++;
		fprintf(report, "FAIL %s: no pipeline\n", label);
		return r;
	}
	fprintf(report, "%s\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", label, value_of(s, told, "VGPRs"),
		value_of(s, told, "SGPRs"), value_of(s, told, "Spilled VGPRs"), value_of(s, told, "Spilled SGPRs"),
		value_of(s, told, "Code size"), value_of(s, told, "LDS size"));
	return r;
}

static void replace_functions(VkInstance instance)
{
	real = tr__vk;
	get_statistics = (PFN_vkGetPipelineExecutableStatisticsKHR)tr__vk.GetInstanceProcAddr(instance,
										  "vkGetPipelineExecutableStatisticsKHR");
	tr__vk.GetPhysicalDeviceMemoryProperties = fake_memory;
	tr__vk.CreateBuffer = fake_buffer;
	tr__vk.GetBufferMemoryRequirements = fake_requirements;
	tr__vk.AllocateMemory = fake_allocate;
	tr__vk.BindBufferMemory = fake_bind;
	tr__vk.MapMemory = fake_map;
	tr__vk.GetBufferDeviceAddress = fake_address;
	tr__vk.FreeMemory = fake_free;
	tr__vk.DestroyBuffer = fake_destroy;
	tr__vk.CreateSemaphore = fake_semaphore;
	tr__vk.ResetCommandPool = fake_reset;
	tr__vk.BeginCommandBuffer = fake_begin;
	tr__vk.EndCommandBuffer = fake_end;
	tr__vk.CmdBindPipeline = fake_use;
	tr__vk.CmdPushConstants = fake_push;
	tr__vk.CmdDispatch = fake_dispatch;
	tr__vk.CmdPipelineBarrier = fake_barrier;
	tr__vk.QueueSubmit = fake_submit;
	tr__vk.GetSemaphoreCounterValue = fake_counter;
	tr__vk.CreateDevice = telling_device;
	tr__vk.CreateComputePipelines = telling_pipelines;
}

static void settle(struct tr_context *ctx, const char *what)
{
	tr_flush(ctx);
	if (tr_error(ctx)) {
		failures++;
		fprintf(report, "FAIL %s: %s\n", what, tr_error_message(ctx));
	}
	tr_error_clear(ctx);
	tr_scope_end(ctx);
	tr_scope_begin(ctx);
}

static const char *set_label(const char *op, enum tr_dtype dtype)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s %s", op, tr_dtype_name(dtype));
	label = text;
	return text;
}

/* Every elementwise operation and reduction of every type it is evaluated in. */
static void make_table(struct tr_context *ctx)
{
	unsigned count = (unsigned)test_rand_below(step);

	for (int op = 0; op < TR_OP_COUNT; op++) {
		enum tr_family f = (enum tr_family)tr__ops[op].family;
		bool map = tr__family_is_map(f) && f != TR_FAMILY_FILL && f != TR_FAMILY_CAST;

		if (!map && f != TR_FAMILY_REDUCE)
			continue;
		for (int d = 0; d < TR_DTYPE_COUNT; d++) {
			const char *what = set_label(tr__ops[op].name, (enum tr_dtype)d);
			uint64_t a = tr_handle(tr_empty(ctx, (enum tr_dtype)d, SHAPE(64, 1000)));
			struct tr_sqe sqe;

			if (!(tr__ops[op].dtypes & TR__BIT(d)) || count++ % step)
				continue;
			tr_prep_reduce(&sqe, (enum tr_op)op, a, 2, 0);
			if (map) {
				tr_prep_ternary(&sqe, (enum tr_op)op, a, a, a);
				sqe.nsrc = (uint8_t)tr__family_sources(f);
				sqe.attr.f64[0] = sqe.attr.f64[1] = 1;
				if (f == TR_FAMILY_SELECT)
					sqe.src[0] = tr_handle(tr_empty(ctx, TR_BOOL, SHAPE(64, 1000)));
			}
			tr_submit(ctx, &sqe, 1);
			if (!map) { /* along the other axis there is another kernel */
				tr_prep_reduce(&sqe, (enum tr_op)op, a, 1, 0);
				tr_submit(ctx, &sqe, 1);
			}
			settle(ctx, what);
		}
	}
}

static void make_conversions(struct tr_context *ctx)
{
	unsigned count = (unsigned)test_rand_below(step);

	for (int from = 0; from < TR_DTYPE_COUNT; from++) {
		for (int to = 0; to < TR_DTYPE_COUNT; to++) {
			const char *what = set_label("astype", (enum tr_dtype)to);

			if (count++ % step)
				continue;
			tr_astype(tr_empty(ctx, (enum tr_dtype)from, SHAPE(1000)), (enum tr_dtype)to);
			settle(ctx, what);
		}
	}
}

static void make_products(struct tr_context *ctx, enum tr_dtype d)
{
	static const int64_t sizes[][3] = {{512, 512, 512}, {1, 512, 512}, {512, 512, 1}, {33, 65, 31}, {512, 7, 512}};
	const char *what;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct tr_tensor *a = tr_empty(ctx, d, SHAPE(sizes[i][0], sizes[i][1]));

		what = set_label("matmul", d);
		tr_matmul(a, tr_empty(ctx, d, SHAPE(sizes[i][1], sizes[i][2])));
		settle(ctx, what);
		a = tr_empty(ctx, d, SHAPE(sizes[i][0], sizes[i][1]));
		what = set_label("linear", d);
		tr_linear(a, tr_empty(ctx, d, SHAPE(sizes[i][2], sizes[i][1])), tr_empty(ctx, d, SHAPE(sizes[i][2])));
		settle(ctx, what);
	}
}

static void make_rows(struct tr_context *ctx, enum tr_dtype d)
{
	static const int64_t rows[][2] = {{64, 1000}, {1, 2000000}, {5000, 16}};
	const char *what;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int axis = 0; axis < 2; axis++) {
			what = set_label("softmax", d);
			tr_softmax(tr_empty(ctx, d, SHAPE(rows[i][0], rows[i][1])), axis);
			settle(ctx, what);
			what = set_label("log_softmax", d);
			tr_log_softmax(tr_empty(ctx, d, SHAPE(rows[i][0], rows[i][1])), axis);
			settle(ctx, what);
			what = set_label("argmax", d);
			tr_argmax(tr_empty(ctx, d, SHAPE(rows[i][0], rows[i][1])), 1u << axis, 0);
			settle(ctx, what);
			what = set_label("sum", d);
			tr_sum(tr_empty(ctx, d, SHAPE(rows[i][0], rows[i][1])), 1u << axis, 0);
			settle(ctx, what);
		}
		what = set_label("layer_norm", d);
		tr_layer_norm(tr_empty(ctx, d, SHAPE(rows[i][0], rows[i][1])), tr_empty(ctx, d, SHAPE(rows[i][1])),
			      tr_empty(ctx, d, SHAPE(rows[i][1])), 1e-5);
		settle(ctx, what);
	}
}

static void make_windows(struct tr_context *ctx, enum tr_dtype d)
{
	struct tr_conv_params conv = {.padding = {1, 1}, .flags = TR_CONV_PLAIN};
	struct tr_pool_params pool = {.kernel = {3, 3}, .stride = {2, 2}}, to = {.output = {4, 4}};
	struct tr_tensor *q = tr_empty(ctx, d, SHAPE(4, 64, 32)), *x = tr_empty(ctx, d, SHAPE(2, 32, 28, 28));
	const char *what = set_label("attention", d);

	tr_attention(q, q, q, NULL, 0.125);
	label = what = set_label("conv2d", d);
	tr_conv2d(x, tr_empty(ctx, d, SHAPE(64, 32, 3, 3)), tr_empty(ctx, d, SHAPE(64)), &conv);
	label = what = set_label("pooling", d);
	tr_max_pool2d(x, &pool);
	tr_avg_pool2d(x, &pool);
	tr_adaptive_avg_pool2d(x, &to);
	label = what = set_label("interpolate2d", d);
	tr_interpolate2d(x, &(struct tr_interpolate_params){.mode = TR_INTERPOLATE_LINEAR, .size = {40, 40}});
	label = what = set_label("take", d);
	tr_take(tr_empty(ctx, d, SHAPE(100, 16)), tr_zeros(ctx, TR_I64, SHAPE(7)), 0);
	settle(ctx, what);
}

static void make_indexed(struct tr_context *ctx, enum tr_dtype d)
{
	struct tr_tensor *x = tr_empty(ctx, d, SHAPE(100)), *mask = tr_zeros(ctx, TR_BOOL, SHAPE(100));
	struct tr_tensor *indices = tr_zeros(ctx, TR_I64, SHAPE(7));
	const char *what = set_label("index_copy", d);

	tr_index_copy_out(x, tr_empty(ctx, d, SHAPE(7)), indices, 0);
	label = what = set_label("index_add", d);
	tr_index_add_out(x, tr_empty(ctx, d, SHAPE(7)), indices, 0);
	label = what = set_label("masked_select", d);
	tr_masked_select_out(tr_empty(ctx, d, SHAPE(7)), x, mask);
	tr_flatnonzero_out(tr_empty(ctx, TR_I64, SHAPE(7)), mask);
	label = what = set_label("norm", d);
	tr_norm(x, 3, TR_ALL_AXES, 0);
	label = what = set_label("arange", d);
	tr_arange(ctx, d, 0, 10, 1);
	settle(ctx, what);
}

static void make_fused(struct tr_context *ctx)
{
	struct tr_tensor *t = tr_empty(ctx, TR_F32, SHAPE(100000)), *x = t;

	label = "fused float32";
	tr_batch_begin(ctx);
	for (int i = 0; i < 30; i++)
		t = i % 3 == 0 ? tr_multiply(t, x) : i % 3 == 1 ? tr_add(t, x) : tr_tanh(t);
	tr_batch_end(ctx);
	settle(ctx, label);
}

/* All of a child: every kernel for a family of GPUs, into a report; its status is the process's. */
static int compile_all(const char *family, const char *path)
{
	static const enum tr_dtype floats[] = {TR_F32, TR_F64, TR_F16, TR_BF16};
	struct tr_context_params params = {.device = "vulkan"};
	struct tr_context *ctx;
	VkInstance instance;
	char why[256];

	setenv("RADV_FORCE_FAMILY", family, 1);
	setenv("VK_ICD_FILENAMES", ICD, 1);
	setenv("VK_DRIVER_FILES", ICD, 1);
	setenv("XDG_CACHE_HOME", folder, 1);
	setenv("MESA_SHADER_CACHE_DISABLE", "1", 1);
	report = fopen(path, "w");
	if (!report)
		return 2;
	if (tr__vk_load(&instance, why, sizeof(why))) {
		fprintf(report, "skip %s\n", why);
		return fclose(report) ? 2 : 0;
	}
	replace_functions(instance);
	if (!get_statistics || tr_context_create(&ctx, &params, why, sizeof(why))) {
		fprintf(report, "FAIL %s\n", get_statistics ? why : "no vkGetPipelineExecutableStatisticsKHR");
		return fclose(report) ? 2 : 1;
	}
	/* Nothing ran that could have told; AMD's fma is one rounding. */
	ctx->dev->gpu->soft_fma32 = ctx->dev->gpu->soft_fma64 = false;
	tr_scope_begin(ctx);
	make_table(ctx);
	make_conversions(ctx);
	for (size_t i = 0; i < (step > 1 ? 1 : sizeof(floats) / sizeof(*floats)); i++) {
		make_products(ctx, floats[i]);
		make_rows(ctx, floats[i]);
		make_windows(ctx, floats[i]);
		make_indexed(ctx, floats[i]);
	}
	make_products(ctx, TR_I32);
	make_fused(ctx);
	tr_scope_end(ctx);
	tr_context_destroy(ctx);
	return fclose(report) ? 2 : failures != 0;
}

/* What a report comes to. */
#define WORST 12

struct pipeline {
	char name[64];
	unsigned long long vgprs, sgprs, spilled_vgprs, spilled_sgprs, code, lds;
};

struct sums {
	unsigned pipelines, spilling;
	unsigned long long code, spilled;
	struct pipeline largest, fattest, worst[WORST]; /* by code, VGPRs and spilled registers, most first */
};

static unsigned long long spilled(const struct pipeline *p)
{
	return p->spilled_vgprs + p->spilled_sgprs;
}

static void add_line(struct sums *s, const char *line)
{
	struct pipeline p;
	unsigned at = WORST;

	if (sscanf(line, "%63[^\t]\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu", p.name, &p.vgprs, &p.sgprs, &p.spilled_vgprs,
		   &p.spilled_sgprs, &p.code, &p.lds) != 7)
		return;
	s->pipelines++;
	s->code += p.code;
	s->spilled += spilled(&p);
	s->spilling += spilled(&p) > 0;
	if (p.code > s->largest.code)
		s->largest = p;
	if (p.vgprs > s->fattest.vgprs)
		s->fattest = p;
	for (; at && spilled(&p) > spilled(&s->worst[at - 1]); at--)
		if (at < WORST)
			s->worst[at] = s->worst[at - 1];
	if (at < WORST)
		s->worst[at] = p;
}

/* Compiles in a child and sums up its report; why it was skipped, or NULL. */
static const char *compile_for(const char *family, struct sums *s)
{
	static char line[512];
	char path[64];
	int status = 0;
	pid_t child;
	FILE *f;

	memset(s, 0, sizeof(*s));
	snprintf(path, sizeof(path), "%s/%s", folder, family);
	fflush(NULL);
	child = fork();
	CU_ASSERT_TRUE(child >= 0);
	if (child == 0)
		_exit(compile_all(family, path));
	waitpid(child, &status, 0);
	test_note("%s: the compiler crashed or some kernel did not compile; status %d", family, status);
	CU_ASSERT_EQUAL(status, 0);
	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "skip ", 5)) {
			fclose(f);
			return line + 5;
		}
		if (!strncmp(line, "FAIL", 4))
			printf("     %s: %s\n", family, line);
		add_line(s, line);
	}
	fclose(f);
	return NULL;
}

static const char *const families[] = {"gfx1100", "navi21", "vega10"};
#define FAMILIES (sizeof(families) / sizeof(*families))

static void write_report(const char *path, const struct sums *s)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "# Kernels under AMD's compiler\n\n"
		   "What Mesa's ACO makes of the Vulkan driver's kernels, one or more of every operation and type; no AMD hardware was\n"
		   "there, and nothing ran. `make radv-report` writes this file; tests/test_vk_radv.c fails when a kernel does not\n"
		   "compile.\n\n"
		   "| family | pipelines | most VGPRs | that spill | spilled registers | code, KiB | largest, KiB |\n"
		   "|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < FAMILIES; i++)
		fprintf(f, "| %s | %u | %llu (%s) | %u | %llu | %.0f | %.1f (%s) |\n", families[i], s[i].pipelines,
			s[i].fattest.vgprs, s[i].fattest.name, s[i].spilling, s[i].spilled, (double)s[i].code / 1024,
			(double)s[i].largest.code / 1024, s[i].largest.name);
	fprintf(f, "\nThose of %s that spill most:\n\n"
		   "| pipeline | VGPRs | SGPRs | spilled VGPRs | spilled SGPRs | code, KiB | LDS, bytes |\n"
		   "|---|---|---|---|---|---|---|\n", families[0]);
	for (const struct pipeline *p = s[0].worst; p < s[0].worst + WORST && spilled(p); p++)
		fprintf(f, "| %s | %llu | %llu | %llu | %llu | %.1f | %llu |\n", p->name, p->vgprs, p->sgprs, p->spilled_vgprs,
			p->spilled_sgprs, (double)p->code / 1024, p->lds);
	fclose(f);
}

static void every_kernel_compiles(void)
{
	const char *path = getenv("TRUENO_RADV_REPORT"), *why = NULL;
	bool all = test_long() || path;
	struct sums s[FAMILIES];

	if (access(ICD, R_OK))
		TEST_SKIP("Mesa's radeon driver is not installed");
	step = all ? 1 : 40;
	for (size_t i = all ? 0 : test_rand_below(FAMILIES), end = all ? FAMILIES : i + 1; i < end && !why; i++) {
		why = compile_for(families[i], &s[i]);
		if (!why)
			CU_ASSERT_TRUE(s[i].pipelines > (all ? 800 : 40));
	}
	if (why)
		TEST_SKIP("%s", why);
	if (path)
		write_report(path, s);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_kernel_compiles),
	};
	char command[64];
	int status;

	if (!mkdtemp(folder))
		return 2;
	status = TEST_RUN("vk_radv", cases);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) ? 2 : status;
}
