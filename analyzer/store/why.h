/*
 * The table why(object_id): see schema/functions/.  Only for files of store/.
 */
#ifndef STORE_WHY_H
#define STORE_WHY_H

#include "store/computed.h"

extern const struct computed_table why_table;

#endif
