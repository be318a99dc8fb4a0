/*
 * million_figures.c - the numbers of a pass. See million_figures.h.
 */
#include "analysis/million_figures.h"

#include <math.h>

static double change(uint64_t from, uint64_t to)
{
	return (double)to - (double)from;
}

/* NAN where there is nothing to compare with: a machine that does other things as well. */
static double share(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* Bytes a connection between two samples. */
static double slope(const struct million_sample *from, const struct million_sample *to, int which)
{
	double connections = change(from->connections, to->connections);

	if (which == 0)
		return share(change(from->machine.slab, to->machine.slab), connections);
	if (which == 1)
		return share(change(from->server, to->server), connections);
	return share(change(from->pulse, to->pulse), connections);
}

void million_figures_of(struct million_figures *figures, const struct million_pass *pass)
{
	const struct million_sample *base = &pass->samples[0], *full = &pass->full;
	const struct million_sample *half = &pass->samples[pass->count / 2];
	double connections = (double)pass->connections;

	figures->server = change(base->server, full->server) / connections;
	figures->pulse = change(base->pulse, full->pulse) / connections;
	figures->server_base = (double)base->server;
	figures->pulse_base = (double)base->pulse;
	figures->slab = change(base->machine.slab, full->machine.slab) / connections;
	figures->tables = change(base->tables, full->tables) / connections;
	figures->taken = change(full->machine.available, base->machine.available) / connections;
	figures->returned = share(change(full->machine.available, pass->after.machine.available),
				  change(full->machine.available, base->machine.available));
	figures->slab_returned = share(change(pass->after.machine.slab, full->machine.slab),
				       change(base->machine.slab, full->machine.slab));
	for (int i = 0; i < 3; i++)
		figures->bend[i] = share(slope(half, full, i), slope(base, half, i));
}
