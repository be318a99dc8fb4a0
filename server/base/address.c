/*
 * address.c - numeric addresses with a port. See address.h.
 */
#include "server/base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server/base/units.h"

int address_parse(const char *text, struct address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	size_t length;
	uint64_t port;
	int bracket = text[0] == '[';

	if (!colon || parse_count(colon + 1, &port) || port > UINT16_MAX)
		return -EINVAL;
	length = (size_t)(colon - text);
	if (bracket) {
		if (length < 2 || text[length - 1] != ']')
			return -EINVAL;
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';

	memset(address, 0, sizeof(*address));
	if (bracket) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons((uint16_t)port);
		address->length = sizeof(address->v6);
		return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1 ? 0 : -EINVAL;
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons((uint16_t)port);
	address->length = sizeof(address->v4);
	return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1 ? 0 : -EINVAL;
}

uint16_t address_port(const struct address *address)
{
	if (address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return ntohs(address->v4.sin_port);
}

const char *address_format(char *text, size_t room, const struct address *address)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
		snprintf(text, room, "[%s]:%u", host, address_port(address));
	} else {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
		snprintf(text, room, "%s:%u", host, address_port(address));
	}
	return text;
}
