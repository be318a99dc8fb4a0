/*
 * child.h - the programs that an experiment starts: started, ready, stopped, and how they ended.
 *
 * A child dies with tidemark, even when tidemark is killed; it is in a process group of its own,
 * so that a Ctrl-C reaches it only in tidemark's order.
 */
#ifndef ANALYSIS_CHILD_H
#define ANALYSIS_CHILD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In the child, the descriptor on which it says that it is ready: for --ready-fd. */
#define CHILD_READY_FD "3"

struct child {
	pid_t pid; /* 0: not started, or waited for */
	int pidfd; /* readable when it has ended */
	int ready;
	int status; /* as of waitpid(), once it has ended */
};

struct child_files {
	const char *out;     /* stdout; NULL: to log as well */
	const char *log;     /* stderr */
	const char *cgroup;  /* a cgroup.procs file to enter, or NULL */
	const char *preload; /* a library to preload, or NULL */
	bool kept; /* not ours: under a keeper, and without the descriptor; see keeper.h */
};

/* Starts argv[0] (a path; of a kept program it is looked for in PATH). Returns 0 or -errno. */
int child_start(struct child *child, const char *const argv[], const struct child_files *files);

/* For a child between fork and exec: writes itself into a cgroup.procs file, or ends. */
void child_enter_cgroup(const char *procs);

/* Waits until it is ready. -ETIMEDOUT, or -ECHILD when it ended before. */
int child_wait_ready(struct child *child, uint64_t timeout);

/* Waits until it has ended. -ETIMEDOUT: it has not. */
int child_wait_end(struct child *child, uint64_t timeout);

/* Has it ended? Then child->status tells how. Never blocks. */
bool child_ended(struct child *child);

/* Asks it to end (SIGTERM) and waits; after the time is up, SIGKILL. Harmless when it has ended. */
void child_stop(struct child *child, uint64_t timeout);

/* The folder that the programs stand in: tidemark's own. Returns 0 or -errno. */
int child_programs(char folder[PATH_MAX]);

/*
 * The last line that a child left in its log, as ": its words" (the reason why it did not do its
 * work); "" when there is none.
 */
void child_quote(const char *log, char *text, size_t room);

/* "exit status 1", "killed by signal 9 (Killed)". Returns text. */
const char *child_describe(const struct child *child, char *text, size_t room);

/* Exit status, or 128 + signal as a shell has it. */
int child_exit_code(const struct child *child);

#endif
