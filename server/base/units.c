/*
 * units.c - reads and writes the quantities that people type. See units.h.
 */
#include "server/base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double factor;
};

static const struct unit size_units[] = {
	{ "", 1 },	   { "B", 1 },	      { "K", 0x1p10 },	 { "KB", 0x1p10 },
	{ "KiB", 0x1p10 }, { "M", 0x1p20 },   { "MB", 0x1p20 },	 { "MiB", 0x1p20 },
	{ "G", 0x1p30 },   { "GB", 0x1p30 },  { "GiB", 0x1p30 }, { "T", 0x1p40 },
	{ "TB", 0x1p40 },  { "TiB", 0x1p40 },
};

static const struct unit duration_units[] = {
	{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },
};

/* strtod also reads "inf", "nan", "0x10" and "-1"; a quantity is digits with at most one dot. */
static int parse_decimal(const char *text, double *number, const char **rest)
{
	size_t length = strspn(text, "0123456789.");
	char digits[32];
	char *end;

	if (!isdigit((unsigned char)text[0]) || length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	*number = strtod(digits, &end);
	if (*end)
		return -EINVAL;
	*rest = text + length;
	return 0;
}

static int parse_with_unit(const char *text, const struct unit *units, size_t count,
			   uint64_t *value)
{
	const char *rest;
	double number;

	if (parse_decimal(text, &number, &rest))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rest, units[i].name))
			continue;
		number *= units[i].factor;
		if (number >= 0x1p63)
			return -ERANGE;
		*value = (uint64_t)llround(number);
		return 0;
	}
	return -EINVAL;
}

int parse_count(const char *text, uint64_t *value)
{
	unsigned long long number;

	if (!text[0] || strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, NULL, 10);
	if (errno)
		return -ERANGE;
	*value = number;
	return 0;
}

int parse_size(const char *text, uint64_t *bytes)
{
	return parse_with_unit(text, size_units, sizeof(size_units) / sizeof(size_units[0]), bytes);
}

int parse_duration(const char *text, uint64_t *ns)
{
	if (!strcmp(text, "0")) {
		*ns = 0;
		return 0;
	}
	return parse_with_unit(text, duration_units,
			       sizeof(duration_units) / sizeof(duration_units[0]), ns);
}

int parse_share(const char *text, double *share)
{
	const char *rest;
	double number;

	if (parse_decimal(text, &number, &rest))
		return -EINVAL;
	if (strcmp(rest, "%") && !(number == 0 && !*rest))
		return -EINVAL;
	if (number > 100)
		return -ERANGE;
	*share = number / 100;
	return 0;
}

const char *format_size(char *text, size_t room, double bytes)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	while (fabs(bytes) >= 1024 && i + 1 < sizeof(names) / sizeof(names[0])) {
		bytes /= 1024;
		i++;
	}
	snprintf(text, room, i && fabs(bytes) < 100 ? "%.1f %s" : "%.0f %s", bytes, names[i]);
	return text;
}

const char *format_duration(char *text, size_t room, double ns)
{
	static const struct unit steps[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 } };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (fabs(ns) < steps[i].factor)
			continue;
		snprintf(text, room, "%.3g %s", ns / steps[i].factor, steps[i].name);
		return text;
	}
	snprintf(text, room, "%.0f ns", ns);
	return text;
}
