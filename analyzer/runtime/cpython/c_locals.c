/*
 * References that C functions of the interpreter hold in locals while they run.  The same few
 * functions are at the bottom of every thread that runs a script, and below every call of
 * something that is no Python function.
 *
 * A row says: while such a function runs, a local of that name holds one count of an object of
 * that type.  The frames of a thread tell that it runs, and their words and registers which
 * objects it could be: an optimized frame may still have pointers that it does not need any more.
 * Which of them miss a count, and whether those are not more than the function holds,
 * ledger_settle() tells.
 *
 * A function may have been inlined into those that call it, so a row names all of them, and what
 * frames side by side have is one call's.  A function without a local of the name, in another
 * version, holds nothing.
 */
#include "runtime/cpython/walk.h"
#include "target/unwind.h"

#define MOST_FRAMES 100000
#define MOST_HELD   8 /* candidates of one call */

struct holding {
	const char *functions; /* in spaces */
	const char *local;
	const char *type;
	uint32_t
		most; /* how many objects the function holds so; more than 1: by other locals */
};

#define RUNS_FILE                                                               \
	" run_eval_code_obj run_mod run_pyc_file pyrun_file PyRun_FileExFlags " \
	"pyrun_simple_file PyRun_SimpleFileExFlags _PyRun_SimpleFileObject "    \
	"_PyRun_File _PyRun_SimpleFile "
#define RUNS_MAIN " pymain_run_file_obj pymain_run_file pymain_run_python Py_RunMain "

static const struct holding holdings[] = {
	{RUNS_FILE, "co", "builtins.code", 1},
	{RUNS_FILE, "m", "builtins.module", 1},
	{RUNS_FILE, "main_module", "builtins.module", 1}, /* since 3.13 */
	{RUNS_FILE, "filename_obj", "builtins.str", 1},   /* up to 3.9, and for embedders */
	{RUNS_MAIN, "bytes", "builtins.bytes", 1},        /* up to 3.9 */
	{RUNS_MAIN, "program_name", "builtins.str", 2},   /* and filename; since 3.10 */
	{" PyEval_EvalCode ", "func", "builtins.function", 1}, /* since 3.11 */
	{" _PyObject_MakeTpCall ", "argstuple", "builtins.tuple", 1},
	{" _PyObject_MakeTpCall ", "kwdict", "builtins.dict", 1},
	{" slot_tp_init slot_tp_call ", "meth", "builtins.function", 1},
};

struct held {
	addr_t object, address; /* address: of the word; 0: in a register */
};

/* What the frames side by side may hold for one row. */
struct candidates {
	bool active;
	uint32_t count; /* of distinct objects; more than MOST_HELD: too many */
	struct held held[MOST_HELD];
};

struct search {
	struct walk *walk;
	uint32_t thread, calls; /* calls: so far, of all threads */
	struct candidates rows[ARRAY_COUNT(holdings)];
};

static bool has_function(const struct holding *holding, const char *name)
{
	const char *at = strstr(holding->functions, name);

	for (; at; at = strstr(at + 1, name))
		if (at[-1] == ' ' && at[strlen(name)] == ' ')
			return true;
	return false;
}

static const char *type_name_of(struct walk *walk, addr_t object)
{
	addr_t type;
	uint32_t index;

	if (object & 7 || !address_set_has(walk->objects, object) ||
	    walk_is_immortal(walk, object) ||
	    !image_read_u64(walk->python->image,
			    object + field_offset(&walk->python->fields, OBJECT_TYPE), &type))
		return "";
	index = type_table_known(walk->types, type);
	return index == TYPE_NONE ? "" : type_table_get(walk->types, index)->name;
}

static void add_candidate(struct candidates *candidates, struct held held)
{
	for (uint32_t i = 0; i < candidates->count && i < MOST_HELD; i++)
		if (candidates->held[i].object == held.object)
			return;
	if (candidates->count < MOST_HELD)
		candidates->held[candidates->count] = held;
	if (candidates->count <= MOST_HELD)
		candidates->count++;
}

static void try_word(struct search *search, const bool *rows, struct held held)
{
	const char *type = type_name_of(search->walk, held.object);

	for (size_t i = 0; *type && i < ARRAY_COUNT(holdings); i++)
		if (rows[i] && !strcmp(type, holdings[i].type))
			add_candidate(&search->rows[i], held);
}

static bool is_saved_at(const struct call_frame *frame, addr_t address)
{
	for (unsigned i = 0; i < CFI_REGISTERS; i++)
		if (frame->saved[i] == address)
			return true;
	return false;
}

/* The frame's own words, and the registers that it took for itself. */
static void try_frame(struct search *search, const bool *rows, const struct call_frame *frame)
{
	struct walk *walk = search->walk;
	uint64_t size = frame->end - frame->start;
	const uint8_t *bytes = image_view(walk->python->image, frame->start, size, &walk->hint);

	for (uint64_t at = 0; bytes && at + 8 <= size; at += 8)
		if (!is_saved_at(frame, frame->start + at))
			try_word(search, rows,
				 (struct held){word_at(bytes + at), frame->start + at});
	for (unsigned i = 0; i < CFI_REGISTERS; i++)
		if (frame->own & frame->known & 1u << i)
			try_word(search, rows, (struct held){frame->registers[i], 0});
}

static void report_row(struct search *search, size_t row)
{
	struct candidates *candidates = &search->rows[row];
	struct walk *walk = search->walk;

	hold_root(walk, ROOT_C_LOCAL, search->thread);
	walk->holder.root.call = search->calls++;
	walk->holder.root.most = holdings[row].most;
	for (uint32_t i = 0; candidates->count <= MOST_HELD && i < candidates->count; i++) {
		walk->holder.root.address = candidates->held[i].address;
		walk_reference(walk, candidates->held[i].object,
			       walk_label(walk, holdings[row].local), REFERENCE_COUNTED);
	}
	*candidates = (struct candidates){.active = false};
}

/* Has the function, or one inlined into it, a local of the name? */
static bool has_local(const struct debug_info *debug, const struct debug_function *function,
		      const char *name)
{
	for (uint32_t i = 0; i < function->operand_count; i++)
		if (!strcmp(debug_operand(debug, function->first_operand + i)->name, name))
			return true;
	return false;
}

/* Which rows are about the frame's function. */
static void find_rows(const struct walk *walk, const struct call_frame *frame, bool *ret)
{
	const struct python *python = walk->python;
	struct debug_info *debug = NULL;
	const struct debug_function *function = NULL;

	if (target_module_at(python->target, frame->code) == python->module)
		function = target_function_at(python->target, frame->code, &debug);
	for (size_t i = 0; i < ARRAY_COUNT(holdings); i++)
		ret[i] = function && has_function(&holdings[i], function->name) &&
			 has_local(debug, function, holdings[i].local);
}

static void visit_frame(struct search *search, const struct call_frame *frame)
{
	bool rows[ARRAY_COUNT(holdings)], any = false;

	find_rows(search->walk, frame, rows);
	for (size_t i = 0; i < ARRAY_COUNT(holdings); i++) {
		if (!rows[i] && search->rows[i].active)
			report_row(search, i);
		search->rows[i].active = rows[i];
		any |= rows[i];
	}
	if (any)
		try_frame(search, rows, frame);
}

static void search_thread(struct search *search, uint32_t thread)
{
	struct call_frame frame;
	struct unwind unwind;

	search->thread = thread;
	unwind_begin(&unwind, search->walk->python->target,
		     image_thread(search->walk->python->image, thread));
	for (uint32_t i = 0; i < MOST_FRAMES && unwind_next(&unwind, &frame); i++)
		visit_frame(search, &frame);
	for (size_t i = 0; i < ARRAY_COUNT(holdings); i++)
		if (search->rows[i].active)
			report_row(search, i);
}

void roots_c_locals(struct walk *walk)
{
	struct search search = {.walk = walk};

	for (size_t i = 0; i < image_thread_count(walk->python->image); i++)
		search_thread(&search, (uint32_t)i);
}
