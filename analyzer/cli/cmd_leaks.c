#include "cli/baseline.h"
#include "cli/cli.h"

#include <inttypes.h>

enum { MAX_KINDS = 8 }; /* of --fail-on; each once is enough */

struct leaks_options {
	bool all;
	const char *kinds[MAX_KINDS]; /* of --fail-on */
	size_t kind_count;
	const char *grade;
	const char *baseline, *write_baseline; /* paths; or NULL */
};

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool set_kind(struct leaks_options *options, const char *kind, struct error *err)
{
	static const char *const kinds[] = {"refcount", "garbage", "native",
					    "any",      "new",     NULL};

	if (!is_one_of(kind, kinds))
		return error_set(err, ERROR_USAGE,
				 "--fail-on takes refcount, garbage, native, any or new, not "
				 "'%s'",
				 kind);
	if (options->kind_count < MAX_KINDS)
		options->kinds[options->kind_count++] = kind;
	return true;
}

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	static const char *const grades[] = {"proven", "probable", "unknown", NULL};
	struct leaks_options *options = context;

	if (strcmp(name, "all") == 0) {
		options->all = true;
		return true;
	}
	if (strcmp(name, "fail-on") == 0)
		return set_kind(options, argument, err);
	if (strcmp(name, "grade") != 0) {
		*(strcmp(name, "baseline") == 0 ? &options->baseline
						: &options->write_baseline) = argument;
		return true;
	}
	if (!is_one_of(argument, grades))
		return error_set(err, ERROR_USAGE,
				 "--grade takes proven, probable or unknown, not '%s'",
				 argument);
	options->grade = argument;
	return true;
}

static bool count_leaks(struct store *store, const struct leaks_options *options,
			const char *kind, const char *known, uint64_t *ret, struct error *err)
{
	struct store_parameter parameters[] = {
		{.name = "kind", .text = kind},
		{.name = "grade", .text = options->grade},
		{.name = "known", .text = known},
	};
	CLEANUP(store_rows_closep)
	struct store_rows *rows =
		store_query(store, "leaks_found", parameters, ARRAY_COUNT(parameters), err);

	if (!rows || !store_rows_next(rows, err))
		return false;
	*ret = (uint64_t)store_rows_value(rows, 0).integer;
	return true;
}

static int fail_on(struct store *store, const struct leaks_options *options, const char *known)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < options->kind_count; i++) {
		struct error err = {0};
		uint64_t count;

		if (!count_leaks(store, options, options->kinds[i], known, &count, &err))
			return cli_fail(&err);
		if (count == 0)
			continue;
		fprintf(stderr, "heapsect: %" PRIu64 " leaks, and --fail-on %s was given\n",
			count, options->kinds[i]);
		status = EXIT_FOUND;
	}
	return status;
}

static bool write_report(const struct cli_arguments *arguments,
			 const struct leaks_options *options, struct store *store,
			 const char *known, struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter parameter = {.name = "known", .text = known};

	return report_write(&output, report_find(options->all ? "leaks_all" : "leaks"), store,
			    &parameter, known ? 1 : 0, err);
}

static bool add_to_baseline(const struct leaks_options *options, struct store *store,
			    struct error *err)
{
	uint64_t count;

	if (!options->write_baseline)
		return true;
	if (!baseline_add(options->write_baseline, store, options->grade, &count, err))
		return false;
	fprintf(stderr, "heapsect: %" PRIu64 " line%s added to %s\n", count,
		count == 1 ? "" : "s", options->write_baseline);
	return true;
}

static int report(const struct cli_arguments *arguments, const struct leaks_options *options)
{
	struct error err = {0};
	struct baseline baseline = {NULL};
	CLEANUP(store_releasep)
	struct store *store = store_open(arguments->operands[0], &err);
	int status;

	if (!store ||
	    (options->baseline && !baseline_read(options->baseline, store, &baseline, &err)) ||
	    !write_report(arguments, options, store, baseline.known, &err) ||
	    !add_to_baseline(options, store, &err))
		status = cli_fail(&err);
	else
		status = fail_on(store, options, baseline.known);
	baseline_release(&baseline);
	return status;
}

static bool lacks_baseline(const struct leaks_options *options)
{
	for (size_t i = 0; i < options->kind_count; i++)
		if (strcmp(options->kinds[i], "new") == 0 && !options->baseline)
			return true;
	return false;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct leaks_options options = {.grade = "proven"};
	struct cli_arguments arguments = {
		.option = set_option, .context = &options, .least = 1, .most = 1};
	struct error err = {0};
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if (lacks_baseline(&options)) {
		error_set(&err, ERROR_USAGE, "--fail-on new needs --baseline");
		return cli_usage(command, &err);
	}
	return report(&arguments, &options);
}

static const struct cli_option own_options[] = {
	{"all", 0, NULL, "each leak, not groups of them"},
	{"fail-on", 0, "KIND",
	 "exit status 1 if there are leaks of the KIND:\nrefcount, garbage, native, any, or "
	 "new (not\nin the --baseline); repeatable"},
	{"baseline", 0, "FILE", "a list of known leaks: mark each NEW or KNOWN"},
	{"write-baseline", 0, "FILE", "add those that FILE does not have to it"},
	{"grade", 0, "G",
	 "with --fail-on and --write-baseline, how sure:\nproven (default), probable, unknown"},
	{NULL, 0, NULL, NULL},
};

const struct command command_leaks = {
	.name = "leaks",
	.operands = "SNAPSHOT",
	.summary = "Ledger surpluses, garbage and native leaks, each graded",
	.options = own_options,
	.report = true,
	.top = "20; with --all: all",
	.run = run,
};
