#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	MAX_OPTIONS = 24,
	HELP_COLUMN = 26,
	OPTION_HELP = 256,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_TOP,
	OPTION_COLOR,
	OPTION_OWN
};

bool cli_number(const char *text, uint64_t limit, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	*ret = value;
	return errno == 0 && *end == '\0' && value <= limit;
}

int cli_fail(const struct error *err)
{
	fprintf(stderr, "heapsect: %s\n", err->message);
	return error_exit_status(err);
}

int cli_usage(const struct command *command, const struct error *err)
{
	fprintf(stderr, "heapsect: %s; see 'heapsect %s --help'\n", err->message,
		command->name);
	return EXIT_USAGE;
}

void cli_print_version(void)
{
	puts("heapsect " HEAPSECT_VERSION);
}

static void print_option(const struct cli_option *option)
{
	const char *operand = option->operand ? option->operand : "";
	int width = printf("  %c%c%s --%s%s%s", option->short_name ? '-' : ' ',
			   option->short_name ? option->short_name : ' ',
			   option->short_name ? "," : " ", option->name, *operand ? " " : "",
			   operand);

	printf("%*s", HELP_COLUMN - width, "");
	for (const char *line = option->help; *line;) {
		int length = (int)strcspn(line, "\n");

		printf("%.*s\n", length, line);
		line += length;
		if (*line++ == '\0')
			break;
		printf("%*s", HELP_COLUMN, "");
	}
}

static void print_help(const struct command *command)
{
	static const struct cli_option json = {"json", 0, NULL, "as JSON, sizes in bytes"},
				       color = {"color", 0, "WHEN",
						"auto, at a terminal; always; never"},
				       help = {"help", 'h', NULL, "this text"},
				       version = {"version", 0, NULL, "the version"};
	char rows[96];
	struct cli_option top = {"top", 0, "N", rows};

	snprintf(rows, sizeof(rows), "rows of a table at most; 0: all\n(default %s)",
		 command->top ? command->top : "20");
	printf("Usage: heapsect %s [OPTION]... %s\n%s.\n\n", command->name, command->operands,
	       command->summary);
	if (command->note)
		printf("%s\n\n", command->note);
	for (const struct cli_option *own = command->options; own && own->name; own++)
		print_option(own);
	if (command->report) {
		print_option(&top);
		print_option(&json);
	}
	print_option(&color);
	print_option(&help);
	print_option(&version);
	fputs("\n"
	      "Exit status: 0 done, 1 found what --fail-on names, 2 usage, 3 input cannot be\n"
	      "used, 4 output cannot be written.\n",
	      stdout);
}

/* What getopt_long needs, made of the common options and the command's own. */
struct option_set {
	struct option longs[MAX_OPTIONS];
	char shorts[2 * MAX_OPTIONS + 4];
	size_t count;
};

static void add_option(struct option_set *set, const char *name, bool has_argument, int key)
{
	set->longs[set->count++] = (struct option){name, has_argument, NULL, key};
}

static void make_options(struct option_set *set, const struct command *command)
{
	const struct cli_option *own = command->options;
	size_t length = 2;

	memset(set, 0, sizeof(*set));
	memcpy(set->shorts, ":h", length);
	add_option(set, "help", false, OPTION_HELP);
	add_option(set, "version", false, OPTION_VERSION);
	add_option(set, "color", true, OPTION_COLOR);
	if (command->report) {
		add_option(set, "json", false, OPTION_JSON);
		add_option(set, "top", true, OPTION_TOP);
	}
	for (int i = 0; own && own[i].name; i++) {
		add_option(set, own[i].name, own[i].operand != NULL, OPTION_OWN + i);
		if (!own[i].short_name)
			continue;
		set->shorts[length++] = own[i].short_name;
		if (own[i].operand)
			set->shorts[length++] = ':';
	}
}

static const struct cli_option *own_option(const struct cli_option *own, int key)
{
	if (key >= OPTION_OWN)
		return &own[key - OPTION_OWN];
	for (; own && own->name; own++)
		if (own->short_name == key)
			return own;
	return NULL;
}

static bool wrong_option(int key, char **argv, struct error *err)
{
	if (key == ':')
		return error_set(err, ERROR_USAGE, "option '%s' needs an argument",
				 argv[optind - 1]);
	if (optopt > 0 && optopt < OPTION_HELP)
		return error_set(err, ERROR_USAGE, "unknown option '-%c'", optopt);
	return error_set(err, ERROR_USAGE,
			 optopt ? "option '%s' takes no argument" : "unknown option '%s'",
			 argv[optind - 1]);
}

static bool set_colour(const char *text, enum cli_colour *ret, struct error *err)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (strcmp(text, words[i]) == 0)
			return *ret = (enum cli_colour)i, true;
	return error_set(err, ERROR_USAGE, "--color takes auto, always or never, not '%s'",
			 text);
}

static bool set_option(const struct command *command, struct cli_arguments *arguments, int key,
		       char **argv, struct error *err)
{
	const struct cli_option *own;

	switch (key) {
	case OPTION_JSON:
		arguments->json = true;
		return true;
	case OPTION_TOP:
		if (cli_number(optarg, INT32_MAX, &arguments->top))
			return true;
		return error_set(err, ERROR_USAGE, "--top takes a number, not '%s'", optarg);
	case OPTION_COLOR:
		return set_colour(optarg, &arguments->colour, err);
	case ':':
	case '?':
		return wrong_option(key, argv, err);
	default:
		own = own_option(command->options, key);
		return arguments->option(arguments->context, own->name, optarg, err);
	}
}

static bool check_operands(const struct command *command, const struct cli_arguments *arguments,
			   struct error *err)
{
	if (arguments->count < arguments->least)
		return error_set(err, ERROR_USAGE, "an operand is missing: heapsect %s %s",
				 command->name, command->operands);
	if (arguments->count > arguments->most)
		return error_set(err, ERROR_USAGE, "too many operands: '%s'",
				 arguments->operands[arguments->most]);
	return true;
}

bool cli_parse(const struct command *command, int argc, char **argv,
	       struct cli_arguments *arguments, int *ret_status)
{
	struct option_set set;
	struct error err = {0};
	int key;

	make_options(&set, command);
	arguments->top = REPORT_TOP_DEFAULT;
	*ret_status = EXIT_DONE;
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((key = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1) {
		if (key == OPTION_HELP || key == 'h')
			return print_help(command), false;
		if (key == OPTION_VERSION)
			return cli_print_version(), false;
		if (!set_option(command, arguments, key, argv, &err))
			return *ret_status = cli_usage(command, &err), false;
	}
	arguments->operands = argv + optind;
	arguments->count = argc - optind;
	if (!check_operands(command, arguments, &err))
		*ret_status = cli_usage(command, &err);
	return err.kind == ERROR_NONE;
}

static bool is_coloured(enum cli_colour wanted)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (wanted != CLI_COLOUR_AUTO)
		return wanted == CLI_COLOUR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

struct report_output cli_output(const struct cli_arguments *arguments)
{
	return (struct report_output){
		.file = stdout,
		.json = arguments->json,
		.colour = is_coloured(arguments->colour),
		.top = arguments->top,
	};
}

int cli_report(const struct cli_arguments *arguments, const char *name)
{
	struct report_output output = cli_output(arguments);
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = store_open(arguments->operands[0], &err);

	if (!store || !report_write(&output, report_find(name), store, NULL, 0, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

int cli_plain_report(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 1, .most = 1};
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	return cli_report(&arguments, command->name);
}

int cli_finish(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && fclose(stdout) == 0 && !failed)
		return status;
	fprintf(stderr, "heapsect: standard output cannot be written: %s\n",
		strerror(errno ? errno : EIO));
	return EXIT_OUTPUT;
}
