/*
 * Readers of modules and capsules: which struct a module keeps its state in, and what is in it.
 */
#include "runtime/cpython/readers.h"
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/visited.h"

#include <ctype.h>

#define MOST_CONDITIONS 100
#define LARGEST_STATE   ((uint64_t)1 << 20)

/* A struct among those that a function works on, of the size that the module asks for. */
static struct inferred state_among_operands(const struct walk *walk, addr_t address,
					    uint64_t size)
{
	struct debug_info *debug;
	const struct debug_function *function =
		target_function_at(walk->python->target, address, &debug);

	for (uint32_t k = 0; function && k < function->operand_count; k++) {
		uint32_t id = debug_operand(debug, function->first_operand + k)->type;

		id = debug_type(debug, id)->target;
		if (id != DEBUG_NONE && debug_type(debug, id)->size == size &&
		    !plan_is_object(walk->plans, debug, id) &&
		    (plan_for(walk->plans, debug, id)->slot_count ||
		     strcasestr(debug_type(debug, id)->name, "state")))
			return (struct inferred){debug, id};
	}
	return (struct inferred){NULL, DEBUG_NONE};
}

/* What a module's state is: from its definition, or (3.15) from the module itself. */
struct module_state {
	addr_t address;
	uint64_t size;
	addr_t functions[3]; /* traverse, clear, free */
	addr_t named_in;     /* an address in the module's code or data */
	char module[64];     /* its name; "" if unknown */
};

/* `_sha512` and `SHA512State` begin alike. */
static size_t common_prefix(const char *left, const char *right)
{
	size_t length = 0;

	left += strspn(left, "_");
	right += strspn(right, "_");
	while (left[length] &&
	       tolower((unsigned char)left[length]) == tolower((unsigned char)right[length]))
		length++;
	return length;
}

/* Do both structs have their references at the same places? */
static bool same_slots(const struct walk *walk, const struct debug_info *debug, uint32_t left,
		       uint32_t right)
{
	const struct plan *a = plan_for(walk->plans, debug, left);
	const struct plan *b = plan_for(walk->plans, debug, right);

	if (a->slot_count != b->slot_count)
		return false;
	for (size_t i = 0; i < a->slot_count; i++)
		if (a->slots[i].offset != b->slots[i].offset)
			return false;
	return true;
}

/*
 * A struct that has the size, holds references and calls itself a state.  Of several the one
 * whose name begins most like the module's.
 */
static struct inferred state_by_name(const struct walk *walk, const struct module_state *state)
{
	struct debug_info *debug = target_debug_at(walk->python->target, state->named_in);
	struct inferred found = {NULL, DEBUG_NONE};
	size_t best = 0, candidates = 0;

	for (uint32_t id = 0; debug && id < debug_type_count(debug); id++) {
		const struct debug_type *type = debug_type(debug, id);
		size_t alike = common_prefix(type->name, state->module);

		if (type->kind != DEBUG_STRUCT || type->size != state->size ||
		    !strcasestr(type->name, "state") ||
		    !plan_for(walk->plans, debug, id)->slot_count)
			continue;
		if (found.debug && alike == best && same_slots(walk, debug, found.type, id))
			continue;
		candidates = !found.debug || alike > best ? 1 : candidates + (alike == best);
		if (!found.debug || alike > best) {
			found = (struct inferred){debug, id};
			best = alike;
		}
	}
	return candidates == 1 ? found : (struct inferred){NULL, DEBUG_NONE};
}

static bool read_definition(struct walk *walk, addr_t definition, struct module_state *ret)
{
	static const enum field functions[] = {MODULEDEF_TRAVERSE, MODULEDEF_CLEAR,
					       MODULEDEF_FREE};
	const struct python *python = walk->python;

	for (size_t i = 0; i < ARRAY_COUNT(functions); i++)
		image_read_u64(python->image,
			       definition + field_offset(&python->fields, functions[i]),
			       &ret->functions[i]);
	ret->named_in = ret->functions[0] ? ret->functions[0] : definition;
	return image_read_u64(python->image,
			      definition + field_offset(&python->fields, MODULEDEF_SIZE),
			      &ret->size);
}

static bool open_module_state(struct walk *walk, const struct source *source,
			      struct module_state *ret)
{
	const struct fields *fields = &walk->python->fields;

	*ret = (struct module_state){.address = field_word(walk, source, MODULE_STATE)};
	if (!ret->address)
		return false;
	if (has_field(fields, MODULE_STATE_SIZE)) {
		ret->size = field_word(walk, source, MODULE_STATE_SIZE);
		ret->functions[0] = field_word(walk, source, MODULE_STATE_TRAVERSE);
		ret->functions[1] = field_word(walk, source, MODULE_STATE_CLEAR);
		ret->functions[2] = field_word(walk, source, MODULE_STATE_FREE);
		ret->named_in = ret->functions[0] ? ret->functions[0] : ret->functions[2];
	} else if (!has_field(fields, MODULE_DEF) ||
		   !read_definition(walk, field_word(walk, source, MODULE_DEF), ret)) {
		return false;
	}
	if (has_field(fields, MODULE_NAME))
		python_string(walk->python, field_word(walk, source, MODULE_NAME), ret->module,
			      sizeof(ret->module));
	return ret->size && ret->size <= LARGEST_STATE;
}

static struct inferred module_state_struct(const struct walk *walk,
					   const struct module_state *state)
{
	for (size_t i = 0; i < ARRAY_COUNT(state->functions); i++) {
		struct inferred found = {NULL, DEBUG_NONE};

		if (state->functions[i])
			found = state_among_operands(walk, state->functions[i], state->size);
		if (found.debug)
			return found;
	}
	return state_by_name(walk, state);
}

/*
 * Exactly what the module's function visits, if it can be followed; other words as guesses.
 * Where the object's own visits are known, those of the state are among them.
 */
static void guess_state(struct walk *walk, const struct source *source,
			const struct module_state *state)
{
	const uint8_t *words =
		image_view(walk->python->image, state->address, state->size, &walk->hint);
	bool is_visited = walk->holder.is_visited ||
			  visited_module(walk, source, state->functions[0], state->address,
					 state->size, state->module);

	for (uint64_t at = 0; words && at + 8 <= state->size; at += 8) {
		addr_t target = word_at(words + at);

		if (!(is_visited && visited_has(walk->visited, target)) &&
		    walk_discover(walk, target))
			walk_reference(walk, target, walk->labels.word, REFERENCE_GUESS);
	}
}

/* decimal's tables of conditions: arrays of structs that end with one without a name. */
static void walk_named_arrays(struct walk *walk, const struct inferred *state, addr_t address,
			      enum reference_kind kind)
{
	static const char *const members[] = {"signal_map", "cond_map"};

	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		struct debug_field field;
		const struct plan *plan;
		addr_t element, name;

		if (!debug_field(state->debug, state->type, members[i], &field) ||
		    debug_type(state->debug, field.type)->kind != DEBUG_POINTER ||
		    !image_read_u64(walk->python->image, address + field.offset, &element))
			continue;
		plan = plan_for(walk->plans, state->debug,
				debug_type(state->debug, field.type)->target);
		/* The first condition is the signal of its name, and shares its reference. */
		if (plan && i)
			element += plan->size;
		for (int k = 0; plan && k < MOST_CONDITIONS; k++, element += plan->size) {
			if (!image_read_u64(walk->python->image, element, &name) || !name)
				break;
			walk_plan(walk, plan, element, members[i], kind);
		}
	}
}

/* States that borrow from the module's dict while the module has no function to visit them. */
static const char *const borrowing_states[] = {
	"binascii_state", /* up to 3.8 */
};

static enum reference_kind kind_of_state(const struct plan *plan, addr_t traverse,
					 enum reference_kind visited)
{
	if (traverse)
		return visited;
	for (size_t i = 0; i < ARRAY_COUNT(borrowing_states); i++)
		if (!strcmp(plan->struct_name, borrowing_states[i]))
			return REFERENCE_BORROWED;
	return REFERENCE_COUNTED;
}

void read_module(struct walk *walk, const struct source *source)
{
	struct module_state state;
	struct inferred inferred;
	const struct plan *plan;
	struct traverser traverser = {.size = UINT64_MAX};

	if (!open_module_state(walk, source, &state))
		return;
	walk_claim(walk, source->address, state.address, state.size, "module-state", true);
	inferred = module_state_struct(walk, &state);
	plan = inferred.debug ? plan_for(walk->plans, inferred.debug, inferred.type) : NULL;
	if (plan && !strcmp(plan->struct_name, "atexitmodule_state")) {
		walk_callbacks(walk, state.address, ATEXIT_MODULE_CALLBACKS,
			       ATEXIT_MODULE_COUNT, source->kind);
		return;
	}
	if (!plan || !plan->slot_count) {
		guess_state(walk, source, &state);
		return;
	}
	if (visited_type(walk, state.functions[0], source->address) == VISIT_YES)
		walk_reference(walk, source->type->address, walk->labels.type, source->kind);
	walk_named_arrays(walk, &inferred, state.address, source->kind);
	traverser.function = state.functions[0];
	traverser.own = field_offset(&walk->python->fields, MODULE_STATE);
	walk_plan(walk, plan_traversed(walk->plans, plan, &traverser, 1), state.address,
		  "md_state", kind_of_state(plan, traverser.function, source->kind));
}

/* C interfaces that a capsule hands out and that hold references. */
static const struct {
	const char *name, *struct_name;
} capsules[] = {
	{"_socket.CAPI", "PySocketModule_APIObject"},
};

void read_capsule(struct walk *walk, const struct source *source)
{
	const struct python *python = walk->python;
	addr_t pointer = field_get(&python->fields, source->bytes, CAPSULE_POINTER);
	struct traverser traverser = {.size = UINT64_MAX, .own = TRAVERSE_DIRECT};
	struct debug_info *debug;
	char name[64];

	if (!has_field(&python->fields, CAPSULE_NAME) ||
	    !image_read_string(python->image, field_word(walk, source, CAPSULE_NAME), name,
			       sizeof(name)))
		return;
	if (has_field(&python->fields, CAPSULE_TRAVERSE))
		traverser.function = field_word(walk, source, CAPSULE_TRAVERSE);
	if (walk_module_span(walk, pointer)) /* a static struct is a C variable of its module */
		return;
	debug = target_debug_at(python->target, field_word(walk, source, CAPSULE_NAME));
	for (size_t i = 0; debug && i < ARRAY_COUNT(capsules); i++) {
		uint32_t id = debug_type_named(debug, capsules[i].struct_name);

		if (strcmp(capsules[i].name, name) || id == DEBUG_NONE)
			continue;
		walk_plan(walk,
			  plan_traversed(walk->plans, plan_for(walk->plans, debug, id),
					 &traverser, 1),
			  pointer, "pointer",
			  traverser.function ? source->kind : REFERENCE_COUNTED);
		walk_claim(walk, source->address, pointer, debug_type(debug, id)->size,
			   "capsule", true);
	}
}
