/*
 * tables.h - the records in the eBPF maps: what the programs write, and what the loader, bpftool
 * and anybody else read.
 *
 * Both sides include it. Enumerators carry the names that `bpftool map dump` prints.
 */
#ifndef PROBES_TABLES_H
#define PROBES_TABLES_H

#include <linux/types.h>

/* --- targets: the processes that are followed, by process number -------------------------------
 */

struct target {
	__u32 parent;	   /* the process that forked it; 0: the one that the probe was told */
	__u32 has_markers; /* its program exports the release markers */
	__u64 since;	   /* ns of CLOCK_MONOTONIC */
	__u64 executable;  /* the inode that it ran when it became one; 0: not known */
};

/* --- releases: who gave pages back, and how ----------------------------------------------------
 */

enum release_call {
	CALL_MADVISE,
	CALL_MUNMAP,
	CALL_BRK,
	CALL_MREMAP,
	CALL_PROCESS_MADVISE,
	CALL_MMAP, /* over what was mapped before */
	CALLS,
};

/* The numbers are those of madvise(2). */
enum release_advice {
	ADVICE_NONE = -1, /* the call takes none */
	ADVICE_DONTNEED = 4,
	ADVICE_FREE = 8,
	ADVICE_REMOVE = 9,
	ADVICE_COLD = 20,
	ADVICE_PAGEOUT = 21,
	ADVICE_DONTNEED_LOCKED = 24,
	ADVICE_GUARD_INSTALL = 102,
};

enum release_cause {
	CAUSE_UNKNOWN,	 /* the program has no markers, or another process did it */
	CAUSE_ALLOCATOR, /* outside of the markers: the allocator by itself */
	CAUSE_POLICY,	 /* between the markers */
	CAUSES,
};

struct release_key {
	__u32 pid; /* whose memory it is */
	enum release_call call;
	enum release_advice advice;
	enum release_cause cause;
	__s32 stack; /* key of the map stacks; negative: none */
};

struct release_total {
	__u64 calls;
	__u64 failed;
	__u64 asked_bytes;   /* for process_madvise: what it says it has advised */
	__u64 anon_pages;    /* freed by the calling thread, during the call */
	__u64 other_pages;   /* the same, of page tables and files */
	__u64 swapped_pages; /* written out by the calling thread, freed when that is done */
	__u64 time_ns;
	__u64 longest_ns;
};

/* One call, as the ring buffer carries it. */
struct release_event {
	__u64 time_ns; /* CLOCK_MONOTONIC, at its begin */
	__u64 duration_ns;
	__u64 asked_bytes;
	__u64 anon_pages;
	__u64 other_pages;
	__u64 swapped_pages;
	__s64 result;
	__u32 tid;
	struct release_key key;
};

/* A call that has begun and not ended, by thread number. */
struct release_in_flight {
	__u64 start_ns;
	__u64 wanted; /* of brk: where the break is to be */
	__u64 asked_bytes;
	__u64 anon_pages;
	__u64 other_pages;
	__u64 swapped_pages;
	struct release_key key;
};

#define STACK_DEPTH 32

struct stack {
	__u32 pid; /* of the process that was the first to come this way */
	__u32 unused;
	__u64 address[STACK_DEPTH]; /* innermost first, 0 behind the last */
};

struct code_key {
	__u32 pid;
	__u32 unused;
	__u64 address;
};

/* Where in a file that code is: file_page pages and distance bytes from its begin. */
struct code {
	__u64 distance;	 /* from the begin of the mapping */
	__u64 file_page; /* what is mapped at that begin */
	char file[48];	 /* without its folder; "": none */
};

/* --- processes: what each one holds, and has faulted in ----------------------------------------
 */

struct process_memory {
	__u64 session; /* which reading of the iterator it is from */
	__u64 time_ns; /* of CLOCK_MONOTONIC, when that met its first thread */
	__u64 anon_bytes;
	__u64 file_bytes;
	__u64 shmem_bytes;
	__u64 swap_bytes;
	__u64 minor_faults;
	__u64 major_faults;
	__u32 threads;
	char name[16];
};

/* --- bill: the kernel memory of connections ----------------------------------------------------
 */

struct address {
	__u8 byte[16]; /* IPv4 as ::ffff:a.b.c.d; all zero: any */
};

struct endpoint {
	struct address address;
	__u32 port;
};

/* All of 127.0.0.0/8 is local, though only one of its addresses is listed. */
static inline int is_loopback(const struct address *address)
{
	return address->byte[10] == 0xff && address->byte[11] == 0xff && address->byte[12] == 127;
}

enum bill_end {
	END_SERVER, /* the local endpoint is one that the server listens on */
	END_CLIENT, /* the remote one is, and is of this network namespace */
	ENDS,
};

enum bill_role {
	ROLE_SOCK,	   /* struct tcp_sock or tcp6_sock */
	ROLE_SOCKET_INODE, /* struct socket_alloc */
	ROLE_FILE,
	ROLE_DENTRY,
	ROLE_EPITEM,
	ROLE_POLL_QUEUE,     /* struct eppoll_entry */
	ROLE_EPOLL_HEAD,     /* struct epitems_head */
	ROLE_SECURITY_INODE, /* the LSM's part of inode, file and sock */
	ROLE_SECURITY_FILE,
	ROLE_SECURITY_SOCK,
	ROLE_RING_REQUEST,    /* struct io_kiocb: what io_uring waits with */
	ROLE_RING_POLL,	      /* struct async_poll */
	ROLE_RING_ASYNC_DATA, /* struct io_async_msghdr, or another request's */
	ROLE_BIND_BUCKET,     /* of its port, and */
	ROLE_BIND2_BUCKET,    /* of its port and address, where no other socket has them */
	ROLE_RECEIVE_QUEUE,   /* sk_rmem_alloc */
	ROLE_SEND_QUEUE,      /* sk_wmem_queued */
	ROLE_CONNECTION,      /* the sum of the above */
	ROLE_FORWARD_ALLOC,   /* reserved, not allocated: not in the sum */
	ROLES,
};

/* How many connections have just so many bytes in that role: the whole distribution. */
struct bill_key {
	enum bill_end end;
	enum bill_role role;
	__u32 bytes; /* with the slack of the slab */
};

struct bill_count {
	__u64 connections;
};

/* --- churn: what accept and close allocate and free, by slab cache
 * --------------------------------
 */

enum churn_call {
	CHURN_ACCEPT, /* accept and accept4 */
	CHURN_CLOSE,
	CHURN_CALLS,
};

struct churn_key {
	enum churn_call call;
	char cache[32]; /* caches of one size are merged: a hint, no role */
};

struct churn_total {
	__u64 allocations;
	__u64 allocated_bytes;
	__u64 frees;
	__u64 freed_bytes;
};

/* --- losses: what could not be recorded --------------------------------------------------------
 */

struct losses {
	__u64 targets_full;   /* forked processes that are not followed */
	__u64 processes_full; /* threads whose process is not in processes */
	__u64 in_flight_full; /* calls that are not in releases at all */
	__u64 releases_full;  /* calls that are not in releases, but may be among the events */
	__u64 events_dropped; /* calls that are in releases, but not among the events */
	__u64 stacks_missing; /* calls that are in releases without their stack */
	__u64 bill_full;      /* sizes that are not in the bill */
	__u64 endpoints_full; /* listening sockets whose connections are not in the bill */
	__u64 addresses_full; /* local addresses whose client ends are not in the bill */
	__u64 walk_cut;	      /* connections with more who wait than the bill looks for */
	__u64 churn_full;     /* calls and caches that are not in churn */
};

/* --- probe: whose pins these are ---------------------------------------------------------------
 */

struct probe_identity {
	__u64 pid_namespace; /* inode number */
	__u64 started;	     /* field 22 of /proc/PID/stat: tells a process number used again */
	__u32 pid;
	__u32 target;
};

#endif
