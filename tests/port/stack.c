/* SPDX-License-Identifier: MIT */
/* What the compiler's own division of 128-bit integers refers to, as Debian builds it for WASI: a stack protector. */
#include <stdint.h>
#include <stdlib.h>

extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

uintptr_t __stack_chk_guard = 0x5afec0de;

void __stack_chk_fail(void)
{
	abort();
}
