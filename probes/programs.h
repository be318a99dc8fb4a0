/*
 * programs.h - loads and attaches the eBPF programs, each for itself: what this kernel or these
 * rights do not allow is skipped, with the reason, and the others go on.
 *
 * Knows the programs' names and what each is for; what is in their maps is the callers' business.
 */
#ifndef PROBES_PROGRAMS_H
#define PROBES_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct bpf_link;
struct bpf_object;
struct programs;

struct programs_options {
	uint32_t pid;	     /* whose program is searched for release markers */
	bool churn;	     /* also the programs that count slab allocations of accept and close */
	bool only_bill;	     /* nothing but what the bill needs */
	const char *refused; /* why nothing is to be loaded; NULL: what can be */
};

/*
 * Loads and attaches what can be. Returns 0, also when some or all programs had to be skipped, or
 * -ENOMEM. *programs is for the caller to close.
 */
int programs_open(struct programs **programs, const struct programs_options *options);

/* Detaches and unloads. Takes NULL. */
void programs_close(struct programs *programs);

/* Prints a line for each program: attached, or skipped and why. */
void programs_report(const struct programs *programs, FILE *file);

bool programs_attached(const struct programs *programs, const char *name);

/* The link of an attached program, or NULL. It stays the programs'. */
struct bpf_link *programs_link(const struct programs *programs, const char *name);

/* For what works on all maps and programs; NULL when nothing could be loaded. */
struct bpf_object *programs_object(const struct programs *programs);

/* The descriptor of a map, or -ENOENT. */
int programs_map(const struct programs *programs, const char *name);

/*
 * Reads an iterator to its end into text (NULL: throws it away) and terminates it. Returns the
 * number of bytes, or -errno: -ENOENT, the program is not attached; -ENOSPC, there is more.
 */
int64_t programs_read(const struct programs *programs, const char *name, char *text, size_t room);

#endif
