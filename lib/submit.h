/* SPDX-License-Identifier: MIT */
/* The one way in: what tr_add(), a ring entry and a plan all go through. */
#ifndef TR_LIB_SUBMIT_H
#define TR_LIB_SUBMIT_H

#include "lib/context.h"

/* Checks and runs or queues one entry. The result, or the destination it named; NULL after tr__fail. */
struct tr_tensor *tr__submit(struct tr_context *ctx, const struct tr_sqe *sqe);

#endif
