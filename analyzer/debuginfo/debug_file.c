/*
 * The order is GDB's: the binary, the build-id below each debug folder, then the link beside
 * the binary, in .debug beside it, and below each debug folder at the binary's own path.
 */
#include "debuginfo/debug_file.h"

#include "base/arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_DIR "/usr/lib/debug"

struct search {
	const struct binary *binary; /* NULL: only its build-id is known */
	const struct build_id *id;
	const struct debug_options *options;
	struct arena *arena; /* of the paths */
	struct binary *found;
};

static bool has_dwarf(const struct binary *binary)
{
	return binary_has_section(binary, ".debug_info") ||
	       binary_has_section(binary, ".zdebug_info");
}

/* The reflected CRC-32 of zlib, which is what the link holds. */
static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, size_t count)
{
	static const uint32_t nibbles[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < count; i++) {
		crc = crc >> 4 ^ nibbles[(crc ^ bytes[i]) & 15];
		crc = crc >> 4 ^ nibbles[(crc ^ (uint32_t)bytes[i] >> 4) & 15];
	}
	return ~crc;
}

static bool file_has_crc(const char *path, uint32_t crc)
{
	uint8_t buf[16384];
	uint32_t found = 0;
	ssize_t count;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while ((count = read(fd, buf, sizeof(buf))) > 0)
		found = crc_add(found, buf, (size_t)count);
	close(fd);
	return count == 0 && found == crc;
}

/* `crc` is NULL where only the build-id can tell. */
static bool belongs(const struct search *search, const struct binary *file, const uint32_t *crc)
{
	const struct build_id *wanted = search->id;
	const struct build_id *found = binary_build_id(file);

	if (!has_dwarf(file))
		return false;
	if (wanted->size && found->size)
		return build_id_equal(wanted, found);
	return crc && file_has_crc(binary_path(file), *crc);
}

static bool try_file(struct search *search, const char *path, const uint32_t *crc)
{
	struct error ignored = {0};
	struct binary *file;

	if (!path || access(path, R_OK) != 0)
		return false;
	file = search->binary ? binary_open(path, &ignored)
			      : binary_open_detached(path, &ignored);
	if (!file)
		return false;
	if (!belongs(search, file, crc)) {
		binary_close(file);
		return false;
	}
	search->found = file;
	return true;
}

/* Debug folders in order: the user's, the sysroot's, the system's.  NULL after the last. */
static const char *debug_dir(const struct search *search, size_t index)
{
	const struct debug_options *options = search->options;
	size_t given = 0;

	while (options->debug_dirs && options->debug_dirs[given])
		given++;
	if (index < given)
		return options->debug_dirs[index];
	index -= given;
	if (options->sysroot && *options->sysroot && index-- == 0)
		return arena_format(search->arena, "%s" SYSTEM_DIR, options->sysroot);
	return index == 0 ? SYSTEM_DIR : NULL;
}

static bool try_build_id(struct search *search)
{
	char hex[2 * BUILD_ID_MAX + 1];
	const char *dir;

	if (search->id->size < 2)
		return false;
	build_id_format(search->id, hex);
	for (size_t i = 0; (dir = debug_dir(search, i)); i++) {
		if (try_file(search,
			     arena_format(search->arena, "%s/.build-id/%.2s/%s.debug", dir, hex,
					  hex + 2),
			     NULL))
			return true;
	}
	return false;
}

/* The binary's folder as the process saw it: without the sysroot. */
static const char *inner_folder(const struct search *search, const char *folder)
{
	const char *sysroot = search->options->sysroot;
	size_t length = sysroot ? strlen(sysroot) : 0;

	while (length > 0 && sysroot[length - 1] == '/')
		length--;
	if (length > 0 && strncmp(folder, sysroot, length) == 0 &&
	    (folder[length] == '/' || folder[length] == '\0'))
		return folder + length;
	return folder;
}

static bool try_link(struct search *search)
{
	const char *path = binary_path(search->binary), *slash = strrchr(path, '/');
	const char *name, *folder, *dir;
	uint32_t crc;

	if (!binary_debug_link(search->binary, &name, &crc) || !*name || strchr(name, '/'))
		return false;
	folder = slash ? arena_string_n(search->arena, path, (size_t)(slash - path)) : ".";
	if (!folder)
		return false;
	if (try_file(search, arena_format(search->arena, "%s/%s", folder, name), &crc) ||
	    try_file(search, arena_format(search->arena, "%s/.debug/%s", folder, name), &crc))
		return true;
	for (size_t i = 0; (dir = debug_dir(search, i)); i++) {
		if (try_file(search,
			     arena_format(search->arena, "%s/%s/%s", dir,
					  inner_folder(search, folder), name),
			     &crc))
			return true;
	}
	return false;
}

static bool not_found(const struct search *search, struct error *err)
{
	char hex[2 * BUILD_ID_MAX + 1] = "none";
	const char *name = "none";
	uint32_t crc;

	if (search->id->size)
		build_id_format(search->id, hex);
	binary_debug_link(search->binary, &name, &crc);
	return error_set(err, ERROR_INPUT,
			 "%s: it has no debug info, and none was found by its build-id (%s) or "
			 "debug link (%s) in the debug folders and " SYSTEM_DIR
			 "; install its debug package or give --debug-dir",
			 binary_path(search->binary), hex, name);
}

bool debug_file_find(const struct binary *binary, const struct debug_options *options,
		     struct binary **ret, struct error *err)
{
	struct search search = {
		.binary = binary, .id = binary_build_id(binary), .options = options};
	bool found = has_dwarf(binary);

	*ret = NULL;
	if (found)
		return true;
	search.arena = arena_create();
	if (!search.arena)
		return error_out_of_memory(err, "looking for debug info");
	found = try_build_id(&search) || try_link(&search) || not_found(&search, err);
	arena_free(search.arena);
	*ret = search.found;
	return found;
}

struct binary *debug_file_by_build_id(const struct build_id *id,
				      const struct debug_options *options)
{
	struct search search = {.id = id, .options = options, .arena = arena_create()};

	if (search.arena)
		try_build_id(&search);
	arena_free(search.arena);
	return search.found;
}
