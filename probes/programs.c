/*
 * programs.c - loads and attaches the eBPF programs. See programs.h.
 */
#include "probes/programs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/capabilities.h"
#include "probes/iterator.h"
#include "probes/layout.h"
#include "probes/slabs.h"
#include "probes/tables.h"
#include "programs.skel.h"

#define REASON 160
#define LOG    8192

enum kind {
	KIND_TRACEPOINT,
	KIND_MARKER,
	KIND_ITERATOR,
	KIND_MAP_ITERATOR
};

struct program_row {
	const char *name;
	enum kind kind;
	const char *what;   /* the function of a marker, the map of a map iterator */
	const char *after;  /* is of use only when that one, an earlier row, is attached */
	const char *unless; /* stands in for that one, an earlier row, where it cannot be loaded */
	const char *purpose;
	bool bill;  /* also wanted when only the bill is */
	bool churn; /* only wanted when churn is */
};

/* The two ends of a system call: its begin is of use only when its end is seen. */
#define PAIR(call, only_churn, of)                                                                 \
	{ .name = call "_exit", .churn = only_churn, .purpose = of },                              \
	{                                                                                          \
		.name = call "_enter", .churn = only_churn, .after = call "_exit", .purpose = of   \
	}

static const struct program_row rows[] = {
	{ .name = "follow_fork", .purpose = "workers that the server forks" },
	{ .name = "follow_exec",
	  .after = "follow_fork",
	  .purpose = "children that are no workers" },
	{ .name = "follow_exit", .purpose = "workers that end" },
	{ .name = "thread_exit", .purpose = "threads that end within a call" },
	{ .name = "page_freed", .purpose = "pages really freed" },
	{ .name = "page_swapped", .purpose = "pages swapped out" },
	PAIR("madvise", false, "releases through madvise"),
	PAIR("munmap", false, "releases through munmap"),
	PAIR("brk", false, "releases through brk"),
	PAIR("mremap", false, "releases through mremap"),
	PAIR("pmadvise", false, "releases through process_madvise"),
	PAIR("mmap", false, "releases through mmap over other pages"),
	{ .name = "release_end",
	  .kind = KIND_MARKER,
	  .what = "tidemark_release_end",
	  .purpose = "cause: the policy or the allocator" },
	{ .name = "release_begin",
	  .kind = KIND_MARKER,
	  .what = "tidemark_release_begin",
	  .after = "release_end",
	  .purpose = "cause: the policy or the allocator" },
	{ .name = "churn_alloc", .churn = true, .purpose = "slab allocations (--churn)" },
	{ .name = "churn_free", .churn = true, .purpose = "slab frees (--churn)" },
	PAIR("accept", true, "slabs during accept (--churn)"),
	PAIR("accept4", true, "slabs during accept4 (--churn)"),
	PAIR("close", true, "slabs during close (--churn)"),
	{ .name = "releases_table",
	  .kind = KIND_MAP_ITERATOR,
	  .what = "releases",
	  .purpose = "the table of releases" },
	{ .name = "processes_table", .kind = KIND_ITERATOR, .purpose = "RSS and faults, exact" },
	{ .name = "find_endpoints",
	  .kind = KIND_ITERATOR,
	  .bill = true,
	  .purpose = "where the server listens" },
	{ .name = "bill_table",
	  .kind = KIND_ITERATOR,
	  .bill = true,
	  .after = "find_endpoints",
	  .purpose = "kernel memory of connections" },
	{ .name = "bill_estimate",
	  .kind = KIND_ITERATOR,
	  .bill = true,
	  .after = "find_endpoints",
	  .unless = "bill_table",
	  .purpose = "the same, estimated" },
	{ .name = "sockets_table",
	  .kind = KIND_ITERATOR,
	  .after = "find_endpoints",
	  .purpose = "one line a connection" },
	{ .name = "sockets_estimate",
	  .kind = KIND_ITERATOR,
	  .after = "find_endpoints",
	  .unless = "sockets_table",
	  .purpose = "the same, estimated" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct programs {
	struct programs_bpf *skeleton; /* NULL: nothing could be loaded */
	bool wanted[ROWS];
	struct bpf_link *links[ROWS];
	char why[ROWS][REASON]; /* "" when attached, or when nobody wanted it */
};

static size_t row_of(const char *name)
{
	size_t i = 0;

	while (strcmp(rows[i].name, name))
		i++;
	return i;
}

/* --- loading -----------------------------------------------------------------------------------
 */

/* The last line of a verifier's log that says something about the program. */
static void explain_log(char *log, char why[REASON])
{
	const char *last = "";
	char *rest = log;
	char *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && *line != '-' && strncmp(line, "processed ", 10))
			last = line;
	snprintf(why, REASON, "refused by the verifier: %.120s", last);
}

static void explain_load(int error, char *log, char why[REASON])
{
	if (error == -EPERM)
		capabilities_explain(why, REASON, -1);
	else if (error == -ESRCH || error == -ENOENT)
		snprintf(why, REASON, "this kernel has no such tracepoint or type");
	else if (*log)
		explain_log(log, why);
	else
		snprintf(why, REASON, "%s", strerror(-error));
}

static void set_constants(struct programs_bpf *skeleton)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

	skeleton->rodata->cpus = (uint32_t)libbpf_num_possible_cpus();
	skeleton->rodata->page_bytes = page;
	skeleton->rodata->slab_page_bytes = page;
	slabs_known_bytes(skeleton->rodata->known_bytes);
	layout_of_this_kernel(&skeleton->rodata->layout);
}

/* Loads the wanted programs, all or none. */
static int load(struct programs *programs, char *log)
{
	struct programs_bpf *skeleton = programs_bpf__open();
	int error;

	if (!skeleton)
		return -errno;
	set_constants(skeleton);
	for (size_t i = 0; i < ROWS; i++) {
		struct bpf_program *program = bpf_object__find_program_by_name(skeleton->obj,
									       rows[i].name);

		bpf_program__set_autoload(program, programs->wanted[i]);
		if (log)
			bpf_program__set_log_buf(program, log, LOG);
	}
	error = programs_bpf__load(skeleton);
	if (error) {
		programs_bpf__destroy(skeleton);
		return error;
	}
	programs->skeleton = skeleton;
	return 0;
}

/* Finds out for each program whether it can be loaded; leaves in wanted those that can. */
static void try_each(struct programs *programs)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct programs alone = { 0 };
		char log[LOG] = "";
		int error;

		if (!programs->wanted[i])
			continue;
		alone.wanted[i] = true;
		error = load(&alone, log);
		programs_bpf__destroy(alone.skeleton);
		if (!error)
			continue;
		programs->wanted[i] = false;
		explain_load(error, log, programs->why[i]);
	}
}

static bool loadable(const struct programs *programs, const char *name)
{
	return programs->wanted[row_of(name)];
}

static bool is_wanted(const struct program_row *row, const struct programs_options *options)
{
	if (options->only_bill)
		return row->bill;
	return options->churn || !row->churn;
}

static void refuse_all(struct programs *programs, const char *why)
{
	for (size_t i = 0; i < ROWS; i++)
		if (programs->wanted[i])
			snprintf(programs->why[i], REASON, "%s", why);
}

/* All at once; only when that fails each is tried alone, and those that could go are loaded. */
static void load_all(struct programs *programs, const struct programs_options *options)
{
	int error;

	for (size_t i = 0; i < ROWS; i++)
		programs->wanted[i] = !rows[i].unless && is_wanted(&rows[i], options);
	if (options->refused) {
		refuse_all(programs, options->refused);
		return;
	}
	if (!load(programs, NULL))
		return;
	for (size_t i = 0; i < ROWS; i++)
		programs->wanted[i] = is_wanted(&rows[i], options);
	try_each(programs);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].unless && loadable(programs, rows[i].unless))
			programs->wanted[i] = false;
	error = load(programs, NULL);
	if (error)
		refuse_all(programs, strerror(-error));
}

/* --- attaching ---------------------------------------------------------------------------------
 */

static struct bpf_link *attach_marker(struct bpf_program *program, const char *function,
				      uint32_t pid)
{
	struct bpf_uprobe_opts options = { .sz = sizeof(options), .func_name = function };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	/* In all processes of that program: workers are forked later. The map targets selects. */
	return bpf_program__attach_uprobe_opts(program, -1, path, 0, &options);
}

static struct bpf_link *attach_map_iterator(const struct programs *programs,
					    struct bpf_program *program, const char *map)
{
	union bpf_iter_link_info info = { .map.map_fd = (uint32_t)programs_map(programs, map) };
	struct bpf_iter_attach_opts options = { .sz = sizeof(options),
						.link_info = &info,
						.link_info_len = sizeof(info) };

	return bpf_program__attach_iter(program, &options);
}

static struct bpf_link *attach(const struct programs *programs, const struct program_row *row,
			       uint32_t pid)
{
	struct bpf_program *program = bpf_object__find_program_by_name(programs->skeleton->obj,
								       row->name);

	switch (row->kind) {
	case KIND_MARKER:
		return attach_marker(program, row->what, pid);
	case KIND_MAP_ITERATOR:
		return attach_map_iterator(programs, program, row->what);
	case KIND_ITERATOR:
		return bpf_program__attach_iter(program, NULL);
	case KIND_TRACEPOINT:
		break;
	}
	return bpf_program__attach(program);
}

static void explain_attach(const struct program_row *row, int error, char why[REASON])
{
	/* Only root may read a tracepoint's number in tracefs, or set a uprobe. */
	static const int also[] = { [KIND_TRACEPOINT] = CAP_DAC_READ_SEARCH,
				    [KIND_MARKER] = CAP_SYS_ADMIN,
				    [KIND_ITERATOR] = -1,
				    [KIND_MAP_ITERATOR] = -1 };

	if (error == EPERM || error == EACCES)
		capabilities_explain(why, REASON, also[row->kind]);
	else if (row->kind == KIND_MARKER && (error == ENOENT || error == ESRCH))
		snprintf(why, REASON, "the server's program does not export %s", row->what);
	else if (error == ENOENT)
		snprintf(why, REASON, "this kernel has no such tracepoint, or tracefs is missing");
	else
		snprintf(why, REASON, "%s", strerror(error));
}

static void attach_all(struct programs *programs, uint32_t pid)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct program_row *row = &rows[i];

		if (!programs->wanted[i] || *programs->why[i])
			continue;
		if (row->after && !programs_attached(programs, row->after)) {
			snprintf(programs->why[i], REASON, "of no use without %s", row->after);
			continue;
		}
		programs->links[i] = attach(programs, row, pid);
		if (!programs->links[i])
			explain_attach(row, errno, programs->why[i]);
	}
}

/* --- the interface -----------------------------------------------------------------------------
 */

/* The reasons are told in our own words; libbpf's go nowhere. */
int programs_open(struct programs **programs, const struct programs_options *options)
{
	struct programs *opened = calloc(1, sizeof(*opened));

	*programs = opened;
	if (!opened)
		return -ENOMEM;
	libbpf_set_print(NULL);
	load_all(opened, options);
	if (opened->skeleton)
		attach_all(opened, options->pid);
	return 0;
}

void programs_close(struct programs *programs)
{
	if (!programs)
		return;
	/* Backwards: the begin of a pair goes before its end. */
	for (size_t i = ROWS; i-- > 0;)
		bpf_link__destroy(programs->links[i]);
	programs_bpf__destroy(programs->skeleton);
	free(programs);
}

void programs_report(const struct programs *programs, FILE *file)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (programs->links[i])
			fprintf(file, "  %-17s attached  %s\n", rows[i].name, rows[i].purpose);
		else if (*programs->why[i])
			fprintf(file, "  %-17s skipped   %s\n", rows[i].name, programs->why[i]);
	}
}

struct bpf_link *programs_link(const struct programs *programs, const char *name)
{
	return programs->links[row_of(name)];
}

bool programs_attached(const struct programs *programs, const char *name)
{
	return programs_link(programs, name);
}

struct bpf_object *programs_object(const struct programs *programs)
{
	return programs->skeleton ? programs->skeleton->obj : NULL;
}

int programs_map(const struct programs *programs, const char *name)
{
	return programs->skeleton ? bpf_object__find_map_fd_by_name(programs->skeleton->obj, name)
				  : -ENOENT;
}

int64_t programs_read(const struct programs *programs, const char *name, char *text, size_t room)
{
	struct bpf_link *link = programs_link(programs, name);

	return link ? iterator_read(bpf_link__fd(link), text, room) : -ENOENT;
}
