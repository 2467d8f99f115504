/* SPDX-License-Identifier: MIT */
/* Running of tests; see CUnit.h here. */
#ifndef TESTS_PORT_TESTRUN_H
#define TESTS_PORT_TESTRUN_H

#include <CUnit/CUnit.h>

void CU_set_test_start_handler(void (*handler)(const CU_pTest test, const CU_pSuite suite));
void CU_set_test_complete_handler(void (*handler)(const CU_pTest test, const CU_pSuite suite,
						  const CU_pFailureRecord failure));
int CU_run_all_tests(void);
unsigned CU_get_number_of_asserts(void);

#endif
