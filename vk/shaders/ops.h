/* SPDX-License-Identifier: MIT */
/*
 * All operations and conversions for a GPU: the specification's own expressions, in GLSL's vocabulary, and kernels. The
 * build turns this into one SPIR-V module (vk/gen/glsl.c, then the shader compiler), a library of functions from which
 * vk/link.c takes what a kernel calls.
 */
#include "vk/shaders/words.h"
#include "vk/shaders/scalar.h"
#include "vk/shaders/fma.h"
#include "vk/shaders/cast.h"
#include "lib/ref/expr/all.h"
#include "vk/shaders/kernels.h"
