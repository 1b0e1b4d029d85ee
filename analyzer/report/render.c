#include "report/render.h"

size_t find_column(const struct store_rows *rows, const char *name)
{
	for (size_t i = 0; i < store_rows_columns(rows); i++)
		if (strcmp(store_rows_column(rows, i), name) == 0)
			return i;
	return SIZE_MAX;
}

const struct report_fit *find_fit(const struct report_section *section, const char *name)
{
	for (size_t i = 0; i < REPORT_FITS && section->fits[i].name; i++)
		if (strcmp(section->fits[i].name, name) == 0)
			return &section->fits[i];
	return NULL;
}

void render_heading(const struct report_output *output, const char *text)
{
	fprintf(output->file, output->colour ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

static const char *severity_colour(const char *severity)
{
	if (strcmp(severity, "critical") == 0)
		return "\033[31m";
	return strcmp(severity, "warning") == 0 ? "\033[33m" : "\033[36m";
}

/* Cut before it is written: escapes of control characters may make it a little wider. */
static bool cut_value(struct store_value *value, uint32_t width)
{
	if (!width || value->kind != STORE_TEXT ||
	    text_width(value->text, value->length) <= width)
		return false;
	value->length = text_cut(value->text, value->length, width - 1);
	return true;
}

void render_value(const struct report_output *output, enum unit unit, uint32_t width,
		  struct store_value value)
{
	bool cut = cut_value(&value, width);
	bool coloured = output->colour && unit == UNIT_SEVERITY && value.kind == STORE_TEXT;

	if (coloured)
		fputs(severity_colour(value.text), output->file);
	write_value(output->file, unit, value);
	if (cut)
		fputs("…", output->file);
	if (coloured)
		fputs("\033[0m", output->file);
}

static bool render_json_row(const struct report_output *output,
			    const struct report_section *section, struct store_rows *rows,
			    struct error *err)
{
	FILE *file = output->file;

	for (size_t i = 0; i < store_rows_columns(rows); i++) {
		const char *name = store_rows_column(rows, i);

		fputs(i ? ", " : "{", file);
		write_json_string(file, name, strlen(name));
		fputs(": ", file);
		write_json_value(file, store_rows_value(rows, i));
	}
	if (!render_each(output, section, rows, err))
		return false;
	fputs("}", file);
	return true;
}

static bool render_json_object(const struct report_output *output,
			       const struct report_section *section, struct store_rows *rows,
			       struct error *err)
{
	if (store_rows_next(rows, err))
		return render_json_row(output, section, rows, err);
	fputs("null", output->file);
	return err->kind == ERROR_NONE;
}

bool render_json(const struct report_output *output, const struct report_section *section,
		 struct store_rows *rows, uint64_t limit, struct error *err)
{
	FILE *file = output->file;
	uint64_t count = 0;

	if (section->single)
		return render_json_object(output, section, rows, err);
	fputc('[', file);
	while (count < limit && store_rows_next(rows, err)) {
		fputs(count++ ? ",\n  " : "\n  ", file);
		if (!render_json_row(output, section, rows, err))
			return false;
	}
	fputs(count ? "\n ]" : "]", file);
	return err->kind == ERROR_NONE;
}
