/* SPDX-License-Identifier: MIT */
/*
 * What the Vulkan driver does when Vulkan fails: the functions it calls are replaced by ones that fail at the n-th call, for
 * all n, with every error that matters. Nothing may hang, leak or give a wrong value, and the device can be opened again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/vk.h"

#include "tests/pairs.h"

static struct tr_vk_api real;
static struct {
	VkResult result;
	unsigned at, calls;   /* fails the at-th call, counted from 1; 0: none */
	bool over;            /* the GPU is lost: it fails every call that gives it work or waits for it */
	bool hangs;           /* no wait ends, and nothing is ever done */
	bool asked;           /* the counter's value, since the last submission */
	const char *function; /* that failed */
	int live;             /* objects of contexts: memory, buffers, pools, semaphores, modules */
	VkDevice device;      /* of the last wait, */
	VkSemaphore semaphore;/* with what it was for */
	uint64_t value;
} fault;

static VkResult fault_of(const char *function, bool works)
{
	if (fault.over && works)
		return VK_ERROR_DEVICE_LOST;
	if (!fault.at || (fault.result == VK_TIMEOUT && strcmp(function, "WaitSemaphores") != 0) ||
	    ++fault.calls != fault.at) /* only waits can be too long */
		return VK_SUCCESS;
	fault.function = function;
	fault.over = fault.result == VK_ERROR_DEVICE_LOST && works;
	return fault.result;
}

/* A function whose n-th call may fail; made: how many objects there are more when it succeeds. */
#define FAULTY(name, made, parameters, arguments) \
	static VKAPI_ATTR VkResult VKAPI_CALL faulty_##name parameters \
	{ \
		VkResult r = fault_of(#name, false); \
\
		if (!r) \
			r = real.name arguments; \
		if (!r) \
			fault.live += made; \
		return r; \
	}
#define MADE const VkAllocationCallbacks *a
FAULTY(CreateDevice, 0, (VkPhysicalDevice p, const VkDeviceCreateInfo *i, MADE, VkDevice *out), (p, i, a, out))
FAULTY(AllocateMemory, 1, (VkDevice d, const VkMemoryAllocateInfo *i, MADE, VkDeviceMemory *out), (d, i, a, out))
FAULTY(MapMemory, 0, (VkDevice d, VkDeviceMemory m, VkDeviceSize o, VkDeviceSize n, VkMemoryMapFlags f, void **out),
       (d, m, o, n, f, out))
FAULTY(CreateBuffer, 1, (VkDevice d, const VkBufferCreateInfo *i, MADE, VkBuffer *out), (d, i, a, out))
FAULTY(BindBufferMemory, 0, (VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize o), (d, b, m, o))
FAULTY(CreateShaderModule, 1, (VkDevice d, const VkShaderModuleCreateInfo *i, MADE, VkShaderModule *out), (d, i, a, out))
FAULTY(CreatePipelineLayout, 0, (VkDevice d, const VkPipelineLayoutCreateInfo *i, MADE, VkPipelineLayout *out),
       (d, i, a, out))
FAULTY(CreatePipelineCache, 0, (VkDevice d, const VkPipelineCacheCreateInfo *i, MADE, VkPipelineCache *out),
       (d, i, a, out))
FAULTY(GetPipelineCacheData, 0, (VkDevice d, VkPipelineCache c, size_t *n, void *out), (d, c, n, out))
FAULTY(CreateComputePipelines, 0, (VkDevice d, VkPipelineCache c, uint32_t n, const VkComputePipelineCreateInfo *i, MADE,
       VkPipeline *out), (d, c, n, i, a, out))
FAULTY(CreateCommandPool, 1, (VkDevice d, const VkCommandPoolCreateInfo *i, MADE, VkCommandPool *out), (d, i, a, out))
FAULTY(ResetCommandPool, 0, (VkDevice d, VkCommandPool p, VkCommandPoolResetFlags f), (d, p, f))
FAULTY(AllocateCommandBuffers, 0, (VkDevice d, const VkCommandBufferAllocateInfo *i, VkCommandBuffer *out), (d, i, out))
FAULTY(BeginCommandBuffer, 0, (VkCommandBuffer c, const VkCommandBufferBeginInfo *i), (c, i))
FAULTY(EndCommandBuffer, 0, (VkCommandBuffer c), (c))
FAULTY(CreateSemaphore, 1, (VkDevice d, const VkSemaphoreCreateInfo *i, MADE, VkSemaphore *out), (d, i, a, out))

static VKAPI_ATTR VkResult VKAPI_CALL faulty_QueueSubmit(VkQueue q, uint32_t n, const VkSubmitInfo *i, VkFence f)
{
	VkResult r = fault_of("QueueSubmit", true);

	fault.asked = false;
	return r ? r : real.QueueSubmit(q, n, i, f);
}

/* A driver that polls calls this as often as there is time: only the first after a submission counts. */
static VKAPI_ATTR VkResult VKAPI_CALL faulty_GetSemaphoreCounterValue(VkDevice d, VkSemaphore s, uint64_t *out)
{
	VkResult r = !fault.asked || fault.over ? fault_of("GetSemaphoreCounterValue", true) : VK_SUCCESS;

	fault.asked = true;
	if (!r && fault.hangs)
		*out = 0;
	return r || fault.hangs ? r : real.GetSemaphoreCounterValue(d, s, out);
}

/* What is lost has ended: the real work is waited for. */
static VKAPI_ATTR VkResult VKAPI_CALL faulty_WaitSemaphores(VkDevice d, const VkSemaphoreWaitInfo *i, uint64_t timeout)
{
	VkResult r = fault_of("WaitSemaphores", true);

	fault.device = d;
	fault.semaphore = i->pSemaphores[0];
	fault.value = i->pValues[0];
	if (fault.hangs)
		return VK_TIMEOUT;
	if (r == VK_ERROR_DEVICE_LOST)
		real.WaitSemaphores(d, i, UINT64_MAX);
	return r ? r : real.WaitSemaphores(d, i, timeout);
}

#define COUNTED(name, type) \
	static VKAPI_ATTR void VKAPI_CALL counted_##name(VkDevice d, type object, MADE) \
	{ \
		fault.live -= object != VK_NULL_HANDLE; \
		real.name(d, object, a); \
	}
COUNTED(FreeMemory, VkDeviceMemory)
COUNTED(DestroyBuffer, VkBuffer)
COUNTED(DestroyShaderModule, VkShaderModule)
COUNTED(DestroyCommandPool, VkCommandPool)
COUNTED(DestroySemaphore, VkSemaphore)

static VKAPI_ATTR void VKAPI_CALL counted_DestroyDevice(VkDevice d, MADE)
{
	fault.over = false; /* the next one is another */
	real.DestroyDevice(d, a);
}

static void replace_functions(void)
{
#define REPLACE(kind, name) tr__vk.name = kind##_##name
	real = tr__vk;
	REPLACE(faulty, CreateDevice);
	REPLACE(faulty, AllocateMemory);
	REPLACE(faulty, MapMemory);
	REPLACE(faulty, CreateBuffer);
	REPLACE(faulty, BindBufferMemory);
	REPLACE(faulty, CreateShaderModule);
	REPLACE(faulty, CreatePipelineLayout);
	REPLACE(faulty, CreatePipelineCache);
	REPLACE(faulty, GetPipelineCacheData);
	REPLACE(faulty, CreateComputePipelines);
	REPLACE(faulty, CreateCommandPool);
	REPLACE(faulty, ResetCommandPool);
	REPLACE(faulty, AllocateCommandBuffers);
	REPLACE(faulty, BeginCommandBuffer);
	REPLACE(faulty, EndCommandBuffer);
	REPLACE(faulty, CreateSemaphore);
	REPLACE(faulty, QueueSubmit);
	REPLACE(faulty, GetSemaphoreCounterValue);
	REPLACE(faulty, WaitSemaphores);
	REPLACE(counted, FreeMemory);
	REPLACE(counted, DestroyBuffer);
	REPLACE(counted, DestroyShaderModule);
	REPLACE(counted, DestroyCommandPool);
	REPLACE(counted, DestroySemaphore);
	REPLACE(counted, DestroyDevice);
}

/* The suite's own context would keep the GPU in use. */
static bool is_gpu; /* and no rasteriser */

static bool is_absent(void)
{
	static bool present;
	struct tr_device_info info;

	if (gpu) {
		present = true;
		tr_device_info(gpu, &info);
		is_gpu = !strstr(info.name, "llvmpipe");
		tr_context_destroy(gpu);
		gpu = NULL;
		replace_functions();
	}
	return !present;
}
#define NEEDS_DEVICE() \
	do { \
		if (is_absent()) \
			TEST_SKIP("no Vulkan device: %s", why_not); \
	} while (0)

static int open_on(struct tr_context **ctx, struct test_heap *heap, unsigned timeout_ms, char *why, size_t len)
{
	struct tr_context_params params = {
		.device = "vulkan", .timeout_ms = timeout_ms, .allocator = test_heap_allocator(heap)};

	return tr_context_create(ctx, &params, why, len);
}

/* A plan recorded, replayed, and replayed on other operands. The value of the last one's results. */
static float replay(struct tr_tensor *x, struct tr_tensor *other)
{
	struct tr_context *ctx = tr_context_of(x);
	struct tr_plan *plan;
	struct tr_tensor *y;
	float out[4] = {0};

	if (tr_plan_begin(ctx))
		return 0;
	y = tr_add(tr_softmax(x, 0), x);
	plan = tr_plan_end(ctx);
	if (!plan)
		return 0;
	tr_plan_run(plan);
	if (!tr_error(ctx) && !tr_plan_bind(plan, x, other) && !tr_plan_run(plan))
		tr_read(y, out, sizeof(out));
	tr_plan_destroy(plan);
	return out[0];
}

/* Three submissions, of which the first has what was called and a batch, and the others are a plan's: 0, an error, or
 * -1 if a value is wrong. */
static int work(struct tr_context *ctx)
{
	static const float data[4] = {1, 2, 3, 4};
	int64_t n = 4;
	float twice[4] = {0}, sum = 0, replayed = 0;
	struct tr_tensor *x, *y, *s;
	int status;

	tr_scope_begin(ctx);
	x = tr_from_data(ctx, TR_F32, 1, &n, data);
	y = tr_add(x, x);
	tr_batch_begin(ctx);
	s = tr_sum(tr_add(tr_multiply(x, x), y), TR_ALL_AXES, 0);
	tr_batch_end(ctx);
	tr_read(y, twice, sizeof(twice));
	tr_read(s, &sum, sizeof(sum));
	if (x && y)
		replayed = replay(x, y);
	status = tr_error(ctx);
	if (!status && (twice[0] != 2 || twice[3] != 8 || sum != 50 || replayed < 2 || replayed > 2.1f))
		status = -1;
	tr_scope_end(ctx);
	return status;
}

static bool is_of_work(const char *function)
{
	return !strcmp(function, "QueueSubmit") || !strcmp(function, "WaitSemaphores") ||
	       !strcmp(function, "GetSemaphoreCounterValue");
}

static void assert_status(int status, const char *message)
{
	bool waits = is_of_work(fault.function) && strcmp(fault.function, "QueueSubmit") != 0;

	CU_ASSERT_TRUE(status == 0 || status == -TR_EDEVICE || status == -TR_ENOMEM);
	CU_ASSERT_TRUE(!status || *message);
	if (is_of_work(fault.function) && fault.result == VK_ERROR_DEVICE_LOST)
		CU_ASSERT_EQUAL(status, -TR_EDEVICE);
	if (waits && strcmp(fault.function, "WaitSemaphores") == 0) /* what came of it is not known */
		CU_ASSERT_EQUAL(status, -TR_EDEVICE);
	if (!strcmp(fault.function, "QueueSubmit") && fault.result == VK_ERROR_OUT_OF_DEVICE_MEMORY)
		CU_ASSERT_EQUAL(status, -TR_ENOMEM);
}

/* A context that meets the fault, and what can still be done with it. Whether the fault was met at all. */
static bool meet_fault(VkResult result, unsigned at)
{
	struct test_heap heap = {0};
	struct tr_context *ctx;
	char why[256];
	int status;

	fault.result = result;
	fault.at = at;
	fault.calls = 0;
	fault.function = NULL;
	status = open_on(&ctx, &heap, 0, why, sizeof(why));
	if (!status) {
		status = work(ctx);
		snprintf(why, sizeof(why), "%s", tr_error_message(ctx));
	}
	test_note("%s at call %u, %s: %d, \"%s\"", tr__vk_result(result), at, fault.function ? fault.function : "none", status,
		  why);
	if (fault.function)
		assert_status(status, why);
	else
		CU_ASSERT_EQUAL(status, 0);
	if (ctx) {
		bool lost = status == -TR_EDEVICE && (result == VK_ERROR_DEVICE_LOST || is_of_work(fault.function));
		int again;

		fault.at = 0;
		tr_error_clear(ctx);
		again = work(ctx);
		CU_ASSERT_TRUE(lost ? again == -TR_EDEVICE || !is_of_work(fault.function) : again == 0);
		CU_ASSERT_TRUE(!again || strstr(tr_error_message(ctx), "was lost"));
		tr_context_destroy(ctx);
	}
	CU_ASSERT_EQUAL(heap.live, 0);
	CU_ASSERT_EQUAL(fault.live, 0);
	fault.at = 0;
	return fault.function;
}

/* The device is lost, so that the next context makes a new one, with all its pipelines. */
static void lose_device(void)
{
	struct test_heap heap = {0};
	struct tr_context *ctx;
	char why[256];

	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
	fault.over = true;
	CU_ASSERT_EQUAL(work(ctx), -TR_EDEVICE);
	tr_context_destroy(ctx);
}

static void every_call_may_lose_the_device(void)
{
	NEEDS_DEVICE();
	for (unsigned at = 1; meet_fault(VK_ERROR_DEVICE_LOST, at); at++)
		;
}

static void every_call_may_lack_memory(void)
{
	NEEDS_DEVICE();
	for (unsigned at = 1;; at++) {
		lose_device();
		if (!meet_fault(VK_ERROR_OUT_OF_DEVICE_MEMORY, at))
			return;
	}
}

static void every_wait_may_be_too_long(void)
{
	unsigned met = 0;

	NEEDS_DEVICE();
	for (unsigned at = 1;; at++) {
		struct test_heap heap = {0};
		struct tr_context *ctx;
		char why[256];
		int status;

		fault.at = 0;
		CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
		fault.result = VK_TIMEOUT;
		fault.function = NULL;
		fault.calls = 0;
		fault.at = at;
		status = work(ctx);
		test_note("at wait %u: %s", at, tr_error_message(ctx));
		if (fault.function) {
			CU_ASSERT_EQUAL(status, -TR_EDEVICE);
			assert_error(ctx, TR_EDEVICE, "not done after 120000 ms");
			met++;
		}
		fault.at = 0;
		tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		CU_ASSERT_EQUAL(fault.live, 0);
		if (!fault.function)
			break;
	}
	/* A GPU is done before anybody sleeps. */
	CU_ASSERT_TRUE(met == 3 || is_gpu);
}

/* A context that shares the GPU is told, can read what it has, and the GPU comes back when both are gone. */
static void a_lost_device_is_lost_for_all(void)
{
	struct test_heap heap = {0};
	struct tr_context *ctx, *other, *third;
	struct tr_tensor *x, *late;
	int64_t n = 4;
	float back[4] = {0};
	char why[256];

	NEEDS_DEVICE();
	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
	CU_ASSERT_EQUAL_FATAL(open_on(&other, &heap, 0, why, sizeof(why)), 0);
	x = tr_full(other, TR_F32, 1, &n, 3);
	CU_ASSERT_EQUAL_FATAL(tr_flush(other), 0);
	fault.over = true;
	CU_ASSERT_EQUAL(work(ctx), -TR_EDEVICE);
	CU_ASSERT_EQUAL(tr_read(x, back, sizeof(back)), 0);
	CU_ASSERT_EQUAL(back[3], 3);
	late = tr_add(x, x); /* collected */
	CU_ASSERT_EQUAL(tr_read(late, back, sizeof(back)), -TR_EDEVICE);
	assert_error(other, TR_EDEVICE, "was lost");
	CU_ASSERT_EQUAL(open_on(&third, &heap, 0, why, sizeof(why)), -TR_EDEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "destroy all contexts"));
	tr_context_destroy(ctx);
	tr_context_destroy(other);
	CU_ASSERT_EQUAL_FATAL(open_on(&third, &heap, 0, why, sizeof(why)), 0);
	CU_ASSERT_EQUAL(work(third), 0);
	tr_context_destroy(third);
	CU_ASSERT_EQUAL(heap.live, 0);
	CU_ASSERT_EQUAL(fault.live, 0);
}

static void wait_in_earnest(void)
{
	VkSemaphoreWaitInfo wait = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, .semaphoreCount = 1,
				    .pSemaphores = &fault.semaphore, .pValues = &fault.value};

	CU_ASSERT_EQUAL(real.WaitSemaphores(fault.device, &wait, UINT64_MAX), VK_SUCCESS);
}

/* Not a fault of the test's: work that takes longer than it is given. */
static void slow_work_is_too_late(void)
{
	struct test_heap heap = {0};
	int64_t shape[2] = {512, 512};
	struct tr_context *ctx;
	struct tr_tensor *a;
	char why[256];

	NEEDS_DEVICE();
	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 1, why, sizeof(why)), 0);
	a = tr_empty(ctx, TR_F32, 2, shape);
	memset(tr_data(a), 0, (size_t)tr_numel(a) * sizeof(float));
	for (int n = 1; n <= 8192 && !tr_error(ctx); n *= 2) { /* a GPU needs many */
		struct tr_tensor *y = a;

		tr_scope_begin(ctx);
		tr_batch_begin(ctx);
		for (int i = 0; i < n && y; i++)
			y = tr_matmul(y, a);
		tr_batch_end(ctx);
		tr_scope_end(ctx);
	}
	assert_error(ctx, TR_EDEVICE, "not done after 1 ms");
	CU_ASSERT_PTR_NOT_NULL(tr_add(a, a)); /* collected */
	CU_ASSERT_EQUAL(tr_flush(ctx), -TR_EDEVICE);
	wait_in_earnest();
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
	CU_ASSERT_EQUAL(fault.live, 0);
	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
	CU_ASSERT_EQUAL(work(ctx), 0);
	tr_context_destroy(ctx);
}

static void the_limit_is_checked(void)
{
	static const char *const wrong[] = {"0", "-1", "soon", "4294967296", "5s"};
	struct test_heap heap = {0};
	struct tr_context *ctx;
	char why[256];

	NEEDS_DEVICE();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		setenv("TRUENO_TIMEOUT_MS", wrong[i], 1);
		CU_ASSERT_EQUAL(open_on(&ctx, &heap, 0, why, sizeof(why)), -TR_EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, wrong[i]));
	}
	setenv("TRUENO_TIMEOUT_MS", "7000", 1);
	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
	unsetenv("TRUENO_TIMEOUT_MS");
	fault.hangs = true;
	CU_ASSERT_EQUAL(work(ctx), -TR_EDEVICE);
	fault.hangs = false;
	assert_error(ctx, TR_EDEVICE, "not done after 7000 ms");
	tr_context_destroy(ctx);
}

/* The last test: the device cannot be opened after it. */
static void what_never_ends_keeps_its_memory(void)
{
	struct test_heap heap = {0};
	struct tr_context *ctx, *next;
	char why[256];

	NEEDS_DEVICE();
	CU_ASSERT_EQUAL_FATAL(open_on(&ctx, &heap, 0, why, sizeof(why)), 0);
	fault.hangs = true;
	CU_ASSERT_EQUAL(work(ctx), -TR_EDEVICE);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
	CU_ASSERT_TRUE(fault.live > 0);
	CU_ASSERT_EQUAL(open_on(&next, &heap, 0, why, sizeof(why)), -TR_EDEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "never ended"));
	wait_in_earnest(); /* before the process ends */
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_call_may_lose_the_device),
		TEST(every_call_may_lack_memory),
		TEST(every_wait_may_be_too_long),
		TEST(a_lost_device_is_lost_for_all),
		TEST(slow_work_is_too_late),
		TEST(the_limit_is_checked),
		TEST(what_never_ends_keeps_its_memory),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_faults", cases);
}
