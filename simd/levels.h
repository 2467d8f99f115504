/* SPDX-License-Identifier: MIT */
/*
 * The parts a level is compiled in. simd/levels/<part>.c is compiled once per level, with the level's flags and
 * LEVEL defined (Makefile), and defines one function, which enters the part's kernels into a table. Everything else in
 * it is static, because the flags allow instructions that no other file may use.
 */
#ifndef TR_SIMD_LEVELS_H
#define TR_SIMD_LEVELS_H

#include "lib/ref/elem.h"
#include "lib/ref/kernels.h"

#define TR__EACH_PART(X, level) \
	X(level, map_narrow) X(level, map_wide) X(level, map_f32) X(level, map_f64) X(level, map_half) \
	X(level, cast) X(level, fold) X(level, rows) X(level, gemm)

/* The head of a part's function. */
#define TR__PART_NAME(level, part) TR__PASTE4(tr__, level, _, part)
#define TR__PART(part) \
	void TR__PART_NAME(LEVEL, part)(struct tr_kernels *k); \
	void TR__PART_NAME(LEVEL, part)(struct tr_kernels *k)

/* What a level brings: its vector vocabulary, its conversions and its matrix kernels. */
#define TR__VEC_HEADER TR__STRING(simd/vec/LEVEL.h)
#define TR__CAST_HEADER TR__STRING(simd/kernels/TR__PASTE2(cast_, LEVEL).h)
#define TR__GEMM_HEADER TR__STRING(simd/kernels/TR__PASTE2(gemm_, LEVEL).h)
#define TR__STRING(x) TR__STRING_(x)
#define TR__STRING_(x) #x

#endif
