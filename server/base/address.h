/*
 * address.h - "127.0.0.1:3033", "[::1]:0": numeric addresses with a port. No name look-ups.
 */
#ifndef SERVER_BASE_ADDRESS_H
#define SERVER_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT 56 /* room for any address_format() */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

/* Reads "A.B.C.D:PORT" or "[V6]:PORT". Returns 0 or -EINVAL. */
int address_parse(const char *text, struct address *address);

uint16_t address_port(const struct address *address);

/* Returns text, for use as a printf argument. */
const char *address_format(char *text, size_t room, const struct address *address);

#endif
