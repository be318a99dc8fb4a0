/*
 * floor.c - a bare epoll echo server: what the system calls cost, with nothing around them.
 *
 *   floor [--port PORT] [--threads N] [--wrong N] [--mute]
 *
 * Each thread has its own listener (SO_REUSEPORT) and its own loop; a descriptor is all that it
 * knows of a connection. Prints its port, serves until it is killed. Not a server for use: what
 * does not fit into a socket's buffer is awaited, and any error ends the process.
 *
 * For tests of clients: --wrong N spoils every N-th answer, --mute gives none.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
#define BUFFER (64 * 1024)

static struct {
	uint16_t port;
	unsigned int threads;
	unsigned int wrong; /* 0: never */
	bool mute;
} options = { .threads = 1 };

static int must(int result, const char *call)
{
	if (result >= 0)
		return result;
	perror(call);
	exit(EXIT_FAILURE);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	int on = 1;

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
	must(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), "SO_REUSEPORT");
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)), "bind");
	must(listen(fd, 65535), "listen");
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	must(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
	return ntohs(address.sin_port);
}

static void accept_all(int epoll, int listener)
{
	for (;;) {
		struct epoll_event event = { .events = EPOLLIN };

		event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (event.data.fd < 0 && errno == EAGAIN)
			return;
		must(event.data.fd, "accept4");
		must(epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
	}
}

/* Returns whether the peer is still there. */
static bool send_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		if (sent < 0 && errno != EAGAIN)
			return false;
		if (sent < 0) {
			poll(&room, 1, -1);
			continue;
		}
		data += sent;
		length -= (size_t)sent;
	}
	return true;
}

static void echo(int fd, char *buffer)
{
	static _Thread_local unsigned int answers;
	ssize_t length = recv(fd, buffer, BUFFER, 0);

	if (length <= 0 && !(length < 0 && errno == EAGAIN)) {
		close(fd);
		return;
	}
	if (length < 0 || options.mute)
		return;
	if (options.wrong && ++answers % options.wrong == 0)
		buffer[length - 1] ^= 1;
	if (!send_all(fd, buffer, (size_t)length))
		close(fd);
}

static void *serve(void *argument)
{
	int listener = *(int *)argument;
	int epoll = must(epoll_create1(0), "epoll_create1");
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	struct epoll_event events[EVENTS];
	char *buffer = malloc(BUFFER);

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		if (count < 0 && errno == EINTR)
			continue;
		must(count, "epoll_wait");
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				echo(events[i].data.fd, buffer);
		}
	}
	return NULL;
}

static void read_options(int argc, char *argv[])
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "threads", required_argument, NULL, 't' },
		{ "wrong", required_argument, NULL, 'w' },
		{ "mute", no_argument, NULL, 'm' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		if (option == 'p')
			options.port = (uint16_t)atoi(optarg);
		else if (option == 't' && atoi(optarg) > 0)
			options.threads = (unsigned int)atoi(optarg);
		else if (option == 'w')
			options.wrong = (unsigned int)atoi(optarg);
		else if (option == 'm')
			options.mute = true;
		else
			exit(2);
	}
}

int main(int argc, char *argv[])
{
	struct rlimit files;
	int *listeners;

	read_options(argc, argv);
	must(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	listeners = calloc(options.threads, sizeof(*listeners));
	for (unsigned int i = 0; i < options.threads; i++) {
		listeners[i] = listen_on(options.port);
		options.port = port_of(listeners[i]);
	}
	printf("%u\n", options.port);
	fflush(stdout);
	for (unsigned int i = 1; i < options.threads; i++) {
		pthread_t thread;

		must(-pthread_create(&thread, NULL, serve, &listeners[i]), "pthread_create");
	}
	serve(&listeners[0]);
}
