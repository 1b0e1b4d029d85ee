#include "support/compiled.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static bool run_compiler(const struct compiled *library, const char *flags)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "cc -shared -fPIC -Wl,--build-id=sha1 %s -o %s %s/source.c 2>%s/log", flags,
		 library->path, library->folder, library->folder);
	return system(command) == 0;
}

bool compiled_library(struct compiled *ret, const char *source, const char *flags)
{
	char path[64];
	FILE *file;

	snprintf(ret->folder, sizeof(ret->folder), "/tmp/heapsect-elf.XXXXXX");
	cr_assert(mkdtemp(ret->folder));
	snprintf(ret->path, sizeof(ret->path), "%s/lib.so", ret->folder);
	snprintf(path, sizeof(path), "%s/source.c", ret->folder);
	file = fopen(path, "w");
	cr_assert(file);
	fputs(source, file);
	fclose(file);
	if (run_compiler(ret, flags))
		return true;
	cr_log_warn("skipped: cc cannot make a shared library here");
	compiled_remove(ret);
	return false;
}

void compiled_remove(struct compiled *library)
{
	static const char *const names[] = {"lib.so", "source.c", "log"};
	char path[64];

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", library->folder, names[i]);
		unlink(path);
	}
	rmdir(library->folder);
}
