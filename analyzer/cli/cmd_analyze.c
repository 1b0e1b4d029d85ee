#include "base/vector.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "pipeline/pipeline.h"

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

struct analyze_options {
	struct pipeline_options pipeline;
	VECTOR_OF(const char *)
	debug_dirs;
	VECTOR_OF(const char *)
	library_dirs;
	bool quiet;
	bool progress_lines;
};

static bool set_number(const char *name, const char *argument, uint64_t limit, uint32_t *ret,
		       struct error *err)
{
	uint64_t value;

	if (!cli_number(argument, limit, &value) || value == 0)
		return error_set(err, ERROR_USAGE, "--%s takes a number, not '%s'", name,
				 argument);
	*ret = (uint32_t)value;
	return true;
}

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	struct analyze_options *options = context;
	struct pipeline_options *pipeline = &options->pipeline;

	if (strcmp(name, "pid") == 0)
		return set_number(name, argument, INT32_MAX, &pipeline->pid, err);
	if (strcmp(name, "jobs") == 0)
		return set_number(name, argument, 1024, &pipeline->jobs, err);
	if (strcmp(name, "memory-fd") == 0)
		return set_number(name, argument, INT32_MAX, &pipeline->memory_fd, err);
	if (strcmp(name, "output") == 0)
		pipeline->output = argument;
	else if (strcmp(name, "exe") == 0)
		pipeline->executable = argument;
	else if (strcmp(name, "sysroot") == 0)
		pipeline->sysroot = argument;
	else if (strcmp(name, "registers") == 0)
		pipeline->registers = argument;
	else if (strcmp(name, "no-cache") == 0)
		pipeline->no_cache = true;
	else if (strcmp(name, "partial") == 0)
		pipeline->partial = true;
	else if (strcmp(name, "quiet") == 0)
		options->quiet = true;
	else if (strcmp(name, "progress-lines") == 0)
		options->progress_lines = true;
	else if (strcmp(name, "library-dir") == 0)
		vector_push(&options->library_dirs, argument);
	else
		vector_push(&options->debug_dirs, argument);
	return true;
}

static bool set_input(struct analyze_options *options, const struct cli_arguments *arguments,
		      struct error *err)
{
	if (options->pipeline.pid && arguments->count)
		return error_set(err, ERROR_USAGE, "a core and --pid exclude each other");
	if (!options->pipeline.pid && !arguments->count)
		return error_set(err, ERROR_USAGE,
				 "an operand is missing: a core, or --pid PID");
	if (options->pipeline.registers && !options->pipeline.pid)
		return error_set(err, ERROR_USAGE,
				 "--registers goes with --pid: a core has its own");
	options->pipeline.core = options->pipeline.pid ? NULL : arguments->operands[0];
	return true;
}

static bool default_output(const struct pipeline_options *pipeline, char *ret, size_t size,
			   struct error *err)
{
	int length;

	if (pipeline->core)
		length = snprintf(ret, size, "%s.heapsect.db", pipeline->core);
	else
		length = snprintf(ret, size, "heapsect-%" PRIu32 ".heapsect.db", pipeline->pid);
	if ((size_t)length >= size)
		return error_set(err, ERROR_OUTPUT, "the name of the core is too long");
	return true;
}

static void show_progress(void *context, const char *stage, unsigned percent)
{
	(void)context;
	fprintf(stderr, "\r\033[K%s %u %%", stage, percent);
}

static void write_progress(void *context, const char *stage, unsigned percent)
{
	(void)context;
	fprintf(stderr, "progress: %u %s\n", percent, stage);
}

static bool analyze(struct analyze_options *options, struct error *err)
{
	bool terminal = isatty(STDERR_FILENO) && !options->quiet && !options->progress_lines;
	char temporary[PATH_MAX];
	bool ok;

	vector_push(&options->debug_dirs, NULL);
	vector_push(&options->library_dirs, NULL);
	if (options->debug_dirs.failed || options->library_dirs.failed)
		return error_out_of_memory(err, "reading the command line");
	options->pipeline.debug_dirs = options->debug_dirs.items;
	options->pipeline.library_dirs = options->library_dirs.items;
	if (options->progress_lines)
		options->pipeline.progress = write_progress;
	if (terminal)
		options->pipeline.progress = show_progress;
	if (store_temporary_path(options->pipeline.output, temporary, sizeof(temporary)))
		interrupt_removes(temporary);
	ok = pipeline_analyze(&options->pipeline, err);
	if (terminal)
		fputs("\r\033[K", stderr);
	return ok;
}

static int analyze_and_report(struct analyze_options *options, struct cli_arguments *arguments)
{
	struct error err = {0};
	char output[PATH_MAX];
	char *snapshot;

	if (!options->pipeline.output) {
		if (!default_output(&options->pipeline, output, sizeof(output), &err))
			return cli_fail(&err);
		options->pipeline.output = output;
	}
	if (!store_check_writable(options->pipeline.output, &err) || !analyze(options, &err))
		return cli_fail(&err);
	if (options->quiet)
		return EXIT_DONE;
	snapshot = (char *)options->pipeline.output;
	arguments->operands = &snapshot;
	return cli_report(arguments, "summary");
}

static int run(const struct command *command, int argc, char **argv)
{
	struct analyze_options options = {.quiet = false};
	struct cli_arguments arguments = {.option = set_option, .context = &options, .most = 1};
	struct error err = {0};
	int status;

	if (cli_parse(command, argc, argv, &arguments, &status)) {
		if (set_input(&options, &arguments, &err))
			status = analyze_and_report(&options, &arguments);
		else
			status = cli_usage(command, &err);
	}
	vector_release(&options.debug_dirs);
	vector_release(&options.library_dirs);
	return status;
}

static const struct cli_option own_options[] = {
	{"output", 'o', "SNAPSHOT",
	 "where to (default CORE.heapsect.db, or\nheapsect-PID.heapsect.db)"},
	{"pid", 0, "PID", "a live process, stopped only while it is read"},
	{"exe", 0, "FILE", "the executable, if it is not where it was"},
	{"sysroot", 0, "DIR", "where the process's files are"},
	{"debug-dir", 0, "DIR", "where debug information is; repeatable"},
	{"library-dir", 0, "DIR",
	 "where libraries are that are not where they\nwere; repeatable"},
	{"registers", 0, "FILE",
	 "with --pid: a debugger has stopped the process,\nand these are its registers"},
	{"memory-fd", 0, "N", "with --registers: the debugger's descriptor of its\nmemory"},
	{"partial", 0, NULL, "go on with a truncated core or without the\nexecutable"},
	{"no-cache", 0, NULL, "neither read nor write the cache of layouts"},
	{"jobs", 'j', "N", "threads to use at most (default: two)"},
	{"progress-lines", 0, NULL, "progress on stderr as lines: progress: PERCENT STAGE"},
	{"quiet", 'q', NULL, "no progress, no summary"},
	{NULL, 0, NULL, NULL},
};

const struct command command_analyze = {
	.name = "analyze",
	.operands = "CORE | --pid PID",
	.summary = "Read a core, write a snapshot, print its summary",
	.options = own_options,
	.run = run,
};
