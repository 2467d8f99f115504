/* SPDX-License-Identifier: MIT */
/* What lib/random.c and lib/random_order.c share. */
#ifndef TR_LIB_RANDOM_H
#define TR_LIB_RANDOM_H

#include <trueno/random.h>

/* The i-th number from g's position on of tr_random_integers, from 0 with that count. */
uint64_t tr__generator_below(const struct tr_generator *g, uint64_t i, uint64_t count);

#endif
