/*
 * losses.c - what the eBPF programs could not record. See losses.h.
 */
#include "probes/losses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stddef.h>
#include <string.h>

#include "probes/tables.h"

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "targets_full", offsetof(struct losses, targets_full) },
	{ "processes_full", offsetof(struct losses, processes_full) },
	{ "in_flight_full", offsetof(struct losses, in_flight_full) },
	{ "releases_full", offsetof(struct losses, releases_full) },
	{ "events_dropped", offsetof(struct losses, events_dropped) },
	{ "stacks_missing", offsetof(struct losses, stacks_missing) },
	{ "bill_full", offsetof(struct losses, bill_full) },
	{ "endpoints_full", offsetof(struct losses, endpoints_full) },
	{ "addresses_full", offsetof(struct losses, addresses_full) },
	{ "walk_cut", offsetof(struct losses, walk_cut) },
	{ "churn_full", offsetof(struct losses, churn_full) },
};

static uint64_t missed_by(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length)
		       ? RECORD_ABSENT
		       : info.recursion_misses;
}

static int each_program(const struct programs *programs, int (*each)(void *, struct loss_row *),
			void *context)
{
	struct bpf_program *program;
	int error = 0;

	bpf_object__for_each_program(program, programs_object(programs))
	{
		struct loss_row row = { .what = "missed" };

		if (error || !programs_attached(programs, bpf_program__name(program)))
			continue;
		row.count = missed_by(program);
		strncpy(row.program, bpf_program__name(program), sizeof(row.program) - 1);
		error = each(context, &row);
	}
	return error;
}

static uint64_t counter(const struct losses *losses, size_t i)
{
	uint64_t count;

	memcpy(&count, (const char *)losses + counters[i].offset, sizeof(count));
	return count;
}

int losses_each(const struct programs *programs, const struct losses *own,
		int (*each)(void *context, struct loss_row *row), void *context)
{
	struct losses losses = { 0 };
	uint32_t zero = 0;
	int error = 0;

	if (programs_object(programs))
		error = bpf_map_lookup_elem(programs_map(programs, "losses"), &zero, &losses);
	for (size_t i = 0; !error && i < sizeof(counters) / sizeof(counters[0]); i++) {
		struct loss_row row = { .program = "-",
					.count = counter(&losses, i) + counter(own, i) };

		strcpy(row.what, counters[i].name);
		error = each(context, &row);
	}
	return error || !programs_object(programs) ? error : each_program(programs, each, context);
}
