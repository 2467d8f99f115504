/* SPDX-License-Identifier: MIT */
/* A model ready for use: folder, context, encoder. */
#include "tools/cli/cli.h"

#include <stdlib.h>

#include <trueno/context.h>
#include <trueno/encoder.h>

static int open_in(struct model *m, const char *folder)
{
	const struct tr_context_params lean = {.kept_bytes = 1}; /* texts by the batch gain little from packed weights, 40 MB */
	char why[512] = "";
	int err = tr_context_create(&m->ctx, &lean, why, sizeof(why));

	if (!err)
		err = tr_encoder_load(&m->enc, m->ctx, folder, why, sizeof(why));
	if (!err)
		return 0;
	model_close(m);
	return fail(code_of(err), "%s", why);
}

int model_open(struct model *m, const char *name)
{
	char *folder = NULL;
	int code = package_locate(name, &folder);

	*m = (struct model){0};
	if (!code)
		code = open_in(m, folder);
	free(folder);
	return code;
}

void model_close(struct model *m)
{
	tr_encoder_destroy(m->enc);
	tr_context_destroy(m->ctx);
	*m = (struct model){0};
}

int model_encode(struct model *m, const struct texts *t, size_t first, size_t n, float *out)
{
	const char *text[MODEL_CHUNK];
	size_t len[MODEL_CHUNK];

	while (n) {
		size_t batch = n < MODEL_CHUNK ? n : MODEL_CHUNK;
		int err;

		for (size_t i = 0; i < batch; i++) {
			text[i] = t->bytes + t->item[first + i].begin;
			len[i] = t->item[first + i].len;
		}
		err = tr_encoder_encode(m->enc, text, len, batch, out);
		if (err)
			return fail(code_of(err), "%s", tr_error(m->ctx) ? tr_error_message(m->ctx) : tr_strstatus(err));
		out += batch * (size_t)tr_encoder_dim(m->enc);
		first += batch;
		n -= batch;
	}
	return 0;
}
