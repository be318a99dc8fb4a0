/*
 * processes.h - what each process of the server holds and has faulted in, read from the kernel's
 * own counters through processes.bpf.c.
 */
#ifndef PROBES_PROCESSES_H
#define PROBES_PROCESSES_H

#include <stddef.h>

#include "probes/programs.h"
#include "server/base/record.h"

/*
 * Reads all processes and returns their number, of which the first room are in rows; or -errno:
 * -ENOENT, the program is not attached. Entries of processes that have ended are taken from the
 * map.
 */
int processes_read(const struct programs *programs, struct process_row *rows, size_t room);

#endif
