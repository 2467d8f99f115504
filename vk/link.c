/* SPDX-License-Identifier: MIT */
/*
 * The shader library and what is taken from it. The build compiles all operations into one SPIR-V module; a kernel's
 * module keeps the functions it calls, with the types and constants they need, under their own ids. Knows SPIR-V,
 * no operation.
 *
 * On the way every rounding of the library's arithmetic is made to count: no multiply-add may be contracted; where the
 * GPU does not round f32 quotients and square roots correctly the library's own take their place, and where its fma rounds
 * twice so does the library's.
 * Conversions of f16 are the GPU's own where those are right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/spirv.h"

#define HEADER_WORDS 5

static struct {
	pthread_once_t once;
	bool failed;
	uint32_t bound;
	uint32_t *at; /* per id, the word where a global instruction or a function begins; 0: neither */
	uint32_t first_global, first_function, end;
	uint32_t import; /* GLSL.std.450 */
	uint32_t from_f16, to_f16; /* functions that the GPU may have instructions for */
	uint64_t version;
} library = {.once = PTHREAD_ONCE_INIT};

static const uint32_t *const words = tr__vk_ops;

static unsigned op_of(uint32_t at)
{
	return words[at] & 0xffff;
}

static uint32_t next(uint32_t at)
{
	return at + (words[at] >> 16);
}

static bool is_type(unsigned op)
{
	return op >= SPV_OpTypeVoid && op <= SPV_OpTypeFunction;
}

/* Names are mangled: "op_add_f32(f1;f1;". Names that begin alike differ before the parenthesis. 0: there is none. */
static uint32_t find_function(const char *name)
{
	size_t len = strlen(name);

	for (uint32_t at = HEADER_WORDS; at < library.first_global; at = next(at)) {
		const char *s = (const char *)&words[at + 2];

		if (op_of(at) == SPV_OpName && !strncmp(s, name, len) && s[len] == '(')
			return words[at + 1];
	}
	return 0;
}

/* Finds where everything begins. The module's order is fixed: decorations, then globals, then functions. */
static void index_library(void)
{
	uint32_t n = (uint32_t)(tr__vk_ops_size / sizeof(*tr__vk_ops));
	bool inside = false;

	library.bound = words[3];
	library.end = n;
	library.version = tr__vk_hash(words, tr__vk_ops_size);
	library.at = calloc(library.bound, sizeof(*library.at));
	library.failed = !library.at;
	for (uint32_t at = HEADER_WORDS; at < n && !library.failed; at = next(at)) {
		unsigned op = op_of(at);

		if (is_type(op) && !library.first_global)
			library.first_global = at;
		if (op == SPV_OpExtInstImport) {
			library.import = words[at + 1];
		} else if (op == SPV_OpFunction) {
			if (!library.first_function)
				library.first_function = at;
			library.at[words[at + 2]] = at;
			inside = true;
		} else if (library.first_global && !inside && op != SPV_OpTypeForwardPointer) {
			library.at[words[at + (is_type(op) ? 1 : 2)]] = at;
		}
	}
	library.from_f16 = find_function("f32_from_f16");
	library.to_f16 = find_function("f16_from_f32");
}

static bool library_ready(void)
{
	pthread_once(&library.once, index_library);
	return !library.failed;
}

uint64_t tr__spv_version(void)
{
	return library_ready() ? library.version : 0;
}

void tr__spv_put(struct tr_spv_text *t, unsigned op, const uint32_t *operand, size_t n)
{
	if (t->n + n + 1 > t->cap) {
		size_t cap = 2 * t->cap + n + 256;
		uint32_t *grown = t->failed ? NULL : realloc(t->word, cap * sizeof(*grown));

		if (!grown) {
			t->failed = true;
			return;
		}
		t->word = grown;
		t->cap = cap;
	}
	t->word[t->n++] = (uint32_t)(n + 1) << 16 | op;
	if (n)
		memcpy(t->word + t->n, operand, n * sizeof(*operand));
	t->n += n;
}

int tr__spv_init(struct tr_spv *m, const struct tr_vk_gpu *gpu)
{
	memset(m, 0, sizeof(*m));
	if (!library_ready())
		return -TR_ENOMEM;
	m->gpu = gpu;
	m->bound = library.bound;
	m->kept = calloc(library.bound, 1);
	return m->kept ? 0 : -TR_ENOMEM;
}

void tr__spv_finish(struct tr_spv *m)
{
	free(m->kept);
	free(m->decorations.word);
	free(m->globals.word);
	free(m->entry.word);
	free(m->main.word);
}

/* Which operand words of an instruction are literals, as a set of bits counted from the first operand; from `rest` on
 * all are. The compiler uses no other instruction with literals. */
static uint32_t literals(unsigned op, unsigned *rest)
{
	*rest = UINT32_MAX;
	switch (op) {
	case SPV_OpTypeInt:
	case SPV_OpTypeFloat:
		*rest = 1;
		return 0;
	case SPV_OpConstant:
		*rest = 2;
		return 0;
	case SPV_OpTypeVector:
	case SPV_OpFunction:
	case SPV_OpVariable:
	case SPV_OpLoopMerge:
		return 1u << 2;
	case SPV_OpTypePointer:
	case SPV_OpSelectionMerge:
		return 1u << 1;
	case SPV_OpExtInst:
		return 1u << 3;
	case SPV_OpCompositeExtract:
	case SPV_OpLoad:
		*rest = 3;
		return 0;
	case SPV_OpCompositeInsert:
	case SPV_OpVectorShuffle:
		*rest = 4;
		return 0;
	case SPV_OpStore:
		*rest = 2;
		return 0;
	default:
		return 0;
	}
}

static void keep(struct tr_spv *m, uint32_t id);

static bool is_zero(uint32_t id)
{
	uint32_t at = library.at[id];

	if (!at || op_of(at) != SPV_OpConstant)
		return false;
	for (uint32_t i = at + 3; i < next(at); i++)
		if (words[i])
			return false;
	return true;
}

/* The function that stands in for the instruction at `at`, kept, and its arguments; 0 if the GPU does it right. */
static uint32_t stand_in(struct tr_spv *m, uint32_t at, const uint32_t **arg, unsigned *n)
{
	const struct tr_vk_gpu *gpu = m->gpu;
	const uint32_t *w = &words[at + 1];
	unsigned op = op_of(at);
	bool is_f64, is_f32;

	if (op == SPV_OpFunctionCall && gpu->hard_f16 && (w[2] == library.from_f16 || w[2] == library.to_f16)) {
		*arg = &w[3];
		*n = 1;
		return tr__spv_function(m, w[2] == library.to_f16 ? "hard_f16_from_f32" : "hard_f32_from_f16");
	}
	if (op != SPV_OpFMul && op != SPV_OpFDiv && (op != SPV_OpExtInst || (w[3] != SPV_Fma && w[3] != SPV_Sqrt)))
		return 0;
	is_f32 = op_of(library.at[w[0]]) == SPV_OpTypeFloat && words[library.at[w[0]] + 2] == 32;
	is_f64 = !is_f32 && words[library.at[w[0]] + 2] == 64;
	*arg = op == SPV_OpExtInst ? &w[4] : &w[2];
	*n = op == SPV_OpExtInst ? 3 : 2;
	if (op == SPV_OpFDiv)
		return gpu->wide_division && is_f32 ? tr__spv_function(m, "soft_divide_f32") : 0;
	if (op == SPV_OpExtInst && w[3] == SPV_Sqrt) {
		*n = 1;
		return gpu->wide_division && is_f32 ? tr__spv_function(m, "soft_sqrt_f32") : 0;
	}
	if (op == SPV_OpFMul) {
		*n = 1;
		return is_zero(w[3]) ? tr__spv_function(m, is_f64 ? "soft_times_zero_f64" : "soft_times_zero_f32") : 0;
	}
	if (!(is_f64 ? gpu->soft_fma64 : gpu->soft_fma32))
		return 0;
	return tr__spv_function(m, is_f64 ? "soft_fma_f64" : "soft_fma_f32");
}

static void keep_operands(struct tr_spv *m, uint32_t at)
{
	unsigned n = (words[at] >> 16) - 1, rest;
	uint32_t literal = literals(op_of(at), &rest);
	const uint32_t *arg;

	if (stand_in(m, at, &arg, &n)) {
		keep(m, words[at + 1]);
		for (unsigned i = 0; i < n; i++)
			keep(m, arg[i]);
		return;
	}
	n = (words[at] >> 16) - 1;
	for (unsigned i = 0; i < n && i < rest; i++)
		if (i >= 32 || !(literal >> i & 1))
			keep(m, words[at + 1 + i]);
}

/* Ids that are local to a function have no place of their own. */
static void keep(struct tr_spv *m, uint32_t id)
{
	uint32_t at = id < library.bound ? library.at[id] : 0;

	if (!at || m->kept[id])
		return;
	m->kept[id] = 1;
	if (op_of(at) != SPV_OpFunction) {
		keep_operands(m, at);
		return;
	}
	for (; op_of(at) != SPV_OpFunctionEnd; at = next(at))
		keep_operands(m, at);
}

/* The library's type with these operands, kept. */
static uint32_t find_type(struct tr_spv *m, unsigned op, uint32_t a, uint32_t b)
{
	for (uint32_t at = library.first_global; at < library.first_function; at = next(at)) {
		unsigned n = words[at] >> 16;

		if (op_of(at) != op || (n > 2 && words[at + 2] != a) || (n > 3 && words[at + 3] != b))
			continue;
		keep(m, words[at + 1]);
		return words[at + 1];
	}
	m->failed = true;
	return 0;
}

uint32_t tr__spv_int(struct tr_spv *m, unsigned bits, bool is_signed)
{
	return find_type(m, SPV_OpTypeInt, bits, is_signed);
}

uint32_t tr__spv_float(struct tr_spv *m, unsigned bits)
{
	return find_type(m, SPV_OpTypeFloat, bits, 0);
}

uint32_t tr__spv_vector(struct tr_spv *m, uint32_t type, unsigned n)
{
	const struct tr_spv_text *made = &m->globals;
	uint32_t id;

	for (uint32_t at = library.first_global; at < library.first_function; at = next(at)) {
		if (op_of(at) != SPV_OpTypeVector || words[at + 2] != type || words[at + 3] != n)
			continue;
		keep(m, words[at + 1]);
		return words[at + 1];
	}
	for (size_t at = 0; at < made->n; at += made->word[at] >> 16)
		if ((made->word[at] & 0xffff) == SPV_OpTypeVector && made->word[at + 2] == type && made->word[at + 3] == n)
			return made->word[at + 1];
	id = tr__spv_id(m);
	SPV(&m->globals, SPV_OpTypeVector, id, type, n);
	return id;
}

uint32_t tr__spv_bool(struct tr_spv *m)
{
	return find_type(m, SPV_OpTypeBool, 0, 0);
}

uint32_t tr__spv_void(struct tr_spv *m)
{
	return find_type(m, SPV_OpTypeVoid, 0, 0);
}

uint32_t tr__spv_function(struct tr_spv *m, const char *name)
{
	uint32_t id = find_function(name);

	if (id)
		keep(m, id);
	else
		m->failed = true;
	return id;
}

static void put_functions(struct tr_spv *m, struct tr_spv_text *out)
{
	const uint32_t *arg;
	uint32_t call[6];
	bool kept = false;
	unsigned n;

	for (uint32_t at = library.first_function; at < library.end; at = next(at)) {
		unsigned op = op_of(at);

		if (op == SPV_OpFunction)
			kept = m->kept[words[at + 2]];
		if (!kept)
			continue;
		call[2] = stand_in(m, at, &arg, &n);
		if (call[2]) {
			memcpy(call, &words[at + 1], 2 * sizeof(*call)); /* type and result */
			memcpy(call + 3, arg, n * sizeof(*call));
			tr__spv_put(out, SPV_OpFunctionCall, call, 3 + n);
			continue;
		}
		m->votes |= op == SPV_OpGroupNonUniformAll || op == SPV_OpGroupNonUniformAny;
		if (op == SPV_OpFAdd || op == SPV_OpFSub || op == SPV_OpFMul || op == SPV_OpFDiv)
			SPV(&m->decorations, SPV_OpDecorate, words[at + 2], SPV_NoContraction);
		tr__spv_put(out, op, &words[at + 1], (words[at] >> 16) - 1);
	}
}

/* Those of the structures that are kept. */
static void put_decorations(struct tr_spv *m)
{
	for (uint32_t at = HEADER_WORDS; at < library.first_global; at = next(at))
		if ((op_of(at) == SPV_OpDecorate || op_of(at) == SPV_OpMemberDecorate) && m->kept[words[at + 1]])
			tr__spv_put(&m->decorations, op_of(at), &words[at + 1], (words[at] >> 16) - 1);
}

/* Types, constants and shared variables that are kept, in the library's order; capabilities follow from the types. */
static void put_globals(struct tr_spv *m, struct tr_spv_text *out, struct tr_spv_text *capabilities)
{
	for (uint32_t at = library.first_global; at < library.first_function; at = next(at)) {
		unsigned op = op_of(at);
		uint32_t bits = words[at + 2];

		/* No type of the library points to itself, so none needs be declared ahead. */
		if (op == SPV_OpTypeForwardPointer || !m->kept[words[at + (is_type(op) ? 1 : 2)]])
			continue;
		tr__spv_put(out, op, &words[at + 1], (words[at] >> 16) - 1);
		if (op == SPV_OpVariable)
			tr__spv_expose(m, bits);
		if (op == SPV_OpTypeFloat && bits == 64)
			SPV(capabilities, SPV_OpCapability, SPV_CapFloat64);
		if (op != SPV_OpTypeInt || words[at + 3])
			continue; /* pair_integers has kept the unsigned one too */
		if (bits == 16) {
			SPV(capabilities, SPV_OpCapability, SPV_CapInt16);
			SPV(capabilities, SPV_OpCapability, SPV_CapStorageBuffer16BitAccess);
		} else if (bits == 8) {
			SPV(capabilities, SPV_OpCapability, SPV_CapInt8);
			SPV(capabilities, SPV_OpCapability, SPV_CapStorageBuffer8BitAccess);
		}
	}
}

/* Where a signed type is kept, so is the unsigned one, which stands for the capability. */
static void pair_integers(struct tr_spv *m)
{
	for (uint32_t at = library.first_global; at < library.first_function; at = next(at))
		if (op_of(at) == SPV_OpTypeInt && words[at + 3] && m->kept[words[at + 1]])
			tr__spv_int(m, words[at + 2], false);
}

static bool is_kept_f64(const struct tr_spv *m)
{
	for (uint32_t at = library.first_global; at < library.first_function; at = next(at))
		if (op_of(at) == SPV_OpTypeFloat && words[at + 2] == 64)
			return m->kept[words[at + 1]];
	return false;
}

static void put_float_controls(struct tr_spv *m, uint32_t main, struct tr_spv_text *capabilities,
			       struct tr_spv_text *modes)
{
	static const struct { uint8_t control; uint16_t capability, mode; } all[] = {
		{TR_VK_DENORMALS, SPV_CapDenormPreserve, SPV_DenormPreserve},
		{TR_VK_SPECIALS, SPV_CapSignedZeroInfNanPreserve, SPV_SignedZeroInfNanPreserve},
		{TR_VK_NEAREST, SPV_CapRoundingModeRTE, SPV_RoundingModeRTE},
	};
	uint8_t has32 = m->gpu->controls32, has64 = is_kept_f64(m) ? m->gpu->controls64 : 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if ((has32 | has64) & all[i].control)
			SPV(capabilities, SPV_OpCapability, all[i].capability);
		if (has32 & all[i].control)
			SPV(modes, SPV_OpExecutionMode, main, all[i].mode, 32);
		if (has64 & all[i].control)
			SPV(modes, SPV_OpExecutionMode, main, all[i].mode, 64);
	}
}

/* Everything before the decorations, in the order the specification wants. */
static void put_head(struct tr_spv *m, uint32_t main, unsigned size, struct tr_spv_text *head,
		     const struct tr_spv_text *capabilities, const struct tr_spv_text *modes)
{
	uint32_t entry[4 + TR_SPV_INTERFACE] = {SPV_GLCompute, main, 0x6e69616d /* "main" */, 0};
	uint32_t import[5] = {library.import};

	SPV(head, SPV_OpCapability, SPV_CapShader);
	SPV(head, SPV_OpCapability, SPV_CapInt64);
	SPV(head, SPV_OpCapability, SPV_CapPhysicalStorageBufferAddresses);
	for (size_t i = 0; i < capabilities->n; i += 2)
		SPV(head, SPV_OpCapability, capabilities->word[i + 1]);
	memcpy(&import[1], "GLSL.std.450", 13);
	tr__spv_put(head, SPV_OpExtInstImport, import, 5);
	SPV(head, SPV_OpMemoryModel, SPV_PhysicalStorageBuffer64, SPV_GLSL450);
	memcpy(&entry[4], m->interface, m->ninterface * sizeof(*entry));
	tr__spv_put(head, SPV_OpEntryPoint, entry, 4 + m->ninterface);
	SPV(head, SPV_OpExecutionMode, main, SPV_LocalSize, size, 1, 1);
	for (size_t i = 0; i < modes->n; i += modes->word[i] >> 16)
		tr__spv_put(head, SPV_OpExecutionMode, &modes->word[i + 1], (modes->word[i] >> 16) - 1);
}

static int concatenate(struct tr_spv *m, struct tr_spv_text *const *parts, size_t nparts, struct tr_vk_code *code)
{
	size_t n = HEADER_WORDS, used = HEADER_WORDS;

	for (size_t i = 0; i < nparts; i++) {
		if (parts[i]->failed)
			return -TR_ENOMEM;
		n += parts[i]->n;
	}
	code->words = malloc(n * sizeof(uint32_t));
	if (!code->words)
		return -TR_ENOMEM;
	memcpy(code->words, words, HEADER_WORDS * sizeof(uint32_t));
	code->words[3] = m->bound;
	for (size_t i = 0; i < nparts; i++) {
		if (parts[i]->n)
			memcpy(code->words + used, parts[i]->word, parts[i]->n * sizeof(uint32_t));
		used += parts[i]->n;
	}
	code->n = n;
	return 0;
}

/* Calls the functions that fill the workgroup's tables, those that are kept: shared_X is filled by fill_X. */
static void put_tables(struct tr_spv *m, uint32_t size)
{
	static const char prefix[] = "shared_";
	char name[64];
	uint32_t scope;
	bool any = false;

	for (uint32_t at = HEADER_WORDS; at < library.first_global; at = next(at)) {
		const char *s = (const char *)&words[at + 2];
		uint32_t fill;

		if (op_of(at) != SPV_OpName || !m->kept[words[at + 1]] || strncmp(s, prefix, sizeof(prefix) - 1))
			continue;
		snprintf(name, sizeof(name), "fill_%s", s + sizeof(prefix) - 1);
		fill = find_function(name);
		if (!fill)
			continue;
		keep(m, fill);
		SPV(&m->entry, SPV_OpFunctionCall, tr__spv_void(m), tr__spv_id(m), fill, m->local, tr__spv_constant32(m, size));
		any = true;
	}
	if (!any)
		return;
	scope = tr__spv_constant32(m, SPV_ScopeWorkgroup);
	SPV(&m->entry, SPV_OpControlBarrier, scope, scope, tr__spv_constant32(m, SPV_AcquireRelease | SPV_WorkgroupMemory));
}

int tr__spv_assemble(struct tr_spv *m, unsigned size, struct tr_vk_code *code)
{
	struct tr_spv_text head = {0}, capabilities = {0}, modes = {0}, globals = {0}, functions = {0}, tail = {0};
	struct tr_spv_text *parts[] = {&head, &m->decorations, &globals, &m->globals, &functions, &tail, &m->entry, &m->main};
	uint32_t main = tr__spv_id(m), type = tr__spv_id(m), none = tr__spv_void(m);
	int err;

	put_tables(m, size);
	put_functions(m, &functions);
	put_decorations(m);
	pair_integers(m);
	put_float_controls(m, main, &capabilities, &modes);
	put_globals(m, &globals, &capabilities);
	if (m->votes) {
		SPV(&capabilities, SPV_OpCapability, SPV_CapGroupNonUniform);
		SPV(&capabilities, SPV_OpCapability, SPV_CapGroupNonUniformVote);
	}
	SPV(&m->globals, SPV_OpTypeFunction, type, none);
	SPV(&tail, SPV_OpFunction, none, main, 0, type);
	tr__spv_put(&m->main, SPV_OpFunctionEnd, NULL, 0);
	put_head(m, main, size, &head, &capabilities, &modes);
	err = m->failed || capabilities.failed || modes.failed
		      ? -TR_ENOMEM
		      : concatenate(m, parts, sizeof(parts) / sizeof(*parts), code);
	free(head.word);
	free(capabilities.word);
	free(modes.word);
	free(globals.word);
	free(functions.word);
	free(tail.word);
	return err;
}
