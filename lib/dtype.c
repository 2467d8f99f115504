/* SPDX-License-Identifier: MIT */
/* Element types: sizes, names, promotion (NEP 50), and the words for status codes. */
#include <stdlib.h>

#include "lib/dtype.h"

#define STR_(x) #x
#define STR(x) STR_(x)

const struct tr_type_info tr__types[TR_DTYPE_COUNT] = {
	[TR_BOOL] = {1, TR_KIND_BOOL, "bool"},      [TR_I8] = {1, TR_KIND_SINT, "int8"},
	[TR_I16] = {2, TR_KIND_SINT, "int16"},      [TR_I32] = {4, TR_KIND_SINT, "int32"},
	[TR_I64] = {8, TR_KIND_SINT, "int64"},      [TR_U8] = {1, TR_KIND_UINT, "uint8"},
	[TR_U16] = {2, TR_KIND_UINT, "uint16"},     [TR_U32] = {4, TR_KIND_UINT, "uint32"},
	[TR_U64] = {8, TR_KIND_UINT, "uint64"},     [TR_F16] = {2, TR_KIND_FLOAT, "float16"},
	[TR_BF16] = {2, TR_KIND_FLOAT, "bfloat16"}, [TR_F32] = {4, TR_KIND_FLOAT, "float32"},
	[TR_F64] = {8, TR_KIND_FLOAT, "float64"},   [TR_C64] = {8, TR_KIND_COMPLEX, "complex64"},
	[TR_C128] = {16, TR_KIND_COMPLEX, "complex128"},
};

size_t tr_dtype_size(enum tr_dtype dtype)
{
	return (unsigned)dtype < TR_DTYPE_COUNT ? tr__types[dtype].size : 0;
}

const char *tr_dtype_name(enum tr_dtype dtype)
{
	return (unsigned)dtype < TR_DTYPE_COUNT ? tr__types[dtype].name : "invalid";
}

/* The signed type that holds both a signed and an unsigned one; f64 when none does. */
static enum tr_dtype promote_signs(enum tr_dtype s, enum tr_dtype u)
{
	if (tr__types[s].size > tr__types[u].size)
		return s;
	switch (tr__types[u].size) {
	case 1: return TR_I16;
	case 2: return TR_I32;
	case 4: return TR_I64;
	default: return TR_F64;
	}
}

/* The float that holds a float and every value of an integer of isize bytes, as NumPy reckons it. */
static enum tr_dtype promote_int_float(size_t isize, enum tr_dtype f)
{
	if (isize >= 4)
		return TR_F64;
	if (isize == 2 && tr__types[f].size == 2)
		return TR_F32;
	return f;
}

static enum tr_dtype promote_complex(enum tr_dtype x, enum tr_dtype c)
{
	bool wide = tr__types[x].kind == TR_KIND_FLOAT ? tr__types[x].size == 8 : tr__types[x].size >= 4;

	return c == TR_C64 && wide ? TR_C128 : c;
}

enum tr_dtype tr_promote_types(enum tr_dtype a, enum tr_dtype b)
{
	enum tr_dtype t;

	if (a == b && (unsigned)a < TR_DTYPE_COUNT)
		return a;
	if ((unsigned)a >= TR_DTYPE_COUNT || (unsigned)b >= TR_DTYPE_COUNT)
		return TR_DTYPE_NONE;
	if (tr__types[a].kind > tr__types[b].kind) {
		t = a;
		a = b;
		b = t;
	}
	if (tr__types[a].kind == TR_KIND_BOOL)
		return b;
	if (tr__types[a].kind == tr__types[b].kind) {
		if (tr__types[a].size == tr__types[b].size)
			return TR_F32; /* f16 with bf16: neither holds the other */
		return tr__types[a].size > tr__types[b].size ? a : b;
	}
	if (tr__types[b].kind == TR_KIND_COMPLEX)
		return promote_complex(a, b);
	if (tr__types[b].kind == TR_KIND_FLOAT)
		return promote_int_float(tr__types[a].size, b);
	return promote_signs(b, a);
}

enum tr_dtype tr__promote_weak(enum tr_dtype strong, enum tr_dtype weak)
{
	/* signed and unsigned are one kind here: uint8 + 1 is uint8 */
	if (tr__types[strong].kind >= tr__types[weak].kind ||
	    (tr__types[strong].kind == TR_KIND_UINT && tr__types[weak].kind == TR_KIND_SINT))
		return strong;
	if (tr__types[strong].kind == TR_KIND_SINT && tr__types[weak].kind == TR_KIND_UINT)
		return strong;
	return tr_promote_types(strong, weak);
}

bool tr__can_cast_same_kind(enum tr_dtype from, enum tr_dtype to)
{
	enum tr_kind f = tr__kind(from), t = tr__kind(to);

	if (f == TR_KIND_SINT && t == TR_KIND_UINT)
		return false;
	return f <= t || (f == TR_KIND_UINT && t == TR_KIND_SINT);
}

enum tr_dtype tr__float_for(enum tr_dtype dtype)
{
	if (tr__kind(dtype) >= TR_KIND_FLOAT)
		return dtype;
	return tr__types[dtype].size == 1 ? TR_F16 : tr__types[dtype].size == 2 ? TR_F32 : TR_F64;
}

const char *tr_strstatus(int status)
{
	static const char *const words[TR_STATUS_COUNT] = {
		[TR_OK] = "success",
		[TR_EINVAL] = "TR_EINVAL: argument out of range",
		[TR_ESHAPE] = "TR_ESHAPE: shapes do not fit",
		[TR_EDTYPE] = "TR_EDTYPE: element type not taken",
		[TR_ENOMEM] = "TR_ENOMEM: out of memory",
		[TR_EINDEX] = "TR_EINDEX: index out of range",
		[TR_EOVERFLOW] = "TR_EOVERFLOW: size does not fit its type",
		[TR_EFORMAT] = "TR_EFORMAT: malformed file or message",
		[TR_EIO] = "TR_EIO: input or output failed",
		[TR_EDEVICE] = "TR_EDEVICE: device absent or lost",
		[TR_EBUSY] = "TR_EBUSY: no room now",
		[TR_ESTATE] = "TR_ESTATE: call out of order",
		[TR_EREADONLY] = "TR_EREADONLY: memory is read-only",
		[TR_ENUMERIC] = "TR_ENUMERIC: the numbers have no such result",
	};
	unsigned code = (unsigned)(status < 0 ? -(int64_t)status : status);

	return code < TR_STATUS_COUNT ? words[code] : "unknown status";
}

const char *tr_version(void)
{
	return STR(TR_VERSION_MAJOR) "." STR(TR_VERSION_MINOR) "." STR(TR_VERSION_PATCH);
}
