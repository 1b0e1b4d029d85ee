/*
 * What of the accounts is outside the runtime's own allocator: the C library's blocks, and
 * objects and buffers wherever they lie.
 */
#ifndef PIPELINE_NATIVE_ACCOUNTS_H
#define PIPELINE_NATIVE_ACCOUNTS_H

#include "pipeline/account.h"

/* The C library's arenas and blocks; rows for used ones that nothing else explains. */
void native_accounts_blocks(struct account *account);
/* After all arenas: objects and buffers outside them, and rows for the latter. */
void native_accounts_rest(struct account *account);

#endif
