/*
 * tracer.c - the eBPF part of the probe as a whole. See tracer.h.
 */
#include "probes/tracer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <unistd.h>

#include "probes/bill.h"
#include "probes/bills.h"
#include "probes/capabilities.h"
#include "probes/churn.h"
#include "probes/losses.h"
#include "probes/pins.h"
#include "probes/processes.h"
#include "probes/releases.h"
#include "probes/stacks.h"
#include "probes/targets.h"
#include "server/base/record.h"

#define TRACEFS	     "/sys/kernel/tracing"
#define TEXT	     256
#define PROCESS_ROWS 65536 /* room for so many; what does not fit is counted and told */
#define OUTPUTS	     7

struct tracer {
	struct programs *programs;
	struct releases releases;
	struct pins pins;
	struct process_row *processes;
	size_t process_count;
	uint64_t processes_dropped; /* rows */
	uint64_t processes_unread;  /* readings that failed */
	struct bills *bills;
	struct stacks *stacks; /* NULL: none */
	const char *folder;    /* of the files; the caller's */
	const struct loss_row *other_losses;
	FILE *files[OUTPUTS]; /* NULL: not wanted, or written */
};

/* --- starting ----------------------------------------------------------------------------- */

static int mount_tracefs(void)
{
	if (!access(TRACEFS "/events", F_OK) || !access("/sys/kernel/debug/tracing/events", F_OK))
		return 0;
	return mount("tracefs", TRACEFS, "tracefs", 0, "mode=0755") ? -errno : 0;
}

static void *reserve(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int open_readers(struct tracer *tracer)
{
	tracer->processes = reserve(PROCESS_ROWS * sizeof(tracer->processes[0]));
	if (!tracer->processes)
		return -ENOMEM;
	return programs_object(tracer->programs)
		       ? releases_open(&tracer->releases, tracer->programs)
		       : 0;
}

static void report_sources(const struct tracer *tracer, FILE *report)
{
	const struct programs *programs = tracer->programs;
	bool freed = programs_attached(programs, "page_freed") &&
		     programs_attached(programs, "madvise_enter");
	bool exact = programs_attached(programs, "bill_table");
	bool bill = exact || programs_attached(programs, "bill_estimate");

	fprintf(report, "  anon, lazyfree, swap: /proc; RSS of each process: %s\n",
		programs_attached(programs, "processes_table") ? "the kernel's counters"
							       : "not available");
	fprintf(report, "  released pages: %s; cause: %s\n",
		freed ? "counted as they are freed" : "not available",
		programs_attached(programs, "release_begin") ? "release markers" : "unknown");
	fprintf(report, "  kernel memory of connections: %s\n",
		exact  ? "object by object"
		: bill ? "object by object, sizes estimated"
		       : "queues only, from sock_diag");
}

static void pin(struct tracer *tracer, uint32_t pid, FILE *report)
{
	int error;

	if (!programs_object(tracer->programs))
		return;
	error = pins_make(&tracer->pins, tracer->programs, pid);
	if (!error)
		fprintf(report, "  pinned in %s\n", tracer->pins.folder);
	else
		fprintf(report, "  not pinned in %s: %s\n", PINS_FOLDER, strerror(-error));
}

static void clean_up(FILE *report)
{
	char names[TEXT];

	pins_mount();
	pins_sweep(names, sizeof(names));
	if (*names)
		fprintf(report, "  removed the pins of probes that are gone: %s\n", names);
}

static int add_targets(struct tracer *tracer, uint32_t pid, FILE *report)
{
	bool has_markers = programs_attached(tracer->programs, "release_begin");
	int count;

	if (!programs_object(tracer->programs))
		return 0;
	count = targets_add(programs_map(tracer->programs, "targets"), pid, has_markers);
	/* So that iters/bill and iters/sockets have something to show from the first moment. */
	programs_read(tracer->programs, "find_endpoints", NULL, 0);
	/* That notes what they run: the programs know it as an inode in the kernel. */
	programs_read(tracer->programs, "processes_table", NULL, 0);
	if (count > 1)
		fprintf(report, "  %d processes: the server and its workers\n", count);
	return count < 0 ? count : 0;
}

int tracer_start(struct tracer *tracer, const struct tracer_options *options)
{
	FILE *report = options->report;
	struct programs_options what = { .pid = options->pid,
					 .churn = options->churn,
					 .refused = targets_refused() };
	char kept[TEXT];
	int error;

	/* Where dropping fails, the line "capabilities kept" at the end shows it. */
	capabilities_keep_for_start();
	clean_up(report);
	mount_tracefs();
	error = targets_enter_network(options->pid);
	if (!error)
		error = programs_open(&tracer->programs, &what);
	if (!error)
		error = add_targets(tracer, options->pid, report);
	if (!error)
		error = open_readers(tracer);
	if (error)
		return error;
	programs_report(tracer->programs, report);
	if (programs_object(tracer->programs))
		tracer->stacks = stacks_open(tracer->programs, options->pid);
	pin(tracer, options->pid, report);
	report_sources(tracer, report);
	tracer->bills = bills_new(tracer->programs, options->pid);
	if (!tracer->bills)
		return -ENOMEM;
	capabilities_keep_for_run();
	/* A thread has rights and network of its own: it gets those that are left. */
	error = bills_start(tracer->bills);
	if (error)
		return error;
	fprintf(report, "  capabilities kept: %s\n", capabilities_list(kept, sizeof(kept)));
	return 0;
}

int tracer_print_bill(uint32_t pid, bool no_bpf, FILE *file, FILE *report)
{
	struct programs_options what = { .pid = pid,
					 .only_bill = true,
					 .refused = no_bpf ? "--no-bpf" : targets_refused() };
	struct bill_reader *reader = NULL;
	struct programs *programs = NULL;
	struct bill bill;
	int error;

	capabilities_keep_for_start();
	clean_up(report);
	error = targets_enter_network(pid);
	if (!error)
		error = programs_open(&programs, &what);
	if (error)
		return error;
	if (programs_object(programs))
		targets_add(programs_map(programs, "targets"), pid, false);
	reader = bill_reader_new(programs, pid);
	error = reader ? bill_read(reader, &bill) : -ENOMEM;
	if (!error && !bill.endpoints)
		error = -ENOTCONN;
	if (!error && bill.source != BILL_EXACT)
		programs_report(programs, report);
	if (!error)
		bill_print(&bill, file);
	bill_reader_free(reader);
	programs_close(programs);
	return error;
}

/* --- while sampling goes on --------------------------------------------------------------- */

void tracer_sample(struct tracer *tracer)
{
	if (tracer && tracer->releases.ring)
		releases_drain(&tracer->releases);
}

void tracer_rollup(struct tracer *tracer)
{
	size_t room, count;
	int result;

	if (!tracer)
		return;
	room = PROCESS_ROWS - tracer->process_count;
	result = processes_read(tracer->programs, tracer->processes + tracer->process_count, room);
	if (result < 0 && result != -ENOENT)
		tracer->processes_unread++;
	count = result < 0 ? 0 : (size_t)result;
	tracer->process_count += MIN(count, room);
	tracer->processes_dropped += count - MIN(count, room);
}

void tracer_bill(struct tracer *tracer)
{
	if (tracer)
		bills_ask(tracer->bills);
}

/* --- writing ------------------------------------------------------------------------------ */

static int write_releases(struct tracer *tracer, FILE *file)
{
	return tracer->releases.ring ? releases_write(&tracer->releases, file) : 0;
}

static int write_stacks(struct tracer *tracer, FILE *file)
{
	return tracer->stacks ? stacks_write(tracer->stacks, file) : 0;
}

static int write_events(struct tracer *tracer, FILE *file)
{
	return releases_write_events(&tracer->releases, file);
}

static int write_processes(struct tracer *tracer, FILE *file)
{
	int error = 0;

	for (size_t i = 0; !error && i < tracer->process_count; i++)
		error = record_append(&record_processes, file, &tracer->processes[i]);
	return error;
}

static int write_bills(struct tracer *tracer, FILE *file)
{
	return bills_write(tracer->bills, file);
}

static int write_churn(struct tracer *tracer, FILE *file)
{
	return churn_write(tracer->programs, file);
}

static int write_loss(void *file, struct loss_row *row)
{
	return record_append(&record_losses, file, row);
}

static int write_losses(struct tracer *tracer, FILE *file)
{
	struct loss_row own[] = {
		{ "events_no_room", "-", tracer->releases.dropped },
		{ "process_no_room", "-", tracer->processes_dropped },
		{ "process_unread", "-", tracer->processes_unread },
		{ "bills_dropped", "-", bills_dropped(tracer->bills) },
	};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(own) / sizeof(own[0]); i++)
		error = write_loss(file, &own[i]);
	for (const struct loss_row *row = tracer->other_losses; !error && *row->what; row++)
		error = record_append(&record_losses, file, row);
	return error ? error
		     : losses_each(tracer->programs, bills_losses(tracer->bills), write_loss, file);
}

static const struct output {
	const char *name;
	const struct record_kind *kind; /* NULL: plain text */
	int (*write)(struct tracer *tracer, FILE *file);
	bool churn; /* only when that was asked for */
} outputs[OUTPUTS] = {
	{ "releases.csv", &record_releases, write_releases },
	{ "stacks.txt", NULL, write_stacks },
	{ "events.csv", &record_events, write_events },
	{ "processes.csv", &record_processes, write_processes },
	{ "bill.csv", &record_bill, write_bills },
	{ "losses.csv", &record_losses, write_losses },
	{ "churn.csv", &record_churn, write_churn, true },
};

static void path_of(const struct tracer *tracer, size_t i, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", tracer->folder, outputs[i].name);
}

static int open_files(struct tracer *tracer, const char *folder, bool churn)
{
	char path[PATH_MAX];

	tracer->folder = folder;
	for (size_t i = 0; i < OUTPUTS; i++) {
		if (outputs[i].churn && !churn)
			continue;
		path_of(tracer, i, path);
		tracer->files[i] = fopen(path, "wxe");
		if (!tracer->files[i])
			return -errno;
	}
	return 0;
}

int tracer_open(struct tracer **tracer, const char *folder, bool churn)
{
	int error;

	*tracer = calloc(1, sizeof(**tracer));
	if (!*tracer)
		return -ENOMEM;
	error = folder ? open_files(*tracer, folder, churn) : 0;
	if (error) {
		tracer_stop(*tracer);
		*tracer = NULL;
	}
	return error;
}

static int write_file(struct tracer *tracer, size_t i)
{
	FILE *file = tracer->files[i];
	int error = outputs[i].kind ? record_begin(outputs[i].kind, file) : 0;

	if (!error)
		error = outputs[i].write(tracer, file);
	tracer->files[i] = NULL;
	if (fclose(file) && !error)
		error = -errno;
	return error;
}

int tracer_write(struct tracer *tracer, const struct loss_row *others)
{
	int error = 0;

	tracer->other_losses = others;
	tracer_sample(tracer);
	bills_stop(tracer->bills);
	for (size_t i = 0; !error && i < OUTPUTS; i++)
		if (tracer->files[i])
			error = write_file(tracer, i);
	return error;
}

/* A file without even a header is no record. */
static void remove_unwritten(struct tracer *tracer)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < OUTPUTS; i++) {
		if (!tracer->files[i])
			continue;
		fclose(tracer->files[i]);
		path_of(tracer, i, path);
		unlink(path);
	}
}

void tracer_stop(struct tracer *tracer)
{
	if (!tracer)
		return;
	remove_unwritten(tracer);
	pins_remove(&tracer->pins);
	bills_free(tracer->bills);
	stacks_free(tracer->stacks);
	releases_close(&tracer->releases);
	programs_close(tracer->programs);
	if (tracer->processes)
		munmap(tracer->processes, PROCESS_ROWS * sizeof(tracer->processes[0]));
	free(tracer);
}
