/*
 * start.h - moments in everyday words: when several pulses are to begin.
 */
#ifndef PULSE_START_H
#define PULSE_START_H

#include <stdint.h>

#include "server/base/clock.h"

/*
 * "+5s": in five seconds. "14:30:00": when the local clock shows that next. "1795229274" or
 * "1795229274.5": seconds since 1970. *moment is in ns of clock_now(), which now was read from.
 * Returns 0, -EINVAL, or -ERANGE when it has passed.
 */
int start_parse(const char *text, const struct clock_stamp *now, uint64_t *moment);

#define EXPECTS_START "a moment to come (for example 14:30:00, +5s, 1795229274)"

#endif
