/*
 * ctypes describes the C type behind a Python type in a struct of its own: up to 3.12 the type's
 * dict is a StgDict with it, since 3.13 a StgInfo stands behind the type object.
 *
 * The metatypes' traverse function visits what the description refers to.  A StgDict's `proto`
 * is visited for its type if that is a pointer or array type, so it is told as the type's.
 */
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/walk.h"

/* Up to 3.12 the metatypes are static; since, their functions say which module they are of. */
static struct debug_info *debug_of(struct walk *walk, const struct type_info *metatype)
{
	struct target *target = walk->python->target;
	struct module *module = target_module_at(target, metatype->address);

	if (!module)
		module = target_module_at(target, metatype->traverse);
	return module ? module_debug(target, module) : NULL;
}

/* The metatype that ctypes made, below metatypes of Python classes. */
static const struct type_info *ctypes_metatype(struct walk *walk, const struct type_info *type)
{
	for (int depth = 0; depth < 100; depth++) {
		if (!strncmp(type->name, "_ctypes.", 8) && !type->is_python)
			return type;
		if (type->base == TYPE_NONE)
			return NULL;
		type = type_table_get(walk->types, type->base);
	}
	return NULL;
}

static void read_info(struct walk *walk, const struct source *type,
		      const struct type_info *metatype, const struct debug_info *debug,
		      uint32_t id)
{
	const struct traverser traverser = {
		.function = metatype->traverse, .size = UINT64_MAX, .own = TRAVERSE_DIRECT};
	uint64_t offset = (python_struct_size(walk->python, "_heaptypeobject") + 15) & ~15ull;
	const struct plan *plan = plan_for(walk->plans, debug, id);

	walk->holder.described = true;
	if (offset + plan->size <= metatype->basicsize)
		walk_plan(walk, plan_traversed(walk->plans, plan, &traverser, 1),
			  type->address + offset, "StgInfo", type->kind);
}

static bool is_type_object(struct walk *walk, addr_t object)
{
	return type_table_find(walk->types, object) != TYPE_NONE;
}

/* Only the types that ctypes made a StgDict for have one. */
static bool has_size(struct walk *walk, addr_t object, uint64_t size)
{
	uint32_t index = TYPE_NONE;
	addr_t type;

	if (image_read_u64(walk->python->image,
			   object + field_offset(&walk->python->fields, OBJECT_TYPE), &type))
		index = type_table_find(walk->types, type);
	return index != TYPE_NONE && type_table_get(walk->types, index)->basicsize == size;
}

static void read_dict(struct walk *walk, const struct source *type,
		      const struct type_info *metatype, const struct debug_info *debug,
		      uint32_t id)
{
	struct module *module = target_module_at(walk->python->target, metatype->traverse);
	const struct debug_function *traverse =
		module ? debug_function_at(debug, metatype->traverse - module->bias) : NULL;
	struct debug_field proto;
	addr_t dict = type_dict(walk->python, type->address), target;
	bool visits = traverse && !strcmp(traverse->name, "CDataType_traverse");

	if (!has_size(walk, dict, debug_type(debug, id)->size) ||
	    !debug_field(debug, id, "proto", &proto) ||
	    !image_read_u64(walk->python->image, dict + proto.offset, &target) || !target ||
	    !is_type_object(walk, target))
		return;
	walk_reference(walk, target, walk_label(walk, "proto"),
		       visits ? type->kind : REFERENCE_COUNTED);
}

void ctypes_references(struct walk *walk, const struct source *type)
{
	const struct type_info *metatype = ctypes_metatype(walk, type->type);
	struct debug_info *debug = metatype ? debug_of(walk, metatype) : NULL;
	uint32_t info, dict;

	if (!debug)
		return;
	info = debug_type_named(debug, "StgInfo");
	dict = debug_type_named(debug, "StgDictObject");
	if (info != DEBUG_NONE)
		read_info(walk, type, metatype, debug, info);
	else if (dict != DEBUG_NONE)
		read_dict(walk, type, metatype, debug, dict);
}
