/*
 * status.c - the status page. See status.h.
 *
 * The sequence lock follows Boehm, "Can seqlocks get along with programming language memory
 * models?" (MSPC 2012), with an atomic payload, so that it is free of data races by the letter of
 * C11. Release stores and acquire loads of the words stand for his fences, which the thread
 * sanitizer does not know: who reads a new word also sees the odd number written before it.
 */
#include "server/base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/clock.h"

#define SLOT_WORDS (sizeof(struct status_slot) / sizeof(uint64_t))

/* A writer that lost its CPU inside a slot needs a time slice to come back, or two. */
#define SPINS	   1000
#define READ_TRIES (SPINS + 20000)
#define PAUSE	   50000 /* ns, between tries after the spins: a second in all */

/* In the file. */
struct header {
	_Atomic uint64_t magic; /* written last */
	uint32_t version;
	uint32_t slots;
	uint32_t pid;
	_Atomic uint32_t state;
	_Atomic uint32_t port;
	uint8_t reserved[100];
	char about[STATUS_ABOUT];
};

/* 256 bytes are four cache lines: neighbouring loops do not share one. */
struct slot {
	_Atomic uint64_t sequence; /* odd while the slot is written */
	_Atomic uint64_t words[SLOT_WORDS];
	uint64_t reserved[31 - SLOT_WORDS];
};

_Static_assert(sizeof(struct header) == 4096, "the header's size is part of the format");
_Static_assert(sizeof(struct slot) == 256, "the slot's size is part of the format");

/* In the process. */
struct status_page {
	struct header *header;
	struct slot *slots;
	size_t bytes;
};

static int map(struct status_page **page, int fd, size_t bytes, int protection)
{
	int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
	struct status_page *opened = malloc(sizeof(*opened));
	void *memory;

	if (!opened)
		return -ENOMEM;
	memory = mmap(NULL, bytes, protection, flags, fd, 0);
	if (memory == MAP_FAILED) {
		int error = -errno;

		free(opened);
		return error;
	}
	opened->header = memory;
	opened->slots = (struct slot *)(opened->header + 1);
	opened->bytes = bytes;
	*page = opened;
	return 0;
}

int status_create(struct status_page **page, const char *path, unsigned int slots)
{
	size_t bytes = sizeof(struct header) + slots * sizeof(struct slot);
	int fd = -1;
	int error = 0;

	if (path) {
		/* A fresh file: readers of an older page keep theirs. */
		if (unlink(path) && errno != ENOENT)
			return -errno;
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		/* posix_fallocate, for a full disk is an error here and a SIGBUS later. */
		error = -posix_fallocate(fd, 0, (off_t)bytes);
	}
	if (!error)
		error = map(page, fd, bytes, PROT_READ | PROT_WRITE);
	if (!error) {
		struct header *header = (*page)->header;

		header->version = STATUS_VERSION;
		header->slots = slots;
		header->pid = (uint32_t)getpid();
		atomic_store(&header->magic, STATUS_MAGIC);
	}
	if (fd >= 0)
		close(fd);
	return error;
}

int status_open(struct status_page **page, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct header header;
	struct stat file;
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &file))
		error = -errno;
	else if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
		 memchr(header.about, 0, STATUS_ABOUT) == NULL || header.magic != STATUS_MAGIC ||
		 header.version != STATUS_VERSION ||
		 file.st_size != (off_t)(sizeof(header) + header.slots * sizeof(struct slot)))
		error = -EPROTO;
	else
		error = map(page, fd, (size_t)file.st_size, PROT_READ);
	close(fd);
	return error;
}

void status_close(struct status_page *page)
{
	if (!page)
		return;
	munmap(page->header, page->bytes);
	free(page);
}

void status_set_port(struct status_page *page, uint16_t port)
{
	atomic_store(&page->header->port, port);
}

void status_set_state(struct status_page *page, enum status_state state)
{
	atomic_store(&page->header->state, state);
}

void status_publish(struct status_page *page, unsigned int slot, const struct status_slot *values)
{
	struct slot *shared = &page->slots[slot];
	uint64_t words[SLOT_WORDS];
	uint64_t sequence = atomic_load_explicit(&shared->sequence, memory_order_relaxed);

	memcpy(words, values, sizeof(words));
	atomic_store_explicit(&shared->sequence, sequence + 1, memory_order_relaxed);
	for (size_t i = 0; i < SLOT_WORDS; i++)
		atomic_store_explicit(&shared->words[i], words[i], memory_order_release);
	atomic_store_explicit(&shared->sequence, sequence + 2, memory_order_release);
}

uint32_t status_pid(const struct status_page *page)
{
	return page->header->pid;
}

uint16_t status_port(const struct status_page *page)
{
	return (uint16_t)atomic_load(&page->header->port);
}

enum status_state status_state(const struct status_page *page)
{
	return (enum status_state)atomic_load(&page->header->state);
}

void status_set_about(struct status_page *page, const char *text)
{
	snprintf(page->header->about, STATUS_ABOUT, "%s", text);
}

const char *status_about(const struct status_page *page)
{
	return page->header->about;
}

static int read_slot(const struct slot *shared, struct status_slot *values)
{
	uint64_t words[SLOT_WORDS];

	for (int try = 0; try < READ_TRIES; try++) {
		uint64_t before = atomic_load_explicit(&shared->sequence, memory_order_acquire);

		for (size_t i = 0; i < SLOT_WORDS; i++)
			words[i] = atomic_load_explicit(&shared->words[i], memory_order_acquire);
		if (before % 2 == 0 &&
		    before == atomic_load_explicit(&shared->sequence, memory_order_relaxed)) {
			memcpy(values, words, sizeof(words));
			return 0;
		}
		if (try >= SPINS)
			clock_sleep_until(clock_now() + PAUSE);
	}
	return -EAGAIN;
}

unsigned int status_slots(const struct status_page *page)
{
	return page->header->slots;
}

int status_read_slot(const struct status_page *page, unsigned int slot, struct status_slot *values)
{
	return read_slot(&page->slots[slot], values);
}

void status_repair(struct status_page *page, unsigned int slot, struct status_slot *values)
{
	struct slot *shared = &page->slots[slot];
	uint64_t words[SLOT_WORDS] = { 0 };
	uint64_t sequence = atomic_load(&shared->sequence);

	for (size_t i = 0; i < SLOT_WORDS; i++)
		words[i] = atomic_load(&shared->words[i]);
	memcpy(values, words, sizeof(words));
	atomic_store(&shared->sequence, sequence + sequence % 2);
}

static uint64_t add_statistic(uint64_t a, uint64_t b)
{
	return a == STATUS_ABSENT || b == STATUS_ABSENT ? STATUS_ABSENT : a + b;
}

/* Whether another loop of the same process asked the allocator later (or, at once, before us). */
static bool outdated(const struct status_page *page, uint32_t slot, const struct status_slot *one)
{
	for (uint32_t i = 0; i < page->header->slots; i++) {
		struct status_slot other;

		if (i == slot || read_slot(&page->slots[i], &other) || other.pid != one->pid)
			continue;
		if (other.heap_time > one->heap_time ||
		    (other.heap_time == one->heap_time && i < slot))
			return true;
	}
	return false;
}

static void add_slot(struct status_slot *total, const struct status_slot *one)
{
	total->opened += one->opened;
	total->closed += one->closed;
	total->shed += one->shed;
	total->live_bytes += one->live_bytes;
	total->live_blocks += one->live_blocks;
	total->state_bytes += one->state_bytes;
	total->table_bytes += one->table_bytes;
	total->last_close = MAX(total->last_close, one->last_close);
	total->releases += one->releases;
	total->stall_total += one->stall_total;
	total->stall_max = MAX(total->stall_max, one->stall_max);
	total->stall_cpu_max = MAX(total->stall_cpu_max, one->stall_cpu_max);
	total->released_bytes += one->released_bytes;
	total->replaced += one->replaced;
	total->full += one->full;
}

int status_read(const struct status_page *page, struct status_slot *total)
{
	memset(total, 0, sizeof(*total));
	for (uint32_t i = 0; i < page->header->slots; i++) {
		struct status_slot one;

		if (read_slot(&page->slots[i], &one))
			return -EAGAIN;
		add_slot(total, &one);
		if (!one.heap_time || outdated(page, i, &one))
			continue;
		total->heap_used = add_statistic(total->heap_used, one.heap_used);
		total->heap_free = add_statistic(total->heap_free, one.heap_free);
		total->heap_time = MAX(total->heap_time, one.heap_time);
	}
	return 0;
}
