/*
 * releases.h - collects what releases.bpf.c counts: the totals from its map, and the single calls
 * from its ring buffer into memory reserved before.
 */
#ifndef PROBES_RELEASES_H
#define PROBES_RELEASES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/programs.h"

struct release_event;
struct ring_buffer;

struct releases {
	int totals; /* the map */
	int stacks; /* the map */
	struct ring_buffer *ring;
	struct release_event *events;
	size_t count;
	uint64_t dropped; /* events for which there was no room here */
};

/* Reserves and touches the room for events. Returns 0 or -errno. */
int releases_open(struct releases *releases, const struct programs *programs);

void releases_close(struct releases *releases);

/* Takes over what is in the ring buffer. */
void releases_drain(struct releases *releases);

/* Append to files that record_begin() has opened. Return 0 or -errno. */
int releases_write(const struct releases *releases, FILE *totals);
int releases_write_events(const struct releases *releases, FILE *events);

#endif
