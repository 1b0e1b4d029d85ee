#include "pipeline/word_scan.h"

#include "core/bytes.h"
#include "core/image.h"

#include <limits.h>
#include <sys/stat.h>

#define AT_ONCE 64u /* bytes that are looked at before any of them matters */

struct scan {
	const struct image *image;
	struct address_range range;
	struct word_scan *found;
};

/* In the order of the registers of an image's thread; NULL: never has an address. */
static const char *const register_names[REGISTER_COUNT] = {
	[REGISTER_R15] = "r15", [REGISTER_R14] = "r14", [REGISTER_R13] = "r13",
	[REGISTER_R12] = "r12", [REGISTER_RBP] = "rbp", [REGISTER_RBX] = "rbx",
	[REGISTER_R11] = "r11", [REGISTER_R10] = "r10", [REGISTER_R9] = "r9",
	[REGISTER_R8] = "r8",   [REGISTER_RAX] = "rax", [REGISTER_RCX] = "rcx",
	[REGISTER_RDX] = "rdx", [REGISTER_RSI] = "rsi", [REGISTER_RDI] = "rdi",
};

static bool is_in(const struct scan *scan, uint64_t word)
{
	return word - scan->range.start < scan->range.end - scan->range.start;
}

static void add_hit(struct scan *scan, struct word_hit hit)
{
	if (scan->found->words++ < MOST_HITS)
		vector_push(&scan->found->hits, hit);
}

static void scan_registers(struct scan *scan)
{
	for (size_t i = 0; i < image_thread_count(scan->image); i++) {
		const struct image_thread *thread = image_thread(scan->image, i);

		for (size_t k = 0; k < REGISTER_COUNT; k++)
			if (register_names[k] && is_in(scan, thread->registers[k]))
				add_hit(scan,
					(struct word_hit){.into = thread->registers[k] -
								  scan->range.start,
							  .thread = thread->id,
							  .register_name = register_names[k]});
	}
}

static void scan_words(struct scan *scan, const struct image_segment *segment, uint64_t from,
		       uint64_t to)
{
	for (uint64_t at = from; at + 8 <= to; at += 8) {
		uint64_t word = load_u64(segment->bytes + at);

		if (is_in(scan, word))
			add_hit(scan, (struct word_hit){.address = segment->start + at,
							.into = word - scan->range.start});
	}
}

/* Hits are few: whether there is any among some words is asked without a branch for each. */
static bool has_any(const struct scan *scan, const uint8_t *bytes)
{
	bool any = false;

	for (unsigned i = 0; i < AT_ONCE; i += 8)
		any |= is_in(scan, load_u64(bytes + i));
	return any;
}

static void scan_segment(struct scan *scan, const struct image_segment *segment)
{
	uint64_t at = 0;

	for (; at + AT_ONCE <= segment->size; at += AT_ONCE)
		if (has_any(scan, segment->bytes + at))
			scan_words(scan, segment, at, at + AT_ONCE);
	scan_words(scan, segment, at, segment->size);
	scan->found->bytes += segment->size;
}

/* The core of that name and size, where it was, or else beside the snapshot. */
static bool find_core(const struct scanned_core *core, char *ret, struct error *err)
{
	const char *name = strrchr(core->path, '/'), *end = strrchr(core->snapshot, '/');
	struct stat found;

	snprintf(ret, PATH_MAX, "%s", core->path);
	if (stat(ret, &found) != 0)
		snprintf(ret, PATH_MAX, "%.*s%s", end ? (int)(end - core->snapshot + 1) : 0,
			 core->snapshot, name ? name + 1 : core->path);
	if (stat(ret, &found) != 0)
		return error_set(err, ERROR_INPUT, "the core is gone (%s)", core->path);
	if ((uint64_t)found.st_size != core->file_bytes)
		return error_set(err, ERROR_INPUT,
				 "%s is not the core that the snapshot was made of", ret);
	return true;
}

static bool is_same(const struct scanned_core *core, const struct image *image)
{
	const struct image_process *process = image_process(image);

	return process->pid == core->pid && !strcmp(process->executable, core->executable) &&
	       image_dumped_bytes(image) == core->dumped_bytes;
}

/* Files that the process had mapped matter to nothing here. */
static struct image *open_core(const struct scanned_core *core, struct anomalies *anomalies,
			       struct error *err)
{
	struct image_options options = {.partial = true, .anomalies = anomalies};
	CLEANUP(image_closep) struct image *image = NULL;
	char path[PATH_MAX];

	if (!find_core(core, path, err))
		return NULL;
	image = image_open_core(path, &options, err);
	if (image && !is_same(core, image))
		return error_set(err, ERROR_INPUT,
				 "%s is not the core that the snapshot was made of", path),
		       NULL;
	return TAKE(image);
}

bool word_scan(const struct scanned_core *core, struct address_range range,
	       struct word_scan *ret, struct error *err)
{
	struct anomalies *anomalies = anomalies_create();
	struct image *image = anomalies ? open_core(core, anomalies, err) : NULL;
	struct scan scan = {image, range, ret};
	bool done = image;

	*ret = (struct word_scan){.words = 0};
	if (image) {
		scan_registers(&scan);
		for (size_t i = 0; i < image_segment_count(image); i++)
			scan_segment(&scan, image_segment(image, i));
	}
	image_close(image);
	anomalies_free(anomalies);
	if ((!done && err->kind == ERROR_NONE) || ret->hits.failed)
		done = error_out_of_memory(err, "looking for an address");
	return done;
}

void word_scan_release(struct word_scan *scan)
{
	vector_release(&scan->hits);
}
