/* SPDX-License-Identifier: MIT */
/*
 * The inside of the Vulkan driver: what its files share. A GPU (VkDevice, pipelines) lives as long as the process and
 * serves all contexts; a device (memory, command buffer, parameter ring) belongs to one context.
 *
 * Kernels find everything by address. There is one pipeline layout and no descriptor set. A kernel's parameters are
 * 64-bit words: push constants if they are few, else an array in the ring, whose address is the one push constant.
 */
#ifndef TR_VK_VK_H
#define TR_VK_VK_H

#define VK_NO_PROTOTYPES
#include <pthread.h>
#include <stdatomic.h>
#include <vulkan/vulkan_core.h>

#include "lib/driver.h"
#include "lib/op.h"
#include "lib/pool.h"
#include "lib/trace.h"

/* The functions of libvulkan, tr__vk.CreateInstance and so on. */
struct tr_vk_api {
#define FN_GLOBAL(name) PFN_vk##name name;
#define FN(name) PFN_vk##name name;
#define FN_OPTIONAL(name) PFN_vk##name name;
#include "vk/functions.h"
};
extern struct tr_vk_api tr__vk;

/* Loads libvulkan and makes the instance, once per process; later calls repeat the first one's answer. 0 or
 * -TR_EDEVICE with a line in errbuf. Safe from any thread. */
int tr__vk_load(VkInstance *out, char *errbuf, size_t errlen);

/* "VK_ERROR_DEVICE_LOST" and the like; static storage. */
const char *tr__vk_result(VkResult r);

/* -TR_ENOMEM or -TR_EDEVICE, for a result that is an error. */
int tr__vk_status(VkResult r);

struct tr_vk_pipelines;
struct tr_vk_trace;
struct tr_vk_stage;
struct tr_vk_pin;
struct tr_vk_kept;

/* SPIR-V's float controls. */
enum {
	TR_VK_DENORMALS = 1, /* keep them */
	TR_VK_SPECIALS = 2,  /* signed zeros, infinities and NaN count */
	TR_VK_NEAREST = 4    /* round to nearest even */
};

struct tr_vk_gpu {
	VkPhysicalDevice physical;
	VkPhysicalDeviceType type;
	char name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
	char level[32]; /* "vulkan 1.3" */
	uint8_t cache_uuid[VK_UUID_SIZE];
	uint32_t dtypes;         /* TR__BIT of the element types its shaders can hold */
	bool wide_division;      /* f32 division and square root are not right as they are */
	bool probed, soft_fma32, soft_fma64; /* its fma rounds twice */
	bool hard_f16;           /* its own conversions from and to f16 are right */
	/* What can be asked for: TR_VK_* of f32 and of f64. */
	uint8_t controls32, controls64;
	uint8_t units;           /* kinds of matrix units, as bits: vk/units.h */
	uint64_t max_allocation; /* bytes */
	uint32_t max_group;      /* invocations of a workgroup */
	uint32_t memory_type;
	uint32_t cached_type;    /* of memory that the CPU caches, if reads_slowly or tr__vk_staged */
	uint64_t import_page;    /* what the program's memory is pinned in multiples of; 0: it cannot be */
	bool reads_slowly;       /* the CPU has no cache for memory_type's, but for another's */
	uint32_t queue_family, nqueue;
	bool calibrated;         /* its clock can be read together with the processor's */
	unsigned timestamp_bits; /* 0: its queues tell no time */
	double timestamp_ns;     /* of one tick */

	VkDevice device; /* VK_NULL_HANDLE until the first open */
	VkPipelineLayout layout;
	struct tr_vk_pipelines *pipelines;
	pthread_mutex_t queue_lock; /* around submissions: contexts share queues */
	atomic_uint opened;         /* contexts so far; deals queues to them */
	unsigned users;             /* contexts now; under the list's lock, like stuck */
	bool stuck;                 /* work was left behind that never ended */
	atomic_bool lost;           /* or out of time: nothing more is given to it */
};

/* The index-th usable GPU, its VkDevice made. software: whether a rasteriser on the CPU will do. A GPU that was lost gets
 * a new VkDevice once nobody uses the old one. */
int tr__vk_gpu_get(struct tr_vk_gpu **out, unsigned index, bool software, char *errbuf, size_t errlen);

/* tr_device_facts of the index-th GPU, for which no VkDevice is made. */
int tr__vk_facts(unsigned index, void (*say)(void *user, const char *name, const char *text), void *user, char *errbuf,
		 size_t errlen);

/* The index-th usable GPU as it was found, without a VkDevice. */
int tr__vk_gpu_find(const struct tr_vk_gpu **out, unsigned index, char *errbuf, size_t errlen);

/* Whether a device knows an extension. */
bool tr__vk_has_extension(VkPhysicalDevice physical, const char *name);

/* The end of a use. finished: nothing of it can be running there any more. */
void tr__vk_gpu_put(struct tr_vk_gpu *gpu, bool finished);

/* Finds out, once per GPU and with its first device, what no property says: soft_fma32, soft_fma64, hard_f16. */
int tr__vk_probe(struct tr_device *dev, char *errbuf, size_t errlen);

/* Blocks of device memory are cut from chunks. */
struct tr_vk_block;

struct tr_vk_chunk {
	VkDeviceMemory memory;
	VkBuffer buffer;
	uint64_t address, size;
	char *host;
	struct tr_vk_block *blocks; /* in order of offset, covering the chunk */
	struct tr_vk_chunk *next;
};

struct tr_vk_heap {
	struct tr_vk_gpu *gpu;
	const struct tr_allocator *alloc;
	struct tr_vk_chunk *chunks;
	uint64_t gone; /* chunks so far that were given back */
	bool stuck; /* the GPU may still write here: Vulkan's objects are left behind */
};

/* size > 0. 0 or -TR_ENOMEM. */
int tr__vk_heap_alloc(struct tr_vk_heap *heap, size_t size, struct tr_mem *mem);
void tr__vk_heap_free(struct tr_vk_heap *heap, struct tr_mem *mem);
void tr__vk_heap_finish(struct tr_vk_heap *heap);

/* Whether [low, high) lies in one chunk. */
bool tr__vk_heap_has(const struct tr_vk_heap *heap, uint64_t low, uint64_t high);

/* The buffer that memory of the heap lies in, and where; VK_NULL_HANDLE if it is not the heap's. */
VkBuffer tr__vk_heap_buffer(const struct tr_mem *mem, uint64_t *offset);

/* Reads size bytes of memory that nothing recorded writes. 0, or -TR_EDEVICE if they lie in no chunk. */
int tr__vk_peek(const struct tr_device *dev, uint64_t address, void *out, size_t size);

/* What has been read and written since the last barrier. */
struct tr_vk_range {
	uint64_t low, high; /* bytes [low, high) */
	bool write;
};

#define TR_VK_RANGES 64

struct tr_vk_hazards {
	struct tr_vk_range range[TR_VK_RANGES];
	unsigned n;
};

/* Adds the ranges of the next dispatch; true if a barrier must come before it, as the list then takes for granted. */
bool tr__vk_hazard(struct tr_vk_hazards *h, const struct tr_vk_range *range, unsigned n);

/* The bytes an operand touches. Empty if it has no elements. */
struct tr_vk_range tr__vk_extent(const struct tr_operand *o, bool write);

/* A kernel: its key, at most TR_VK_KEY bytes that tell it from all others, and what makes its code when it is new. */
#define TR_VK_KEY 1024

struct tr_vk_code {
	uint32_t *words;
	size_t n;
};

struct tr_vk_kernel {
	const void *key;
	size_t key_size;
	/* Makes SPIR-V, in memory from malloc. 0 or -TR_ENOMEM. */
	int (*make)(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code);
};

/* One cache of pipelines per GPU; safe from any thread. The disk's copy is read at the start, written by save. */
struct tr_vk_pipelines *tr__vk_pipelines_create(struct tr_vk_gpu *gpu);
int tr__vk_pipeline(struct tr_vk_gpu *gpu, const struct tr_vk_kernel *kernel, VkPipeline *out, char *detail);
void tr__vk_pipelines_save(struct tr_vk_gpu *gpu);
void tr__vk_pipelines_destroy(struct tr_vk_gpu *gpu); /* before its VkDevice */

/* Disk cache of driver blobs: a file per GPU and version of the shaders. Data is malloced; NULL if there is none. */
void *tr__vk_disk_read(const struct tr_vk_gpu *gpu, uint64_t version, size_t *size);
void tr__vk_disk_write(const struct tr_vk_gpu *gpu, uint64_t version, const void *data, size_t size);
uint64_t tr__vk_hash(const void *data, size_t size);

#define TR_VK_SCRATCH 64
#define TR_VK_SCRATCH_OF_COMMAND 16 /* blocks one command takes at most */

/* Parameters that fit into push constants: 128 bytes, which every device has. */
#define TR_VK_PUSHED 16

struct tr_vk_dispatch {
	VkPipeline pipeline;
	uint32_t columns, rows; /* of workgroups */
	unsigned n;             /* push constants */
	uint64_t push[TR_VK_PUSHED];
};

/* The context's device. */
struct tr_device {
	const struct tr_allocator *alloc;
	struct tr_vk_gpu *gpu;
	unsigned units; /* a bit for each enum tr_vk_units that may be used */
	struct tr_vk_heap heap;
	VkQueue queue;
	VkCommandPool pool;
	VkCommandBuffer commands;
	VkSemaphore timeline;
	uint64_t submitted; /* the timeline's value when all is done */
	uint64_t timeout_ns; /* how long a submission may take */
	bool unfinished;    /* the last one was not seen to end */
	bool begun;         /* a submission: it has dispatches, or parameters of one to come */
	bool recording;     /* its commands, after the first dispatch if that waits for a second */
	bool has_first;     /* which is the only one so far */
	struct tr_vk_dispatch first;
	struct tr_vk_kept *kept; /* submissions of one dispatch; NULL until there is one */
	struct tr_mem ring; /* parameters of the commands being recorded */
	size_t ring_used;
	VkPipeline bound;
	struct tr_vk_hazards hazards;
	struct tr_recording *recorder; /* what is recorded now is to be replayed: vk/recording.h; else NULL */
	struct tr_recording *forgotten; /* when what was submitted had not ended */
	struct tr_mem scratch[TR_VK_SCRATCH]; /* in use by what was recorded */
	unsigned nscratch;
	uint64_t submits; /* since it was opened */
	struct tr_vk_stage *stage; /* NULL until memory is copied by way of it */
	struct tr_vk_pin *pins;
	struct {
		VkBuffer buffer;
		uint64_t offset;
		size_t size; /* 0: nothing */
	} expected;              /* what the next submission is to copy into the stage */
	bool reads_directly;     /* the last read was a copy to pinned memory, for which nothing is to be expected */
	bool wakes;              /* the submission's end is awaited by threads that then move what was copied */
	struct tr_workers workers; /* that move bytes; pool is NULL until there are many */
	struct tr_vk_trace *trace; /* NULL: no timeline */
};

/* A pool, NULL if there is none, with n primary command buffers of it. */
VkResult tr__vk_command_buffers(const struct tr_vk_gpu *gpu, VkCommandPoolCreateFlags flags, uint32_t n, VkCommandPool *pool,
				VkCommandBuffer *commands);

int tr__vk_commands_init(struct tr_device *dev, char *errbuf, size_t errlen);

/* Gives what was submitted and is not done its time once more, then frees everything; false, and Vulkan's objects are left
 * behind, if it still runs. */
bool tr__vk_commands_finish(struct tr_device *dev);

/* The timeline: begun and ended with the device; a submission's recording begins, goes on to the next command (NULL: none),
 * ends, and has run. */
int tr__vk_trace(struct tr_device *dev, struct tr_trace *trace);
void tr__vk_trace_finish(struct tr_device *dev, bool finished);
void tr__vk_trace_begin(struct tr_device *dev);
void tr__vk_trace_command(struct tr_device *dev, const struct tr_cmd *cmd);
void tr__vk_trace_end(struct tr_device *dev);
void tr__vk_trace_collect(struct tr_device *dev);

/* Room for n parameters of the next dispatch, and their address; ends the submission if the ring is full.
 * NULL with *err set if that fails. n <= TR_VK_PARAMS. */
#define TR_VK_PARAMS 512
uint64_t *tr__vk_params(struct tr_device *dev, size_t n, uint64_t *address, int *err, char *detail);

/* Records a dispatch of `groups` workgroups with n push constants, with a barrier before it if one is needed. */
int tr__vk_dispatch(struct tr_device *dev, VkPipeline pipeline, const uint64_t *push, unsigned n, uint64_t groups,
		    const struct tr_vk_range *range, unsigned nrange, char *detail);

/* Submits what was recorded and waits for it. 0 or -TR_EDEVICE. What is to be replayed cannot be flushed: -TR_ESTATE. The last
 * flush of a run also copies what is expected to be read. */
int tr__vk_flush(struct tr_device *dev, char *detail);
int tr__vk_flush_last(struct tr_device *dev, char *detail);

/* Records a dispatch as it is. */
void tr__vk_put(struct tr_device *dev, VkCommandBuffer commands, const struct tr_vk_dispatch *d);

/* A command buffer of this dispatch alone, which may be one that was submitted before, and the end of all of them. */
VkResult tr__vk_find_kept(struct tr_device *dev, const struct tr_vk_dispatch *d, VkCommandBuffer *commands);
void tr__vk_kept_finish(struct tr_device *dev, bool finished);

/* The end of a command buffer, what it wrote seen by the CPU, and its submission, which is waited for. */
VkResult tr__vk_end(struct tr_device *dev, VkCommandBuffer commands);
int tr__vk_submit(struct tr_device *dev, VkCommandBuffer commands, char *detail);

/* The error of a Vulkan function that failed, with its line. */
int tr__vk_fail(struct tr_device *dev, VkResult r, char *detail);

/* Records a command by its family's executor. */
int tr__vk_command(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);

/* Submits without waiting; waits for the timeline to have a value. Nothing may be recording. */
VkResult tr__vk_send(struct tr_device *dev, const VkCommandBuffer *commands, uint32_t n);
VkResult tr__vk_await(struct tr_device *dev, uint64_t value);

/* tr_driver's functions of these names, and the end of what they use. For tests: tr__vk_staged has them use the GPU where they need
 * not. */
int tr__vk_read(struct tr_device *dev, const struct tr_mem *mem, size_t offset, void *dst, size_t size, char *detail);
int tr__vk_write(struct tr_device *dev, const struct tr_mem *mem, size_t offset, const void *src, size_t size, char *detail);
void tr__vk_expect(struct tr_device *dev, const struct tr_mem *mem, size_t offset, size_t size);
int tr__vk_pin(struct tr_device *dev, void *data, size_t size);
void tr__vk_unpin(struct tr_device *dev, void *data);

/* Commands to submit behind others, which copy what was expected; VK_NULL_HANDLE if nothing was. */
VkCommandBuffer tr__vk_fetch(struct tr_device *dev);
void tr__vk_stage_finish(struct tr_device *dev, bool finished);
extern bool tr__vk_staged;

/* Executors, one per group of families: they record a command. */
int tr__vk_exec_map(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_matmul(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_reduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_rows(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_argreduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_put(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_ravel(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_compress(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_range(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_interpolate(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_attention(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_conv(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_pool(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_sort(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_quantile(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_search(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_scan(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__vk_exec_random(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);

/* Records y = (c + a · b) · scale over the last two axes of o[0 … 3], [M,N] = [M,N] + [M,K] · [K,N], all of y's type; batch axes of
 * a and b before them as y's. c, the same for the whole batch, has no address if the chains start at 0. Products of integers
 * have no scale. */
int tr__vk_product(struct tr_device *dev, const struct tr_operand *o, double scale, char *detail);

/* For an operation without a kernel here: -TR_EDTYPE, with the reason. */
int tr__vk_lacks(char *detail);

/* The pipeline of a kernel of vk/shaders/kernels.h for a type, with workgroups of `size` invocations. */
int tr__vk_named(struct tr_device *dev, const char *name, enum tr_dtype dtype, unsigned size, VkPipeline *out,
		 char *detail);

/* Records a kernel by name with n parameters and workgroups of TR_VK_GROUP. dtype: TR_DTYPE_NONE if the name has it. */
int tr__vk_run_named(struct tr_device *dev, const char *name, enum tr_dtype dtype, const uint64_t *params, unsigned n,
		     uint64_t groups, const struct tr_vk_range *range, unsigned nrange, char *detail);

/* The same for elements, or what rows are moved as, of 1, 2, 4, 8 or 16 bytes. */
int tr__vk_run_unit(struct tr_device *dev, const char *name, uint64_t unit, const uint64_t *params, unsigned n, uint64_t groups,
		    const struct tr_vk_range *range, unsigned nrange, char *detail);

/* A dense operand of like's shape in memory of its own, until tr__vk_scratch_free. */
int tr__vk_scratch(struct tr_device *dev, enum tr_dtype dtype, const struct tr_operand *like, struct tr_operand *out,
		   char *detail);
void tr__vk_scratch_free(struct tr_device *dev);

/* Bytes of such memory, size > 0. */
int tr__vk_scratch_memory(struct tr_device *dev, size_t size, struct tr_mem *out, char *detail);

/*
 * Replaces a factor of a product by a copy whose lines begin at multiples of 16 bytes. tile, k: its axes, the last two; k
 * becomes a multiple of `slice` elements, the new ones `value`. Lines lie along k, or if along_k is false as they are; lines
 * along the tile are as long as whole 16 bytes, and what comes after the tile's end is anything.
 */
int tr__vk_padded(struct tr_device *dev, struct tr_operand *o, int tile, int k, int64_t slice, double value, bool along_k,
		  char *detail);

/* Records dst = src with its type converted; replaces an operand of another type by a converted copy. */
int tr__vk_convert(struct tr_device *dev, const struct tr_operand *dst, const struct tr_operand *src, char *detail);
int tr__vk_converted(struct tr_device *dev, enum tr_dtype dtype, struct tr_operand *o, char *detail);

/* Copies that are transpositions, of one type or types of one size: whether they can be made by squares, and that. */
bool tr__vk_can_transpose(const struct tr_vk_gpu *gpu, const struct tr_operand *y, const struct tr_operand *x);
int tr__vk_transpose(struct tr_device *dev, const struct tr_operand *y, const struct tr_operand *x, char *detail);

/* Whether an operand's elements lie one after the other, in C order. */
static inline bool tr__vk_is_dense(const struct tr_operand *o)
{
	int64_t n = 1;

	for (int i = o->ndim - 1; i >= 0; i--) {
		if (o->shape[i] != 1 && o->stride[i] != n)
			return false;
		n *= o->shape[i];
	}
	return true;
}

/* For tests, before the first kernel: every access of a program goes through an access chain, if an empty one, which is what
 * the validation layer's instrumentation finds accesses by. */
extern bool tr__vk_chained;

/* The shader library, SPIR-V of all functions a kernel can be linked from; its size in bytes. */
extern const uint32_t tr__vk_ops[];
extern const size_t tr__vk_ops_size;

extern const struct tr_driver tr__vulkan_driver;

#endif
