/*
 * target.h - which process is the server, when only its port is known.
 */
#ifndef PROBES_TARGET_H
#define PROBES_TARGET_H

#include <stdint.h>

/*
 * The process that listens on that TCP port here; of several (prefork), the one that the others
 * were forked from. Returns 0 or -errno: -ENOENT, nobody listens; -EACCES, somebody does, but we
 * may not look whose socket it is.
 */
int target_by_port(uint16_t port, uint32_t *pid);

#endif
