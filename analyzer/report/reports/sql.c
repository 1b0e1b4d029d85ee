/* What the prompt of `heapsect sql` tells of the snapshot's own shape. */
#include "report/reports/reports.h"

/* clang-format off */
const struct report report_sql_tables = {
	.name = "sql-tables",
	.sections = {
		{
			.key = "tables",
			.query = "sql_tables",
			.columns = {
				{"name", "Name", UNIT_TEXT},
				{"type", "Type", UNIT_TEXT},
				{"meaning", "A row is", UNIT_TEXT},
			},
		},
	},
};

const struct report report_sql_schema = {
	.name = "sql-schema",
	.sections = {
		{
			.key = "schema",
			.query = "sql_schema",
			.text = "{line}",
			.empty = "There is no table or view of that name.",
			.columns = {
				{"line", NULL, UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
