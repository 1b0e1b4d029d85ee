/*
 * What SQLite holds for a connection: the callables of functions, aggregates and collations.
 * Nothing describes SQLite's structs, but those that lead to them are old and small:
 *
 * OFFSET SIZE MEANING            (sqliteInt.h and hash.h, the same from SQLite 3.34 to 3.53)
 * struct sqlite3, the connection's `db`: anywhere in it two struct Hash, of functions and of
 *                 collations, each with a pointer to its first element
 * struct HashElem:
 *    0     8  next
 *    8     8  prev
 *   16     8  data: a FuncDef, or three CollSeq for the encodings
 * struct FuncDef, in its first ten words:
 *    8     8  pUserData: the same as the destructor's
 *   16     8  pNext: of the same name
 *    …     8  u.pDestructor
 * struct FuncDestructor:
 *    8     8  xDestroy
 *   16     8  pUserData
 * struct CollSeq:
 *   16     8  pUser
 *   24     8  xCmp
 *   32     8  xDel
 *
 * xDestroy and xDel are the module's own function, which is how the structs are told from all
 * else.  The user data is a struct of the module's with a reference to the callable, or (up to
 * 3.10) the callable.
 */
#include "runtime/cpython/readers.h"

#define MOST_ELEMENTS   ((uint64_t)1 << 20)
#define WORD            8
#define ELEMENT_PREV    8
#define ELEMENT_DATA    16
#define DEFINITION_USER 8
#define DEFINITION_NEXT 16
#define DATA_WORDS      15 /* three CollSeq */
#define DESTROY         8
#define USER_DATA       16
#define USER_BEFORE_DEL 16 /* bytes */

static const char *const destructors[] = {"destructor_callback", "_destructor"};

struct search {
	struct walk *walk;
	const struct source *connection;
	addr_t destructor;
	const struct plan *context; /* of the struct around a callable; NULL: there is none */
	struct debug_field state;   /* its module's state */
	uint64_t connection_state;
};

/* How many bytes there are from an address to the end of its block; 0: in none that is used. */
static uint64_t room_at(const struct walk *walk, addr_t address)
{
	const struct block_report *block = walk_block(walk, address);

	return block ? block->size - (address - block->address) : 0;
}

/* A word of a block in use; 0 elsewhere. */
static uint64_t word_of(const struct walk *walk, addr_t address)
{
	uint64_t word = 0;

	if (room_at(walk, address) >= WORD)
		image_read_u64(walk->python->image, address, &word);
	return word;
}

static void take_context(struct search *search, addr_t context)
{
	struct walk *walk = search->walk;
	uint64_t size = search->context->size;

	if (room_at(walk, context) < size ||
	    word_of(walk, context + search->state.offset) != search->connection_state)
		return;
	walk_plan(walk, search->context, context, "callback", REFERENCE_COUNTED);
	walk_claim(walk, search->connection->address, context, size, "callback", true);
}

/* What stands in the word at `place`, once. */
static void take_user_data(struct search *search, addr_t place)
{
	struct walk *walk = search->walk;
	addr_t data = word_of(walk, place);

	if (!data || address_set_has(walk->claimed, place))
		return;
	if (search->context) {
		take_context(search, data);
	} else if (walk_discover(walk, data)) {
		walk_reference(walk, data, walk_label(walk, "callback"), REFERENCE_COUNTED);
	}
	walk_claim(walk, 0, place, WORD, "callback", false);
}

static void search_data(struct search *search, addr_t data)
{
	struct walk *walk = search->walk;

	for (unsigned i = 0; i < DATA_WORDS; i++) {
		addr_t at = data + i * WORD, word = word_of(walk, at);

		if (word == search->destructor && i >= USER_BEFORE_DEL / WORD) {
			take_user_data(search, at - USER_BEFORE_DEL);
		} else if (word && word_of(walk, word + DESTROY) == search->destructor) {
			take_user_data(search, word + USER_DATA);
			walk_claim(walk, 0, data + DEFINITION_USER, WORD, "callback", false);
		}
	}
}

static void search_definitions(struct search *search, addr_t data)
{
	for (uint64_t i = 0; data && i < MOST_ELEMENTS; i++) {
		search_data(search, data);
		data = word_of(search->walk, data + DEFINITION_NEXT);
	}
}

/* A list of elements, if that is what begins there: each is the one before its next. */
static void search_elements(struct search *search, addr_t element)
{
	const struct walk *walk = search->walk;
	addr_t previous = 0;

	for (uint64_t i = 0;
	     i < MOST_ELEMENTS && room_at(walk, element) >= ELEMENT_DATA + WORD &&
	     word_of(walk, element + ELEMENT_PREV) == previous;
	     i++) {
		search_definitions(search, word_of(walk, element + ELEMENT_DATA));
		previous = element;
		element = word_of(walk, element);
	}
}

/* The struct around a callable, where the module has it and it says whose it is. */
static bool find_context(struct search *search)
{
	const struct plan *own = search->connection->type->plan;
	uint32_t id = debug_type_named(own->debug, "_callback_context");
	struct debug_field state;

	if (id == DEBUG_NONE)
		return true;
	if (!debug_field(own->debug, own->type, "state", &state) ||
	    !debug_field(own->debug, id, "state", &search->state))
		return false;
	search->connection_state = word_at(search->connection->bytes + state.offset);
	search->context = plan_for(search->walk->plans, own->debug, id);
	return search->context;
}

static bool find_destructor(struct search *search)
{
	const struct debug_info *debug = search->connection->type->plan->debug;
	struct target *target = search->walk->python->target;
	const struct debug_function *function = NULL;

	for (size_t i = 0; !function && i < ARRAY_COUNT(destructors); i++)
		function = debug_function_named(debug, destructors[i]);
	for (size_t i = 0; function && i < target_module_count(target); i++) {
		const struct module *module = target_module(target, i);

		if (module->debug != debug)
			continue;
		search->destructor = function->low + module->bias;
		return true;
	}
	return false;
}

void sqlite_read_callables(struct walk *walk, const struct source *source, addr_t connection)
{
	struct search search = {.walk = walk, .connection = source};
	uint64_t size = room_at(walk, connection);

	if (!find_destructor(&search) || !find_context(&search))
		return;
	for (uint64_t at = 0; at + WORD <= size; at += WORD)
		search_elements(&search, word_of(walk, connection + at));
}
