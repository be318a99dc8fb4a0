/*
 * losses.c - connections that were not made, or not kept. See losses.h.
 */
#include "pulse/losses.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct loss_class {
	size_t offset; /* of the counter in struct phase */
	const char *words;
};

static const struct loss_class classes[] = {
	{ offsetof(struct phase, lost_refused), "refused" },
	{ offsetof(struct phase, lost_reset), "closed by the server" },
	{ offsetof(struct phase, lost_timeout), "timed out" },
	{ offsetof(struct phase, lost_ports), "without a source port" },
	{ offsetof(struct phase, lost_files), "without a descriptor or memory" },
	{ offsetof(struct phase, lost_wrong), "answered wrongly" },
	{ offsetof(struct phase, lost_other), "for another reason" },
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static uint64_t *counter(struct phase *phase, size_t i)
{
	return (uint64_t *)((char *)phase + classes[i].offset);
}

static uint64_t counted(const struct phase *phase, size_t i)
{
	return *(const uint64_t *)((const char *)phase + classes[i].offset);
}

void losses_count(struct phase *phase, int error)
{
	switch (error) {
	case ECONNREFUSED:
		phase->lost_refused++;
		break;
	case ECONNRESET:
	case EPIPE:
		phase->lost_reset++;
		break;
	case ETIMEDOUT:
		phase->lost_timeout++;
		break;
	case EADDRNOTAVAIL:
		phase->lost_ports++;
		break;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		phase->lost_files++;
		break;
	case EBADMSG:
		phase->lost_wrong++;
		break;
	default:
		phase->lost_other++;
	}
}

void losses_add(struct phase *total, const struct phase *phase)
{
	for (size_t i = 0; i < CLASSES; i++)
		*counter(total, i) += counted(phase, i);
}

uint64_t losses_sum(const struct phase *phase)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < CLASSES; i++)
		sum += counted(phase, i);
	return sum;
}

const char *losses_describe(char *text, size_t room, const struct phase *phase)
{
	size_t length = 0;

	snprintf(text, room, "none");
	for (size_t i = 0; i < CLASSES && length < room; i++)
		if (counted(phase, i))
			length += (size_t)snprintf(text + length, room - length, "%s%" PRIu64 " %s",
						   length ? ", " : "", counted(phase, i),
						   classes[i].words);
	return text;
}
