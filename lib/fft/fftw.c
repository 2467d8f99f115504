/* SPDX-License-Identifier: MIT */
/* FFTW at run time, and the plans it has made (lib/fft/fftw.h). */
#include "lib/fft/fftw.h"

#include <fftw3.h>
#include <string.h>

#include "lib/dynamic.h"

#define FUNCTIONS(FN) \
	FN(plan_guru64_dft) FN(plan_guru64_dft_r2c) FN(plan_guru64_dft_c2r) FN(execute_dft) FN(execute_dft_r2c) \
	FN(execute_dft_c2r) FN(destroy_plan) FN(alignment_of)

#define MEMBER_f64(name) __typeof__(fftw_##name) *name;
#define MEMBER_f32(name) __typeof__(fftwf_##name) *name;
#define NAME_f64(name) "fftw_" #name,
#define NAME_f32(name) "fftwf_" #name,
#define COUNT 8

static union {
	struct {
		FUNCTIONS(MEMBER_f32)
	} fn;
	void *address[COUNT];
} f32;

static union {
	struct {
		FUNCTIONS(MEMBER_f64)
	} fn;
	void *address[COUNT];
} f64;
_Static_assert(sizeof(f64.fn) == sizeof(f64.address) && sizeof(f32.fn) == sizeof(f32.address), "one address for each member");

/* By whether they are wide. */
static struct tr_library libraries[2] = {
	{
		.file = "libfftw3f.so.3",
		.package = "libfftw3-single3",
		.variable = "TRUENO_FFTWF",
		.names = (const char *const[]){FUNCTIONS(NAME_f32)},
		.functions = f32.address,
		.count = COUNT,
		TR_LIBRARY_UNLOADED,
	},
	{
		.file = "libfftw3.so.3",
		.package = "libfftw3-double3",
		.variable = "TRUENO_FFTW",
		.names = (const char *const[]){FUNCTIONS(NAME_f64)},
		.functions = f64.address,
		.count = COUNT,
		TR_LIBRARY_UNLOADED,
	},
};

int tr__fft_load(struct tr_context *ctx, const char *who, bool wide)
{
	char why[256];

	if (!tr__library_load(&libraries[wide], why, sizeof(why)))
		return 0;
	return tr__fail(ctx, TR_EDEVICE, "%s: %s", who, why);
}

bool tr__fft_there(bool wide)
{
	char why[256];

	return !tr__library_load(&libraries[wide], why, sizeof(why));
}

/* Plans of the transforms last used. A slot with users keeps its plan. */
#define SLOTS 64

struct slot {
	struct tr_fft_transform t;
	void *plan; /* NULL: empty */
	unsigned users;
	uint64_t used; /* when */
};

static struct {
	pthread_mutex_t lock; /* of the slots, and of FFTW's planner */
	struct slot slot[SLOTS];
	uint64_t clock;
} plans = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* How a transform is planned; of the estimate that this is, no memory is touched. */
#define PLAN(lib, prefix, real, complex_number) \
	prefix##_iodim64 axis[TR_MAX_RANK]; \
	unsigned flags = FFTW_ESTIMATE | (t->spoils ? FFTW_DESTROY_INPUT : FFTW_PRESERVE_INPUT); \
\
	for (int i = 0; i < t->rank + t->many; i++) \
		axis[i] = (prefix##_iodim64){(ptrdiff_t)t->axis[i].n, (ptrdiff_t)t->axis[i].in, (ptrdiff_t)t->axis[i].out}; \
	if (t->kind == TR_FFT_FROM_REAL) \
		return lib.fn.plan_guru64_dft_r2c(t->rank, axis, t->many, axis + t->rank, (real *)in, (complex_number *)out, flags); \
	if (t->kind == TR_FFT_TO_REAL) \
		return lib.fn.plan_guru64_dft_c2r(t->rank, axis, t->many, axis + t->rank, (complex_number *)in, (real *)out, flags); \
	return lib.fn.plan_guru64_dft(t->rank, axis, t->many, axis + t->rank, (complex_number *)in, (complex_number *)out, \
				      t->inverse ? FFTW_BACKWARD : FFTW_FORWARD, flags);

static void *plan_f32(const struct tr_fft_transform *t, void *in, void *out)
{
	PLAN(f32, fftwf, float, fftwf_complex)
}

static void *plan_f64(const struct tr_fft_transform *t, void *in, void *out)
{
	PLAN(f64, fftw, double, fftw_complex)
}

static void execute(const struct tr_fft_transform *t, void *plan, void *in, void *out)
{
	switch (t->kind + 3 * t->wide) {
	case TR_FFT_COMPLEX:
		f32.fn.execute_dft(plan, in, out);
		break;
	case TR_FFT_FROM_REAL:
		f32.fn.execute_dft_r2c(plan, in, out);
		break;
	case TR_FFT_TO_REAL:
		f32.fn.execute_dft_c2r(plan, in, out);
		break;
	case TR_FFT_COMPLEX + 3:
		f64.fn.execute_dft(plan, in, out);
		break;
	case TR_FFT_FROM_REAL + 3:
		f64.fn.execute_dft_r2c(plan, in, out);
		break;
	default:
		f64.fn.execute_dft_c2r(plan, in, out);
		break;
	}
}

static void destroy(const struct tr_fft_transform *t, void *plan)
{
	if (t->wide)
		f64.fn.destroy_plan(plan);
	else
		f32.fn.destroy_plan(plan);
}

/* The slot that holds t's plan, else the one to put it in, else NULL: all are in use. */
static struct slot *find(const struct tr_fft_transform *t)
{
	struct slot *oldest = NULL;

	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &plans.slot[i];

		if (s->plan && !memcmp(&s->t, t, sizeof(*t)))
			return s;
		if (!s->users && (!oldest || s->used < oldest->used))
			oldest = s;
	}
	if (oldest && oldest->plan) {
		destroy(&oldest->t, oldest->plan);
		oldest->plan = NULL;
	}
	return oldest;
}

/* *slot holds the plan returned, or is NULL and the plan is the caller's. */
static void *get_plan(const struct tr_fft_transform *t, void *in, void *out, struct slot **slot)
{
	struct slot *s;
	void *plan;

	pthread_mutex_lock(&plans.lock);
	s = find(t);
	plan = s && s->plan ? s->plan : t->wide ? plan_f64(t, in, out) : plan_f32(t, in, out);
	if (s && plan) {
		s->t = *t;
		s->plan = plan;
		s->users++;
		s->used = ++plans.clock;
	}
	pthread_mutex_unlock(&plans.lock);
	*slot = s;
	return plan;
}

int tr__fft_run(struct tr_context *ctx, const char *who, struct tr_fft_transform *t, void *in, void *out)
{
	struct slot *slot;
	void *plan;

	t->in_at = t->wide ? f64.fn.alignment_of(in) : f32.fn.alignment_of(in);
	t->out_at = t->wide ? f64.fn.alignment_of(out) : f32.fn.alignment_of(out);
	t->in_place = in == out;
	plan = get_plan(t, in, out, &slot);
	if (!plan)
		return tr__fail(ctx, TR_ENOMEM, "%s: FFTW has no plan for this transform", who);
	execute(t, plan, in, out);
	pthread_mutex_lock(&plans.lock);
	if (slot)
		slot->users--;
	else
		destroy(t, plan);
	pthread_mutex_unlock(&plans.lock);
	return 0;
}
