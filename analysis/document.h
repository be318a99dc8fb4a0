/*
 * document.h - the JSON files of a run directory.
 */
#ifndef ANALYSIS_DOCUMENT_H
#define ANALYSIS_DOCUMENT_H

#include <jansson.h>

#define DOCUMENT_VERSION 1

/* An object with format, version, boot id and clock pair; the caller's. NULL without memory. */
json_t *document_new(const char *what);

/*
 * Writes it so that path holds all of it or what it held before, whenever tidemark may be killed:
 * through path.part. Returns 0 or -errno; what is half written is removed.
 */
int document_save(const json_t *document, const char *path);

/* Saves and frees it. */
int document_write(json_t *document, const char *path);

#endif
