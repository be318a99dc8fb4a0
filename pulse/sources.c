/*
 * sources.c - the addresses that connections come from. See sources.h.
 */
#include "pulse/sources.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/units.h"

/* Addresses are counted in their last 32 bits. */
#define COUNTED_BITS 32

/* Of the ports of an address, one in so many is used: measured in docs/decisions/0016. */
#define USED_PART 4

/* The last 32 bits of an address, in the byte order of the network. */
static void *last_bits(struct address *address)
{
	if (address->any.sa_family == AF_INET6)
		return (char *)&address->v6.sin6_addr + 12;
	return &address->v4.sin_addr;
}

static void advance(struct address *address, uint64_t by)
{
	uint32_t bits;

	memcpy(&bits, last_bits(address), sizeof(bits));
	bits = htonl(ntohl(bits) + (uint32_t)by);
	memcpy(last_bits(address), &bits, sizeof(bits));
}

/* text without its "/BITS" and, around an IPv6 address, without brackets. */
static int parse_host(const char *text, size_t length, struct address *address)
{
	char host[INET6_ADDRSTRLEN];

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->length = sizeof(address->v4);
		return 0;
	}
	address->v6.sin6_family = AF_INET6;
	address->length = sizeof(address->v6);
	return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1 ? 0 : -EINVAL;
}

int sources_parse(const char *text, struct sources *sources)
{
	const char *slash = strchrnul(text, '/');
	struct sources read = { .count = 1 };
	uint64_t width, bits, free_bits;

	if (parse_host(text, (size_t)(slash - text), &read.first))
		return -EINVAL;
	width = bits = read.first.any.sa_family == AF_INET6 ? 128 : 32;
	if (*slash && (parse_count(slash + 1, &bits) || bits > width))
		return -EINVAL;
	free_bits = MIN(width - bits, COUNTED_BITS);
	if (free_bits) {
		uint32_t host;

		read.count = UINT64_C(1) << free_bits;
		memcpy(&host, last_bits(&read.first), sizeof(host));
		advance(&read.first, -(ntohl(host) & (read.count - 1)));
	}
	if (width == 32 && free_bits > 1) {
		advance(&read.first, 1);
		read.count -= 2;
	}
	*sources = read;
	return 0;
}

void sources_narrow(struct sources *sources, uint64_t ports, uint64_t ports_each)
{
	uint64_t enough = howmany(USED_PART * ports, MAX(ports_each, 1));

	sources->count = MIN(sources->count, MAX(enough, 1));
}

void sources_address(const struct sources *sources, uint64_t number, struct address *address)
{
	*address = sources->first;
	advance(address, number % sources->count);
}

int sources_bind(const struct sources *sources, uint64_t number, int fd)
{
	struct address address;
	int on = 1;

	if (!sources->count)
		return 0;
	sources_address(sources, number, &address);
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
	    bind(fd, &address.any, address.length))
		return -errno;
	return 0;
}

bool sources_suit(const struct sources *sources, const struct address *server)
{
	return !sources->count || sources->first.any.sa_family == server->any.sa_family;
}
