/*
 * million_stage.h - server and pulse of a pass: how they are called, started, and whether they are
 * still at work.
 */
#ifndef ANALYSIS_MILLION_STAGE_H
#define ANALYSIS_MILLION_STAGE_H

#include <stdint.h>

#include "analysis/child.h"
#include "analysis/million_pass.h"
#include "server/base/record.h"
#include "server/base/status.h"

/* Opened and closed before anything is measured: what happens once is over then. */
#define MILLION_WARMUP(connections) ((connections) / 10 < 1000 ? (connections) / 10 : 1000)

struct million_stage {
	const struct million *million;
	const struct million_pass *pass;
	struct child server, pulse;
	struct status_page *status;
	char status_path[PATH_MAX + 64];
	char phases_path[PATH_MAX + 64];
};

/* Starts the server, and pulse, which rests for so many ns before the burst. As the pass. */
int million_stage_set(struct million_stage *stage, const struct million *million,
		      const struct million_pass *pass, uint64_t rest, char why[MILLION_WHY]);

/* Connections that are open, of all that were ever; both 0 while the page is written. */
void million_stage_count(const struct million_stage *stage, uint64_t *open, uint64_t *opened);

/*
 * Sleeps for a moment. Returns 0, -EINTR, or 1 with a line in why: a worker or the server died, or
 * a connection was shed. pulse may end; that is for the caller to look at.
 */
int million_stage_look(struct million_stage *stage, char why[MILLION_WHY]);

/* pulse has ended: what came of the burst. As the pass. */
int million_stage_judge(struct million_stage *stage, struct phase *burst, char why[MILLION_WHY]);

/* Stops what runs, in order. */
void million_stage_clear(struct million_stage *stage);

/* The last line of that program's log in text, behind ": "; "" when there is none. */
void million_stage_quote(const struct million *million, const char *pass, const char *name,
			 char *text, size_t room);

#endif
