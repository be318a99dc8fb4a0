/*
 * allocator.h - the plug-in interface: how memory is taken and handed back.
 *
 * A plug-in is one folder: allocator.c, which defines the one symbol below, and allocator.mk, which
 * says what it is linked with. It knows nothing of the server: when to release, and where blocks
 * are kept, is the server's business. allocators/skeleton/ is the commented template.
 */
#ifndef ALLOCATORS_ALLOCATOR_H
#define ALLOCATORS_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALLOCATOR_INTERFACE 2
#define ALLOCATOR_TEXT	    256	       /* room for any text that a plug-in writes */
#define ALLOCATOR_ABSENT    UINT64_MAX /* a statistic that this allocator does not keep */

enum knob_when {
	KNOB_STARTUP, /* through the environment, before the allocator wakes up */
	KNOB_RUNTIME, /* through a call, at any time */
};

/* One tunable, in the allocator's own terms. */
struct allocator_knob {
	const char *name;
	enum knob_when when;
	/*
	 * Startup knobs: the environment variable, and what goes into it before the value
	 * ("dirty_decay_ms:" in MALLOC_CONF). Several terms of one variable are joined by
	 * allocator.join. term is NULL where the knob has the variable to itself.
	 */
	const char *variable;
	const char *term;
	const char *help;
};

struct allocator_stats {
	uint64_t used; /* bytes handed out and not given back, as the allocator counts them */
	uint64_t free; /* bytes it keeps resident without anybody using them */
};

/*
 * Functions that return int give 0 or -errno. Optional members are NULL where the allocator has
 * nothing of the kind; the server then says so and never imitates it.
 */
struct allocator {
	int interface; /* ALLOCATOR_INTERFACE */
	const char *name;

	/* The version of the library that is live in this process (not of the header). */
	const char *(*version)(void);

	/*
	 * Optional. Once in each process, before the first take, and again in every child after
	 * fork: what does not survive a fork (a background thread) is put up again here.
	 */
	int (*start_process)(void);

	/* Optional. On each thread that takes and gives, at its begin and at its end. */
	int (*start_thread)(void);
	void (*stop_thread)(void);

	/* A block of size bytes, aligned as malloc does, or NULL. give gets the same size. */
	void *(*take)(size_t size);
	void (*give)(void *block, size_t size);

	/*
	 * Releasing has two steps, so that with many loops nothing is done twice: each loop's
	 * thread empties what only it can empty (optional), then one of them has the process hand
	 * pages back. release_process writes a remark to why when it knows that it could not do
	 * its work ("released nothing: ..."), else it leaves why alone. It may do its work in
	 * steps, the shorter the better, and then returns 1 while there is more: the server serves
	 * its connections in between, and calls again. What the last step remarks is said.
	 */
	void (*flush_thread)(void);
	int (*release_process)(char why[ALLOCATOR_TEXT]);

	/*
	 * Tuning. knobs ends with a row whose name is NULL. set is called for runtime knobs;
	 * -EINVAL: the allocator refused the value. get writes the value now in effect, -ENOTSUP
	 * where it cannot be read back. Both say -ENOENT when the live version has no such knob.
	 */
	const struct allocator_knob *knobs;
	char join;
	int (*set)(const struct allocator_knob *knob, const char *value);
	int (*get)(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT]);

	/*
	 * Optional. How long at the most, in ns, this allocator as it is tuned waits before it
	 * hands memory back of its own accord; 0: it does not wait, or never does it.
	 */
	uint64_t (*delay)(void);

	/* Optional. May be slow (glibc walks all free lists): the server asks seldom. */
	int (*stats)(struct allocator_stats *stats);

	/*
	 * Which allocator serves malloc in this process, and how we know: writes one sentence.
	 * -ENOENT: it is not this one; the sentence says which.
	 */
	int (*proof)(char sentence[ALLOCATOR_TEXT]);

	/*
	 * Optional, for compaction: moves a block to a place that helps to empty a page, and
	 * returns the new place, or block itself where it stands well. The caller corrects its
	 * own pointer; a plug-in never remembers where that is kept.
	 */
	void *(*move)(void *block, size_t size);

	/* With move only: is moving switched on? */
	bool (*wants_moves)(void);
};

extern const struct allocator allocator;

#endif
