/* SPDX-License-Identifier: MIT */
/*
 * Writing SPIR-V: a module is made of functions taken from the library that the build compiled (vk/shaders/ops.h) and of a
 * main function written instruction by instruction. Numbers are those of the SPIR-V specification, 1.5.
 */
#ifndef TR_VK_SPIRV_H
#define TR_VK_SPIRV_H

#include "vk/vk.h"

enum {
	SPV_OpName = 5,
	SPV_OpExtension = 10,
	SPV_OpExtInstImport = 11,
	SPV_OpExtInst = 12,
	SPV_OpMemoryModel = 14,
	SPV_OpEntryPoint = 15,
	SPV_OpExecutionMode = 16,
	SPV_OpCapability = 17,
	SPV_OpTypeVoid = 19,
	SPV_OpTypeBool = 20,
	SPV_OpTypeInt = 21,
	SPV_OpTypeFloat = 22,
	SPV_OpTypeVector = 23,
	SPV_OpTypeArray = 28,
	SPV_OpTypeStruct = 30,
	SPV_OpTypePointer = 32,
	SPV_OpTypeFunction = 33,
	SPV_OpConstant = 43,
	SPV_OpConstantComposite = 44,
	SPV_OpSpecConstant = 50,
	SPV_OpFunction = 54,
	SPV_OpFunctionEnd = 56,
	SPV_OpFunctionCall = 57,
	SPV_OpVariable = 59,
	SPV_OpLoad = 61,
	SPV_OpStore = 62,
	SPV_OpAccessChain = 65,
	SPV_OpTypeForwardPointer = 39,
	SPV_OpDecorate = 71,
	SPV_OpMemberDecorate = 72,
	SPV_OpVectorShuffle = 79,
	SPV_OpCompositeConstruct = 80,
	SPV_OpCompositeExtract = 81,
	SPV_OpCompositeInsert = 82,
	SPV_OpUConvert = 113,
	SPV_OpFConvert = 115,
	SPV_OpConvertUToPtr = 120,
	SPV_OpBitcast = 124,
	SPV_OpIAdd = 128,
	SPV_OpFAdd = 129,
	SPV_OpISub = 130,
	SPV_OpFSub = 131,
	SPV_OpIMul = 132,
	SPV_OpFMul = 133,
	SPV_OpUDiv = 134,
	SPV_OpFDiv = 136,
	SPV_OpSelect = 169,
	SPV_OpINotEqual = 171,
	SPV_OpULessThan = 176,
	SPV_OpControlBarrier = 224,
	SPV_OpPhi = 245,
	SPV_OpLoopMerge = 246,
	SPV_OpSelectionMerge = 247,
	SPV_OpLabel = 248,
	SPV_OpBranch = 249,
	SPV_OpBranchConditional = 250,
	SPV_OpReturn = 253,
	SPV_OpGroupNonUniformAll = 334,
	SPV_OpGroupNonUniformAny = 335,

	SPV_Sqrt = 31, /* of GLSL.std.450 */
	SPV_Fma = 50,

	SPV_GLCompute = 5,
	SPV_LocalSize = 17,
	SPV_DenormPreserve = 4459,
	SPV_SignedZeroInfNanPreserve = 4461,
	SPV_RoundingModeRTE = 4462,
	SPV_PhysicalStorageBuffer64 = 5348,
	SPV_GLSL450 = 1,

	SPV_Input = 1,
	SPV_Workgroup = 4,
	SPV_PushConstant = 9,
	SPV_PhysicalStorageBuffer = 5349,
	SPV_Aligned = 2,

	SPV_SpecId = 1,
	SPV_Block = 2,
	SPV_BuiltIn = 11,
	SPV_Offset = 35,
	SPV_NoContraction = 42,
	SPV_ScopeWorkgroup = 2,
	SPV_AcquireRelease = 0x8,
	SPV_WorkgroupMemory = 0x100,
	SPV_NumWorkgroups = 24,
	SPV_WorkgroupId = 26,
	SPV_LocalInvocationId = 27,

	SPV_CapShader = 1,
	SPV_CapFloat16 = 9,
	SPV_CapFloat64 = 10,
	SPV_CapInt64 = 11,
	SPV_CapInt16 = 22,
	SPV_CapInt8 = 39,
	SPV_CapGroupNonUniform = 61,
	SPV_CapGroupNonUniformVote = 62,
	SPV_CapStorageBuffer16BitAccess = 4433,
	SPV_CapStorageBuffer8BitAccess = 4448,
	SPV_CapDenormPreserve = 4464,
	SPV_CapSignedZeroInfNanPreserve = 4466,
	SPV_CapRoundingModeRTE = 4467,
	SPV_CapBFloat16TypeKHR = 5116,
	SPV_CapBFloat16CooperativeMatrixKHR = 5118,
	SPV_CapPhysicalStorageBufferAddresses = 5347
};

/* A growing run of instructions. Once out of memory it swallows what is put, and failed says so. */
struct tr_spv_text {
	uint32_t *word;
	size_t n, cap;
	bool failed;
};

void tr__spv_put(struct tr_spv_text *t, unsigned op, const uint32_t *operand, size_t n);
#define SPV(t, op, ...) \
	tr__spv_put(t, op, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

#define TR_SPV_INTERFACE 40 /* the library has no more variables */

/* A module being written. */
struct tr_spv {
	const struct tr_vk_gpu *gpu;
	struct tr_spv_text decorations, globals;
	struct tr_spv_text entry, main; /* of the main function: what tr__spv_enter asks for, and the rest, to its return */
	uint32_t block, local; /* the entry's label, and the invocation in its workgroup */
	bool votes; /* the functions kept ask a subgroup */
	uint8_t *kept; /* per id of the library, whether it is part of the module */
	uint32_t bound; /* the next free id */
	uint32_t interface[TR_SPV_INTERFACE], ninterface; /* global variables of the entry point */
	bool failed;
};

int tr__spv_init(struct tr_spv *m, const struct tr_vk_gpu *gpu);
void tr__spv_finish(struct tr_spv *m);

static inline uint32_t tr__spv_id(struct tr_spv *m)
{
	return m->bound++;
}

static inline void tr__spv_expose(struct tr_spv *m, uint32_t variable)
{
	if (m->ninterface < TR_SPV_INTERFACE)
		m->interface[m->ninterface++] = variable;
	else
		m->failed = true;
}

/* Ids of the library's types; a vector of n components is made where the library has none. */
uint32_t tr__spv_int(struct tr_spv *m, unsigned bits, bool is_signed);
uint32_t tr__spv_float(struct tr_spv *m, unsigned bits);
uint32_t tr__spv_vector(struct tr_spv *m, uint32_t type, unsigned n);
uint32_t tr__spv_bool(struct tr_spv *m);

uint32_t tr__spv_void(struct tr_spv *m);

/* New ids: a pointer type, constants, the result of an instruction of main with two operands. */
uint32_t tr__spv_pointer(struct tr_spv *m, unsigned storage, uint32_t to);
uint32_t tr__spv_constant32(struct tr_spv *m, uint32_t value);
uint32_t tr__spv_constant64(struct tr_spv *m, uint64_t value);
uint32_t tr__spv_binary(struct tr_spv *m, unsigned op, uint32_t type, uint32_t a, uint32_t b);

/* Begins main: what every kernel asks for first. pushed are the push constants, u64 each; the others are u32. */
struct tr_spv_entry {
	uint32_t pushed[TR_VK_PUSHED], group_x, group_y, groups_x, groups_y, local;
};
void tr__spv_enter(struct tr_spv *m, struct tr_spv_entry *e, unsigned npushed);

/* A function of the library and of all it calls; 0, and the module has failed, if there is none of that name. */
uint32_t tr__spv_function(struct tr_spv *m, const char *name);

/* Puts the module together, with workgroups of `size` along x. 0 or -TR_ENOMEM; code->words is malloced. */
int tr__spv_assemble(struct tr_spv *m, unsigned size, struct tr_vk_code *code);

/* The library's hash, which changes with any shader. */
uint64_t tr__spv_version(void);

/* The tags of element types in the names of functions: "f32". */
extern const char *const tr__vk_tags[TR_DTYPE_COUNT];

/* What of the GPU's arithmetic is replaced, for keys of kernels. */
static inline uint8_t tr__vk_soft(const struct tr_vk_gpu *gpu)
{
	return (uint8_t)(gpu->soft_fma32 | gpu->soft_fma64 << 1 | gpu->hard_f16 << 2 | gpu->wide_division << 3);
}

/* The kernel of a program; see vk/program.c. */
enum tr_vk_form {
	TR_VK_DENSE,  /* element i lies at index i */
	TR_VK_REPEAT, /* one element for all */
	TR_VK_STRIDED
};

/* How the elements that one invocation has of an operand lie. */
enum tr_vk_group_form {
	TR_VK_EACH,     /* a load or store each */
	TR_VK_TOGETHER, /* side by side and aligned: one of 4, 8 or 16 bytes */
	TR_VK_SAME      /* they are one */
};

struct tr_vk_signature {
	uint8_t kind; /* tells signatures from the keys of other kernels */
	uint8_t soft; /* what of the GPU's arithmetic is replaced: it can change until the GPU was probed */
	uint8_t wide; /* more elements than 32 bits count */
	uint8_t ndim; /* 0 if nothing is strided */
	uint8_t lanes; /* elements of an invocation: a power of two; divides the last axis if anything is strided */
	uint8_t tail; /* lanes does not divide the number of elements */
	uint8_t pushed; /* how many push constants there are; 0: the parameters lie in the ring */
	uint8_t nload, nstore, ninstr, nnumber;
	uint8_t dtype[TR_PROGRAM_OPERANDS];
	uint8_t form[TR_PROGRAM_OPERANDS];
	uint8_t group[TR_PROGRAM_OPERANDS];
	uint8_t store[TR_PROGRAM_OPERANDS];
	struct tr_instr instr[TR_PROGRAM_INSTRS];
};

#define TR_VK_GROUP 256 /* invocations of a workgroup */
#define TR_VK_LANES 16  /* elements of an invocation at most */

int tr__vk_program_code(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code);

#endif
