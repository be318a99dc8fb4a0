/*
 * gnuplot.c - has gnuplot draw. See gnuplot.h.
 */
#include "analysis/gnuplot.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/base/process.h"

extern char **environ;

/* The first line that is more than a place in the script: gnuplot says what is wrong last. */
static void read_complaint(FILE *messages, char why[GNUPLOT_WHY])
{
	char line[256];

	snprintf(why, GNUPLOT_WHY, "gnuplot failed without a word");
	rewind(messages);
	while (fgets(line, sizeof(line), messages)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[strspn(line, " ^\t")])
			snprintf(why, GNUPLOT_WHY, "gnuplot: %s", line + strspn(line, " \t"));
	}
}

/* All that gnuplot says is a message: figures go to files. Returns 0 or an errno. */
static int set_up(posix_spawn_file_actions_t *actions, FILE *script, const char *folder,
		  FILE *messages)
{
	int error = posix_spawn_file_actions_adddup2(actions, fileno(script), STDIN_FILENO);

	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, fileno(messages), STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, fileno(messages), STDERR_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addchdir_np(actions, folder);
	return error;
}

/* With no signal blocked: whoever asks it to end is heard. Returns 0 or an errno. */
static int start(pid_t *pid, posix_spawn_file_actions_t *actions)
{
	char *arguments[] = { "gnuplot", NULL };
	posix_spawnattr_t attributes;
	sigset_t none;
	int error = posix_spawnattr_init(&attributes);

	if (error)
		return error;
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawnp(pid, "gnuplot", actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* Returns its exit status, -EINTR when a signal came first, which ends it, or another -errno. */
static int wait_for(pid_t pid, int signals)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd wanted[] = { { .fd = pidfd, .events = POLLIN },
				   { .fd = signals, .events = POLLIN } };
	bool interrupted;
	int status;

	if (pidfd >= 0) {
		while (poll(wanted, 2, -1) < 0 && errno == EINTR)
			;
		close(pidfd);
	}
	/* A terminal's SIGINT has reached both. */
	interrupted = process_next_signal(signals) != 0;
	if (interrupted)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (interrupted)
		return -EINTR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Returns gnuplot's exit status, or -errno when it could not be started or did not come to an end.
 */
static int spawn(FILE *script, const char *folder, FILE *messages)
{
	posix_spawn_file_actions_t actions;
	sigset_t before;
	pid_t pid;
	int signals, error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	sigprocmask(SIG_BLOCK, NULL, &before);
	signals = process_signals(NULL);
	error = signals < 0 ? -signals : set_up(&actions, script, folder, messages);
	if (!error)
		error = start(&pid, &actions);
	posix_spawn_file_actions_destroy(&actions);
	error = error ? -error : wait_for(pid, signals);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

int gnuplot_run(FILE *script, const char *folder, char why[GNUPLOT_WHY])
{
	FILE *messages = tmpfile();
	int error = messages ? 0 : -errno;

	/* gnuplot shares the file offset of the script. */
	if (!error && (fflush(script) || lseek(fileno(script), 0, SEEK_SET) < 0))
		error = -errno;
	if (!error)
		error = spawn(script, folder, messages);
	if (error == -ENOENT)
		snprintf(why, GNUPLOT_WHY, "gnuplot is not installed: apt-get install gnuplot-nox");
	else if (error == -EINTR)
		snprintf(why, GNUPLOT_WHY, "ended by a signal while gnuplot drew");
	else if (error < 0)
		snprintf(why, GNUPLOT_WHY, "gnuplot: %s", strerror(-error));
	else if (error > 0)
		read_complaint(messages, why);
	if (messages)
		fclose(messages);
	return error > 0 ? -EIO : error;
}

void gnuplot_string(FILE *script, const char *text)
{
	/* In single quotes only the quote itself is special; a line end would end the command. */
	fputc('\'', script);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', script);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
	}
	fputc('\'', script);
}
