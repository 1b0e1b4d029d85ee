/*
 * Holds the references of kind 0 that the walk reports against what each object's own tp_traverse
 * visits when it is run on the dump.  For developers, who find errors of both that way.
 *
 * usage: emulation CORE [--sysroot DIR] [--debug-dir DIR] [--most N] [--list FILE]
 *
 * Prints a row a type: instances that agree, that differ, that could not be run; with examples.
 * --list writes a line an object, `ADDRESS: VISITED …`, for holding against other truths.
 */
#include "base/names.h"
#include "base/search.h"
#include "base/vector.h"
#include "debuginfo/debug_file.h"
#include "runtime/cpython/emulate.h"
#include "runtime/cpython/python.h"
#include "runtime/runtime.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

struct tally {
	addr_t type;
	const char *name; /* in the names */
	uint64_t agree, differ, failed;
	uint64_t visits, nanoseconds;
	const char *reason;
	addr_t example, stopped_at;
	char difference[200];
};

struct reported {
	addr_t target;
	uint32_t label;
};

struct check {
	struct target *target;
	const struct image *image;
	struct emulator *emulator;
	struct names *names;
	struct debug_field type_field, traverse, flags, name, gc;
	VECTOR_OF(struct tally) tallies;
	VECTOR_OF(struct reported) reported; /* of kind 0, of the object that is open */
	addr_t object;
	addr_t type;
	uint64_t most;
	FILE *list;
};

static struct tally *tally_of(struct check *check, addr_t type)
{
	char name[256] = "?";
	addr_t address;

	vector_each (&check->tallies, tally)
		if (tally->type == type)
			return tally;
	if (image_read_u64(check->image, type + check->name.offset, &address))
		image_read_string(check->image, address, name, sizeof(name));
	vector_push(&check->tallies,
		    ((struct tally){
			    .type = type,
			    .name = names_get(check->names, names_add(check->names, name))}));
	return &check->tallies.items[check->tallies.count - 1];
}

static int compare_reported(const void *left, const void *right)
{
	const struct reported *a = left, *b = right;

	return addr_compare(&a->target, &b->target);
}

static void say(struct tally *tally, const char *format, addr_t target, const char *label)
{
	size_t used = strlen(tally->difference);

	snprintf(tally->difference + used, sizeof(tally->difference) - used, format, target,
		 label);
}

/* Both sorted: what only one has. */
static bool same(struct check *check, struct tally *tally, const struct reported *visited,
		 size_t count)
{
	const struct reported *known = check->reported.items;
	size_t i = 0, k = 0, differences = 0;

	while (i < count || k < check->reported.count) {
		bool extra = i == count ||
			     (k < check->reported.count && known[k].target < visited[i].target);
		bool missing = !extra && (k == check->reported.count ||
					  visited[i].target < known[k].target);

		if (tally->differ == 0 && extra)
			say(tally, " +%" PRIx64 " %s", known[k].target,
			    names_get(check->names, known[k].label));
		if (tally->differ == 0 && missing)
			say(tally, " -%" PRIx64 " %s", visited[i].target, "");
		differences += extra || missing;
		i += !extra;
		k += !missing;
	}
	return !differences;
}

static void compare(struct check *check, struct tally *tally)
{
	size_t count;
	const struct emulated_visit *visits = emulator_visits(check->emulator, &count);
	struct reported *visited = malloc((count + 1) * sizeof(*visited));

	for (size_t i = 0; i < count; i++)
		visited[i] = (struct reported){visits[i].target, 0};
	if (check->list) {
		fprintf(check->list, "%" PRIx64 ":", check->object);
		for (size_t i = 0; i < count; i++)
			fprintf(check->list, " %" PRIx64, visits[i].target);
		fputc('\n', check->list);
	}
	if (count)
		qsort(visited, count, sizeof(*visited), compare_reported);
	if (check->reported.count)
		qsort(check->reported.items, check->reported.count,
		      sizeof(*check->reported.items), compare_reported);
	if (same(check, tally, visited, count)) {
		tally->agree++;
	} else {
		if (!tally->differ++)
			tally->example = check->object;
	}
	free(visited);
}

/* Neither the collector nor gc.get_referents() asks others what they refer to. */
static bool is_container(struct check *check, uint64_t type_flags)
{
	addr_t function = 0;
	int32_t answer = 1;

	image_read_u64(check->image, check->type + check->gc.offset, &function);
	if (function)
		emulator_ask(check->emulator, function, check->object, &answer);
	return type_flags & FLAG_HAVE_GC && answer;
}

static void close_object(struct check *check)
{
	uint64_t flags = 0;
	addr_t traverse = 0;
	struct tally *tally;
	struct timespec before, after;
	bool ran;

	if (!check->object ||
	    !image_read_u64(check->image, check->object + check->type_field.offset,
			    &check->type) ||
	    !image_read_u64(check->image, check->type + check->flags.offset, &flags) ||
	    !image_read_u64(check->image, check->type + check->traverse.offset, &traverse) ||
	    !traverse || !is_container(check, flags))
		return;
	tally = tally_of(check, check->type);
	if (tally->agree + tally->differ + tally->failed >= check->most)
		return;
	clock_gettime(CLOCK_MONOTONIC, &before);
	ran = emulator_run(check->emulator, traverse, check->object);
	clock_gettime(CLOCK_MONOTONIC, &after);
	tally->nanoseconds += (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u +
			      (uint64_t)after.tv_nsec - (uint64_t)before.tv_nsec;
	if (ran) {
		compare(check, tally);
	} else {
		tally->failed++;
		tally->reason = emulator_reason(check->emulator);
		tally->example = check->object;
		tally->stopped_at = emulator_stopped_at(check->emulator);
	}
}

static uint32_t take_label(void *context, const char *name)
{
	struct check *check = context;

	return names_add(check->names, name);
}

static void take_object(void *context, const struct object_report *object)
{
	struct check *check = context;

	close_object(check);
	check->object = object->address;
	check->reported.count = 0;
}

static void take_reference(void *context, addr_t target, uint32_t label,
			   enum reference_kind kind)
{
	struct check *check = context;

	if (kind == REFERENCE_TRAVERSED)
		vector_push(&check->reported, ((struct reported){target, label}));
}

static void take_type(void *context, const struct type_report *type)
{
	(void)context;
	(void)type;
}

static void take_skip(void *context, uint32_t count)
{
	(void)context;
	(void)count;
}

static void take_root(void *context, addr_t target, const struct graph_root *root)
{
	(void)context;
	(void)target;
	(void)root;
}

static void take_claim(void *context, const struct claim_report *claim)
{
	(void)context;
	(void)claim;
}

static void take_native(void *context, const struct struct_report *native)
{
	(void)context;
	(void)native;
}

static void take_thread(void *context, const struct thread_report *thread)
{
	(void)context;
	(void)thread;
}

static void take_frame(void *context, const struct frame_report *frame)
{
	(void)context;
	(void)frame;
}

static void take_collector(void *context, const struct collector_report *collector)
{
	(void)context, (void)collector;
}

static int compare_tallies(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void print_failure(const struct check *check, const struct tally *tally)
{
	struct debug_info *debug;
	const struct debug_function *function =
		target_function_at(check->target, tally->stopped_at, &debug);
	uint8_t bytes[12] = {0};

	image_read(check->image, tally->stopped_at, bytes, sizeof(bytes));
	printf(": %s in %s: 0x%" PRIx64 ":", tally->reason, function ? function->name : "?",
	       tally->stopped_at);
	for (size_t i = 0; i < sizeof(bytes); i++)
		printf(" %02x", bytes[i]);
}

static void print(struct check *check)
{
	uint64_t types = 0, whole = 0, agree = 0, differ = 0, failed = 0;

	qsort(check->tallies.items, check->tallies.count, sizeof(*check->tallies.items),
	      compare_tallies);
	vector_each (&check->tallies, tally) {
		types++;
		whole += !tally->failed;
		agree += tally->agree;
		differ += tally->differ;
		failed += tally->failed;
		printf("%s: %" PRIu64 " agree, %" PRIu64 " differ, %" PRIu64 " failed, %" PRIu64
		       " ns each",
		       tally->name, tally->agree, tally->differ, tally->failed,
		       tally->nanoseconds / (tally->agree + tally->differ + tally->failed));
		if (tally->differ || tally->failed)
			printf("; 0x%" PRIx64 "%s", tally->example, tally->difference);
		if (tally->failed)
			print_failure(check, tally);
		putchar('\n');
	}
	printf("total: %" PRIu64 " types, %" PRIu64 " run to the end; %" PRIu64
	       " objects agree, %" PRIu64 " differ, %" PRIu64 " failed\n",
	       types, whole, agree, differ, failed);
}

static int fail(const char *message)
{
	fprintf(stderr, "emulation: %s\n", message);
	return 1;
}

static struct target *open_target(const char *core, const char *sysroot, const char *debug_dir,
				  struct anomalies *anomalies, struct error *err)
{
	static const char *debug_dirs[2];
	struct image_options options = {.sysroot = sysroot, .anomalies = anomalies};
	struct target_options of_target = {.debug = {.anomalies = anomalies},
					   .anomalies = anomalies};
	struct image *image = image_open_core(core, &options, err);

	debug_dirs[0] = debug_dir;
	of_target.debug.debug_dirs = debug_dir ? debug_dirs : NULL;
	if (!image)
		return NULL;
	of_target.debug.sysroot = image_process(image)->root;
	return target_attach(image, &of_target, err);
}

static bool find_fields(struct check *check)
{
	struct module *module = NULL;
	const struct debug_info *debug;
	uint32_t object, type;
	addr_t address;

	if (target_symbol(check->target, "_PyRuntime", &address))
		module = target_module_at(check->target, address);
	debug = module ? module_debug(check->target, module) : NULL;
	if (!debug)
		return false;
	object = debug_type_named(debug, "_object");
	type = debug_type_named(debug, "_typeobject");
	return debug_field(debug, object, "ob_type", &check->type_field) &&
	       debug_field(debug, type, "tp_traverse", &check->traverse) &&
	       debug_field(debug, type, "tp_flags", &check->flags) &&
	       debug_field(debug, type, "tp_is_gc", &check->gc) &&
	       debug_field(debug, type, "tp_name", &check->name);
}

static bool walk(struct check *check, struct error *err)
{
	struct runtime_visitor visitor = {.context = check,
					  .label = take_label,
					  .type = take_type,
					  .object = take_object,
					  .reference = take_reference,
					  .skip = take_skip,
					  .root = take_root,
					  .claim = take_claim,
					  .native = take_native,
					  .thread = take_thread,
					  .frame = take_frame,
					  .collector = take_collector};
	struct heap_blocks blocks = {0};
	struct runtime *runtime = runtimes[0]->attach(check->target, err);
	bool done = runtime && runtimes[0]->walk(runtime, &blocks, &visitor, err);

	close_object(check);
	if (runtime)
		runtimes[0]->detach(runtime);
	return done;
}

int main(int count, char **arguments)
{
	const char *sysroot = NULL, *debug_dir = NULL;
	struct anomalies *anomalies = anomalies_create();
	struct check check = {.most = 1000, .names = names_create()};
	struct error err = {0};

	for (int i = 2; i + 1 < count; i += 2) {
		if (!strcmp(arguments[i], "--sysroot"))
			sysroot = arguments[i + 1];
		else if (!strcmp(arguments[i], "--debug-dir"))
			debug_dir = arguments[i + 1];
		else if (!strcmp(arguments[i], "--most"))
			check.most = strtoull(arguments[i + 1], NULL, 10);
		else if (!strcmp(arguments[i], "--list"))
			check.list = fopen(arguments[i + 1], "w");
	}
	if (count < 2)
		return fail("usage: emulation CORE [--sysroot DIR] [--debug-dir DIR] "
			    "[--most N] [--list FILE]");
	check.target = open_target(arguments[1], sysroot, debug_dir, anomalies, &err);
	if (!check.target)
		return fail(err.message);
	check.image = target_image(check.target);
	check.emulator = emulator_create(check.target);
	if (!check.emulator || !find_fields(&check) || !walk(&check, &err))
		return fail(err.message);
	print(&check);
	if (check.list)
		fclose(check.list);
	vector_release(&check.tallies);
	vector_release(&check.reported);
	emulator_free(check.emulator);
	names_free(check.names);
	target_detach(check.target);
	anomalies_free(anomalies);
	return 0;
}
