/* SPDX-License-Identifier: MIT */
/* Subscripts of einsum to labels. Knows ranks; sizes are the evaluation's business. */
#include <string.h>

#include "lib/product/product.h"

#define UPPER 26

/* One operand's subscripts, or the output's. */
struct term {
	const char *text;
	int length;
	int letters;
	int dots;                    /* letters in front of the ellipsis, or -1 */
	uint8_t label[TR_MAX_RANK];
};

struct parser {
	struct tr_einsum *e;
	const char *text, *at;
};

static int malformed(const struct parser *p, const char *why)
{
	return tr__fail(p->e->ctx, TR_EINVAL, "einsum: \"%s\", at %d: %s", p->text, (int)(p->at - p->text) + 1, why);
}

static void skip_spaces(struct parser *p)
{
	while (*p->at == ' ')
		p->at++;
}

static int letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= 'a' && c <= 'z' ? c - 'a' + UPPER : -1;
}

/* Up to a comma, an arrow or the end. */
static int parse_term(struct parser *p, struct term *t)
{
	*t = (struct term){.text = p->at, .dots = -1};
	for (;;) {
		int l;

		skip_spaces(p);
		l = letter(*p->at);
		if (l >= 0) {
			if (t->letters == TR_MAX_RANK)
				return malformed(p, "more letters than a tensor has axes");
			t->label[t->letters++] = (uint8_t)l;
			p->at++;
		} else if (!strncmp(p->at, "...", 3)) {
			if (t->dots >= 0)
				return malformed(p, "a second ellipsis");
			t->dots = t->letters;
			p->at += 3;
		} else if (*p->at == '\0' || *p->at == ',' || *p->at == '-') {
			t->length = (int)(p->at - t->text);
			return 0;
		} else {
			return malformed(p, "neither a letter, \"...\", \",\" nor \"->\"");
		}
	}
}

/* The labels of a term of this rank: letters, and in place of the ellipsis the last of its labels. */
static void spread(const struct term *t, int rank, uint8_t *label)
{
	int dots = t->dots < 0 ? t->letters : t->dots, n = rank - t->letters;

	for (int i = 0; i < rank; i++) {
		if (i < dots)
			label[i] = t->label[i];
		else if (i < dots + n)
			label[i] = (uint8_t)(TR_LABEL_DOTS_END - n + (i - dots));
		else
			label[i] = t->label[i - n];
	}
}

static int take_operand(const struct parser *p, const struct term *t, const struct tr_tensor *a, int i)
{
	char shape[TR_SHAPE_TEXT];

	if (t->dots < 0 ? t->letters != a->ndim : t->letters > a->ndim)
		return tr__fail(p->e->ctx, TR_ESHAPE,
				"einsum: \"%s\": operand %d is %s, but its subscripts \"%.*s\" name %s%d axes", p->text,
				i + 1, tr__shape_text(shape, a->ndim, a->shape), t->length, t->text,
				t->dots < 0 ? "" : "at least ", t->letters);
	p->e->rank[i] = a->ndim;
	spread(t, a->ndim, p->e->label[i]);
	return 0;
}

/* How often labels occur in the operands, and the most axes an ellipsis stands for. */
static int count_labels(const struct tr_einsum *e, unsigned *times)
{
	int dots = 0;

	memset(times, 0, TR_LABELS * sizeof(*times));
	for (int i = 0; i < e->n; i++)
		for (int d = 0; d < e->rank[i]; d++) {
			int l = e->label[i][d];

			times[l]++;
			if (l >= 2 * UPPER && TR_LABEL_DOTS_END - l > dots)
				dots = TR_LABEL_DOTS_END - l;
		}
	return dots;
}

static int implicit_output(const struct parser *p)
{
	struct tr_einsum *e = p->e;
	unsigned times[TR_LABELS];
	int dots = count_labels(e, times);

	e->out_rank = 0;
	for (int i = 0; i < dots; i++)
		e->out[e->out_rank++] = (uint8_t)(TR_LABEL_DOTS_END - dots + i);
	for (int l = 0; l < 2 * UPPER; l++) {
		if (times[l] != 1)
			continue;
		if (e->out_rank == TR_MAX_RANK)
			return malformed(p, "the output would have more axes than a tensor");
		e->out[e->out_rank++] = (uint8_t)l;
	}
	return 0;
}

static int explicit_output(struct parser *p)
{
	struct tr_einsum *e = p->e;
	unsigned times[TR_LABELS];
	int dots = count_labels(e, times);
	struct term t;

	p->at += 2;
	if (parse_term(p, &t))
		return -TR_EINVAL;
	if (*p->at)
		return malformed(p, "the output is one term");
	if (dots && t.dots < 0)
		return malformed(p, "the output lacks the operands' \"...\"");
	for (int i = 0; i < t.letters; i++) {
		if (!times[t.label[i]])
			return malformed(p, "the output names an axis that no operand has");
		for (int j = 0; j < i; j++)
			if (t.label[j] == t.label[i])
				return malformed(p, "the output names an axis twice");
	}
	if (t.letters + dots > TR_MAX_RANK)
		return malformed(p, "the output would have more axes than a tensor");
	e->out_rank = t.letters + dots;
	spread(&t, e->out_rank, e->out);
	return 0;
}

int tr__einsum_parse(struct tr_einsum *e, const char *subscripts, struct tr_tensor *const *operands, int n)
{
	struct parser p = {.e = e, .text = subscripts, .at = subscripts};

	e->who = "einsum";
	e->n = n;
	for (int i = 0; i < n; i++) {
		struct term t;
		int err = parse_term(&p, &t);

		if (err)
			return err;
		err = take_operand(&p, &t, operands[i], i);
		if (err)
			return err;
		if ((*p.at == ',') != (i + 1 < n))
			return tr__fail(e->ctx, TR_EINVAL, "einsum: \"%s\" is not for %d operand%s", subscripts, n,
					n == 1 ? "" : "s");
		if (i + 1 < n)
			p.at++;
	}
	if (!*p.at)
		return implicit_output(&p);
	if (p.at[1] != '>')
		return malformed(&p, "\"-\" without \">\"");
	return explicit_output(&p);
}
