/*
 * bills.c - takes bills while sampling goes on. See bills.h.
 */
#include "probes/bills.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "probes/bill.h"
#include "probes/names.h"
#include "server/base/record.h"

#define BILLS 1024

struct bills {
	struct bill_reader *reader;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool started, asked, stop;    /* under the lock */
	struct bill bills[BILLS + 1]; /* the last one is never kept */
	size_t count;
	uint64_t dropped;
};

/* Also with no room left: iters/bill lives on what each reading finds out. */
static void take(struct bills *bills)
{
	int error = -EAGAIN;

	/* Somebody who reads iters/bill at the same moment may get in between. */
	for (int tries = 0; tries < 3 && error == -EAGAIN; tries++)
		error = bill_read(bills->reader, &bills->bills[bills->count]);
	if (error || bills->count == BILLS)
		bills->dropped++;
	else
		bills->count++;
}

static void *work(void *argument)
{
	struct bills *bills = argument;

	pthread_mutex_lock(&bills->lock);
	while (!bills->stop) {
		if (!bills->asked) {
			pthread_cond_wait(&bills->changed, &bills->lock);
			continue;
		}
		bills->asked = false;
		pthread_mutex_unlock(&bills->lock);
		take(bills);
		pthread_mutex_lock(&bills->lock);
	}
	pthread_mutex_unlock(&bills->lock);
	return NULL;
}

struct bills *bills_new(const struct programs *programs, uint32_t pid)
{
	struct bills *bills = calloc(1, sizeof(*bills));

	if (!bills)
		return NULL;
	pthread_mutex_init(&bills->lock, NULL);
	pthread_cond_init(&bills->changed, NULL);
	/* Touched now, so that nothing is faulted in while sampling goes on. */
	memset(bills->bills, 0, sizeof(bills->bills));
	bills->reader = bill_reader_new(programs, pid);
	if (!bills->reader) {
		bills_free(bills);
		return NULL;
	}
	return bills;
}

int bills_start(struct bills *bills)
{
	int error = pthread_create(&bills->thread, NULL, work, bills);

	bills->started = !error;
	return -error;
}

static void set(struct bills *bills, bool *flag)
{
	pthread_mutex_lock(&bills->lock);
	*flag = true;
	pthread_cond_signal(&bills->changed);
	pthread_mutex_unlock(&bills->lock);
}

void bills_ask(struct bills *bills)
{
	set(bills, &bills->asked);
}

void bills_stop(struct bills *bills)
{
	if (!bills->started)
		return;
	set(bills, &bills->stop);
	pthread_join(bills->thread, NULL);
	bills->started = false;
}

void bills_free(struct bills *bills)
{
	if (!bills)
		return;
	bills_stop(bills);
	pthread_cond_destroy(&bills->changed);
	pthread_mutex_destroy(&bills->lock);
	bill_reader_free(bills->reader);
	free(bills);
}

const struct losses *bills_losses(const struct bills *bills)
{
	return bill_reader_losses(bills->reader);
}

uint64_t bills_dropped(const struct bills *bills)
{
	return bills->dropped;
}

static int write_line(const struct bill *bill, int end, int role, FILE *file)
{
	const struct bill_line *line = &bill->lines[end][role];
	struct bill_row row = { .time = bill->time,
				.connections = line->connections,
				.total = line->total,
				.least = line->least,
				.median = line->median,
				.most = line->most,
				.source = bill->source,
				.cost = bill->cost };

	strcpy(row.end, bill_end_names[end]);
	strcpy(row.role, bill_role_names[role]);
	return record_append(&record_bill, file, &row);
}

/* The sum of an end is written also when it has no connections; roles only when they occur. */
int bills_write(const struct bills *bills, FILE *file)
{
	int error = 0;

	for (size_t i = 0; i < bills->count; i++)
		for (int end = 0; end < ENDS; end++)
			for (int role = 0; !error && role < ROLES; role++)
				if (role == ROLE_CONNECTION ||
				    bills->bills[i].lines[end][role].connections)
					error = write_line(&bills->bills[i], end, role, file);
	return error;
}
