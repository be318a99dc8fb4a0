/*
 * list.h - a list of words, each a copy of its own that stays where it is while the list grows.
 */
#ifndef ANALYSIS_LIST_H
#define ANALYSIS_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	char **items; /* NULL-terminated, as for execv(); NULL when there is none */
	size_t count;
};

/* Appends a copy. Returns 0 or -ENOMEM. */
int list_add(struct list *list, const char *word);

/* Appends the parts of text between commas. -EINVAL when one of them is empty. */
int list_split(struct list *list, const char *text);

/* The copy that equals word, or NULL. */
const char *list_find(const struct list *list, const char *word);

void list_free(struct list *list);

#endif
