/*
 * server.h - what the parts of a running server share.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "server/base/status.h"
#include "server/listener.h"
#include "server/options.h"

struct server {
	struct server_options options;
	struct listener listener;
	struct status_page *status;
	int signals; /* readable when SIGINT or SIGTERM came */
};

#endif
