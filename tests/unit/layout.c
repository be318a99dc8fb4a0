/*
 * layout.c - where fields are in a kernel's BTF, and what is said where they are not.
 */
#include "tests/unit/unit.h"

#include "probes/layout.h"

#include <bpf/btf.h>
#include <string.h>

static void add_buckets(struct btf *btf, int number)
{
	assert_true(btf__add_struct(btf, "inet_bind2_bucket", 80) > 0);
	assert_int_equal(btf__add_field(btf, "port", number, 64, 0), 0);
	assert_int_equal(btf__add_field(btf, "owners", number, 448, 0), 0);
}

/* As in Linux: a poll in an async_poll, a union without a name in the request. */
static void add_ring(struct btf *btf, int number)
{
	int poll, nameless;

	poll = btf__add_struct(btf, "io_poll", 64);
	assert_int_equal(btf__add_field(btf, "file", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "wait", number, 192, 0), 0);
	btf__add_struct(btf, "async_poll", 80);
	assert_int_equal(btf__add_field(btf, "double_poll", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "poll", poll, 64, 0), 0);
	nameless = btf__add_union(btf, NULL, 8);
	assert_int_equal(btf__add_field(btf, "other", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "apoll", number, 0, 0), 0);
	btf__add_struct(btf, "io_async_msghdr", 296);
	assert_true(btf__add_struct(btf, "io_kiocb", 248) > 0);
	assert_int_equal(btf__add_field(btf, "flags", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, NULL, nameless, 1024, 0), 0);
	assert_int_equal(btf__add_field(btf, "async_data", number, 1088, 0), 0);
}

static void fields_are_found_at_any_depth(void **state)
{
	(void)state;
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, 0);
	struct layout layout;

	add_ring(btf, number);
	add_buckets(btf, number);
	layout_find(&layout, btf);
	assert_int_equal(layout.request, 248);
	assert_int_equal(layout.request_apoll, 128);
	assert_int_equal(layout.request_async_data, 136);
	assert_int_equal(layout.apoll, 80);
	assert_int_equal(layout.apoll_poll, 8);
	assert_int_equal(layout.apoll_wait, 32);
	assert_int_equal(layout.message, 296);
	assert_int_equal(layout.bind2, 80);
	assert_int_equal(layout.bind2_owners, 56);
	btf__free(btf);
}

static void what_a_kernel_lacks_is_0(void **state)
{
	(void)state;
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, 0);
	struct layout layout;

	layout_find(&layout, btf);
	assert_int_equal(layout.request, 0);
	assert_int_equal(layout.bind2, 0);
	btf__add_struct(btf, "io_kiocb", 248);
	btf__add_field(btf, "apoll", number, 0, 0);
	btf__add_struct(btf, "inet_bind2_bucket", 80);
	btf__add_field(btf, "port", number, 0, 0);
	layout_find(&layout, btf);
	assert_int_equal(layout.request, 0);
	assert_int_equal(layout.bind2, 0);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_at_any_depth),
		cmocka_unit_test(what_a_kernel_lacks_is_0),
	};

	return unit_main(tests);
}
