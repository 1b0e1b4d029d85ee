/*
 * The kernel writes a core of a child that aborts; where it would go elsewhere than into
 * the current folder, there is nothing to test.
 */
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile char secret[32] = "before the fork";
static const char constant[] = "text that only the executable has";

static bool cores_are_plain_files(void)
{
	char pattern[256] = "";
	FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");

	if (file && !fgets(pattern, sizeof(pattern), file))
		pattern[0] = '\0';
	if (file)
		fclose(file);
	return pattern[0] && !strpbrk(pattern, "|/");
}

static void die_in(const char *folder)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	signal(SIGABRT, SIG_DFL);
	prctl(PR_SET_DUMPABLE, 1);
	if (chdir(folder) || setrlimit(RLIMIT_CORE, &unlimited))
		_exit(1);
	memcpy((char *)secret, "after the fork", 15);
	abort();
}

/* The path of the only file in the folder; false if there is none. */
static bool find_core(const char *folder, char *ret, size_t size)
{
	DIR *opened = opendir(folder);
	struct dirent *entry;
	bool found = false;

	while (opened && (entry = readdir(opened)))
		if (entry->d_name[0] != '.') {
			snprintf(ret, size, "%s/%s", folder, entry->d_name);
			found = true;
		}
	if (opened)
		closedir(opened);
	return found;
}

static bool make_core(char *folder, char *path, size_t size)
{
	pid_t child;
	int status;

	if (!cores_are_plain_files()) {
		cr_log_warn("skipped: core_pattern sends cores elsewhere");
		return false;
	}
	cr_assert(mkdtemp(folder));
	child = fork();
	if (child == 0)
		die_in(folder);
	waitpid(child, &status, 0);
	if (find_core(folder, path, size))
		return true;
	cr_log_warn("skipped: the kernel wrote no core (a limit, or a full disk)");
	rmdir(folder);
	return false;
}

static void check(struct image *image)
{
	char text[64];
	uint64_t mappings = 0;

	cr_assert(image_read_string(image, (addr_t)(uintptr_t)secret, text, sizeof(text)));
	cr_assert_str_eq(text, "after the fork");
	cr_assert(image_read_string(image, (addr_t)(uintptr_t)constant, text, sizeof(text)));
	cr_assert_str_eq(text, constant);
	cr_assert_eq(image_process(image)->signal, (uint32_t)SIGABRT);
	cr_assert_eq(image_thread_count(image), 1u);
	for (size_t i = 0; i < image_mapping_count(image); i++)
		mappings += image_mapping(image, i)->dumped;
	cr_assert_eq(mappings, image_dumped_bytes(image));
}

Test(real_core, is_read_with_the_files_it_was_made_of)
{
	char folder[] = "/tmp/heapsect-real.XXXXXX", path[320];
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies};
	struct image *image;

	if (!make_core(folder, path, sizeof(path)))
		return;
	image = image_open_core(path, &options, &err);
	unlink(path);
	rmdir(folder);
	cr_assert(image, "%s", err.message);
	check(image);
	image_close(image);
	anomalies_free(anomalies);
}
