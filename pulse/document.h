/*
 * document.h - what a pulse measured, as JSON, with all that merging needs. docs/record.md
 * describes it.
 */
#ifndef PULSE_DOCUMENT_H
#define PULSE_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

#include "pulse/connector.h"
#include "pulse/outcome.h"
#include "server/base/clock.h"

/* What pulses must have in common, for their outcomes to be added up. */
struct document_head {
	char protocol[RECORD_NAME];
	uint64_t message;
	uint64_t ops;	 /* of all pulses; 0: the closed loop */
	uint64_t pulses; /* how many have been merged */
	struct clock_stamp stamp;
};

/* A document without phases. NULL without memory. */
json_t *document_create(const struct document_head *head);

/* Appends a phase. Returns 0 or -ENOMEM. */
int document_append(json_t *document, const struct outcome *outcome);

/* Whether this is such a document; fills in *head. Returns 0 or -EPROTO. */
int document_read_head(const json_t *document, struct document_head *head);

/* How many phases it has. */
size_t document_phases(const json_t *document);

/* Reads a phase. Returns 0 or -EBADMSG. */
int document_read_phase(const json_t *document, size_t index, struct outcome *outcome);

#endif
