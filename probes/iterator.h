/*
 * iterator.h - reads what an eBPF iterator prints.
 */
#ifndef PROBES_ITERATOR_H
#define PROBES_ITERATOR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Opens the iterator of a link and reads it to its end into text, terminated; into nothing where
 * text is NULL. Returns the number of bytes, or -errno: -ENOSPC, there is more than room.
 */
int64_t iterator_read(int link, char *text, size_t room);

#endif
