#include "support/debug_fixture.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char fixture_shared[] =
	"struct node { struct node *next; int value; };\n"
	"typedef struct {\n"
	"	struct node *head;\n"
	"	unsigned ready : 1, mode : 3, wide : 20;\n"
	"	union { long number; double real; };\n"
	"	int grid[3][4];\n"
	"	struct { const char *label; } rows[2];\n"
	"	enum color { RED = 7, BLUE = -2 } color;\n"
	"	char tail[];\n"
	"} Registry;\n"
	"typedef struct hidden Hidden;\n"
	"struct elsewhere;\n"
	"int walk(struct node *list, struct elsewhere *where, Hidden *secret);\n"
	"extern Registry registry;\n"
	"extern volatile int sink;\n";

const char fixture_main[] =
	"#include \"shared.h\"\n"
	"typedef struct { long only_in_main; } State;\n"
	"typedef struct node Node;\n"
	"State main_state = {1};\n"
	"Registry registry = {.mode = 5};\n"
	"volatile int sink;\n"
	"static __thread int thread_counter = 5;\n"
	"static inline __attribute__((always_inline)) void touch(struct node *item)\n"
	"{\n"
	"	sink += item->value;\n"
	"}\n"
	"__attribute__((noinline)) int visit(const Registry *from, int plain, Node *extra)\n"
	"{\n"
	"	static int calls;\n"
	"	struct node *current = from->head;\n"
	"	for (; current; current = current->next) {\n"
	"		touch(current);\n"
	"		calls += plain;\n"
	"	}\n"
	"	return calls + extra->value;\n"
	"}\n"
	"__attribute__((noinline)) int relay(struct elsewhere *where, struct node *list)\n"
	"{\n"
	"	return walk(list, where, 0) + 1;\n"
	"}\n"
	"int main(int argc, char **argv)\n"
	"{\n"
	"	struct node node = {0, argc};\n"
	"	(void)argv;\n"
	"	registry.head = &node;\n"
	"	thread_counter += argc;\n"
	"	sink = thread_counter + (int)main_state.only_in_main;\n"
	"	return visit(&registry, argc, &node) + relay(0, &node);\n"
	"}\n";

const char fixture_other[] =
	"#include \"shared.h\"\n"
	"struct elsewhere { int here; struct node inner; };\n"
	"typedef struct { char first, only_in_other[15]; } State;\n"
	"static State other_state = {1, {2}};\n"
	"__attribute__((cold, noinline)) void complain(int code)\n"
	"{\n"
	"	sink += code;\n"
	"}\n"
	"__attribute__((noinline)) int walk(struct node *list, struct elsewhere *where,\n"
	"				   Hidden *secret)\n"
	"{\n"
	"	if (list->value == 4711) {\n"
	"		complain(1);\n"
	"		complain(sink);\n"
	"	}\n"
	"	other_state.first += secret != 0;\n"
	"	sink += other_state.only_in_other[other_state.first & 1];\n"
	"	return where ? where->here : list->value;\n"
	"}\n";

static void write_file(const struct fixture *fixture, const char *name, const char *text)
{
	FILE *file = fopen(fixture_path(fixture, name), "w");

	cr_assert(file);
	cr_assert_geq(fputs(text, file), 0);
	fclose(file);
}

void fixture_init(struct fixture *fixture)
{
	snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/heapsect-test-XXXXXX");
	cr_assert(mkdtemp(fixture->dir));
	write_file(fixture, "shared.h", fixture_shared);
	write_file(fixture, "main.c", fixture_main);
	write_file(fixture, "other.c", fixture_other);
}

void fixture_release(struct fixture *fixture)
{
	fixture_run(fixture, "rm -rf '%s'", fixture->dir);
}

const char *fixture_path(const struct fixture *fixture, const char *name)
{
	static char buffers[4][256];
	static unsigned int next;
	char *ret = buffers[next++ % 4];

	snprintf(ret, sizeof(buffers[0]), "%s/%s", fixture->dir, name);
	return ret;
}

bool fixture_run(const struct fixture *fixture, const char *format, ...)
{
	char command[2048];
	size_t used = (size_t)snprintf(command, sizeof(command), "cd '%s' && { ", fixture->dir);
	va_list arguments;

	va_start(arguments, format);
	used += (size_t)vsnprintf(command + used, sizeof(command) - used, format, arguments);
	va_end(arguments);
	cr_assert_lt(used, sizeof(command) - 32);
	snprintf(command + used, sizeof(command) - used, "; } >log 2>&1");
	return system(command) == 0;
}

void fixture_need(const char *tool)
{
	char command[256];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", tool);
	if (system(command) != 0)
		cr_skip_test("%s is not installed", tool);
}

bool fixture_try_build(const struct fixture *fixture, const char *compiler, const char *flags)
{
	return fixture_run(fixture,
			   "%s %s -c main.c && %s %s -c other.c && "
			   "%s %s -Wl,--build-id -o program main.o other.o",
			   compiler, flags, compiler, flags, compiler, flags);
}

void fixture_build(const struct fixture *fixture, const char *compiler, const char *flags)
{
	fixture_need(compiler);
	cr_assert(fixture_try_build(fixture, compiler, flags), "%s %s fails", compiler, flags);
}

struct debug_info *fixture_open(const struct fixture *fixture, const char *program, bool cached,
				struct binary **ret)
{
	const char *const dirs[] = {fixture_path(fixture, "debug"), NULL};
	struct anomalies *anomalies = anomalies_create();
	struct debug_options options = {
		.debug_dirs = dirs,
		.cache_dir = cached ? fixture_path(fixture, "cache") : NULL,
		.anomalies = anomalies,
	};
	struct error err = {0};
	struct debug_info *info;

	*ret = binary_open(fixture_path(fixture, program), &err);
	cr_assert(*ret, "%s", err.message);
	info = debug_info_open(*ret, &options, &err);
	cr_assert(info, "%s", err.message);
	cr_assert_eq(anomalies_count(anomalies), 0u);
	anomalies_free(anomalies);
	return info;
}
