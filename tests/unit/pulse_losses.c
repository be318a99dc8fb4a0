/* pulse_losses.c - each errno lands in its class; sums and words agree. */
#include "pulse/losses.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void errnos_have_classes(void **state)
{
	static const int errnos[] = { ECONNREFUSED, ECONNRESET, EPIPE,	ETIMEDOUT, EADDRNOTAVAIL,
				      EMFILE,	    ENFILE,	ENOMEM, ENOBUFS,   ENETUNREACH };
	struct phase phase = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		losses_count(&phase, errnos[i]);
	assert_int_equal(phase.lost_refused, 1);
	assert_int_equal(phase.lost_reset, 2);
	assert_int_equal(phase.lost_timeout, 1);
	assert_int_equal(phase.lost_ports, 1);
	assert_int_equal(phase.lost_files, 4);
	assert_int_equal(phase.lost_other, 1);
	assert_int_equal(losses_sum(&phase), 10);
}

static void sums_add_up(void **state)
{
	struct phase total = { .wanted = 5, .lost_reset = 1 };
	struct phase phase = { .wanted = 7, .lost_reset = 2, .lost_other = 3 };

	(void)state;
	losses_add(&total, &phase);
	losses_add(&total, &phase);
	assert_int_equal(total.lost_reset, 5);
	assert_int_equal(total.lost_other, 6);
	assert_int_equal(losses_sum(&total), 11);
	assert_int_equal(total.wanted, 5);
}

static void words(void **state)
{
	struct phase phase = { 0 };
	char text[LOSSES_TEXT];

	(void)state;
	assert_string_equal(losses_describe(text, sizeof(text), &phase), "none");
	phase.lost_reset = 7;
	assert_string_equal(losses_describe(text, sizeof(text), &phase), "7 closed by the server");
	phase.lost_refused = 30;
	assert_string_equal(losses_describe(text, sizeof(text), &phase),
			    "30 refused, 7 closed by the server");
}

static void all_classes_fit_into_the_text(void **state)
{
	struct phase phase = { 0 };
	char text[LOSSES_TEXT];

	(void)state;
	phase.lost_refused = phase.lost_reset = phase.lost_timeout = UINT32_MAX;
	phase.lost_ports = phase.lost_files = phase.lost_other = UINT32_MAX;
	losses_describe(text, sizeof(text), &phase);
	assert_non_null(strstr(text, "for another reason"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errnos_have_classes),
		cmocka_unit_test(sums_add_up),
		cmocka_unit_test(words),
		cmocka_unit_test(all_classes_fit_into_the_text),
	};

	return unit_main(tests);
}
