/*
 * command.h - how the programs of a run are called.
 */
#ifndef ANALYSIS_COMMAND_H
#define ANALYSIS_COMMAND_H

#include <stdint.h>
#include <sys/types.h>

#include "analysis/list.h"
#include "analysis/run.h"

/* Each fills an empty list, the caller's to free. Returns 0 or -ENOMEM. */

int command_server(struct list *command, const struct run_context *context, const struct cell *cell,
		   const char *status);

/* The same, to see whether it takes them. */
int command_server_check(struct list *command, const struct run_context *context,
			 const struct cell *cell);

/* Follows the writer of the status page; where that is NULL, the process pid. */
int command_probe(struct list *command, const struct run_context *context, const char *status,
		  pid_t pid, const char *folder);

/* Writes phases.csv there; traffic.csv when something is said. */
int command_pulse(struct list *command, const struct run_context *context, const struct cell *cell,
		  const char *address, const char *phases, const char *traffic);

/* To be told the schedule. */
int command_pulse_outline(struct list *command, const struct run_context *context,
			  const struct cell *cell);

#endif
