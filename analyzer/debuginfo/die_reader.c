/*
 * First the headers of all units, which are few, then the DIEs of each unit, depth first and
 * without recursion.
 *
 * Offsets of visited DIEs only ever grow.  A sibling attribute that leads backwards therefore
 * means damage, and checking it keeps the walk from going round in circles.
 */
#include "debuginfo/die_reader.h"

#include "debuginfo/die_attributes.h"
#include "debuginfo/die_filter.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define STAGE      "debuginfo"
#define HUGE_DWARF ((uint64_t)64 << 20)
/* Inlined functions and blocks nest; 60 deep was the most seen in LTO builds. */
#define DEPTH_LIMIT 256

struct unit {
	uint64_t root; /* offset of its DIE */
	uint16_t version;
	bool is_info;
};

struct die_reader {
	struct die_context context;
	VECTOR_OF(struct unit) units;
	struct anomalies *anomalies;
	uint64_t bytes; /* of .debug_info and .debug_types, uncompressed */
	int fd;
};

static int settled(struct die_reader *reader, int result, Dwarf_Error failure)
{
	if (result == DW_DLV_ERROR)
		dwarf_dealloc_error(reader->context.debug, failure);
	return result;
}

struct die_reader *die_reader_open(const char *path, struct error *err)
{
	CLEANUP(die_reader_closep) struct die_reader *reader = calloc(1, sizeof(*reader));
	Dwarf_Error failure = NULL;
	int result;

	if (!reader) {
		error_out_of_memory(err, "reading debug info");
		return NULL;
	}
	reader->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (reader->fd < 0) {
		error_set(err, ERROR_INPUT, "%s: cannot be opened", path);
		return NULL;
	}
	result = COMPAT_INIT(reader->fd, &reader->context.debug, &failure);
	if (result != DW_DLV_OK) {
		error_set(err, ERROR_FORMAT, "%s: its debug info cannot be read: %s", path,
			  result == DW_DLV_ERROR ? dwarf_errmsg(failure) : "there is none");
		if (result == DW_DLV_ERROR)
			dwarf_dealloc_error(reader->context.debug, failure);
		reader->context.debug = NULL;
		return NULL;
	}
	return TAKE(reader);
}

void die_reader_close(struct die_reader *reader)
{
	if (reader->context.debug)
		COMPAT_FINISH(reader->context.debug);
	if (reader->fd >= 0)
		close(reader->fd);
	vector_release(&reader->units);
	vector_release(&reader->context.signatures);
	free(reader);
}

static void unreadable(struct die_reader *reader)
{
	reader->context.tree->unreadable_units++;
	anomaly_record(reader->anomalies, STAGE, 0, "a unit of the debug info cannot be read");
}

static void add_unit(struct die_reader *reader, struct unit unit)
{
	Dwarf_Error failure = NULL;
	Dwarf_Die root = NULL;
	Dwarf_Off offset = 0;

	if (settled(reader,
		    dwarf_siblingof_b(reader->context.debug, NULL, unit.is_info, &root,
				      &failure),
		    failure) != DW_DLV_OK) {
		unreadable(reader);
		return;
	}
	if (settled(reader, dwarf_dieoffset(root, &offset, &failure), failure) == DW_DLV_OK) {
		unit.root = offset;
		vector_push(&reader->units, unit);
	}
	dwarf_dealloc_die(root);
}

static void add_signature(struct die_reader *reader, const Dwarf_Sig8 *bytes, uint64_t offset)
{
	struct die_signature signature = {.offset = offset};

	memcpy(&signature.signature, bytes, sizeof(signature.signature));
	vector_push(&reader->context.signatures, signature);
}

/* .debug_info, or .debug_types: all units' headers.  A damaged one hides those behind it. */
static void read_headers(struct die_reader *reader, bool is_info)
{
	Dwarf_Unsigned start = 0, length, type_offset, next;
	Dwarf_Half version, address_size, length_size, extension_size, kind;
	Dwarf_Off abbreviations;
	Dwarf_Sig8 signature;
	Dwarf_Error failure = NULL;
	int result;

	for (;;) {
		type_offset = 0;
		result = settled(reader,
				 dwarf_next_cu_header_d(reader->context.debug, is_info, &length,
							&version, &abbreviations, &address_size,
							&length_size, &extension_size,
							&signature, &type_offset, &next, &kind,
							&failure),
				 failure);
		if (result != DW_DLV_OK || next <= start)
			break;
		add_unit(reader, (struct unit){.version = version, .is_info = is_info});
		if (type_offset && (kind == DW_UT_type || !is_info))
			add_signature(reader, &signature,
				      (start + type_offset) | (is_info ? 0 : DIE_IN_TYPES));
		reader->bytes += next - start;
		start = next;
	}
	if (result == DW_DLV_ERROR)
		unreadable(reader);
}

static int compare_signatures(const void *left, const void *right)
{
	const struct die_signature *one = left, *other = right;

	return one->signature < other->signature ? -1 : one->signature > other->signature;
}

static bool is_c(struct die_reader *reader, Dwarf_Die root)
{
	Dwarf_Unsigned language = 0;
	Dwarf_Error failure = NULL;

	if (settled(reader, dwarf_srclang(root, &language, &failure), failure) != DW_DLV_OK)
		return true; /* a partial unit says nothing */
	return die_filter_is_c(language);
}

static addr_t unit_base(struct die_reader *reader, Dwarf_Die root)
{
	Dwarf_Error failure = NULL;
	Dwarf_Addr low = 0;

	settled(reader, dwarf_lowpc(root, &low, &failure), failure);
	return low;
}

/* The walk's way from the root down to where it is. */
struct walk {
	struct die_reader *reader;
	uint64_t last; /* the largest offset so far */
	size_t depth;
	struct {
		Dwarf_Die handle;
		uint32_t die; /* the recorded DIE whose children these are, or DIE_NONE */
		bool is_open; /* `die` was recorded for it, and ends when its children do */
	} levels[DEPTH_LIMIT];
};

/* The DIE's index; DIE_NONE if it cannot be read. */
static uint32_t record(struct walk *walk, Dwarf_Die handle, Dwarf_Half tag, uint32_t parent)
{
	struct die_context *context = &walk->reader->context;
	struct die_tree *tree = context->tree;
	struct die die = {.tag = tag, .parent = parent, .unit = context->unit};
	uint32_t index = (uint32_t)tree->dies.count;

	die.offset = walk->last | (context->is_info ? 0 : DIE_IN_TYPES);
	die.end = index + 1;
	if (index == DIE_NONE || !die_attributes_read(context, handle, &die))
		return DIE_NONE;
	return vector_push(&tree->dies, die) ? index : DIE_NONE;
}

/* A prototype's parameters say nothing. */
static bool is_worth_descending(const struct walk *walk, enum die_care care, uint32_t index)
{
	const struct die *die;

	if (care == CARE_DESCEND)
		return true;
	if (care != CARE_RECORD_AND_DESCEND || index == DIE_NONE)
		return false;
	die = &walk->reader->context.tree->dies.items[index];
	return !(die->tag == DW_TAG_subprogram && die->is_declaration);
}

/* Steps into the children of the current DIE if they are of interest; true if it did. */
static bool step_down(struct walk *walk)
{
	__typeof__(walk->levels[0]) *level = &walk->levels[walk->depth];
	Dwarf_Error failure = NULL;
	Dwarf_Die child = NULL;
	Dwarf_Half tag = 0;
	enum die_care care;
	uint32_t index = level->die;

	if (settled(walk->reader, dwarf_tag(level->handle, &tag, &failure), failure) !=
	    DW_DLV_OK)
		return false;
	care = die_filter_care(tag);
	if (care == CARE_RECORD || care == CARE_RECORD_AND_DESCEND)
		index = record(walk, level->handle, tag, level->die);
	if (!is_worth_descending(walk, care, index) || walk->depth + 1 >= DEPTH_LIMIT)
		return false;
	if (settled(walk->reader, dwarf_child(level->handle, &child, &failure), failure) !=
	    DW_DLV_OK)
		return false;
	walk->depth++;
	walk->levels[walk->depth].handle = child;
	walk->levels[walk->depth].die = index;
	walk->levels[walk->depth].is_open = care == CARE_RECORD_AND_DESCEND;
	return true;
}

/* Leaves the children of a level: what was recorded for their parent is complete. */
static void step_up(struct walk *walk)
{
	struct die_tree *tree = walk->reader->context.tree;
	uint32_t index = walk->levels[walk->depth].die;

	dwarf_dealloc_die(walk->levels[walk->depth].handle);
	if (walk->levels[walk->depth].is_open && index != DIE_NONE)
		tree->dies.items[index].end = (uint32_t)tree->dies.count;
	walk->depth--;
}

/* To the next DIE on this level or above; false at the end, or at damage. */
static bool step_on(struct walk *walk, bool *damaged)
{
	struct die_reader *reader = walk->reader;
	Dwarf_Error failure = NULL;

	while (walk->depth > 0) {
		Dwarf_Die next = NULL;
		int result =
			settled(reader,
				dwarf_siblingof_b(reader->context.debug,
						  walk->levels[walk->depth].handle,
						  reader->context.is_info, &next, &failure),
				failure);

		if (result == DW_DLV_OK) {
			dwarf_dealloc_die(walk->levels[walk->depth].handle);
			walk->levels[walk->depth].handle = next;
			return true;
		}
		*damaged |= result == DW_DLV_ERROR;
		step_up(walk);
	}
	return false;
}

static bool is_forward(struct walk *walk)
{
	Dwarf_Error failure = NULL;
	Dwarf_Off offset = 0;

	if (settled(walk->reader,
		    dwarf_dieoffset(walk->levels[walk->depth].handle, &offset, &failure),
		    failure) != DW_DLV_OK ||
	    offset <= walk->last)
		return false;
	walk->last = offset;
	return true;
}

/* All DIEs below a unit's root.  The root itself is level 0 and never recorded. */
static void walk_unit(struct die_reader *reader, Dwarf_Die root, uint64_t offset)
{
	struct walk walk = {.reader = reader, .last = offset};
	Dwarf_Error failure = NULL;
	Dwarf_Die child = NULL;
	bool damaged = false;
	int result = settled(reader, dwarf_child(root, &child, &failure), failure);

	if (result == DW_DLV_ERROR)
		unreadable(reader);
	if (result != DW_DLV_OK)
		return;
	walk.depth = 1;
	walk.levels[1].handle = child;
	walk.levels[1].die = DIE_NONE;
	walk.levels[1].is_open = false;
	do {
		if (!is_forward(&walk)) {
			damaged = true;
			break;
		}
	} while (step_down(&walk) || step_on(&walk, &damaged));
	while (walk.depth > 0)
		step_up(&walk);
	if (damaged)
		unreadable(reader);
}

static void read_unit(struct die_reader *reader, const struct unit *unit)
{
	struct die_context *context = &reader->context;
	Dwarf_Error failure = NULL;
	Dwarf_Die root = NULL;
	Dwarf_Half tag = 0;

	if (settled(reader,
		    dwarf_offdie_b(context->debug, unit->root, unit->is_info, &root, &failure),
		    failure) != DW_DLV_OK) {
		unreadable(reader);
		return;
	}
	context->is_info = unit->is_info;
	context->version = unit->version;
	context->base = unit_base(reader, root);
	settled(reader, dwarf_tag(root, &tag, &failure), failure);
	if (tag == DW_TAG_skeleton_unit)
		anomaly_record(reader->anomalies, STAGE, 0,
			       "a unit has its debug info in a .dwo file, which is not read");
	else if (reader->bytes <= HUGE_DWARF || is_c(reader, root))
		walk_unit(reader, root, unit->root);
	dwarf_dealloc_die(root);
}

bool die_reader_read(struct die_reader *reader, struct anomalies *anomalies,
		     struct die_tree *ret, struct error *err)
{
	struct die_context *context = &reader->context;

	context->tree = ret;
	reader->anomalies = anomalies;
	read_headers(reader, true);
	read_headers(reader, false);
	if (context->signatures.count)
		qsort(context->signatures.items, context->signatures.count,
		      sizeof(*context->signatures.items), compare_signatures);
	ret->unit_count = (uint32_t)reader->units.count;
	vector_each (&reader->units, unit) {
		context->unit = (uint32_t)(unit - reader->units.items);
		read_unit(reader, unit);
	}
	if (ret->dies.failed || ret->ranges.failed || reader->units.failed ||
	    context->signatures.failed || !die_tree_index(ret))
		return error_out_of_memory(err, "reading debug info");
	return true;
}
