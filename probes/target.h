/*
 * target.h - which process is the server, when only its port is known.
 */
#ifndef PROBES_TARGET_H
#define PROBES_TARGET_H

#include <stdint.h>

/*
 * The process that listens on that TCP port here. Of a server and the workers that it forked, which
 * run the same program, it is the server; of a server and what started it with the socket open
 * (systemd, inetd), which runs another one, it is the server, too. Returns 0 or -errno: -ENOENT,
 * nobody listens; -EACCES, somebody does, but we may not look whose socket it is; -EEXIST, several
 * do that are not related.
 */
int target_by_port(uint16_t port, uint32_t *pid);

#endif
