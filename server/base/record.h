/*
 * record.h - the CSV files of a run directory: their columns, and how they are written and read.
 *
 * A record file opens with one comment line that names format, version, boot id and the clock
 * pair; then the column names; then a row a line. Times are ns of CLOCK_MONOTONIC, sizes bytes.
 * An empty field is a value that was not available. docs/record.md explains each column.
 */
#ifndef SERVER_BASE_RECORD_H
#define SERVER_BASE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RECORD_VERSION 1
#define RECORD_ABSENT  UINT64_MAX
#define RECORD_NAME    32

/* Every 10 ms: what a server holds, and what it says of itself at that moment. */
struct sample {
	uint64_t time;
	uint64_t anon; /* statm's resident less shared */
	uint64_t opened;
	uint64_t closed;
	uint64_t shed;
	uint64_t live_bytes;
	uint64_t live_blocks;
	uint64_t state_bytes;
	uint64_t table_bytes;
	uint64_t last_close;
	uint64_t releases;
	uint64_t stall_total;
	uint64_t stall_max;
	uint64_t released_bytes;
	uint64_t heap_used;
	uint64_t heap_free;
};

/* Every second, and soon after traffic went quiet: what is dearer to read. */
struct rollup {
	uint64_t time;
	uint64_t rss;
	uint64_t pss;
	uint64_t anon;
	uint64_t anon_huge;
	uint64_t lazyfree;
	uint64_t swap;
	uint64_t minor_faults;
	uint64_t major_faults;
	uint64_t cpu_user;
	uint64_t cpu_system;
	uint64_t threads;
	uint64_t cgroup_bytes; /* usage of the server's memory cgroup */
	uint64_t cost;	       /* ns that reading this row took */
	uint64_t probe_cpu;    /* ns of CPU that the sampler itself has used */
};

/* With the samples: CPU time of the whole server, all of its processes, since they began. */
struct cpu_row {
	uint64_t time;
	uint64_t processes; /* those that run */
	uint64_t cpu;	    /* ns; that of ended ones stays in it */
};

/*
 * With the rollups, for each process: its threads, and a row for what these do not have of its CPU
 * time. The rows of one time and process add up to that process.
 */
struct thread_row {
	char name[RECORD_NAME]; /* "-" in that last row */
	uint64_t time;
	uint64_t pid;
	uint64_t thread;  /* absent: the threads that have ended, and those without a row */
	uint64_t threads; /* 1; in that last row, how many run without one */
	uint64_t cpu;	  /* ns */
	uint64_t user;	  /* ns, to a tick (10 ms on most machines), as the kernel estimates it */
	uint64_t system;
};

/* One for each phase of a schedule. */
struct phase {
	char name[RECORD_NAME]; /* warmup, rest, burst, gap, window, trickle */
	uint64_t number;	/* counts the phases of that name from 1 */
	uint64_t start;
	uint64_t established; /* when the last wanted connection was */
	uint64_t closing;     /* when the first was closed again */
	uint64_t end;	      /* when the last close() had returned, or the rest was over */
	uint64_t wanted;
	uint64_t connected;
	uint64_t lost_refused; /* ECONNREFUSED */
	uint64_t lost_reset;   /* ECONNRESET, EPIPE, or closed by the server before we did */
	uint64_t lost_timeout; /* ETIMEDOUT, or not established when the phase's time was up */
	uint64_t lost_ports;   /* EADDRNOTAVAIL: no source port left */
	uint64_t lost_files;   /* EMFILE, ENFILE, ENOBUFS, ENOMEM */
	uint64_t lost_wrong;   /* EBADMSG: a byte came that was not the right one */
	uint64_t lost_other;
	uint64_t survivors; /* left open behind this phase, by this one and earlier ones */
	/* Connect latency in ns, from the planned time and (raw) from connect() itself. */
	uint64_t connect_p50, connect_p90, connect_p99, connect_max;
	uint64_t raw_p50, raw_p90, raw_p99, raw_max;
	uint64_t out_of_range; /* latencies that the histogram could not hold */
};

/* What was said in a phase, where its protocol says anything. */
struct traffic_row {
	char name[RECORD_NAME]; /* of the phase, and its number */
	uint64_t number;
	uint64_t begin, end; /* of the window in which requests were issued, common to all loops */
	uint64_t length;     /* ns of it, their mean */
	uint64_t operations; /* answered within it */
	uint64_t outside;    /* answered before or after it */
	uint64_t unsent;     /* planned within it, and never sent */
	uint64_t wrong, timeouts, late;
	uint64_t bytes_sent, bytes_received;
	/* Latency in ns, from the planned time and (raw) from sending. */
	uint64_t p50, p90, p99, p999, max;
	uint64_t raw_p50, raw_p90, raw_p99, raw_p999, raw_max;
	uint64_t out_of_range; /* latencies that the histograms could not hold */
};

/* One for each way in which a process gave memory back: who, through which call, how much. */
struct release_row {
	char call[RECORD_NAME];	  /* madvise, munmap, brk, mremap, process_madvise */
	char advice[RECORD_NAME]; /* dontneed, free, ...; "-" where the call takes none */
	char cause[RECORD_NAME];  /* policy, allocator, unknown */
	uint64_t pid;
	uint64_t stack; /* number of the user stack in stacks.txt */
	uint64_t calls;
	uint64_t failed;
	uint64_t asked;
	uint64_t freed;	      /* anonymous memory that the kernel freed during the calls */
	uint64_t freed_other; /* page tables and files, freed during the calls */
	uint64_t swapped;     /* written to swap by the calls, and freed after that */
	uint64_t duration;
	uint64_t longest;
};

/* The single calls, in time. */
struct release_event_row {
	char call[RECORD_NAME];
	char advice[RECORD_NAME];
	char cause[RECORD_NAME];
	uint64_t time; /* at its begin */
	uint64_t pid;
	uint64_t thread;
	uint64_t stack;
	uint64_t asked;
	uint64_t freed;
	uint64_t freed_other;
	uint64_t swapped;
	uint64_t duration;
};

/* Every second, for each process of the server. */
struct process_row {
	uint64_t time;
	uint64_t pid;
	uint64_t threads;
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
	uint64_t swap;
	uint64_t minor_faults;
	uint64_t major_faults;
};

/* Whenever traffic goes quiet: the kernel memory of the connections, by its role. */
struct bill_row {
	char end[RECORD_NAME];	/* server, client */
	char role[RECORD_NAME]; /* sock, file, ...; connection: the sum of them */
	uint64_t time;
	uint64_t connections;
	uint64_t total;
	uint64_t least; /* of one connection */
	uint64_t median;
	uint64_t most;
	uint64_t source; /* 0: exact; 1: sizes estimated; 2: queues only, from sock_diag */
	uint64_t cost;	 /* ns that reading the bill took */
};

/* What accept and close allocate and free in the kernel. */
struct churn_row {
	char call[RECORD_NAME];	 /* accept, close */
	char cache[RECORD_NAME]; /* of the slab allocator, which merges caches: a hint */
	uint64_t allocations;
	uint64_t allocated;
	uint64_t frees;
	uint64_t freed;
};

/* At the end: what could not be recorded. All zero: the record is complete. */
struct loss_row {
	char what[RECORD_NAME];	   /* events_dropped, ...; missed: a program did not run */
	char program[RECORD_NAME]; /* "-": not a single one */
	uint64_t count;
};

struct record_kind;

extern const struct record_kind record_samples;
extern const struct record_kind record_rollups;
extern const struct record_kind record_cpu;
extern const struct record_kind record_threads;
extern const struct record_kind record_phases;
extern const struct record_kind record_traffic;
extern const struct record_kind record_releases;
extern const struct record_kind record_events;
extern const struct record_kind record_processes;
extern const struct record_kind record_bill;
extern const struct record_kind record_churn;
extern const struct record_kind record_losses;

/* Writes the two head lines. Returns 0 or -errno. */
int record_begin(const struct record_kind *kind, FILE *file);

/* Appends one row. Returns 0 or -errno. */
int record_append(const struct record_kind *kind, FILE *file, const void *row);

/*
 * Reads a whole file into *rows, for the caller to free, and its number into *count. Returns 0 or
 * -errno: -EPROTO when it is no such record or of another version, -EBADMSG when a row is damaged;
 * then *line is its number.
 */
int record_load(const struct record_kind *kind, const char *path, void **rows, size_t *count,
		size_t *line);

#endif
