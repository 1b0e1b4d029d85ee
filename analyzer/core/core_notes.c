/*
 * OFFSET SIZE MEANING       (Linux 6.1, include/uapi/linux/elfcore.h, fs/binfmt_elf.c; x86-64)
 * NT_PRSTATUS, one a thread, the one that died first; 336 bytes
 *     12    2 signal
 *     32    4 thread id
 *    112  216 registers, as struct user_regs_struct
 * NT_PRPSINFO; 136 bytes
 *     24    4 process id
 *     40   16 name
 *     56   80 command line, blanks between the arguments
 * NT_SIGINFO
 *      0    4 signal
 * NT_AUXV: pairs of
 *      0    8 type; 0 ends them
 *      8    8 value
 * NT_FILE
 *      0    8 how many
 *      8    8 unit of the offsets, in bytes
 *     16   24 each: start, end, offset into the file in units
 *      …    … as many NUL-terminated paths
 */
#include "core/core_notes.h"

#include "core/bytes.h"
#include "core/note.h"

#include <elf.h>
#include <signal.h>

#define PRSTATUS_REGISTERS 112u
#define PRPSINFO_SIZE      136u
#define MOST_THREADS       (1u << 20)

static void add_thread(struct image *image, const struct note *note)
{
	struct image_thread thread = {0};

	if (note->size < PRSTATUS_REGISTERS + sizeof(thread.registers)) {
		anomaly_record(image->anomalies, "core", 0, "a thread's note is too short");
		return;
	}
	if (image->threads.count >= MOST_THREADS) {
		anomaly_record(image->anomalies, "core", 0, "more threads than are read");
		return;
	}
	thread.id = load_u32(note->data + 32);
	for (size_t i = 0; i < REGISTER_COUNT; i++)
		thread.registers[i] = load_u64(note->data + PRSTATUS_REGISTERS + 8 * i);
	// gcore stops what it dumps; that ended nothing.
	if (image->threads.count == 0 && load_u16(note->data + 12) != SIGSTOP)
		image->process.signal = load_u16(note->data + 12);
	vector_push(&image->threads, thread);
}

static void read_process(struct image *image, const struct note *note)
{
	const char *line;

	if (note->size < PRPSINFO_SIZE || image->process.pid)
		return;
	line = (const char *)note->data + 56;
	image->process.pid = load_u32(note->data + 24);
	image->process.command_line = arena_string_n(image->arena, line, strnlen(line, 80));
}

static void read_auxiliary(struct image *image, const struct note *note)
{
	if (image->auxiliary.count)
		return;
	for (uint64_t at = 0; span_fits(at, 16, note->size); at += 16) {
		struct auxiliary pair = {load_u64(note->data + at),
					 load_u64(note->data + at + 8)};

		if (pair.type == AT_NULL)
			return;
		vector_push(&image->auxiliary, pair);
	}
}

/* The offset in bytes; false where the line is nonsense. */
static bool read_range(const uint8_t *line, uint64_t unit, struct file_range *ret)
{
	ret->range.start = load_u64(line);
	ret->range.end = load_u64(line + 8);
	return ret->range.start < ret->range.end &&
	       !__builtin_mul_overflow(load_u64(line + 16), unit, &ret->offset) &&
	       span_fits(ret->offset, ret->range.end - ret->range.start, UINT64_MAX);
}

static void read_files(struct image *image, const struct note *note)
{
	uint64_t count = note->size >= 16 ? load_u64(note->data) : 0;
	uint64_t unit = note->size >= 16 ? load_u64(note->data + 8) : 0;
	uint64_t name_at;

	if (image->ranges.count)
		return;
	if (note->size < 16 || count > (note->size - 16) / 24) {
		anomaly_record(image->anomalies, "core", 0, "the list of files is cut off");
		return;
	}
	name_at = 16 + 24 * count;
	for (uint64_t i = 0; i < count; i++) {
		const char *name = (const char *)note->data + name_at;
		size_t length = strnlen(name, note->size - name_at);
		struct file_range range = {0};

		if (name_at + length >= note->size) {
			anomaly_record(image->anomalies, "core", 0,
				       "the list of files is cut off");
			return;
		}
		name_at += length + 1;
		range.path = arena_string_n(image->arena, name, length);
		if (range.path && read_range(note->data + 16 + 24 * i, unit, &range))
			vector_push(&image->ranges, range);
	}
}

static void read_signal(struct image *image, const struct note *note)
{
	if (note->size >= 4 && image->process.signal == 0 && load_u32(note->data) != SIGSTOP)
		image->process.signal = load_u32(note->data);
}

void core_notes_read(struct image *image, const uint8_t *bytes, uint64_t size)
{
	static const struct {
		uint32_t type;
		void (*read)(struct image *image, const struct note *note);
	} readers[] = {
		{NT_PRSTATUS, add_thread}, {NT_PRPSINFO, read_process},
		{NT_SIGINFO, read_signal}, {NT_AUXV, read_auxiliary},
		{NT_FILE, read_files},
	};
	struct note_cursor cursor = {bytes, size, 4};
	struct note note;

	while (note_next(&cursor, &note))
		for (size_t i = 0; i < ARRAY_COUNT(readers); i++)
			if (note_is(&note, "CORE", readers[i].type))
				readers[i].read(image, &note);
	if (cursor.size)
		anomaly_record(image->anomalies, "core", 0,
			       "the notes about threads and files are cut off");
}
