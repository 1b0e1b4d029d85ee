/*
 * Which objects of the older of two snapshots are in the newer one, and which are not.  Only
 * for files of store/.
 */
#ifndef STORE_COMPARE_H
#define STORE_COMPARE_H

#include "store/reader.h"

/*
 * Fills the tables `born` and `died`.  Objects do not move, so one address and one type make
 * one object, unless
 *   both contents are known and differ, or the sizes of such: another value took its place;
 *   the collector had moved it out of the youngest generation, and what is there now is in
 *   that again.  Dicts excepted: the collector forgets those that can be in no cycle, and
 *   begins anew when they can.
 * What died and was replaced by an object that looks the same counts as one that survived.
 */
bool compare_objects(struct store *store, struct error *err);

#endif
