/* SPDX-License-Identifier: MIT */
/*
 * The GPU's side of a timeline: a timestamp where a submission begins and one behind every command of it. A command's span is
 * from the one before to its own, so that spans never overlap even where commands do. Knows commands by address alone.
 *
 * The GPU's clock is related to the processor's after every submission: by VK_EXT_calibrated_timestamps, else by taking
 * the last timestamp for the moment the end was seen, which is late by a wake-up at most.
 */
#include <stdio.h>
#include <string.h>

#include "vk/vk.h"

#define MARKS 4096 /* in a submission; a batch is flushed long before */

struct tr_vk_trace {
	struct tr_trace *out;
	VkQueryPool queries;
	unsigned track;
	const struct tr_cmd *current;       /* being recorded */
	const struct tr_cmd *marked[MARKS]; /* in front of mark i */
	unsigned n;
	uint64_t recorded, submitted; /* when those began */
	double late;                  /* nanoseconds of the least wake-up so far, without calibration */
	bool late_known;
};

int tr__vk_trace(struct tr_device *dev, struct tr_trace *trace)
{
	VkQueryPoolCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
		.queryType = VK_QUERY_TYPE_TIMESTAMP,
		.queryCount = MARKS,
	};
	struct tr_vk_trace *t = dev->alloc->alloc(dev->alloc->user, sizeof(*t), 16);
	char name[300];

	if (!t)
		return -TR_ENOMEM;
	memset(t, 0, sizeof(*t));
	t->out = trace;
	if (dev->gpu->timestamp_bits && tr__vk.CreateQueryPool(dev->gpu->device, &info, NULL, &t->queries)) {
		dev->alloc->free(dev->alloc->user, t, sizeof(*t));
		return -TR_ENOMEM;
	}
	snprintf(name, sizeof(name), "vulkan: %s", dev->gpu->name);
	t->track = tr__trace_track(trace, name);
	dev->trace = t;
	return 0;
}

void tr__vk_trace_finish(struct tr_device *dev, bool finished)
{
	if (!dev->trace)
		return;
	if (finished)
		tr__vk.DestroyQueryPool(dev->gpu->device, dev->trace->queries, NULL);
	dev->alloc->free(dev->alloc->user, dev->trace, sizeof(*dev->trace));
}

static void stamp(struct tr_device *dev, VkPipelineStageFlagBits stage)
{
	struct tr_vk_trace *t = dev->trace;

	if (t->queries)
		tr__vk.CmdWriteTimestamp(dev->commands, stage, t->queries, t->n);
	t->marked[t->n++] = t->current;
}

void tr__vk_trace_begin(struct tr_device *dev)
{
	struct tr_vk_trace *t = dev->trace;

	t->recorded = tr__trace_now();
	t->n = 0;
	if (t->queries)
		tr__vk.CmdResetQueryPool(dev->commands, t->queries, 0, MARKS);
	stamp(dev, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT);
}

/* The last mark of a submission is its end's: of a longer plan the commands past it share that span. */
void tr__vk_trace_command(struct tr_device *dev, const struct tr_cmd *cmd)
{
	struct tr_vk_trace *t = dev->trace;

	if (dev->recording && t->current && t->n < MARKS - 1)
		stamp(dev, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT);
	t->current = cmd;
}

void tr__vk_trace_end(struct tr_device *dev)
{
	struct tr_vk_trace *t = dev->trace;

	if (t->current)
		stamp(dev, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT);
	t->submitted = tr__trace_now();
	tr__trace_span(t->out, tr__trace_thread(), "record", t->recorded, t->submitted, t->n - 1);
}

/* What to add to the GPU's nanoseconds to get the processor's. */
static double offset(struct tr_device *dev, double last, uint64_t seen)
{
	VkCalibratedTimestampInfoEXT clocks[2] = {
		{.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT, .timeDomain = VK_TIME_DOMAIN_DEVICE_EXT},
		{.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT,
		 .timeDomain = VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT},
	};
	struct tr_vk_trace *t = dev->trace;
	uint64_t now[2], deviation;
	double late;

	if (dev->gpu->calibrated &&
	    !tr__vk.GetCalibratedTimestampsEXT(dev->gpu->device, 2, clocks, now, &deviation))
		return (double)now[1] - (double)now[0] * dev->gpu->timestamp_ns;
	late = (double)seen - last;
	if (!t->late_known || late < t->late)
		t->late = late;
	t->late_known = true;
	return t->late;
}

void tr__vk_trace_collect(struct tr_device *dev)
{
	struct tr_vk_trace *t = dev->trace;
	uint64_t seen = tr__trace_now(), mark[MARKS], begin, end;
	uint64_t mask = dev->gpu->timestamp_bits < 64 ? ((uint64_t)1 << dev->gpu->timestamp_bits) - 1 : UINT64_MAX;
	double add;

	tr__trace_span(t->out, tr__trace_thread(), "wait", t->submitted, seen, 0);
	if (!t->queries || tr__vk.GetQueryPoolResults(dev->gpu->device, t->queries, 0, t->n, t->n * sizeof(*mark), mark,
						      sizeof(*mark), VK_QUERY_RESULT_64_BIT))
		return;
	add = offset(dev, (double)(mark[t->n - 1] & mask) * dev->gpu->timestamp_ns, seen);
	begin = (uint64_t)((double)(mark[0] & mask) * dev->gpu->timestamp_ns + add);
	if (begin < t->submitted)
		begin = t->submitted;
	for (unsigned i = 1; i < t->n; i++) {
		end = (uint64_t)((double)(mark[i] & mask) * dev->gpu->timestamp_ns + add);
		if (end > seen)
			end = seen;
		if (end < begin)
			end = begin;
		if (t->marked[i])
			tr__trace_command(t->out, t->track, begin, end, t->marked[i]);
		begin = end;
	}
}
