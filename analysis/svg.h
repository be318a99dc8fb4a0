/*
 * svg.h - puts an SVG file of gnuplot's into a page.
 */
#ifndef ANALYSIS_SVG_H
#define ANALYSIS_SVG_H

#include <stddef.h>
#include <stdio.h>

/*
 * Copies the <svg> element of the file at path to page. Black becomes the colour of the text around
 * it, and ids get "f<number>-" before them: several figures share one page. Returns 0, -EBADMSG
 * when there is no <svg> in it, or another -errno.
 */
int svg_inline(FILE *page, const char *path, size_t number);

#endif
