#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool parse_address(const char *text, uint64_t *ret, struct error *err)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, hex ? 16 : 10);
	if (errno || *end || end == text || text[0] < '0' || text[0] > '9' ||
	    (hex && text[2] == '\0'))
		return error_set(err, ERROR_USAGE,
				 "'%s' is not an address: hex with 0x, or decimal", text);
	*ret = value;
	return true;
}

/* Where the address lies, as parameters of the report: ids, 0 for none. */
enum {
	PLACE_ADDRESS,
	PLACE_OBJECT,
	PLACE_BLOCK,
	PLACE_POOL,
	PLACE_ARENA,
	PLACE_MAPPING,
	PLACE_SYMBOL,
	PLACES
};

static bool find_place(struct store *store, uint64_t address, struct store_parameter *place,
		       struct error *err)
{
	CLEANUP(store_rows_closep) struct store_rows *rows = NULL;

	place[PLACE_ADDRESS] =
		(struct store_parameter){.name = "address", .integer = (int64_t)address};
	rows = store_query(store, "show_find", place, 1, err);
	if (!rows || !store_rows_next(rows, err))
		return false;
	for (size_t i = PLACE_OBJECT; i < PLACES; i++)
		place[i].integer = store_rows_value(rows, i - PLACE_OBJECT).integer;
	place[PLACE_OBJECT].name = "object";
	place[PLACE_BLOCK].name = "block";
	place[PLACE_POOL].name = "pool";
	place[PLACE_ARENA].name = "arena";
	place[PLACE_MAPPING].name = "mapping";
	place[PLACE_SYMBOL].name = "symbol";
	return true;
}

static bool is_anywhere(const struct store_parameter *place)
{
	for (size_t i = PLACE_OBJECT; i < PLACES; i++)
		if (place[i].integer)
			return true;
	return false;
}

static bool show(const struct cli_arguments *arguments, struct store *store, uint64_t address,
		 struct error *err)
{
	struct store_parameter place[PLACES] = {{.name = NULL}};
	struct report_output output = cli_output(arguments);

	if (!find_place(store, address, place, err))
		return false;
	if (!is_anywhere(place))
		return error_set(err, ERROR_INPUT,
				 "0x%" PRIx64 " is in no mapping of the process in %s", address,
				 arguments->operands[0]);
	return report_write(&output, report_find("show"), store, place, PLACES, err);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 2, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	uint64_t address = 0;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if (!parse_address(arguments.operands[1], &address, &err))
		return cli_usage(command, &err);
	store = store_open(arguments.operands[0], &err);
	if (!store || !show(&arguments, store, address, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

const struct command command_show = {
	.name = "show",
	.operands = "SNAPSHOT ADDR",
	.summary = "One address: what it is, its ledger, its references",
	.note = "ADDR is hex (0x...) or decimal, and may be any address of the process: in an\n"
		"object, a block, a variable, a function, a stack.",
	.report = true,
	.run = run,
};
