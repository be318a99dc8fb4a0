/*
 * dial.c - a bare client: connect(), and nothing else. See accept.c.
 *
 *   dial NUMBER PORT PROCESSES SOURCES
 *
 * The processes connect their shares to 127.0.0.1:PORT, blocking, from SOURCES addresses from
 * 127.0.0.1 on (0: the kernel chooses), and hold them until standard input ends. Prints "connected
 * NUMBER SECONDS" from the first to the last, once all are there.
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
	double last; /* seconds */
};

struct task {
	long number, processes, sources;
	uint16_t port;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
	fprintf(stderr, "dial: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static int bind_source(int fd, uint32_t number)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number),
	};
	int on = 1;

	return setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
	       bind(fd, (struct sockaddr *)&address, sizeof(address));
}

/*
 * Reset, they leave nothing in TIME_WAIT: up to tcp_max_tw_buckets sockets and their ports, which
 * would be freed while the next one counts what its connections take.
 */
static void reset_all(int first, int last)
{
	const struct linger at_once = { .l_onoff = 1 };

	for (int fd = first; fd <= last; fd++) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
}

/* Connections stay open until the process ends, or pipes say so. */
static int dial(const struct task *task, long index, struct share *share, const int *done,
		const int *leave)
{
	struct sockaddr_in server = {
		.sin_family = AF_INET,
		.sin_port = htons(task->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int first = 0, fd = -1, error;
	char byte;

	for (long i = index; i < task->number; i += task->processes) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return fail("socket");
		first = first ? first : fd;
		if (task->sources && bind_source(fd, (uint32_t)(i % task->sources)))
			return fail("bind");
		if (connect(fd, (struct sockaddr *)&server, sizeof(server)))
			return fail("connect");
	}
	share->last = now();
	close(done[1]);
	close(leave[1]);
	error = read(leave[0], &byte, 1) < 0;
	reset_all(first, fd);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int parse(struct task *task, char *argv[])
{
	task->number = atol(argv[1]);
	task->port = (uint16_t)atoi(argv[2]);
	task->processes = atol(argv[3]);
	task->sources = atol(argv[4]);
	return task->number < 1 || !task->port || task->processes < 1;
}

static void raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Where one of them has not connected all of its share there is nothing to tell. */
static void tell(const struct task *task, const struct share *shares, double start)
{
	double last = 0;

	for (long i = 0; i < task->processes; i++) {
		if (!shares[i].last)
			return;
		last = shares[i].last > last ? shares[i].last : last;
	}
	printf("connected %ld %.3f\n", task->number, last - start);
	fflush(stdout);
}

/* Says who was killed. Returns 0 when all have done their work. */
static int wait_for_all(void)
{
	int status, failed = 0;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		failed |= status;
		if (WIFSIGNALED(status))
			fprintf(stderr, "dial: process %d was killed by SIG%s\n", (int)pid,
				sigabbrev_np(WTERMSIG(status)));
	}
	return failed;
}

int main(int argc, char *argv[])
{
	struct task task;
	struct share *shares;
	int done[2], leave[2];
	double start;
	char byte;

	if (argc != 5 || parse(&task, argv)) {
		fprintf(stderr, "usage: dial NUMBER PORT PROCESSES SOURCES\n");
		return 2;
	}
	raise_limit();
	shares = mmap(NULL, (size_t)task.processes * sizeof(*shares), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shares == MAP_FAILED || pipe(done) || pipe(leave))
		return fail("cannot begin");
	start = now();
	for (long i = 0; i < task.processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(dial(&task, i, &shares[i], done, leave));
	}
	/* The pipe ends when all have connected. */
	close(done[1]);
	while (read(done[0], &byte, 1) > 0)
		;
	tell(&task, shares, start);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	close(leave[1]);
	return wait_for_all() ? EXIT_FAILURE : EXIT_SUCCESS;
}
