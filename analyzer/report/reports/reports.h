/*
 * The reports, a file each: which queries, and which of their columns text shows.
 *
 * How to add one: a file here, a line below, a line in report_find().
 */
#ifndef REPORT_REPORTS_H
#define REPORT_REPORTS_H

#include "report/report.h"

/* clang-format off */
extern const struct report
	report_cycles,
	report_diff,
	report_diff_objects,
	report_diff_series,
	report_gc,
	report_heap,
	report_leaks,
	report_leaks_all,
	report_pools,
	report_retained,
	report_show,
	report_sql_schema,
	report_sql_tables,
	report_summary,
	report_threads,
	report_types,
	report_waste,
	report_why,
	report_why_type;
/* clang-format on */

#endif
