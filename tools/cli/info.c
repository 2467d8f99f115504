/* SPDX-License-Identifier: MIT */
/* `trueno info`: what the library runs on here, and with what. */
#include "tools/cli/cli.h"

#include <getopt.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <liburing.h>
#include <nettle/version.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zip.h>

#include <trueno/context.h>

/* Operations of io_uring that the library makes use of where the kernel has them. */
static const struct { int op; const char *name; } uring_ops[] = {
	{IORING_OP_READ, "read"},	    {IORING_OP_READ_FIXED, "read_fixed"}, {IORING_OP_WRITE, "write"},
	{IORING_OP_POLL_ADD, "poll_add"}, {IORING_OP_MSG_RING, "msg_ring"},	  {IORING_OP_OPENAT, "openat"},
	{IORING_OP_STATX, "statx"},
};

static void print_uring(void)
{
	static const struct { unsigned flag; const char *name; } setups[] = {
		{IORING_SETUP_COOP_TASKRUN, "coop_taskrun"},
		{IORING_SETUP_SINGLE_ISSUER, "single_issuer"},
		{IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, "defer_taskrun"},
	};
	struct io_uring_probe *probe = io_uring_get_probe();

	printf("%-11s", "io_uring");
	if (!probe) {
		puts("not available (kernel or sandbox)");
		return;
	}
	for (size_t i = 0; i < sizeof(uring_ops) / sizeof(*uring_ops); i++)
		if (io_uring_opcode_supported(probe, uring_ops[i].op))
			printf("%s ", uring_ops[i].name);
	io_uring_free_probe(probe);
	for (size_t i = 0; i < sizeof(setups) / sizeof(*setups); i++) {
		struct io_uring ring;

		if (io_uring_queue_init(2, &ring, setups[i].flag))
			continue;
		printf("%s ", setups[i].name);
		io_uring_queue_exit(&ring);
	}
	putchar('\n');
}

static void print_memory(void)
{
	double page = (double)sysconf(_SC_PAGESIZE);

	printf("%-11s%.1f GiB, %.1f free; pages of %.0f bytes\n", "memory",
	       page * (double)sysconf(_SC_PHYS_PAGES) / (1 << 30), page * (double)sysconf(_SC_AVPHYS_PAGES) / (1 << 30),
	       page);
}

static void print_versions(void)
{
	struct utsname os;

	if (!uname(&os))
		printf("%-11s%s %s %s\n", "system", os.sysname, os.release, os.machine);
	printf("%-11sglibc %s, jansson %s, libzip %s, nettle %d.%d\n", "libraries",
	       gnu_get_libc_version(), jansson_version_str(), zip_libzip_version(), nettle_version_major(),
	       nettle_version_minor());
}

static int print_device(void)
{
	struct tr_device_info info;
	struct tr_context *ctx;
	char why[256] = "";
	int err = tr_context_create(&ctx, NULL, why, sizeof(why));

	if (err)
		return fail(code_of(err), "%s", why);
	tr_device_info(ctx, &info);
	printf("%-11s%s: %s\n", "device", info.driver, info.name);
	printf("%-11s%s\n", "kernels", info.level);
	printf("%-11s%u of %ld processors\n", "threads", info.threads, sysconf(_SC_NPROCESSORS_ONLN));
	tr_context_destroy(ctx);
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
	int c = getopt_long(argc, argv, "h", longs, NULL), code;

	if (c == 'h') {
		print_help(&info_command, stdout);
		return EXIT_FINE;
	}
	if (c != -1)
		return bad_option(&info_command);
	if (optind < argc)
		return fail(EXIT_INPUT, "info takes no argument, not \"%s\"", argv[optind]);
	printf("%-11s%s\n", "trueno", tr_version());
	code = print_device();
	print_memory();
	print_uring();
	print_versions();
	print_devices();
	return code;
}

const struct command info_command = {
	.name = "info",
	.run = run,
	.usage = "",
	.summary = "the device, its kernels and threads, memory, io_uring, versions, GPUs",
};
