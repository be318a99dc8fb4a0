/*
 * arch.c - the list of architectures. See arch.h.
 */
#include "server/arch/arch.h"

#include <string.h>

static const struct architecture *const architectures[] = {
	&arch_single, &arch_multi, &arch_prefork, &arch_pool, &arch_thread, &arch_uring,
};

#define ARCHITECTURES (sizeof(architectures) / sizeof(architectures[0]))

const struct architecture *arch_find(const char *name)
{
	for (size_t i = 0; i < ARCHITECTURES; i++)
		if (!strcmp(architectures[i]->name, name))
			return architectures[i];
	return NULL;
}

void arch_help(FILE *file)
{
	for (size_t i = 0; i < ARCHITECTURES; i++)
		fprintf(file, "  %-15s %s\n", architectures[i]->name, architectures[i]->help);
}
