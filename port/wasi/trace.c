/* SPDX-License-Identifier: MIT */
/* Timelines where files and threads have no numbers: there are none. */
#include <stdio.h>

#include "lib/trace.h"

int tr__trace_open(struct tr_trace **out, const char *path, const struct tr_allocator *alloc, char *errbuf, size_t errlen)
{
	(void)path;
	(void)alloc;
	*out = NULL;
	snprintf(errbuf, errlen, "trace: this build has no timelines");
	return -TR_EINVAL;
}

void tr__trace_write(struct tr_trace *t)
{
	(void)t;
}

void tr__trace_close(struct tr_trace *t)
{
	(void)t;
}

uint64_t tr__trace_now(void)
{
	return 0;
}

unsigned tr__trace_thread(void)
{
	return 0;
}

unsigned tr__trace_track(struct tr_trace *t, const char *name)
{
	(void)t;
	(void)name;
	return 0;
}

void tr__trace_span(struct tr_trace *t, unsigned track, const char *name, uint64_t begin, uint64_t end, size_t count)
{
	(void)t;
	(void)track;
	(void)name;
	(void)begin;
	(void)end;
	(void)count;
}

void tr__trace_command(struct tr_trace *t, unsigned track, uint64_t begin, uint64_t end, const struct tr_cmd *cmd)
{
	(void)t;
	(void)track;
	(void)begin;
	(void)end;
	(void)cmd;
}
