/*
 * document.h - the JSON files of a run directory.
 */
#ifndef ANALYSIS_DOCUMENT_H
#define ANALYSIS_DOCUMENT_H

#include <jansson.h>

#define DOCUMENT_VERSION 1

/* An object with format, version, boot id and clock pair; the caller's. NULL without memory. */
json_t *document_new(const char *what);

/* Writes and frees it. Returns 0 or -errno; what is half written is removed. */
int document_write(json_t *document, const char *path);

#endif
