/*
 * churn.c - what accept and close allocate and free. See churn.h.
 */
#include "probes/churn.h"

#include <bpf/bpf.h>
#include <string.h>

#include "probes/names.h"
#include "server/base/record.h"

_Static_assert(sizeof(((struct churn_key *)0)->cache) <= RECORD_NAME, "a cache's name must fit");

int churn_write(const struct programs *programs, FILE *file)
{
	int map = programs_map(programs, "churn");
	struct churn_key key;
	struct churn_total total;
	const void *before = NULL;
	int error = 0;

	for (; !error && !bpf_map_get_next_key(map, before, &key); before = &key) {
		struct churn_row row = { 0 };

		if (bpf_map_lookup_elem(map, &key, &total))
			continue;
		strcpy(row.call, churn_call_names[key.call]);
		memcpy(row.cache, key.cache, sizeof(key.cache));
		row.allocations = total.allocations;
		row.allocated = total.allocated_bytes;
		row.frees = total.frees;
		row.freed = total.freed_bytes;
		error = record_append(&record_churn, file, &row);
	}
	return error;
}
