/* SPDX-License-Identifier: MIT */
/*
 * The files of a tokenizer's folder: which of them are read, their bytes, and vocab.txt. Knows no JSON.
 *
 * vocab.txt is preferred to the vocabulary inside tokenizer.json because it takes one millisecond instead of
 * ten to read, which counts in a program that encodes one sentence and ends.
 */
#include "hub/tokenizer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)

/* Reads up to size bytes, fewer only at the end of the file; -1 with errno on failure. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buf + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Fills src->text (to be freed) and src->len from src->path. */
static int read_file(struct tr__source *src)
{
	int fd = open(src->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n;
	int ret;

	if (fd < 0 || fstat(fd, &st) < 0) {
		ret = tr__report(src->report, -TR_EIO, "%s: %s", src->path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		ret = tr__report(src->report, -TR_EIO, "%s: not a regular file", src->path);
		goto out;
	}
	if ((uint64_t)st.st_size > FILE_MAX) {
		ret = tr__report(src->report, -TR_EOVERFLOW, "%s: %lld bytes, above the limit of %zu", src->path,
				 (long long)st.st_size, FILE_MAX);
		goto out;
	}
	src->text = malloc((size_t)st.st_size + 1);
	if (!src->text) {
		ret = tr__report(src->report, -TR_ENOMEM, "%s: out of memory", src->path);
		goto out;
	}
	n = read_all(fd, src->text, (size_t)st.st_size);
	if (n < 0) {
		ret = tr__report(src->report, -TR_EIO, "%s: %s", src->path, strerror(errno));
		goto out;
	}
	src->len = (size_t)n;
	ret = 0;
out:
	if (fd >= 0)
		close(fd);
	return ret;
}

static bool is_utf8(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + len;
	uint32_t c;

	while (p < end) {
		if (*p < 0x80) {
			p++;
			continue;
		}
		p += tr__utf8_decode(p, end, &c);
		if (c == TR__UTF8_ILL)
			return false;
	}
	return true;
}

/* One token a line; its id is the line's number from 0. */
static int add_line(struct tr_tokenizer *tok, const struct tr__source *src, const char *line, size_t len)
{
	uint32_t number = tok->vocab.count;
	uint32_t id;

	if (len && line[len - 1] == '\r')
		len--;
	if (!len)
		return tr__report(src->report, -TR_EFORMAT, "%s: line %u is empty", src->path, number + 1);
	if (!is_utf8(line, len))
		return tr__report(src->report, -TR_EFORMAT, "%s: line %u is not UTF-8", src->path, number + 1);
	id = tr__vocab_add(&tok->vocab, line, len, true);
	if (id != number)
		return tr__report(src->report, -TR_EFORMAT, "%s: line %u repeats the token \"%.*s\" of line %u",
				  src->path, number + 1, (int)(len < 64 ? len : 64), line, id + 1);
	return 0;
}

/* spare: bytes of the tokens that may be added later. */
static int read_vocab(struct tr_tokenizer *tok, const struct tr__source *src, size_t spare)
{
	const char *end = src->text + src->len;
	size_t lines = 1;
	int ret;

	if (!src->len)
		return tr__report(src->report, -TR_EFORMAT, "%s: no tokens", src->path);
	for (const char *p = src->text; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	ret = tr__vocab_init(&tok->vocab, lines + TR__ADDED_MAX, src->len + spare);
	if (ret == -TR_EOVERFLOW)
		return tr__report(src->report, ret, "%s: %zu lines, above the limit of %u tokens", src->path, lines,
				  TR__VOCAB_MAX - TR__ADDED_MAX);
	if (ret)
		return tr__report(src->report, ret, "%s: out of memory", src->path);
	for (const char *p = src->text; p < end && !ret;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		if (!stop)
			stop = end;
		ret = add_line(tok, src, p, (size_t)(stop - p));
		p = stop + 1;
	}
	return ret;
}

/* vocab.txt and tokenizer_config.json. 1: the latter is of another class, and tokenizer.json has to tell. */
static int read_pair(struct tr_tokenizer *tok, struct tr__source *vocab, struct tr__source *config)
{
	int ret = read_file(config);

	if (!ret)
		ret = read_file(vocab);
	if (!ret)
		ret = read_vocab(tok, vocab, config->len);
	if (!ret)
		ret = tr__tokenizer_parse_config(tok, config);
	return ret;
}

int tr__tokenizer_read(struct tr_tokenizer *tok, const char *dir, const struct tr__report *r)
{
	static const char *const names[] = {"vocab.txt", "tokenizer_config.json", "tokenizer.json"};
	struct tr__source src[3] = {{.report = r}, {.report = r}, {.report = r}};
	size_t size = strlen(dir) + sizeof("/tokenizer_config.json");
	char *paths = size < SIZE_MAX / 3 ? malloc(3 * size) : NULL;
	bool there[3];
	int ret = 1;

	if (!paths)
		return tr__report(r, -TR_ENOMEM, "%s: out of memory", dir);
	for (int i = 0; i < 3; i++) {
		snprintf(paths + (size_t)i * size, size, "%s/%s", dir, names[i]);
		src[i].path = paths + (size_t)i * size;
		there[i] = access(src[i].path, F_OK) == 0;
	}
	if (there[0] && there[1])
		ret = read_pair(tok, &src[0], &src[1]);
	if (ret == 1 && !there[2]) {
		const char *reason = "not both vocab.txt and tokenizer_config.json";

		ret = -TR_EIO;
		if (there[0] && there[1]) {
			reason = "tokenizer_config.json is of a class that is not BERT's";
			ret = -TR_EFORMAT;
		}
		tr__report(r, ret, "%s: %s, and there is no tokenizer.json", dir, reason);
	}
	if (ret == 1) {
		tr__vocab_finish(&tok->vocab);
		ret = read_file(&src[2]);
		if (!ret)
			ret = tr__tokenizer_parse_json(tok, &src[2]);
	}
	for (int i = 0; i < 3; i++)
		free(src[i].text);
	free(paths);
	return ret;
}
