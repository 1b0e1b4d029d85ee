/*
 * Interprets a code object's instructions for nothing but the depth of the stack: from the
 * first one with an empty stack, and from each handler of the exception table with the depth
 * that stands there.  Wherever two ways meet, they must agree.
 *
 * Up to 3.8 a finally block is reached with one slot pushed (nothing, or where to return to)
 * or with six (an exception and the one before), and what ends the block pops what it finds.
 * So a state has a mark for each handler it is in; states with different marks may meet, and
 * so may those that called the block, with or without the value that is to be returned.
 */
#include "runtime/cpython/bytecode.h"

#include "base/vector.h"

#include <stdlib.h>

#define MOST_STATES   8 /* of one instruction */
#define MOST_PREFIXES 3
#define DEEPEST       ((int64_t)1 << 20)
#define NO_MARKS      1u /* the marks' own end */

/* How a handler was entered: two bits each, the innermost lowest. */
enum { MARK_BEGUN, MARK_RAISED, MARK_CALLED, MARK_BITS = 2, MARK_MASK = 3 };

struct state {
	uint32_t depth, marks;
};

struct place {
	uint32_t unit; /* two bytes each */
	struct state state;
};

struct seen {
	struct state states[MOST_STATES];
	uint32_t count;
};

struct run {
	const struct bytecode *code;
	const struct opcode *table;
	uint32_t units, asked, jump_unit;
	struct seen *seen; /* [units] */
	VECTOR_OF(struct place) work;
	struct instruction *ret;
	bool failed, found;
};

/* One step, decoded. */
struct step {
	const struct opcode *opcode;
	uint32_t argument, next;
	bool is_specialised;
	struct state state;
};

static bool was_called(uint32_t marks)
{
	for (; marks > NO_MARKS; marks >>= MARK_BITS)
		if ((marks & MARK_MASK) == MARK_CALLED)
			return true;
	return false;
}

static void arrive(struct run *run, int64_t unit, int64_t depth, uint32_t marks)
{
	struct state state = {(uint32_t)depth, marks};
	struct seen *seen;

	if (unit < 0 || unit >= run->units || depth < 0 || depth > DEEPEST) {
		run->failed = true;
		return;
	}
	if (state.depth > run->ret->deepest)
		run->ret->deepest = state.depth;
	seen = &run->seen[unit];
	for (uint32_t i = 0; i < seen->count; i++) {
		if (seen->states[i].marks != marks)
			continue;
		if (seen->states[i].depth == state.depth)
			return;
		run->failed |= !was_called(marks);
	}
	if (seen->count == MOST_STATES || run->failed) {
		run->failed = true;
		return;
	}
	seen->states[seen->count++] = state;
	vector_push(&run->work, ((struct place){(uint32_t)unit, state}));
}

static void note(struct run *run, const struct step *step)
{
	struct instruction *ret = run->ret;
	uint32_t depth = step->state.depth;

	ret->opcode = step->opcode;
	ret->argument = step->argument;
	ret->is_specialised = step->is_specialised;
	ret->low = run->found && ret->low < depth ? ret->low : depth;
	ret->high = run->found && ret->high > depth ? ret->high : depth;
	run->found = true;
}

static bool decode(struct run *run, const struct place *place, struct step *ret)
{
	const struct bytecode *code = run->code;
	uint32_t at = place->unit;
	uint8_t raw, base;

	*ret = (struct step){.state = place->state};
	for (;; at++) {
		if (at >= run->units || at - place->unit > MOST_PREFIXES)
			return false;
		raw = code->bytes[2 * (size_t)at];
		base = code->unspecialise ? code->unspecialise[raw] : raw;
		ret->opcode = &run->table[base];
		ret->argument = ret->argument << 8 | code->bytes[2 * (size_t)at + 1];
		if (!ret->opcode->name)
			return false;
		if (ret->opcode->role != ROLE_PREFIX)
			break;
	}
	ret->is_specialised = raw != base;
	ret->next = at + 1 + (code->caches ? code->caches[base] : 0);
	if (run->asked >= place->unit && run->asked <= at)
		note(run, ret);
	return true;
}

static void push_mark(struct run *run, uint32_t *marks, uint32_t mark)
{
	if (*marks >> (32 - MARK_BITS))
		run->failed = true;
	*marks = *marks << MARK_BITS | mark;
}

/* The innermost handler's mark. */
static uint32_t pop_mark(struct run *run, uint32_t *marks)
{
	uint32_t mark = *marks & MARK_MASK;

	if (*marks == NO_MARKS)
		run->failed = true;
	else
		*marks >>= MARK_BITS;
	return mark;
}

static void jump(struct run *run, const struct step *step)
{
	int64_t distance = (int64_t)step->argument / run->jump_unit;
	uint32_t marks = step->state.marks;
	int64_t target = step->next;

	switch (step->opcode->jump) {
	case JUMP_NEXT:
	case JUMP_STOP:
		return;
	case JUMP_ABSOLUTE:
	case JUMP_GO_ABSOLUTE:
		target = distance;
		break;
	case JUMP_FORWARD:
	case JUMP_GO_FORWARD:
		target += distance;
		break;
	case JUMP_BACKWARD:
	case JUMP_GO_BACKWARD:
		target -= distance;
		break;
	}
	if (step->opcode->shape == SHAPE_SETUP)
		push_mark(run, &marks, MARK_RAISED);
	else if (step->opcode->shape == SHAPE_CALL_FINALLY)
		push_mark(run, &marks, MARK_CALLED);
	arrive(run, target, (int64_t)step->state.depth + step->opcode->jumping, marks);
}

/* A step out of a finally block, or within: what it pops depends on how it was entered. */
static void leave(struct run *run, const struct step *step)
{
	int64_t after = (int64_t)step->state.depth + step->opcode->base;
	uint32_t marks = step->state.marks;
	bool raised = (marks & MARK_MASK) == MARK_RAISED;

	switch (step->opcode->shape) {
	case SHAPE_BEGIN_FINALLY:
		push_mark(run, &marks, MARK_BEGUN);
		break;
	case SHAPE_END_FINALLY:
		if (pop_mark(run, &marks) != MARK_BEGUN)
			return; /* raises again, or returns to the call, which has gone on */
		break;
	case SHAPE_POP_FINALLY:
		after -= pop_mark(run, &marks) == MARK_RAISED ? 5 : 0;
		break;
	case SHAPE_POP_HANDLER:
		pop_mark(run, &marks);
		break;
	case SHAPE_CLEANUP_START: /* in the place of the six, the exit function's goes */
		after += raised ? 1 : 0;
		break;
	case SHAPE_CLEANUP_FINISH:
		if (raised) /* __exit__ may have swallowed it: then one slot is left */
			arrive(run, step->next, after - 6, marks - MARK_RAISED + MARK_BEGUN);
		break;
	default:
		break;
	}
	arrive(run, step->next, after, marks);
}

static void take_step(struct run *run, const struct place *place)
{
	struct step step;

	if (!decode(run, place, &step)) {
		run->failed = true;
		return;
	}
	jump(run, &step);
	if (step.opcode->jump == JUMP_STOP || step.opcode->jump >= JUMP_GO_ABSOLUTE)
		return;
	if (step.opcode->shape > SHAPE_SETUP)
		leave(run, &step);
	else
		arrive(run, step.next,
		       step.state.depth + opcode_effect(step.opcode, step.argument),
		       step.state.marks);
}

/* A number of the exception table: six bits a byte, bit 6 says that more follow. */
static bool read_number(const struct bytecode *code, uint32_t *at, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 6 && *at < code->handlers_size; i++) {
		uint8_t byte = code->handlers[(*at)++];

		*ret = *ret << 6 | (byte & 63);
		if (!(byte & 64))
			return true;
	}
	return false;
}

/* Entries of start, length, target (units), and depth << 1 | whether the position is pushed. */
static void add_handlers(struct run *run)
{
	for (uint32_t at = 0; at < run->code->handlers_size && !run->failed;) {
		uint32_t numbers[4];

		for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
			if (!read_number(run->code, &at, &numbers[i]))
				run->failed = true;
		if (!run->failed)
			arrive(run, numbers[2],
			       (int64_t)(numbers[3] >> 1) + (numbers[3] & 1) + 1, NO_MARKS);
	}
}

static void interpret(struct run *run)
{
	const struct opcode *first = &run->table[run->code->bytes[0]];

	arrive(run, 0, first->role == ROLE_BEGINS, NO_MARKS);
	add_handlers(run);
	/* Each state of an instruction is met once, so this ends. */
	while (run->work.count && !run->failed) {
		struct place place = run->work.items[--run->work.count];

		take_step(run, &place);
		run->failed |= run->work.failed;
	}
}

bool bytecode_instruction(const struct bytecode *code, uint64_t offset, struct instruction *ret)
{
	struct run run = {.code = code,
			  .table = opcode_table(code->minor),
			  .units = code->size / 2,
			  .asked = (uint32_t)(offset / 2),
			  .jump_unit = code->minor < 10 ? 2 : 1,
			  .ret = ret};

	*ret = (struct instruction){0};
	if (!run.table || !run.units || offset >= code->size)
		return false;
	run.seen = calloc(run.units, sizeof(*run.seen));
	if (!run.seen)
		return false;
	interpret(&run);
	free(run.seen);
	vector_release(&run.work);
	return run.found && !run.failed;
}
