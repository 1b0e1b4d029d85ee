/*
 * Snapshots built by hand: objects in address order, references in the order of their sources.
 * Counts are worked out as the ledger would; states and distances are what the test says.
 */
#ifndef SUPPORT_SNAPSHOT_BUILDER_H
#define SUPPORT_SNAPSHOT_BUILDER_H

#include "store/snapshot.h"

struct snapshot_builder;

struct snapshot_builder *snapshot_builder_create(void);
void snapshot_builder_free(struct snapshot_builder *builder);
DEFINE_CLEANUP(struct snapshot_builder *, snapshot_builder_free)

/* What is neither object nor reference goes in here directly, before and after finishing. */
struct snapshot *builder_snapshot(struct snapshot_builder *builder);

uint32_t builder_type(struct snapshot_builder *builder, const char *name);

struct built_object {
	addr_t address;
	uint32_t type;
	uint64_t size, owned_size;
	int64_t refcount;
	uint8_t flags, generation;
	enum object_state state;
	uint32_t distance;
	const char *value; /* or NULL */
};
/* Index of the object. */
uint32_t builder_object(struct snapshot_builder *builder, struct built_object object);

/* Sources must not descend; ordinals count up by themselves. */
void builder_reference(struct snapshot_builder *builder, uint32_t source, const char *label,
		       uint32_t target, enum reference_kind kind);
void builder_root(struct snapshot_builder *builder, uint32_t object, enum root_kind kind,
		  const char *label);
/* The members become a component and a cycle. */
void builder_cycle(struct snapshot_builder *builder, uint32_t first, uint32_t last,
		   const char *pattern);

/* Lives as long as the builder. */
const struct snapshot *builder_finish(struct snapshot_builder *builder);

/*
 * A small process: modules keep a dict {'user': [str, str]}, two app.Node refer to each other
 * and to nothing else that is alive, one bytes has a reference that nobody owns.
 */
const struct snapshot *build_sample(struct snapshot_builder *builder);

/* A snapshot as large as a test wants: every object refers to `references` others. */
const struct snapshot *build_large(struct snapshot_builder *builder, uint32_t objects,
				   uint32_t references);

#endif
