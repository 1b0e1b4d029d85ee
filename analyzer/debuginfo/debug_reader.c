#include "debuginfo/debug_reader.h"

#include "debuginfo/die_reader.h"
#include "debuginfo/function_builder.h"
#include "debuginfo/type_builder.h"

static bool build(struct die_tree *tree, struct flat *ret, struct error *err)
{
	CLEANUP(type_builder_freep)
	struct type_builder *types = type_builder_create(tree, ret);

	if (!types)
		return error_out_of_memory(err, "reading debug info");
	type_builder_add_all(types);
	if (!function_builder_add_variables(tree, types, ret) ||
	    !function_builder_add_functions(tree, types, ret))
		return error_out_of_memory(err, "reading debug info");
	type_builder_add_members(types);
	if (type_builder_failed(types) || flat_failed(ret))
		return error_out_of_memory(err, "reading debug info");
	return true;
}

bool debug_reader_read(const char *path, struct anomalies *anomalies, struct flat *ret,
		       bool *ret_whole, struct error *err)
{
	CLEANUP(die_reader_closep) struct die_reader *reader = die_reader_open(path, err);
	CLEANUP(die_tree_release) struct die_tree tree = {0};

	if (!reader || !die_reader_read(reader, anomalies, &tree, err))
		return false;
	*ret_whole = tree.unreadable_units == 0;
	if (tree.dies.count == 0)
		return error_set(err, ERROR_FORMAT, "%s: its debug info says nothing", path);
	return build(&tree, ret, err);
}
