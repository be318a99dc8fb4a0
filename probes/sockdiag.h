/*
 * sockdiag.h - TCP sockets as sock_diag(7) tells them, for where eBPF is not permitted: their
 * queues are exact, the objects behind them are not known.
 */
#ifndef PROBES_SOCKDIAG_H
#define PROBES_SOCKDIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/tables.h"

#define SOCKDIAG_LISTEN 10 /* TCP_LISTEN */

struct sockdiag_socket {
	struct endpoint local, remote;
	uint32_t state;		/* as in the kernel: 1 is established, 10 listens */
	uint32_t inode;		/* 0: no process has it open */
	bool whole;		/* a socket; not what stands for one in TIME_WAIT or SYN_RECV */
	uint32_t receive_queue; /* bytes: sk_rmem_alloc */
	uint32_t send_queue;	/* sk_wmem_queued */
	uint32_t forward_alloc;
};

/* Calls each with every TCP socket of this network namespace. Returns 0 or -errno. */
int sockdiag_each(void (*each)(void *context, const struct sockdiag_socket *socket), void *context);

/*
 * Where the process listens: fills at most room endpoints. Returns their number, which may be more,
 * or -errno. It looks through /proc/PID/fd, which makes an inode there for each open file: once, at
 * the begin.
 */
int sockdiag_endpoints(uint32_t pid, struct endpoint *endpoints, size_t room);

/*
 * Has the process one of these sockets open? *sockets are inode numbers, as in sockdiag_socket.
 * Returns 1, 0, or -errno: -EACCES, it is not ours to look at. It looks through /proc/PID/fd, too.
 */
int sockdiag_holds(uint32_t pid, const uint32_t *sockets, size_t count);

#endif
