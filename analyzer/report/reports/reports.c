#include "report/reports/reports.h"

/* clang-format off */
static const struct report *const reports[] = {
	&report_cycles,
	&report_diff,
	&report_diff_objects,
	&report_diff_series,
	&report_gc,
	&report_heap,
	&report_leaks,
	&report_leaks_all,
	&report_pools,
	&report_retained,
	&report_show,
	&report_sql_schema,
	&report_sql_tables,
	&report_summary,
	&report_threads,
	&report_types,
	&report_waste,
	&report_why,
	&report_why_type,
};
/* clang-format on */

const struct report *report_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(reports); i++)
		if (strcmp(reports[i]->name, name) == 0)
			return reports[i];
	return NULL;
}
