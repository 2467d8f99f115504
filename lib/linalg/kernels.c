/* SPDX-License-Identifier: MIT */
/* The kernels of lib/linalg/linalg.h for each of LAPACK's four types. */
#include <math.h>
#include <string.h>

#include "lib/linalg/linalg.h"

#define ELEM float
#define REAL float
#define NAME(name) name##_f32
#define LAPACK(name, unitary) s##name
#define IS_COMPLEX 0
#include "lib/linalg/kernels_of.h"

#define ELEM double
#define REAL double
#define NAME(name) name##_f64
#define LAPACK(name, unitary) d##name
#define IS_COMPLEX 0
#include "lib/linalg/kernels_of.h"

#define ELEM float _Complex
#define REAL float
#define NAME(name) name##_c64
#define LAPACK(name, unitary) c##unitary
#define IS_COMPLEX 1
#include "lib/linalg/kernels_of.h"

#define ELEM double _Complex
#define REAL double
#define NAME(name) name##_c128
#define LAPACK(name, unitary) z##unitary
#define IS_COMPLEX 1
#include "lib/linalg/kernels_of.h"

const struct tr_linalg_kernels *tr__linalg_kernels(enum tr_dtype dtype)
{
	switch (dtype) {
	case TR_F32:
		return &kernels_f32;
	case TR_C64:
		return &kernels_c64;
	case TR_C128:
		return &kernels_c128;
	default:
		return &kernels_f64;
	}
}
