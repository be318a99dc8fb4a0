/* target.c - a server is found by its port, and its listening endpoints by its pid. */
#include "probes/target.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/sockdiag.h"
#include "tests/unit/unit.h"

static int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void a_port_leads_to_its_process(void **state)
{
	uint32_t pid = 0;
	uint16_t port;
	int fd = listen_on_loopback(&port);

	(void)state;
	assert_int_equal(target_by_port(port, &pid), 0);
	assert_int_equal(pid, getpid());
	close(fd);
	assert_int_equal(target_by_port(port, &pid), -ENOENT);
}

static pid_t fork_that_waits(void)
{
	pid_t child = unit_fork();

	if (!child) {
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void of_workers_it_leads_to_their_parent(void **state)
{
	uint32_t pid = 0;
	uint16_t port;
	int fd = listen_on_loopback(&port);
	pid_t worker = fork_that_waits();

	(void)state;
	assert_int_equal(target_by_port(port, &pid), 0);
	assert_int_equal(pid, getpid());
	close(fd);
	assert_int_equal(target_by_port(port, &pid), 0);
	assert_int_equal(pid, worker);
	end(worker);
}

static void of_two_without_their_parent_it_leads_to_neither(void **state)
{
	uint32_t pid = 0;
	uint16_t port;
	int fd = listen_on_loopback(&port);
	pid_t one = fork_that_waits();
	pid_t other = fork_that_waits();

	(void)state;
	close(fd);
	assert_int_equal(target_by_port(port, &pid), -EEXIST);
	end(one);
	end(other);
}

/* As systemd does: it keeps the socket that it gives to the server. */
static void a_starter_is_not_the_server(void **state)
{
	uint32_t pid = 0;
	uint16_t port;
	int fd = listen_on_loopback(&port);
	int ready[2], silence[2];
	pid_t server;
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(silence), 0);
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	server = unit_fork();
	if (!server) {
		dup2(ready[1], STDOUT_FILENO);
		dup2(silence[0], STDIN_FILENO); /* nothing comes */
		execlp("sh", "sh", "-c", "echo; read line", (char *)NULL);
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(target_by_port(port, &pid), 0);
	assert_int_equal(pid, server);
	end(server);
	close(ready[0]);
	close(ready[1]);
	close(silence[0]);
	close(silence[1]);
	close(fd);
}

static void endpoints_are_those_that_listen(void **state)
{
	static const struct address loopback = { { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
	struct endpoint endpoints[2];
	uint16_t port;
	int fd = listen_on_loopback(&port);

	(void)state;
	assert_int_equal(sockdiag_endpoints((uint32_t)getpid(), endpoints, 2), 1);
	assert_int_equal(endpoints[0].port, port);
	assert_memory_equal(&endpoints[0].address, &loopback, sizeof(loopback));
	close(fd);
	assert_int_equal(sockdiag_endpoints((uint32_t)getpid(), endpoints, 2), 0);
}

static void a_process_that_is_gone_has_none(void **state)
{
	struct endpoint endpoint;

	(void)state;
	assert_int_equal(sockdiag_endpoints(UINT32_MAX >> 1, &endpoint, 1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_leads_to_its_process),
		cmocka_unit_test(of_workers_it_leads_to_their_parent),
		cmocka_unit_test(of_two_without_their_parent_it_leads_to_neither),
		cmocka_unit_test(a_starter_is_not_the_server),
		cmocka_unit_test(endpoints_are_those_that_listen),
		cmocka_unit_test(a_process_that_is_gone_has_none),
	};

	return unit_main(tests);
}
