/*
 * Looks through the core that a snapshot was made of for what `show` shows, and makes of what is
 * found parameters of its report.
 */
#ifndef CLI_SHOW_SCAN_H
#define CLI_SHOW_SCAN_H

#include "base/error.h"
#include "store/store.h"

enum scan_wish { SCAN_SMALL, SCAN_ALWAYS, SCAN_NEVER };

#define SCAN_PARAMETERS 3 /* at most */

struct show_scan {
	char *hits; /* JSON */
	char problem[1100];
};

/*
 * Adds parameters to those of the report, which have room, and counts them in *count.  That there
 * is nothing to look through is no failure: the report says so.
 */
bool show_scan_run(struct store *store, const char *snapshot, enum scan_wish wish,
		   struct store_parameter *parameters, size_t *count, struct show_scan *ret,
		   struct error *err);
void show_scan_release(struct show_scan *scan);

#endif
