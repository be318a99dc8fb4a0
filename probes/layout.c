/*
 * layout.c - structures that not every kernel has, out of its BTF. See layout.h.
 */
#include "probes/layout.h"

#include <bpf/btf.h>
#include <stdbool.h>
#include <string.h>

static const struct btf_type *structure(const struct btf *btf, const char *name)
{
	return btf__type_by_id(btf, (__u32)btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT));
}

static bool find_size(const struct btf *btf, const char *name, __u32 *bytes)
{
	const struct btf_type *type = structure(btf, name);

	if (type)
		*bytes = type->size;
	return type;
}

/* Adds the member's offset to *bits, and leaves its type; those without a name are looked into. */
static bool find_member(const struct btf *btf, const struct btf_type **of, const char *name,
			__u32 *bits)
{
	const struct btf_type *type = *of;

	if (!btf_is_composite(type))
		return false;
	for (__u32 i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *called = btf__name_by_offset(btf, member->name_off);
		__u32 within = *bits + btf_member_bit_offset(type, i);

		*of = btf__type_by_id(btf, member->type);
		if (!strcmp(called, name) || (!*called && find_member(btf, of, name, &within))) {
			*bits = within;
			return true;
		}
	}
	return false;
}

/* The member, or where inner is not NULL, that one's member. */
static bool find_offset(const struct btf *btf, const char *name, const char *member,
			const char *inner, __u32 *bytes)
{
	const struct btf_type *type = structure(btf, name);
	__u32 bits = 0;

	if (!type || !find_member(btf, &type, member, &bits) ||
	    (inner && !find_member(btf, &type, inner, &bits)))
		return false;
	*bytes = bits / 8;
	return true;
}

static bool find_ring(const struct btf *btf, struct layout *layout)
{
	return find_offset(btf, "io_kiocb", "apoll", NULL, &layout->request_apoll) &&
	       find_offset(btf, "io_kiocb", "async_data", NULL, &layout->request_async_data) &&
	       find_offset(btf, "async_poll", "poll", NULL, &layout->apoll_poll) &&
	       find_offset(btf, "async_poll", "poll", "wait", &layout->apoll_wait) &&
	       find_size(btf, "async_poll", &layout->apoll) &&
	       find_size(btf, "io_async_msghdr", &layout->message) &&
	       find_size(btf, "io_kiocb", &layout->request);
}

void layout_find(struct layout *layout, const struct btf *btf)
{
	memset(layout, 0, sizeof(*layout));
	find_ring(btf, layout);
	if (find_offset(btf, "inet_bind2_bucket", "owners", NULL, &layout->bind2_owners))
		find_size(btf, "inet_bind2_bucket", &layout->bind2);
}

void layout_of_this_kernel(struct layout *layout)
{
	struct btf *btf = btf__load_vmlinux_btf();

	memset(layout, 0, sizeof(*layout));
	if (btf)
		layout_find(layout, btf);
	btf__free(btf);
}
