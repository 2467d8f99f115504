/* SPDX-License-Identifier: MIT */
/* Timelines (trace.h): a buffer of spans, turned into text when it is full and at the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/op.h"
#include "lib/trace.h"

#define SPANS 2048
#define TEXT 65536
#define SPAN_TEXT 2048 /* more than any span's */
#define OPERANDS 3     /* shown of a command */
#define OPS 16         /* shown of a program */
#define FILES 16       /* one process may write */
#define FIRST_TRACK 1000000000u /* above all thread numbers */

static const char end_mark[] = "\n]}\n";

struct span {
	uint64_t begin, end;
	const char *name;
	unsigned track;
	size_t count;
	uint8_t dtype, noperand, nop; /* noperand 0: no command */
	bool more;                    /* operations than are shown */
	uint8_t ndim[OPERANDS];
	int64_t shape[OPERANDS][TR_MAX_RANK];
	uint16_t op[OPS];
};

struct tr_trace {
	const struct tr_allocator *alloc;
	int fd;
	unsigned n;
	struct span span[SPANS];
	size_t used;
	char text[TEXT];
};

/* The files this process has begun. */
static struct {
	pthread_mutex_t lock;
	struct { dev_t dev; ino_t ino; } file[FILES];
	unsigned n, tracks;
} begun = {.lock = PTHREAD_MUTEX_INITIALIZER};

uint64_t tr__trace_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

unsigned tr__trace_thread(void)
{
	static _Thread_local unsigned id;

	if (!id)
		id = (unsigned)syscall(SYS_gettid);
	return id;
}

/* Adds to the text; there is room. */
static void put(struct tr_trace *t, const char *fmt, ...) TR_PRINTF(2, 3);

static void put(struct tr_trace *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->used += (size_t)vsnprintf(t->text + t->used, TEXT - t->used, fmt, ap);
	va_end(ap);
}

/* A name in a string: what JSON would not take as it is becomes an underscore. */
static void put_name(struct tr_trace *t, const char *name)
{
	for (; *name; name++)
		t->text[t->used++] = (unsigned char)*name < ' ' || (unsigned char)*name > '~' || *name == '"' || *name == '\\'
					     ? '_' : *name;
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* Puts the text where the file ends, and the end behind it. A file that cannot be written any more stays behind. */
static void write_text(struct tr_trace *t)
{
	off_t end;

	if (!t->used)
		return;
	flock(t->fd, LOCK_EX); /* the file may be a forked process's too */
	end = lseek(t->fd, -(off_t)(sizeof(end_mark) - 1), SEEK_END);
	if (end > 0 && write_all(t->fd, t->text, t->used))
		(void)!write_all(t->fd, end_mark, sizeof(end_mark) - 1);
	flock(t->fd, LOCK_UN);
	t->used = 0;
}

static void put_shape(struct tr_trace *t, unsigned ndim, const int64_t *shape)
{
	put(t, "[");
	for (unsigned i = 0; i < ndim; i++)
		put(t, "%s%lld", i ? "," : "", (long long)shape[i]);
	put(t, "]");
}

static void put_args(struct tr_trace *t, const struct span *s)
{
	put(t, "\"args\":{");
	if (s->count)
		put(t, "\"count\":%zu", s->count);
	if (s->noperand) {
		put(t, "\"dtype\":\"%s\",\"shape\":", tr_dtype_name((enum tr_dtype)s->dtype));
		put_shape(t, s->ndim[0], s->shape[0]);
		put(t, ",\"operands\":[");
		for (unsigned i = 1; i < s->noperand; i++) {
			put(t, "%s", i > 1 ? "," : "");
			put_shape(t, s->ndim[i], s->shape[i]);
		}
		put(t, "]");
	}
	for (unsigned i = 0; i < s->nop; i++)
		put(t, "%s\"%s\"", i ? "," : ",\"ops\":[", tr__ops[s->op[i]].name);
	if (s->nop)
		put(t, "%s]", s->more ? ",\"...\"" : "");
	put(t, "}}");
}

void tr__trace_write(struct tr_trace *t)
{
	long pid = (long)getpid();

	for (unsigned i = 0; i < t->n; i++) {
		const struct span *s = &t->span[i];
		uint64_t ns = s->end - s->begin;

		if (t->used > TEXT - SPAN_TEXT)
			write_text(t);
		put(t, ",\n{\"ph\":\"X\",\"pid\":%ld,\"tid\":%u,\"ts\":%llu.%03u,\"dur\":%llu.%03u,\"cat\":\"%s\",\"name\":\"%s\",",
		    pid, s->track, (unsigned long long)(s->begin / 1000), (unsigned)(s->begin % 1000),
		    (unsigned long long)(ns / 1000), (unsigned)(ns % 1000),
		    s->track >= FIRST_TRACK ? "gpu" : s->noperand ? "cpu" : "queue", s->name);
		put_args(t, s);
	}
	t->n = 0;
	write_text(t);
}

static struct span *next(struct tr_trace *t, unsigned track, const char *name, uint64_t begin, uint64_t end)
{
	struct span *s;

	if (t->n == SPANS)
		tr__trace_write(t);
	s = &t->span[t->n++];
	s->begin = begin;
	s->end = end < begin ? begin : end;
	s->name = name;
	s->track = track;
	s->count = 0;
	s->noperand = s->nop = 0;
	s->more = false;
	return s;
}

void tr__trace_span(struct tr_trace *t, unsigned track, const char *name, uint64_t begin, uint64_t end, size_t count)
{
	next(t, track, name, begin, end)->count = count;
}

void tr__trace_command(struct tr_trace *t, unsigned track, uint64_t begin, uint64_t end, const struct tr_cmd *cmd)
{
	const struct tr_program *p = cmd->prog;
	/* Of a program the stores, which come last, or the reduction's result are what a command's destination is. */
	bool reduces = p && tr__family_is_reduce((enum tr_family)cmd->family);
	unsigned first = p && !reduces ? p->nload : 0, n = cmd->noperand;
	struct span *s = next(t, track, p && !reduces ? "fused" : tr__ops[cmd->op].name, begin, end);

	if (p)
		n = reduces ? 1u + p->nload : (unsigned)p->nload + p->nstore;
	s->dtype = cmd->operand[first].dtype;
	s->noperand = (uint8_t)(n < OPERANDS ? n : OPERANDS);
	for (unsigned i = 0; i < s->noperand; i++) {
		const struct tr_operand *o = &cmd->operand[(first + i) % n];

		s->ndim[i] = o->ndim;
		memcpy(s->shape[i], o->shape, sizeof(s->shape[i]));
	}
	for (unsigned i = 0; p && i < p->ninstr; i++) {
		if (s->nop == OPS)
			s->more = true;
		else
			s->op[s->nop++] = p->instr[i].op;
	}
}

unsigned tr__trace_track(struct tr_trace *t, const char *name)
{
	unsigned track;

	pthread_mutex_lock(&begun.lock);
	track = FIRST_TRACK + begun.tracks++;
	pthread_mutex_unlock(&begun.lock);
	put(t, ",\n{\"ph\":\"M\",\"pid\":%ld,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"", (long)getpid(), track);
	put_name(t, name);
	put(t, "\"}}");
	write_text(t);
	return track;
}

/* path with %p replaced; false if it is too long. */
static bool expand(char *out, size_t len, const char *path)
{
	size_t n = 0;

	for (; *path && n < len; path++) {
		if (path[0] == '%' && path[1] == 'p') {
			n += (size_t)snprintf(out + n, len - n, "%ld", (long)getpid());
			path++;
		} else {
			out[n++] = *path;
		}
	}
	if (n >= len)
		return false;
	out[n] = '\0';
	return true;
}

/* Begins the file, unless this process has done so before and it is still there. 0 or an errno. Called under lock. */
static int begin_file(struct tr_trace *t)
{
	struct stat s;
	unsigned i = 0;

	if (fstat(t->fd, &s))
		return errno;
	if (!S_ISREG(s.st_mode))
		return EINVAL; /* it is read back and added to */
	while (i < begun.n && (begun.file[i].dev != s.st_dev || begun.file[i].ino != s.st_ino))
		i++;
	if (i < begun.n && s.st_size)
		return 0;
	if (i == FILES)
		return EMFILE;
	if (ftruncate(t->fd, 0))
		return errno;
	put(t, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{\"ph\":\"M\",\"pid\":%ld,\"tid\":0,\"name\":\"process_name\","
	       "\"args\":{\"name\":\"", (long)getpid());
	put_name(t, program_invocation_short_name);
	put(t, "\"}}%s", end_mark);
	if (!write_all(t->fd, t->text, t->used))
		return errno ? errno : EIO;
	t->used = 0;
	if (i == begun.n)
		begun.n++;
	begun.file[i].dev = s.st_dev;
	begun.file[i].ino = s.st_ino;
	return 0;
}

int tr__trace_open(struct tr_trace **out, const char *path, const struct tr_allocator *alloc, char *errbuf, size_t errlen)
{
	char name[4096];
	struct tr_trace *t;
	int why;

	*out = NULL;
	if (!expand(name, sizeof(name), path)) {
		snprintf(errbuf, errlen, "trace: the file's name is too long");
		return -TR_EINVAL;
	}
	t = tr__alloc(alloc, 1, sizeof(*t));
	if (!t) {
		snprintf(errbuf, errlen, "trace: out of memory");
		return -TR_ENOMEM;
	}
	t->alloc = alloc;
	t->n = 0;
	t->used = 0;
	t->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	why = t->fd < 0 ? errno : 0;
	pthread_mutex_lock(&begun.lock);
	if (!why)
		why = begin_file(t);
	pthread_mutex_unlock(&begun.lock);
	if (!why) {
		*out = t;
		return 0;
	}
	snprintf(errbuf, errlen, "trace: %.80s: %s", name, why == EINVAL ? "not an ordinary file" : strerror(why));
	if (t->fd >= 0)
		close(t->fd);
	tr__free(alloc, t, 1, sizeof(*t));
	return -TR_EIO;
}

void tr__trace_close(struct tr_trace *t)
{
	if (!t)
		return;
	tr__trace_write(t);
	close(t->fd);
	tr__free(t->alloc, t, 1, sizeof(*t));
}
