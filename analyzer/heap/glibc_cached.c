#include "heap/glibc_cached.h"

#include "base/search.h"
#include "core/bytes.h"

#include <stdlib.h>

#define MOST_LINKS     ((size_t)1 << 24) /* of a list; a tcache's are far shorter */
#define MOST_MODULES   256u              /* with thread-local data */
#define TLS_BYTES      0x400u            /* of a module, to look for the tcache's address in */
#define MOST_BAD_LISTS 16u               /* of a tcache; with more it is none */
#define DTV_SLOT       16u
#define DTV_UNSET      UINT64_MAX

/* How links are kept. */
typedef addr_t decode_fn(addr_t position, addr_t link);

static addr_t decode_plain(addr_t position, addr_t link)
{
	(void)position;
	return link;
}

static addr_t decode_safe(addr_t position, addr_t link)
{
	return link ^ (position >> 12);
}

static decode_fn *const decoders[] = {decode_safe, decode_plain};

struct tcache_format {
	uint64_t chunk_size;         /* bytes; a chunk may be 16 more */
	uint32_t lists, exact_lists; /* the latter are of one size each */
	uint32_t entries;            /* bytes into the struct */
	bool has_counts;             /* before the entries: blocks in each list */
};

static const struct tcache_format formats[] = {
	{.chunk_size = 0x290,
	 .lists = 64,
	 .exact_lists = 64,
	 .entries = 128,
	 .has_counts = true},
	{.chunk_size = 0x300, .lists = 76, .exact_lists = 64, .entries = 152},
};

struct list {
	addr_t first;         /* the user's address */
	uint64_t least, most; /* size of its chunks */
	uint32_t bias;        /* bytes from where links point to the user's address */
	uint32_t flag;        /* CACHED_FASTBIN, or 0 */
};

/* A block of the list, and what it links to as it is kept. */
static bool is_member(const struct glibc *glibc, const struct list *list, addr_t user,
		      size_t *hint, uint64_t *ret_link)
{
	const uint8_t *bytes;
	uint64_t size;

	if (user % CHUNK_ALIGNMENT)
		return false;
	bytes = image_view(glibc->image, user - CHUNK_HEADER, CHUNK_HEADER + 8, hint);
	if (!bytes)
		return false;
	size = load_u64(bytes + 8);
	*ret_link = load_u64(bytes + CHUNK_HEADER);
	return !(size & CHUNK_MAPPED) && (size & ~(uint64_t)CHUNK_FLAGS) >= list->least &&
	       (size & ~(uint64_t)CHUNK_FLAGS) <= list->most;
}

/*
 * Adds the list's blocks to glibc->cached.  False if it does not come to its end; the last
 * block added is then the one with the wrong link.  A loop ends
 * with the second meeting of a block that Brent's algorithm remembers at powers of two.
 */
static bool follow(struct glibc *glibc, const struct list *list, decode_fn *decode)
{
	addr_t user = list->first, remembered = 0;
	size_t hint = 0;

	for (size_t steps = 0, power = 1; user; steps++) {
		uint64_t link;

		if (steps == MOST_LINKS || user == remembered ||
		    !is_member(glibc, list, user, &hint, &link))
			return false;
		vector_push(&glibc->cached, user | list->flag);
		if (steps == power) {
			remembered = user;
			power *= 2;
		}
		link = decode(user, link);
		user = link ? link + list->bias : 0;
	}
	return true;
}

/* Only one way to read the links comes to an end; of a damaged list, the longer part counts. */
static bool add_list(struct glibc *glibc, const struct list *list)
{
	size_t before = glibc->cached.count, most = 0;
	decode_fn *best = decoders[0];

	for (size_t i = 0; i < ARRAY_COUNT(decoders); i++) {
		if (follow(glibc, list, decoders[i]))
			return true;
		if (glibc->cached.count - before > most) {
			most = glibc->cached.count - before;
			best = decoders[i];
		}
		glibc->cached.count = before;
	}
	follow(glibc, list, best);
	return false;
}

static struct list tcache_list(const struct tcache_format *format, const uint8_t *bytes,
			       uint32_t index)
{
	struct list list = {.first = load_u64(bytes + format->entries + index * 8)};

	list.least = index < format->exact_lists
			     ? CHUNK_SMALLEST + (uint64_t)index * CHUNK_ALIGNMENT
			     : CHUNK_SMALLEST + (uint64_t)format->exact_lists * CHUNK_ALIGNMENT;
	list.most = index < format->exact_lists ? list.least : UINT64_MAX;
	return list;
}

/* A thread stopped within malloc may have the count one off. */
static bool count_agrees(const struct tcache_format *format, const uint8_t *bytes,
			 uint32_t index, size_t found)
{
	uint16_t count = load_u16(bytes + index * 2);

	return !format->has_counts || (count <= found + 1 && found <= (size_t)count + 1);
}

struct tcache {
	addr_t address; /* of the struct */
	uint32_t bad;   /* lists that do not check out */
	size_t blocks;
};

/* Adds the list's blocks, and an anomaly where it is damaged; `holder` has its first link. */
static void add_damaged_list(struct glibc *glibc, const struct list *list, addr_t holder,
			     bool is_counted, const char *message)
{
	size_t before = glibc->cached.count;
	addr_t last = holder;
	bool is_good = add_list(glibc, list);

	if (is_good && is_counted)
		return;
	if (!is_good && glibc->cached.count > before)
		last = glibc->cached.items[glibc->cached.count - 1] & ~(addr_t)CACHED_FASTBIN;
	glibc_record_link(glibc, last - CHUNK_HEADER, message);
}

/* Adds the blocks of what may be a tcache. */
static void read_lists(struct glibc *glibc, const struct tcache_format *format,
		       const uint8_t *bytes, struct tcache *ret)
{
	size_t start = glibc->cached.count;

	for (uint32_t i = 0; i < format->lists; i++) {
		struct list list = tcache_list(format, bytes, i);
		size_t before = glibc->cached.count;
		bool is_good = add_list(glibc, &list);

		if (!is_good || !count_agrees(format, bytes, i, glibc->cached.count - before))
			ret->bad++;
	}
	ret->blocks = glibc->cached.count - start;
}

static const struct tcache_format *format_of(const struct glibc *glibc, addr_t address)
{
	uint64_t size;

	if (!address || address % CHUNK_ALIGNMENT ||
	    !image_read_u64(glibc->image, address - 8, &size) || size & CHUNK_MAPPED)
		return NULL;
	size &= ~(uint64_t)CHUNK_FLAGS;
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++)
		if (size == formats[i].chunk_size ||
		    size == formats[i].chunk_size + CHUNK_ALIGNMENT)
			return &formats[i];
	return NULL;
}

/* What was found of one thread.  An address of 0: none. */
struct found {
	bool is_sound;                  /* a tcache that checks out and has blocks */
	struct tcache damaged, smashed; /* those with a few, and with more bad lists */
};

static const uint8_t *tcache_bytes(const struct glibc *glibc,
				   const struct tcache_format *format, addr_t address)
{
	size_t hint = 0;

	return image_view(glibc->image, address, format->entries + format->lists * 8, &hint);
}

/*
 * Adds the blocks of the tcache at `address`, if it is one.  One that checks out in every list
 * counts whatever thread it is of; one that does not is kept for later.
 */
static void add_tcache(struct glibc *glibc, addr_t address, struct found *found)
{
	const struct tcache_format *format = format_of(glibc, address);
	struct tcache tcache = {.address = address};
	size_t before = glibc->cached.count;
	const uint8_t *bytes = format ? tcache_bytes(glibc, format, address) : NULL;

	if (!bytes)
		return;
	read_lists(glibc, format, bytes, &tcache);
	if (!tcache.bad) {
		found->is_sound |= tcache.blocks > 0;
		return;
	}
	glibc->cached.count = before;
	if (tcache.bad > MOST_BAD_LISTS)
		found->smashed = tcache;
	else if (tcache.blocks > found->damaged.blocks)
		found->damaged = tcache;
}

static void add_damaged(struct glibc *glibc, addr_t address)
{
	const struct tcache_format *format = format_of(glibc, address);
	const uint8_t *bytes = format ? tcache_bytes(glibc, format, address) : NULL;

	if (!bytes)
		return;
	anomaly_record(glibc->anomalies, GLIBC_STAGE, address, "a thread's tcache is damaged");
	for (uint32_t i = 0; i < format->lists; i++) {
		struct list list = tcache_list(format, bytes, i);
		size_t before = glibc->cached.count;
		bool is_counted;

		add_list(glibc, &list);
		is_counted = count_agrees(format, bytes, i, glibc->cached.count - before);
		glibc->cached.count = before;
		add_damaged_list(glibc, &list, address, is_counted,
				 "a tcache's list of freed blocks is damaged");
	}
}

/* A tcache is among the first that a thread allocates: it stands where an arena begins. */
static bool begins_arena(const struct glibc *glibc, addr_t address)
{
	vector_each (&glibc->regions, region)
		if (address - region->start < PAGE_SIZE_BYTES)
			return true;
	return false;
}

static void add_tcaches_of(struct glibc *glibc, const struct image_thread *thread)
{
	struct found found = {0};
	addr_t dtv;

	if (!image_read_u64(glibc->image, thread->registers[REGISTER_FS_BASE] + 8, &dtv))
		return;
	for (uint32_t module = 1; module < MOST_MODULES; module++) {
		addr_t block, word;

		if (!image_read_u64(glibc->image, dtv + (addr_t)module * DTV_SLOT, &block))
			break;
		if (!block || block == DTV_UNSET)
			continue;
		for (addr_t at = 0; at < TLS_BYTES; at += 8)
			if (image_read_u64(glibc->image, block + at, &word))
				add_tcache(glibc, word, &found);
	}
	if (found.damaged.address)
		add_damaged(glibc, found.damaged.address);
	else if (!found.is_sound && found.smashed.address &&
		 begins_arena(glibc, found.smashed.address))
		glibc_record_link(
			glibc, found.smashed.address - CHUNK_HEADER,
			"a thread's tcache was written over: none of its blocks is known");
}

static void add_fastbins(struct glibc *glibc, addr_t arena)
{
	for (uint32_t i = 0; i < glibc->format->fastbin_count; i++) {
		struct list list = {.least = CHUNK_SMALLEST + (uint64_t)i * CHUNK_ALIGNMENT,
				    .bias = CHUNK_HEADER,
				    .flag = CACHED_FASTBIN};
		addr_t chunk;

		list.most = list.least;
		if (!image_read_u64(glibc->image, arena + glibc->format->fastbins + i * 8,
				    &chunk) ||
		    !chunk)
			continue;
		list.first = chunk + CHUNK_HEADER;
		add_damaged_list(glibc, &list, chunk + CHUNK_HEADER, true,
				 "a fastbin is damaged");
	}
}

/* A tcache is met once for each word that holds its address. */
static void sort_cached(struct glibc *glibc)
{
	addr_t *items = glibc->cached.items;
	size_t count = 0;

	if (!glibc->cached.count)
		return;
	qsort(items, glibc->cached.count, sizeof(*items), addr_compare);
	for (size_t i = 0; i < glibc->cached.count; i++)
		if (!count || items[count - 1] != items[i])
			items[count++] = items[i];
	glibc->cached.count = count;
}

void glibc_find_cached(struct glibc *glibc)
{
	for (size_t i = 0; i < image_thread_count(glibc->image); i++)
		add_tcaches_of(glibc, image_thread(glibc->image, i));
	vector_each (&glibc->arenas, arena)
		add_fastbins(glibc, *arena);
	sort_cached(glibc);
}
