/*
 * What was damaged, missing or not understood in the target.  Recording one never stops
 * anything: it is counted, kept with the first address it was seen at, and the work goes on.
 */
#ifndef BASE_ANOMALY_H
#define BASE_ANOMALY_H

#include "base/types.h"

struct anomaly {
	const char *stage;   /* "core", "pymalloc", … : static */
	const char *message; /* one sentence; without data that would make each one different */
	addr_t address;      /* of the first */
	uint64_t count;
};

struct anomalies;

struct anomalies *anomalies_create(void);
void anomalies_free(struct anomalies *anomalies);

/* Same stage and same message: one row, counted.  A full table keeps counting under a last row. */
void anomaly_record(struct anomalies *anomalies, const char *stage, addr_t address,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

size_t anomalies_count(const struct anomalies *anomalies);
const struct anomaly *anomalies_get(const struct anomalies *anomalies, size_t index);

#endif
