/*
 * page_files.c - the style and the script of report.html, as they lie beside this file. See page.h.
 */
#include "analysis/page.h"

/* The assembler reads the file, so that it stays one that editors and browsers know. */
#define EMBED(name, path)                                                                          \
	__asm__(".section .rodata\n"                                                               \
		".global " #name "\n" #name ":\n"                                                  \
		".incbin \"" path "\"\n.byte 0\n"                                                  \
		".type " #name ", @object\n"                                                       \
		".size " #name ", . - " #name "\n.previous")

EMBED(page_style, "analysis/page.css");
EMBED(page_style_data, "analysis/page_data.css");
EMBED(page_style_print, "analysis/page_print.css");
EMBED(page_script, "analysis/page.js");
