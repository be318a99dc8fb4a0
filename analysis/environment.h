/*
 * environment.h - the machine that an experiment ran on, as far as it shapes the result.
 */
#ifndef ANALYSIS_ENVIRONMENT_H
#define ANALYSIS_ENVIRONMENT_H

#include <jansson.h>
#include <stdint.h>

/*
 * A flat object: kernel, CPUs, memory, THP, swap, cgroup, sysctls, limits, what tells a virtual
 * machine. What cannot be read is null. NULL when there is no memory.
 */
json_t *environment_describe(void);

/*
 * The cost of touching a page for the first time, in ns: about 100 to 2,000 on plain machines,
 * tens of thousands where a host backs memory on demand. UINT64_MAX when there is no memory.
 */
uint64_t environment_first_touch(void);

#endif
