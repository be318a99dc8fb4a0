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
#include <unistd.h>

#include "probes/tables.h"

#define MAPPINGS 512
#define NAME	 64

struct mapping {
	uint64_t begin, end, offset; /* offset: of begin, in the file */
	char name[NAME];	     /* without its folder */
};

struct place {
	char name[NAME];
	uint64_t offset; /* in the file */
};

struct stacks {
	int stacks, code; /* maps */
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
	stacks->code = programs_map(programs, "code");
	read_mappings(stacks, file);
	fclose(file);
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	free(stacks);
}

/* As the kernel saw it, or else as the server was when the probe came. */
static bool find_place(const struct stacks *stacks, uint32_t pid, uint64_t address,
		       struct place *place)
{
	struct code_key key = { .pid = pid, .address = address };
	struct code code;

	if (!bpf_map_lookup_elem(stacks->code, &key, &code)) {
		snprintf(place->name, NAME, "%s", code.file);
		place->offset = code.file_page * (uint64_t)sysconf(_SC_PAGESIZE) + code.distance;
		return *place->name;
	}
	for (size_t i = 0; i < stacks->count; i++) {
		const struct mapping *mapping = &stacks->mappings[i];

		if (address < mapping->begin || address >= mapping->end)
			continue;
		strcpy(place->name, mapping->name);
		place->offset = address - mapping->begin + mapping->offset;
		return true;
	}
	return false;
}

static void write_stack(const struct stacks *stacks, int32_t number, FILE *file)
{
	struct stack stack;
	struct place place;

	if (bpf_map_lookup_elem(stacks->stacks, &number, &stack))
		return;
	fprintf(file, "%" PRId32, number);
	for (size_t i = 0; i < STACK_DEPTH && stack.address[i]; i++) {
		if (find_place(stacks, stack.pid, stack.address[i], &place))
			fprintf(file, " %s+%#" PRIx64, place.name, place.offset);
		else
			fprintf(file, " %#" PRIx64, (uint64_t)stack.address[i]);
	}
	fputc('\n', file);
}

int stacks_write(const struct stacks *stacks, FILE *file)
{
	const void *before = NULL;
	int32_t number;

	for (; !bpf_map_get_next_key(stacks->stacks, before, &number); before = &number)
		write_stack(stacks, number, file);
	return ferror(file) ? -EIO : 0;
}
