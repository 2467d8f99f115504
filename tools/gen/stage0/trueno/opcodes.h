/* SPDX-License-Identifier: MIT */
/*
 * Stands in for the generated <trueno/opcodes.h> while opgen, which prints it, is compiled. Has the enum and no
 * prototypes; nothing but opgen may find this folder.
 */
#ifndef TRUENO_OPCODES_H
#define TRUENO_OPCODES_H

enum tr_op {
#define OP(name, ...) TR_OP_##name,
#include "lib/ops.def"
#undef OP
	TR_OP_COUNT
};

#endif
