/*
 * clock.c - the one clock of the project. See clock.h.
 */
#include "server/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/base/units.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_thread(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void clock_stamp(struct clock_stamp *stamp)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(stamp, 0, sizeof(*stamp));
	stamp->monotonic = clock_now();
	stamp->realtime = read_clock(CLOCK_REALTIME);
	if (!file)
		return;
	if (fscanf(file, "%36s", stamp->boot_id) != 1)
		stamp->boot_id[0] = '\0';
	fclose(file);
}

void clock_sleep_until(uint64_t moment)
{
	struct timespec until = { .tv_sec = (time_t)(moment / NS_PER_S),
				  .tv_nsec = (long)(moment % NS_PER_S) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}
