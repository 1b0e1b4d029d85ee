#include "base/anomaly.h"

#include "base/arena.h"
#include "base/vector.h"

#include <stdarg.h>
#include <stdlib.h>

#define MOST_KINDS 1000 /* beyond that only the number is kept */

struct anomalies {
	struct arena *arena;
	VECTOR_OF(struct anomaly) rows;
};

struct anomalies *anomalies_create(void)
{
	struct anomalies *anomalies = calloc(1, sizeof(*anomalies));

	if (!anomalies)
		return NULL;
	anomalies->arena = arena_create();
	if (!anomalies->arena) {
		free(anomalies);
		return NULL;
	}
	return anomalies;
}

void anomalies_free(struct anomalies *anomalies)
{
	if (!anomalies)
		return;
	arena_free(anomalies->arena);
	vector_release(&anomalies->rows);
	free(anomalies);
}

static struct anomaly *find(struct anomalies *anomalies, const char *stage, const char *message)
{
	vector_each (&anomalies->rows, row)
		if (!strcmp(row->stage, stage) && !strcmp(row->message, message))
			return row;
	return NULL;
}

void anomaly_record(struct anomalies *anomalies, const char *stage, addr_t address,
		    const char *format, ...)
{
	char message[512];
	struct anomaly row = {.stage = stage, .address = address, .count = 1};
	struct anomaly *known;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (anomalies->rows.count >= MOST_KINDS)
		snprintf(message, sizeof(message), "more kinds of anomalies than are listed");
	known = find(anomalies, stage, message);
	if (known) {
		known->count++;
		return;
	}
	row.message = arena_string(anomalies->arena, message);
	if (row.message)
		vector_push(&anomalies->rows, row);
}

size_t anomalies_count(const struct anomalies *anomalies)
{
	return anomalies->rows.count;
}

const struct anomaly *anomalies_get(const struct anomalies *anomalies, size_t index)
{
	return &anomalies->rows.items[index];
}
