/*
 * accept.c - a bare server for connections that say nothing: accept(), and nothing else.
 *
 *   accept NUMBER PORT PROCESSES
 *
 * The processes accept their shares from one listener on 127.0.0.1, blocking, and hold them until
 * the other end closes. What pulse and the server do beyond that is what they cost. PORT 0 takes a
 * free one. Prints the port; then "accepted NUMBER SECONDS" from the first to the last; ends with
 * the last connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct share {
	double first, last; /* seconds */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
	fprintf(stderr, "accept: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static int serve(int listener, long count, struct share *share, int accepted)
{
	int *fds = malloc((size_t)(count + 1) * sizeof(*fds));
	char byte;

	if (!fds)
		return fail("malloc");
	for (long i = 0; i < count; i++) {
		fds[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fds[i] < 0)
			return fail("accept");
		share->last = now();
		if (!i)
			share->first = share->last;
	}
	close(listener);
	close(accepted);
	/* Reset or closed is all the same here. */
	for (long i = 0; i < count; i++) {
		while (read(fds[i], &byte, 1) > 0)
			;
		close(fds[i]);
	}
	free(fds);
	return EXIT_SUCCESS;
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, length) || listen(fd, 65535) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		return -1;
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void tell(const struct share *shares, long number, long processes)
{
	double first = shares[0].first, last = shares[0].last;

	for (long i = 1; i < processes; i++) {
		first = shares[i].first && shares[i].first < first ? shares[i].first : first;
		last = shares[i].last > last ? shares[i].last : last;
	}
	printf("accepted %ld %.3f\n", number, last - first);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	long number = argc == 4 ? atol(argv[1]) : 0;
	long processes = argc == 4 ? atol(argv[3]) : 0;
	struct rlimit limit;
	struct share *shares;
	int listener, accepted[2], status, failed = 0;
	char byte;

	if (number < 1 || processes < 1 || processes > number) {
		fprintf(stderr, "usage: accept NUMBER PORT PROCESSES\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	shares = mmap(NULL, (size_t)processes * sizeof(*shares), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	listener = listen_on((uint16_t)atoi(argv[2]));
	if (shares == MAP_FAILED || listener < 0 || pipe(accepted))
		return fail("cannot listen");
	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(accepted[0]);
		_exit(serve(listener, number / processes + (i < number % processes), &shares[i],
			    accepted[1]));
	}
	close(listener);
	close(accepted[1]);
	/* The pipe ends when all have their share. */
	while (read(accepted[0], &byte, 1) > 0)
		;
	tell(shares, number, processes);
	while (wait(&status) > 0)
		failed |= status;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
