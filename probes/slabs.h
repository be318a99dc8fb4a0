/*
 * slabs.h - object sizes from /proc/slabinfo, for kernels that cannot be asked for the cache of an
 * object (before 6.13).
 */
#ifndef PROBES_SLABS_H
#define PROBES_SLABS_H

#include <stdint.h>

#include "probes/tables.h"

/*
 * Fills in what one object of each role takes, with its share of the slab's slack. 0 where
 * /proc/slabinfo is not readable or has no cache of the usual name.
 */
void slabs_known_bytes(uint32_t bytes[ROLES]);

#endif
