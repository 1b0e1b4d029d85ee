#include "cli/state_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The XDG base directory specification: a path that is not absolute is to be ignored. */
static bool make_path(const char *name, char *ret, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int length;

	if (state && state[0] == '/')
		length = snprintf(ret, size, "%s/heapsect/%s", state, name);
	else if (home && home[0] == '/')
		length = snprintf(ret, size, "%s/.local/state/heapsect/%s", home, name);
	else
		return false;
	return (size_t)length < size;
}

/* The folders above path, for the user's eyes only as the specification wants it. */
static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return true;
}

bool state_file_path(const char *name, char *ret, size_t size, struct error *err)
{
	if (!make_path(name, ret, size))
		return error_set(err, ERROR_OUTPUT, "there is no home folder for %s", name);
	if (!make_folders(ret))
		return error_set(err, ERROR_OUTPUT, "%s: %s", ret, strerror(errno));
	return true;
}
