/* SPDX-License-Identifier: MIT */
/* A progress bar for people who wait: on standard error, if that is a terminal, and only for work worth it. */
#include "tools/cli/cli.h"

#include <unistd.h>

#define WIDTH 30
#define QUIET_SECONDS 0.3 /* work that ends sooner shows nothing */

void progress_begin(struct progress *p, const char *label, size_t total)
{
	*p = (struct progress){.label = label, .total = total, .on = total && isatty(STDERR_FILENO)};
	p->start = now_seconds();
}

void progress_show(struct progress *p, size_t done)
{
	double elapsed = now_seconds() - p->start;
	int filled = (int)((double)done * WIDTH / (double)(p->total ? p->total : 1));

	if (!p->on || elapsed < QUIET_SECONDS)
		return;
	fprintf(stderr, "\r%s [", p->label);
	for (int i = 0; i < WIDTH; i++)
		fputc(i < filled ? '#' : ' ', stderr);
	fprintf(stderr, "] %zu/%zu, %.0f/s", done, p->total, (double)done / elapsed);
	p->shown = done;
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}
