/*
 * uring_io.h - what happens on the connections of an io_uring loop: receives, replies, sends.
 *
 * A buffer is taken when data is there, so an idle connection holds none. What is answered out of
 * such a buffer is sent from where it stands; what does not go at once is copied, for a peer that
 * does not read must not keep the loop's buffers. Other words are sent by a plain send(). One send
 * of a connection is under way at a time: two could overtake each other. Does not know how
 * connections are accepted.
 */
#ifndef SERVER_URING_IO_H
#define SERVER_URING_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "server/listener.h"
#include "server/ring.h"
#include "server/shard.h"

/*
 * What a completion is about: in the lowest three bits; above them a descriptor (32 bits) and a
 * serial number (24), a buffer's number, or the address of a struct buffer, which is a multiple
 * of 8.
 */
enum operation {
	OPERATION_ACCEPT,
	OPERATION_POLL,
	OPERATION_RECEIVE,
	OPERATION_REPLY,  /* a send out of a provided buffer */
	OPERATION_SEND,	  /* of what waits */
	OPERATION_CANCEL, /* or another whose completion says nothing */
	OPERATION_SHED,	  /* an accept of a client for whom there is no descriptor */
	OPERATION_MASK = 7,
};

/* Of a provided buffer that is being sent. */
struct reply {
	const char *bytes;
	uint32_t length;
	int32_t fd;
	uint32_t serial;
};

#define NO_BUFFER UINT32_MAX

struct uring_loop {
	struct listener *listener;
	int wakeup; /* an eventfd: another loop wants us at the end of an iteration */
	bool stopping;
	bool accepting;		/* or waiting until there is somebody to accept */
	bool crowded;		/* somebody waits, when descriptors had run out before */
	int lacking;		/* whom is shed for: -EMFILE or -ENFILE */
	uint64_t accept_at;	/* ns: not before then */
	unsigned int under_way; /* sends of what waits */
	unsigned int lent;	/* provided buffers that are being sent */
	unsigned int used;	/* provided buffers that data came into since a moment */
	uint64_t rest_at;	/* ns: a period since then; UINT64_MAX: none has been used */
	unsigned int offered;	/* the buffer of the data that is served, unless it is lent out */
	struct ring ring;
	struct reply replies[RING_BUFFERS];
	struct shard shard; /* last, for it ends with a large buffer */
};

/* Of a connection that has just been opened. */
void uring_receive(struct uring_loop *loop, struct connection *connection);

extern const struct transport uring_transport;

/* The completions of these operations. */
void uring_on_receive(struct uring_loop *loop, const struct io_uring_cqe *completion);
void uring_on_reply(struct uring_loop *loop, unsigned int number, int result);
void uring_on_send(struct uring_loop *loop, struct buffer *buffer, int result);

#endif
