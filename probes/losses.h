/*
 * losses.h - what the eBPF programs could not record: full maps, a full ring buffer, and events at
 * which the kernel did not run a program because it was running already on that CPU.
 */
#ifndef PROBES_LOSSES_H
#define PROBES_LOSSES_H

#include <stdint.h>

#include "probes/programs.h"
#include "probes/tables.h"
#include "server/base/record.h"

/*
 * Calls each with a row for every counter, zero or not; stops when it returns non-zero. own is what
 * the probe itself has lost.
 */
int losses_each(const struct programs *programs, const struct losses *own,
		int (*each)(void *context, struct loss_row *row), void *context);

#endif
