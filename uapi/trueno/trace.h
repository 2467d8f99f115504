/* SPDX-License-Identifier: MIT */
/*
 * Timelines of contexts, for Perfetto: docs/trace.md. They are asked for by $TRUENO_TRACE or in tr_context_params.
 */
#ifndef TRUENO_TRACE_H
#define TRUENO_TRACE_H

#include <trueno/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes what the context's timeline has noted so far, which tr_context_destroy does too: for programs that end without
 * destroying their contexts. Runs nothing that is queued. Without a timeline it does nothing. By the context's thread.
 */
TR_API void tr_trace_write(struct tr_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
