/*
 * Rows as an aligned table.  The widths are those of the first rows, which are kept back for
 * that; later ones stream, so a query of millions of rows needs no memory for them.
 */
#include "report/render.h"

#include "base/arena.h"
#include "base/vector.h"

#include <stdlib.h>

enum { MEASURED_ROWS = 1000 };

struct table_column {
	const char *title;
	enum unit unit;
	size_t index; /* of the query's column */
	size_t width;
	size_t most; /* columns that a text may have; 0: any number */
	bool right;
	bool hidden; /* until a measured row has a value */
};

struct cell {
	char *text;
	size_t length;
	bool right;
};

struct table {
	const struct report_output *output;
	struct store_rows *rows;
	VECTOR_OF(struct table_column)
	columns;
	VECTOR_OF(struct cell)
	kept;         /* columns.count a row */
	size_t depth; /* column of a tree's depth */
	struct arena *arena;
	FILE *scratch; /* where a cell's text grows: into text[length] */
	char *text;
	size_t length;
};

static void table_release(struct table *table)
{
	vector_release(&table->columns);
	vector_release(&table->kept);
	arena_free(table->arena);
	if (table->scratch)
		fclose(table->scratch);
	free(table->text);
}

static void add_column(struct table *table, const struct report_column *shown,
		       const struct report_fit *fit, size_t index)
{
	struct table_column column = {
		.title = shown->title,
		.unit = shown->unit,
		.index = index,
		.width = text_width(shown->title, strlen(shown->title)),
		.most = fit ? fit->width : 0,
		.right = unit_is_right_aligned(shown->unit, STORE_NULL),
		.hidden = fit && fit->optional,
	};

	vector_push(&table->columns, column);
}

static void add_columns(struct table *table, const struct report_section *section)
{
	for (size_t i = 0; i < REPORT_COLUMNS && section->columns[i].name; i++) {
		const struct report_column *column = &section->columns[i];
		size_t index = find_column(table->rows, column->name);

		if (column->title && index != SIZE_MAX)
			add_column(table, column, find_fit(section, column->name), index);
	}
	if (!section->columns[0].name)
		for (size_t i = 0; i < store_rows_columns(table->rows); i++)
			add_column(table,
				   &(struct report_column){
					   .title = store_rows_column(table->rows, i)},
				   NULL, i);
	table->depth = find_column(table->rows, "depth");
}

/* What stands in the scratch, to a width; false when out of memory. */
static bool cut_cell(struct table *table, size_t width)
{
	fseek(table->scratch, (long)text_cut(table->text, table->length, width - 1), SEEK_SET);
	fputs("…", table->scratch);
	return fflush(table->scratch) == 0;
}

/* The text of a cell of the current row, until the next one; false when out of memory. */
static bool read_cell(struct table *table, size_t index, struct cell *ret)
{
	struct table_column *column = &table->columns.items[index];
	struct store_value value = store_rows_value(table->rows, column->index);
	int64_t depth = 0;

	if (column->unit == UNIT_TREE && table->depth != SIZE_MAX)
		depth = store_rows_value(table->rows, table->depth).integer;
	rewind(table->scratch);
	fprintf(table->scratch, "%*s", (int)(depth > 0 && depth < 20 ? depth * 2 : 0), "");
	write_value(table->scratch, column->unit, value);
	if (fflush(table->scratch) != 0)
		return false;
	if (column->most && text_width(table->text, table->length) > column->most &&
	    !cut_cell(table, column->most))
		return false;
	column->hidden &= value.kind == STORE_NULL;
	*ret = (struct cell){table->text, table->length,
			     unit_is_right_aligned(column->unit, value.kind)};
	return true;
}

static bool is_last(const struct table *table, size_t index)
{
	while (++index < table->columns.count)
		if (!table->columns.items[index].hidden)
			return false;
	return true;
}

static void write_cell(const struct table *table, size_t index, const struct cell *cell)
{
	const struct table_column *column = &table->columns.items[index];
	size_t width = text_width(cell->text, cell->length);
	int padding = (int)(width < column->width ? column->width - width : 0);
	bool last = is_last(table, index);
	FILE *file = table->output->file;

	if (column->hidden)
		return;
	fprintf(file, "%s%*s", index ? "  " : "", cell->right ? padding : 0, "");
	fwrite(cell->text, 1, cell->length, file);
	fprintf(file, "%*s", cell->right || last ? 0 : padding, "");
}

static void write_titles(const struct table *table)
{
	bool colour = table->output->colour;

	if (colour)
		fputs("\033[1m", table->output->file);
	for (size_t i = 0; i < table->columns.count; i++) {
		struct table_column *column = &table->columns.items[i];
		struct cell cell = {(char *)column->title, strlen(column->title),
				    column->right};

		write_cell(table, i, &cell);
	}
	fputs(colour ? "\033[0m\n" : "\n", table->output->file);
}

static bool keep_row(struct table *table)
{
	for (size_t i = 0; i < table->columns.count; i++) {
		struct table_column *column = &table->columns.items[i];
		struct cell cell;
		size_t width;

		if (!read_cell(table, i, &cell))
			return false;
		cell.text = arena_string_n(table->arena, cell.text, cell.length);
		if (!cell.text || !vector_push(&table->kept, cell))
			return false;
		width = text_width(cell.text, cell.length);
		column->width = width > column->width ? width : column->width;
		column->right |= cell.right;
	}
	return true;
}

static void write_kept(struct table *table)
{
	size_t columns = table->columns.count;

	for (size_t i = 0; i < table->kept.count; i++) {
		write_cell(table, i % columns, &table->kept.items[i]);
		if ((i + 1) % columns == 0)
			fputc('\n', table->output->file);
	}
	table->kept.count = 0;
}

static bool stream_row(struct table *table)
{
	for (size_t i = 0; i < table->columns.count; i++) {
		bool hidden = table->columns.items[i].hidden;
		struct cell cell;

		if (!read_cell(table, i, &cell))
			return false;
		table->columns.items[i].hidden = hidden;
		write_cell(table, i, &cell);
	}
	fputc('\n', table->output->file);
	return true;
}

static void write_start(struct table *table, const struct report_section *section,
			uint64_t count)
{
	if (count == 0) {
		if (section->empty)
			fprintf(table->output->file, "%s\n", section->empty);
		return;
	}
	if (section->heading)
		render_heading(table->output, section->heading);
	write_titles(table);
	write_kept(table);
}

static bool write_rows(struct table *table, const struct report_section *section,
		       uint64_t limit, struct error *err)
{
	uint64_t count = 0;
	bool ok = true, more = false;

	while (ok && store_rows_next(table->rows, err)) {
		more = count == limit;
		if (more)
			break;
		if (count == MEASURED_ROWS)
			write_start(table, section, count);
		ok = count++ < MEASURED_ROWS ? keep_row(table) : stream_row(table);
	}
	if (!ok)
		return error_out_of_memory(err, "writing a table");
	if (err->kind != ERROR_NONE)
		return false;
	if (count <= MEASURED_ROWS)
		write_start(table, section, count);
	if (more)
		fputs("... and more: --top N shows N, --top 0 all\n", table->output->file);
	return true;
}

bool render_table(const struct report_output *output, const struct report_section *section,
		  struct store_rows *rows, uint64_t limit, struct error *err)
{
	struct table table = {.output = output, .rows = rows, .arena = arena_create()};
	bool ok;

	add_columns(&table, section);
	table.scratch = open_memstream(&table.text, &table.length);
	if (!table.arena || !table.scratch || table.columns.failed)
		ok = error_out_of_memory(err, "writing a table");
	else
		ok = write_rows(&table, section, limit, err);
	table_release(&table);
	return ok;
}
