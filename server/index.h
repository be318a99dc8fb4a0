/*
 * index.h - descriptor -> place of its record, 4 bytes each, for all loops of a process.
 *
 * A descriptor belongs to one loop at a time, so the loops share one index: one each would cost
 * every connection 4 bytes for every loop. Pages without a descriptor in use are given back, also
 * between others. Address space is reserved by the limit of open files; memory only as it is used.
 */
#ifndef SERVER_INDEX_H
#define SERVER_INDEX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct index {
	_Atomic uint32_t *places; /* place + 1; 0: none */
	uint16_t *used;		  /* descriptors in use, by page of places */
	size_t limit;		  /* descriptors below this one fit */
	size_t reserved;	  /* bytes of address space, of both */
	_Atomic size_t pages;	  /* that hold memory */
	pthread_mutex_t lock;	  /* for setting and clearing; finding needs none */
};

/* Returns 0 or -errno. */
int index_init(struct index *index);

/* A descriptor has come. Returns 0 or -ENOMEM. */
int index_set(struct index *index, int fd, uint32_t place);

/* It has gone. */
void index_clear(struct index *index, int fd);

/* Its record stands elsewhere. For the loop that it belongs to. */
void index_move(struct index *index, int fd, uint32_t place);

/* The place of its record, or UINT32_MAX. Of another loop's descriptor the answer is that loop's.
 */
static inline uint32_t index_find(const struct index *index, int fd)
{
	if (fd < 0 || (size_t)fd >= index->limit)
		return UINT32_MAX;
	return atomic_load_explicit(&index->places[fd], memory_order_relaxed) - 1;
}

/* Bytes of memory that it holds. */
size_t index_held(const struct index *index);

void index_free(struct index *index);

#endif
