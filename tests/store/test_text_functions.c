#include "store/database.h"
#include "store/text_functions.h"

#include <criterion/criterion.h>

/* What an expression gives, or the error. */
static void expect(const char *expression, const char *expected)
{
	sqlite3 *database;
	sqlite3_stmt *statement = NULL;
	char query[256];
	const char *text;

	snprintf(query, sizeof(query), "SELECT coalesce(%s, 'NULL')", expression);
	cr_assert_eq(sqlite3_open(":memory:", &database), SQLITE_OK);
	cr_assert_eq(text_functions_register(database), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
	text = sqlite3_step(statement) == SQLITE_ROW
		       ? (const char *)sqlite3_column_text(statement, 0)
		       : sqlite3_errmsg(database);
	cr_assert_str_eq(text, expected, "%s gives %s", expression, text);
	sqlite3_finalize(statement);
	sqlite3_close(database);
}

Test(text_functions, write_addresses_as_unsigned)
{
	expect("addr(0)", "0x0");
	expect("addr(139996798770704)", "0x7f538b75de10");
	expect("addr(-1)", "0xffffffffffffffff");
	expect("addr(-10485760)", "0xffffffffff600000");
	expect("addr(NULL)", "NULL");
}

Test(text_functions, read_addresses_as_columns_have_them)
{
	expect("addr('0x7f538b75de10')", "139996798770704");
	expect("addr('0X7F538B75DE10')", "139996798770704");
	expect("addr('139996798770704')", "139996798770704");
	expect("addr('0xffffffffff600000')", "-10485760");
	expect("typeof(addr('0x10'))", "integer");
	expect("addr(addr(addr(-2)))", "0xfffffffffffffffe");
}

Test(text_functions, refuse_what_is_no_address)
{
	static const char *const wrong[] = {"",     "0x", "7f53",    "0x7g",
					    " 0x1", "-1", "1 hello", "0x10000000000000000"};
	char expression[64], message[128];

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		snprintf(expression, sizeof(expression), "addr('%s')", wrong[i]);
		snprintf(message, sizeof(message),
			 "addr(): '%s' is not an address: hex with 0x, or decimal", wrong[i]);
		expect(expression, message);
	}
	expect("addr(1.5)", "addr(): '1.5' is not an address: hex with 0x, or decimal");
}

Test(text_functions, write_bytes_in_the_words_of_the_reports)
{
	expect("human(0)", "0 B");
	expect("human(1023)", "1023 B");
	expect("human(1258291)", "1.2 MiB");
	expect("human(9223372036854775807)", "8.0 EiB");
	expect("human(-2048)", "-2.0 KiB");
	expect("human(-0.4)", "0 B");
	expect("human(99.5)", "100 B");
	expect("human('2048')", "2.0 KiB");
	expect("human(NULL)", "NULL");
}

Test(text_functions, refuse_what_is_no_number_of_bytes)
{
	expect("human('many')", "human(): 'many' is not a number of bytes");
	expect("human(x'00')", "human(): '' is not a number of bytes");
	expect("human(1e30)", "human(): '1.0e+30' is not a number of bytes");
}
