/* SPDX-License-Identifier: MIT */
/*
 * Sentence embeddings: a BERT encoder as sentence-transformers stores it, from a folder to vectors.
 *
 *	tr_encoder_load(&enc, ctx, "all-MiniLM-L6-v2", why, sizeof(why));
 *	tr_encoder_encode(enc, texts, NULL, n, vectors);      // vectors[n][tr_encoder_dim(enc)]
 *
 * The folder holds modules.json (Transformer, Pooling and perhaps Normalize), config.json, 1_Pooling/config.json,
 * model.safetensors and the tokenizer's files. Everything in them is checked against the weights at load.
 */
#ifndef TRUENO_ENCODER_H
#define TRUENO_ENCODER_H

#include <trueno/context.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr_encoder;

/*
 * Loads a model; weights stay where the file is mapped, which must not change meanwhile: the layers' matrices are frozen
 * (tr_freeze). Its tensors belong to the context's current scope: call it outside of any scope, or destroy the encoder before
 * that scope ends, and in any case before the context.
 * On failure *out is NULL and the result -TR_EIO (a file is missing), -TR_EFORMAT (a file is broken, the files
 * disagree, or the model is of a kind this is not), -TR_ESTATE (a plan is being recorded) or -TR_ENOMEM; if errbuf is not
 * NULL it receives one line naming file, tensor and both shapes, NUL-terminated within errlen bytes.
 */
TR_API int tr_encoder_load(struct tr_encoder **out, struct tr_context *ctx, const char *folder, char *errbuf,
			   size_t errlen);

/* NULL is allowed. */
TR_API void tr_encoder_destroy(struct tr_encoder *enc);

TR_API int64_t tr_encoder_dim(const struct tr_encoder *enc);        /* floats per vector */
TR_API int64_t tr_encoder_max_tokens(const struct tr_encoder *enc); /* longer texts are cut to this many tokens */

/* Tokens the text becomes, [CLS] and [SEP] included, after cutting; len is in bytes. -TR_ENOMEM. */
TR_API int64_t tr_encoder_tokens(struct tr_encoder *enc, const char *text, size_t len);

/*
 * out[i*dim …] = vector of texts[i], i < n: float32, of length 1 if the model normalises. texts[i] has lens[i]
 * bytes, or ends with a NUL if lens is NULL. It is taken as UTF-8; any bytes are allowed, and no bytes too.
 * A text's vector does not depend on the other texts, bit for bit. Texts are sorted by length and run in
 * batches; once a batch's shape has been seen, running it again allocates nothing.
 * 0, or -TR_ENOMEM or a failure of the context, which has the message, be it an old one; out is then undefined.
 */
TR_API int tr_encoder_encode(struct tr_encoder *enc, const char *const *texts, const size_t *lens, size_t n,
			     float *out);

#ifdef __cplusplus
}
#endif
#endif
