/* SPDX-License-Identifier: MIT */
/*
 * Plans on the Vulkan driver: recorded once and submitted once a replay, operands moved without recording anew, barriers
 * exactly where commands meet. Vulkan's functions are counted on the way.
 */
#include <stdlib.h>
#include <string.h>

#include <trueno/conv.h>
#include <trueno/product.h>

#include "lib/context.h"
#include "tests/pairs.h"
#include "vk/recording.h"

static PFN_vkQueueSubmit real_submit;
static PFN_vkBeginCommandBuffer real_begin;
static unsigned submits, begins, run_submits, run_begins; /* since count_calls; of the last run of a plan */

static VKAPI_ATTR VkResult VKAPI_CALL count_submit(VkQueue q, uint32_t n, const VkSubmitInfo *i, VkFence f)
{
	submits++;
	return real_submit(q, n, i, f);
}

static VKAPI_ATTR VkResult VKAPI_CALL count_begin(VkCommandBuffer c, const VkCommandBufferBeginInfo *i)
{
	begins++;
	return real_begin(c, i);
}

static void count_calls(void)
{
	if (!real_submit) {
		real_submit = tr__vk.QueueSubmit;
		real_begin = tr__vk.BeginCommandBuffer;
		tr__vk.QueueSubmit = count_submit;
		tr__vk.BeginCommandBuffer = count_begin;
	}
	submits = begins = 0;
}

#define SIDE 16
#define ELEMENTS (SIDE * SIDE)
#define INPUTS 4
#define STEPS 14
static const int64_t square[2] = {SIDE, SIDE};

/* New values, the same in both. */
static void refill(struct pair p)
{
	float data[ELEMENTS];

	for (int i = 0; i < ELEMENTS; i++)
		data[i] = (float)test_rand_normal();
	CU_ASSERT_EQUAL(tr_write(p.g, data, sizeof(data)), 0);
	CU_ASSERT_EQUAL(tr_write(p.c, data, sizeof(data)), 0);
}

static struct pair new_input(void)
{
	struct pair p = {tr_zeros(gpu, TR_F32, 2, square), tr_zeros(cpu, TR_F32, 2, square)};

	refill(p);
	return p;
}

/* One step of a random program, in one context: what is drawn is in k, what it works on in x and y. */
static struct tr_tensor *step(uint64_t k, struct tr_tensor *x, struct tr_tensor *y)
{
	static const int turned[2] = {1, 0};

	switch (k % 8) {
	case 0:
		return tr_matmul(x, y);
	case 1:
		return tr_add(x, y);
	case 2:
		return tr_multiply(x, tr_sum(y, 2, TR_KEEPDIMS));
	case 3:
		return tr_softmax(tr_tanh(x), (int)(k / 8 % 2)); /* of less, and some results would be flushed where GPUs do that */
	case 4:
		return tr_add(tr_permute(x, turned), y);
	case 5:
		return tr_minimum(x, tr_multiply(y, y));
	case 6:
		return tr_linear(x, y, NULL);
	default:
		return tr_subtract(tr_copy(tr_permute(x, turned)), tr_max(y, 1, TR_KEEPDIMS));
	}
}

struct program {
	uint64_t kind[STEPS];
	unsigned from[STEPS][2];
};

static void draw(struct program *p)
{
	for (unsigned i = 0; i < STEPS; i++) {
		p->kind[i] = test_rand();
		for (int k = 0; k < 2; k++)
			p->from[i][k] = (unsigned)test_rand_below(INPUTS + i);
	}
}

/* The last three values of the program on these inputs. */
static void build(const struct program *p, struct tr_tensor *const *inputs, struct tr_tensor **out)
{
	struct tr_tensor *v[INPUTS + STEPS];

	tr_scope_begin(tr_context_of(inputs[0]));
	memcpy(v, inputs, INPUTS * sizeof(*v));
	for (int i = 0; i < STEPS; i++)
		v[INPUTS + i] = step(p->kind[i], v[p->from[i][0]], v[p->from[i][1]]);
	for (int i = 0; i < 3; i++)
		out[i] = tr_keep(v[INPUTS + STEPS - 3 + i]);
	tr_scope_end(tr_context_of(inputs[0]));
}

static struct tr_plan *plan_of(const struct program *p, struct tr_tensor *const *inputs, struct tr_tensor **out)
{
	CU_ASSERT_EQUAL(tr_plan_begin(tr_context_of(inputs[0])), 0);
	build(p, inputs, out);
	return tr_plan_end(tr_context_of(inputs[0]));
}

/* The plan's results after a run against the same on the CPU, one by one. */
static void compare_run(struct tr_plan *plan, const struct program *p, struct pair *in, struct tr_tensor **results, int round)
{
	struct tr_tensor *inputs[INPUTS], *want[3];
	unsigned submits_before = submits, begins_before = begins;

	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	run_submits = submits - submits_before;
	run_begins = begins - begins_before;
	for (int i = 0; i < INPUTS; i++)
		inputs[i] = in[i].c;
	build(p, inputs, want);
	test_note("round %d", round);
	for (int i = 0; i < 3; i++) {
		assert_pair((struct pair){results[i], want[i]}, "replay");
		tr_free(want[i]);
	}
}

static void a_replay_is_one_submission(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 12); round++) {
		struct tr_tensor *inputs[INPUTS], *results[3];
		struct pair in[INPUTS];
		struct program p;
		struct tr_plan *plan;

		draw(&p);
		for (int i = 0; i < INPUTS; i++) {
			in[i] = new_input();
			inputs[i] = in[i].g;
		}
		plan = plan_of(&p, inputs, results);
		CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
		compare_run(plan, &p, in, results, round);
		for (int again = 0; again < 3; again++) {
			refill(in[test_rand_below(INPUTS)]);
			count_calls();
			compare_run(plan, &p, in, results, round);
			CU_ASSERT_EQUAL(run_submits, 1);
			CU_ASSERT_EQUAL(run_begins, 0);
		}
		tr_plan_destroy(plan);
		for (int i = 0; i < INPUTS; i++)
			free_pair(in[i]);
		for (int i = 0; i < 3; i++)
			tr_free(results[i]);
	}
}

static void a_replay_allocates_nothing(void)
{
	struct test_heap heap = {0};
	struct tr_context_params params = {.device = "vulkan", .allocator = test_heap_allocator(&heap)};
	struct tr_tensor *inputs[INPUTS], *results[3];
	struct tr_stats before, after;
	struct tr_context *ctx;
	struct tr_plan *plan;
	struct program p;
	size_t calls;
	char why[256];

	NEEDS_GPU();
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, why, sizeof(why)), 0);
	draw(&p);
	for (int i = 0; i < INPUTS; i++)
		inputs[i] = tr_ones(ctx, TR_F32, 2, square);
	plan = plan_of(&p, inputs, results);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	tr_stats(ctx, &before);
	calls = heap.calls;
	for (int i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(heap.calls, calls);
	tr_stats(ctx, &after);
	CU_ASSERT_EQUAL(after.allocs, before.allocs);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

/* Inputs and results in other places: the same commands, recorded no more than once. */
static void operands_move_without_recording(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 12); round++) {
		struct tr_tensor *inputs[INPUTS], *results[3];
		struct pair in[INPUTS];
		struct program p;
		struct tr_plan *plan;

		draw(&p);
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		for (int i = 0; i < INPUTS; i++) {
			in[i] = new_input();
			inputs[i] = in[i].g;
		}
		plan = plan_of(&p, inputs, results);
		compare_run(plan, &p, in, results, round);
		count_calls();
		for (int again = 0; again < 4; again++) {
			unsigned i = (unsigned)test_rand_below(INPUTS), k = (unsigned)test_rand_below(3);
			struct tr_tensor *elsewhere = tr_empty(gpu, TR_F32, 2, square);
			struct pair other = new_input();

			begins = 0; /* what makes the operands does not count */
			if (!tr_plan_bind(plan, in[i].g, other.g))
				in[i] = other;
			else
				tr_error_clear(gpu); /* a random program may not use it */
			CU_ASSERT_EQUAL(tr_plan_bind(plan, results[k], elsewhere), 0);
			results[k] = elsewhere;
			CU_ASSERT_EQUAL(begins, 0);
			compare_run(plan, &p, in, results, round);
			CU_ASSERT_EQUAL(run_begins, 0);
		}
		tr_plan_destroy(plan);
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* A place whose elements lie less well, or that meets others, has the commands recorded anew, and right. */
static void places_that_do_not_fit_are_recorded_anew(void)
{
	int64_t n = 64, more = 200;
	struct tr_tensor *x, *y, *z, *room, *odd, *half;
	struct tr_plan *plan;
	float data[200];

	NEEDS_GPU();
	tr_scope_begin(gpu);
	for (int i = 0; i < 200; i++)
		data[i] = (float)i;
	x = tr_from_data(gpu, TR_F32, 1, &n, data);
	room = tr_from_data(gpu, TR_F32, 1, &more, data);
	tr_plan_begin(gpu);
	y = tr_multiply(x, x);
	z = tr_multiply(tr_softmax(tr_add(x, x), 0), x);
	plan = tr_plan_end(gpu);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(value_at(y, 5), 25);
	odd = tr_slice_axis(room, 0, 101, 165, 1);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, x, odd), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(value_at(y, 63), 164 * 164);
	/* y where z's commands read x: they must wait for it, or it for them */
	half = tr_slice_axis(room, 0, 101, 165, 1);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, y, half), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(value_at(room, 102), 102 * 102);
	CU_ASSERT_EQUAL(value_at(room, 100), 100);
	CU_ASSERT_EQUAL(value_at(room, 165), 165);
	CU_ASSERT_DOUBLE_EQUAL(value_at(z, 63) / (164 * 164), 0.864665, 1e-6); /* 1 / (1 + e^-2 + e^-4 + …) */
	tr_plan_destroy(plan);
	tr_scope_end(gpu);
}

static void foreign_memory_is_not_bound(void)
{
	static float data[16];
	int64_t n = 16;
	struct tr_tensor *x, *y, *foreign;
	struct tr_plan *plan;

	NEEDS_GPU();
	x = tr_ones(gpu, TR_F32, 1, &n);
	foreign = tr_borrow(gpu, TR_F32, 1, &n, data, 0, NULL, NULL);
	tr_plan_begin(gpu);
	y = tr_negative(x);
	plan = tr_plan_end(gpu);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, x, foreign), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_EDEVICE);
	assert_error(gpu, TR_EDEVICE, "not the device's");
	CU_ASSERT_EQUAL(tr_plan_bind(plan, foreign, x), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(value_at(y, 3), -1);
	tr_plan_destroy(plan);
	tr_free(foreign);
	tr_free(x);
	tr_free(y);
}

/* Indices of each replay are looked at, without a submission of their own. */
static void indices_are_checked_in_a_replay(void)
{
	static const int64_t good[3] = {2, 0, 1}, other[3] = {-1, -3, 1}, bad[3] = {1, 3, 2};
	int64_t n = 3;
	struct tr_tensor *table, *index, *second, *y;
	struct tr_plan *plan;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	table = ramp(gpu, 10, 1, SHAPE(3, 2));
	index = tr_from_data(gpu, TR_I64, 1, &n, good);
	second = tr_from_data(gpu, TR_I64, 1, &n, bad);
	tr_plan_begin(gpu);
	y = tr_add(tr_take(table, index, 0), table);
	plan = tr_plan_end(gpu);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(tr_reshape(y, SHAPE(6)), 24, 26, 22, 24, 26, 28);
	count_calls();
	CU_ASSERT_EQUAL(tr_write(index, other, sizeof(other)), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(submits, 1);
	CU_ASSERT_EQUAL(begins, 0);
	ASSERT_F32(tr_reshape(y, SHAPE(6)), 24, 26, 22, 24, 26, 28);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, index, second), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_EINDEX);
	assert_error(gpu, TR_EINDEX, "index 3 at position 1 is out of bounds for axis 0 with size 3");
	CU_ASSERT_EQUAL(tr_write(second, good, sizeof(good)), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(tr_reshape(y, SHAPE(6)), 24, 26, 22, 24, 26, 28);
	tr_plan_destroy(plan);
	tr_scope_end(gpu);
}

/* Whether two dispatches between which no barrier is meet in a byte that one of them writes, if the barrier number `without`
 * is left out. */
static bool races(const struct tr_recording *r, uint64_t base, int without)
{
	static unsigned char read[4096], written[4096];
	int barrier = 0;
	bool found = false;

	memset(read, 0, sizeof(read));
	memset(written, 0, sizeof(written));
	for (const struct tr_vk_step *s = r->steps; s && !found; s = s->next) {
		if (s->waits && barrier++ != without) {
			memset(read, 0, sizeof(read));
			memset(written, 0, sizeof(written));
		}
		for (unsigned i = 0; i < s->n; i++)
			for (uint64_t b = s->touched[i].range.low; b < s->touched[i].range.high; b++)
				found |= written[b - base] || (s->touched[i].range.write && read[b - base]);
		for (unsigned i = 0; i < s->n; i++)
			memset((s->touched[i].range.write ? written : read) + (s->touched[i].range.low - base), 1,
			       s->touched[i].range.high - s->touched[i].range.low);
	}
	return found;
}

static unsigned count_barriers(const struct tr_recording *r)
{
	unsigned n = 0;

	for (const struct tr_vk_step *s = r->steps; s; s = s->next)
		n += s->waits;
	return n;
}

/* n additions on pieces of one block that overlap in every way but within a command. */
static void draw_commands(struct tr_cmd *cmd, struct tr_operand (*o)[3], int n, char *block)
{
	for (int c = 0; c < n; c++) {
		uint64_t place[3];

		for (int k = 0; k < 3; k++) {
			bool apart;

			do {
				place[k] = test_rand_below(1000);
				apart = true;
				for (int j = 0; j < k && k < 3; j++)
					apart &= j > 0 || place[k] == place[0] || place[k] + 20 <= place[0] ||
						 place[0] + 20 <= place[k];
			} while (!apart);
			o[c][k] = (struct tr_operand){.addr = block + 4 * place[k], .dtype = TR_F32, .ndim = 1,
						      .shape = {20}, .stride = {1}};
		}
		cmd[c] = (struct tr_cmd){.op = TR_OP_add, .family = TR_FAMILY_BINARY, .dtype = TR_F32, .noperand = 3,
					 .operand = o[c]};
	}
}

static void add_on_cpu(const struct tr_operand *o, const char *block, float *values)
{
	float *y = values + ((const char *)o[0].addr - block) / 4;
	const float *a = values + ((const char *)o[1].addr - block) / 4, *b = values + ((const char *)o[2].addr - block) / 4;

	for (int i = 0; i < 20; i++)
		y[i] = a[i] + b[i];
}

/* No barrier is missing in what is recorded, and without any one of them commands would meet. */
static void every_barrier_is_needed(void)
{
	enum { COMMANDS = 40 };
	struct tr_operand o[COMMANDS][3];
	struct tr_cmd cmd[COMMANDS];
	unsigned barriers = 0;
	struct tr_mem mem;

	NEEDS_GPU();
	CU_ASSERT_EQUAL_FATAL(gpu->driver->mem_alloc(gpu->dev, 4096, &mem), 0);
	for (int round = 0; round < 50; round++) {
		struct tr_recording *r;
		char detail[128];
		size_t failed;
		float want[1024], *data = mem.host;

		draw_commands(cmd, o, COMMANDS, mem.addr);
		CU_ASSERT_EQUAL_FATAL(gpu->driver->record(gpu->dev, cmd, COMMANDS, &r, &failed, detail), 0);
		CU_ASSERT_PTR_NOT_NULL_FATAL(r);
		CU_ASSERT_FALSE(races(r, (uintptr_t)mem.addr, -1));
		for (unsigned b = 0; b < count_barriers(r); b++)
			CU_ASSERT_TRUE(races(r, (uintptr_t)mem.addr, (int)b));
		barriers += count_barriers(r);
		for (int i = 0; i < 1024; i++)
			data[i] = want[i] = (float)test_rand_normal();
		for (int c = 0; c < COMMANDS; c++)
			add_on_cpu(o[c], mem.addr, want);
		CU_ASSERT_EQUAL(gpu->driver->replay(gpu->dev, r, &failed, detail), 0);
		CU_ASSERT_EQUAL(memcmp(data, want, sizeof(want)), 0);
		gpu->driver->forget(gpu->dev, r);
	}
	CU_ASSERT(barriers > 50);
	gpu->driver->mem_free(gpu->dev, &mem);
}

/* What is read after one run is copied along with the next: one submission for both, until it is not read any more. */
static void results_come_with_the_run(void)
{
	int64_t n = 100000;
	size_t size = (size_t)n * sizeof(float);
	float *v = malloc(size), *seen = malloc(size);
	struct tr_tensor *x, *y, *z;
	struct tr_plan *plan;

	NEEDS_GPU();
	tr__vk_staged = true;
	tr_scope_begin(gpu);
	x = tr_zeros(gpu, TR_F32, 1, &n);
	CU_ASSERT_EQUAL(tr_plan_begin(gpu), 0);
	y = tr_add(x, x);
	z = tr_multiply(x, x);
	plan = tr_plan_end(gpu);
	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	for (int round = 0; round < 6; round++) {
		uint64_t before;

		for (int64_t i = 0; i < n; i++)
			v[i] = (float)(i % 1000 + round);
		tr_write(x, v, size);
		before = gpu->dev->submits;
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		if (round == 2)
			tr_fill_out(y, 7);
		if (round == 3)
			((float *)tr_data(y))[n - 1] = -1;
		CU_ASSERT_EQUAL(tr_read(y, seen, size), 0);
		if (round == 1 || round == 5)
			CU_ASSERT_EQUAL(gpu->dev->submits, before + 1);
		CU_ASSERT_EQUAL(seen[1], round == 2 ? 7 : v[1] * 2);
		CU_ASSERT_EQUAL(seen[n - 1], round == 2 ? 7 : round == 3 ? -1 : v[n - 1] * 2);
		CU_ASSERT_EQUAL(tr_read(z, seen, size), 0);
		CU_ASSERT_EQUAL(seen[n - 1], v[n - 1] * v[n - 1]);
	}
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0); /* still expects to be read */
	tr_write(y, v, size);
	CU_ASSERT_EQUAL(tr_read(y, seen, size), 0);
	CU_ASSERT_EQUAL(seen[n - 1], v[n - 1]);
	tr_plan_destroy(plan);
	tr_scope_end(gpu);
	tr__vk_staged = false;
	free(v);
	free(seen);
}

/* Collected calls and the reading of their result are one submission too. */
static void results_come_with_what_was_collected(void)
{
	int64_t n = 100000;
	size_t size = (size_t)n * sizeof(float);
	float *seen = malloc(size);
	struct tr_tensor *x, *y;
	uint64_t before;

	NEEDS_GPU();
	tr__vk_staged = true;
	tr_scope_begin(gpu);
	x = tr_full(gpu, TR_F32, 1, &n, 3);
	tr_flush(gpu);
	before = gpu->dev->submits;
	y = tr_multiply(tr_add(x, x), x);
	CU_ASSERT_EQUAL(tr_read(y, seen, size), 0);
	CU_ASSERT_EQUAL(gpu->dev->submits, before + 1);
	CU_ASSERT_EQUAL(seen[n - 1], 18);
	CU_ASSERT_EQUAL(tr_read(y, seen, size), 0);
	tr_scope_end(gpu);
	tr__vk_staged = false;
	free(seen);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(a_replay_is_one_submission),
		TEST(a_replay_allocates_nothing),
		TEST(operands_move_without_recording),
		TEST(places_that_do_not_fit_are_recorded_anew),
		TEST(foreign_memory_is_not_bound),
		TEST(indices_are_checked_in_a_replay),
		TEST(every_barrier_is_needed),
		TEST(results_come_with_the_run),
		TEST(results_come_with_what_was_collected),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_plan", cases);
}
