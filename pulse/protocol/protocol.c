/*
 * protocol.c - the list of protocols. See protocol.h.
 */
#include "pulse/protocol/protocol.h"

#include <string.h>

static const struct pulse_protocol *const protocols[] = {
	&pulse_idle,
	&pulse_echo,
	&pulse_feed,
	&pulse_websocket,
};

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

const struct pulse_protocol *pulse_protocol_find(const char *name)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (!strcmp(protocols[i]->name, name))
			return protocols[i];
	return NULL;
}
