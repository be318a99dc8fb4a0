/*
 * start.c - moments in everyday words. See start.h.
 */
#include "pulse/start.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/base/units.h"

/* Today at that time, or tomorrow when it has passed; mktime() knows where a day has 23 hours. */
static int parse_time_of_day(const char *text, uint64_t realtime, uint64_t *moment)
{
	time_t now = (time_t)(realtime / NS_PER_S), then;
	struct tm local, wanted;
	const char *end;

	if (!localtime_r(&now, &local))
		return -EINVAL;
	wanted = local;
	end = strptime(text, "%H:%M:%S", &wanted);
	if (!end || *end)
		return -EINVAL;
	wanted.tm_isdst = -1;
	then = mktime(&wanted);
	if (then <= now) {
		wanted.tm_mday++;
		wanted.tm_isdst = -1;
		then = mktime(&wanted);
	}
	*moment = (uint64_t)then * NS_PER_S;
	return 0;
}

static int parse_seconds(const char *text, uint64_t *moment)
{
	double seconds;
	char *end;

	if (text[strspn(text, "0123456789.")])
		return -EINVAL;
	seconds = strtod(text, &end);
	if (end == text || *end || seconds >= 1e10)
		return -EINVAL;
	*moment = (uint64_t)llround(seconds * 1e9);
	return 0;
}

int start_parse(const char *text, const struct clock_stamp *now, uint64_t *moment)
{
	uint64_t time;
	int error;

	if (*text == '+') {
		error = parse_duration(text + 1, &time);
		if (!error)
			*moment = now->monotonic + time;
		return error;
	}
	error = strchr(text, ':') ? parse_time_of_day(text, now->realtime, &time)
				  : parse_seconds(text, &time);
	if (error)
		return error;
	if (time < now->realtime)
		return -ERANGE;
	*moment = now->monotonic + (time - now->realtime);
	return 0;
}
