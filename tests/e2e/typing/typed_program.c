/*
 * Builds what C programs build in malloc'ed memory, writes the type of each block to the file
 * it is given, and aborts.  It leaves behind freed blocks and stale pointers as programs do.
 *
 *	block 55d0… struct circle|struct drawing	the block's type, and what it begins with
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BLOCKS 400000

static struct record {
	void *address;
	const char *type;
} records[MOST_BLOCKS];
static size_t record_count;

static void *note(void *block, const char *type)
{
	if (!block || record_count == MOST_BLOCKS)
		_exit(2);
	records[record_count].address = block;
	records[record_count++].type = type;
	return block;
}

#define NEW(type)         note(malloc(sizeof(type)), #type)
#define CLEAR(type)       note(calloc(1, sizeof(type)), #type)
#define ARRAY(type, n)    note(calloc((n), sizeof(type)), #type "[]|" #type)
#define HEIR(type, base)  note(calloc(1, sizeof(type)), #type "|" #base)
#define POINTERS(type, n) note(calloc((n), sizeof(type *)), #type " *[]")

/* A list: next is the first member, and then one where it is not. */
struct item {
	struct item *next;
	int number;
	double weights[5];
};
struct job {
	int priority;
	char *title;
	struct job *previous, *next;
};
struct item *items;
static struct {
	struct job *first, *last;
	size_t count;
} jobs;

/* A tree whose nodes own strings and arrays of numbers. */
struct branch {
	struct branch *left, *right, *parent;
	uint64_t key;
	char *name;
	long *samples;
	unsigned colour : 1;
};
struct branch *root;

/* A hash table that chains; its values are of another struct. */
struct value {
	void *anything;
	uint32_t flags;
	double amounts[3];
};
struct entry {
	struct entry *chain;
	const char *key;
	struct value *value;
	uint64_t hash;
};
struct table {
	struct entry **buckets;
	size_t size, used;
	struct table *older;
};
struct table tables[3];

/* Arrays of structs with and without pointers, and of structs with arrays of structs. */
struct point {
	double x, y, z;
};
struct vertex {
	struct point at;
	struct vertex *neighbours[6];
	struct {
		char *text;
		struct point *anchor;
	} labels[2];
};
struct mesh {
	struct vertex *vertices;
	size_t count;
	struct point *normals;
	int *indices;
};
struct mesh *meshes[20];

/* Derived structs behind a pointer to their base. */
struct drawing {
	void (*draw)(struct drawing *);
	struct drawing *next;
	char *caption;
};
struct circle {
	struct drawing base;
	double radius, centre[2];
	struct point *middle;
};
struct polygon {
	struct drawing base;
	size_t corners;
	struct point *points;
	struct circle *around;
	double areas[9];
};
struct drawing *drawings;

/* A struct with an open end, one behind a typedef, one behind a union and void pointers. */
struct packet {
	size_t length;
	struct packet *next;
	unsigned char bytes[];
};
typedef struct {
	struct packet *packets;
	char **headers;
	int codes[12];
} session_t;
session_t *sessions[100];
struct hidden {
	long a, b, c, d;
};

/* Structs that begin alike without saying so, behind a table of what they begin with. */
struct named {
	char *name;
};
struct element {
	char *name;
	struct element *parent;
	struct value *value;
	int count, room;
	long *numbers;
};
struct attribute {
	char *name;
	struct element *element;
	int is_default;
};
struct named *names[2000];
union {
	struct hidden *one;
	struct value *other;
} either;

/* A block that two pointers say different things of, and what only one of them leads to. */
struct wrong {
	struct wrong *next;
	struct job *job;
	long rest[4];
};
struct item *disputed[300];
struct wrong *disputing[300];

static char *text(const char *format, int number)
{
	char buffer[200];

	snprintf(buffer, sizeof(buffer), format, number);
	return note(strdup(buffer), "char[]");
}

static void draw(struct drawing *drawing)
{
	(void)drawing;
}

static void build_lists(void)
{
	for (int i = 0; i < 20000; i++) {
		struct item *item = NEW(struct item);
		struct job *job = CLEAR(struct job);

		item->next = items;
		items = item;
		job->title = text("job number %d with a title", i);
		job->previous = jobs.last;
		if (jobs.last)
			jobs.last->next = job;
		else
			jobs.first = job;
		jobs.last = job;
		jobs.count++;
	}
}

static void build_tree(void)
{
	uint32_t state = 5;

	for (int i = 0; i < 20000; i++) {
		struct branch **place = &root, *parent = NULL;
		struct branch *branch = CLEAR(struct branch);

		state = state * 1664525u + 1013904223u;
		branch->key = state >> 4;
		branch->name = text("branch %d", i);
		if (i % 3 == 0)
			branch->samples = ARRAY(long int, i % 50 + 1);
		while (*place) {
			parent = *place;
			place = branch->key < parent->key ? &parent->left : &parent->right;
		}
		branch->parent = parent;
		*place = branch;
	}
}

static void build_tables(void)
{
	for (int t = 0; t < 3; t++) {
		struct table *table = &tables[t];

		table->size = 4000u + (size_t)t;
		table->buckets = POINTERS(struct entry, table->size);
		for (int i = 0; i < 10000; i++) {
			struct entry *entry = CLEAR(struct entry);
			struct entry **bucket = &table->buckets[(size_t)i * 7 % table->size];

			entry->chain = *bucket;
			*bucket = entry;
			entry->key = text("key/%d", i);
			entry->value = CLEAR(struct value);
			if (i % 50 == 0) /* no one can know what it is */
				entry->value->anything = CLEAR(struct hidden);
		}
	}
}

static void build_meshes(void)
{
	for (size_t m = 0; m < 20; m++) {
		struct mesh *mesh = meshes[m] = CLEAR(struct mesh);

		mesh->count = 10 + m;
		mesh->vertices = ARRAY(struct vertex, mesh->count);
		mesh->normals = ARRAY(struct point, mesh->count);
		mesh->indices = ARRAY(int, 3 * mesh->count);
		for (size_t i = 0; i < mesh->count; i++) {
			struct vertex *vertex = &mesh->vertices[i];

			vertex->neighbours[i % 6] = &mesh->vertices[i / 2];
			vertex->labels[1].text = text("label of %d", (int)i);
			vertex->labels[0].anchor = CLEAR(struct point);
		}
	}
}

static void build_drawings(void)
{
	for (int i = 0; i < 3000; i++) {
		struct circle *circle = HEIR(struct circle, struct drawing);
		struct polygon *polygon = HEIR(struct polygon, struct drawing);

		circle->base = (struct drawing){draw, drawings, text("circle %d", i)};
		circle->radius = i + 0.5;
		circle->middle = CLEAR(struct point);
		polygon->base = (struct drawing){draw, &circle->base, NULL};
		polygon->corners = 3 + (size_t)i % 7;
		polygon->points = ARRAY(struct point, polygon->corners);
		polygon->around = i % 2 ? circle : NULL;
		polygon->areas[0] = i + 0.25;
		drawings = &polygon->base;
	}
}

static void build_names(void)
{
	for (int i = 0; i < 1000; i++) {
		struct element *element =
			note(calloc(1, sizeof(*element)), "struct element|struct named");
		struct attribute *attribute =
			note(calloc(1, sizeof(*attribute)), "struct attribute|struct named");

		names[2 * i] = (struct named *)element;
		names[2 * i + 1] = (struct named *)attribute;
		element->name = text("element %d", i);
		element->count = i % 3;
		attribute->name = element->name;
	}
}

static void build_sessions(void)
{
	for (int i = 0; i < 100; i++) {
		session_t *session = sessions[i] =
			note(calloc(1, sizeof(*session)), "struct session_t");

		session->headers = POINTERS(char, 5);
		for (int k = 0; k < 4; k++)
			session->headers[k] = text("Header-%d: value", k);
		for (int k = 0; k < 20; k++) {
			struct packet *packet = note(
				calloc(1, sizeof(*packet) + (size_t)k * 37), "struct packet");

			packet->next = session->packets;
			session->packets = packet;
		}
	}
	either.one = CLEAR(struct hidden);
}

/* What was freed stays behind a pointer, and its memory is given out again. */
static void leave_stale_pointers(void)
{
	static struct item *stale[500];
	static struct value *others[500];

	for (size_t i = 0; i < 500; i++) {
		stale[i] = malloc(sizeof(struct item));
		memset(stale[i], 0, sizeof(struct item));
	}
	for (size_t i = 0; i < 500; i++)
		free(stale[i]);
	for (size_t i = 0; i < 500; i++)
		others[i] = malloc(sizeof(struct value));
	for (size_t i = 0; i < 500; i++) {
		memset(others[i], 0, sizeof(struct value));
		note(others[i], "struct value");
	}
}

static void build_disputes(void)
{
	for (int i = 0; i < 300; i++) {
		disputed[i] = CLEAR(struct item);
		disputed[i]->next = CLEAR(struct item);
		disputing[i] = (struct wrong *)disputed[i];
	}
}

static void describe(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char line[128];

	for (size_t i = 0; i < record_count; i++) {
		int length =
			snprintf(line, sizeof(line), "block %lx %s\n",
				 (unsigned long)(uintptr_t)records[i].address, records[i].type);

		if (length < 0 || write(file, line, (size_t)length) != length)
			_exit(3);
	}
	close(file);
}

int main(int count, char **arguments)
{
	build_lists();
	build_tree();
	build_tables();
	build_meshes();
	build_drawings();
	build_names();
	build_sessions();
	build_disputes();
	leave_stale_pointers();
	if (count > 1)
		describe(arguments[1]);
	abort();
}
