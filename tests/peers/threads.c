/*
 * threads.c - a process with threads whose CPU time is known: they count their own.
 *
 * "threads COUNT" starts COUNT threads that use CPU time, one that uses some and
 * ends, and, in a child process, one more. It prints its own number and the child's, does a round
 * of work for each line that it reads, says what has been used, "PID NAME TID NS" a line, then
 * "end", and ends with its input. All threads but the reader sleep by then.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 512
#define STEP 10000000 /* ns */

struct worker {
	pthread_t thread;
	int number;
	pid_t tid;
	uint64_t used;
	sem_t go;
};

static sem_t done;

static uint64_t used_by(clockid_t clock)
{
	struct timespec used;

	clock_gettime(clock, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static void burn(uint64_t ns)
{
	uint64_t end = used_by(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (used_by(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* A name that no CSV file could take. */
static void *work(void *context)
{
	struct worker *worker = context;
	char name[16];

	snprintf(name, sizeof(name), "w,%d\n)", worker->number);
	prctl(PR_SET_NAME, name);
	worker->tid = (pid_t)syscall(SYS_gettid);
	for (;;) {
		while (sem_wait(&worker->go))
			;
		/* Some more than others; those of a crowd little, for they are many. */
		burn(worker->number < 16 ? (uint64_t)(worker->number % 8 + 1) * STEP : STEP / 10);
		worker->used = used_by(CLOCK_THREAD_CPUTIME_ID);
		sem_post(&done);
	}
	return NULL;
}

static void *work_and_end(void *context)
{
	burn(20 * STEP);
	return context;
}

/* Works as well, for each byte, and says what its whole process has used. */
static void be_child(int from, int to)
{
	uint64_t used;
	char byte;

	while (read(from, &byte, 1) == 1) {
		burn(5 * STEP);
		used = used_by(CLOCK_PROCESS_CPUTIME_ID);
		if (write(to, &used, sizeof(used)) < 0)
			break;
	}
	_exit(0);
}

static pid_t fork_child(int *to, int *from)
{
	int down[2], up[2];
	pid_t pid;

	if (pipe(down) || pipe(up))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(down[1]);
		be_child(down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	*to = down[1];
	*from = up[0];
	return pid;
}

static int do_round(struct worker *workers, int count, int to, int from, pid_t child)
{
	uint64_t used;
	pthread_t ending;

	for (int i = 0; i < count; i++)
		sem_post(&workers[i].go);
	for (int i = 0; i < count; i++)
		while (sem_wait(&done))
			;
	if (pthread_create(&ending, NULL, work_and_end, NULL) || pthread_join(ending, NULL))
		return -1;
	if (write(to, "", 1) != 1 || read(from, &used, sizeof(used)) != sizeof(used))
		return -1;
	for (int i = 0; i < count; i++)
		printf("%d w %d %ju\n", getpid(), workers[i].tid, (uintmax_t)workers[i].used);
	printf("%d child %d %ju\n", child, child, (uintmax_t)used);
	printf("end\n");
	return fflush(stdout);
}

int main(int argc, char *argv[])
{
	static struct worker workers[MOST];
	int count = argc > 1 ? atoi(argv[1]) : 4;
	int to, from;
	pid_t child;

	sem_init(&done, 0, 0);
	child = fork_child(&to, &from);
	if (child < 0 || count < 1 || count > MOST)
		return 1;
	for (int i = 0; i < count; i++) {
		workers[i].number = i;
		sem_init(&workers[i].go, 0, 0);
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 1;
	}
	printf("%d %d\n", getpid(), child);
	fflush(stdout);
	while (getchar() == '\n')
		if (do_round(workers, count, to, from, child))
			return 1;
	close(to);
	waitpid(child, NULL, 0);
	return 0;
}
