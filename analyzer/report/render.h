/*
 * Rows to text and JSON.  Only for files of report/.
 */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include "report/report.h"

#define LIMIT_NONE UINT64_MAX

/* What became of a section: true in *ret_more if the limit left rows out. */
bool render_table(const struct report_output *output, const struct report_section *section,
		  struct store_rows *rows, uint64_t limit, struct error *err);
bool render_template(const struct report_output *output, const struct report_section *section,
		     struct store_rows *rows, uint64_t limit, struct error *err);
bool render_json(const struct report_output *output, const struct report_section *section,
		 struct store_rows *rows, uint64_t limit, struct error *err);

/* The sections of the rows' current one. */
bool render_each(const struct report_output *output, const struct report_section *section,
		 struct store_rows *rows, struct error *err);

/* Bold, where there is colour. */
void render_heading(const struct report_output *output, const char *text);

/* A value in its unit, coloured if the unit asks for it, cut to a width unless that is 0. */
void render_value(const struct report_output *output, enum unit unit, uint32_t width,
		  struct store_value value);

/* What the section says of how a column fits; NULL: nothing. */
const struct report_fit *find_fit(const struct report_section *section, const char *name);

/* Index of the query's column of a name; SIZE_MAX if there is none. */
size_t find_column(const struct store_rows *rows, const char *name);

#endif
