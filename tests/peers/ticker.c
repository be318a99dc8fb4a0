/*
 * ticker.c - a bare loop that sends a feed's bytes to all its connections on time: what the system
 * calls of a feed cost, with nothing around them.
 *
 *   ticker [--port PORT] [--period MILLISECONDS] [--skip N]
 *
 * It reads as much of a request as tells the ID (GET /test/ID), greets, and then sends
 * "Chunk N for id ID" once a period, each connection on the phase of its request: byte for byte
 * what server/protocol/feed.c says. The wheel has a list for each millisecond of a period, so that
 * sending looks at nothing but those it is for. Prints its port, serves until it is killed. Not a
 * server for use: it expects a request in one piece, and a client that does not read is cut off.
 *
 * For tests of clients: --skip N leaves the number N out.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS	  256
#define FILES	  (1 << 20)
#define NS_PER_MS UINT64_C(1000000)

#define HEAD                                                                                       \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"               \
	"Transfer-Encoding: chunked\r\n\r\n"

struct client { /* found by its descriptor */
	uint32_t id;
	uint32_t number; /* of the next chunk */
	int next;	 /* in the same millisecond of the wheel; 0: none */
};

static struct {
	uint16_t port;
	uint64_t period; /* ms */
	uint32_t skip;	 /* 0: none */
} options = { .period = 1000 };

static struct client *clients;
static int *wheel;

static int must(int result, const char *call)
{
	if (result >= 0)
		return result;
	perror(call);
	exit(EXIT_FAILURE);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	int on = 1;

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)), "bind");
	must(listen(fd, 65535), "listen");
	must(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void accept_all(int epoll, int listener)
{
	for (;;) {
		struct epoll_event event = { .events = EPOLLIN };

		event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (event.data.fd < 0 && errno == EAGAIN)
			return;
		must(event.data.fd, "accept4");
		must(event.data.fd < FILES ? 0 : -1, "too many files");
		must(epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
	}
}

/* The text is a chunk, framed by its length. Returns whether it was sent whole. */
static bool send_chunk(int fd, const char *head, const char *text)
{
	char chunk[256];
	int length = snprintf(chunk, sizeof(chunk), "%s%zx\r\n%s\r\n", head, strlen(text), text);

	return send(fd, chunk, (size_t)length, MSG_NOSIGNAL) == length;
}

static bool greet(int fd)
{
	char text[64];

	snprintf(text, sizeof(text), "Hello, id %u\n", clients[fd].id);
	return send_chunk(fd, HEAD, text);
}

static void add(int fd, uint64_t ms)
{
	clients[fd].next = wheel[ms % options.period];
	wheel[ms % options.period] = fd;
}

/* The descriptor stays open until its turn in the wheel, so that it is not given out again. */
static void drop(int fd)
{
	clients[fd].number = UINT32_MAX;
	shutdown(fd, SHUT_RDWR);
}

static void receive(int epoll, int fd)
{
	char request[1024];
	ssize_t length = recv(fd, request, sizeof(request) - 1, 0);
	bool known = clients[fd].number > 0;

	if (length > 0 && !known) {
		request[length] = '\0';
		if (sscanf(request, "GET /test/%u", &clients[fd].id) == 1 && greet(fd)) {
			clients[fd].number = 1;
			add(fd, now_ms());
			return;
		}
	}
	if (length < 0 && errno == EAGAIN)
		return;
	epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	if (known)
		drop(fd);
	else
		close(fd);
}

static void send_next(int fd)
{
	struct client *client = &clients[fd];
	char text[64];

	snprintf(text, sizeof(text), "Chunk %u for id %u\n", client->number, client->id);
	client->number++;
	if (options.skip && client->number == options.skip)
		client->number++;
	if (!send_chunk(fd, "", text))
		drop(fd);
}

/* The clients of one millisecond; those that have gone leave the wheel. */
static void turn(uint64_t ms)
{
	int *link = &wheel[ms % options.period];

	while (*link) {
		int fd = *link;

		if (clients[fd].number != UINT32_MAX) {
			send_next(fd);
			link = &clients[fd].next;
			continue;
		}
		*link = clients[fd].next;
		clients[fd] = (struct client){ 0 };
		close(fd);
	}
}

static void serve(int listener)
{
	int epoll = must(epoll_create1(0), "epoll_create1");
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	struct epoll_event events[EVENTS];
	uint64_t done = now_ms();

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, 1);

		if (count < 0 && errno == EINTR)
			continue;
		must(count, "epoll_wait");
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				receive(epoll, events[i].data.fd);
		}
		while (done < now_ms())
			turn(++done);
	}
}

static void read_options(int argc, char *argv[])
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "period", required_argument, NULL, 'e' },
		{ "skip", required_argument, NULL, 's' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		if (option == 'p')
			options.port = (uint16_t)atoi(optarg);
		else if (option == 'e' && atoi(optarg) > 0)
			options.period = (uint64_t)atoi(optarg);
		else if (option == 's')
			options.skip = (uint32_t)atoi(optarg);
		else
			exit(2);
	}
}

int main(int argc, char *argv[])
{
	struct rlimit files;

	read_options(argc, argv);
	must(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	clients = calloc(FILES, sizeof(*clients));
	wheel = calloc(options.period, sizeof(*wheel));
	serve(listen_on(options.port));
}
