/*
 * label.c - NAME= before what it names. See label.h.
 */
#include "analysis/label.h"

#include <ctype.h>
#include <string.h>

size_t label_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) ||
	       (text[length] && strchr("-_.@+", text[length])))
		length++;
	return text[length] == '=' ? length : 0;
}
