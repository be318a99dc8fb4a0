/*
 * words.c - fuzzes what people type: footprints, release policies, quantities, addresses. Whatever
 * is taken must keep the bounds that the rest of the server relies on.
 */
#include <stdlib.h>
#include <string.h>

#include "server/base/address.h"
#include "server/base/units.h"
#include "server/footprint.h"
#include "server/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_footprint(const char *text)
{
	struct footprint footprint;
	uint64_t bytes = 0;
	uint32_t blocks = 0;

	if (footprint_parse(text, &footprint))
		return;
	check(footprint.item_count <= FOOTPRINT_ITEMS && footprint.block_count <= FOOTPRINT_BLOCKS);
	for (uint32_t i = 0; i < footprint.item_count; i++) {
		check(footprint.items[i].size > 0 && footprint.items[i].first == blocks);
		blocks += footprint.items[i].count;
		bytes += footprint.items[i].count * footprint.items[i].size;
	}
	check(blocks == footprint.block_count && bytes == footprint.bytes);
}

static void check_quantities(const char *text)
{
	struct release_choice choice = { 0 };
	struct address address;
	uint64_t number;
	double share;

	if (!parse_share(text, &share))
		check(share >= 0 && share <= 1);
	if (!parse_size(text, &number) || !parse_duration(text, &number))
		check(number < UINT64_C(1) << 63);
	if (!parse_count(text, &number))
		check(text[strspn(text, "0123456789")] == '\0');
	if (!address_parse(text, &address))
		check(address.length == sizeof(address.v4) || address.length == sizeof(address.v6));
	if (!release_parse(text, &choice))
		check(choice.policy && choice.share <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	check_footprint(text);
	check_quantities(text);
	free(text);
	return 0;
}
