/*
 * heapsect: a command and its operands.
 */
#include "cli/cli.h"

#include <signal.h>

/* clang-format off */
static const struct command *const commands[] = {
	&command_analyze,
	&command_summary,
	&command_types,
	&command_leaks,
	&command_cycles,
	&command_gc,
	&command_pools,
	&command_heap,
	&command_retained,
	&command_waste,
	&command_show,
	&command_why,
	&command_threads,
	&command_diff,
	&command_sql,
};
/* clang-format on */

static void print_commands(void)
{
	puts("Usage: heapsect COMMAND [OPTION]... [OPERAND]...\n"
	     "Dissects the heap of a process from its core dump.\n");
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		printf("  %-8s %-18s %s\n", commands[i]->name, commands[i]->operands,
		       commands[i]->summary);
	puts("\n'heapsect COMMAND --help' tells more; 'heapsect --version' the version.");
}

static int usage(const char *message, const char *name)
{
	fprintf(stderr, "heapsect: %s%s%s%s; see 'heapsect --help'\n", message,
		name ? " '" : "", name ? name : "", name ? "'" : "");
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return usage("a command is missing", NULL);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return print_commands(), EXIT_DONE;
	if (strcmp(name, "--version") == 0)
		return cli_print_version(), EXIT_DONE;
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i]->run(commands[i], argc - 1, argv + 1);
	return usage(name[0] == '-' ? "unknown option" : "unknown command", name);
}

int main(int argc, char **argv)
{
	/* A closed pipe is a failed write, which cli_finish() reports. */
	signal(SIGPIPE, SIG_IGN);
	return cli_finish(run(argc, argv));
}
