/*
 * main.c - the server: reads its options, tunes and proves its allocator, listens, and serves.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "server/base/process.h"
#include "server/journal.h"
#include "server/options.h"
#include "server/server.h"

/* Startup knobs are in the environment now; the allocator reads them in the next life. */
static int execute_again(char *const argv[])
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		return -errno;
	path[length] = '\0';
	execv(path, argv);
	return -errno;
}

static int start_allocator(const struct tune *tune, char *const argv[], char why[TUNE_WHY])
{
	int error = tune_environment(tune, why);

	if (error > 0) {
		error = execute_again(argv);
		snprintf(why, TUNE_WHY, "cannot execute itself again for --tune: %s",
			 strerror(-error));
	}
	if (error)
		return error;
	if (allocator.start_process)
		error = allocator.start_process();
	if (error) {
		snprintf(why, TUNE_WHY, "%s: %s%s", allocator.name, strerror(-error),
			 error == -ENOMEM ? "; is address space limited? (ulimit -v)" : "");
		return error;
	}
	return tune_apply(tune, why);
}

/* The text of the status page; the same lines go to stderr at start. */
static void describe(const struct server_options *options, const char *proof,
		     char about[STATUS_ABOUT])
{
	const struct footprint *footprint = &options->footprint.footprint;
	char value[ALLOCATOR_TEXT];
	int used = snprintf(about, STATUS_ABOUT,
			    "allocator=%s\nversion=%s\nproof=%s\narch=%s\nworkers=%" PRIu64
			    "\nprotocol=%s\n"
			    "footprint=%s\nfootprint_bytes=%" PRIu64 "\nfootprint_blocks=%" PRIu32
			    "\nrelease=%s\n",
			    allocator.name, allocator.version(), proof, options->arch->name,
			    options->workers, options->protocol->name, options->footprint.text,
			    footprint->bytes, footprint->block_count, options->release.text);

	if (allocator.delay && used < STATUS_ABOUT)
		used += snprintf(about + used, (size_t)(STATUS_ABOUT - used),
				 "decay_ns=%" PRIu64 "\n", allocator.delay());
	for (size_t i = 0; i < options->tune.count && used < STATUS_ABOUT; i++)
		used += snprintf(about + used, (size_t)(STATUS_ABOUT - used),
				 "tune=%s (in effect: %s)\n", options->tune.terms[i],
				 tune_effective(options->tune.terms[i], value));
}

static void say_about(const struct server *server, const char *about)
{
	char address[ADDRESS_TEXT];

	for (const char *line = about; *line; line += strcspn(line, "\n") + 1)
		process_say("%.*s", (int)strcspn(line, "\n"), line);
	if (server->options.arch->remark && release_ever(&server->options.release))
		process_say("%s", server->options.arch->remark);
	if (allocator.move && allocator.wants_moves() && !release_ever(&server->options.release))
		process_say("release: blocks are moved before a release only, and with --release "
			    "%s there is none",
			    server->options.release.text);
	process_say("listening on %s",
		    address_format(address, sizeof(address), &server->listener.address));
}

/*
 * A port that workers share could be shared with another server by mistake: only who can have it
 * alone may have it with SO_REUSEPORT.
 */
static int open_listener(struct server *server)
{
	const struct server_options *options = &server->options;
	int error = listener_open(&server->listener, &options->listen, (int)options->backlog,
				  false);
	struct address address = server->listener.address;

	if (error || options->workers == 1 || options->share == SHARE_LISTENER)
		return error;
	listener_close(&server->listener);
	return listener_open(&server->listener, &address, (int)options->backlog, true);
}

/* Puts up status page, signals and listener. */
static int prepare(struct server *server, char why[OPTIONS_WHY])
{
	const struct server_options *options = &server->options;
	char address[ADDRESS_TEXT];
	int error;

	process_raise_fd_limit();
	server->signals = process_signals(NULL);
	if (server->signals < 0) {
		snprintf(why, OPTIONS_WHY, "signals: %s", strerror(-server->signals));
		return server->signals;
	}
	error = status_create(&server->status, options->status,
			      (unsigned int)options->workers + options->arch->extra_slots);
	if (error) {
		snprintf(why, OPTIONS_WHY, "--status %s: %s", options->status, strerror(-error));
		return error;
	}
	error = open_listener(server);
	if (error)
		snprintf(why, OPTIONS_WHY, "--listen %s: %s%s",
			 address_format(address, sizeof(address), &options->listen),
			 strerror(-error),
			 error == -EADDRINUSE ? "; choose another port, or 0 for any" : "");
	if (error)
		return error;
	error = server_begin(server);
	if (error)
		snprintf(why, OPTIONS_WHY, "cannot start: %s", strerror(-error));
	return error;
}

/* To say behind an error of serving. */
static const char *remedy(const struct server_options *options, int error)
{
	if (error != -EMFILE)
		return "";
	return options->workers > 1 ? "; raise it with ulimit -n, or take fewer --workers"
				    : "; raise it with ulimit -n";
}

static int serve(struct server *server, const char *proof)
{
	const struct server_options *options = &server->options;
	char about[STATUS_ABOUT];
	struct status_slot total;
	int error;

	describe(options, proof, about);
	say_about(server, about);
	status_set_about(server->status, about);
	status_set_port(server->status, address_port(&server->listener.address));
	status_set_state(server->status, STATUS_SERVING);
	error = options->arch->serve(server);
	if (error)
		process_say("--arch %s: %s%s", options->arch->name, strerror(-error),
			    remedy(options, error));
	status_set_state(server->status, STATUS_STOPPED);
	if (!status_read(server->status, &total))
		journal_summary(&server->journal, &total);
	return error ? 1 : 0;
}

static int refuse(const char *why, int status)
{
	process_say("%s", why);
	return status;
}

int main(int argc, char *argv[])
{
	struct server server = {
		.listener = { .fd = -1, .spare = -1 }, .statm = -1, .signals = -1, .stop = -1
	};
	char proof[ALLOCATOR_TEXT] = "";
	char why[OPTIONS_WHY];
	int status;

	if (server_options_parse(&server.options, argc, argv, why))
		return refuse(why, 2);
	if (server.options.help) {
		server_options_help(stdout);
		return 0;
	}
	if (start_allocator(&server.options.tune, argv, why))
		return refuse(why, 2);
	if (allocator.proof(proof))
		return refuse(proof, 1);
	if (server.options.arch->check && server.options.arch->check(why))
		return refuse(why, 1);
	if (server.options.check) {
		process_ready(server.options.ready_fd);
		return 0;
	}
	if (prepare(&server, why)) {
		status_close(server.status);
		return refuse(why, 1);
	}
	status = serve(&server, proof);
	server_end(&server);
	listener_close(&server.listener);
	status_close(server.status);
	return status;
}
