/*
 * releases.c - collects what releases.bpf.c counts. See releases.h.
 */
#include "probes/releases.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probes/names.h"
#include "server/base/record.h"

#define EVENTS (128 * 1024)

static int take_event(void *context, void *data, size_t size)
{
	struct releases *releases = context;

	if (size < sizeof(struct release_event) || releases->count == EVENTS)
		releases->dropped++;
	else
		memcpy(&releases->events[releases->count++], data, sizeof(struct release_event));
	return 0;
}

int releases_open(struct releases *releases, const struct programs *programs)
{
	memset(releases, 0, sizeof(*releases));
	releases->totals = programs_map(programs, "releases");
	releases->stacks = programs_map(programs, "stacks");
	releases->events = mmap(NULL, EVENTS * sizeof(struct release_event), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (releases->events == MAP_FAILED) {
		releases->events = NULL;
		return -ENOMEM;
	}
	releases->ring = ring_buffer__new(programs_map(programs, "events"), take_event, releases,
					  NULL);
	if (!releases->ring) {
		int error = -errno;

		releases_close(releases);
		return error;
	}
	return 0;
}

void releases_close(struct releases *releases)
{
	ring_buffer__free(releases->ring);
	if (releases->events)
		munmap(releases->events, EVENTS * sizeof(struct release_event));
	releases->ring = NULL;
	releases->events = NULL;
}

void releases_drain(struct releases *releases)
{
	ring_buffer__consume(releases->ring);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static uint64_t stack_number(const struct release_key *key)
{
	return key->stack < 0 ? RECORD_ABSENT : (uint64_t)key->stack;
}

int releases_write(const struct releases *releases, FILE *totals)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct release_key key;
	struct release_total total;
	const void *before = NULL;
	int error = 0;

	for (; !error && !bpf_map_get_next_key(releases->totals, before, &key); before = &key) {
		struct release_row row = { .pid = key.pid, .stack = stack_number(&key) };

		if (bpf_map_lookup_elem(releases->totals, &key, &total))
			continue;
		strcpy(row.call, release_call_names[key.call]);
		strcpy(row.advice, release_advice_name(key.advice));
		strcpy(row.cause, release_cause_names[key.cause]);
		row.calls = total.calls;
		row.failed = total.failed;
		row.asked = total.asked_bytes;
		row.freed = total.anon_pages * page;
		row.freed_other = total.other_pages * page;
		row.swapped = total.swapped_pages * page;
		row.duration = total.time_ns;
		row.longest = total.longest_ns;
		error = record_append(&record_releases, totals, &row);
	}
	return error;
}

int releases_write_events(const struct releases *releases, FILE *events)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int error = 0;

	for (size_t i = 0; !error && i < releases->count; i++) {
		const struct release_event *event = &releases->events[i];
		struct release_event_row row = { .time = event->time_ns,
						 .pid = event->key.pid,
						 .thread = event->tid,
						 .stack = stack_number(&event->key),
						 .asked = event->asked_bytes,
						 .freed = event->anon_pages * page,
						 .freed_other = event->other_pages * page,
						 .swapped = event->swapped_pages * page,
						 .duration = event->duration_ns };

		strcpy(row.call, release_call_names[event->key.call]);
		strcpy(row.advice, release_advice_name(event->key.advice));
		strcpy(row.cause, release_cause_names[event->key.cause]);
		error = record_append(&record_events, events, &row);
	}
	return error;
}
