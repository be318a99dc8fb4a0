/*
 * main.c - the probe: follows one server's memory and records it.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probes/capabilities.h"
#include "probes/options.h"
#include "probes/sampler.h"
#include "probes/target.h"
#include "server/base/process.h"

struct probe {
	struct probe_options options;
	struct sampler sampler;
	struct status_page *status;
	uint32_t pid;
	int pidfd;
	int signals;
	struct tracer *tracer;
	FILE *files[SAMPLER_FILES]; /* NULL: not wanted */
};

static FILE *open_record(const char *folder, const struct sampler_file *what)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, what->name);
	file = fopen(path, "wex");
	if (file && (record_begin(what->kind, file) || fflush(file))) {
		fclose(file);
		file = NULL;
	}
	if (!file)
		process_say("--record %s: %s", path, strerror(errno));
	return file;
}

static int find_by_port(struct probe *probe)
{
	uint16_t port = (uint16_t)probe->options.port;
	int error = target_by_port(port, &probe->pid);

	if (error)
		process_say("--port %u: %s", port,
			    error == -ENOENT ? "nobody listens there"
			    : error == -EACCES
				    ? "not permitted to see which process listens there; "
				      "run as its user or with CAP_SYS_PTRACE"
			    : error == -EEXIST
				    ? "several servers listen there; say which one with --pid"
				    : strerror(-error));
	return error;
}

static const char *explain_process(int error)
{
	switch (error) {
	case -ENOENT:
	case -ESRCH:
		return "there is none; has the server ended?";
	case -ENOEXEC:
		return "it is a kernel thread, which has no memory of its own";
	case -EACCES:
	case -EPERM:
		return "not permitted to look at it; run as its user or with CAP_SYS_PTRACE";
	default:
		return strerror(-error);
	}
}

static int open_status(struct probe *probe)
{
	const char *path = probe->options.status;
	int error = status_open(&probe->status, path);

	if (error)
		process_say("--status %s: %s", path,
			    error == -EPROTO ? "not a status page of this version"
					     : strerror(-error));
	else
		probe->pid = status_pid(probe->status);
	return error;
}

/* A page stays behind when its server is killed, and its process number is used again. */
static int check_status(const struct probe *probe)
{
	struct stat page;

	if (!probe->status ||
	    (!stat(probe->options.status, &page) && procfs_maps(probe->pid, page.st_ino)))
		return 0;
	process_say("--status %s: left by a server that has ended; process %u is another one",
		    probe->options.status, probe->pid);
	return -ESRCH;
}

static int open_target(struct probe *probe)
{
	const struct probe_options *options = &probe->options;
	int error;

	probe->pid = (uint32_t)options->pid;
	if (options->port && find_by_port(probe))
		return -1;
	if (options->status && open_status(probe))
		return -1;
	/* First, so that what is checked afterwards is of the process that is followed. */
	probe->pidfd = (int)syscall(SYS_pidfd_open, probe->pid, 0);
	error = probe->pidfd < 0 ? -errno : procfs_open(&probe->sampler.procfs, probe->pid);
	if (error) {
		process_say("process %u: %s", probe->pid, explain_process(error));
		return error;
	}
	return check_status(probe);
}

static int init_sampler(struct probe *probe)
{
	int error = sampler_init(&probe->sampler, probe->pid, probe->options.duration);

	if (error == -ENOMEM)
		process_say("--duration: no memory for so many samples; take a shorter one");
	else if (error)
		process_say("process %u: %s", probe->pid, strerror(-error));
	return error;
}

static int open_all(struct probe *probe)
{
	const struct probe_options *options = &probe->options;

	process_raise_fd_limit();
	/* SIGHUP too: a terminal that is closed must cost neither the record nor the pins. */
	probe->signals = process_signals((const int[]){ SIGHUP, 0 });
	if (probe->signals < 0 || open_target(probe))
		return -1;
	for (size_t i = 0; options->record && i < SAMPLER_FILES; i++) {
		probe->files[i] = open_record(options->record, &sampler_files[i]);
		if (!probe->files[i])
			return -1;
	}
	probe->sampler.status = probe->status;
	probe->sampler.interval = options->interval;
	probe->sampler.rollup_interval = options->rollup;
	return init_sampler(probe);
}

static int start_tracer(struct probe *probe)
{
	struct tracer_options what = { .pid = probe->pid,
				       .churn = probe->options.churn,
				       .report = stderr };
	int error;

	if (probe->options.no_bpf) {
		if (capabilities_keep_for_run())
			process_say("capabilities could not be dropped");
		return 0;
	}
	error = tracer_open(&probe->tracer, probe->options.record, what.churn);
	if (error) {
		process_say("--record %s: %s", probe->options.record, strerror(-error));
		return error;
	}
	error = tracer_start(probe->tracer, &what);
	if (error)
		process_say("eBPF: %s%s; --no-bpf does without", strerror(-error),
			    error == -EMFILE ? " (raise the limit with ulimit -n)" : "");
	probe->sampler.tracer = probe->tracer;
	return error;
}

static int write_tracer(struct probe *probe)
{
	const struct cpu *cpu = &probe->sampler.cpu;
	const struct loss_row own[] = {
		{ "cpu_no_room", "-", cpu->dropped },
		{ "cpu_processes_full", "-", cpu->family.left_out },
		{ "smaps_unread", "-", probe->sampler.unread },
		{ "" },
	};
	int error = probe->tracer ? tracer_write(probe->tracer, own) : 0;

	if (error)
		process_say("--record %s: %s", probe->options.record, strerror(-error));
	return error;
}

static int print_bill(struct probe *probe)
{
	int error = tracer_print_bill(probe->pid, probe->options.no_bpf, stdout, stderr);

	if (error == -ENOTCONN)
		process_say("--bill: process %u listens on no TCP port", probe->pid);
	else if (error)
		process_say("--bill: process %u: %s", probe->pid, explain_process(error));
	return error ? 1 : 0;
}

static int sample_and_write(struct probe *probe)
{
	int error;
	int status = 0;

	if (probe->options.bill)
		return print_bill(probe);
	if (start_tracer(probe))
		return 1;
	process_ready(probe->options.ready_fd);
	error = sampler_run(&probe->sampler, probe->signals, probe->pidfd);
	if (error) {
		process_say("sampling ended early: %s",
			    error == -ENOSPC ? "the reserved room is full; raise --duration"
					     : strerror(-error));
		status = 1;
	}
	if (probe->options.record) {
		error = sampler_write(&probe->sampler, probe->files);
		if (error) {
			process_say("--record %s: %s", probe->options.record, strerror(-error));
			status = 1;
		}
	}
	if (write_tracer(probe))
		status = 1;
	process_say("%zu samples, %zu rollups of process %u", probe->sampler.sample_count,
		    probe->sampler.rollup_count, probe->pid);
	return status;
}

int main(int argc, char *argv[])
{
	struct probe probe = { .pidfd = -1 };
	char why[OPTIONS_WHY];
	int status = 1;

	if (probe_options_parse(&probe.options, argc, argv, why)) {
		process_say("%s", why);
		return 2;
	}
	if (probe.options.help) {
		probe_options_help(stdout);
		return 0;
	}
	if (!open_all(&probe))
		status = sample_and_write(&probe);
	for (size_t i = 0; i < SAMPLER_FILES; i++)
		if (probe.files[i] && fclose(probe.files[i]))
			status = 1;
	tracer_stop(probe.tracer);
	sampler_free(&probe.sampler);
	status_close(probe.status);
	return status;
}
