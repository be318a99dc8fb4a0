/*
 * kernel.h - the kernel structures that the eBPF programs look into, with only the fields that are
 * read.
 *
 * Not a copy of the kernel's layout: clang records each access, and libbpf corrects it for the
 * running kernel's BTF when the program is loaded (CO-RE). So the programs build on any machine,
 * without a generated vmlinux.h. A name with ___ stands for the same structure in other versions of
 * the kernel.
 */
#ifndef PROBES_KERNEL_H
#define PROBES_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define TASK_NAME 16

enum {
	MM_FILEPAGES,
	MM_ANONPAGES,
	MM_SWAPENTS,
	MM_SHMEMPAGES,
	NR_MM_COUNTERS
};
enum {
	TCP_ESTABLISHED = 1,
	TCP_TIME_WAIT = 6,
	TCP_LISTEN = 10,
	TCP_NEW_SYN_RECV = 12
};
enum {
	PIDTYPE_PID
};

/* --- the arguments of classic tracepoints (an ABI, not relocated) ------------------------------
 */

struct syscall_enter {
	__u64 common;
	__s64 number;
	unsigned long args[6];
};

struct syscall_exit {
	__u64 common;
	__s64 number;
	long result;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic_long_t;

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct list_head {
	struct list_head *next;
};

struct wait_queue_entry {
	void *private;
	struct list_head entry;
};

/* --- processes and their memory ----------------------------------------------------------------
 */

struct super_block;

struct inode {
	struct super_block *i_sb;
	void *i_security;
	unsigned long i_ino;
	void *i_private;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct inode *d_inode;
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
	void *f_security;
	struct hlist_head *f_ep;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct upid {
	int nr;
};

struct pid {
	struct upid numbers[1];
};

struct percpu_counter {
	__s64 count;
	__s32 *counters;
};

struct task_struct;

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	struct file *vm_file;
};

struct mm_struct {
	unsigned long brk;
	struct file *exe_file;
	struct percpu_counter rss_stat[NR_MM_COUNTERS]; /* since 6.2 */
};

/* Nested, not types of their own: to find that a type is missing, libbpf wants CAP_SYS_ADMIN. */
struct mm_struct___before_6_2 {
	struct {
		atomic_long_t count[NR_MM_COUNTERS];
	} rss_stat;
};

struct signal_struct {
	atomic_t live;
	unsigned long min_flt; /* of threads that have ended */
	unsigned long maj_flt;
};

struct task_struct {
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct task_struct *real_parent;
	struct signal_struct *signal;
	struct files_struct *files;
	unsigned long min_flt;
	unsigned long maj_flt;
	char comm[TASK_NAME];
};

struct task_struct___before_6_2 {
	struct {
		int count[NR_MM_COUNTERS];
	} rss_stat; /* not yet added to the mm */
};

struct linux_binprm {
	struct file *file;
};

struct address_space;

enum pageflags {
	PG_head
};

struct folio {
	unsigned long _flags_1; /* since 6.6; its lowest byte is the order of a large folio */
};

struct page {
	struct address_space *mapping;
};

/* --- sockets -----------------------------------------------------------------------------------
 */

struct in6_addr {
	__u8 s6_addr[16];
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct socket;
struct proto;

struct sock {
	struct sock_common __sk_common;
	struct {
		atomic_t rmem_alloc;
	} sk_backlog;
	struct socket *sk_socket;
	int sk_forward_alloc;
	int sk_wmem_queued;
	void *sk_security;
	struct proto *sk_prot_creator;
};

struct inet_bind_bucket {
	struct hlist_head owners; /* before 6.8 */
	struct hlist_head bhash2; /* since 6.8 */
};

struct inet_bind2_bucket; /* since 6.1 */

struct inet_connection_sock {
	struct inet_bind_bucket *icsk_bind_hash;
	struct inet_bind2_bucket *icsk_bind2_hash;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
};

struct socket {
	struct file *file;
	struct sock *sk;
	short type;
	struct {
		struct {
			struct list_head head;
		} wait;
	} wq;
};

struct socket_alloc {
	struct socket socket;
};

/* --- epoll -------------------------------------------------------------------------------------
 */

struct eppoll_entry {
	struct eppoll_entry *next;
};

struct epitem {
	struct eppoll_entry *pwqlist;
	struct hlist_node fllink;
};

struct epitems_head {
	struct hlist_head epitems;
};

/* --- the slab allocator ------------------------------------------------------------------------
 */

struct kmem_cache_order_objects {
	unsigned int x;
};

struct kmem_cache {
	unsigned int size;
	struct kmem_cache_order_objects oo;
	const char *name;
};

struct proto {
	struct kmem_cache *slab;
};

/* --- iterators ---------------------------------------------------------------------------------
 */

struct seq_file;
struct bpf_map;

struct bpf_array {
	void *pptrs[1]; /* of BPF_MAP_TYPE_PERCPU_ARRAY */
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

#pragma clang attribute pop

#endif
