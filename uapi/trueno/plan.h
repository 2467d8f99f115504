/* SPDX-License-Identifier: MIT */
/*
 * Plans: a batch recorded once and replayed with one call.
 *
 *	tr_plan_begin(ctx);
 *	y = tr_softmax(tr_linear(x, w, b), -1);     // nothing runs yet
 *	plan = tr_plan_end(ctx);
 *	for (;;) { tr_write(x, …); tr_plan_run(plan); tr_read(y, …); }
 *
 * Shapes, fusion and memory are settled at tr_plan_end; a replay allocates nothing. Temporaries that are gone
 * by then (freed, or of an ended scope) share memory by liveness, inside the plan.
 */
#ifndef TRUENO_PLAN_H
#define TRUENO_PLAN_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr_plan;

/* Starts recording: operations are checked and give tensors as always, but nothing is run, and looking at a
 * result fails with TR_ESTATE. What was pending before is flushed. Plans do not nest: TR_ESTATE. */
TR_API int tr_plan_begin(struct tr_context *ctx);

/* Ends recording. The plan's inputs are the tensors that existed before tr_plan_begin, its results those made
 * since and still alive; the plan keeps the storage of both. NULL if any operation failed in between (the
 * context keeps the reason) or memory is short; the recorded tensors then stay without data. */
TR_API struct tr_plan *tr_plan_end(struct tr_context *ctx);

/* Runs the recorded commands on what the inputs hold now. 0 or the first failing command's status; what commands after it
 * write is then undefined. -TR_EREADONLY, and nothing runs, if what it writes was frozen since. The first run prepares what the
 * device can keep, and may fail with -TR_ENOMEM; on a GPU the ones after it are one submission each. */
TR_API int tr_plan_run(struct tr_plan *plan);

/* Puts another tensor's memory in an input's or result's place, from the next run on. Both must have the same type, shape and
 * strides. -TR_EINVAL if the plan does not use `from`, -TR_EREADONLY if it writes to it and `to` is read-only. The plan keeps
 * to's storage instead. A GPU's commands are recorded anew only if `to` overlaps memory of the plan that `from` did not, or does
 * not lie a multiple of 256 bytes from it, as views may. */
TR_API int tr_plan_bind(struct tr_plan *plan, const struct tr_tensor *from, struct tr_tensor *to);

struct tr_plan_info {
	uint32_t recorded;     /* operations */
	uint32_t commands;     /* what a replay gives the driver, after fusion */
	uint64_t temp_bytes;   /* memory of its temporaries */
};
TR_API void tr_plan_info(const struct tr_plan *plan, struct tr_plan_info *info);

/* Drops the plan; tensors stay. NULL allowed. Must come before the context is destroyed. */
TR_API void tr_plan_destroy(struct tr_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
