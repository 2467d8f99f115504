/* SPDX-License-Identifier: MIT */
/* The op table, expanded from ops.def. */
#include <string.h>

#include "lib/op.h"

#define EXACT 0
#define DRAWN 0
#define ULP(n) (n)
#define OP(name, family, dtypes, result, tolerance, domain, doc) \
	[TR_OP_##name] = {#name, doc, TR__SET_##dtypes, TR_FAMILY_##family, TR_RESULT_##result, tolerance, \
			  TR_DOMAIN_##domain},

const struct tr_op_info tr__ops[TR_OP_COUNT] = {
#include "lib/ops.def"
};

const char *tr_op_name(enum tr_op op)
{
	return (unsigned)op < TR_OP_COUNT ? tr__ops[op].name : "invalid";
}

enum tr_op tr_op_by_name(const char *name)
{
	int op = 0;

	while (op < TR_OP_COUNT && strcmp(tr__ops[op].name, name) != 0)
		op++;
	return (enum tr_op)op;
}
