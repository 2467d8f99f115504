/* SPDX-License-Identifier: MIT */
/* Crashes that name their test (crash.h). */
#include "tests/crash.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static crashed_fn crashed_in;

static void say(const char *s)
{
	if (write(STDOUT_FILENO, s, strlen(s)) < 0)
		_exit(EXIT_FAILURE);
}

/* Says which test it was, then dies of the signal as if there were no handler. */
static void on_crash(int sig)
{
	const char *suite, *test, *note;

	crashed_in(&suite, &test, &note);
	say("FAIL ");
	say(suite);
	say(".");
	say(test);
	say(": crashed\n     last note: ");
	say(note);
	say("\n");
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Sanitizers have handlers of their own, which say more. */
void catch_crashes(crashed_fn where)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
	struct sigaction old, mine = {.sa_handler = on_crash};

	crashed_in = where;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &mine, NULL);
}
