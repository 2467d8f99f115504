/* SPDX-License-Identifier: MIT */
/*
 * The timeline of a context: spans of time on tracks, written to a file in the trace event format that Perfetto and
 * chrome://tracing read (docs/trace.md). Knows commands, to say which operation and shape a span is of, and no driver.
 *
 * Whoever has a timeline tests a pointer; without one nothing here is called. A timeline is used by its context's thread;
 * times may be taken on any.
 */
#ifndef TR_LIB_TRACE_H
#define TR_LIB_TRACE_H

#include "lib/driver.h"

struct tr_trace;

/* The file at path, "%p" in it standing for the process's number: made anew the first time this process opens it, added to
 * from then on, and well-formed whenever nothing is just being written. 0, or -TR_EINVAL, -TR_EIO or -TR_ENOMEM with a
 * line in errbuf. */
int tr__trace_open(struct tr_trace **out, const char *path, const struct tr_allocator *alloc, char *errbuf, size_t errlen);

/* Writes what has been noted. */
void tr__trace_write(struct tr_trace *t);

/* The same, and frees. NULL allowed. */
void tr__trace_close(struct tr_trace *t);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t tr__trace_now(void);

/* The track of the calling thread, and a track of its own for something that is no thread. */
unsigned tr__trace_thread(void);
unsigned tr__trace_track(struct tr_trace *t, const char *name);

/* Notes a span; name is static storage. Spans of a track nest or are apart: whoever notes them sees to it. count: of what the
 * name says, 0 for none. */
void tr__trace_span(struct tr_trace *t, unsigned track, const char *name, uint64_t begin, uint64_t end, size_t count);

/* The span of a command, under its operation's name, or "fused". */
void tr__trace_command(struct tr_trace *t, unsigned track, uint64_t begin, uint64_t end, const struct tr_cmd *cmd);

#endif
