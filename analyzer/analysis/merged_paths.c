#include "analysis/merged_paths.h"

#include <stdlib.h>

/* A dict of at most so many keys and values has its values told apart. */
enum { FEW_CHILDREN = 32, MOST_NESTED_ITEMS = 3 };

/* What tells a step from its siblings. */
struct step {
	uint32_t label, key;
	enum path_role role;
};

bool merged_paths_init(struct merged_paths *merged, const struct path_steps *steps,
		       struct error *err)
{
	size_t room = (size_t)steps->object_count + 1;

	*merged = (struct merged_paths){.steps = *steps, .first_start = OBJECT_NONE};
	merged->branch_of = malloc(room * sizeof(*merged->branch_of));
	merged->children = calloc(room, sizeof(*merged->children));
	merged->chain = malloc(room * sizeof(*merged->chain));
	if (!merged->branch_of || !merged->children || !merged->chain) {
		merged_paths_release(merged);
		return error_out_of_memory(err, "merging paths");
	}
	memset(merged->branch_of, 0xff, room * sizeof(*merged->branch_of));
	for (uint32_t i = 0; i < steps->object_count; i++)
		if (steps->parent[i] != OBJECT_NONE)
			merged->children[steps->parent[i]]++;
	return true;
}

void merged_paths_release(struct merged_paths *merged)
{
	vector_release(&merged->branches);
	free(merged->branch_of);
	free(merged->children);
	free(merged->chain);
	*merged = (struct merged_paths){.first_start = OBJECT_NONE};
}

static enum path_role role_of(const struct merged_paths *merged, uint32_t label)
{
	return merged->steps.role[label];
}

static bool is_in_namespace(const struct merged_paths *merged, uint32_t branch)
{
	const struct path_branch *parent = &merged->branches.items[branch];

	return parent->parent == OBJECT_NONE
		       ? merged->steps.is_namespace[parent->label]
		       : role_of(merged, parent->label) == PATH_NAMESPACE;
}

static struct step step_of(const struct merged_paths *merged, uint32_t object, uint32_t branch)
{
	uint32_t parent = merged->steps.parent[object];
	struct step step = {.label = merged->steps.label[object], .key = OBJECT_NONE};

	step.role = role_of(merged, step.label);
	if (step.role == PATH_VALUE &&
	    (is_in_namespace(merged, branch) || (merged->branches.items[branch].is_single &&
						 merged->children[parent] <= FEW_CHILDREN)))
		step.key = merged->steps.key[object];
	return step;
}

/*
 * The branch further up that the step leads back to; OBJECT_NONE: it is new.  Items nest without
 * being the same thing again, up to a few levels.
 */
static uint32_t find_repeated(const struct merged_paths *merged, uint32_t branch,
			      const struct step *step)
{
	bool attribute = step->key != OBJECT_NONE && is_in_namespace(merged, branch);
	uint32_t same = 0;

	if (step->role == PATH_NAMESPACE)
		return OBJECT_NONE;
	for (; merged->branches.items[branch].parent != OBJECT_NONE;
	     branch = merged->branches.items[branch].parent) {
		const struct path_branch *above = &merged->branches.items[branch];

		if (above->label != step->label || above->key != step->key)
			continue;
		if (step->role == PATH_NAME || ++same == MOST_NESTED_ITEMS ||
		    (attribute && is_in_namespace(merged, above->parent)))
			return branch;
	}
	return OBJECT_NONE;
}

static uint32_t add_branch(struct merged_paths *merged, struct path_branch branch,
			   uint32_t *first)
{
	uint32_t index = (uint32_t)merged->branches.count;

	branch.first_child = OBJECT_NONE;
	branch.next = *first;
	branch.example = OBJECT_NONE;
	*first = index;
	return vector_push(&merged->branches, branch) ? index : OBJECT_NONE;
}

/* Siblings are few but in namespaces; what was found moves to the front there. */
static uint32_t find_sibling(struct merged_paths *merged, uint32_t *first, uint32_t label,
			     uint32_t key)
{
	uint32_t *link = first;

	for (; *link != OBJECT_NONE; link = &merged->branches.items[*link].next) {
		uint32_t found = *link;
		struct path_branch *branch = &merged->branches.items[found];

		if (branch->label != label || branch->key != key)
			continue;
		*link = branch->next;
		branch->next = *first;
		*first = found;
		return found;
	}
	return OBJECT_NONE;
}

static uint32_t start_branch(struct merged_paths *merged, uint32_t start)
{
	uint32_t found =
		find_sibling(merged, &merged->first_start, start, OBJECT_NONE);

	return found != OBJECT_NONE
		       ? found
		       : add_branch(merged,
				    (struct path_branch){.parent = OBJECT_NONE,
							 .label = start,
							 .key = OBJECT_NONE,
							 .is_single = true},
				    &merged->first_start);
}

static uint32_t child_branch(struct merged_paths *merged, uint32_t parent, uint32_t object)
{
	struct step step = step_of(merged, object, parent);
	uint32_t first = merged->branches.items[parent].first_child;
	uint32_t found = find_sibling(merged, &first, step.label, step.key);
	struct path_branch branch = {.parent = parent, .label = step.label, .key = step.key};

	if (found == OBJECT_NONE) {
		found = find_repeated(merged, parent, &step);
		if (found != OBJECT_NONE) {
			merged->branches.items[found].repeats = true;
			merged->branches.items[found].is_single = false;
			return found;
		}
		branch.is_single = merged->branches.items[parent].is_single &&
				   (step.role == PATH_NAME || step.role == PATH_NAMESPACE ||
				    step.key != OBJECT_NONE);
		found = add_branch(merged, branch, &first);
	}
	if (found != OBJECT_NONE)
		merged->branches.items[parent].first_child = first;
	return found;
}

static uint32_t branch_of(struct merged_paths *merged, uint32_t object)
{
	const uint32_t *parent = merged->steps.parent;
	uint32_t length = 0, branch;

	while (merged->branch_of[object] == OBJECT_NONE && parent[object] != OBJECT_NONE) {
		merged->chain[length++] = object;
		object = parent[object];
	}
	if (merged->branch_of[object] == OBJECT_NONE)
		merged->branch_of[object] =
			start_branch(merged, merged->steps.label[object]);
	branch = merged->branch_of[object];
	while (length > 0 && branch != OBJECT_NONE) {
		object = merged->chain[--length];
		branch = merged->branch_of[object] = child_branch(merged, branch, object);
	}
	return branch;
}

bool merged_paths_add(struct merged_paths *merged, uint32_t object, uint64_t bytes)
{
	uint32_t index = branch_of(merged, object);
	struct path_branch *branch;

	if (index == OBJECT_NONE)
		return false;
	branch = &merged->branches.items[index];
	if (!branch->objects++)
		branch->example = object;
	branch->bytes += bytes;
	return true;
}

void merged_paths_sum(struct merged_paths *merged)
{
	vector_each (&merged->branches, branch) {
		branch->total_objects = branch->objects;
		branch->total_bytes = branch->bytes;
	}
	for (size_t i = merged->branches.count; i-- > 0;) {
		const struct path_branch *branch = &merged->branches.items[i];
		struct path_branch *parent;

		if (branch->parent == OBJECT_NONE)
			continue;
		parent = &merged->branches.items[branch->parent];
		parent->total_objects += branch->total_objects;
		parent->total_bytes += branch->total_bytes;
		if (parent->example == OBJECT_NONE)
			parent->example = branch->example;
	}
}
