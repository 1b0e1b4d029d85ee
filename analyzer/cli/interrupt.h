/*
 * What an interrupted command leaves behind: nothing.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "base/types.h"

/* Until the program ends, a signal that ends it removes the file first. */
void interrupt_removes(const char *path);

#endif
