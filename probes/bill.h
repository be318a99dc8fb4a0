/*
 * bill.h - what the server's connections cost the kernel now, from the distribution that
 * bill.bpf.c leaves in its map.
 */
#ifndef PROBES_BILL_H
#define PROBES_BILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/programs.h"
#include "probes/tables.h"

struct bill_line {
	uint64_t connections; /* that have any */
	uint64_t total;	      /* bytes */
	uint64_t least, median, most;
};

enum bill_source {
	BILL_EXACT,	/* object by object, sizes asked from the kernel */
	BILL_ESTIMATED, /* object by object, sizes from tables */
	BILL_QUEUES,	/* from sock_diag: queues only, the objects are not known */
};

struct bill {
	uint64_t time; /* ns, when the walk began */
	uint64_t cost; /* ns that it took */
	enum bill_source source;
	size_t endpoints; /* where the server listens; 0: nowhere, so nothing is its connection */
	struct bill_line lines[ENDS][ROLES];
};

/* Room that reading needs, so that it allocates nothing while sampling goes on. */
struct bill_reader;

/*
 * The server's process number is for where eBPF is not permitted. The addresses of this network
 * namespace are those of this moment. NULL: no memory.
 */
struct bill_reader *bill_reader_new(const struct programs *programs, uint32_t pid);

/* What did not fit into the reader's own room. */
const struct losses *bill_reader_losses(const struct bill_reader *reader);

void bill_reader_free(struct bill_reader *reader);

/*
 * Walks the connections. Returns 0, or -errno: -EAGAIN, somebody else read the bill at the same
 * time.
 */
int bill_read(struct bill_reader *reader, struct bill *bill);

/* Prints a table for people. */
void bill_print(const struct bill *bill, FILE *file);

#endif
