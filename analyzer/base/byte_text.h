/*
 * Amounts of memory in words: 1.2 MiB.
 */
#ifndef BASE_BYTE_TEXT_H
#define BASE_BYTE_TEXT_H

#include "base/types.h"

/* Writes at most size-1 bytes and a NUL; a longer text is cut.  Returns ret. */
char *format_bytes(uint64_t bytes, char *ret, size_t size);

#endif
