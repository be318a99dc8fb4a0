/*
 * html.h - text and JSON values as HTML. Whatever comes from a file goes through here.
 */
#ifndef ANALYSIS_HTML_H
#define ANALYSIS_HTML_H

#include <jansson.h>
#include <stdio.h>

/* Escapes for element content and for quoted attributes. */
void html_text(FILE *page, const char *text);

/* A scalar as text, an array of scalars as words; "-" for null. */
void html_value(FILE *page, const json_t *value);

/* <dt> and <dd> for each key of an object, those of objects in it too, but the keys in but. */
void html_pairs(FILE *page, const json_t *object, const char *const *but);

/* Words as a shell would want them back, each in a <span>, so that lines break between them. */
void html_command(FILE *page, const json_t *words);

#endif
