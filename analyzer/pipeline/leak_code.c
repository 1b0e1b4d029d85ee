#include "pipeline/leak_code.h"

#include "pipeline/c_frames.h"

#include <stdlib.h>

#define MOST_HOLDER 256 /* bytes */

/* Who could hold an object, and why that is thought; both NULL if nothing tells. */
struct holder {
	const char *name, *evidence;
};

struct finder {
	struct target *target;
	const struct collection *collection;
	const struct suspects *suspects;
	struct snapshot *snapshot;
	bool *is_extension;        /* by module */
	const struct module *only; /* extension there is; NULL: none or several */
	struct holder *of_type;    /* by type; name NULL: not asked for yet, or nothing tells */
	const char *
		*frame_names; /* by rank of the suspects: of an extension's frame; or NULL */
};

static bool is_extension(const struct finder *finder, addr_t address)
{
	for (size_t i = 0; i < target_module_count(finder->target); i++)
		if (target_module(finder->target, i) ==
		    target_module_at(finder->target, address))
			return finder->is_extension[i];
	return false;
}

/* "cache (leaky.so)", or the module alone.  Texts are kept once each. */
static const char *place_name(const struct finder *finder, const char *part, const char *module)
{
	char text[MOST_HOLDER];
	uint32_t id;

	if (part)
		snprintf(text, sizeof(text), "%s (%s)", part, module);
	else
		snprintf(text, sizeof(text), "%s", module);
	id = names_add(finder->collection->labels, text);
	return id == NAME_NONE ? NULL : names_get(finder->collection->labels, id);
}

static struct holder data_holder(const struct finder *finder, addr_t word)
{
	const struct module *module = target_module_at(finder->target, word);
	struct binary_symbol symbol;
	bool named = module_symbol_at(module, word, &symbol);

	return (struct holder){
		place_name(finder, named ? symbol.name : NULL, module_name(module)),
		named ? "a word of that variable has the address"
		      : "a word of the module's data has the address"};
}

static struct holder type_holder(const struct finder *finder, uint32_t type)
{
	addr_t code = finder->collection->types.items[type].code;
	const struct module *module = code ? target_module_at(finder->target, code) : NULL;
	struct holder *holder = &finder->of_type[type];

	if (module && !holder->name)
		*holder = (struct holder){place_name(finder, NULL, module_name(module)),
					  "the type is that module's"};
	return *holder;
}

static struct holder only_holder(const struct finder *finder)
{
	if (!finder->only)
		return (struct holder){NULL, NULL};
	return (struct holder){place_name(finder, NULL, module_name(finder->only)),
			       "of the code that works on objects, only that is not the "
			       "interpreter's own"};
}

static struct holder holder_of(const struct finder *finder, uint32_t object)
{
	uint32_t rank = address_set_rank(finder->suspects->set,
					 finder->snapshot->graph->address[object]);
	struct holder holder;

	if (rank == RANK_NONE)
		return (struct holder){NULL, NULL};
	if (finder->suspects->suspects[rank].data_hit)
		return data_holder(finder, finder->suspects->suspects[rank].data_hit);
	if (finder->frame_names[rank])
		return (struct holder){finder->frame_names[rank],
				       "a word of that function's frame, which is running, has "
				       "the address"};
	holder = type_holder(finder, finder->snapshot->graph->type[object]);
	return holder.name ? holder : only_holder(finder);
}

/* Words of stacks that lie in a frame of an extension's function. */
static void find_frames(struct finder *finder)
{
	const struct graph *graph = finder->snapshot->graph;

	for (uint32_t i = 0; i < graph->root_count; i++) {
		const struct graph_root *root = &graph->roots[i];
		uint32_t rank = root->kind == ROOT_STACK
					? address_set_rank(finder->suspects->set,
							   graph->address[root->object])
					: RANK_NONE;
		const struct snapshot_c_frame *frame =
			rank == RANK_NONE ? NULL : c_frames_at(finder->snapshot, root->address);

		if (frame && frame->module && is_extension(finder, frame->code))
			finder->frame_names[rank] =
				place_name(finder, frame->function, frame->module);
	}
}

static bool find_extensions(struct finder *finder, const struct runtime_ops *ops,
			    const struct runtime *runtime, const char **ret)
{
	struct arena *arena = finder->collection->arena;
	uint32_t found = 0;

	*ret = "";
	for (size_t i = 0; i < target_module_count(finder->target) && *ret; i++) {
		const struct module *module = target_module(finder->target, i);

		finder->is_extension[i] = ops->is_extension(runtime, module);
		if (!finder->is_extension[i])
			continue;
		*ret = arena_format(arena, "%s%s%s", *ret, found ? ", " : "",
				    module_name(module));
		finder->only = found++ ? NULL : module;
	}
	return *ret;
}

static bool make_room(struct finder *finder)
{
	size_t modules = target_module_count(finder->target);
	size_t types = finder->collection->types.count;
	size_t suspects = address_set_count(finder->suspects->set);

	finder->is_extension = calloc(modules + 1, sizeof(*finder->is_extension));
	finder->of_type = calloc(types + 1, sizeof(*finder->of_type));
	finder->frame_names = calloc(suspects + 1, sizeof(*finder->frame_names));
	return finder->is_extension && finder->of_type && finder->frame_names;
}

bool leak_code_find(struct target *target, const struct runtime_ops *ops,
		    const struct runtime *runtime, const struct collection *collection,
		    const struct suspects *suspects, struct snapshot *snapshot,
		    const char **ret_extensions, struct error *err)
{
	struct finder finder = {.target = target,
				.collection = collection,
				.suspects = suspects,
				.snapshot = snapshot};
	bool done =
		make_room(&finder) && find_extensions(&finder, ops, runtime, ret_extensions);

	if (done)
		find_frames(&finder);
	vector_each (&snapshot->leaks, leak) {
		struct holder holder;

		if (!done || leak->kind != LEAK_REFCOUNT)
			continue;
		holder = holder_of(&finder, leak->object);
		leak->holder = holder.name;
		leak->evidence = holder.evidence;
	}
	free(finder.is_extension);
	free(finder.of_type);
	free(finder.frame_names);
	return done || error_out_of_memory(err, "looking for who leaks");
}
