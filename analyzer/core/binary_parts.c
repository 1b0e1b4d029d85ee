/*
 * What binary.h answers about a binary once it is open.
 */
#include "core/binary_parts.h"
#include "core/bytes.h"

#include <elf.h>

bool build_id_equal(const struct build_id *left, const struct build_id *right)
{
	return left->size == right->size && !memcmp(left->bytes, right->bytes, left->size);
}

void build_id_format(const struct build_id *id, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < id->size && i < BUILD_ID_MAX; i++) {
		*ret++ = digits[id->bytes[i] >> 4];
		*ret++ = digits[id->bytes[i] & 15];
	}
	*ret = '\0';
}

const char *binary_path(const struct binary *binary)
{
	return binary->path;
}

bool binary_is_detached(const struct binary *binary)
{
	return binary->detached;
}

const uint8_t *binary_bytes(const struct binary *binary, uint64_t *ret_size)
{
	*ret_size = binary->file.size;
	return binary->file.bytes;
}

const struct build_id *binary_build_id(const struct binary *binary)
{
	return &binary->build_id;
}

static const struct section *find_section(const struct binary *binary, const char *name)
{
	vector_each (&binary->sections, section)
		if (!strcmp(section->name, name))
			return section;
	return NULL;
}

bool binary_has_section(const struct binary *binary, const char *name)
{
	return find_section(binary, name) != NULL;
}

const uint8_t *binary_section(const struct binary *binary, const char *name,
			      addr_t *ret_address, uint64_t *ret_size)
{
	const struct section *section = find_section(binary, name);

	if (!section || section->type == SHT_NOBITS)
		return NULL;
	*ret_address = section->address;
	*ret_size = section->size;
	return binary->file.bytes + section->offset;
}

bool binary_debug_link(const struct binary *binary, const char **ret_name, uint32_t *ret_crc)
{
	addr_t address;
	uint64_t size, length;
	const uint8_t *bytes = binary_section(binary, ".gnu_debuglink", &address, &size);

	if (!bytes)
		return false;
	// The name, NUL, padding to 4, the checksum.
	length = strnlen((const char *)bytes, size);
	if (length == 0 || !span_fits((length + 4) & ~3ull, 4, size))
		return false;
	*ret_name = (const char *)bytes;
	*ret_crc = load_u32(bytes + ((length + 4) & ~3ull));
	return true;
}

size_t binary_segment_count(const struct binary *binary)
{
	return binary->segments.count;
}

const struct binary_segment *binary_segment(const struct binary *binary, size_t index)
{
	return &binary->segments.items[index];
}

struct address_range binary_span(const struct binary *binary)
{
	struct address_range span = {UINT64_MAX, 0};

	vector_each (&binary->segments, segment) {
		if (segment->address < span.start)
			span.start = segment->address;
		if (segment->address + segment->memory_size > span.end)
			span.end = segment->address + segment->memory_size;
	}
	return span.start < span.end ? span : (struct address_range){0, 0};
}

const uint8_t *binary_view(const struct binary *binary, addr_t address, size_t size)
{
	vector_each (&binary->segments, segment) {
		uint64_t offset = address - segment->address;

		if (!span_fits(offset, size, segment->file_size))
			continue;
		if (span_fits(segment->file_offset, segment->file_size, binary->file.size))
			return binary->file.bytes + segment->file_offset + offset;
	}
	return NULL;
}

static struct symbol_source source_of(const struct binary *binary, uint32_t type)
{
	vector_each (&binary->sections, section) {
		const struct section *strings;

		if (section->type != type || section->link >= binary->sections.count)
			continue;
		strings = &binary->sections.items[section->link];
		if (strings->type != SHT_STRTAB)
			continue;
		return (struct symbol_source){
			.symbols = binary->file.bytes + section->offset,
			.symbols_size = section->size,
			.strings = binary->file.bytes + strings->offset,
			.strings_size = strings->size,
			.is_dynamic = type == SHT_DYNSYM,
		};
	}
	return (struct symbol_source){0};
}

static const struct symbol_table *symbols_of(const struct binary *binary)
{
	struct tables *tables = binary->tables;
	const struct symbol_table *symbols;

	pthread_mutex_lock(&tables->lock);
	if (!tables->symbols_read) {
		struct symbol_source sources[] = {source_of(binary, SHT_SYMTAB),
						  source_of(binary, SHT_DYNSYM)};

		tables->symbols = symbol_table_create(sources, ARRAY_COUNT(sources));
		tables->symbols_read = true;
	}
	symbols = tables->symbols;
	pthread_mutex_unlock(&tables->lock);
	return symbols;
}

bool binary_symbol(const struct binary *binary, const char *name, struct binary_symbol *ret)
{
	const struct symbol_table *table = symbols_of(binary);
	const struct binary_symbol *found = table ? symbol_table_find(table, name) : NULL;

	if (found)
		*ret = *found;
	return found != NULL;
}

bool binary_exported(const struct binary *binary, const char *name, struct binary_symbol *ret)
{
	const struct symbol_table *table = symbols_of(binary);
	const struct binary_symbol *found =
		table ? symbol_table_find_exported(table, name) : NULL;

	if (found)
		*ret = *found;
	return found != NULL;
}

bool binary_symbol_at(const struct binary *binary, addr_t address, struct binary_symbol *ret)
{
	const struct symbol_table *table = symbols_of(binary);
	const struct binary_symbol *found = table ? symbol_table_find_at(table, address) : NULL;

	if (found)
		*ret = *found;
	return found != NULL;
}

size_t binary_symbol_count(const struct binary *binary)
{
	const struct symbol_table *table = symbols_of(binary);

	return table ? symbol_table_count(table) : 0;
}

void binary_symbol_get(const struct binary *binary, size_t index, struct binary_symbol *ret)
{
	*ret = *symbol_table_get(symbols_of(binary), index);
}

static void read_relocations(const struct binary *binary, struct relocations *ret)
{
	struct symbol_source dynamic = source_of(binary, SHT_DYNSYM);

	vector_each (&binary->sections, section) {
		const uint8_t *bytes = binary->file.bytes + section->offset;

		if (!(section->flags & SHF_ALLOC))
			continue;
		if (section->type == SHT_RELA)
			relocations_add_rela(ret, bytes, section->size, &dynamic);
		else if (section->type == SHT_RELR)
			relocations_add_relr(ret, bytes, section->size, binary);
	}
	relocations_finish(ret);
}

static const struct relocations *relocations_of(const struct binary *binary)
{
	struct tables *tables = binary->tables;

	pthread_mutex_lock(&tables->lock);
	if (!tables->relocations_read)
		read_relocations(binary, &tables->relocations);
	tables->relocations_read = true;
	pthread_mutex_unlock(&tables->lock);
	return &tables->relocations;
}

size_t binary_relocation_count(const struct binary *binary)
{
	return relocations_of(binary)->count;
}

const struct binary_relocation *binary_relocation(const struct binary *binary, size_t index)
{
	return &relocations_of(binary)->items[index];
}
