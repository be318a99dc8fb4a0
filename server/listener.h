/*
 * listener.h - the listening socket, and what to do when descriptors run out.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include <pthread.h>
#include <stdbool.h>

#include "server/base/address.h"
#include "server/base/units.h"

#define LISTENER_REST (10 * NS_PER_MS)

struct listener {
	int fd;
	int spare; /* given up for a moment to accept and shed a connection on EMFILE */
	/*
	 * Shared by who accepts, held alone by who sheds: another thread's accept would take the
	 * spare descriptor. NULL where one thread accepts.
	 */
	pthread_rwlock_t *descriptors;
	/*
	 * An eventfd that a process rings when it leaves what waits here to the others that share
	 * the listener, and a supervisor when one of them is gone; -1: none does. Nobody reads it:
	 * for EPOLLET each ring is news.
	 */
	int bell;
	struct address address;
};

/*
 * Listens on *address; port 0 becomes the one that the kernel chose. backlog 0: as long as the
 * kernel allows. shared: other listeners of this user may share the port (SO_REUSEPORT). Returns 0
 * or -errno.
 */
int listener_open(struct listener *listener, const struct address *address, int backlog,
		  bool shared);

/*
 * The next connection's descriptor, or -errno; -EAGAIN: nobody waits. flags: SOCK_NONBLOCK or 0,
 * for the connection; accepting itself never blocks.
 */
int listener_accept(const struct listener *listener, int flags);

/* How many connections wait to be accepted at this moment; 0 when that cannot be told. */
unsigned int listener_waiting(const struct listener *listener);

/*
 * Descriptors ran out: takes a connection that waits and closes it, so that its client sees an end
 * instead of silence. Returns 0, or -errno when there was none or no spare descriptor.
 */
int listener_shed(struct listener *listener);

/*
 * Whether that -errno of accepting, or of shedding, is a lack that others must end. Who waits goes
 * on waiting, and so does the event of a listener: it is to be asked again after LISTENER_REST.
 * Whoever could accept is to regain the spare descriptor, which the lack may have cost.
 */
bool listener_lacks(int error);

/*
 * The two halves of that, for who accepts by other means: gives the spare descriptor and its file
 * up, and takes one again, as soon as there is one. -EMFILE: there was none to give up.
 */
int listener_yield_spare(struct listener *listener);
void listener_regain_spare(struct listener *listener);

/*
 * After a fork the spare is one open file with the parent's, and to give it up frees no file: takes
 * one of this process's own, or none for as long as there is none.
 */
void listener_own_spare(struct listener *listener);

void listener_close(struct listener *listener);

#endif
