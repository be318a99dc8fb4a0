/*
 * addresses.c - the addresses of this network namespace. See addresses.h.
 */
#include "probes/addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool read_address(struct address *address, const struct sockaddr *socket)
{
	memset(address, 0, sizeof(*address));
	if (socket && socket->sa_family == AF_INET6) {
		memcpy(address->byte, &((const struct sockaddr_in6 *)socket)->sin6_addr, 16);
		return true;
	}
	if (!socket || socket->sa_family != AF_INET)
		return false;
	address->byte[10] = address->byte[11] = 0xff;
	memcpy(address->byte + 12, &((const struct sockaddr_in *)socket)->sin_addr, 4);
	return true;
}

int addresses_list(struct address **addresses)
{
	struct ifaddrs *interfaces;
	size_t room = 0;
	int count = 0;

	if (getifaddrs(&interfaces))
		return -errno;
	for (const struct ifaddrs *at = interfaces; at; at = at->ifa_next)
		room++;
	*addresses = calloc(room + 1, sizeof(**addresses));
	for (const struct ifaddrs *at = interfaces; *addresses && at; at = at->ifa_next)
		if (read_address(*addresses + count, at->ifa_addr))
			count++;
	freeifaddrs(interfaces);
	return *addresses ? count : -ENOMEM;
}
