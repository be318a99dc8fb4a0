/*
 * addresses.h - the addresses of this network namespace, by which a client on this machine is told
 * from one that is connected elsewhere.
 */
#ifndef PROBES_ADDRESSES_H
#define PROBES_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/tables.h"

/*
 * Returns their number, or -errno. *addresses is the caller's to free. All of 127.0.0.0/8 is local
 * as well: is_loopback().
 */
int addresses_list(struct address **addresses);

#endif
