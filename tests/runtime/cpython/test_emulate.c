/*
 * Traverse functions: some as bytes, some as this program's own functions, whose code and data
 * stand in a core at the addresses that they have here.  What is no such function must end, and
 * say that it is not known.
 */
#include "runtime/cpython/emulate.h"
#include "support/compiled.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define CODE   0x10000u
#define OBJECT 0x20000u
#define BEHIND 0x30000u

struct sample {
	struct core_builder *core;
	struct target *target;
	struct emulator *emulator;
	const struct emulated_visit *visits;
	size_t count;
	void *kept[16]; /* bytes of the core, which are needed until it is written */
	size_t kept_count;
};

static void add_bytes(struct sample *sample, const void *code, size_t size, addr_t address)
{
	core_load(sample->core, (struct core_load){
					.address = address,
					.bytes = code,
					.size = size,
					.flags = "rx",
				});
}

static void add_data(struct sample *sample, addr_t address, const void *bytes, size_t size)
{
	core_load(sample->core,
		  (struct core_load){.address = address, .bytes = bytes, .size = size});
}

static void *keep(struct sample *sample, size_t size)
{
	void *bytes = malloc(size);

	cr_assert(bytes && sample->kept_count < ARRAY_COUNT(sample->kept));
	sample->kept[sample->kept_count++] = bytes;
	return bytes;
}

static void finish(struct sample *sample)
{
	struct anomalies *anomalies;
	struct target_options options = {0};
	struct error err = {0};
	struct image *image = core_open(sample->core, &anomalies);

	options.anomalies = anomalies;
	sample->target = target_attach(image, &options, &err);
	cr_assert(sample->target);
	sample->emulator = emulator_create(sample->target);
	cr_assert(sample->emulator);
}

static bool run(struct sample *sample, addr_t function, addr_t object)
{
	bool done = emulator_run(sample->emulator, function, object);

	sample->visits = emulator_visits(sample->emulator, &sample->count);
	return done;
}

static void release(struct sample *sample)
{
	emulator_free(sample->emulator);
	target_detach(sample->target);
	for (size_t i = 0; i < sample->kept_count; i++)
		free(sample->kept[i]);
	core_free(sample->core);
}

/* The object's words 2 … 5: two referents, 0, a pointer to BEHIND's three words. */
static void open_code(struct sample *sample, const void *code, size_t size)
{
	static const uint64_t object[] = {1, 0, 0x5000, 0x6000, 0, BEHIND},
			      behind[] = {0x7000, 0x8000, 0x9000};

	*sample = (struct sample){.core = core_create()};
	add_bytes(sample, code, size, CODE);
	add_data(sample, OBJECT, object, sizeof(object));
	add_data(sample, BEHIND, behind, sizeof(behind));
	finish(sample);
}

static void expect_unknown(const char *what, const void *code, size_t size, const char *reason)
{
	struct sample sample;

	open_code(&sample, code, size);
	cr_expect(!run(&sample, CODE, OBJECT), "%s", what);
	cr_expect_str_eq(emulator_reason(sample.emulator), reason, "%s: %s", what,
			 emulator_reason(sample.emulator));
	release(&sample);
}

static void expect_visit(const struct sample *sample, size_t number, addr_t target, addr_t from)
{
	cr_assert_lt(number, sample->count);
	cr_expect_eq(sample->visits[number].target, target);
	cr_expect_eq(sample->visits[number].origin.from, from);
}

/* endbr64; push rbx, rbp, r12; mov rbp, rsi; mov r12, rdx; mov rbx, rdi; mov rdi, [rdi + 16];
 * test rdi, rdi; je over; call rbp; test eax, eax; jne out; over: mov rdi, [rbx + 24]; mov rsi, r12;
 * xor eax, eax; test rdi, rdi; je out; mov rax, rbp; pop r12, rbp, rbx; jmp rax; out: pop …; ret */
static const uint8_t plain[] = {
	0xf3, 0x0f, 0x1e, 0xfa, 0x53, 0x55, 0x41, 0x54, 0x48, 0x89, 0xf5, 0x49, 0x89,
	0xd4, 0x48, 0x89, 0xfb, 0x48, 0x8b, 0x7f, 0x10, 0x48, 0x85, 0xff, 0x74, 0x09,
	0x4c, 0x89, 0xe6, 0xff, 0xd5, 0x85, 0xc0, 0x75, 0x17, 0x48, 0x8b, 0x7b, 0x18,
	0x4c, 0x89, 0xe6, 0x31, 0xc0, 0x48, 0x85, 0xff, 0x74, 0x09, 0x48, 0x89, 0xe8,
	0x41, 0x5c, 0x5d, 0x5b, 0xff, 0xe0, 0x41, 0x5c, 0x5d, 0x5b, 0xc3,
};

Test(emulate, visits_in_order_and_knows_where_from)
{
	struct sample sample;

	open_code(&sample, plain, sizeof(plain));
	for (int round = 0; round < 2; round++) { /* from scratch, each time */
		cr_assert(run(&sample, CODE, OBJECT), "%s", emulator_reason(sample.emulator));
		cr_assert_eq(sample.count, 2u);
		expect_visit(&sample, 0, 0x5000, OBJECT + 16);
		expect_visit(&sample, 1, 0x6000, OBJECT + 24);
		cr_expect_eq(sample.visits[0].origin.path, ORIGIN_DIRECT);
	}
	release(&sample);
}

Test(emulate, tells_structs_behind_a_pointer_from_arrays)
{
	static const uint8_t code[] = {
		0x53,                   /* push rbx */
		0x48, 0x8b, 0x5f, 0x28, /* mov rbx, [rdi + 40] */
		0x48, 0x8b, 0x7b, 0x08, /* mov rdi, [rbx + 8] */
		0x49, 0x89, 0xf4,       /* mov r12, rsi */
		0x48, 0x89, 0xd6,       /* mov rsi, rdx */
		0x41, 0xff, 0xd4,       /* call r12 */
		0x48, 0x83, 0xc3, 0x10, /* add rbx, 16 */
		0x48, 0x8b, 0x3b,       /* mov rdi, [rbx] */
		0x41, 0xff, 0xd4,       /* call r12 */
		0x5b, 0xc3,             /* pop rbx; ret */
	};
	struct sample sample;

	open_code(&sample, code, sizeof(code));
	cr_assert(run(&sample, CODE, OBJECT), "%s", emulator_reason(sample.emulator));
	cr_assert_eq(sample.count, 2u);
	expect_visit(&sample, 0, 0x8000, BEHIND + 8);
	cr_expect_eq(sample.visits[0].origin.path, ORIGIN_STRUCT);
	cr_expect_eq(sample.visits[0].origin.root, OBJECT + 40);
	cr_expect_eq(sample.visits[0].origin.offset, 8);
	expect_visit(&sample, 1, 0x9000, BEHIND + 16);
	cr_expect_eq(sample.visits[1].origin.path, ORIGIN_DEEP);
	cr_expect_eq(sample.visits[1].origin.root, OBJECT + 40);
	release(&sample);
}

Test(emulate, asks_a_function_for_a_number)
{
	/* xor eax, eax; cmp qword [rdi + 16], 0x5000; setne al; dec eax; ret */
	static const uint8_t code[] = {0x31, 0xc0, 0x48, 0x81, 0x7f, 0x10, 0x00, 0x50,
				       0x00, 0x00, 0x0f, 0x95, 0xc0, 0xff, 0xc8, 0xc3};
	struct sample sample;
	int32_t answer = 0;

	open_code(&sample, code, sizeof(code));
	cr_assert(emulator_ask(sample.emulator, CODE, OBJECT, &answer));
	cr_expect_eq(answer, -1);
	cr_assert(emulator_ask(sample.emulator, CODE, OBJECT + 8, &answer));
	cr_expect_eq(answer, 0);
	cr_expect(!emulator_ask(sample.emulator, CODE, 0, &answer));
	release(&sample);
}

#define UNKNOWN(what, reason, ...)                           \
	expect_unknown(what, (const uint8_t[]){__VA_ARGS__}, \
		       sizeof((const uint8_t[]){__VA_ARGS__}), reason)

Test(emulate, gives_up_at_what_it_must_not_or_cannot_do)
{
	static const char not_known[] = "it has an instruction that is not known";
	static const char no_code[] = "it goes to where no code is";

	UNKNOWN("a store to the object", "it writes to memory", 0x48, 0x89, 0x37, 0xc3);
	UNKNOWN("an increment of a count", "it writes to memory", 0x48, 0xff, 0x07, 0xc3);
	UNKNOWN("a store above the stack", "it writes to memory", 0x48, 0x89, 0x74, 0x24, 0x08);
	UNKNOWN("a system call", not_known, 0x0f, 0x05);
	UNKNOWN("a trap", not_known, 0xcc);
	UNKNOWN("an AVX instruction", not_known, 0xc5, 0xf8, 0x77);
	UNKNOWN("code that is cut off", not_known, 0x48, 0x8b);
	UNKNOWN("code that runs off its end", no_code, 0x90);
	UNKNOWN("a jump to data", no_code, 0xff, 0xe7);
	UNKNOWN("a jump to nowhere", no_code, 0x31, 0xc0, 0xff, 0xe0);
	UNKNOWN("a jump to nowhere from anywhere", no_code, 0x90, 0x31, 0xc0, 0xff, 0xe0);
	UNKNOWN("a word that is not there", "it reads what is not in the dump", 0x48, 0x8b,
		0x04, 0x25, 0, 0, 0, 0);
	UNKNOWN("thread-local data of no thread", "it asks for thread-local data", 0x64, 0x48,
		0x8b, 0x04, 0x25, 0x28, 0, 0, 0);
	UNKNOWN("a loop", "it does not come to an end", 0xeb, 0xfe);
	UNKNOWN("a recursion", "it leaves its stack", 0xe8, 0xfb, 0xff, 0xff, 0xff);
	UNKNOWN("a return to nowhere", "it leaves its stack", 0xc2, 0x08, 0x00);
	UNKNOWN("a flag that nobody set", "it depends on an undefined flag", 0x74, 0x00, 0xc3);
	UNKNOWN("an error", "it does not return 0", 0xb8, 0xff, 0xff, 0xff, 0xff, 0xc3);
	UNKNOWN("a visit of nothing", "it visits what is no object", 0x31, 0xff, 0x48, 0x89,
		0xf0, 0x48, 0x89, 0xd6, 0xff, 0xe0);
	UNKNOWN("a visit with another argument", "it visits what is no object", 0xff, 0xe6);
}

/* mov r12, rsi; mov rsi, rdx; again: call r12; jmp again */
Test(emulate, gives_up_at_endless_visits)
{
	UNKNOWN("visits without an end", "it visits too much", 0x49, 0x89, 0xf4, 0x48, 0x89,
		0xd6, 0x41, 0xff, 0xd4, 0xeb, 0xfb);
}

/* Random bytes are no function; whatever they do, they end. */
Test(emulate, survives_random_code)
{
	uint64_t seed = 1;
	size_t done = 0;

	for (int round = 0; round < 60; round++) {
		uint8_t code[4096];
		struct sample sample;

		for (size_t i = 0; i < sizeof(code); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			code[i] = (uint8_t)(seed >> 56);
			if (code[i] >= 0xe0 && i % 3) /* rather what is known */
				code[i] = 0x48;
		}
		open_code(&sample, code, sizeof(code));
		for (addr_t at = 0; at < sizeof(code); at += 7)
			done += run(&sample, CODE + at, OBJECT);
		release(&sample);
	}
	cr_log_info("%zu of them returned 0", done);
}

/* Plausible code with one bit changed. */
Test(emulate, survives_damaged_code)
{
	for (size_t bit = 0; bit < 8 * sizeof(plain); bit++) {
		uint8_t code[sizeof(plain)];
		struct sample sample;

		memcpy(code, plain, sizeof(code));
		code[bit / 8] ^= (uint8_t)(1u << bit % 8);
		open_code(&sample, code, sizeof(code));
		if (!run(&sample, CODE, OBJECT))
			cr_expect_not_null(emulator_reason(sample.emulator));
		release(&sample);
	}
}

/* From here on functions of this program, as its compiler made them. */

#define NO_CHECKS __attribute__((noinline, no_sanitize("address", "undefined")))

typedef int visit_function(void *referent, void *argument);

struct node {
	int64_t count;
	const void *type;
	void *first, *second;
	struct node *next;
	void **items;
	uint32_t item_count, kind;
	int (*base)(struct node *node, visit_function *visit, void *argument);
	void *tagged;
};

#define VISIT(referent)                            \
	do {                                       \
		void *visited_ = (referent);       \
		int stop_;                         \
                                                   \
		if (!visited_)                     \
			break;                     \
		stop_ = visit(visited_, argument); \
		if (stop_)                         \
			return stop_;              \
	} while (0)

NO_CHECKS static int traverse_base(struct node *node, visit_function *visit, void *argument)
{
	VISIT(node->first);
	VISIT(node->second);
	return 0;
}

NO_CHECKS static int traverse_items(struct node *node, visit_function *visit, void *argument)
{
	for (uint32_t i = node->item_count; i-- > 0;)
		VISIT(node->items[i]);
	return 0;
}

NO_CHECKS static int traverse_kind(struct node *node, visit_function *visit, void *argument)
{
	switch (node->kind) { /* a table of jumps */
	case 0:
		return 0;
	case 1:
		VISIT(node->first);
		return 0;
	case 2:
		VISIT(node->second);
		return 0;
	case 3:
		return traverse_base(node, visit, argument);
	case 4:
		VISIT((void *)((uintptr_t)node->tagged & ~(uintptr_t)3));
		return 0;
	case 5:
		return traverse_items(node, visit, argument);
	default:
		return node->base ? node->base(node, visit, argument) : 0;
	}
}

NO_CHECKS static int traverse_list(struct node *node, visit_function *visit, void *argument)
{
	struct node *at;

	for (at = node; at; at = at->next) {
		volatile void *spilled[4] = {at->first, at->second, 0, at};
		int stop = traverse_kind(at, visit, argument);

		if (stop)
			return stop;
		VISIT((void *)spilled[3]);
	}
	return 0;
}

static void *items[] = {(void *)0x1110, NULL, (void *)0x1120, (void *)0x1130};
static struct node last = {1,    NULL, (void *)0x2010, (void *)0x2020, NULL, items, 4, 5,
			   NULL, NULL};
static struct node middle = {
	1, NULL, (void *)0x3010, (void *)0x3020, &last, NULL, 0, 9, traverse_base, NULL};
static struct node first = {1, NULL, (void *)0x4010, (void *)0x4020, &middle, NULL,
			    0, 4,    NULL,           (void *)0x4033};

/* Pages as they are now, read as another process would; between segments there may be none. */
static void add_pages(struct sample *sample, uintptr_t start, uintptr_t end, const char *flags)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uint8_t *bytes = keep(sample, end - start);
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(memory, 0);
	memset(bytes, 0, end - start);
	for (uintptr_t at = start; at < end; at += page)
		(void)!pread(memory, bytes + (at - start), page, (off_t)at);
	close(memory);
	core_load(sample->core, (struct core_load){.address = start,
						   .bytes = bytes,
						   .size = end - start,
						   .flags = flags});
}

Test(emulate, runs_what_the_compiler_made)
{
	static const addr_t expected[] = {0x4030, 1,      0x3010, 0x3020, 2,
					  0x1130, 0x1120, 0x1110, 3};
	extern const char __executable_start, etext, end;
	struct sample sample = {.core = core_create()};
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t code = (uintptr_t)&__executable_start & ~(page - 1);
	uintptr_t data = ((uintptr_t)&etext + page - 1) & ~(page - 1);
	const struct node *nodes[] = {&first, &middle, &last};

	add_pages(&sample, code, data, "rx");
	add_pages(&sample, data, ((uintptr_t)&end + page - 1) & ~(page - 1), "rw");
	finish(&sample);
	cr_assert(run(&sample, (addr_t)(uintptr_t)traverse_list, (addr_t)(uintptr_t)&first),
		  "%s", emulator_reason(sample.emulator));
	cr_assert_eq(sample.count, ARRAY_COUNT(expected));
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++)
		cr_expect_eq(sample.visits[i].target,
			     expected[i] < 16 ? (addr_t)(uintptr_t)nodes[expected[i] - 1]
					      : expected[i],
			     "visit %zu: 0x%lx", i, sample.visits[i].target);
	release(&sample);
}

#define LIBRARY 0x7f0000000000u

static const char library[] =
	"typedef int visit(void *, void *);\n"
	"int helper(void **object, visit *v, void *a) { return v(object[3], a); }\n"
	"extern int missing(void **, visit *, void *);\n"
	"int traverse(void **object, visit *v, void *a)\n"
	"{ int r = helper(object, v, a); return r ? r : v(object[2], a); }\n"
	"extern int strcmp(const char *, const char *);\n"
	"extern unsigned long strlen(const char *);\n"
	"extern int memcmp(const void *, const void *, unsigned long);\n"
	"int traverse_strings(void **object, visit *v, void *a)\n"
	"{ const char *name = (const char *)(object + 4);\n"
	"  if (strcmp(name, \"name\") || strcmp(name, \"nama\") < 0 || strlen(name) != 4 ||\n"
	"      memcmp(name, \"named\", 5) >= 0 || memcmp(name, \"named\", 4)) return 0;\n"
	"  return v(object[2], a); }\n"
	"int traverse_missing(void **object, visit *v, void *a)\n"
	"{ return missing(object, v, a) + 0 * v(object, a); }\n";

/* As the loader leaves it where calls are bound late: slots lead back to the linkage table. */
static void bind_late(const struct binary *binary, const struct binary_segment *segment,
		      uint8_t *bytes)
{
	for (size_t i = 0; i < binary_relocation_count(binary); i++) {
		addr_t slot = binary_relocation(binary, i)->slot - segment->address;
		uint64_t word;

		if (!binary_relocation(binary, i)->is_jump || slot >= segment->file_size)
			continue;
		memcpy(&word, bytes + slot, sizeof(word));
		word += LIBRARY;
		memcpy(bytes + slot, &word, sizeof(word));
	}
}

static void add_segment(struct sample *sample, const struct binary *binary,
			const struct binary_segment *segment)
{
	uint64_t within = segment->address & 0xfff;
	uint8_t *bytes = keep(sample, segment->file_size);
	struct core_load load = {.address = LIBRARY + segment->address - within,
				 .memory_size =
					 (within + segment->memory_size + 0xfff) & ~0xfffull,
				 .flags = segment->executable ? "rx" : "r"};

	memcpy(bytes, binary_view(binary, segment->address, segment->file_size),
	       segment->file_size);
	if (segment->writable) {
		bind_late(binary, segment, bytes);
		load = (struct core_load){.address = LIBRARY + segment->address,
					  .bytes = bytes,
					  .size = segment->file_size};
	}
	core_load(sample->core, load);
	core_file(sample->core,
		  (struct core_file){
			  LIBRARY + segment->address - within,
			  LIBRARY + ((segment->address + segment->memory_size + 0xfff) &
				     ~0xfffull),
			  segment->file_offset & ~0xfffull, binary_path(binary)});
}

Test(emulate, binds_a_call_that_was_not_made_before)
{
	static const uint64_t object[] = {1, 0, 0x5000, 0x6000, 0x656d616e /* "name" */};
	struct sample sample = {.core = core_create()};
	struct compiled compiled;
	struct binary_symbol traverse, missing, strings;
	struct error err = {0};
	struct binary *binary;

	if (!compiled_library(&compiled, library, "-O2 -fno-builtin -Wl,-z,lazy,-z,norelro"))
		cr_skip_test("no compiler");
	binary = binary_open(compiled.path, &err);
	cr_assert(binary, "%s", err.message);
	cr_assert(binary_symbol(binary, "traverse", &traverse));
	cr_assert(binary_symbol(binary, "traverse_missing", &missing));
	cr_assert(binary_symbol(binary, "traverse_strings", &strings));
	for (size_t i = 0; i < binary_segment_count(binary); i++)
		add_segment(&sample, binary, binary_segment(binary, i));
	add_data(&sample, OBJECT, object, sizeof(object));
	finish(&sample);
	cr_assert(run(&sample, LIBRARY + traverse.address, OBJECT), "%s",
		  emulator_reason(sample.emulator));
	cr_assert_eq(sample.count, 2u);
	expect_visit(&sample, 0, 0x6000, OBJECT + 24);
	expect_visit(&sample, 1, 0x5000, OBJECT + 16);
	cr_assert(run(&sample, LIBRARY + strings.address, OBJECT), "%s",
		  emulator_reason(sample.emulator));
	cr_assert_eq(sample.count, 1u);
	cr_assert(!run(&sample, LIBRARY + missing.address, OBJECT));
	cr_expect_str_eq(emulator_reason(sample.emulator),
			 "it calls a function that was not called before");
	binary_close(binary);
	release(&sample);
	compiled_remove(&compiled);
}
