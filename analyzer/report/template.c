/*
 * Rows through a template: see report_section.text.
 */
#include "report/render.h"
#include "report/wrap.h"

#include <stdlib.h>

static enum unit unit_of(const struct report_section *section, const char *name)
{
	for (size_t i = 0; i < REPORT_COLUMNS && section->columns[i].name; i++)
		if (strcmp(section->columns[i].name, name) == 0)
			return section->columns[i].unit;
	return UNIT_TEXT;
}

/* At a '{': the value's name into name[64]; returns what follows the '}'. */
static const char *template_name(const char *text, char *name)
{
	size_t length = strcspn(text + 1, "}");

	snprintf(name, 64, "%.*s", (int)length, text + 1);
	return text + 1 + length + (text[1 + length] == '}');
}

static struct store_value value_named(struct store_rows *rows, const char *name)
{
	size_t column = find_column(rows, name);

	if (column == SIZE_MAX)
		return (struct store_value){.kind = STORE_NULL, .text = ""};
	return store_rows_value(rows, column);
}

/* At a '[': whether a value up to the ']' is NULL. */
static bool lacks_value(const char *text, struct store_rows *rows)
{
	char name[64];

	while (*text && *text != ']') {
		if (*text != '{') {
			text++;
			continue;
		}
		text = template_name(text, name);
		if (value_named(rows, name).kind == STORE_NULL)
			return true;
	}
	return false;
}

static void render_row(const struct report_output *output, const struct report_section *section,
		       struct store_rows *rows)
{
	const char *text = section->text;
	const struct report_fit *fit;
	char name[64];

	while (*text) {
		if (*text == '{') {
			text = template_name(text, name);
			fit = find_fit(section, name);
			render_value(output, unit_of(section, name), fit ? fit->width : 0,
				     value_named(rows, name));
			continue;
		}
		if (*text == '[' && lacks_value(text, rows))
			text += strcspn(text, "]");
		else if (*text != '[' && *text != ']')
			fputc(*text, output->file);
		text += *text != '\0';
	}
	fputc('\n', output->file);
}

/* The row as render_row() writes it, in lines that fit. */
static bool wrap_row(const struct report_output *output, const struct report_section *section,
		     struct store_rows *rows, struct error *err)
{
	struct report_output scratch = *output;
	char *text = NULL;
	size_t length = 0;

	scratch.file = open_memstream(&text, &length);
	if (!scratch.file)
		return error_out_of_memory(err, "writing a report");
	render_row(&scratch, section, rows);
	fclose(scratch.file);
	write_wrapped(output->file, text, length, section->wrap);
	free(text);
	return true;
}

bool render_template(const struct report_output *output, const struct report_section *section,
		     struct store_rows *rows, uint64_t limit, struct error *err)
{
	uint64_t count = 0;

	while (count < limit && store_rows_next(rows, err)) {
		if (count++ == 0 && section->heading)
			render_heading(output, section->heading);
		if (!section->wrap)
			render_row(output, section, rows);
		else if (!wrap_row(output, section, rows, err))
			return false;
		if (!render_each(output, section, rows, err))
			return false;
	}
	if (section->more && count == limit && store_rows_next(rows, err))
		fprintf(output->file, "%s\n", section->more);
	if (err->kind == ERROR_NONE && count == 0 && section->empty)
		fprintf(output->file, "%s\n", section->empty);
	return err->kind == ERROR_NONE;
}
