/*
 * footprint.c - reads footprints and knows the presets. See footprint.h.
 */
#include "server/footprint.h"

#include <errno.h>
#include <string.h>

#include "server/base/units.h"

struct preset {
	const char *name;
	const char *list;
	const char *help;
};

/*
 * What well-known servers keep for one idle connection.
 * go-http: net/http keeps a bufio.Reader and a bufio.Writer of 4 KiB each (server.go,
 * newBufioReader and newBufioWriterSize(..., 4<<10)), the goroutine a stack of 2 KiB at the least
 * (runtime/stack.go, stackMin), grown to 4 KiB by the handler's frames.
 * gorilla: the same two 4-KiB buffers live on in a gorilla/websocket connection that was hijacked
 * from net/http (conn.go, newConn reuses them), with two goroutine stacks where a reader and a
 * writer run, as in its chat example.
 */
static const struct preset presets[] = {
	{ "none", "", "nothing: the server's own cost" },
	{ "stackoverflow", "256", "the 256-byte buffer of the question that began it" },
	{ "session", "64,700,4Kx2", "a small object, a session, a read and a write buffer" },
	{ "go-http", "4Kx2,4K", "net/http: bufio reader and writer, a goroutine's stack" },
	{ "gorilla", "4Kx2,4Kx2", "gorilla/websocket: the same buffers, two goroutines' stacks" },
};

#define PRESETS (sizeof(presets) / sizeof(presets[0]))

/* What stands behind an '@'. */
static int parse_moment(const char *text, struct footprint_item *item)
{
	if (!strcmp(text, "first-byte") && !item->at_first_byte) {
		item->at_first_byte = true;
		return 0;
	}
	if (item->lifetime || parse_duration(text, &item->lifetime) || !item->lifetime)
		return -EINVAL;
	return 0;
}

static int parse_item(char *text, struct footprint_item *item)
{
	char *moment = strchr(text, '@');
	char *times;
	uint64_t count = 1;

	memset(item, 0, sizeof(*item));
	while (moment) {
		char *next = strchr(moment + 1, '@');

		*moment = '\0';
		if (next)
			*next = '\0';
		if (parse_moment(moment + 1, item))
			return -EINVAL;
		moment = next;
	}
	times = strchr(text, 'x');
	if (times) {
		*times = '\0';
		if (parse_count(times + 1, &count) || !count)
			return -EINVAL;
	}
	if (parse_size(text, &item->size) || !item->size)
		return -EINVAL;
	if (count > FOOTPRINT_BLOCKS || item->size > UINT32_MAX)
		return -ERANGE;
	item->count = (uint32_t)count;
	return 0;
}

static int append(struct footprint *footprint, const struct footprint_item *item)
{
	if (footprint->item_count == FOOTPRINT_ITEMS ||
	    footprint->block_count + item->count > FOOTPRINT_BLOCKS)
		return -ERANGE;
	footprint->items[footprint->item_count] = *item;
	footprint->items[footprint->item_count++].first = footprint->block_count;
	footprint->block_count += item->count;
	footprint->bytes += item->count * item->size;
	return 0;
}

int footprint_parse(const char *text, struct footprint *footprint)
{
	struct footprint_item item;
	struct footprint parsed = { 0 };
	char copy[512];
	char *rest = copy;
	char *word;
	int error;

	for (size_t i = 0; i < PRESETS; i++)
		if (!strcmp(text, presets[i].name))
			text = presets[i].list;
	if (strlen(text) >= sizeof(copy))
		return -ERANGE;
	strcpy(copy, text);
	while (*text && (word = strsep(&rest, ","))) {
		error = parse_item(word, &item);
		if (!error)
			error = append(&parsed, &item);
		if (error)
			return error;
	}
	*footprint = parsed;
	return 0;
}

void footprint_help(FILE *file)
{
	for (size_t i = 0; i < PRESETS; i++)
		fprintf(file, "  %-15s %-14s %s\n", presets[i].name,
			presets[i].list[0] ? presets[i].list : "-", presets[i].help);
}
