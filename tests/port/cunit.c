/* SPDX-License-Identifier: MIT */
/* The part of CUnit that tests/port/CUnit declares: one suite, run in order. */
#include <stdlib.h>

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>

static struct {
	struct CU_Suite suite;
	struct CU_Test *first, *last, *now;
	struct CU_FailureRecord *failure, *last_failure;
	unsigned asserts;
	void (*start)(const CU_pTest, const CU_pSuite);
	void (*complete)(const CU_pTest, const CU_pSuite, const CU_pFailureRecord);
} registry;

int CU_assertImplementation(int value, unsigned line, const char *condition, const char *file, int fatal)
{
	struct CU_FailureRecord *f;

	registry.asserts++;
	if (value)
		return 1;
	f = calloc(1, sizeof(*f));
	if (!f)
		abort();
	*f = (struct CU_FailureRecord){line, file, condition, registry.now, NULL};
	if (registry.last_failure)
		registry.last_failure->pNext = f;
	else
		registry.failure = f;
	registry.last_failure = f;
	if (fatal) {
		registry.complete(registry.now, &registry.suite, registry.failure);
		exit(EXIT_FAILURE);
	}
	return 0;
}

int CU_initialize_registry(void)
{
	return CUE_SUCCESS;
}

void CU_cleanup_registry(void)
{
	for (struct CU_Test *t = registry.first, *next; t; t = next) {
		next = t->next;
		free(t);
	}
	for (struct CU_FailureRecord *f = registry.failure, *next; f; f = next) {
		next = f->pNext;
		free(f);
	}
}

CU_pSuite CU_add_suite(const char *name, int (*init)(void), int (*clean)(void))
{
	(void)init;
	(void)clean;
	registry.suite.pName = name;
	return &registry.suite;
}

CU_pTest CU_add_test(CU_pSuite suite, const char *name, void (*run)(void))
{
	struct CU_Test *t = calloc(1, sizeof(*t));

	(void)suite;
	if (!t)
		return NULL;
	t->pName = name;
	t->run = run;
	if (registry.last)
		registry.last->next = t;
	else
		registry.first = t;
	registry.last = t;
	return t;
}

const char *CU_get_error_msg(void)
{
	return "out of memory";
}

void CU_set_test_start_handler(void (*handler)(const CU_pTest, const CU_pSuite))
{
	registry.start = handler;
}

void CU_set_test_complete_handler(void (*handler)(const CU_pTest, const CU_pSuite, const CU_pFailureRecord))
{
	registry.complete = handler;
}

int CU_run_all_tests(void)
{
	for (struct CU_Test *t = registry.first; t; t = t->next) {
		registry.now = t;
		registry.start(t, &registry.suite);
		t->run();
		registry.complete(t, &registry.suite, registry.failure);
	}
	return CUE_SUCCESS;
}

unsigned CU_get_number_of_asserts(void)
{
	return registry.asserts;
}
