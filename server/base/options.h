/*
 * options.h - command lines as tables: one row an option, from which parsing, the error line and
 * --help all come.
 *
 * Long names only, with one dash or two, as "--name value" or "--name=value".
 */
#ifndef SERVER_BASE_OPTIONS_H
#define SERVER_BASE_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#define OPTIONS_WHY 512 /* room for any error line */

struct option_row {
	const char *name;
	const char *argument; /* "COUNT", "TIME"; NULL for a switch */
	size_t offset;	      /* of the field in the program's options */
	/* Returns 0, -EINVAL, -ERANGE or another -errno. A switch gets NULL. */
	int (*set)(void *field, const char *value);
	/* A noun with its range, behind "is not" and "give"; NULL where set takes anything. */
	const char *expects;
	const char *help; /* NULL: a synonym, not listed */
};

/* Setters for the fields of that type. */
int option_count(void *uint64_field, const char *value);
int option_size(void *uint64_field, const char *value);
int option_duration(void *uint64_field, const char *value);
int option_share(void *double_field, const char *value);
int option_text(void *const_char_pointer_field, const char *value);
int option_address(void *address_field, const char *value);
int option_fd(void *int_field, const char *value);
int option_switch(void *int_field, const char *value);

/* What each of them expects, for rows. */
#define EXPECTS_COUNT	 "a whole number below 2^64 (for example 10000)"
#define EXPECTS_SIZE	 "a size below 8388608T (for example 64, 4K, 1.5M)"
#define EXPECTS_DURATION "a time with its unit, up to 2562047h (for example 250ms, 5s, 2m)"
#define EXPECTS_SHARE	 "a share from 0 to 100% (for example 1%, 0.5%, 0)"
#define EXPECTS_ADDRESS	 "a numeric address with a port (for example 127.0.0.1:3033, [::1]:3033)"
#define EXPECTS_FD	 "the number of an open file descriptor"

/*
 * Sets the fields of options for argv[1...] and returns the index of the first operand (behind
 * "--", or the first word without a dash). On bad input returns -EINVAL and writes one line that
 * names the option and the fix to why. rows end with a row whose name is NULL.
 */
int options_parse(const struct option_row *rows, void *options, int argc, char *const argv[],
		  char why[OPTIONS_WHY]);

/*
 * The row of the option at argv[*i], with *i moved behind it and its value; NULL behind the last
 * one. For lines that options_parse() accepted: which options were given, whatever their values.
 */
const struct option_row *options_next(const struct option_row *rows, char *const argv[], int *i);

/* Prints a line for each row that has a help text, and how times and sizes are written. */
void options_help(const struct option_row *rows, FILE *file);

/*
 * The name nearest to word among count names, stride bytes apart, or NULL when none is near: for
 * "did you mean" in the error lines of other lists of names.
 */
const char *options_nearest(const char *word, const void *names, size_t count, size_t stride);

#endif
