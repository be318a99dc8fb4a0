/*
 * cell.h - a cell of an experiment: one value for each factor, and the table of factors.
 *
 * A factor is one row here, and one option that takes its list (options.c). Everything else (the
 * matrix, run.json, experiment.json, the names of folders, the commands) goes by the table.
 */
#ifndef ANALYSIS_CELL_H
#define ANALYSIS_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_factor {
	CELL_ALLOCATOR,
	CELL_RELEASE,
	CELL_TUNE,
	CELL_FOOTPRINT,
	CELL_SURVIVORS,
	CELL_ORDER,
	CELL_LIMIT,
	CELL_TRICKLE,
	CELL_ARCH,
	CELL_WORKERS,
	CELL_PROTOCOL,
	CELL_FACTORS
};

/* How a value, which is text on the command line, stands in JSON. */
enum cell_kind {
	CELL_TEXT,
	CELL_WORDS, /* an array, on the command line with commas */
	CELL_SIZE,  /* bytes; on the command line "none" is 0 */
	CELL_COUNT, /* a whole number, 1 or more */
	CELL_SWITCH /* a bool, on the command line on or off */
};

struct cell_row {
	const char *key;    /* in run.json */
	const char *list;   /* its list in experiment.json */
	const char *option; /* of tidemark run */
	enum cell_kind kind;
	bool whole;	      /* values contain commas: a list is the option given several times */
	const char *standard; /* the value when the option is not given */
	bool control;	      /* the standard value is added where it is missing */
	const char *server;   /* our server's option; means nothing to a server that is not ours */
	const char *pulse;    /* pulse's option */
	bool late;	      /* an experiment from before there was this factor has its standard */
	bool ours;	      /* unknown of a server that is not ours: null in JSON */
};

struct cell {
	const char *values[CELL_FACTORS]; /* canonical; the matrix's */
	const char *command;		  /* of a server that is not ours, with {port}; or NULL */
	const char *library;		  /* to preload into our server; or NULL */
	const char *name;		  /* for people: what tells it from the other cells */
	uint64_t repeat;		  /* from 1 */
	uint64_t expected;		  /* ns that it will take, or 0: not known */
};

#define CELL_NAME 128

const struct cell_row *cell_row(enum cell_factor factor);

/*
 * The one way to write a value: "64M" is "67108864". text has room for CELL_NAME bytes more than
 * value. Returns NULL when value cannot be; then *expects completes "'x' is not ...".
 */
char *cell_canonical(enum cell_factor factor, const char *value, const char **expects);

/* Whether that architecture takes --workers: the others have one, or as many as connections. */
bool cell_has_workers(const char *arch);

/* Sets the keys of all factors, "foreign" and "repeat" in object. Returns 0 or -ENOMEM. */
int cell_to_json(const struct cell *cell, json_t *object);

/*
 * A factor's value in object as canonical text, for the caller to free; the standard one where it
 * is unknown. NULL: damaged.
 */
char *cell_from_json(enum cell_factor factor, const json_t *object);

/*
 * "glibc, quiet=1s, arena_max=1": allocator, release policy, and the factors that vary.
 */
void cell_describe(const struct cell *cell, const bool varies[CELL_FACTORS], char name[CELL_NAME]);

#endif
