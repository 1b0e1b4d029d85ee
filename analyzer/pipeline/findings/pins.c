/*
 * A few objects that keep arenas from the system, by who holds them.  Of holders that share arenas
 * the first has what goes back without it, each other what it adds; what only goes when all let
 * go is a finding of its own.
 */
#include "pipeline/findings/kinds.h"

#include <inttypes.h>

#define MUCH         ((uint64_t)1 << 20) /* bytes worth a finding */
#define MOST_HOLDERS 3u                  /* that have findings of their own */
#define WARNING_PART 8u                  /* of the memory: from one part in that many on */

static const char *severity_of(const struct findings *findings, uint64_t bytes)
{
	return bytes >= findings->figures.memory / WARNING_PART ? "warning" : "info";
}

static const char *what_pins(struct findings *findings, const struct snapshot_release *release)
{
	const char *type = release->type ? type_short_name(release->type) : "";

	if (release->typed < release->pins - release->pins / 10)
		return arena_format(findings->arena, "%s objects and blocks",
				    findings_count(findings, release->pins));
	return arena_format(findings->arena, "%s %s %s",
			    findings_count(findings, release->typed), type,
			    release->is_object_type ? release->typed == 1 ? "object" : "objects"
						    : "blocks");
}

static const char *where_pins(struct findings *findings, const struct snapshot_release *release)
{
	const char *path = release->path && *release->path ? release->path : "an object";

	return release->kind == RELEASE_HOLDER
		       ? arena_format(findings->arena, "in %s", path)
		       : arena_format(findings->arena, "that %s refers to", path);
}

static void add_holder(struct findings *findings, const struct snapshot_release *release,
		       uint64_t bytes)
{
	uint64_t id = (uint64_t)(release - findings->snapshot->releases.items) + 1;
	const char *what = what_pins(findings, release), *where = where_pins(findings, release);
	struct snapshot_finding finding = {
		.kind = "pins",
		.severity = severity_of(findings, bytes),
		.certainty = CERTAINTY_LIKELY,
		.bytes = bytes,
		.objects = release->pins,
		.advice = "drop them, or replace them by copies once the rest of their batch "
			  "is freed: new objects fill few pools, and the arenas go",
	};

	if (!what || !where)
		return;
	finding.title =
		arena_format(findings->arena, "%s %s keep %s of free memory from the system",
			     what, where, findings_bytes(findings, bytes));
	finding.evidence = arena_format(findings->arena,
					"%s in %s arenas of %s with little else in them; "
					"simulated: without them %s go back",
					findings_bytes(findings, release->pin_bytes),
					findings_count(findings, release->arenas),
					findings_bytes(findings, release->arena_bytes),
					findings_bytes(findings, release->returned));
	finding.query = arena_format(findings->arena,
				     "SELECT arena_id, object_id, block_id, size, path FROM "
				     "pins WHERE release_id = %" PRIu64,
				     id);
	findings_add(findings, &finding);
}

/* What is left when those of their own are taken off. */
static void add_together(struct findings *findings, uint64_t holders, uint64_t pins,
			 uint64_t bytes)
{
	struct snapshot_finding finding = {
		.kind = "pins",
		.severity = severity_of(findings, bytes),
		.certainty = CERTAINTY_LIKELY,
		.bytes = bytes,
		.objects = pins,
		.advice = "none of them alone frees an arena: see heapsect pools for who they "
			  "are, and what goes back with each one more",
		.query = "SELECT path, type, pins, arenas, returned, together FROM releases "
			 "WHERE kind IN ('holder', 'pins') ORDER BY id",
	};

	finding.title =
		arena_format(findings->arena,
			     "%s objects and blocks of %s holders together keep %s of free "
			     "memory from the system",
			     findings_count(findings, pins), findings_count(findings, holders),
			     findings_bytes(findings, bytes));
	finding.evidence = "simulated: it goes back when all of them let go";
	findings_add(findings, &finding);
}

/*
 * Releases up to one of them.  What was in use among what goes back is not kept by anybody: a
 * holder of half the heap pins nothing, though its arenas go with it.
 */
struct so_far {
	uint64_t freed; /* bytes of the blocks that go */
	uint64_t kept;  /* free memory that goes back then */
};

/* What a release adds. */
static uint64_t kept_by(struct so_far *so_far, const struct snapshot_release *release)
{
	uint64_t before = so_far->kept, kept;

	so_far->freed += release->bytes;
	kept = release->together > so_far->freed ? release->together - so_far->freed : 0;
	if (kept > before)
		so_far->kept = kept;
	return so_far->kept - before;
}

bool find_pins(struct findings *findings, struct error *err)
{
	uint64_t others = 0, pins = 0, bytes = 0;
	struct so_far so_far = {0, 0};
	uint32_t told = 0;

	(void)err;
	vector_each (&findings->snapshot->releases, release) {
		uint64_t kept;

		if (!release_has_holder(release->kind))
			continue;
		kept = kept_by(&so_far, release);
		if (release->returned >= MUCH && kept >= MUCH && told < MOST_HOLDERS) {
			add_holder(findings, release, kept);
			told++;
			continue;
		}
		others++;
		pins += release->pins;
		bytes += kept;
	}
	if (bytes >= MUCH)
		add_together(findings, others, pins, bytes);
	return true;
}
