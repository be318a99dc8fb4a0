/*
 * options.h - the server's command line.
 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "server/arch/arch.h"
#include "server/base/address.h"
#include "server/base/options.h"
#include "server/footprint.h"
#include "server/protocol/protocol.h"
#include "server/release.h"
#include "server/tune.h"

struct named_footprint {
	struct footprint footprint;
	const char *text; /* as it was written */
};

enum share {
	SHARE_DEFAULT,
	SHARE_PORT,	/* a listener for each worker, with SO_REUSEPORT */
	SHARE_LISTENER, /* one for all */
};

struct server_options {
	struct address listen;
	const struct architecture *arch;
	uint64_t workers;
	enum share share;
	uint64_t stack; /* bytes, of a connection's thread; 0: the default */
	const struct protocol *protocol;
	uint64_t timeout;	    /* ns that a peer may owe us something */
	uint64_t websocket_limit;   /* bytes of a message; 0: the default */
	uint64_t websocket_buffers; /* bytes of a connection's read and write buffer; 0: none */
	struct named_footprint footprint;
	struct release_choice release;
	struct tune tune;
	uint64_t backlog; /* 0: as long as the kernel allows */
	const char *status;
	uint64_t log_every; /* 0: no log */
	int ready_fd;
	int check;
	int help;
};

/* Returns 0, or -EINVAL with a line in why. */
int server_options_parse(struct server_options *options, int argc, char *const argv[],
			 char why[OPTIONS_WHY]);

/* Prints --help. */
void server_options_help(FILE *file);

#endif
