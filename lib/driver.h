/* SPDX-License-Identifier: MIT */
/*
 * The driver contract: what crosses between the core and a device driver, and nothing else does.
 *
 * The core turns every operation into a struct tr_cmd: resolved addresses, element types, shapes, strides. Shapes
 * are checked, types promoted, broadcasting is stride 0, axes of elementwise commands are merged, runs of them
 * are fused into a program. A driver never sees a tensor, never checks a shape, and cannot fail except for what
 * only it can find out: memory, indices out of range, a lost device.
 */
#ifndef TR_LIB_DRIVER_H
#define TR_LIB_DRIVER_H

#include <trueno/context.h>
#include <trueno/conv.h>
#include <trueno/ring.h>

/* One operand. Strides in elements; 0 repeats. addr is the address of element [0,…,0] on the device. */
struct tr_operand {
	void *addr;
	uint8_t dtype;
	uint8_t ndim;
	struct tr_storage *frozen; /* whose memory never changes again, and of which the driver may keep things (tr__kept); NULL:
				    * it may change */
	int64_t shape[TR_MAX_RANK];
	int64_t stride[TR_MAX_RANK];
};

/*
 * A fused elementwise program. Registers are tiles of the iteration space: registers 0..nload-1 are the loaded
 * operands, in their own type, and are never written; each instruction writes one register >= nload, which may
 * be one it reads; at the end of a tile register store[i] is written to stored operand i, whose type it has.
 * Every load of a tile comes before every store of it. Conversions are instructions of their own (TR_OP_astype,
 * dtype -> to); for all others `to` follows from the operation's row: TR_BOOL or dtype.
 *
 * Operations of a family with numbers (tr__family_numbers) take them from number[], from the instruction's `number` on:
 * they are the same for all elements, and are converted to the instruction's dtype, rounded once.
 */
#define TR_PROGRAM_INSTRS 48
#define TR_PROGRAM_REGS 24
#define TR_PROGRAM_OPERANDS 16
#define TR_PROGRAM_NUMBERS 16

struct tr_instr {
	uint16_t op;     /* enum tr_op, an elementwise one; TR_OP_astype converts dtype → to */
	uint8_t dtype;   /* type it is evaluated in */
	uint8_t to;      /* type of the result */
	uint8_t dst;     /* register */
	uint8_t src[3];  /* registers */
	uint16_t number; /* the first of its numbers */
};

struct tr_program {
	uint8_t nload, nstore, ninstr, nreg;
	uint8_t to; /* type of what a reduction takes from it */
	uint8_t store[TR_PROGRAM_OPERANDS]; /* register of each stored operand */
	struct tr_instr instr[TR_PROGRAM_INSTRS];
	double number[TR_PROGRAM_NUMBERS];
};

/*
 * One command. Operand 0 is the destination, the sources follow. For elementwise families all operands have the
 * same shape, the iteration space, with axes merged; dst is dense in it or as the user's destination is.
 * With prog set, the operands are its nload loads, then its nstore stores, and op is TR_OP_COUNT. Drivers that fuse
 * reductions also get commands of the REDUCE and VECTOR_NORM families with a program: it has one store, and that
 * register, whose type is prog->to, stands for operand 1; the loads follow operand 0, each in the form operand 1 would
 * have.
 *
 * dtype is the type to evaluate in. Operands of another type are converted on the way in, and the result on the
 * way out.
 *
 * No operand is without elements, save those of TAKE, EMBEDDING, PUT and RAVEL, whose indices are to be checked all the
 * same, and the vector that SEARCH looks in.
 *
 * What attr holds is fixed per family:
 *   REDUCE, ARGREDUCE  operand 1 is [kept…, reduced…, kept inner…] with u32[1] kept axes in front and u32[2]
 *                      reduced ones; f64[2] = N - ddof of var and std. Operand 0 has the kept axes, in order
 *   VECTOR_NORM        the same; f64[3] = p
 *   MEDIAN, QUANTILE   the same; f64[3] = q, u32[3] = the method's flag
 *   VECDOT             nothing: operands 1 and 2 are [batch…, K], with operand 0's axes for the batch
 *   SCAN, SORT, SOFTMAX  i64[0]: the axis, counted from the front
 *   SEARCH             u32[0]: TR_SEARCH_RIGHT or 0
 *   NORM, ATTENTION    f64[0]: eps, scale
 *   TAKE               i64[0]: the axis
 *   CONV, CONV_TRANSPOSE  struct tr_conv_params, 0 replaced by what it stands for. Operands 0 and 1 are [N,C,D,H,W],
 *                      2 is the weight as given with three spatial axes, missing ones of size 1 in front; so are
 *                      the parameters' arrays
 *   MAX_POOL, AVG_POOL, ADAPTIVE_POOL  struct tr_pool_params in the same way
 *   INTERPOLATE        struct tr_interpolate_params in the same way: size is the result's, scale 0 where it follows
 *                      from the sizes
 *   EMBEDDING          as TAKE with axis 0: operand 1 is the weight, 2 the indices, none below 0
 *   PUT                as TAKE with operands 0 and 1 changing places: 0 is written where 2 says, and 1 has 2's axes
 *                      instead; rows of equal indices one after the other
 *   RAVEL              i64[0]: n, i64[1]: s, i64[2]: m, i64[3]: the axis, for the message
 *   NONZERO, COMPRESS  operand 0 has one axis, as long as elements are found, or the command fails: -TR_ESTATE.
 *                      Operands 1 and 2 of COMPRESS have one shape
 *   RANGE              start and next: f64[0] and f64[1], of integers i64[0] and i64[1]
 *   RANDOM, RANDOM_TRY p and q: f64[0] and f64[1], of integers i64[0] and i64[1]; i64[2]: the key, i64[3]: the position of
 *                      element 0, i64[4]: the stream (docs/numerics.md)
 *   FILL               f64[0], whatever the destination's type
 *   UNARY1, UNARY2, DECIMALS  f64[0], f64[1]: the numbers
 * A bias or mask that was left out is not counted in noperand; NORM always has four operands, and those left out
 * have addr NULL.
 */
#define TR_CMD_OPERANDS 5

struct tr_cmd {
	uint16_t op;
	uint8_t family;
	uint8_t dtype;
	uint8_t noperand;
	const struct tr_program *prog;
	struct tr_operand *operand;
	union tr_attr attr;
};

/*
 * What a driver keeps of a frozen operand's storage: memory (mem_alloc's) for `bytes` under a key, whose meaning, like the
 * memory's, is the driver's alone. The key must hold all that the content depends on: kind of form, address, strides,
 * shape, types, the kernel that reads it. A context has one device, so that is no part of it.
 *
 * NULL: do without. So it is at the first use of a key, because what is used once is not worth keeping, and when memory is
 * short. *fresh: the caller fills it now, which cannot fail. It stays where it is until the command is done, but may be gone
 * at the next. To be called by the thread that runs the command.
 */
void *tr__kept(struct tr_storage *frozen, const void *key, size_t key_size, size_t bytes, bool *fresh);

/* Memory of a device. host is where the CPU sees it, or NULL. */
struct tr_mem {
	void *addr;
	void *host;
	size_t size;
	void *priv; /* the driver's */
};

struct tr_device; /* the driver's own */
struct tr_recording; /* the same */
struct tr_trace;

struct tr_driver {
	const char *name; /* "cpu", "vulkan": what TRUENO_DEVICE says before a colon */
	bool fuses_reductions;
	bool collects; /* a submission costs more than most commands: calls outside a batch wait for each other too */

	/* Opens a device, number index of the driver's own list; errbuf gets a line on failure. The allocator
	 * outlives the device. */
	int (*open)(struct tr_device **dev, unsigned index, const struct tr_context_params *params,
		    const struct tr_allocator *alloc, char *errbuf, size_t errlen);
	void (*close)(struct tr_device *dev);
	void (*info)(const struct tr_device *dev, struct tr_device_info *info);

	/* From now on the device notes what it does (lib/trace.h), until it is closed. 0 or -TR_ENOMEM. */
	int (*trace)(struct tr_device *dev, struct tr_trace *trace);

	/* tr_device_facts of number index. */
	int (*facts)(unsigned index, void (*say)(void *user, const char *name, const char *text), void *user,
		     char *errbuf, size_t errlen);

	/* size > 0; mem->addr aligned to 64 or better. */
	int (*mem_alloc)(struct tr_device *dev, size_t size, struct tr_mem *mem);
	void (*mem_free)(struct tr_device *dev, struct tr_mem *mem);

	/* Copies size bytes of what mem_alloc gave, from `offset` on, to dst, or src there, while nothing runs. NULL: mem.host is as
	 * good. 0, or a status with detail as run's. */
	int (*read)(struct tr_device *dev, const struct tr_mem *mem, size_t offset, void *dst, size_t size, char *detail);
	int (*write)(struct tr_device *dev, const struct tr_mem *mem, size_t offset, const void *src, size_t size, char *detail);

	/* What read will be asked for when the commands given next have run, so that it can be copied with them. It is to be
	 * called with NULL before the CPU writes through mem.host. NULL: nothing is gained by it. */
	void (*expect)(struct tr_device *dev, const struct tr_mem *mem, size_t offset, size_t size);

	/* Has reads into memory of the program's and writes from it go faster, until unpin, which is called for every pin. NULL:
	 * nothing is gained by it. 0, -TR_ENOMEM, -TR_EINVAL if it is memory that cannot be pinned, or -TR_EDEVICE. */
	int (*pin)(struct tr_device *dev, void *data, size_t size);
	void (*unpin)(struct tr_device *dev, void *data);

	/*
	 * Runs n commands as if one after the other; returns once the results are in memory. On failure *failed
	 * is the index of the command and the result its status; commands before it have run. detail (at least
	 * 128 bytes) gets one line without the operation's name.
	 */
	int (*run)(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, size_t *failed, char *detail);

	/*
	 * Commands that will run again and again: whatever can be done once is done by record, and replay does the rest. All
	 * four are NULL in a driver that gains nothing by it. n > 0; the commands and all they point to stay where they are
	 * until forget, and nothing but the addresses of their operands, and which are frozen, changes.
	 *
	 * record: as run, but nothing runs; 0 with *out NULL if these commands are to be run one by one after all.
	 * replay: as run, but commands after a failed one may have run; allocates nothing.
	 * rebind: takes the addresses that the operands have now. False if what was recorded does not fit them: it is then
	 * to be forgotten, and the commands recorded anew.
	 * forget: NULL allowed.
	 */
	int (*record)(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, struct tr_recording **out, size_t *failed,
		      char *detail);
	int (*replay)(struct tr_device *dev, struct tr_recording *r, size_t *failed, char *detail);
	bool (*rebind)(struct tr_device *dev, struct tr_recording *r);
	void (*forget)(struct tr_device *dev, struct tr_recording *r);
};

/* The drivers built into this library, in the order "auto" tries them; NULL-terminated. */
extern const struct tr_driver *const tr__drivers[];

#endif
