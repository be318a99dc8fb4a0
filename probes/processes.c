/*
 * processes.c - what each process of the server holds. See processes.h.
 */
#include "probes/processes.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "probes/tables.h"
#include "server/base/clock.h"

static void fill(struct process_row *row, uint32_t pid, uint64_t time,
		 const struct process_memory *memory)
{
	row->time = time;
	row->pid = pid;
	row->threads = memory->threads;
	row->anon = memory->anon_bytes;
	row->file = memory->file_bytes;
	row->shmem = memory->shmem_bytes;
	row->swap = memory->swap_bytes;
	row->minor_faults = memory->minor_faults;
	row->major_faults = memory->major_faults;
}

int processes_read(const struct programs *programs, struct process_row *rows, size_t room)
{
	int map = programs_map(programs, "processes");
	int targets = programs_map(programs, "targets");
	uint64_t time = clock_now();
	int64_t length = programs_read(programs, "processes_table", NULL, 0);
	struct process_memory memory;
	struct target target;
	uint32_t pid, next;
	int count = 0;
	int end;

	if (length < 0)
		return (int)length;
	/* The next key is asked for before the entry may go. */
	for (end = bpf_map_get_next_key(map, NULL, &pid); !end; pid = next) {
		end = bpf_map_get_next_key(map, &pid, &next);
		if (bpf_map_lookup_elem(targets, &pid, &target))
			bpf_map_delete_elem(map, &pid);
		else if (!bpf_map_lookup_elem(map, &pid, &memory) && memory.time_ns >= time &&
			 (size_t)count++ < room)
			fill(&rows[count - 1], pid, time, &memory);
	}
	return count;
}
