/*
 * label.h - the name that somebody gives to a column of their own: NAME= before what it names.
 */
#ifndef ANALYSIS_LABEL_H
#define ANALYSIS_LABEL_H

#include <stddef.h>

/* Letters of the NAME before "=" at the start of text; 0 when there is none. */
size_t label_length(const char *text);

#endif
