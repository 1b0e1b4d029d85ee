#include "cli/show_scan.h"

#include "pipeline/word_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALL_CORE ((int64_t)1 << 30) /* bytes that take less than a second */

/* Columns of the query show_facts. */
enum {
	FACT_CORE,
	FACT_CORE_BYTES,
	FACT_DUMPED_BYTES,
	FACT_PID,
	FACT_EXECUTABLE,
	FACT_ADDRESS,
	FACT_SIZE
};

static int64_t number(const struct store_rows *rows, size_t fact)
{
	return store_rows_value(rows, fact).integer;
}

/* As a JSON array; NULL when out of memory. */
static char *hits_text(const struct word_scan *scan)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fputc('[', file);
	vector_each (&scan->hits, hit) {
		fputs(hit == scan->hits.items ? "" : ",", file);
		if (hit->register_name)
			fprintf(file, "[null,%" PRIu64 ",%" PRIu32 ",\"%s\"]", hit->into,
				hit->thread, hit->register_name);
		else
			fprintf(file, "[%" PRId64 ",%" PRIu64 "]", (int64_t)hit->address,
				hit->into);
	}
	fputc(']', file);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

static void add(struct store_parameter *parameters, size_t *count, const char *name,
		const char *text, int64_t integer)
{
	parameters[(*count)++] =
		(struct store_parameter){.name = name, .text = text, .integer = integer};
}

static bool why_not(const struct store_rows *facts, enum scan_wish wish, struct show_scan *ret)
{
	const char *why = NULL;

	if (store_rows_value(facts, FACT_CORE).kind == STORE_NULL)
		why = "the snapshot was made of a live process, whose memory is not kept";
	else if (wish == SCAN_SMALL && number(facts, FACT_CORE_BYTES) > SMALL_CORE)
		why = "the core is large; --scan does it all the same";
	snprintf(ret->problem, sizeof(ret->problem), "%s", why ? why : "");
	return why;
}

static bool look(const struct store_rows *facts, const char *snapshot, struct word_scan *ret,
		 struct error *err)
{
	addr_t start = (addr_t)number(facts, FACT_ADDRESS);
	struct scanned_core core = {
		.path = store_rows_value(facts, FACT_CORE).text,
		.snapshot = snapshot,
		.executable = store_rows_value(facts, FACT_EXECUTABLE).text,
		.pid = (uint32_t)number(facts, FACT_PID),
		.file_bytes = (uint64_t)number(facts, FACT_CORE_BYTES),
		.dumped_bytes = (uint64_t)number(facts, FACT_DUMPED_BYTES),
	};

	return word_scan(
		&core, (struct address_range){start, start + (addr_t)number(facts, FACT_SIZE)},
		ret, err);
}

static bool add_found(const struct word_scan *scan, struct store_parameter *parameters,
		      size_t *count, struct show_scan *ret, struct error *err)
{
	ret->hits = hits_text(scan);
	if (!ret->hits)
		return error_out_of_memory(err, "looking for an address");
	add(parameters, count, "hits", ret->hits, 0);
	add(parameters, count, "scan_words", NULL, (int64_t)scan->words);
	add(parameters, count, "scan_bytes", NULL, (int64_t)scan->bytes);
	return true;
}

bool show_scan_run(struct store *store, const char *snapshot, enum scan_wish wish,
		   struct store_parameter *parameters, size_t *count, struct show_scan *ret,
		   struct error *err)
{
	struct error problem = {0};
	struct word_scan scan = {.words = 0};
	CLEANUP(store_rows_closep)
	struct store_rows *facts = store_query(store, "show_facts", parameters, *count, err);
	bool done = true;

	*ret = (struct show_scan){.hits = NULL};
	if (!facts || !store_rows_next(facts, err))
		return false;
	if (wish == SCAN_NEVER || !number(facts, FACT_SIZE))
		return true;
	if (!why_not(facts, wish, ret) && look(facts, snapshot, &scan, &problem))
		done = add_found(&scan, parameters, count, ret, err);
	else if (problem.kind != ERROR_NONE)
		snprintf(ret->problem, sizeof(ret->problem), "%s", problem.message);
	if (*ret->problem)
		add(parameters, count, "scan_problem", ret->problem, 0);
	word_scan_release(&scan);
	return done;
}

void show_scan_release(struct show_scan *scan)
{
	free(scan->hits);
	scan->hits = NULL;
}
