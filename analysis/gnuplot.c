/*
 * gnuplot.c - has gnuplot draw. See gnuplot.h.
 */
#include "analysis/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Returns gnuplot's exit status, or -errno when it could not be started. */
static int spawn(FILE *script, const char *folder, FILE *messages)
{
	char *arguments[] = { "gnuplot", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = set_up(&actions, script, folder, messages);
	if (!error)
		error = posix_spawnp(&pid, "gnuplot", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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
