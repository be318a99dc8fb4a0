/*
 * layout.h - where things are in those of the kernel's structures that not every kernel has.
 *
 * All other fields are relocated by libbpf (CO-RE). But to find that a type is missing, libbpf
 * looks into the BTF of all modules as well, for which it wants CAP_SYS_ADMIN. Both sides include
 * it.
 */
#ifndef PROBES_LAYOUT_H
#define PROBES_LAYOUT_H

#include <linux/types.h>

/* Sizes and offsets in bytes. */
struct layout {
	__u32 request; /* struct io_kiocb; 0: this kernel has no io_uring, or another one */
	__u32 request_apoll;
	__u32 request_async_data;
	__u32 apoll; /* struct async_poll */
	__u32 apoll_poll;
	__u32 apoll_wait; /* of the poll in it */
	__u32 message;	  /* struct io_async_msghdr */
	__u32 bind2;	  /* struct inet_bind2_bucket; 0: there is none (before 6.1) */
	__u32 bind2_owners;
};

struct btf;

/* From the BTF of a kernel. */
void layout_find(struct layout *layout, const struct btf *btf);

/* 0 throughout where that has no BTF. */
void layout_of_this_kernel(struct layout *layout);

#endif
