/* SPDX-License-Identifier: MIT */
/*
 * BERT's tokenizer: text in, WordPiece ids out, the same ids as Hugging Face `tokenizers` gives for a
 * BertNormalizer, a BertPreTokenizer, a WordPiece model and the template [CLS] text [SEP].
 *
 * A tokenizer never changes once loaded: any number of threads may use one at the same time, and encoding
 * allocates nothing.
 */
#ifndef TRUENO_TOKENIZER_H
#define TRUENO_TOKENIZER_H

#include <trueno/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr_tokenizer;

/*
 * Reads a model's folder: vocab.txt with tokenizer_config.json where both exist and the latter's
 * tokenizer_class is BERT's (they say the same as tokenizer.json and are read ten times as fast), else
 * tokenizer.json. On failure *out is NULL and the result is
 *   -TR_EIO        a file is missing or cannot be read,
 *   -TR_EFORMAT    not JSON, not UTF-8, no tokens, a token twice, no [UNK] or other special token, or a kind of
 *                  tokenizer that this is not: another normalizer, model or template, added tokens with
 *                  "normalized" or "single_word", truncation from the left,
 *   -TR_EOVERFLOW  a file above 64 MiB or a vocabulary above 2^24 tokens,
 *   -TR_EINVAL     out or dir is NULL,
 *   -TR_ENOMEM;
 * if errbuf is not NULL it receives one line naming file and culprit, NUL-terminated within errlen bytes.
 * Safe from any thread.
 */
TR_API int tr_tokenizer_load(struct tr_tokenizer **out, const char *dir, char *errbuf, size_t errlen);

/* NULL is allowed. */
TR_API void tr_tokenizer_destroy(struct tr_tokenizer *tok);

/*
 * [CLS], the text's tokens, [SEP]. text: len bytes of UTF-8, NUL bytes allowed; NULL if len is 0. Every maximal
 * ill-formed subsequence counts as one U+FFFD (the WHATWG Encoding Standard's decoder; Python's
 * errors="replace"), and BERT's text cleaning then drops U+FFFD. Special tokens written in the text, such as
 * "[SEP]", become that token.
 *
 * max_length: most ids, [CLS] and [SEP] included; tokens beyond are cut off at the end. 0 is no limit; 1 is
 * -TR_EINVAL, for it leaves no room for the template.
 *
 * Returns the number of ids the text has, never more than max_length (if that is not 0), and writes the first
 * cap of them: as with snprintf, a result above cap says how much room a second call needs. ids may be NULL if
 * cap is 0. -TR_EINVAL for a NULL tok, or a NULL text or ids with a size that is not 0.
 * Time is linear in len, and text behind the cut is not looked at. Safe from several threads on one tokenizer.
 */
TR_API int64_t tr_tokenizer_encode(const struct tr_tokenizer *tok, const char *text, size_t len, int32_t *ids,
				   size_t cap, size_t max_length);

/* Id of exactly this token ("##ing", "[MASK]"; NUL-terminated), or -1. */
TR_API int32_t tr_tokenizer_id(const struct tr_tokenizer *tok, const char *token);

/* Token of that id, or NULL outside 0 … size-1. UTF-8, NUL-terminated, *len (if len is not NULL) bytes without
 * the NUL; owned by tok. */
TR_API const char *tr_tokenizer_token(const struct tr_tokenizer *tok, int32_t id, size_t *len);

/* Number of tokens; ids are 0 … size-1. */
TR_API size_t tr_tokenizer_size(const struct tr_tokenizer *tok);

TR_API int32_t tr_tokenizer_pad_id(const struct tr_tokenizer *tok);
TR_API int32_t tr_tokenizer_cls_id(const struct tr_tokenizer *tok);
TR_API int32_t tr_tokenizer_sep_id(const struct tr_tokenizer *tok);
TR_API int32_t tr_tokenizer_unk_id(const struct tr_tokenizer *tok);

#ifdef __cplusplus
}
#endif
#endif
