/*
 * UTF-8, which all text of a snapshot is: what a process holds need not be.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_LONGEST     4u      /* bytes of a character */
#define UTF8_REPLACEMENT 0xfffdu /* stands for what is no character */

/* Bytes written, up to UTF8_LONGEST; a surrogate or beyond the last character: the replacement's. */
size_t utf8_encode(uint32_t code, char *ret);

/* Bytes from text on that are well-formed; up to the NUL if all are. */
size_t utf8_valid_length(const char *text);

/* A copy in which each byte that fits nowhere is the replacement; the caller frees it.  NULL when
 * out of memory. */
char *utf8_repaired(const char *text);

#endif
