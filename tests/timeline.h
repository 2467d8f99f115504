/* SPDX-License-Identifier: MIT */
/* A timeline's file, read back: what the suites of timelines share. */
#ifndef TESTS_TIMELINE_H
#define TESTS_TIMELINE_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

struct span {
	const char *name, *cat;
	json_int_t tid;
	double ts, end; /* microseconds */
	json_t *args;
};

struct timeline {
	json_t *root;
	struct span *span; /* by track, then begin, the outer of two first */
	size_t n, others;  /* events that are no spans */
};

static inline int by_track(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

/* The file, which must be well-formed, with all a span must have; fails the test if it is not. */
static inline struct timeline read_timeline(const char *path)
{
	struct timeline t = {.root = json_load_file(path, 0, NULL)};
	json_t *events = json_object_get(t.root, "traceEvents"), *e;
	size_t i;

	CU_ASSERT_TRUE(json_is_array(events));
	t.span = calloc(json_array_size(events) + 1, sizeof(*t.span));
	json_array_foreach(events, i, e) {
		const char *ph = json_string_value(json_object_get(e, "ph"));
		struct span *s = &t.span[t.n];

		if (!ph || strcmp(ph, "X")) {
			t.others++;
			continue;
		}
		s->name = json_string_value(json_object_get(e, "name"));
		s->cat = json_string_value(json_object_get(e, "cat"));
		s->tid = json_integer_value(json_object_get(e, "tid"));
		s->ts = json_number_value(json_object_get(e, "ts"));
		s->end = s->ts + json_number_value(json_object_get(e, "dur"));
		s->args = json_object_get(e, "args");
		CU_ASSERT_TRUE(s->name && s->cat && s->tid > 0 && s->ts > 0 && s->args);
		t.n += s->name && s->cat;
	}
	qsort(t.span, t.n, sizeof(*t.span), by_track);
	return t;
}

static inline void free_timeline(struct timeline *t)
{
	json_decref(t->root);
	free(t->span);
}

/* Spans of a track lie within each other or apart. */
static inline void assert_nested(const struct timeline *t)
{
	double open[16];
	unsigned depth = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct span *s = &t->span[i];

		if (i && t->span[i - 1].tid != s->tid)
			depth = 0;
		while (depth && open[depth - 1] <= s->ts + 1e-4)
			depth--;
		test_note("%s at %.3f", s->name, s->ts);
		CU_ASSERT_TRUE(!depth || s->end <= open[depth - 1] + 1e-4);
		if (depth < 16)
			open[depth++] = s->end;
	}
}

/* How many spans have the name, and the i-th of them; NULL past the last. */
static inline size_t count_spans(const struct timeline *t, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !strcmp(t->span[i].name, name);
	return n;
}

static inline const struct span *find_span(const struct timeline *t, const char *name, size_t which)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->span[i].name, name) && which-- == 0)
			return &t->span[i];
	return NULL;
}

/* Whether an argument of the span is that JSON text. */
static inline bool has_arg(const struct span *s, const char *name, const char *text)
{
	json_t *want = json_loads(text, JSON_DECODE_ANY, NULL);
	bool same = s && want && json_equal(json_object_get(s->args, name), want);

	json_decref(want);
	return same;
}

#endif
