/* foreign.c - commands of servers that are not ours: their words, their column, where they listen.
 */
#include "analysis/foreign.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void assert_name(const char *text, const char *name, const char *command)
{
	char found[FOREIGN_NAME], why[FOREIGN_WHY];
	const char *rest;

	assert_int_equal(foreign_parse(text, found, &rest, why), 0);
	assert_string_equal(found, name);
	assert_string_equal(rest, command);
}

static void a_column_has_a_name(void **state)
{
	(void)state;
	assert_name("no-such-server {port}", "no-such-server", "no-such-server {port}");
	assert_name("/opt/bin/nothing {port}", "nothing", "/opt/bin/nothing {port}");
	/* The first word that is a file: the script, not its interpreter. */
	assert_name("no-such-python /etc/passwd --port={port}", "passwd",
		    "no-such-python /etc/passwd --port={port}");
	assert_name("two=env A=b server {port}", "two", "env A=b server {port}");
}

static void words_are_those_of_a_shell(void **state)
{
	struct list words = { 0 };
	char why[FOREIGN_WHY];

	(void)state;
	assert_int_equal(foreign_words(&words, "a 'b c' \"d{port}\" x{port}:{port} ''", 80, why),
			 0);
	assert_int_equal(words.count, 5);
	assert_string_equal(words.items[1], "b c");
	assert_string_equal(words.items[2], "d80");
	assert_string_equal(words.items[3], "x80:80");
	assert_string_equal(words.items[4], "");
	assert_null(words.items[5]);
	list_free(&words);
}

static void refuse(const char *command, const char *text)
{
	struct list words = { 0 };
	char why[FOREIGN_WHY];

	assert_int_equal(foreign_words(&words, command, 1, why), -EINVAL);
	assert_non_null(strstr(why, text));
	list_free(&words);
}

static void what_is_no_command_is_refused(void **state)
{
	(void)state;
	refuse("", "no command");
	refuse("a | b", "one command");
	refuse("a; b", "one command");
	refuse("a \"b", "quote");
	refuse("$(date)", "substitution");
}

/* Listens in a child, as a server below its keeper does. */
static pid_t start_listener(const struct sockaddr *address, socklen_t length)
{
	int fd = socket(address->sa_family, SOCK_STREAM, 0);
	pid_t child;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	child = unit_fork();
	if (child == 0)
		for (;;)
			pause();
	close(fd);
	return child;
}

static void who_listens_is_found(void **state)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct listens found[4];
	char text[LISTENS_TEXT], wanted[LISTENS_TEXT];
	uint16_t port;
	pid_t child;
	int count;

	(void)state;
	assert_int_equal(foreign_port(&port), 0);
	any.sin_port = htons(port);
	child = start_listener((struct sockaddr *)&any, sizeof(any));
	count = listens_below(getpid(), found, 4);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(count, 1);
	assert_int_equal(found[0].pid, child);
	assert_int_equal(found[0].port, port);
	snprintf(wanted, sizeof(wanted), "0.0.0.0:%u", port);
	assert_string_equal(listens_describe(&found[0], text), wanted);
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%u", port);
	assert_string_equal(listens_reach(&found[0], text), wanted);
	assert_int_equal(listens_below(getpid(), found, 4), 0);
}

static void only_loopback_can_be_reached(void **state)
{
	struct listens here = { .port = 80 };
	char text[LISTENS_TEXT];

	(void)state;
	inet_pton(AF_INET6, "::1", &here.address);
	assert_string_equal(listens_reach(&here, text), "[::1]:80");
	inet_pton(AF_INET6, "::ffff:127.0.0.9", &here.address);
	assert_string_equal(listens_reach(&here, text), "127.0.0.9:80");
	inet_pton(AF_INET6, "::", &here.address);
	assert_string_equal(listens_reach(&here, text), "127.0.0.1:80");
	inet_pton(AF_INET6, "::ffff:10.0.0.1", &here.address);
	assert_null(listens_reach(&here, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_column_has_a_name),
		cmocka_unit_test(words_are_those_of_a_shell),
		cmocka_unit_test(what_is_no_command_is_refused),
		cmocka_unit_test(who_listens_is_found),
		cmocka_unit_test(only_loopback_can_be_reached),
	};

	return unit_main(tests);
}
