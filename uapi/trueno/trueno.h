/* SPDX-License-Identifier: MIT */
/* Everything the library offers. Each header also stands alone. */
#ifndef TRUENO_TRUENO_H
#define TRUENO_TRUENO_H

#include <trueno/activation.h>
#include <trueno/complex.h>
#include <trueno/context.h>
#include <trueno/conv.h>
#include <trueno/create.h>
#include <trueno/encoder.h>
#include <trueno/fft.h>
#include <trueno/index.h>
#include <trueno/linalg.h>
#include <trueno/manip.h>
#include <trueno/npy.h>
#include <trueno/numeric.h>
#include <trueno/ops.h>
#include <trueno/plan.h>
#include <trueno/product.h>
#include <trueno/random.h>
#include <trueno/ring.h>
#include <trueno/safetensors.h>
#include <trueno/sets.h>
#include <trueno/tensor.h>
#include <trueno/tokenizer.h>
#include <trueno/trace.h>
#include <trueno/types.h>
#include <trueno/view.h>

#endif
