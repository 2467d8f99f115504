/* SPDX-License-Identifier: MIT */
/*
 * Scans: rows go to the level's kernels where they lie, or, through a buffer, in pieces that carry on from one to the
 * next; rows side by side are scanned as columns. Threads share rows, never one row.
 */
#include <stdio.h>
#include <string.h>

#include "simd/rows.h"

/* Elements of a row in a buffer at once, whole chunks; columns of a unit. */
#define PIECE (4 * TR_SCAN_CHUNK)
#define STRIP 64

struct job {
	struct tr_rows_job rows;
	tr_scan_fn scan;
	int64_t strips; /* of STRIP columns in each outer row; 0: units are rows */
};

static const uint8_t folds[TR_OP_COUNT] = {
	[TR_OP_cumsum] = TR_FOLD_ADD,
	[TR_OP_cumprod] = TR_FOLD_MULTIPLY,
	[TR_OP_cummax] = TR_FOLD_MAXIMUM,
	[TR_OP_cummin] = TR_FOLD_MINIMUM,
};

/* Rows [first, last). buf has room for PIECE elements of 16 bytes, and as many of the type after them. */
static void scan_rows(const struct job *job, int64_t first, int64_t last, char *buf)
{
	const struct tr_rows_job *r = &job->rows;
	struct tr_operand to = tr__row_of(r->dst, r->axis), from = tr__row_of(r->src, r->axis);
	struct tr_walk w = tr__rows_walk(r);
	char *room = buf + PIECE * 16;
	double carry;

	tr__walk_seek(&w, first);
	for (int64_t i = first; i < last; i++) {
		to.addr = tr__row_at(r->dst, w.offset[0]);
		from.addr = tr__row_at(r->src, w.offset[1]);
		if (r->direct)
			job->scan(to.addr, 1, from.addr, 1, (size_t)r->n, 1, &carry, true);
		for (int64_t at = 0; at < r->n && !r->direct; at += PIECE) {
			size_t n = r->n - at < PIECE ? (size_t)(r->n - at) : PIECE;
			const void *x = tr__load_range(r->dev, &from, at, n, r->dtype, room);

			job->scan(room, 1, x, 1, n, 1, &carry, at == 0);
			tr__store_range(r->dev, &to, at, n, r->dtype, room, buf);
		}
		tr__walk_advance(&w, 1);
	}
}

static void scan_columns(const struct job *job, int64_t first, int64_t last)
{
	const struct tr_rows_job *r = &job->rows;
	_Alignas(64) double carry[STRIP];

	for (int64_t u = first; u < last; u++) {
		int64_t o = u / job->strips, j = u % job->strips * STRIP;
		size_t n = r->to.inner - j < STRIP ? (size_t)(r->to.inner - j) : STRIP;

		job->scan(tr__row_at(r->dst, tr__reduce_offset(&r->to, o) + j), r->to.step,
			  tr__row_at(r->src, tr__reduce_offset(&r->from, o) + j), r->from.step, (size_t)r->n, n, carry, true);
	}
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct job *job = arg;
	const struct tr_rows_job *r = &job->rows;
	int64_t each = r->units / (int64_t)r->parts, more = r->units % (int64_t)r->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);

	if (job->strips)
		scan_columns(job, first, last);
	else
		scan_rows(job, first, last, r->dev->scratch[worker]);
}

/* Strips of columns, where rows lie side by side in both operands and are of the type. */
static void choose_strips(struct job *job)
{
	struct tr_rows_job *r = &job->rows;

	if (r->direct || r->src->dtype != r->dtype || r->dst->dtype != r->dtype)
		return;
	tr__reduce_view(&r->from, r->src, r->axis, 1);
	tr__reduce_view(&r->to, r->dst, r->axis, 1);
	if (!r->to.columns || !r->to.even || !r->from.even || r->to.beside != 1 || r->from.beside != 1)
		return;
	job->strips = (r->to.inner - 1) / STRIP + 1;
	r->units = r->to.outer * job->strips;
}

int tr__exec_scan(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct job job = {.strips = 0};
	struct tr_rows_job *r = &job.rows;
	size_t need = 0;
	double elements;

	if (!tr__rows_begin(r, dev, cmd, (int)cmd->attr.i64[0]))
		return 0;
	job.scan = dev->k->scan[folds[cmd->op]][r->dtype];
	choose_strips(&job);
	if (!job.strips && !r->direct)
		need = PIECE * (16 + r->size);
	if (tr__scratch(dev, need)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", need, dev->threads);
		return -TR_ENOMEM;
	}
	elements = (double)r->n * (double)r->rows;
	r->parts = tr__pool_parts(dev, elements * (r->direct || job.strips ? 0.3 : 1.0), (size_t)r->units);
	tr__pool_run(dev, r->parts, run_part, &job);
	return 0;
}
