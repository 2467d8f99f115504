/* SPDX-License-Identifier: MIT */
/*
 * Prints what is made from the op table at build time: <trueno/opcodes.h>, <trueno/ops.h>, the operations'
 * part of the manual, and a plain list for scripts. Runs before any generated header exists, on the build
 * machine (stage0/ has the enum it needs for that); knows the table and its vocabulary, and no code that uses them.
 */
#include <stdio.h>
#include <string.h>

#include "lib/op.h"

struct row {
	struct tr_op_info info;
	const char *family, *result, *domain;
};

#define EXACT 0
#define DRAWN 0
#define ULP(n) n
#define OP(name, family, dtypes, result, tolerance, domain, doc)                                              \
	{{#name, doc, TR__SET_##dtypes, TR_FAMILY_##family, TR_RESULT_##result, tolerance, TR_DOMAIN_##domain}, \
	 #family, #result, #domain},
static const struct row rows[] = {
#include "lib/ops.def"
};
#undef OP

#define T "struct tr_tensor *"

/* What the operations of a family share. A family without args has its prototypes elsewhere. */
static const struct family {
	const char *title;
	const char *args;   /* parameters, after y in the _out form */
	const char *errors; /* besides TR_ENOMEM */
	bool only_out;      /* there is no form that makes a tensor */
	const char *text[4];
} families[TR_FAMILY_COUNT] = {
	[TR_FAMILY_UNARY] = {
		.title = "Elementwise, one operand",
		.args = T "a",
		.errors = "TR_EDTYPE",
		.text = {"y has the shape of a."},
	},
	[TR_FAMILY_UNARY1] = {
		.title = "Elementwise, one operand and a number",
		.args = T "a, double p",
		.errors = "TR_EDTYPE",
		.text = {"y has the shape of a. p is rounded to the type the operation is evaluated in."},
	},
	[TR_FAMILY_UNARY2] = {
		.title = "Elementwise, one operand and two numbers",
		.args = T "a, double p, double q",
		.errors = "TR_EDTYPE",
		.text = {"y has the shape of a. p and q are rounded to the type the operation is evaluated in."},
	},
	[TR_FAMILY_DECIMALS] = {
		.title = "Rounding to decimals",
		.args = T "a, int decimals",
		.errors = "TR_EDTYPE",
		.text = {"y has the shape of a. Negative decimals count digits before the point. In the formula p is 10^decimals",
			 "and q is 1, or, where that would be less than 1, p is 1 and q is 10^-decimals."},
	},
	[TR_FAMILY_BINARY] = {
		.title = "Elementwise, two operands",
		.args = T "a, " T "b",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y has the shape a and b broadcast to, by NumPy's rules."},
	},
	[TR_FAMILY_TERNARY] = {
		.title = "Elementwise, three operands",
		.args = T "a, " T "b, " T "c",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y has the shape a, b and c broadcast to, by NumPy's rules."},
	},
	[TR_FAMILY_SELECT] = {
		.title = "Elementwise selection",
		.args = T "a, " T "b, " T "c",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y has the shape a, b and c broadcast to and the type b and c promote to."},
	},
	[TR_FAMILY_CAST] = {
		.title = "Copies and conversions",
		.args = T "a",
		.errors = "TR_EINVAL",
		.text = {"y has the shape of a. The _out form converts to whatever type y has. TR_EINVAL: dtype is",
			 "outside the enum."},
	},
	[TR_FAMILY_FILL] = {
		.title = "Filling",
		.args = "double value",
		.errors = "TR_EINVAL",
		.only_out = true,
		.text = {"value is converted to the type of y as a C cast."},
	},
	[TR_FAMILY_REDUCE] = {
		.title = "Reductions over a set of axes",
		.args = T "a, uint32_t axes, uint32_t flags",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE",
		.text = {"axes: TR_AXIS(i) | TR_AXIS(j) … or TR_ALL_AXES. flags: TR_KEEPDIMS | TR_AS(dtype) | TR_DDOF(n),",
			 "or 0. Reduced axes are dropped, or stay with size 1 under TR_KEEPDIMS. TR_EINVAL: an axis that",
			 "a does not have, or an unknown flag."},
	},
	[TR_FAMILY_ARGREDUCE] = {
		.title = "Positions of extremes",
		.args = T "a, uint32_t axes, uint32_t flags",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE",
		.text = {"axes: one TR_AXIS(i), or TR_ALL_AXES for the position in C order. flags: TR_KEEPDIMS or 0.",
			 "TR_ESHAPE: there is no element to point at."},
	},
	[TR_FAMILY_VECTOR_NORM] = {
		.title = "Norms of vectors over a set of axes",
		.args = T "a, double p, uint32_t axes, uint32_t flags",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE",
		.text = {"As a reduction; p is the order: 2 for Euclid's and, over two axes, Frobenius' (numpy.linalg.norm over",
			 "an axis, torch.linalg.vector_norm). TR_ESHAPE: p is -Inf and there are no elements."},
	},
	[TR_FAMILY_MEDIAN] = {
		.title = "Medians over a set of axes",
		.args = T "a, uint32_t axes, uint32_t flags",
		.errors = "TR_EINVAL | TR_EDTYPE",
		.text = {"As a reduction. Time linear in the number of elements."},
	},
	[TR_FAMILY_QUANTILE] = {
		.title = "Quantiles over a set of axes",
		.args = T "a, double q, uint32_t axes, uint32_t flags",
		.errors = "TR_EINVAL | TR_EDTYPE",
		.text = {"As a median; 0 <= q <= 1. Of n elements in ascending order y is the one at position q (n - 1), counted",
			 "from 0, interpolated between the two around it, or as a TR_QUANTILE_* in flags says."},
	},
	[TR_FAMILY_SCAN] = {
		.title = "Running along one axis",
		.args = T "a, int axis, uint32_t flags",
		.errors = "TR_EINVAL | TR_EDTYPE",
		.text = {"y has the shape of a. A negative axis counts from the end. flags: TR_AS(dtype) of sums and products,",
			 "or 0."},
	},
	[TR_FAMILY_SORT] = {
		.title = "Sorted along one axis",
		.args = T "a, int axis",
		.errors = "TR_EINVAL | TR_EDTYPE",
		.text = {"y has the shape of a. A negative axis counts from the end. TR_EINVAL: a has no such axis. Time linear in",
			 "the number of elements and in the bits in which they differ."},
	},
	[TR_FAMILY_SEARCH] = {
		.title = "Places in a sorted vector",
		.args = T "a, " T "v, uint32_t flags",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE",
		.text = {"y has the shape of v, which in the formula is b; a has one axis and is sorted as tr_sort does, else y is",
			 "some places. flags: TR_SEARCH_RIGHT or 0. TR_ESHAPE: a is no vector."},
	},
	[TR_FAMILY_SOFTMAX] = {
		.title = "Normalised along one axis",
		.args = T "a, int axis",
		.errors = "TR_EINVAL | TR_EDTYPE",
		.text = {"y has the shape of a. A negative axis counts from the end. TR_EINVAL: a has no such axis."},
	},
	[TR_FAMILY_NORM] = {
		.title = "Normalised over the last axis",
		.args = T "a, " T "weight, " T "bias, double eps",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y has the shape of a. weight (b in the formula) and bias (c) have the shape [a's last axis];",
			 "NULL stands for 1 and 0."},
	},
	[TR_FAMILY_MATMUL] = {
		.title = "Matrix products",
		.args = T "a, " T "b",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y[…, M, N] = a[…, M, K] · b[…, K, N]; leading axes broadcast. A vector on the left is a row, on",
			 "the right a column, and its axis is dropped from y; two vectors make vecdot. matmul_as converts a",
			 "and b to dtype first, its _out form to the type of y: as numpy.matmul(…, dtype=)."},
	},
	[TR_FAMILY_VECDOT] = {
		.title = "Inner products",
		.args = T "a, " T "b",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y[…] = sum over k of a[…, k] · b[…, k]; leading axes broadcast (numpy.vecdot)."},
	},
	[TR_FAMILY_LINEAR] = {
		.title = "Dense layers",
		.args = T "a, " T "weight, " T "bias",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y[…, out] = a[…, in] · weight[out, in]ᵀ + bias[out]. In the formula b is weight and c is bias,",
			 "which may be NULL for 0."},
	},
	[TR_FAMILY_ATTENTION] = {
		.title = "Attention",
		.args = T "q, " T "k, " T "v, " T "mask, double scale",
		.errors = "TR_ESHAPE | TR_EDTYPE",
		.text = {"y[…, Q, D] from q[…, Q, E], k[…, K, E], v[…, K, D] and mask, which broadcasts to […, Q, K] and",
			 "may be NULL for 0. In the formula a is q, b is k and c is v."},
	},
	[TR_FAMILY_CONV] = {
		.title = "Convolutions",
		.args = T "a, " T "weight, " T "bias, const struct tr_conv_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"y[N, O, …] from a[N, C, …], weight[O, C/groups, kernel…] and bias[O], which may be NULL for 0; N may",
			 "be left out of a and y. An axis of L becomes (L + 2 padding - dilation (kernel - 1) - 1) / stride + 1.",
			 "params: <trueno/conv.h>, NULL for defaults; read before the call returns."},
	},
	[TR_FAMILY_CONV_TRANSPOSE] = {
		.title = "Transposed convolutions",
		.args = T "a, " T "weight, " T "bias, const struct tr_conv_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"y[N, O, …] from a[N, C, …], weight[C, O/groups, kernel…] and bias[O], which may be NULL for 0. An axis",
			 "of L becomes (L - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1."},
	},
	[TR_FAMILY_MAX_POOL] = {
		.title = "Greatest of a window",
		.args = T "a, const struct tr_pool_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"y[N, C, …] from a[N, C, …]; N may be left out of both. Axes become as long as those of a convolution",
			 "would, or under TR_POOL_CEIL as if the division rounded up. Padding never wins."},
	},
	[TR_FAMILY_AVG_POOL] = {
		.title = "Mean of a window",
		.args = T "a, const struct tr_pool_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"As max_pool, with no dilation. The size divided by counts positions of a and of the padding, but none",
			 "beyond it; under TR_POOL_EXCLUDE_PAD those of a only."},
	},
	[TR_FAMILY_ADAPTIVE_POOL] = {
		.title = "Mean of as many windows as asked for",
		.args = T "a, const struct tr_pool_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"y[N, C, output…] from a[N, C, …]; params->output is all that may be set."},
	},
	[TR_FAMILY_INTERPOLATE] = {
		.title = "Resizing",
		.args = T "a, const struct tr_interpolate_params *params",
		.errors = "TR_EINVAL | TR_ESHAPE | TR_EDTYPE | TR_EOVERFLOW",
		.text = {"y[N, C, size…] from a[N, C, …]; N may be left out of both. params says how large and how: PyTorch's",
			 "interpolate, in modes nearest, nearest-exact, linear, bilinear and trilinear."},
	},
	[TR_FAMILY_TAKE] = {
		.title = "Indexing by a tensor",
		.args = T "a, " T "indices, int axis",
		.errors = "TR_EINVAL | TR_EINDEX | TR_EDTYPE",
		.text = {"y has the shape of a with the axis replaced by the shape of indices (numpy.take); in the formula",
			 "b is indices, of an integer type. TR_EINDEX: an index outside the axis, known when it runs."},
	},
	[TR_FAMILY_EMBEDDING] = {
		.title = "Rows by number",
		.args = T "a, " T "weight",
		.errors = "TR_EINDEX | TR_ESHAPE | TR_EDTYPE",
		.text = {"y[…, D] = weight[a[…], :] of weight[R, D]; a is int32 or int64. TR_EINDEX: a number below 0 or not",
			 "below R, known when it runs."},
	},
	[TR_FAMILY_PUT] = {
		.title = "Writing by index",
		.args = T "a, " T "indices, int axis",
		.errors = "TR_EINVAL | TR_EINDEX | TR_ESHAPE | TR_EDTYPE",
		.only_out = true,
		.text = {"a broadcasts to the shape of y with the axis replaced by the shape of indices, and has y's type; the",
			 "rest of y stays. In the formula b is indices, of an integer type, negative ones counted from the end."},
	},
	[TR_FAMILY_NONZERO] = {
		.title = "Positions of elements",
		.args = T "a",
		.errors = "TR_ESHAPE | TR_ESTATE",
		.only_out = true,
		.text = {"y has one axis. TR_ESTATE: it is not as long as there are such elements, known when it runs;",
			 "tr_flatnonzero (<trueno/index.h>) makes one that is."},
	},
	[TR_FAMILY_COMPRESS] = {
		.title = "Selection by a mask",
		.args = T "a, " T "mask",
		.errors = "TR_ESHAPE | TR_EDTYPE | TR_ESTATE",
		.only_out = true,
		.text = {"a and mask, which is bool and in the formula b, broadcast together. y has one axis. TR_ESTATE: it is",
			 "not as long as mask is true, known when it runs; tr_masked_select (<trueno/index.h>) makes one that is."},
	},
};

static const char *const dtype_names[TR_DTYPE_COUNT] = {
	[TR_BOOL] = "bool",
	[TR_I8] = "int8", [TR_I16] = "int16", [TR_I32] = "int32", [TR_I64] = "int64",
	[TR_U8] = "uint8", [TR_U16] = "uint16", [TR_U32] = "uint32", [TR_U64] = "uint64",
	[TR_F16] = "float16", [TR_BF16] = "bfloat16", [TR_F32] = "float32", [TR_F64] = "float64",
	[TR_C64] = "complex64", [TR_C128] = "complex128",
};

static const char *const result_texts[] = {
	[TR_RESULT_SAME] = "that type",
	[TR_RESULT_BOOL] = "bool",
	[TR_RESULT_INDEX] = "int64",
	[TR_RESULT_WIDE] = "that type, integers 64 bits wide",
	[TR_RESULT_MEAN] = "that type, float64 for integers",
	[TR_RESULT_ASKED] = "the type asked for",
};

/* "bool, integers, float32, float64" */
static void print_types(uint32_t set)
{
	static const struct { uint32_t bits; const char *text; } parts[] = {
		{TR__SET_BOOL, "bool"},
		{TR__SET_INTEGER, "integers"},
		{TR__SET_HALF, "float16, bfloat16"},
		{TR__SET_FLOAT, "float32, float64"},
		{TR__SET_COMPLEX, "complex64, complex128"},
	};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (set & parts[i].bits) {
			printf("%s%s", comma, parts[i].text);
			comma = ", ";
		}
}

static void print_tolerance(const struct tr_op_info *op)
{
	if (op->ulp)
		printf("Within %u ULP (float64: %u).", op->ulp, 2u * op->ulp);
	else
		printf("Exact.");
}

/* tr_astype is the one operation of its family that is told its type. */
static const char *more_args(const struct tr_op_info *op)
{
	return op->result == TR_RESULT_ASKED ? ", enum tr_dtype dtype" : "";
}

static void print_prototypes(const struct tr_op_info *op, const char *prefix)
{
	const struct family *f = &families[op->family];

	if (!f->only_out)
		printf("%sstruct tr_tensor *tr_%s(%s%s);\n", prefix, op->name, f->args, more_args(op));
	printf("%sint tr_%s_out(" T "y, %s);\n", prefix, op->name, f->args);
}

static void opcodes(void)
{
	puts("/* SPDX-License-Identifier: MIT */\n"
	     "/*\n"
	     " * The operations' numbers, as entries of the ring carry them. Generated from lib/ops.def.\n"
	     " *\n"
	     " * Numbers follow the table's order and hold for one release only: write names into files.\n"
	     " */\n"
	     "#ifndef TRUENO_OPCODES_H\n"
	     "#define TRUENO_OPCODES_H\n\n"
	     "#include <trueno/types.h>\n\n"
	     "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
	     "enum tr_op {");
	for (size_t i = 0; i < TR_OP_COUNT; i++)
		printf("\tTR_OP_%s,\n", rows[i].info.name);
	puts("\tTR_OP_COUNT\n};\n\n"
	     "/* \"add\"; \"invalid\" outside the enum. Static storage. */\n"
	     "TR_API const char *tr_op_name(enum tr_op op);\n\n"
	     "/* The reverse; TR_OP_COUNT if there is no such operation, or name is NULL. */\n"
	     "TR_API enum tr_op tr_op_by_name(const char *name);\n\n"
	     "#ifdef __cplusplus\n}\n#endif\n#endif");
}

static void ops_row(const struct tr_op_info *op)
{
	const struct family *f = &families[op->family];

	printf("\n/*\n * %s\n * Evaluated in: ", op->doc);
	print_types(op->dtypes);
	printf("; y: %s. ", result_texts[op->result]);
	print_tolerance(op);
	printf("\n * %s%s | TR_ENOMEM.\n */\n", f->only_out ? "" : "NULL + ", f->errors);
	print_prototypes(op, "TR_API ");
}

static void ops(void)
{
	puts("/* SPDX-License-Identifier: MIT */\n"
	     "/*\n"
	     " * The operations, by family. Generated from lib/ops.def.\n"
	     " *\n"
	     " * Each makes a tensor y that belongs to the current scope. NULL operands, but for those said to be\n"
	     " * optional, pass through: the result is NULL and the context keeps the reason it already has. All\n"
	     " * tensors of a call must be of one context (TR_EINVAL), and the call is made by the thread that uses it.\n"
	     " * Operands of types that an operation is not evaluated in are promoted as NumPy does; float16 and\n"
	     " * bfloat16 go through float32 and back.\n"
	     " *\n"
	     " * The _out form writes into y, which must have the shape of the result (-TR_ESHAPE) and a type that the\n"
	     " * result casts to within its kind or upwards, NumPy's same_kind (-TR_EDTYPE). It gives 0 or a negative\n"
	     " * status: the errors of the plain form, or -TR_EREADONLY. y may be an operand itself or overlap one in any\n"
	     " * way: operands are read first.\n"
	     " *\n"
	     " * ULP: units in the last place of the correctly rounded result, float32 over the whole domain.\n"
	     " */\n"
	     "#ifndef TRUENO_OPS_H\n"
	     "#define TRUENO_OPS_H\n\n"
	     "#include <trueno/context.h>\n"
	     "#include <trueno/conv.h>\n\n"
	     "#ifdef __cplusplus\nextern \"C\" {\n#endif");
	for (int f = 0; f < TR_FAMILY_COUNT; f++) {
		if (!families[f].args)
			continue;
		printf("\n/*\n * %s.\n", families[f].title);
		for (const char *const *line = families[f].text; *line; line++)
			printf(" * %s\n", *line);
		puts(" */");
		for (size_t i = 0; i < TR_OP_COUNT; i++)
			if (rows[i].info.family == f)
				ops_row(&rows[i].info);
	}
	puts("\n#ifdef __cplusplus\n}\n#endif\n#endif");
}

/* A roff text line must not begin with a control character. */
static void roff_line(const char *s)
{
	printf("%s%s\n", *s == '.' || *s == '\'' ? "\\&" : "", s);
}

static void man(void)
{
	puts(".TH TR_OPS 3 \"\" \"Trueno\" \"Library Functions\"\n.SH NAME\ntr_ops \\- tensor operations\n"
	     ".SH SYNOPSIS\n.B #include <trueno/ops.h>\n.SH DESCRIPTION\n"
	     "Each operation makes a tensor that belongs to the current scope and gives NULL on failure or for a\n"
	     "NULL operand; the reason is in\n.BR tr_error (3).\n"
	     "The form that ends in _out writes into\n.I y\nand gives 0 or a negative status.");
	for (int f = 0; f < TR_FAMILY_COUNT; f++) {
		if (!families[f].args)
			continue;
		printf(".SS %s\n", families[f].title);
		for (const char *const *line = families[f].text; *line; line++)
			roff_line(*line);
		for (size_t i = 0; i < TR_OP_COUNT; i++) {
			const struct tr_op_info *op = &rows[i].info;

			if (op->family != f)
				continue;
			puts(".PP\n.nf");
			print_prototypes(op, "");
			puts(".fi\n.RS");
			roff_line(op->doc);
			printf(".br\nEvaluated in: ");
			print_types(op->dtypes);
			printf(". ");
			print_tolerance(op);
			puts("\n.RE");
		}
	}
	puts(".SH SEE ALSO\n.BR trueno (1)");
}

/* Tab-separated: name, family, types, result, ULP, domain, doc. */
static void list(void)
{
	for (size_t i = 0; i < TR_OP_COUNT; i++) {
		const struct row *r = &rows[i];
		const char *comma = "";

		printf("%s\t%s\t", r->info.name, r->family);
		for (int d = 0; d < TR_DTYPE_COUNT; d++)
			if (r->info.dtypes & TR__BIT(d)) {
				printf("%s%s", comma, dtype_names[d]);
				comma = ",";
			}
		printf("\t%s\t%u\t%s\t%s\n", r->result, r->info.ulp, r->domain, r->info.doc);
	}
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*print)(void); } outputs[] = {
		{"opcodes", opcodes}, {"ops", ops}, {"man", man}, {"list", list},
	};

	for (size_t i = 0; argc == 2 && i < sizeof(outputs) / sizeof(*outputs); i++)
		if (!strcmp(argv[1], outputs[i].name)) {
			outputs[i].print();
			return fflush(stdout) || ferror(stdout) ? 1 : 0;
		}
	fprintf(stderr, "usage: opgen opcodes|ops|man|list\n");
	return 2;
}
