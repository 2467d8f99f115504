/* SPDX-License-Identifier: MIT */
/*
 * The inside of the sentence encoder: configuration (encoder_config.c), weights (encoder_weights.c), the graph and
 * its recorded plans (encoder_plan.c), texts in and vectors out (encoder.c). Uses the public interface only.
 */
#ifndef TR_HUB_ENCODER_H
#define TR_HUB_ENCODER_H

#include <trueno/encoder.h>
#include <trueno/tensor.h>

struct tr_plan;
struct tr_tokenizer;

enum tr__pooling { TR__POOL_MEAN, TR__POOL_CLS };

/* What the JSON files say. Counts are positive and at most 2^24, so that their products fit 64 bits. */
struct tr__encoder_config {
	int64_t hidden, intermediate, layers, heads, vocab, positions, types;
	double norm_eps;
	int64_t max_tokens; /* <= positions */
	enum tr__pooling pooling;
	bool normalize;
};

struct tr__dense {
	struct tr_tensor *weight, *bias; /* [out, in], [out] */
};

struct tr__norm {
	struct tr_tensor *weight, *bias; /* [hidden] each */
};

struct tr__encoder_layer {
	struct tr__dense query, key, value, attended, up, down;
	struct tr__norm after_attention, after_mlp;
};

struct tr__encoder_weights {
	struct tr_tensor *words, *positions, *types; /* [vocab | positions | types, hidden] */
	struct tr__norm embedded;
	struct tr__encoder_layer *layer;
};

/* A recorded forward pass of one shape. */
struct tr__encoder_plan {
	int64_t batch, length;
	bool ragged;          /* some texts are shorter than length */
	uint64_t used;        /* when, in runs; 0: an empty slot */
	uint64_t bytes;       /* of its temporaries */
	struct tr_plan *plan;
};

/* Plans kept: enough that single texts of any usual length, and the batches of a corpus, find theirs again. */
#define TR__ENCODER_PLANS 64
#define TR__ENCODER_PLAN_BYTES (6u << 20)

/* Tokens of one batch at most, unless a single text has more. Their activations stay in the second-level cache; at 1024 a
 * tenth of the speed is lost. */
#define TR__ENCODER_BATCH_TOKENS 128

/* No text has fewer: [CLS] and [SEP]. */
#define TR__ENCODER_LEAST_TOKENS 2

/* What all plans are fed through and read from; a plan uses the front of each, in its own shape. */
struct tr__encoder_io {
	int64_t tokens;         /* the first three have room for this many */
	struct tr_tensor *ids;  /* i32[batch, length] */
	struct tr_tensor *mask; /* f32[batch, 1, 1, length]: 0, or -Inf where there is no token */
	struct tr_tensor *pool; /* f32[batch, 1, length]: weights of the mean */
	struct tr_tensor *out;  /* f32[batch, hidden] */
};

struct tr_encoder {
	struct tr_context *ctx;
	struct tr_tokenizer *tokenizer;
	struct tr__encoder_config config;
	struct tr__encoder_weights weights;
	struct tr__encoder_io io;
	struct tr__encoder_plan plan[TR__ENCODER_PLANS];
	uint64_t plan_bytes, clock;

	/* Scratch of tr_encoder_encode, grown and kept: all texts' tokens, and where each text's are. */
	int32_t *ids;
	size_t ids_cap;
	struct tr__encoder_text *text;
	size_t text_cap;
};

/* One line for the user: where it goes, and the folder it is about. */
struct tr__encoder_report {
	const char *folder;
	char *buf; /* may be NULL */
	size_t len;
};

/* Puts "folder/file: reason" in the buffer, or "folder: reason" if file is NULL; returns -status. */
int tr__encoder_fail(const struct tr__encoder_report *r, int status, const char *file, const char *fmt, ...)
	TR_PRINTF(4, 5);

/* folder/file, or NULL without memory. The caller frees it. */
char *tr__encoder_path(const struct tr__encoder_report *r, const char *file);

int tr__encoder_read_config(struct tr__encoder_config *c, const struct tr__encoder_report *r);

/* Maps model.safetensors and checks every tensor the configuration asks for. */
int tr__encoder_load_weights(struct tr_encoder *enc, const struct tr__encoder_report *r);
void tr__encoder_free_weights(struct tr_encoder *enc);

/* Makes the io tensors. 0 or -TR_ENOMEM; on failure some may exist. */
int tr__encoder_create_io(struct tr_encoder *enc);

/* Runs the forward pass of that shape on what io holds, recording it first if need be. 0, or a failure of the
 * context. */
int tr__encoder_forward(struct tr_encoder *enc, int64_t batch, int64_t length, bool ragged);

/* Frees plans and io. */
void tr__encoder_free_plans(struct tr_encoder *enc);

#endif
