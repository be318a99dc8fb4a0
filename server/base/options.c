/*
 * options.c - command lines as tables. See options.h.
 */
#include "server/base/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/address.h"
#include "server/base/units.h"

int option_count(void *field, const char *value)
{
	return parse_count(value, field);
}

int option_size(void *field, const char *value)
{
	return parse_size(value, field);
}

int option_duration(void *field, const char *value)
{
	return parse_duration(value, field);
}

int option_share(void *field, const char *value)
{
	return parse_share(value, field);
}

int option_text(void *field, const char *value)
{
	*(const char **)field = value;
	return 0;
}

int option_address(void *field, const char *value)
{
	return address_parse(value, field);
}

int option_fd(void *field, const char *value)
{
	uint64_t number;

	if (parse_count(value, &number) || number > INT32_MAX)
		return -EINVAL;
	if (fcntl((int)number, F_GETFD) < 0)
		return -EBADF;
	*(int *)field = (int)number;
	return 0;
}

int option_switch(void *field, const char *value)
{
	(void)value;
	*(int *)field = 1;
	return 0;
}

/* Levenshtein distance, with one row of the matrix; words longer than the row are far. */
static size_t distance(const char *a, const char *b)
{
	size_t row[48];
	size_t width = strlen(b);

	if (width + 1 > sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t change = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = MIN(change, MIN(row[j], diagonal) + 1);
		}
	}
	return row[width];
}

const char *options_nearest(const char *word, const void *names, size_t count, size_t stride)
{
	size_t best = strlen(word) / 3 + 2;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *name = *(const char *const *)((const char *)names + i * stride);
		size_t far = distance(word, name);

		if (far < best) {
			best = far;
			nearest = name;
		}
	}
	return nearest;
}

static const struct option_row *find(const struct option_row *rows, const char *word, size_t length)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == length && !memcmp(rows->name, word, length))
			return rows;
	return NULL;
}

static void say_unknown(const struct option_row *rows, const char *word, char why[OPTIONS_WHY])
{
	const char *name = word + strspn(word, "-");
	const char *nearest;
	size_t count = 0;

	while (rows[count].name)
		count++;
	nearest = options_nearest(name, &rows->name, count, sizeof(*rows));
	if (nearest)
		snprintf(why, OPTIONS_WHY, "%s: unknown option; did you mean --%s? (--help)", word,
			 nearest);
	else
		snprintf(why, OPTIONS_WHY, "%s: unknown option; --help lists them", word);
}

static int set_row(const struct option_row *row, void *options, const char *value,
		   char why[OPTIONS_WHY])
{
	int error = row->set((char *)options + row->offset, value);

	if (error == -EINVAL && row->expects)
		snprintf(why, OPTIONS_WHY, "--%s: '%s' is not %s", row->name, value, row->expects);
	else if (error == -ERANGE && row->expects)
		snprintf(why, OPTIONS_WHY, "--%s: '%s' is out of range; give %s", row->name, value,
			 row->expects);
	else if (error)
		snprintf(why, OPTIONS_WHY, "--%s %s: %s", row->name, value ? value : "",
			 strerror(-error));
	return error ? -EINVAL : 0;
}

int options_parse(const struct option_row *rows, void *options, int argc, char *const argv[],
		  char why[OPTIONS_WHY])
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const char *name = argv[i] + (argv[i][1] == '-' ? 2 : 1);
		size_t length = strcspn(name, "=");
		const char *value = name[length] ? name + length + 1 : NULL;
		const struct option_row *row;

		if (!strcmp(argv[i], "--"))
			return i + 1;
		row = find(rows, name, length);
		if (!row) {
			say_unknown(rows, argv[i], why);
			return -EINVAL;
		}
		if (!row->argument && value) {
			snprintf(why, OPTIONS_WHY, "--%s takes no value; leave out '=%s'",
				 row->name, value);
			return -EINVAL;
		}
		if (row->argument && !value && !(value = argv[++i])) {
			snprintf(why, OPTIONS_WHY, "--%s needs a value: --%s %s", row->name,
				 row->name, row->argument);
			return -EINVAL;
		}
		if (set_row(row, options, value, why))
			return -EINVAL;
	}
	return i;
}

const struct option_row *options_next(const struct option_row *rows, char *const argv[], int *i)
{
	const char *word = argv[*i];
	const struct option_row *row;
	size_t length;

	if (!word || word[0] != '-' || !word[1] || !strcmp(word, "--"))
		return NULL;
	word += word[1] == '-' ? 2 : 1;
	length = strcspn(word, "=");
	row = find(rows, word, length);
	*i += row && row->argument && !word[length] ? 2 : 1;
	return row;
}

/* Is there an option whose argument is that word, alone or among others? */
static bool takes(const struct option_row *rows, const char *word)
{
	for (; rows->name; rows++)
		if (rows->help && rows->argument && strstr(rows->argument, word))
			return true;
	return false;
}

static void help_units(const struct option_row *rows, FILE *file)
{
	static const struct {
		const char *word, *examples;
	} units[] = {
		{ "TIME", "250ms, 5s, 1.5m, 2h" },
		{ "SIZE", "64, 4K, 1.5M, 2G (bytes; of 1024)" },
		{ "SHARE", "1%, 0.5%" },
	};
	const char *before = "\n";

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (takes(rows, units[i].word)) {
			fprintf(file, "%sA %s is written as %s.\n", before, units[i].word,
				units[i].examples);
			before = "";
		}
}

void options_help(const struct option_row *rows, FILE *file)
{
	const struct option_row *all = rows;

	for (; rows->name; rows++) {
		int width;

		if (!rows->help)
			continue;
		width = fprintf(file, "  --%s%s%s", rows->name, rows->argument ? " " : "",
				rows->argument ? rows->argument : "");
		if (width > 30)
			width = fprintf(file, "\n") * 0;
		fprintf(file, "%*s%s\n", 32 - width, "", rows->help);
	}
	help_units(all, file);
}
