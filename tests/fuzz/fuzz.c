/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's way in. FUZZ_TARGET is the name of one of targets.h; with FUZZ_SEEDS instead, a program that writes the seeds into
 * a folder for each target under the one that it is given.
 */
#include "tests/fuzz/seeds.h"

#ifdef FUZZ_SEEDS
static void write_seed(void *arg, const char *target, int number, const void *data, size_t size)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", (const char *)arg, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/seed-%03d", (const char *)arg, target, number);
	f = fopen(path, "wb");
	FUZZ_REQUIRE(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

int main(int argc, char **argv)
{
	FUZZ_REQUIRE(argc == 2);
	fuzz_each_seed(write_seed, argv[1]);
	rmdir(fuzz_folder());
	return 0;
}
#else
#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PASTE(fuzz_, FUZZ_TARGET)(data, size);
	return 0;
}
#endif
