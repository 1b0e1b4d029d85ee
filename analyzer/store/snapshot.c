#include "store/snapshot.h"

#include <stdlib.h>

const char *leak_kind_name(enum leak_kind kind)
{
	static const char *const names[] = {
		[LEAK_REFCOUNT] = "refcount",
		[LEAK_GARBAGE] = "garbage",
		[LEAK_NATIVE] = "native",
	};

	return names[kind];
}

const char *leak_grade_name(enum leak_grade grade)
{
	static const char *const names[] = {
		[GRADE_PROVEN] = "proven",
		[GRADE_PROBABLE] = "probable",
		[GRADE_UNKNOWN] = "unknown",
	};

	return names[grade];
}

const char *cycle_kind_name(enum cycle_kind kind)
{
	static const char *const names[] = {"program", "class", "module"};

	return names[kind];
}

const char *release_kind_name(enum release_kind kind)
{
	static const char *const names[RELEASE_KINDS] = {
		[RELEASE_HOLDER] = "holder",         [RELEASE_PINS] = "pins",
		[RELEASE_GARBAGE] = "garbage",       [RELEASE_LEAKED] = "leaked",
		[RELEASE_FREE_LISTS] = "free-lists", [RELEASE_LEAK] = "leak",
	};

	return names[kind];
}

const char *snapshot_label_expression(const struct snapshot *snapshot, uint32_t label)
{
	return label < snapshot->label_style_count ? snapshot->label_styles[label].expression
						   : NULL;
}

bool snapshot_label_is_namespace(const struct snapshot *snapshot, uint32_t label)
{
	const char *expression = snapshot_label_expression(snapshot, label);

	return expression && !*expression;
}

uint32_t snapshot_key_of(const struct snapshot *snapshot, uint32_t source, uint32_t reference)
{
	const struct graph *graph = snapshot->graph;
	uint32_t key = reference - 1;

	if (reference == graph->first_reference[source] ||
	    graph->ordinal[key] + 1 != graph->ordinal[reference] ||
	    strcmp(names_get(snapshot->labels, graph->label[reference]), "value") ||
	    strcmp(names_get(snapshot->labels, graph->label[key]), "key"))
		return OBJECT_NONE;
	return graph->target[key];
}

const char *snapshot_value_text(const struct snapshot *snapshot, uint32_t object, char *ret)
{
	const struct snapshot_values *values = &snapshot->values;

	return values->text && values->text(values->context, object, ret, VALUE_TEXT_SIZE)
		       ? ret
		       : NULL;
}

void snapshot_release(struct snapshot *snapshot)
{
	ledger_release(&snapshot->ledger);
	reachability_release(&snapshot->reachability);
	components_release(&snapshot->components);
	dominators_release(&snapshot->dominators);
	vector_release(&snapshot->places);
	free(snapshot->place_of);
	free(snapshot->content);
	paths_release(&snapshot->paths);
	vector_release(&snapshot->meta);
	vector_release(&snapshot->mappings);
	vector_release(&snapshot->accounting);
	vector_release(&snapshot->threads);
	vector_release(&snapshot->frames);
	vector_release(&snapshot->c_frames);
	vector_release(&snapshot->types);
	vector_release(&snapshot->blocks);
	vector_release(&snapshot->arenas);
	vector_release(&snapshot->pools);
	vector_release(&snapshot->symbols);
	vector_release(&snapshot->structs);
	vector_release(&snapshot->members);
	vector_release(&snapshot->pins);
	vector_release(&snapshot->releases);
	vector_release(&snapshot->cycles);
	vector_release(&snapshot->cycle_patterns);
	vector_release(&snapshot->cycle_edges);
	vector_release(&snapshot->leaks);
	vector_release(&snapshot->leak_groups);
	vector_release(&snapshot->collectors);
	vector_release(&snapshot->generations);
	vector_release(&snapshot->tracked_types);
	vector_release(&snapshot->waste);
	vector_release(&snapshot->findings);
}
