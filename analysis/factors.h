/*
 * factors.h - what one run may differ in from another, as its run.json says.
 *
 * Runs that agree in all factors are repeats of each other.
 */
#ifndef ANALYSIS_FACTORS_H
#define ANALYSIS_FACTORS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum factor {
	FACTOR_ALLOCATOR, /* of a foreign server: the name of its column */
	FACTOR_RELEASE,
	FACTOR_TUNE, /* "KEY=VALUE KEY=VALUE"; "" without any */
	FACTOR_FOOTPRINT,
	FACTOR_SURVIVORS,
	FACTOR_ORDER, /* which connections survive */
	FACTOR_MEMORY_LIMIT,
	FACTOR_TRICKLE, /* "on", "off" */
	FACTOR_ARCH,
	FACTOR_WORKERS,
	FACTOR_PROTOCOL,
	FACTOR_COUNT
};

/* "allocator", "memory limit": for the head of a column. */
const char *factor_name(enum factor factor);

/* "survivors 1%"; "defaults" for a tune without any knob. As snprintf(). */
int factor_write(char *text, size_t room, enum factor factor, const char *value);

/* "allocator", "memory_limit": in JSON and CSV. */
const char *factor_key(enum factor factor);

/* Is it unknown of a server that is not ours? It is null in its run.json then. */
bool factor_is_ours(enum factor factor);

#define FACTORS_WHY 512

/*
 * Sets every factor to a text for the caller to free, also after an error (NULL: no memory). A
 * factor that an older run.json lacks, or that is null there, has its default; of one that does not
 * name its allocator and release, or gives a factor as another type, these read "?". Returns 0,
 * -EINVAL with a line in why, or -ENOMEM. run may be NULL: all is "?" or default then.
 */
int factors_read(char *factors[FACTOR_COUNT], const json_t *run, char why[FACTORS_WHY]);

/* The order of rows: the control, native, stands before other policies. As strcmp(). */
int factors_compare(char *const a[FACTOR_COUNT], char *const b[FACTOR_COUNT]);

#endif
