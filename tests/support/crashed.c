#include "support/crashed.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool cores_come_here(void)
{
	char pattern[256] = "";
	FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");

	if (file) {
		if (!fgets(pattern, sizeof(pattern), file))
			pattern[0] = '\0';
		fclose(file);
	}
	if (!strcmp(pattern, "core\n"))
		return true;
	cr_log_warn("skipped: core_pattern is not `core', so no core appears here");
	return false;
}

static bool compile(struct crashed *crashed, const char *source, const char *flags)
{
	char command[256];

	snprintf(command, sizeof(command), "cc %s -pthread -w -o %s %s 2>%s/log", flags,
		 crashed->program, source, crashed->folder);
	if (system(command) == 0)
		return true;
	cr_log_warn("skipped: cc cannot compile %s here", source);
	return false;
}

static void run_child(const struct crashed *crashed, const char *mode)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_CORE, &unlimited);
	if (chdir(crashed->folder) == 0)
		execl(crashed->program, crashed->program, crashed->record, mode, (char *)NULL);
	_exit(127);
}

/* False where the core was not written, or is of another name. */
static bool crash(struct crashed *crashed, const char *mode)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		run_child(crashed, mode);
	waitpid(child, &status, 0);
	cr_assert(WIFSIGNALED(status), "the program ended with status %x", (unsigned)status);
	if (access(crashed->core, R_OK)) {
		snprintf(crashed->core, sizeof(crashed->core), "%s/core.%d", crashed->folder,
			 (int)child);
		if (access(crashed->core, R_OK)) {
			cr_log_warn("skipped: the program left no core");
			return false;
		}
	}
	return true;
}

bool crashed_run(struct crashed *crashed, const char *source, const char *flags,
		 const char *mode)
{
	*crashed = (struct crashed){0};
	if (!cores_come_here())
		return false;
	snprintf(crashed->folder, sizeof(crashed->folder), "/tmp/heapsect-heap.XXXXXX");
	cr_assert(mkdtemp(crashed->folder));
	snprintf(crashed->core, sizeof(crashed->core), "%s/core", crashed->folder);
	snprintf(crashed->record, sizeof(crashed->record), "%s/record", crashed->folder);
	snprintf(crashed->program, sizeof(crashed->program), "%s/program", crashed->folder);
	return compile(crashed, source, flags) && crash(crashed, mode);
}

void crashed_clean(struct crashed *crashed)
{
	char log[64];

	if (!crashed->folder[0])
		return;
	snprintf(log, sizeof(log), "%s/log", crashed->folder);
	unlink(log);
	unlink(crashed->core);
	unlink(crashed->record);
	unlink(crashed->program);
	rmdir(crashed->folder);
}
