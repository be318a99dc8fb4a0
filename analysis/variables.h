/*
 * variables.h - the environment variables of a server that allocators and the dynamic linker read.
 */
#ifndef ANALYSIS_VARIABLES_H
#define ANALYSIS_VARIABLES_H

#include <jansson.h>
#include <sys/types.h>

/*
 * As the process got them at its last exec, so with what --tune has added. An object, or NULL when
 * there are none or they cannot be read.
 */
json_t *variables_read(pid_t pid);

#endif
