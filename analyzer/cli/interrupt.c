#include "cli/interrupt.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler has no argument: the only state of the program that is not passed along. */
static char file_to_remove[PATH_MAX];

static void remove_and_end(int signal_number)
{
	unlink(file_to_remove);
	raise(signal_number); /* the default is in force again, and ends us */
}

void interrupt_removes(const char *path)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = remove_and_end, .sa_flags = (int)SA_RESETHAND};
	struct sigaction old;

	snprintf(file_to_remove, sizeof(file_to_remove), "%s", path);
	for (size_t i = 0; i < ARRAY_COUNT(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}
