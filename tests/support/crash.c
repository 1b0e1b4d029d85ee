#include "support/crash.h"

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

static bool compile(const struct crash *crash, const char *source, const char *flags)
{
	char command[512];

	snprintf(command, sizeof(command), "cc %s -w -o %s %s 2>%s/log", flags, crash->program,
		 source, crash->folder);
	if (system(command) == 0)
		return true;
	cr_log_warn("skipped: cc cannot compile %s here", source);
	return false;
}

static void run_child(const struct crash *crash)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_CORE, &unlimited);
	if (chdir(crash->folder) == 0)
		execl(crash->program, crash->program, crash->record, (char *)NULL);
	_exit(127);
}

static bool run(struct crash *crash)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		run_child(crash);
	waitpid(child, &status, 0);
	cr_assert(WIFSIGNALED(status), "the program ended with status %x", (unsigned)status);
	if (access(crash->core, R_OK) == 0)
		return true;
	snprintf(crash->core, sizeof(crash->core), "%s/core.%d", crash->folder, (int)child);
	if (access(crash->core, R_OK) == 0)
		return true;
	cr_log_warn("skipped: the program left no core");
	return false;
}

bool crash_program(struct crash *ret, const char *source, const char *flags)
{
	*ret = (struct crash){0};
	if (!cores_come_here())
		return false;
	snprintf(ret->folder, sizeof(ret->folder), "/tmp/heapsect-heap.XXXXXX");
	cr_assert(mkdtemp(ret->folder));
	snprintf(ret->core, sizeof(ret->core), "%s/core", ret->folder);
	snprintf(ret->record, sizeof(ret->record), "%s/record", ret->folder);
	snprintf(ret->program, sizeof(ret->program), "%s/program", ret->folder);
	return compile(ret, source, flags) && run(ret);
}

void crash_remove(struct crash *crash)
{
	char log[64];

	if (!crash->folder[0])
		return;
	snprintf(log, sizeof(log), "%s/log", crash->folder);
	unlink(log);
	unlink(crash->core);
	unlink(crash->record);
	unlink(crash->program);
	rmdir(crash->folder);
}
