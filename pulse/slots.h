/*
 * slots.h - the inside of a connector, for its parts: connector.c makes connections, slots.c ends
 * them, conversation.c knows who talks on them when, and dialogue.c says and hears. Not for
 * others.
 */
#ifndef PULSE_SLOTS_H
#define PULSE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/connector.h"
#include "pulse/pace.h"
#include "pulse/protocol/protocol.h"

#define WAKE   UINT32_MAX  /* epoll data of the descriptor that is no connection */
#define BUFFER (64 * 1024) /* bytes that are sent or received at once, at most */

enum slot_state {
	SLOT_FREE, /* 0, as fresh memory is */
	SLOT_CONNECTING,
	SLOT_GREETING, /* the hello is not answered yet; still counted as connecting */
	SLOT_OPEN,
	SLOT_LEAVING,  /* has said goodbye, or is about to */
	SLOT_SURVIVOR, /* of an earlier pulse */
};

/* While it is connecting, talk's issued and planned are those of the connect. */
struct slot {
	struct talk talk;
	int fd;
	enum slot_state state;
};

_Static_assert(sizeof(struct slot) == 48, "what a connection costs");

struct conversation {
	struct speech speech;
	struct pace pace;   /* in the open loop */
	uint64_t next;	    /* operation whose time comes next */
	uint64_t next_look; /* ns, when answers that are overdue are looked for */
	uint32_t *turns;    /* the slots that talk, in their order; room for all */
	uint32_t turn_count;
	uint32_t asked;	  /* requests without their answer */
	uint32_t leaving; /* slots in SLOT_LEAVING */
	bool talking;
	uint8_t in[CARRY_MOST + BUFFER];
	uint8_t out[BUFFER];
};

struct connector {
	const struct address *server;
	const struct sources *sources;
	int epoll;
	struct pulse *pulse;
	uint32_t capacity;
	uint32_t next;	 /* a pulse takes the free slots from here on, so they are in its order */
	uint32_t oldest; /* no slot before this one is connecting */
	uint32_t used;	 /* no slot from here on has ever been taken */
	bool closing;	 /* the pulse */
	uint32_t closed; /* it is, up to this slot */
	uint64_t survivors;
	struct slot *slots;
	struct conversation conversation;
};

/* --- connector.c --- */

/* The connection is ready for whatever comes. */
void connector_establish(struct connector *connector, struct slot *slot, uint64_t now);

/* There is more to be read than was: it comes up again in the next turn. Returns 0 or -errno. */
int connector_look_again(struct connector *connector, struct slot *slot);

/* --- slots.c --- */

void connector_count_loss(struct connector *connector, int error);

/* Closes a connection and counts it as lost to that errno. */
void connector_lose(struct connector *connector, struct slot *slot, int error);

/* Closes it; also takes it out of epoll, for nobody else has this socket open. */
void connector_close_slot(struct connector *connector, struct slot *slot);

static inline const struct pulse_protocol *slots_protocol(const struct connector *connector)
{
	return connector->conversation.speech.script.protocol;
}

/* --- dialogue.c --- */

/* These words are to be said, after those that are under way. */
void dialogue_owe(struct talk *talk, enum words words);
bool dialogue_is_due(const struct talk *talk, enum words words);

/* Sends what is due, as far as the socket takes it. Returns 0 or -errno. */
int dialogue_say(struct connector *connector, struct slot *slot);

/*
 * Reads and takes in what has come. Returns 0, the -errno to which the connection is lost, or 1
 * when it has been ended in order.
 */
int dialogue_hear(struct connector *connector, struct slot *slot, uint64_t now);

/* --- conversation.c --- */

/* The answer to the request under way has come. Returns 0 or -errno. */
int conversation_answered(struct connector *connector, struct slot *slot, uint64_t now);

void conversation_begin(struct connector *connector);

/*
 * Reads what has come and sends what waits for room, as epoll's events say. Returns as
 * dialogue_hear().
 */
int conversation_continue(struct connector *connector, struct slot *slot, uint32_t events,
			  uint64_t now);

/* Says hello on a connection that has just been made. Returns 0 or -errno. */
int conversation_greet(struct connector *connector, struct slot *slot);

/*
 * Issues the requests that are due and gives up on answers that are overdue. Returns whether there
 * were such.
 */
bool conversation_act(struct connector *connector, uint64_t now);

/* When there is something to be done; UINT64_MAX: only when something comes. */
uint64_t conversation_next(const struct connector *connector);

/* A connection is about to be closed: counts what it still owes, and frees what it holds. */
void conversation_end(struct connector *connector, struct slot *slot);

#endif
