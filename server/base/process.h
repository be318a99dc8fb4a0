/*
 * process.h - what each of our programs does as a process: messages, limits, signals, readiness.
 */
#ifndef SERVER_BASE_PROCESS_H
#define SERVER_BASE_PROCESS_H

#include <stdint.h>

/* Prints "program: message" as one line to stderr. For main() and its helpers only. */
void process_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Raises the soft limit of open files to the hard one and returns the number that may be open, or
 * -errno.
 */
int64_t process_raise_fd_limit(void);

/*
 * Blocks SIGINT, SIGTERM and the signals in more (0-terminated, may be NULL) and returns a
 * descriptor that becomes readable when one arrives, or -errno. SIGPIPE is ignored.
 */
int process_signals(const int *more);

/* The number of the signal that waits on that descriptor, or 0. Never blocks. */
int process_next_signal(int fd);

/* Writes the byte that tells the parent "ready" and closes fd; does nothing when fd is -1. */
void process_ready(int fd);

/* Reads the first whole number in a file such as /proc/sys/fs/file-max. Returns 0 or -errno. */
int process_read_number(const char *path, uint64_t *number);

#endif
