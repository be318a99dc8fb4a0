/*
 * steady.h - when connections were open and idle: none being opened or closed, nothing said on
 * them.
 *
 * The kernel memory of a connection (bill.h) means something at such times only. A connection that
 * its client has closed still waits for its server with a FIN in its queue, and one that talks has
 * data there: 840 bytes each on a 6.18.
 */
#ifndef ANALYSIS_STEADY_H
#define ANALYSIS_STEADY_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/recording.h"

/*
 * Were so many connections, and no others, open and idle from one moment to another? Pulse must
 * neither have been opening nor closing any by its phases, nor been asking for answers; behind a
 * phase there must be just its survivors. Where the server says what it has opened and closed
 * (status page), that must not have changed, and its difference must be this number.
 */
bool steady_between(const struct recording *recording, uint64_t from, uint64_t to,
		    uint64_t connections);

#endif
