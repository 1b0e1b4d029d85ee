/*
 * The tree of the accounts: the buckets' names and groups, and their parts.
 */
#ifndef PIPELINE_ACCOUNT_PARTS_H
#define PIPELINE_ACCOUNT_PARTS_H

#include "pipeline/account.h"

/* Stacks by use, code, data and files by file, what nobody explains by mapping. */
void account_parts_of_mappings(struct account *account);

/* Rows of snapshot->accounting, parents before their parts. */
void account_report(struct account *account);

#endif
