/*
 * knobs.c - holds the knobs of one plug-in to allocators/allocator.h; linked once with each.
 *
 * "knobs-x get KNOB" prints the value of a knob instead: so it asks itself in a fresh process
 * whether a startup knob has arrived.
 */
#include "allocators/allocator.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Weak: there only in a program that was built with a sanitizer, whose malloc it then runs on. */
void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));

/* The knobs of the C library's malloc reach nothing when a sanitizer's malloc stands before it. */
static bool out_of_reach(const struct allocator_knob *knob)
{
	return (__asan_init || __tsan_init) && allocator.set(knob, "1") == -ENOTSUP;
}

static bool is_there(const struct allocator_knob *knob)
{
	char value[ALLOCATOR_TEXT];

	return allocator.get(knob, value) != -ENOENT;
}

/* The next knob of that kind, of those that the live version has; NULL behind the last. */
static const struct allocator_knob *next_of(const struct allocator_knob *knob, enum knob_when when)
{
	for (knob = knob ? knob + 1 : allocator.knobs; knob && knob->name; knob++)
		if (knob->when == when && is_there(knob) &&
		    !(when == KNOB_RUNTIME && out_of_reach(knob)))
			return knob;
	return NULL;
}

/* Whether value is what get reads, where it can be read. */
static bool reads(const struct allocator_knob *knob, const char *value)
{
	char now[ALLOCATOR_TEXT] = "";
	int error = allocator.get(knob, now);

	return error == -ENOTSUP || (!error && !strcmp(now, value));
}

/* The first of these that a knob takes is put into effect; which are sane depends on the knob. */
static const char *set_something(const struct allocator_knob *knob)
{
	static const char *const values[] = { "10485760", "2", "true", "on", "free" };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!allocator.set(knob, values[i]))
			return values[i];
	return NULL;
}

static void knobs_are_described(void **state)
{
	(void)state;
	for (const struct allocator_knob *knob = allocator.knobs; knob && knob->name; knob++) {
		assert_true(knob->help && knob->help[0]);
		assert_int_equal(knob->when == KNOB_STARTUP, knob->variable != NULL);
		if (knob->term)
			assert_true(allocator.join);
		for (const struct allocator_knob *other = allocator.knobs; other < knob; other++) {
			assert_string_not_equal(knob->name, other->name);
			if (knob->variable && other->variable && !knob->term)
				assert_string_not_equal(knob->variable, other->variable);
		}
	}
}

static void values_are_read_or_refused(void **state)
{
	(void)state;
	for (const struct allocator_knob *knob = allocator.knobs; knob && knob->name; knob++) {
		char value[ALLOCATOR_TEXT] = "";
		int error = allocator.get(knob, value);

		assert_true(error ? error == -ENOTSUP || error == -ENOENT : value[0]);
		if (error == -ENOENT && knob->when == KNOB_RUNTIME)
			assert_int_equal(allocator.set(knob, "1"), -ENOENT);
	}
}

static void runtime_knobs_refuse_bad_values(void **state)
{
	static const char *const bad[] = {
		"", " ", "banana", "-", "12x", "--1", "-7", "0x10", "1e3", "99999999999999999999999"
	};
	const struct allocator_knob *knob = NULL;

	(void)state;
	while ((knob = next_of(knob, KNOB_RUNTIME))) {
		char before[ALLOCATOR_TEXT] = "";

		allocator.get(knob, before);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			assert_int_equal(allocator.set(knob, bad[i]), -EINVAL);
		assert_true(reads(knob, before));
	}
}

static void startup_knobs_are_not_set_at_run_time(void **state)
{
	const struct allocator_knob *knob = NULL;

	(void)state;
	while ((knob = next_of(knob, KNOB_STARTUP)))
		assert_int_equal(allocator.set(knob, "1"), -ENOTSUP);
}

static void runtime_knobs_take_effect(void **state)
{
	const struct allocator_knob *knob = NULL;

	(void)state;
	while ((knob = next_of(knob, KNOB_RUNTIME))) {
		const char *value = set_something(knob);
		void *block = allocator.take(100000);

		assert_non_null(value);
		assert_true(reads(knob, value));
		assert_non_null(block);
		allocator.give(block, 100000);
		assert_true(reads(knob, value)); /* also for what was made since */
	}
}

static int child_still_reads(const struct allocator_knob *knob, const char *value)
{
	if (allocator.start_process && allocator.start_process())
		return 1;
	return reads(knob, value) ? 0 : 2;
}

static void runtime_knobs_survive_a_fork(void **state)
{
	const struct allocator_knob *knob = NULL;

	(void)state;
	while ((knob = next_of(knob, KNOB_RUNTIME))) {
		const char *value = set_something(knob);
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (!child)
			_exit(child_still_reads(knob, value));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

/* --- startup knobs: another value, by way of the environment and a fresh process ------------- */

/* Writes a value other than old: the next number, or the other truth. 0 where we know of none. */
static int other_value(const char *old, char value[ALLOCATOR_TEXT])
{
	char *end;
	long number = strtol(old, &end, 10);

	if (!*end)
		return snprintf(value, ALLOCATOR_TEXT, "%ld", number + 1);
	if (!strcmp(old, "true") || !strcmp(old, "false"))
		return snprintf(value, ALLOCATOR_TEXT, *old == 't' ? "false" : "true");
	return 0;
}

/* What get says in a process of its own that was started with that value. */
static void ask_fresh_process(const struct allocator_knob *knob, const char *value,
			      char answer[ALLOCATOR_TEXT])
{
	char setting[2 * ALLOCATOR_TEXT];
	int ends[2], status;
	ssize_t length;
	pid_t child;

	snprintf(setting, sizeof(setting), "%s%s", knob->term ? knob->term : "", value);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		setenv(knob->variable, setting, 1);
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "knobs", "get", knob->name, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	length = read(ends[0], answer, ALLOCATOR_TEXT - 1);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	answer[length > 0 ? length : 0] = '\0';
}

static void startup_knobs_arrive(void **state)
{
	const struct allocator_knob *knob = NULL;

	(void)state;
	while ((knob = next_of(knob, KNOB_STARTUP))) {
		char old[ALLOCATOR_TEXT], value[ALLOCATOR_TEXT], answer[ALLOCATOR_TEXT];

		if (allocator.get(knob, old) || !other_value(old, value))
			continue;
		ask_fresh_process(knob, value, answer);
		assert_string_equal(answer, value);
	}
}

static int print_knob(const char *name)
{
	const struct allocator_knob *knob = allocator.knobs;
	char value[ALLOCATOR_TEXT];

	while (knob && knob->name && strcmp(knob->name, name))
		knob++;
	if (!knob || !knob->name || allocator.get(knob, value))
		return 1;
	return fputs(value, stdout) < 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knobs_are_described),
		cmocka_unit_test(values_are_read_or_refused),
		cmocka_unit_test(startup_knobs_are_not_set_at_run_time),
		cmocka_unit_test(startup_knobs_arrive),
		cmocka_unit_test(runtime_knobs_refuse_bad_values),
		cmocka_unit_test(runtime_knobs_take_effect),
		cmocka_unit_test(runtime_knobs_survive_a_fork),
	};

	if (argc == 3 && !strcmp(argv[1], "get"))
		return print_knob(argv[2]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("knobs", tests, NULL, NULL);
}
