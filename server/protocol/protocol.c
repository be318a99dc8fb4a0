/*
 * protocol.c - the list of protocols. See protocol.h.
 */
#include "server/protocol/protocol.h"

#include <string.h>

static const struct protocol *const protocols[] = {
	&protocol_idle,
	&protocol_echo,
	&protocol_feed,
	&protocol_websocket,
};

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

const struct protocol *protocol_find(const char *name)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (!strcmp(protocols[i]->name, name))
			return protocols[i];
	return NULL;
}

void protocol_help(FILE *file)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		fprintf(file, "  %-15s %s\n", protocols[i]->name, protocols[i]->help);
}
