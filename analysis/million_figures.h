/*
 * million_figures.h - the numbers of a pass: by connection, and as shares.
 */
#ifndef ANALYSIS_MILLION_FIGURES_H
#define ANALYSIS_MILLION_FIGURES_H

#include "analysis/million_pass.h"

/*
 * Bytes a connection; a pair has two ends. A share or a bend of what did not grow is NAN: with few
 * connections on a machine that others use.
 */
struct million_figures {
	double server, pulse;		/* of their processes, beyond their base */
	double server_base, pulse_base; /* bytes in all */
	double slab;			/* that the machine's slab grew by, a pair */
	double tables;			/* that their descriptor tables grew by, a pair */
	double taken;			/* that MemAvailable fell by, a pair */
	double returned;		/* share of that fall that was back afterwards */
	double slab_returned;		/* share of the slab's growth that was back */
	double bend[3]; /* growth of the second half over that of the first: slab, server, pulse */
};

void million_figures_of(struct million_figures *figures, const struct million_pass *pass);

#endif
