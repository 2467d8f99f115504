/* SPDX-License-Identifier: MIT */
/*
 * Which levels there are, and whether this machine can run them. A level is usable if the processor has every
 * extension that its compiler flags enable (Makefile, LEVEL_FLAGS_*) and the operating system saves the registers.
 * Sources: Intel SDM vol. 2 CPUID, vol. 1 13.3; the x86-64 psABI's micro-architecture levels.
 */
#include "simd/cpu.h"
#include "simd/levels.h"
#include "simd/units/units.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

struct features {
	uint32_t leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_edx, leaf71_eax, ext_ecx;
	uint64_t xcr0; /* register states the system saves */
};

/* leaf 1 ECX */
#define SSE3 (1u << 0)
#define SSSE3 (1u << 9)
#define FMA (1u << 12)
#define CX16 (1u << 13)
#define SSE41 (1u << 19)
#define SSE42 (1u << 20)
#define MOVBE (1u << 22)
#define POPCNT (1u << 23)
#define XSAVE (1u << 26)
#define OSXSAVE (1u << 27)
#define AVX (1u << 28)
#define F16C (1u << 29)
/* leaf 7.0 EBX */
#define BMI1 (1u << 3)
#define AVX2 (1u << 5)
#define BMI2 (1u << 8)
#define AVX512F (1u << 16)
#define AVX512DQ (1u << 17)
#define AVX512CD (1u << 28)
#define AVX512BW (1u << 30)
#define AVX512VL (1u << 31)
/* leaf 7.0 ECX, EDX, leaf 7.1 EAX */
#define AVX512_VNNI (1u << 11)
#define AMX_BF16 (1u << 22)
#define AMX_TILE (1u << 24)
#define AMX_INT8 (1u << 25)
#define AVX512_BF16 (1u << 5)
/* leaf 0x80000001 ECX */
#define LAHF (1u << 0)
#define LZCNT (1u << 5)
/* XCR0: SSE and AVX; mask registers, upper halves of ZMM0-15, ZMM16-31 */
#define STATE_YMM 0x06u
#define STATE_ZMM 0xe6u
/* TILECFG, TILEDATA */
#define STATE_TILES 0x60000u

static bool has(const struct features *f, uint32_t leaf1, uint32_t leaf7, uint32_t ext, uint64_t state)
{
	return (f->leaf1_ecx & leaf1) == leaf1 && (f->leaf7_ebx & leaf7) == leaf7 && (f->ext_ecx & ext) == ext &&
	       (f->xcr0 & state) == state;
}

static struct features features(void)
{
	struct features f = {0};
	uint32_t a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d))
		f.leaf1_ecx = c;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		f.leaf7_ebx = b;
		f.leaf7_ecx = c;
		f.leaf7_edx = d;
	}
	if (__get_cpuid_count(7, 1, &a, &b, &c, &d))
		f.leaf71_eax = a;
	if (__get_cpuid(0x80000001u, &a, &b, &c, &d))
		f.ext_ecx = c;
	if (f.leaf1_ecx & OSXSAVE) {
		__asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
		f.xcr0 = (uint64_t)d << 32 | a;
	}
	return f;
}

#define AVX2_LEAF1 (SSE3 | SSSE3 | SSE41 | SSE42 | POPCNT | XSAVE | OSXSAVE | AVX | FMA | F16C)

static bool avx2_usable(void)
{
	struct features f = features();

	return has(&f, AVX2_LEAF1, AVX2 | BMI2, 0, STATE_YMM);
}

static bool avx512_usable(void)
{
	struct features f = features();

	return has(&f, AVX2_LEAF1 | CX16 | MOVBE,
		   AVX2 | BMI1 | BMI2 | AVX512F | AVX512DQ | AVX512CD | AVX512BW | AVX512VL, LAHF | LZCNT, STATE_ZMM);
}

static bool avx512vnni_usable(void)
{
	return avx512_usable() && features().leaf7_ecx & AVX512_VNNI;
}

static bool has_avx512_bf16(void)
{
	return features().leaf71_eax & AVX512_BF16;
}

/* Linux lends the 8 KiB of tile registers to a process that asks (Documentation/arch/x86/xstate.rst). */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

static bool amx_usable(void)
{
	const uint32_t wanted = AMX_TILE | AMX_INT8 | AMX_BF16;
	struct features f = features();
	uint32_t a, b, c, d;

	if (!avx512vnni_usable() || !has_avx512_bf16() || (f.leaf7_edx & wanted) != wanted || (f.xcr0 & STATE_TILES) != STATE_TILES)
		return false;
	/* Palette 1: 8 registers of 16 rows of 64 bytes. */
	if (!__get_cpuid_count(0x1d, 1, &a, &b, &c, &d) || b >> 16 < 8 || (b & 0xffff) < 64 || (c & 0xffff) < 16)
		return false;
	return !syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA);
}
#endif

#if defined(__aarch64__)
#include <sys/auxv.h>

static bool neon_usable(void)
{
	return getauxval(AT_HWCAP) & HWCAP_ASIMD;
}
#endif

static bool always(void)
{
	return true;
}

#define DECLARE(level, part) void TR__PART_NAME(level, part)(struct tr_kernels *k);
#define CALL(level, part) TR__PART_NAME(level, part)(k);
#define LEVEL(level) \
	TR__EACH_PART(DECLARE, level) \
	static void fill_##level(struct tr_kernels *k) { TR__EACH_PART(CALL, level) }

#if defined(__x86_64__)
LEVEL(avx512)
LEVEL(avx2)
LEVEL(sse2)

static void fill_avx512vnni(struct tr_kernels *k)
{
	fill_avx512(k);
	tr__unit_avx512_vnni(k);
	if (has_avx512_bf16())
		tr__unit_avx512_bf16(k);
}

static void fill_amx(struct tr_kernels *k)
{
	fill_avx512vnni(k);
	tr__unit_amx(k);
}
#endif

#if defined(__aarch64__)
LEVEL(neon)
#endif

#if defined(__wasm__)
LEVEL(wasm128)
#endif

static void fill_nothing(struct tr_kernels *k)
{
	(void)k;
}

const struct tr_level tr__levels[] = {
#if defined(__x86_64__)
	{"amx", fill_amx, amx_usable},
	{"avx512vnni", fill_avx512vnni, avx512vnni_usable},
	{"avx512", fill_avx512, avx512_usable},
	{"avx2", fill_avx2, avx2_usable},
	{"sse2", fill_sse2, always}, /* x86-64 is not without it */
#endif
#if defined(__aarch64__)
	{"neon", fill_neon, neon_usable},
#endif
#if defined(__wasm__)
	{"wasm128", fill_wasm128, always}, /* an engine without it would have refused the module */
#endif
	{"scalar", fill_nothing, always},
	{0},
};

void tr__level_kernels(const struct tr_level *level, struct tr_kernels *k)
{
	*k = tr__ref_kernels;
	k->name = level->name;
	level->fill(k);
}
