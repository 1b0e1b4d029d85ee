/*
 * Reports: named queries over a snapshot, as aligned text or as JSON, into a FILE of the
 * caller's.
 *
 * Refuses to know: SQL (it is in schema/queries/), command lines, terminals.
 *
 * How to add one: the queries in schema/queries/, and a file in reports/ that says which
 * columns text shows, under which titles and in which units.  JSON has every column of the
 * query under the column's own name.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/format.h"

#define REPORT_TOP_DEFAULT UINT64_MAX
#define REPORT_TOP_ALL     UINT64_MAX /* as a section's own default */

struct report_output {
	FILE *file;
	bool json;
	bool colour;  /* escape sequences in text */
	uint64_t top; /* rows of a table at most; 0: all; or REPORT_TOP_DEFAULT */
};

/* A column of a table, or a value that a template names. */
struct report_column {
	const char *name;  /* of the query's column */
	const char *title; /* over the column; NULL: only for templates */
	enum unit unit;
};

/* How a column is kept to a screen, in text. */
struct report_fit {
	const char *name; /* of the column */
	uint32_t width;   /* text is cut to as many columns and ends in "…"; 0: as it is */
	bool optional;    /* left out of a table where all rows have NULL */
};

enum { REPORT_COLUMNS = 12, REPORT_SECTIONS = 16, REPORT_FITS = 4 };

struct report_section {
	const char *key;   /* member of the JSON object */
	const char *query; /* in schema/queries/ */
	bool single;       /* one row: an object in JSON, not an array */
	bool limited;      /* the query takes :top */
	/* Its default in text, to fit a screen, or REPORT_TOP_ALL; 0: the one of all reports. */
	uint64_t top;
	/*
	 * Text is a template a row: {column} is a value, [a part with {column}] is left out
	 * where one of its values is NULL.  Without one it is a table of the titled columns.
	 */
	const char *text;
	size_t wrap;         /* columns that lines of a template have at most; 0: as it comes */
	const char *heading; /* line over it, if there are rows; or NULL */
	const char *empty;   /* line if there are no rows; or NULL */
	const char *more; /* line after the rows of a template if there are others; or NULL */
	struct report_column columns[REPORT_COLUMNS]; /* the first without a name ends them */
	struct report_fit
		fits[REPORT_FITS]; /* likewise; columns without one are as wide as they are */
	/*
	 * Sections of each row, below it in text, members of its object in JSON; not of a
	 * table's.  Their :id is the row's column of that name.  The first without a key ends
	 * them; or NULL.
	 */
	const struct report_section *each;
};

struct report {
	const char *name;
	struct report_section sections[REPORT_SECTIONS]; /* the first without a key ends them */
};

/* NULL if there is none. */
const struct report *report_find(const char *name);

bool report_write(const struct report_output *output, const struct report *report,
		  struct store *store, const struct store_parameter *parameters, size_t count,
		  struct error *err);

/* The rows of a person's own SQL: all of them unless output->top is a number. */
bool report_write_sql(const struct report_output *output, struct store *store, const char *sql,
		      struct error *err);

#endif
