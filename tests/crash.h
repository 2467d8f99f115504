/* SPDX-License-Identifier: MIT */
/* Signals of a crash, for the frame of suites: tests/harness_crash.c on Linux, tests/port/ where there are none. */
#ifndef TESTS_CRASH_H
#define TESTS_CRASH_H

/* Says where the process is. */
typedef void (*crashed_fn)(const char **suite, const char **test, const char **note);

/* From now on a crash says which test it was before the process dies of it. */
void catch_crashes(crashed_fn where);

#endif
