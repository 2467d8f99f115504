/* SPDX-License-Identifier: MIT */
/*
 * A plugin of QEMU's user-mode emulators: the instructions a program of one thread has executed so far, a line in FILE
 * each time it writes to its standard output. bench/levels reads them.
 *
 *	qemu-aarch64 -plugin insns.so,out=FILE PROGRAM
 *
 * Declares what it calls itself, because Debian has no package of QEMU's header (docs/devel/tcg-plugins, version 1 of the
 * interface). Of a block of instructions all count, though a signal may leave some out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WRITE_CALL 64 /* of aarch64 Linux, and all who share its numbers */
#define ADD_U64 0     /* enum qemu_plugin_op */
#define VERSION 1

struct block; /* struct qemu_plugin_tb */
typedef uint64_t plugin_id;

extern size_t qemu_plugin_tb_n_insns(const struct block *b);
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id id, struct block *b));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct block *b, int op, void *counter, uint64_t add);
extern void qemu_plugin_register_vcpu_syscall_cb(plugin_id id, void (*called)(plugin_id id, unsigned cpu, int64_t number,
									      uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
									      uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8));

extern int qemu_plugin_version;
int qemu_plugin_version = VERSION;
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

static uint64_t executed;
static FILE *out;

static void translated(plugin_id id, struct block *b)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(b, ADD_U64, &executed, qemu_plugin_tb_n_insns(b));
}

static void called(plugin_id id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
		   uint64_t a6, uint64_t a7, uint64_t a8)
{
	(void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
	if (number != WRITE_CALL || a1 != 1)
		return;
	fprintf(out, "%" PRIu64 "\n", executed);
	fflush(out);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) != 0)
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_vcpu_syscall_cb(id, called);
	return 0;
}
