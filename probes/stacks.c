/*
 * stacks.c - user stacks of releases. See stacks.h.
 */
#include "probes/stacks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "probes/tables.h"

#define MAPPINGS 512
#define NAME	 64
#define NUMBERS	 1024 /* as many stacks as the map holds */

struct mapping {
	uint64_t begin, end, offset; /* offset: of begin, in the file */
	char name[NAME];	     /* without its folder */
};

struct stacks {
	int stacks, releases; /* maps */
	size_t count;
	struct mapping mappings[MAPPINGS];
};

static void read_mappings(struct stacks *stacks, FILE *file)
{
	char line[PATH_MAX + 128], rights[8];

	while (stacks->count < MAPPINGS && fgets(line, sizeof(line), file)) {
		struct mapping *mapping = &stacks->mappings[stacks->count];
		const char *name = strrchr(line, '/');

		/* begin-end rights offset device inode path: see proc_pid_maps(5) */
		if (!name ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64, &mapping->begin,
			   &mapping->end, rights, &mapping->offset) != 4 ||
		    rights[2] != 'x')
			continue;
		snprintf(mapping->name, NAME, "%.*s", (int)strcspn(name + 1, "\n"), name + 1);
		stacks->count++;
	}
}

struct stacks *stacks_open(const struct programs *programs, uint32_t pid)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	file = stacks ? fopen(path, "re") : NULL;
	if (!file) {
		free(stacks);
		return NULL;
	}
	stacks->stacks = programs_map(programs, "stacks");
	stacks->releases = programs_map(programs, "releases");
	read_mappings(stacks, file);
	fclose(file);
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	free(stacks);
}

static void write_frame(const struct stacks *stacks, uint64_t address, FILE *file)
{
	for (size_t i = 0; i < stacks->count; i++) {
		const struct mapping *mapping = &stacks->mappings[i];

		if (address < mapping->begin || address >= mapping->end)
			continue;
		fprintf(file, " %s+%#" PRIx64, mapping->name,
			address - mapping->begin + mapping->offset);
		return;
	}
	fprintf(file, " %#" PRIx64, address);
}

static void write_stack(const struct stacks *stacks, uint32_t number, FILE *file)
{
	struct stack stack;

	if (bpf_map_lookup_elem(stacks->stacks, &number, &stack))
		return;
	fprintf(file, "%u", number);
	for (size_t i = 0; i < STACK_DEPTH && stack.address[i]; i++)
		write_frame(stacks, stack.address[i], file);
	fputc('\n', file);
}

int stacks_write(const struct stacks *stacks, FILE *file)
{
	bool written[NUMBERS] = { false };
	const void *before = NULL;
	struct release_key key;

	for (; !bpf_map_get_next_key(stacks->releases, before, &key); before = &key) {
		if (key.stack < 0 || key.stack >= NUMBERS || written[key.stack])
			continue;
		written[key.stack] = true;
		write_stack(stacks, (uint32_t)key.stack, file);
	}
	return ferror(file) ? -EIO : 0;
}
