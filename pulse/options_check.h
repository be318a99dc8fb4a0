/*
 * options_check.h - whether options of pulse that are fine one by one go together.
 *
 * Both return 0, or -EINVAL and one line that names the option and the fix in why.
 */
#ifndef PULSE_OPTIONS_CHECK_H
#define PULSE_OPTIONS_CHECK_H

#include "pulse/options.h"

int options_check_run(const struct pulse_options *options, char why[OPTIONS_WHY]);

/* For pulse --merge, which takes little of what the rows have. */
int options_check_merge(const struct pulse_options *options, const struct option_row *rows,
			char *const argv[], char why[OPTIONS_WHY]);

#endif
