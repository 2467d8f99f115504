/* SPDX-License-Identifier: MIT */
/* What an element's bits say of its type, as sorting by keys asks. */
#ifndef TR_REF_FORMAT_H
#define TR_REF_FORMAT_H

#include <trueno/types.h>

struct tr_format {
	uint64_t sign;     /* the sign bit, 0 of a type without one */
	uint64_t infinity; /* the bits of +Inf, 0 of an integer */
};

/* By enum tr_dtype; of complex types nothing. */
extern const struct tr_format tr__formats[];

#endif
