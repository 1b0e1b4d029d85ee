#include "pipeline/pipeline.h"

#include "base/hash.h"
#include "core/image.h"
#include "debuginfo/debug_file.h"
#include "pipeline/accounts.h"
#include "pipeline/block_types.h"
#include "pipeline/c_frames.h"
#include "pipeline/collect.h"
#include "pipeline/collectors.h"
#include "pipeline/contents.h"
#include "pipeline/cycles.h"
#include "pipeline/early_writing.h"
#include "pipeline/findings/findings.h"
#include "pipeline/heap_rows.h"
#include "pipeline/leak_code.h"
#include "pipeline/leak_groups.h"
#include "pipeline/leaks.h"
#include "pipeline/native_leaks.h"
#include "pipeline/pads.h"
#include "pipeline/paths.h"
#include "pipeline/pins.h"
#include "pipeline/places.h"
#include "pipeline/private_memory.h"
#include "pipeline/symbols.h"
#include "pipeline/waste.h"
#include "store/store.h"

#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define MOST_ALLOCATORS 8

/* One run: everything that is attached, found, and to be released. */
struct run {
	const struct pipeline_options *options;
	struct error *err;
	struct anomalies *anomalies;
	struct target *target;
	const struct allocator_ops *allocator_ops[MOST_ALLOCATORS];
	struct allocator *allocators[MOST_ALLOCATORS];
	size_t allocator_count;
	const struct runtime_ops *runtime_ops;
	struct runtime *runtime;
	struct collection collection;
	struct graph *graph;
	struct suspects suspects;
	struct snapshot snapshot;
	struct store_writer *writer;
	struct early_writing early;
	struct timespec stage_start;
	const char *stage;
	uint64_t dangling;
};

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void add_meta(struct run *run, const char *key, const char *value)
{
	struct snapshot_meta row = {arena_string(run->collection.arena, key),
				    arena_string(run->collection.arena, value)};

	if (row.key && row.value)
		vector_push(&run->snapshot.meta, row);
}

static void add_meta_number(struct run *run, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	add_meta(run, key, text);
}

static void end_stage(struct run *run)
{
	char key[64], value[32];

	if (!run->stage)
		return;
	snprintf(key, sizeof(key), "seconds.%s", run->stage);
	snprintf(value, sizeof(value), "%.6f", seconds_since(&run->stage_start));
	add_meta(run, key, value);
}

static void begin_stage(struct run *run, const char *stage, unsigned percent)
{
	end_stage(run);
	run->stage = stage;
	clock_gettime(CLOCK_MONOTONIC, &run->stage_start);
	if (run->options->progress)
		run->options->progress(run->options->progress_context, stage, percent);
}

/* $XDG_CACHE_HOME/heapsect, else ~/.cache/heapsect; NULL where there is no home. */
static const char *cache_dir(struct run *run)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (run->options->no_cache)
		return NULL;
	if (cache && cache[0] == '/')
		return arena_format(run->collection.arena, "%s/heapsect", cache);
	return home && home[0] == '/'
		       ? arena_format(run->collection.arena, "%s/.cache/heapsect", home)
		       : NULL;
}

static struct binary *find_detached(const void *context, const struct build_id *id,
				    const char *root)
{
	const struct pipeline_options *options = context;
	struct debug_options debug = {.debug_dirs = options->debug_dirs, .sysroot = root};

	return debug_file_by_build_id(id, &debug);
}

static struct image *open_image(struct run *run)
{
	struct image_options options = {.executable = run->options->executable,
					.sysroot = run->options->sysroot,
					.library_dirs = run->options->library_dirs,
					.registers = run->options->registers,
					.memory_fd = run->options->memory_fd,
					.partial = run->options->partial,
					.find_detached = find_detached,
					.context = run->options,
					.anomalies = run->anomalies};

	return run->options->core ? image_open_core(run->options->core, &options, run->err)
				  : image_open_process(run->options->pid, &options, run->err);
}

static bool attach_target(struct run *run)
{
	struct target_options options = {
		.debug = {.debug_dirs = run->options->debug_dirs,
			  .cache_dir = cache_dir(run),
			  .anomalies = run->anomalies},
		.anomalies = run->anomalies,
	};
	struct image *image;

	begin_stage(run, "open", 0);
	image = open_image(run);
	if (!image)
		return false;
	options.debug.sysroot = image_process(image)->root;
	run->target = target_attach(image, &options, run->err);
	return run->target;
}

/* The file whose absence explains that nothing was found: the executable before others. */
static const struct image_file *missing_file(const struct image *image)
{
	const char *executable = image_process(image)->executable;
	const struct image_file *first = NULL;

	for (size_t i = 0; i < image_file_count(image); i++) {
		const struct image_file *file = image_file(image, i);

		if (file->state != IMAGE_FILE_GONE && file->state != IMAGE_FILE_REBUILT)
			continue;
		if (strcmp(file->path, executable) == 0)
			return file;
		if (!first && file->build_id.size)
			first = file;
	}
	return first;
}

static bool no_runtime(const struct run *run)
{
	const struct image *image = target_image(run->target);
	const struct image_process *process = image_process(image);
	const struct image_file *missing = missing_file(image);
	char id[2 * BUILD_ID_MAX + 1];

	if (!missing || missing->binary)
		return error_set(run->err, ERROR_FORMAT,
				 "%s: no CPython was found in this process (%s)",
				 process->source, process->executable);
	build_id_format(&missing->build_id, id);
	return error_set(
		run->err, ERROR_FORMAT,
		"%s: no CPython was found without %s; give it with --exe or --sysroot, or "
		"with --debug-dir the folder with its debug file (.build-id/%.2s/%s.debug)",
		process->source, missing->path, id, *id ? id + 2 : "");
}

/* Names of built-in types are constants, which a core leaves out and a debug file never has. */
static bool no_heap(const struct run *run)
{
	const struct image *image = target_image(run->target);
	const struct image_file *missing = missing_file(image);
	const char *source = image_process(image)->source;

	if (!missing || !missing->binary)
		return error_set(run->err, ERROR_FORMAT, "%s: no heap was found in this dump",
				 source);
	return error_set(
		run->err, ERROR_FORMAT,
		"%s: no heap was found: the core leaves out the constants of %s, and its "
		"debug file has only the symbols; give it with --exe or --sysroot, or dump "
		"all pages (coredump_filter 0x7f, see core(5))",
		source, missing->path);
}

static bool attach_runtime(struct run *run)
{
	begin_stage(run, "attach", 5);
	for (size_t i = 0; runtimes[i] && !run->runtime; i++) {
		run->runtime_ops = runtimes[i];
		run->runtime = runtimes[i]->attach(run->target, run->err);
		if (run->err->kind != ERROR_NONE)
			return false;
	}
	return run->runtime || no_runtime(run);
}

static bool read_heap(struct run *run)
{
	begin_stage(run, "heap", 15);
	for (size_t i = 0; allocators[i] && run->allocator_count < MOST_ALLOCATORS; i++) {
		struct allocator *allocator = allocators[i]->attach(run->target, run->err);

		if (run->err->kind != ERROR_NONE)
			return false;
		if (!allocator)
			continue;
		run->allocator_ops[run->allocator_count] = allocators[i];
		run->allocators[run->allocator_count++] = allocator;
		if (!collect_heap(&run->collection, allocators[i], allocator, run->err))
			return false;
	}
	return true;
}

static bool read_objects(struct run *run)
{
	begin_stage(run, "objects", 20);
	if (!collect_runtime(&run->collection, run->runtime_ops, run->runtime, run->err))
		return false;
	begin_stage(run, "graph", 40);
	run->graph = graph_builder_finish(run->collection.builder, &run->dangling, run->err);
	graph_builder_free(run->collection.builder);
	run->collection.builder = NULL;
	if (run->graph && !run->graph->object_count)
		return no_heap(run);
	return run->graph && private_memory_find(target_image(run->target), &run->collection,
						 run->graph, run->err);
}

static bool name_leaks(struct run *run)
{
	const char *extensions;

	if (!c_frames_fill(run->target, &run->collection, &run->snapshot, run->err) ||
	    !leak_code_find(run->target, run->runtime_ops, run->runtime, &run->collection,
			    &run->suspects, &run->snapshot, &extensions, run->err) ||
	    !leak_groups_make(&run->collection, &run->snapshot, run->err))
		return false;
	add_meta(run, "extensions", extensions);
	return true;
}

static bool value_of(void *context, uint32_t object, char *ret, size_t size)
{
	struct run *run = context;

	return run->runtime_ops->value(run->runtime, run->graph->type[object],
				       run->graph->address[object], ret, size);
}

static bool analyze(struct run *run)
{
	struct snapshot *snapshot = &run->snapshot;

	begin_stage(run, "ledger", 50);
	snapshot->graph = run->graph;
	snapshot->labels = run->collection.labels;
	snapshot->values = (struct snapshot_values){value_of, run};
	run->writer = store_begin(run->options->output, run->err);
	if (!run->writer || !early_writing_start(&run->early, run->writer, run->graph,
						 run->options->jobs, run->err))
		return false;
	pads_check(&run->collection, run->graph, run->anomalies);
	if (!ledger_compute(run->graph, &snapshot->ledger, run->err))
		return false;
	ledger_settle(&snapshot->ledger, run->graph);
	begin_stage(run, "scan", 52);
	if (!suspects_find(run->target, (struct scan_runtime){run->runtime_ops, run->runtime},
			   &run->collection, run->graph, &snapshot->ledger, &run->suspects,
			   run->err))
		return false;
	begin_stage(run, "reachability", 54);
	if (!reachability_compute(run->graph, &snapshot->ledger, &snapshot->reachability,
				  run->err) ||
	    !components_compute(run->graph, NULL, &snapshot->components, run->err))
		return false;
	begin_stage(run, "dominators", 55);
	if (!dominators_compute(run->graph, &snapshot->reachability, &snapshot->dominators,
				run->err))
		return false;
	begin_stage(run, "paths", 56);
	if (!paths_find(&run->collection, run->runtime_ops, snapshot, run->err))
		return false;
	begin_stage(run, "cycles", 57);
	if (!cycles_describe(&run->collection, snapshot, run->err))
		return false;
	begin_stage(run, "collector", 57);
	if (!collectors_fill(&run->collection, snapshot, run->err))
		return false;
	begin_stage(run, "waste", 57);
	if (!waste_find(&(struct waste_source){run->runtime_ops, run->runtime, &run->collection,
					       snapshot},
			run->err))
		return false;
	begin_stage(run, "leaks", 58);
	if (!leaks_find(&run->collection, &run->suspects, run->options->partial, snapshot,
			run->err))
		return false;
	begin_stage(run, "accounting", 60);
	if (!accounts_fill(run->target, &run->collection, snapshot, run->err))
		return false;
	begin_stage(run, "typing", 62);
	if (!block_types_fill(run->target, &run->collection, snapshot, run->err) ||
	    !heap_rows_fill(&run->collection, snapshot, run->err) ||
	    !symbols_fill(run->target, snapshot, run->err))
		return false;
	begin_stage(run, "native", 63);
	if (!native_leaks_find(run->target, &run->collection, run->options->partial, snapshot,
			       run->err) ||
	    !name_leaks(run))
		return false;
	begin_stage(run, "pins", 63);
	if (!pins_find(&run->collection, snapshot, run->err))
		return false;
	begin_stage(run, "findings", 64);
	return findings_make(&run->collection, snapshot, run->err);
}

/* What another snapshot of the program is compared by. */
static bool make_comparable(struct run *run)
{
	begin_stage(run, "contents", 64);
	run->snapshot.content =
		contents_compute(&run->collection, run->graph, run->runtime_ops, run->runtime);
	if (!run->snapshot.content)
		return error_out_of_memory(run->err, "reading contents");
	begin_stage(run, "places", 64);
	return places_find(&run->collection, &run->snapshot, run->err);
}

static void fill_types(struct run *run)
{
	vector_each (&run->collection.types, type) {
		struct snapshot_type row = {
			.object = graph_find_object(run->graph, type->address),
			.name = type->name,
			.struct_name = type->struct_name,
			.layout = type->layout,
			.size = type->size,
			.item_size = type->item_size,
		};

		vector_push(&run->snapshot.types, row);
	}
}

/* So that the core can be found again, and known for what it is. */
static void add_core_meta(struct run *run)
{
	char path[PATH_MAX];
	struct stat core;

	if (!run->options->core || !realpath(run->options->core, path) ||
	    stat(path, &core) != 0)
		return;
	add_meta(run, "core", path);
	add_meta_number(run, "core_bytes", (uint64_t)core.st_size);
}

/* Of the bytes that the kernel gives each program at its start: no other run has the same. */
static void add_process_key(struct run *run)
{
	const struct image *image = target_image(run->target);
	uint8_t random[16];
	uint64_t address;
	char text[32];

	if (!image_auxiliary(image, AT_RANDOM, &address) ||
	    !image_read(image, address, random, sizeof(random)))
		return;
	snprintf(text, sizeof(text), "%016" PRIx64,
		 hash_bytes(HASH_START, random, sizeof(random)));
	add_meta(run, "process_key", text);
}

static void fill_meta(struct run *run)
{
	const struct image_process *process = image_process(target_image(run->target));
	char text[64];

	add_meta(run, "tool_version", HEAPSECT_VERSION);
	add_meta(run, "source", process->source);
	add_core_meta(run);
	add_meta_number(run, "pid", process->pid);
	add_process_key(run);
	add_meta(run, "executable", process->executable);
	add_meta(run, "command_line", process->command_line);
	add_meta_number(run, "signal", process->signal);
	add_meta(run, "runtime", run->runtime_ops->name);
	add_meta(run, "runtime_version", run->runtime_ops->version(run->runtime));
	add_meta(run, "layout_source", run->runtime_ops->layout_source(run->runtime));
	add_meta_number(run, "objects", run->graph->object_count);
	add_meta_number(run, "refs", run->graph->reference_count);
	add_meta_number(run, "dumped_bytes", image_dumped_bytes(target_image(run->target)));
	add_meta_number(run, "dangling_references", run->dangling);
	add_meta(run, "partial", run->options->partial ? "1" : "0");
	if (process->stopped_ns) {
		snprintf(text, sizeof(text), "%.6f", (double)process->stopped_ns / 1e9);
		add_meta(run, "seconds.stopped", text);
	}
}

static bool write_snapshot(struct run *run)
{
	char value[32];

	fill_types(run);
	vector_each (&run->collection.threads, thread)
		vector_push(&run->snapshot.threads, *thread);
	vector_each (&run->collection.frames, frame)
		vector_push(&run->snapshot.frames, *frame);
	run->snapshot.anomalies = run->anomalies;
	begin_stage(run, "store", 65);
	fill_meta(run);
	if (!early_writing_join(&run->early, run->err) ||
	    !store_write_all(run->writer, &run->snapshot, run->err))
		return false;
	snprintf(value, sizeof(value), "%.6f", seconds_since(&run->stage_start));
	return store_add_meta(run->writer, "seconds.store", value, run->err) &&
	       store_commit(run->writer, run->err);
}

static void release(struct run *run)
{
	struct error ignored = {0}; /* an earlier one is told */

	early_writing_join(&run->early, &ignored);
	store_close(run->writer);
	snapshot_release(&run->snapshot);
	suspects_release(&run->suspects);
	graph_free(run->graph);
	collection_release(&run->collection);
	for (size_t i = 0; i < run->allocator_count; i++)
		run->allocator_ops[i]->detach(run->allocators[i]);
	if (run->runtime)
		run->runtime_ops->detach(run->runtime);
	target_detach(run->target);
	anomalies_free(run->anomalies);
}

bool pipeline_analyze(const struct pipeline_options *options, struct error *err)
{
	struct run run = {.options = options, .err = err};
	bool done = store_check_writable(options->output, err);

	run.anomalies = anomalies_create();
	if (!run.anomalies)
		done = error_out_of_memory(err, "starting");
	done = done && collection_init(&run.collection, err) && attach_target(&run) &&
	       attach_runtime(&run) && read_heap(&run) && read_objects(&run) && analyze(&run) &&
	       make_comparable(&run) && write_snapshot(&run);
	release(&run);
	return done;
}
