/* SPDX-License-Identifier: MIT */
/*
 * As much of CUnit as tests/harness.c and the suites use, for targets that Debian has no CUnit for. The names and their
 * meaning are CUnit's; a fatal assertion ends the process, which counts as a failed suite.
 */
#ifndef TESTS_PORT_CUNIT_H
#define TESTS_PORT_CUNIT_H

#include <string.h>

typedef struct CU_Test {
	const char *pName;
	void (*run)(void);
	struct CU_Test *next;
} *CU_pTest;

typedef struct CU_Suite {
	const char *pName;
} *CU_pSuite;

typedef struct CU_FailureRecord {
	unsigned uiLineNumber;
	const char *strFileName, *strCondition;
	CU_pTest pTest;
	struct CU_FailureRecord *pNext;
} *CU_pFailureRecord;

int CU_assertImplementation(int value, unsigned line, const char *condition, const char *file, int fatal);

#define CU_CHECK_(value, text, fatal) ((void)CU_assertImplementation(!!(value), __LINE__, text, __FILE__, fatal))
#define CU_ASSERT(value) CU_CHECK_(value, #value, 0)
#define CU_ASSERT_FATAL(value) CU_CHECK_(value, #value, 1)
#define CU_ASSERT_TRUE(value) CU_CHECK_(value, #value, 0)
#define CU_ASSERT_TRUE_FATAL(value) CU_CHECK_(value, #value, 1)
#define CU_ASSERT_FALSE(value) CU_CHECK_(!(value), "not " #value, 0)
#define CU_ASSERT_EQUAL(a, b) CU_CHECK_((a) == (b), #a " == " #b, 0)
#define CU_ASSERT_EQUAL_FATAL(a, b) CU_CHECK_((a) == (b), #a " == " #b, 1)
#define CU_ASSERT_NOT_EQUAL(a, b) CU_CHECK_((a) != (b), #a " != " #b, 0)
#define CU_ASSERT_PTR_EQUAL(a, b) CU_CHECK_((const void *)(a) == (const void *)(b), #a " == " #b, 0)
#define CU_ASSERT_PTR_NOT_EQUAL(a, b) CU_CHECK_((a) != (b), #a " != " #b, 0)
#define CU_ASSERT_PTR_NULL(a) CU_CHECK_(!(a), #a " == NULL", 0)
#define CU_ASSERT_PTR_NOT_NULL(a) CU_CHECK_(a, #a " != NULL", 0)
#define CU_ASSERT_PTR_NOT_NULL_FATAL(a) CU_CHECK_(a, #a " != NULL", 1)
#define CU_ASSERT_STRING_EQUAL(a, b) CU_CHECK_(!strcmp(a, b), #a " equals " #b, 0)
#define CU_FAIL(text) CU_CHECK_(0, text, 0)

#endif
