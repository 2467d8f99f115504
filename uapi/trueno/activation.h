/* SPDX-License-Identifier: MIT */
/*
 * Activations that look at the axes of their operand: PyTorch's prelu and glu, made of views and operations. All others
 * are elementwise and stand in ops.h.
 *
 * Both return NULL on failure, pass a NULL operand through, and belong to the current scope.
 */
#ifndef TRUENO_ACTIVATION_H
#define TRUENO_ACTIVATION_H

#include <trueno/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* y[n, c, …] = a[n, c, …] where that is > 0, else a[n, c, …] · weight[c]; weight has the shape [C], or [1] for all
 * channels. A vector has one channel. NULL + TR_ESHAPE | TR_EDTYPE | TR_ENOMEM. */
TR_API struct tr_tensor *tr_prelu_channels(struct tr_tensor *a, struct tr_tensor *weight);

/* y = x · sigmoid(z), x and z the first and second half of a along the axis, which may be negative, counted from the
 * back. NULL + TR_EINVAL: no such axis; TR_ESHAPE: of odd size; TR_EDTYPE | TR_ENOMEM. */
TR_API struct tr_tensor *tr_glu(struct tr_tensor *a, int axis);

#ifdef __cplusplus
}
#endif
#endif
