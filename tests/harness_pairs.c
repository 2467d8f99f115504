/* SPDX-License-Identifier: MIT */
/* Shared by the suites of the Vulkan driver (tests/pairs.h). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/pairs.h"
#include "vk/vk.h"

struct tr_context *gpu, *cpu;
char scratch[] = "/tmp/trueno-vk-XXXXXX";
char why_not[256];
bool flushes;
static char log_file[64];

static bool is_nan(enum tr_dtype dtype, const unsigned char *p)
{
	uint16_t h;
	float f;
	double d;

	switch (dtype) {
	case TR_F16:
	case TR_BF16:
		memcpy(&h, p, 2);
		return (h & 0x7fff) > (dtype == TR_F16 ? 0x7c00 : 0x7f80);
	case TR_F32:
		memcpy(&f, p, 4);
		return isnan(f);
	case TR_F64:
		memcpy(&d, p, 8);
		return isnan(d);
	default:
		return false;
	}
}

static bool is_denormal(enum tr_dtype dtype, const unsigned char *p)
{
	float f;

	if (dtype == TR_C64)
		return is_denormal(TR_F32, p) || is_denormal(TR_F32, p + 4);
	memcpy(&f, p, 4);
	return dtype == TR_F32 && fpclassify(f) == FP_SUBNORMAL;
}

static bool same(enum tr_dtype dtype, const unsigned char *a, const unsigned char *b)
{
	size_t size = tr_dtype_size(dtype);
	enum tr_dtype part = dtype == TR_C64 ? TR_F32 : TR_F64;

	if (dtype == TR_C64 || dtype == TR_C128)
		return same(part, a, b) && same(part, a + size / 2, b + size / 2);
	return !memcmp(a, b, size) || (is_nan(dtype, a) && is_nan(dtype, b));
}

static void print_bytes(char *out, const unsigned char *p, size_t n)
{
	for (size_t i = n; i-- > 0;)
		out += sprintf(out, "%02x", p[i]);
}

/* The first element in which the tensors differ, noted; -1 if there is none. */
int64_t first_difference(struct tr_tensor *a, struct tr_tensor *b, const char *what)
{
	enum tr_dtype dtype = tr_dtype_of(a);
	size_t size = tr_dtype_size(dtype), n = (size_t)tr_numel(a);
	unsigned char *x = malloc(n * size + 1), *y = malloc(n * size + 1);
	char hx[40], hy[40];
	int64_t bad = -1;

	if (dtype != tr_dtype_of(b) || tr_numel(a) != tr_numel(b) || tr_read(a, x, n * size) || tr_read(b, y, n * size))
		bad = 0;
	for (size_t i = 0; i < n && bad < 0; i++) {
		if (same(dtype, x + i * size, y + i * size) || (flushes && is_denormal(dtype, y + i * size)))
			continue;
		bad = (int64_t)i;
		print_bytes(hx, x + i * size, size);
		print_bytes(hy, y + i * size, size);
		test_note("%s: element %zu is %s, cpu %s", what, i, hx, hy);
	}
	if (tr_error(gpu))
		test_note("%s: %s", what, tr_error_message(gpu));
	free(x);
	free(y);
	return bad;
}

/* Of any kind; where denormals are flushed, so that products, quotients and squares of differences are normal too. */
static float random_float(void)
{
	float f = test_rand_f32(), size = fabsf(f);

	return flushes && size > 0 && size < INFINITY && (size < 0x1p-38f || size > 0x1p50f) ? (float)test_rand_normal() : f;
}

static void random_element(enum tr_dtype dtype, unsigned char *p)
{
	float f = random_float(), parts[2] = {f, random_float()};
	double d = test_rand_f64(), dparts[2] = {d, test_rand_f64()};
	uint64_t bits = test_rand_below(3) ? test_rand() : test_rand_below(5) - 2;
	uint16_t half = (uint16_t)test_rand();

	if (flushes && dtype == TR_BF16) {
		uint32_t f_bits;

		memcpy(&f_bits, &f, sizeof(f_bits));
		half = (uint16_t)(f_bits >> 16);
	}
	if (test_rand_below(2)) { /* where functions have something to do */
		f = (float)(8 * test_rand_normal());
		d = 8 * test_rand_normal();
	}
	switch (dtype) {
	case TR_BOOL:
		*p = bits & 1;
		break;
	case TR_F16:
	case TR_BF16:
		memcpy(p, &half, 2);
		break;
	case TR_F32:
		memcpy(p, &f, 4);
		break;
	case TR_F64:
		memcpy(p, &d, 8);
		break;
	case TR_C64:
		memcpy(p, parts, 8);
		break;
	case TR_C128:
		memcpy(p, dparts, 16);
		break;
	default:
		memcpy(p, &bits, tr_dtype_size(dtype));
	}
}

struct pair random_pair(enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	size_t size = tr_dtype_size(dtype), n = 1;
	unsigned char *data;
	struct pair p;

	for (int i = 0; i < ndim; i++)
		n *= (size_t)shape[i];
	data = malloc(n * size + 1);
	for (size_t i = 0; i < n; i++)
		random_element(dtype, data + i * size);
	p.g = tr_from_data(gpu, dtype, ndim, shape, data);
	p.c = tr_from_data(cpu, dtype, ndim, shape, data);
	free(data);
	return p;
}

void free_pair(struct pair p)
{
	tr_free(p.g);
	tr_free(p.c);
}

int sources_of(enum tr_op op)
{
	enum tr_family f = (enum tr_family)tr__ops[op].family;

	return tr__family_is_map(f) && f != TR_FAMILY_FILL ? (int)tr__family_sources(f) : 0;
}

static struct tr_tensor *submit(struct tr_context *ctx, enum tr_op op, struct tr_tensor *const *src,
				struct tr_tensor *dst, enum tr_dtype to)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.nsrc = (uint8_t)sources_of(op);
	for (int i = 0; i < sqe.nsrc; i++)
		sqe.src[i] = tr_handle(src[i]);
	sqe.dst = dst ? tr_handle(dst) : 0;
	sqe.dtype = (uint8_t)to;
	sqe.attr.f64[0] = 0.75; /* of operations with numbers */
	sqe.attr.f64[1] = 6;
	return tr_submit(ctx, &sqe, 1) ? NULL : tr_from_handle(ctx, sqe.dst);
}

struct pair submit_pair(enum tr_op op, const struct pair *src, const struct pair *dst, enum tr_dtype to)
{
	struct tr_tensor *g[3] = {src[0].g, src[1].g, src[2].g}, *c[3] = {src[0].c, src[1].c, src[2].c};
	struct pair p;

	p.g = submit(gpu, op, g, dst ? dst->g : NULL, to);
	p.c = submit(cpu, op, c, dst ? dst->c : NULL, to);
	return p;
}

bool is_map(enum tr_op op)
{
	return tr__family_is_map((enum tr_family)tr__ops[op].family) && tr__ops[op].family != TR_FAMILY_FILL;
}

void assert_pair(struct pair p, const char *what)
{
	if (!p.g || !p.c)
		test_note("%s: %s%s", what, tr_error_message(gpu), tr_error_message(cpu));
	CU_ASSERT_PTR_NOT_NULL(p.g);
	CU_ASSERT_PTR_NOT_NULL(p.c);
	if (p.g && p.c)
		CU_ASSERT_EQUAL(first_difference(p.g, p.c, what), -1);
	CU_ASSERT_EQUAL(tr_error(gpu), 0);
	tr_error_clear(gpu);
	tr_error_clear(cpu);
}

int random_rank(int64_t *shape, int64_t most)
{
	int ndim = (int)test_rand_below(6);

	for (int i = 0; i < ndim; i++) {
		shape[i] = 1 + (int64_t)test_rand_below(9);
		if (shape[i] > most)
			shape[i] = 1;
		most /= shape[i];
	}
	return ndim;
}

/* A view of the given shape on new memory: axes permuted, backwards, with gaps, repeated. */
struct pair random_view(enum tr_dtype dtype, int ndim, const int64_t *shape, bool repeats)
{
	int64_t whole[TR_MAX_RANK] = {0}, step[TR_MAX_RANK];
	int perm[TR_MAX_RANK], back[TR_MAX_RANK];
	struct pair p, base;

	for (int i = 0; i < ndim; i++)
		perm[i] = i;
	for (int i = ndim - 1; i > 0; i--) {
		int k = (int)test_rand_below((uint64_t)i + 1), t = perm[i];

		perm[i] = perm[k];
		perm[k] = t;
	}
	for (int i = 0; i < ndim; i++) {
		bool repeat = repeats && !test_rand_below(4);

		back[perm[i]] = i;
		step[i] = repeat ? 1 : (int64_t)test_rand_below(3) + 1;
		if (!repeat && test_rand_below(2))
			step[i] = -step[i];
		whole[i] = repeat ? 1 : shape[perm[i]] * (step[i] < 0 ? -step[i] : step[i]);
	}
	base = p = random_pair(dtype, ndim, whole);
	for (int i = 0; i < ndim; i++) {
		int64_t first = step[i] < 0 ? whole[i] - 1 : 0, end = step[i] < 0 ? -whole[i] - 1 : whole[i];
		struct pair next = {tr_slice_axis(p.g, i, first, end, step[i]),
				    tr_slice_axis(p.c, i, first, end, step[i])};

		p = next;
	}
	if (ndim) {
		struct pair turned = {tr_permute(p.g, back), tr_permute(p.c, back)};
		struct pair wide = {tr_broadcast_to(turned.g, ndim, shape), tr_broadcast_to(turned.c, ndim, shape)};

		p = wide;
	}
	(void)base; /* the scope frees the steps on the way */
	return p;
}

enum tr_op random_op(enum tr_dtype dtype)
{
	for (;;) {
		enum tr_op op = (enum tr_op)test_rand_below(TR_OP_COUNT);

		if (is_map(op) && tr__ops[op].family != TR_FAMILY_CAST && tr__ops[op].dtypes & TR__BIT(dtype))
			return op;
	}
}

bool validation_said(char *line, size_t len)
{
	static long read; /* bytes */
	FILE *f = fopen(log_file, "r"); /* made by the layer when it starts */
	bool any;

	CU_ASSERT_PTR_NOT_NULL(f);
	if (!f)
		return true;
	fseek(f, read, SEEK_SET);
	any = fgets(line, (int)len, f);
	fseek(f, 0, SEEK_END);
	read = ftell(f);
	fclose(f);
	return any;
}

/* Runs last: what the layer had to say about all that went before. */
void validation_had_nothing_to_say(void)
{
	char line[1024] = "";

	if (!gpu && *why_not)
		TEST_SKIP("no Vulkan device: %s", why_not);
	if (!getenv("VK_INSTANCE_LAYERS"))
		TEST_SKIP("the validation layer is not installed");
	if (validation_said(line, sizeof(line)))
		test_note("%s", line);
	CU_ASSERT_STRING_EQUAL(line, "");
}

/* Some instructions may keep denormals where others do not; comparisons are the ones to tell. */
static bool find_flushes(void)
{
	static const float least[1] = {0x1p-149f};
	struct tr_tensor *t = tr_from_data(gpu, TR_F32, 0, NULL, least), *zero = tr_zeros(gpu, TR_F32, 0, NULL);
	struct tr_tensor *y = tr_equal(t, zero);
	unsigned char equal = 0;

	tr_read(y, &equal, sizeof(equal));
	tr_free(t);
	tr_free(zero);
	tr_free(y);
	return equal;
}

static bool checks_on_gpu(void)
{
	const char *s = getenv("TRUENO_TEST_GPU_ASSISTED");

	return s && !strcmp(s, "1");
}

/* The layer and its settings, before the library is loaded. */
static void ask_for_validation(void)
{
	char path[64];
	FILE *f;

	snprintf(log_file, sizeof(log_file), "%s/validation", scratch);
	snprintf(path, sizeof(path), "%s/vk_layer_settings.txt", scratch);
	if (access("/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json", R_OK))
		return;
	f = fopen(path, "w");
	if (!f)
		return;
	fprintf(f, "khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG\n"
		   "khronos_validation.report_flags = error,warn\n"
		   "khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT%s\n"
		   "khronos_validation.log_filename = %s\n",
		checks_on_gpu() ? ",VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT,"
				  "VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_RESERVE_BINDING_SLOT_EXT" : "",
		log_file);
	fclose(f);
	tr__vk_chained = checks_on_gpu();
	setenv("VK_LAYER_SETTINGS_PATH", path, 1);
	setenv("VK_INSTANCE_LAYERS", "VK_LAYER_KHRONOS_validation", 1);
}

int vk_main(const char *suite, const struct test_case *cases, size_t n)
{
	/* A rasteriser on a busy machine compiles and runs large kernels for minutes. */
	struct tr_context_params on_gpu = {.device = "vulkan", .timeout_ms = 900000};
	struct tr_context_params on_cpu = {.device = "cpu", .exact = TR_EXACT_HALF};
	char command[128];
	int status;

	if (!mkdtemp(scratch))
		return 2;
	setenv("XDG_CACHE_HOME", scratch, 1);
	ask_for_validation();
	if (tr_context_create(&gpu, &on_gpu, why_not, sizeof(why_not)))
		gpu = NULL;
	if (tr_context_create(&cpu, &on_cpu, command, sizeof(command)))
		return 2;
	flushes = gpu && find_flushes();
	status = test_run(suite, cases, n);
	tr_context_destroy(gpu);
	tr_context_destroy(cpu);
	/* the Vulkan driver's own cache may still be writing its last file there */
	snprintf(command, sizeof(command), "for i in 1 2 3 4 5; do rm -rf %s 2>&- && exit; sleep 1; done; exit 1", scratch);
	return system(command) ? 2 : status;
}
