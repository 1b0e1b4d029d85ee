#include "cli/cli.h"
#include "cli/place.h"

#include <stdlib.h>

struct why_options {
	const char *type;
};

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	(void)name, (void)err;
	((struct why_options *)context)->type = argument;
	return true;
}

/* The name of a type as the snapshot has it: in full, or without its module. */
static bool find_type(struct store *store, const char *name, struct store_parameter *ret,
		      struct error *err)
{
	CLEANUP(store_rows_closep) struct store_rows *rows = NULL;
	char *full;

	*ret = (struct store_parameter){.name = "type", .text = name};
	rows = store_query(store, "why_type_name", ret, 1, err);
	if (!rows)
		return false;
	if (!store_rows_next(rows, err))
		return err->kind == ERROR_NONE
			       ? error_set(err, ERROR_INPUT,
					   "no object is of a type '%s'; heapsect types has "
					   "their names",
					   name)
			       : false;
	full = strdup(store_rows_value(rows, 0).text);
	ret->text = full;
	return full || error_out_of_memory(err, "looking for the type");
}

static bool write_type(const struct cli_arguments *arguments, struct store *store,
		       const char *type, struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter parameter;
	bool ok;

	if (!find_type(store, type, &parameter, err))
		return false;
	ok = report_write(&output, report_find("why_type"), store, &parameter, 1, err);
	free((char *)parameter.text);
	return ok;
}

static bool write_object(const struct cli_arguments *arguments, struct store *store,
			 struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter object;

	return place_find_object(store, arguments->operands[1], &object, err) &&
	       report_write(&output, report_find("why"), store, &object, 1, err);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct why_options options = {.type = NULL};
	struct cli_arguments arguments = {
		.option = set_option, .context = &options, .least = 1, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if ((arguments.count == 2) == (options.type != NULL)) {
		error_set(&err, ERROR_USAGE, "give either an address or --type");
		return cli_usage(command, &err);
	}
	store = store_open(arguments.operands[0], &err);
	if (!store || !(options.type ? write_type(&arguments, store, options.type, &err)
				     : write_object(&arguments, store, &err)))
		return err.kind == ERROR_USAGE ? cli_usage(command, &err) : cli_fail(&err);
	return EXIT_DONE;
}

static const struct cli_option own_options[] = {
	{"type", 0, "NAME", "of all objects of the type, their paths merged"},
	{NULL, 0, NULL, NULL},
};

const struct command command_why = {
	.name = "why",
	.operands = "SNAPSHOT [ADDR]",
	.summary = "Why an object is alive: a path from each root that holds it",
	.note = "ADDR is hex (0x...) or decimal, and may be inside an object or its memory.",
	.options = own_options,
	.report = true,
	.run = run,
};
