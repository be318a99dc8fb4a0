/*
 * pins.h - what bpftool and cat can look at while the probe runs:
 * /sys/fs/bpf/tidemark/<probe pid>/{maps,progs,links,iters}, and the link "current" to the newest.
 *
 * A pin outlives a probe that was killed; the next probe finds and removes it.
 */
#ifndef PROBES_PINS_H
#define PROBES_PINS_H

#include <stddef.h>
#include <stdint.h>

#include "probes/programs.h"

#define PINS_FOLDER "/sys/fs/bpf/tidemark"
#define PINS_PATH   128

struct pins {
	char folder[PINS_PATH]; /* "": nothing is pinned */
};

/* Mounts bpffs where it is missing. Returns 0 or -errno. */
int pins_mount(void);

/*
 * Removes what probes that are gone have left, never what a live one holds. Writes their process
 * numbers to names ("" when there were none).
 */
void pins_sweep(char *names, size_t room);

/* Pins all that is loaded and attached. On failure nothing stays pinned; returns 0 or -errno. */
int pins_make(struct pins *pins, const struct programs *programs, uint32_t target);

void pins_remove(struct pins *pins);

#endif
