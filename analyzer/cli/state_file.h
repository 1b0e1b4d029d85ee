/*
 * Where what a person did is kept from one run to the next.
 */
#ifndef CLI_STATE_FILE_H
#define CLI_STATE_FILE_H

#include "base/error.h"

/*
 * The path of a file in $XDG_STATE_HOME/heapsect, or ~/.local/state/heapsect; its folder is
 * made.  The file need not be there.
 */
bool state_file_path(const char *name, char *ret, size_t size, struct error *err);

#endif
