/* unit.h - what every unit test needs: cmocka with its includes, and TAP on stdout. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#define unit_main(tests)                                                                           \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

/*
 * As fork(). The child ends with the test, also with one that fails: prove waits for the end of
 * everybody who has the test's output.
 */
static inline pid_t unit_fork(void)
{
	pid_t parent = getpid();
	pid_t child = fork();

	if (!child && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent))
		_exit(1);
	return child;
}

#endif
