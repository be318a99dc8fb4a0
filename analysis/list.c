/*
 * list.c - a list of words. See list.h.
 */
#include "analysis/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct list *list, const char *word, size_t length)
{
	char **grown = reallocarray(list->items, list->count + 2, sizeof(char *));

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	grown[list->count] = strndup(word, length);
	grown[list->count + 1] = NULL;
	if (!grown[list->count])
		return -ENOMEM;
	list->count++;
	return 0;
}

int list_add(struct list *list, const char *word)
{
	return add(list, word, strlen(word));
}

int list_split(struct list *list, const char *text)
{
	for (;; text++) {
		size_t length = strcspn(text, ",");
		int error = length ? add(list, text, length) : -EINVAL;

		text += length;
		if (error || !*text)
			return error;
	}
}

const char *list_find(const struct list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], word))
			return list->items[i];
	return NULL;
}

void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct list){ 0 };
}
