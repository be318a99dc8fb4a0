/*
 * foreign.h - a server that is not ours, as a column beside ours: any command that listens on the
 * port it is given.
 *
 * Nothing is asked of it but that; so what it holds live is unknown, and is left out of the record.
 */
#ifndef ANALYSIS_FOREIGN_H
#define ANALYSIS_FOREIGN_H

#include <stdint.h>

#include "analysis/child.h"
#include "analysis/list.h"
#include "analysis/listens.h"
#include "server/base/options.h"

#define FOREIGN_NAME 64
#define FOREIGN_WHY  OPTIONS_WHY

/*
 * "[NAME=]COMMAND": sets the column's name and the place of the command in text. Without NAME it
 * is the last part of the first word that is a file (so the script, not its interpreter), else of
 * the first word. Returns 0, or -EINVAL with a line in why.
 */
int foreign_parse(const char *text, char name[FOREIGN_NAME], const char **command,
		  char why[FOREIGN_WHY]);

/* A TCP port that is free on 127.0.0.1 at this moment. Returns 0 or -errno. */
int foreign_port(uint16_t *port);

/*
 * The words of command, split as a shell does it (wordexp(3): quotes, $variables, ~; no pipes and
 * no redirections), with the port for each {port}. Returns 0, or -EINVAL with a line in why.
 */
int foreign_words(struct list *words, const char *command, uint16_t port, char why[FOREIGN_WHY]);

/* Is its program there? Returns 0, or -errno with a line in why. */
int foreign_check(const char *command, char why[FOREIGN_WHY]);

/*
 * Waits until a process below keeper listens on port, so that it can be reached from here, and sets
 * address and *pid to how and which. signals: readable when the user wants to stop. Returns 0, or
 * with a line in why -EINTR, -ECHILD: it ended before, -ETIMEDOUT, -EADDRNOTAVAIL.
 */
int foreign_wait(struct child *keeper, uint16_t port, uint64_t timeout, int signals,
		 char address[LISTENS_TEXT], pid_t *pid, char why[FOREIGN_WHY]);

#endif
