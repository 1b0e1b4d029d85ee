/*
 * Readers: for objects with memory that their C struct does not describe.  Each tells the walk the
 * references of one object and claims the memory that it owns; each size is in bytes, without the
 * headers before the object.  reader_for() in walk.h finds them by the type's name.
 */
#ifndef RUNTIME_CPYTHON_READERS_H
#define RUNTIME_CPYTHON_READERS_H

#include "runtime/cpython/walk.h"

static inline addr_t field_word(const struct walk *walk, const struct source *source,
				enum field field)
{
	return field_get(&walk->python->fields, source->bytes, field);
}

/* read_containers.c */
void read_deque(struct walk *walk, const struct source *source);
void read_dict(struct walk *walk, const struct source *source);
void read_list(struct walk *walk, const struct source *source);
void read_lru_cache(struct walk *walk, const struct source *source);
void read_ordered_dict(struct walk *walk, const struct source *source);
void read_set(struct walk *walk, const struct source *source);
void read_statement_cache(struct walk *walk, const struct source *source);
void read_tee_data(struct walk *walk, const struct source *source);

/* read_code.c */
void read_bytearray(struct walk *walk, const struct source *source);
void read_code(struct walk *walk, const struct source *source);
void read_frame(struct walk *walk, const struct source *source);
void read_generator(struct walk *walk, const struct source *source);
void read_string(struct walk *walk, const struct source *source);
void read_type_object(struct walk *walk, const struct source *source);
uint64_t frame_size(const struct walk *walk, const struct source *source);
uint64_t generator_size(const struct walk *walk, const struct source *source);
uint64_t string_size(const struct walk *walk, const struct source *source);
uint64_t type_object_size(const struct walk *walk, const struct source *source);

/* read_modules.c */
void read_capsule(struct walk *walk, const struct source *source);
void read_module(struct walk *walk, const struct source *source);

/* read_sqlite.c */
void read_connection(struct walk *walk, const struct source *source);
/* sqlite_callables.c: what the sqlite3 struct at the address has registered, as the Connection's. */
void sqlite_read_callables(struct walk *walk, const struct source *source, addr_t connection);
/* What is unused of the memory of the sqlite3 struct at the address; nothing if it is none. */
void sqlite_claim_unused(struct walk *walk, addr_t connection);

#endif
