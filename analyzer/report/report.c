#include "report/report.h"

#include "report/render.h"

#include <assert.h>

enum { MAX_PARAMETERS = 16, DEFAULT_TOP = 20 };

static bool render_section(const struct report_output *output,
			   const struct report_section *section, struct store_rows *rows,
			   uint64_t limit, struct error *err)
{
	if (output->json) {
		fputs(",\n ", output->file);
		write_json_string(output->file, section->key, strlen(section->key));
		fputs(": ", output->file);
		return render_json(output, section, rows, limit, err);
	}
	if (section->text)
		return render_template(output, section, rows, limit, err);
	return render_table(output, section, rows, limit, err);
}

static uint64_t section_limit(const struct report_output *output,
			      const struct report_section *section)
{
	if (!section->limited || output->top == 0)
		return LIMIT_NONE;
	if (output->top != REPORT_TOP_DEFAULT)
		return output->top;
	if (section->top)
		return output->json ? LIMIT_NONE : section->top;
	return DEFAULT_TOP;
}

static bool write_section(const struct report_output *output,
			  const struct report_section *section, struct store *store,
			  struct store_parameter *parameters, size_t count, struct error *err)
{
	uint64_t limit = section_limit(output, section);
	CLEANUP(store_rows_closep) struct store_rows *rows = NULL;

	/* One more than is shown tells whether there is more; -1 is all. */
	parameters[count++] = (struct store_parameter){
		.name = "top",
		.integer = limit < INT64_MAX ? (int64_t)limit + 1 : -1,
	};
	rows = store_query(store, section->query, parameters, count, err);
	return rows && render_section(output, section, rows, limit, err);
}

bool render_each(const struct report_output *output, const struct report_section *section,
		 struct store_rows *rows, struct error *err)
{
	struct store_parameter parameters[MAX_PARAMETERS] = {{.name = "id"}};

	if (!section->each)
		return true;
	parameters[0].integer = store_rows_value(rows, find_column(rows, "id")).integer;
	for (const struct report_section *each = section->each; each->key; each++)
		if (!write_section(output, each, store_rows_store(rows), parameters, 1, err))
			return false;
	return true;
}

bool report_write(const struct report_output *output, const struct report *report,
		  struct store *store, const struct store_parameter *parameters, size_t count,
		  struct error *err)
{
	struct store_parameter all[MAX_PARAMETERS];

	assert(count < MAX_PARAMETERS);
	if (count)
		memcpy(all, parameters, count * sizeof(*all));
	if (output->json)
		fprintf(output->file, "{\"report\": \"%s\"", report->name);
	for (size_t i = 0; i < REPORT_SECTIONS && report->sections[i].key; i++)
		if (!write_section(output, &report->sections[i], store, all, count, err))
			return false;
	if (output->json)
		fputs("\n}\n", output->file);
	return true;
}

bool report_write_sql(const struct report_output *output, struct store *store, const char *sql,
		      struct error *err)
{
	static const struct report_section section = {.key = "rows"};
	uint64_t limit = output->top ? output->top : LIMIT_NONE;
	CLEANUP(store_rows_closep) struct store_rows *rows = store_query_text(store, sql, err);

	if (!rows)
		return false;
	if (!output->json)
		return render_table(output, &section, rows, limit, err);
	if (!render_json(output, &section, rows, limit, err))
		return false;
	fputc('\n', output->file);
	return true;
}
