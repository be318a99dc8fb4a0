/*
 * keeper.h - keeps a program that is not ours, and ends it with all that it has started.
 *
 * A server may fork workers, and workers may leave its process group or outlive it. The keeper is
 * their subreaper, so that each of them becomes its child when its parent ends; it ends them when
 * it is told to (SIGTERM), when tidemark dies, and when the program ends by itself.
 */
#ifndef ANALYSIS_KEEPER_H
#define ANALYSIS_KEEPER_H

/*
 * In a child process of its own: starts argv (found by PATH), in that cgroup.procs unless NULL, and
 * returns when nothing of it is left: its exit status, or 0 when the keeper was told to end it.
 * When a signal ended the program, it ends the keeper, too.
 */
int keeper_run(const char *const argv[], const char *cgroup);

#endif
