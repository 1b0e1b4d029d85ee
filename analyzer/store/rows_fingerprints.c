/*
 * Leaks and cycles by fingerprint, so that a comparison of snapshots need not read them all.
 */
#include "store/rows.h"

#include <inttypes.h>

struct fingerprint_total {
	const char *kind;
	uint64_t fingerprint, count, objects, bytes;
	uint32_t example; /* index of the first */
};

struct fingerprint_sums {
	struct names *names; /* "kind fingerprint"; a name's number is its total's */
	VECTOR_OF(struct fingerprint_total)
	totals;
};

/* What one row adds to its total. */
static bool add(struct fingerprint_sums *sums, struct fingerprint_total row)
{
	struct fingerprint_total *total;
	char name[64];
	uint32_t number;

	snprintf(name, sizeof(name), "%s %016" PRIx64, row.kind, row.fingerprint);
	number = names_add(sums->names, name);
	if (number == sums->totals.count)
		return vector_push(&sums->totals, row);
	if (number > sums->totals.count)
		return false;
	total = &sums->totals.items[number];
	total->count += row.count;
	total->objects += row.objects;
	total->bytes += row.bytes;
	return true;
}

static bool add_leaks(struct fingerprint_sums *sums, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->leaks.count; i++) {
		const struct snapshot_leak *leak = &snapshot->leaks.items[i];

		if (!add(sums, (struct fingerprint_total){leak_kind_name(leak->kind),
							  leak->fingerprint, 1, leak->objects,
							  leak->bytes, i}))
			return false;
	}
	return true;
}

static bool add_cycles(struct fingerprint_sums *sums, const struct snapshot *snapshot)
{
	const uint32_t *first = snapshot->components.first;

	for (uint32_t i = 0; i < snapshot->cycles.count; i++) {
		const struct snapshot_cycle *cycle = &snapshot->cycles.items[i];
		uint32_t members = first[cycle->component + 1] - first[cycle->component];

		if (!add(sums, (struct fingerprint_total){object_state_name(cycle->state),
							  cycle->fingerprint, 1, members,
							  cycle->bytes, i}))
			return false;
	}
	return true;
}

static bool write_total(struct insert *insert, const char *subject,
			const struct fingerprint_total *total, struct error *err)
{
	insert_text(insert, subject);
	insert_text(insert, total->kind);
	insert_unsigned(insert, total->fingerprint);
	insert_unsigned(insert, total->count);
	insert_unsigned(insert, total->objects);
	insert_unsigned(insert, total->bytes);
	insert_id(insert, total->example);
	return insert_row(insert, err);
}

typedef bool add_fn(struct fingerprint_sums *sums, const struct snapshot *snapshot);

static bool write_subject(struct insert *insert, const struct snapshot *snapshot,
			  const char *subject, add_fn *add_rows, struct error *err)
{
	struct fingerprint_sums sums = {.names = names_create()};
	bool ok = (sums.names && add_rows(&sums, snapshot)) ||
		  error_out_of_memory(err, "adding up leaks and cycles");

	for (size_t i = 0; ok && i < sums.totals.count; i++)
		ok = write_total(insert, subject, &sums.totals.items[i], err);
	vector_release(&sums.totals);
	names_free(sums.names);
	return ok;
}

bool rows_fingerprints(struct insert *insert, const struct snapshot *snapshot,
		       struct error *err)
{
	return write_subject(insert, snapshot, "leak", add_leaks, err) &&
	       write_subject(insert, snapshot, "cycle", add_cycles, err);
}
