/* SPDX-License-Identifier: MIT */
/*
 * Turns the expressions of lib/ref/expr into GLSL, so that a GPU computes what the specification's own text says.
 * Reads C from stdin, after the preprocessor has applied the vocabulary of vk/shaders/words.h; writes a compute shader
 * whose main calls every op_, cast_, soft_, hard_ and kernel_ function, because a compiler drops what nobody calls. A program of the build;
 * knows tokens, not operations.
 *
 * What of C those files use and GLSL lacks, and what becomes of it:
 *   pointer parameters    inout parameters; * and & before their names go
 *   const T *array        one overload for each length among the constant arrays of T
 *   array + 1             a constant array of its own, array_1
 *   NAME_TABLE[i][j]      the workgroup's copy, shared_NAME_TABLE, which fill_NAME_TABLE makes; vk/link.c calls it
 *   tables as arguments   a function of its own for each
 *   casts, sizeof         constructor calls, numbers
 *   0x1.8p23f, 0.5, 1ll   decimal literals with GLSL's suffixes
 *   #pragma GCC unroll    [[unroll]]
 *   int as a truth value  bool, where words.h marks it with TRUTH
 */
#define _GNU_SOURCE /* memmem */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT (4u << 20)
#define MAX_TOKENS (1u << 20)
#define MAX_ARRAYS 64
#define MAX_CALLS 4096
#define MAX_PARAMS 10

struct token {
	const char *s;
	int len;
};

struct array {
	struct token name, type;
	int length; /* of the first axis of a one-dimensional one; 0: has more axes */
	int elements;
	bool is_table;
};

struct param {
	bool is_pointer, is_array, is_table, is_assigned;
	int first, last; /* tokens [first, last); the last is the name */
};

static char text[MAX_TEXT];
static struct token tok[MAX_TOKENS];
static int ntok;
static struct array arrays[MAX_ARRAYS];
static int narrays;
static char *calls[MAX_CALLS];
static int ncalls;
static struct token table; /* what the parameter that is a table stands for */

static void die(const char *why, const struct token *t)
{
	fprintf(stderr, "glsl: %s near \"%.*s\"\n", why, t ? t->len : 0, t ? t->s : "");
	exit(1);
}

static bool is(int i, const char *s)
{
	return i >= 0 && i < ntok && tok[i].len == (int)strlen(s) && !memcmp(tok[i].s, s, (size_t)tok[i].len);
}

static bool same(const struct token *a, const struct token *b)
{
	return a->len == b->len && !memcmp(a->s, b->s, (size_t)a->len);
}

static bool is_word(int i)
{
	return i >= 0 && i < ntok && (isalpha((unsigned char)tok[i].s[0]) || tok[i].s[0] == '_');
}

/* Whether token i ends an operand, so that an operator after it is binary. */
static bool ends_operand(int i)
{
	return (is_word(i) && !is(i, "return")) || isdigit((unsigned char)tok[i].s[0]) || is(i, ")") || is(i, "]");
}

static int type_size(int i)
{
	static const struct { const char *name; int size; } types[] = {
		{"float", 4}, {"double", 8}, {"int", 4}, {"uint", 4}, {"bool", 4}, {"int8_t", 1}, {"uint8_t", 1},
		{"int16_t", 2}, {"uint16_t", 2}, {"int64_t", 8}, {"uint64_t", 8},
	};

	for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
		if (is(i, types[k].name))
			return types[k].size;
	return 0;
}

static bool is_number_char(const char *p, const char *start)
{
	return isalnum((unsigned char)*p) || *p == '.' || *p == '_' ||
	       ((*p == '+' || *p == '-') && p > start &&
		(tolower((unsigned char)p[-1]) == 'p' ||
		 (tolower((unsigned char)p[-1]) == 'e' && tolower((unsigned char)start[1]) != 'x')));
}

static void tokenize(const char *p)
{
	static const char *const pairs[] = {"==", "!=", "<=", ">=", "&&", "||", "<<", ">>", "+=", "-=", "*=", "|=",
					    "++", "--", "^=", "&=", NULL};

	while (*p) {
		const char *start = p;

		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		if (*p == '#') { /* a pragma: one token */
			p += strcspn(p, "\n");
		} else if (isdigit((unsigned char)*p) || (*p == '.' && isdigit((unsigned char)p[1]))) {
			while (is_number_char(p, start))
				p++;
		} else if (isalpha((unsigned char)*p) || *p == '_') {
			while (isalnum((unsigned char)*p) || *p == '_')
				p++;
		} else {
			p++;
			for (int k = 0; pairs[k]; k++)
				if (!strncmp(start, pairs[k], 2))
					p = start + 2;
		}
		if (ntok == MAX_TOKENS)
			die("too much text", NULL);
		tok[ntok].s = start;
		tok[ntok++].len = (int)(p - start);
	}
}

static int closing(int i, const char *open, const char *close)
{
	int depth = 0;

	for (int k = i; k < ntok; k++) {
		depth += is(k, open) - is(k, close);
		if (!depth)
			return k;
	}
	die("unbalanced", &tok[i]);
	return ntok;
}

static void put_number(const struct token *t)
{
	char s[64];
	bool hex, floating;

	snprintf(s, sizeof(s), "%.*s", t->len, t->s);
	hex = s[1] == 'x' || s[1] == 'X';
	floating = strpbrk(s, hex ? ".pP" : ".eE");
	if (!floating) {
		char *end = s + strspn(s, hex ? "0123456789abcdefABCDEFxX" : "0123456789");
		bool is_unsigned = strpbrk(end, "uU"), is_long = strpbrk(end, "lL");

		printf("%.*s%s%s ", (int)(end - s), s, is_unsigned ? "u" : "", is_long ? "l" : "");
	} else if (s[strlen(s) - 1] == 'f') {
		printf("%#.9gf ", strtod(s, NULL));
	} else {
		printf("%#.17glf ", strtod(s, NULL));
	}
}

static void put_word(const struct token *t)
{
	static const char *const reserved[] = {"half", "fixed", "long", "short", "common", "input", "output", "filter",
					       "active", "sample", "patch", "flat", "smooth", "shared", "buffer"};

	printf("%.*s", t->len, t->s);
	for (size_t k = 0; k < sizeof(reserved) / sizeof(*reserved); k++)
		if ((int)strlen(reserved[k]) == t->len && !memcmp(reserved[k], t->s, (size_t)t->len))
			putchar('_');
	putchar(' ');
}

static int size_of(int i)
{
	int size = type_size(i);

	for (int k = 0; k < narrays && !size; k++)
		if (same(&arrays[k].name, &tok[i]))
			size = arrays[k].elements * (arrays[k].type.len == 5 ? 4 : 8);
	if (!size)
		die("sizeof what", &tok[i]);
	return size;
}

static const struct array *find_array(int i)
{
	for (int k = 0; k < narrays; k++)
		if (same(&arrays[k].name, &tok[i]))
			return &arrays[k];
	return NULL;
}

static bool is_table(int i)
{
	const struct array *a = find_array(i);

	return a && a->is_table;
}

static int put_one(int i, const struct param *p, int np);

/* A cast at token i, "( type )": what it applies to is one unary expression. Returns the next token. */
static int put_cast(int i, const struct param *p, int np)
{
	printf("%.*s", tok[i + 1].len, tok[i + 1].s);
	i += 3;
	if (is(i, "("))
		return i; /* the operand's own parentheses are the constructor's */
	putchar('(');
	if (is(i, "-"))
		i = put_one(i, p, np);
	i = put_one(i, p, np);
	putchar(')');
	return i;
}

static bool is_pointer(int i, const struct param *p, int np)
{
	for (int k = 0; k < np; k++)
		if (p[k].is_pointer && same(&tok[i], &tok[p[k].last - 1]))
			return true;
	return false;
}

/* Whether token i is the parameter that stands for a table. */
static bool is_table_param(int i, const struct param *p, int np)
{
	for (int k = 0; k < np; k++)
		if (p[k].is_table && same(&tok[i], &tok[p[k].first + 2]))
			return true;
	return false;
}

/* Writes the GLSL for the token at i, or for the few that belong together; returns the next one. */
static int put_one(int i, const struct param *p, int np)
{
	if (tok[i].s[0] == '#') {
		printf("\n[[unroll]] ");
		return i + 1;
	}
	if (is(i, "TRUTH") || is(i, "static") || is(i, "inline"))
		return i + 1;
	if (is(i, "*") && !ends_operand(i - 1) && is_pointer(i + 1, p, np))
		return i + 1;
	if (is(i, "&") && !ends_operand(i - 1))
		return i + 1;
	if (is(i, "sizeof") && is(i + 3, ")")) {
		printf("%d ", size_of(i + 2));
		return i + 4;
	}
	if (is(i, "(") && type_size(i + 1) && is(i + 2, ")"))
		return put_cast(i, p, np);
	if (is_table(i) || is_table_param(i, p, np)) {
		const struct token *name = is_table(i) ? &tok[i] : &table;

		printf("shared_%.*s ", name->len, name->s);
		return i + 1;
	}
	if (is_word(i) && is(i + 1, "(") && is_table(i + 2) && is(i + 3, ",")) {
		printf("%.*s_%.*s (", tok[i].len, tok[i].s, tok[i + 2].len, tok[i + 2].s);
		return i + 4;
	}
	if (find_array(i) && is(i + 1, "+")) {
		printf("%.*s_%.*s ", tok[i].len, tok[i].s, tok[i + 2].len, tok[i + 2].s);
		return i + 3;
	}
	if (isdigit((unsigned char)tok[i].s[0]) || (tok[i].s[0] == '.' && tok[i].len > 1))
		put_number(&tok[i]);
	else if (is_word(i))
		put_word(&tok[i]);
	else
		printf("%.*s%s", tok[i].len, tok[i].s, is(i, ";") || is(i, "{") || is(i, "}") ? "\n" : " ");
	return i + 1;
}

static void put_range(int i, int last, const struct param *p, int np)
{
	while (i < last)
		i = put_one(i, p, np);
}

/* Splits the parameters (first, last) at commas. */
static int split_params(int first, int last, struct param *p)
{
	int np = 0, start = first;

	for (int i = first; i <= last; i++) {
		if (i < last && !is(i, ","))
			continue;
		if (i == start)
			break;
		if (np == MAX_PARAMS)
			die("too many parameters", &tok[first]);
		memset(&p[np], 0, sizeof(*p));
		p[np].first = start;
		p[np].last = i;
		for (int k = start; k < i; k++)
			p[np].is_pointer |= is(k, "*");
		p[np].is_array = p[np].is_pointer && is(start, "const");
		p[np].is_pointer &= !p[np].is_array;
		p[np].is_table = is(start, "const") && is(i - 1, "]");
		np++;
		start = i + 1;
	}
	return np;
}

static void find_assigned(struct param *p, int np, int first, int last)
{
	for (int k = 0; k < np; k++)
		for (int i = first; i < last; i++)
			if (same(&tok[i], &tok[p[k].last - 1]) && (is(i + 1, "=") || is(i + 1, "+=")))
				p[k].is_assigned = true;
}

static void put_params(const struct param *p, int np, const struct array *instance)
{
	for (int k = 0, put = 0; k < np; k++) {
		const struct token *name = &tok[p[k].last - 1];

		if (p[k].is_table)
			continue;
		if (put++)
			printf(", ");
		if (p[k].is_array) {
			printf("const %.*s %.*s[%d]", instance->type.len, instance->type.s, name->len, name->s,
			       instance->length);
		} else if (p[k].is_pointer) {
			printf("inout %.*s ", tok[p[k].first].len, tok[p[k].first].s);
			put_word(name);
		} else {
			if (!p[k].is_assigned && !is(p[k].first, "const"))
				printf("const ");
			put_range(p[k].first, p[k].last, p, np);
		}
	}
}

static void add_call(const char *line)
{
	if (ncalls == MAX_CALLS)
		die("too many functions", NULL);
	calls[ncalls++] = strdup(line);
}

/* Remembers to call an op_, cast_, soft_, hard_ or kernel_ function that takes values only. */
static void note_call(int name, const struct param *p, int np)
{
	static const char *const kinds[] = {"op_", "cast_", "soft_", "hard_", "kernel_"};
	char line[512];
	bool found = false;
	int used;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		found |= !strncmp(tok[name].s, kinds[k], strlen(kinds[k]));
	if (!found)
		return;
	used = snprintf(line, sizeof(line), "%.*s(", tok[name].len, tok[name].s);
	for (int k = 0; k < np; k++) {
		if (p[k].is_pointer || p[k].is_array || is(p[k].last - 1, "]"))
			return;
		used += snprintf(line + used, sizeof(line) - (size_t)used, "%s%.*s(z)", k ? ", " : "",
				 tok[p[k].last - 2].len, tok[p[k].last - 2].s);
	}
	snprintf(line + used, sizeof(line) - (size_t)used, ");");
	add_call(line);
}

/* A function whose name is token i and whose first parameter is a table, of its own for every table that a call gives it. */
static void put_for_tables(int i, const struct param *p, int np, int close, int end)
{
	for (int a = 0; a < narrays; a++) {
		bool called = false;

		for (int k = end; k < ntok - 2; k++)
			called |= same(&tok[k], &tok[i]) && same(&tok[k + 2], &arrays[a].name);
		if (!called)
			continue;
		table = arrays[a].name;
		printf("%.*s %.*s_%.*s(", tok[i - 1].len, tok[i - 1].s, tok[i].len, tok[i].s, table.len, table.s);
		put_params(p, np, NULL);
		printf(")\n");
		put_range(close + 1, end, p, np);
	}
}

/* A function whose name is token i; returns the token after it. */
static int put_function(int i)
{
	struct param p[MAX_PARAMS];
	int close = closing(i + 1, "(", ")"), end = closing(close + 1, "{", "}") + 1;
	int np = split_params(i + 2, close, p), array = -1;
	bool truth = false;

	find_assigned(p, np, close, end);
	if (np && p[0].is_table) {
		put_for_tables(i, p, np, close, end);
		return end;
	}
	for (int k = 0; k < np; k++)
		if (p[k].is_array)
			array = p[k].first + 1;
	for (int k = close; k < end; k++)
		truth |= is(k, "return") && is(k + 1, "TRUTH");
	for (int a = 0; a < (array < 0 ? 1 : narrays); a++) {
		bool seen = false;

		if (array >= 0 && (!arrays[a].length || !same(&arrays[a].type, &tok[array])))
			continue;
		for (int b = 0; b < a && array >= 0; b++)
			seen |= arrays[b].length == arrays[a].length && same(&arrays[b].type, &arrays[a].type);
		if (seen)
			continue;
		printf("%.*s ", truth ? 4 : tok[i - 1].len, truth ? "bool" : tok[i - 1].s);
		put_word(&tok[i]);
		putchar('(');
		put_params(p, np, &arrays[a]);
		printf(")\n");
		put_range(close + 1, end, p, np);
	}
	note_call(i, p, np);
	return end;
}

/* The array from element `skip` on, skip being token k; its braces are tokens open and close. */
static void put_tail(const struct array *whole, int k, int open, int close)
{
	struct array *a = &arrays[narrays++];
	int skip = atoi(tok[k].s);

	if (narrays > MAX_ARRAYS || skip < 1 || skip >= whole->length)
		die("no such part of an array", &tok[k]);
	*a = *whole;
	a->name = (struct token){"", 0}; /* sizeof never asks for it */
	a->length = a->elements = whole->length - skip;
	printf("const %.*s %.*s_%d[] = {", a->type.len, a->type.s, whole->name.len, whole->name.s, skip);
	for (open++; skip; open++)
		skip -= is(open, ",");
	put_range(open, close + 1, NULL, 0);
	printf(";\n");
}

/* Parts of an array that later text asks for, each once. */
static void put_tails(const struct array *whole, int open, int close)
{
	for (int i = close; i < ntok - 2; i++) {
		bool seen = false;

		if (!same(&tok[i], &whole->name) || !is(i + 1, "+"))
			continue;
		for (int k = close; k < i; k++)
			seen |= same(&tok[k], &whole->name) && is(k + 1, "+") && same(&tok[k + 2], &tok[i + 2]);
		if (!seen)
			put_tail(whole, i + 2, open, close);
	}
}

/*
 * A table is looked into by every element at a place of its own, for which GPUs keep no constants: NVIDIA's read one place at
 * a time. So a workgroup copies it to where its invocations read 16 or 32 places at once.
 */
static void put_copy(const struct array *a, int columns)
{
	const char *type = a->type.s, *name = a->name.s;
	int ntype = a->type.len, nname = a->name.len;
	char line[128];

	printf("shared %.*s shared_%.*s[%d][%d];\n", ntype, type, nname, name, a->elements / columns, columns);
	printf("void fill_%.*s(const uint local, const uint size)\n{\n", nname, name);
	printf("for (uint i = local; i < %du; i += size)\nshared_%.*s[i / %du][i %% %du] = %.*s[i / %du][i %% %du];\n}\n",
	       a->elements, nname, name, columns, columns, nname, name, columns, columns);
	snprintf(line, sizeof(line), "fill_%.*s(z, z);", nname, name);
	add_call(line);
}

/* A constant array, its name token i, up to its semicolon. */
static int put_array(int i)
{
	int end = i, open = i, axes = 0, elements = 1;
	struct array *a = &arrays[narrays++];

	if (narrays > MAX_ARRAYS)
		die("too many arrays", &tok[i]);
	while (!is(open, "{")) {
		axes += is(open, "[");
		open++;
	}
	end = closing(open, "{", "}") + 1;
	for (int k = open; k < end - 1; k++)
		elements += is(k, ",") && !is(k + 1, "}");
	a->name = tok[i];
	a->type = tok[i - 1];
	a->elements = elements;
	a->length = axes == 1 ? elements : 0;
	printf("const %.*s ", tok[i - 1].len, tok[i - 1].s);
	put_range(i, end + 1, NULL, 0);
	put_tails(a, open, end - 1);
	a->is_table = axes == 2 && memmem(a->name.s, (size_t)a->name.len, "_TABLE", 6);
	if (a->is_table)
		put_copy(a, atoi(tok[i + 5].s));
	return end + 1;
}

/* What kernels find in memory, at_<tag>, and what a workgroup shares, shared_<tag>. */
static const struct {
	const char *tag, *type;
	int size;
} memory[] = {
	{"u8", "uint8_t", 1}, {"u16", "uint16_t", 2}, {"u32", "uint", 4}, {"f32", "float", 4}, {"f64", "double", 8},
	{"u64", "uint64_t", 8}, {"i64", "int64_t", 8}, {"v4", "vec4", 16}, {"d2", "f64vec2", 16},
};
static const struct {
	const char *tag, *type;
	int length;
} sharing[] = {
	{"f32", "float", 2048}, {"f64", "double", 2048}, {"u32", "uint", 2048}, {"u64", "uint64_t", 2048},
	{"i64", "int64_t", 2048}, {"index", "uint64_t", 256}, {"gemm128", "vec4", 2048}, {"gemm64", "vec4", 1024},
	{"wide128", "vec4", 1024}, {"wide64", "vec4", 768}, {"gemm32", "vec4", 1024}, {"thin", "vec4", 1536}, {"gemmd", "f64vec2", 1024},
	{"short_f32", "float", 1088}, {"short_f64", "double", 1088}, {"whole", "vec4", 128}, {"teams", "float", 1024},
};

int main(void)
{
	size_t n = fread(text, 1, sizeof(text) - 1, stdin);

	if (n == sizeof(text) - 1)
		die("too much text", NULL);
	tokenize(text);
	printf("#version 460\n"
	       "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
	       "#extension GL_EXT_control_flow_attributes : require\n"
	       "#extension GL_EXT_buffer_reference : require\n"
	       "#extension GL_EXT_shader_8bit_storage : require\n"
	       "#extension GL_EXT_shader_16bit_storage : require\n"
	       "#extension GL_KHR_shader_subgroup_vote : require\n"
	       "layout(local_size_x = 1) in;\n");
	for (size_t i = 0; i < sizeof(memory) / sizeof(*memory); i++)
		printf("layout(buffer_reference, std430, buffer_reference_align = %d) buffer at_%s { %s v; };\n",
		       memory[i].size, memory[i].tag, memory[i].type);
	for (size_t i = 0; i < sizeof(sharing) / sizeof(*sharing); i++)
		printf("shared %s shared_%s[%d];\n", sharing[i].type, sharing[i].tag, sharing[i].length);
	for (int i = 0; i < ntok;) {
		if (is_word(i) && is(i + 1, "(") && is_word(i - 1))
			i = put_function(i);
		else if (is_word(i) && is(i + 1, "["))
			i = put_array(i);
		else
			i++;
	}
	printf("void main()\n{\nint z = int(gl_GlobalInvocationID.x);\n");
	for (int i = 0; i < ncalls; i++)
		printf("%s\n", calls[i]);
	printf("}\n");
	return 0;
}
