/* SPDX-License-Identifier: MIT */
/* Registration of tests; see CUnit.h here. */
#ifndef TESTS_PORT_TESTDB_H
#define TESTS_PORT_TESTDB_H

#include <CUnit/CUnit.h>

enum { CUE_SUCCESS };
int CU_initialize_registry(void);
void CU_cleanup_registry(void);
CU_pSuite CU_add_suite(const char *name, int (*init)(void), int (*clean)(void));
CU_pTest CU_add_test(CU_pSuite suite, const char *name, void (*run)(void));
const char *CU_get_error_msg(void);

#endif
