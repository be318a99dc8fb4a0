/*
 * buffer.h - bytes that must wait, in the plug-in's memory, only as long as they do.
 */
#ifndef SERVER_BUFFER_H
#define SERVER_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "server/base/status.h"

#define BUFFER_WAITS (-1)
#define BUFFER_LOST  (-2) /* its connection has gone while its send was under way */

struct buffer {
	struct buffer *next;
	uint64_t deadline; /* ns: who owes us something for these bytes must have moved by then */
	uint32_t size;	   /* room for bytes */
	uint32_t begin;	   /* those before it are done with */
	uint32_t end;
	int32_t fd; /* whose send is under way with it, in uring; else BUFFER_WAITS or BUFFER_LOST
		     */
	char bytes[];
};

/* Takes one with that room, and counts it in the account's state bytes. NULL: no memory. */
struct buffer *buffer_take(size_t size, struct status_slot *account);

/* Gives it back; NULL is nothing. Returns the next one. */
struct buffer *buffer_give(struct buffer *buffer, struct status_slot *account);

/* Gives back all of a list. */
void buffer_give_list(struct buffer *first, struct status_slot *account);

/*
 * Adds bytes at the end, and makes room where there is none: *buffer, which may be NULL, then is
 * another one. Grows by doubling. Returns 0 or -ENOMEM, with everything as it was.
 */
int buffer_add(struct buffer **buffer, const char *bytes, size_t length,
	       struct status_slot *account);

#endif
