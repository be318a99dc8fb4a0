/*
 * free_pages.h - free memory that MemAvailable of proc(5) leaves out.
 */
#ifndef SERVER_BASE_FREE_PAGES_H
#define SERVER_BASE_FREE_PAGES_H

#include <stdint.h>

/*
 * The bytes that the CPUs keep at hand in lists of free pages; 0 where /proc/zoneinfo does not
 * tell. Who finds no other memory gets these: the kernel drains the lists first
 * (__alloc_pages_direct_reclaim() in mm/page_alloc.c). Costs the more the more CPUs there are.
 */
uint64_t free_pages_of_cpus(void);

#endif
