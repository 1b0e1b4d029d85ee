/*
 * Long lines broken between words.
 */
#ifndef REPORT_WRAP_H
#define REPORT_WRAP_H

#include <stdio.h>

/*
 * Lines of at most `width` columns, as far as words allow.  What goes on another line stands
 * below the line's first letter, a "12. " before it left out.  Colours take no room.
 */
void write_wrapped(FILE *file, const char *text, size_t length, size_t width);

#endif
