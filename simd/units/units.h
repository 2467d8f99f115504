/* SPDX-License-Identifier: MIT */
/*
 * Matrix units that some processors of a level have beyond it: simd/units/<unit>.c is compiled with the unit's flags
 * (Makefile) and defines one function, which enters its kernels into a table. simd/levels.c says who has which.
 */
#ifndef TR_SIMD_UNITS_H
#define TR_SIMD_UNITS_H

#include "lib/ref/kernels.h"

void tr__unit_avx512_vnni(struct tr_kernels *k); /* AVX512_VNNI: bytes, exact */
void tr__unit_avx512_bf16(struct tr_kernels *k); /* AVX512_BF16: pairs of bf16, rounded its own way */
void tr__unit_amx(struct tr_kernels *k);         /* AMX_TILE, AMX_INT8, AMX_BF16: both, in tiles */

#endif
