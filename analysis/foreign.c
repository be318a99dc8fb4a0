/*
 * foreign.c - a server that is not ours. See foreign.h.
 */
#include "analysis/foreign.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

#include "analysis/label.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define PORT	 "{port}"
#define TICK	 (50 * NS_PER_MS)
#define LISTENED 16 /* sockets to tell of */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *pick_name(const struct list *words)
{
	struct stat status;

	for (size_t i = 0; i < words->count; i++)
		if (!stat(words->items[i], &status) && S_ISREG(status.st_mode))
			return base_name(words->items[i]);
	return base_name(words->items[0]);
}

int foreign_parse(const char *text, char name[FOREIGN_NAME], const char **command,
		  char why[FOREIGN_WHY])
{
	size_t length = label_length(text);
	struct list words = { 0 };
	int error;

	*command = length ? text + length + 1 : text;
	error = foreign_words(&words, *command, 1, why);
	if (!error && !strstr(*command, PORT)) {
		snprintf(why, FOREIGN_WHY,
			 "--server '%.200s': write {port} where the command takes its port, as in "
			 "'my-server --port {port}'",
			 text);
		error = -EINVAL;
	}
	if (!error)
		snprintf(name, FOREIGN_NAME, "%.*s", length ? (int)length : FOREIGN_NAME - 1,
			 length ? text : pick_name(&words));
	list_free(&words);
	return error;
}

int foreign_port(uint16_t *port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    getsockname(fd, (struct sockaddr *)&any, &length))
		error = -errno;
	close(fd);
	*port = ntohs(any.sin_port);
	return error;
}

/* text with the port for each {port}, for the caller to free, or NULL. */
static char *insert_port(const char *text, uint16_t port)
{
	char *result = NULL;
	const char *place;
	size_t room;
	FILE *file = open_memstream(&result, &room);

	if (!file)
		return NULL;
	for (; (place = strstr(text, PORT)); text = place + strlen(PORT))
		fprintf(file, "%.*s%u", (int)(place - text), text, port);
	fputs(text, file);
	fclose(file);
	return result;
}

/* wordexp(3) tells no more than a number. */
static const char *describe_fault(int fault)
{
	switch (fault) {
	case 0:
		return "there is no command in it";
	case WRDE_BADCHAR:
		return "one command is wanted, without | & ; < > ( ) { } outside of quotes";
	case WRDE_BADVAL:
		return "a $variable in it is not set";
	case WRDE_CMDSUB:
		return "command substitution is not done; write out what it would give";
	case WRDE_SYNTAX:
		return "a quote is not closed";
	default:
		return strerror(ENOMEM);
	}
}

int foreign_words(struct list *words, const char *command, uint16_t port, char why[FOREIGN_WHY])
{
	char *text = insert_port(command, port);
	wordexp_t found = { 0 };
	int fault, error = 0;

	if (!text)
		return -ENOMEM;
	fault = wordexp(text, &found, WRDE_NOCMD | WRDE_UNDEF);
	free(text);
	if (fault || !found.we_wordc) {
		snprintf(why, FOREIGN_WHY, "--server '%.200s': %s", command, describe_fault(fault));
		error = -EINVAL;
	}
	for (size_t i = 0; i < found.we_wordc && !error; i++)
		error = list_add(words, found.we_wordv[i]);
	if (!fault || fault == WRDE_NOSPACE)
		wordfree(&found);
	return error;
}

static bool is_program(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode) && !access(path, X_OK);
}

/* Where execvp(3) looks. */
static bool is_in_path(const char *name)
{
	const char *part = getenv("PATH");
	char path[PATH_MAX];

	for (part = part ? part : "/bin:/usr/bin"; *part; part += *part == ':') {
		size_t length = strcspn(part, ":");

		snprintf(path, sizeof(path), "%.*s/%s", length ? (int)length : 1,
			 length ? part : ".", name);
		if (is_program(path))
			return true;
		part += length;
	}
	return false;
}

int foreign_check(const char *command, char why[FOREIGN_WHY])
{
	struct list words = { 0 };
	int error = foreign_words(&words, command, 1, why);
	const char *program = error ? NULL : words.items[0];

	if (program && !(strchr(program, '/') ? is_program(program) : is_in_path(program))) {
		snprintf(why, FOREIGN_WHY, "--server '%.200s': there is no program '%.200s'%s",
			 command, program, strchr(program, '/') ? "" : " in PATH");
		error = -ENOENT;
	}
	list_free(&words);
	return error;
}

/* What it does instead of listening on the port. */
static void describe_else(pid_t keeper, uint16_t port, const char *limit, char why[FOREIGN_WHY])
{
	struct listens found[LISTENED];
	int count = listens_below(keeper, found, LISTENED);
	int used = snprintf(why, FOREIGN_WHY, "the server does not listen on port %u after %s",
			    port, limit);
	char text[LISTENS_TEXT];

	for (int i = 0; i < count && used < FOREIGN_WHY; i++)
		used += snprintf(why + used, (size_t)(FOREIGN_WHY - used), "%s%s",
				 i ? ", " : ", but on ", listens_describe(&found[i], text));
}

/* Returns 0, -EAGAIN: nobody yet, or -EADDRNOTAVAIL with a line in why. */
static int look(pid_t keeper, uint16_t port, char address[LISTENS_TEXT], pid_t *pid,
		char why[FOREIGN_WHY])
{
	struct listens found[LISTENED];
	int count = listens_below(keeper, found, LISTENED);
	char text[LISTENS_TEXT];
	int error = -EAGAIN;

	for (int i = 0; i < count; i++) {
		if (found[i].port != port)
			continue;
		*pid = found[i].pid;
		if (listens_reach(&found[i], address))
			return 0;
		snprintf(why, FOREIGN_WHY,
			 "the server listens on %s only; it must listen on 127.0.0.1",
			 listens_describe(&found[i], text));
		error = -EADDRNOTAVAIL;
	}
	return error;
}

int foreign_wait(struct child *keeper, uint16_t port, uint64_t timeout, int signals,
		 char address[LISTENS_TEXT], pid_t *pid, char why[FOREIGN_WHY])
{
	uint64_t end = clock_now() + timeout;
	char text[64];
	int error;

	while ((error = look(keeper->pid, port, address, pid, why)) == -EAGAIN) {
		struct pollfd fds[] = { { .fd = keeper->pidfd, .events = POLLIN },
					{ .fd = signals, .events = POLLIN } };

		if (clock_now() > end) {
			describe_else(keeper->pid, port,
				      format_duration(text, sizeof(text), (double)timeout), why);
			return -ETIMEDOUT;
		}
		poll(fds, 2, (int)(TICK / NS_PER_MS));
		if (process_next_signal(signals)) {
			snprintf(why, FOREIGN_WHY, "interrupted");
			return -EINTR;
		}
		if (child_ended(keeper)) {
			snprintf(why, FOREIGN_WHY, "the server ended before it listened (%s)",
				 child_describe(keeper, text, sizeof(text)));
			return -ECHILD;
		}
	}
	return error;
}
