/*
 * units.h - the quantities that people type and read: "4K", "250ms", "1%".
 *
 * Knows numbers only; which option a value belongs to is the caller's business.
 */
#ifndef SERVER_BASE_UNITS_H
#define SERVER_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

/*
 * The parsers read the whole of text. They return 0, -EINVAL when it is not such a quantity, or
 * -ERANGE when it does not fit; *value changes on success only.
 */

/* "10000": a whole number without a sign or unit. */
int parse_count(const char *text, uint64_t *value);

/* "64", "4K", "1.5M", "2GiB": bytes; K, M, G and T are powers of 1024. */
int parse_size(const char *text, uint64_t *bytes);

/* "250ms", "5s", "1.5m", "2h", "100us", "0": nanoseconds. Only 0 may go without a unit. */
int parse_duration(const char *text, uint64_t *ns);

/* "1%", "0.5%", "0": a share of a whole, as a number from 0 to 1. */
int parse_share(const char *text, double *share);

/* Shortest readable forms: "8.5 KiB", "1.25 s". Return text, for use as a printf argument. */
const char *format_size(char *text, size_t room, double bytes);
const char *format_duration(char *text, size_t room, double ns);

#endif
