/*
 * names.h - what the enumerators of tables.h are called in tables and records. Both sides include
 * it.
 */
#ifndef PROBES_NAMES_H
#define PROBES_NAMES_H

#include "probes/tables.h"

#define NAME 16

static const char release_call_names[CALLS][NAME] = {
	[CALL_MADVISE] = "madvise",
	[CALL_MUNMAP] = "munmap",
	[CALL_BRK] = "brk",
	[CALL_MREMAP] = "mremap",
	[CALL_PROCESS_MADVISE] = "process_madvise",
	[CALL_MMAP] = "mmap",
};

static const char release_cause_names[CAUSES][NAME] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_ALLOCATOR] = "allocator",
	[CAUSE_POLICY] = "policy",
};

static const char bill_end_names[ENDS][NAME] = {
	[END_SERVER] = "server",
	[END_CLIENT] = "client",
};

static const char bill_role_names[ROLES][NAME] = {
	[ROLE_SOCK] = "sock",
	[ROLE_SOCKET_INODE] = "socket_inode",
	[ROLE_FILE] = "file",
	[ROLE_DENTRY] = "dentry",
	[ROLE_EPITEM] = "epitem",
	[ROLE_POLL_QUEUE] = "poll_queue",
	[ROLE_EPOLL_HEAD] = "epoll_head",
	[ROLE_SECURITY_INODE] = "security_inode",
	[ROLE_SECURITY_FILE] = "security_file",
	[ROLE_SECURITY_SOCK] = "security_sock",
	[ROLE_RING_REQUEST] = "ring_request",
	[ROLE_RING_POLL] = "ring_poll",
	[ROLE_RING_ASYNC_DATA] = "ring_async_data",
	[ROLE_BIND_BUCKET] = "bind_bucket",
	[ROLE_BIND2_BUCKET] = "bind2_bucket",
	[ROLE_RECEIVE_QUEUE] = "receive_queue",
	[ROLE_SEND_QUEUE] = "send_queue",
	[ROLE_CONNECTION] = "connection",
	[ROLE_FORWARD_ALLOC] = "forward_alloc",
};

static const char churn_call_names[CHURN_CALLS][NAME] = {
	[CHURN_ACCEPT] = "accept",
	[CHURN_CLOSE] = "close",
};

static inline const char *release_advice_name(enum release_advice advice)
{
	switch (advice) {
	case ADVICE_DONTNEED:
		return "dontneed";
	case ADVICE_FREE:
		return "free";
	case ADVICE_REMOVE:
		return "remove";
	case ADVICE_COLD:
		return "cold";
	case ADVICE_PAGEOUT:
		return "pageout";
	case ADVICE_DONTNEED_LOCKED:
		return "dontneed_locked";
	case ADVICE_GUARD_INSTALL:
		return "guard_install";
	case ADVICE_NONE:
		break;
	}
	return "-";
}

#endif
