# heapsect: see README.md.  User settings first; everything below them follows from the tree.
ifeq ($(origin CC),default)
CC       := gcc
endif
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
# What runs the tests and the demo, and is itself dumped: the system's.
PYTHON   ?= $(or $(wildcard /usr/bin/python3),python3)
# Whose plugin is installed and tested.  It imports every module below its data directory's
# python/gdb/command when it starts; empty: the plugin is only put under PREFIX.
GDB      ?= gdb
GDB_DATA_DIR ?= $(shell $(GDB) -nx -batch -ex 'show data-directory' 2>/dev/null | sed -n 's/.*"\(.*\)".*/\1/p')
# 1: stop at warnings; a packager with a newer compiler sets 0.
WERROR   ?= 1
# 1: show the commands of the build in full.
V        ?= 0

VERSION    := 0.1.0
SONAME     := libheapsect.so.0
PACKAGES   := libelf sqlite3
LIBDWARF_CFLAGS ?= $(shell pkg-config --cflags libdwarf 2>/dev/null) -I/usr/include/libdwarf
LIBDWARF_LIBS   ?= $(shell pkg-config --libs libdwarf 2>/dev/null || echo -ldwarf)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
CPPFLAGS_ALL = -D_GNU_SOURCE -DHEAPSECT_VERSION='"$(VERSION)"' -Ianalyzer -I$(BUILD)/gen \
	$(shell pkg-config --cflags $(PACKAGES)) $(LIBDWARF_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL   = -std=gnu11 -fPIC -fvisibility=hidden $(WARNINGS) $(CFLAGS)
LIBS         = $(LIBDWARF_LIBS) $(shell pkg-config --libs $(PACKAGES)) -lpthread $(LDLIBS)

# The prompt's line editor, if it is there: else lines are read as they come.
LIBEDIT := $(shell pkg-config --exists libedit 2>/dev/null && echo libedit)
ifeq ($(LIBEDIT),)
EDITOR_NOT_BUILT := analyzer/cli/line_editor_libedit.c
else
EDITOR_NOT_BUILT := analyzer/cli/line_editor_plain.c
CLI_LIBS         := $(shell pkg-config --libs libedit)
endif

# SQL functions that other programs' SQLite loads; all but its entry is in the library, too.
EXTENSION         := heapsect_sqlite.so
EXTENSION_ENTRY   := analyzer/store/extension.c
EXTENSION_SOURCES := $(addprefix analyzer/store/,extension.c database.c functions.c regexp.c text_functions.c \
	path_source.c computed.c why.c) \
	$(addprefix analyzer/analysis/,expression.c) \
	$(addprefix analyzer/base/,arena.c byte_text.c error.c vector.c)

LIB_SOURCES  := $(sort $(filter-out analyzer/cli/% $(EXTENSION_ENTRY),$(wildcard analyzer/*/*.c analyzer/*/*/*.c)))
CLI_SOURCES  := $(sort $(filter-out $(EDITOR_NOT_BUILT),$(wildcard analyzer/cli/*.c)))
SQL_SOURCES  := $(sort $(filter-out schema/questions/%,$(wildcard schema/*.sql schema/*/*.sql)))
TEST_SOURCES := $(sort $(wildcard tests/*/test_*.c tests/*/*/test_*.c))
TEST_SUPPORT := $(sort $(wildcard tests/support/*.c))

step = $(if $(filter 1,$(V)),,@echo "  $(1) $@";)
object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJECTS := $(call object,$(LIB_SOURCES)) $(BUILD)/obj/gen/sql_text.o
CLI_OBJECTS := $(call object,$(CLI_SOURCES))
TEST_OBJECTS := $(call object,$(TEST_SOURCES) $(TEST_SUPPORT))

EXTENSION_OBJECTS := $(patsubst %.c,$(BUILD)/obj/extension/%.o,$(EXTENSION_SOURCES)) $(BUILD)/obj/gen/sql_text.o

all: $(BUILD)/libheapsect.a $(BUILD)/$(SONAME) $(BUILD)/heapsect $(BUILD)/$(EXTENSION) $(BUILD)/heapsect-snapshot.5

# One C array a file of schema/, by its path: what store/ and report/ run.
$(BUILD)/gen/sql_text.c: $(SQL_SOURCES) schema/embed.sh
	@mkdir -p $(@D)
	$(call step,SQL) sh schema/embed.sh $(SQL_SOURCES) > $@.new && mv $@.new $@

$(BUILD)/obj/gen/sql_text.o: $(BUILD)/gen/sql_text.c
	@mkdir -p $(@D)
	$(call step,CC ) $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC ) $(CC) $(CPPFLAGS_ALL) $(if $(filter tests/%,$<),-Itests) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/obj/extension/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC ) $(CC) $(CPPFLAGS_ALL) -DHEAPSECT_SQLITE_EXTENSION $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/libheapsect.a: $(LIB_OBJECTS)
	$(call step,AR ) rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/$(SONAME): $(LIB_OBJECTS)
	$(call step,LD ) $(CC) -shared -Wl,-soname,$(SONAME) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(BUILD)/heapsect: $(CLI_OBJECTS) $(BUILD)/libheapsect.a
	$(call step,LD ) $(CC) $(CFLAGS) $(LDFLAGS) $^ $(CLI_LIBS) $(LIBS) -o $@

# The program as it is where there is no libedit: for the tests of its prompt.
$(BUILD)/heapsect-plain: $(filter-out %/line_editor_libedit.o,$(CLI_OBJECTS)) $(call object,analyzer/cli/line_editor_plain.c) $(BUILD)/libheapsect.a
	$(call step,LD ) $(CC) $(CFLAGS) $(LDFLAGS) $(sort $(filter %.o,$^)) $(filter %.a,$^) $(LIBS) -o $@

$(BUILD)/$(EXTENSION): $(EXTENSION_OBJECTS)
	$(call step,LD ) $(CC) -shared $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

# The manual of the snapshot is the comments of the schema; it names PREFIX.
PAGE_SOURCES := man/heapsect-snapshot.5.in schema/tables.sql schema/views.sql \
	$(sort $(wildcard schema/functions/*.sql schema/questions/*.sql))
make_page = awk -v version=$(VERSION) -v libdir=$(PREFIX)/lib/heapsect -f man/snapshot.awk $(PAGE_SOURCES)

$(BUILD)/heapsect-snapshot.5: man/snapshot.awk $(PAGE_SOURCES)
	@mkdir -p $(@D)
	$(call step,MAN) $(make_page) > $@.new && mv $@.new $@

# What a core's heap holds in mallinfo's words: for the tests that hold it against malloc's own.
$(BUILD)/heap-sums: $(call object,tests/heap/heap_sums.c) $(BUILD)/libheapsect.a
	$(call step,LD ) $(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# Unit tests: one Criterion program over the static library.
$(BUILD)/unit-tests: $(TEST_OBJECTS) $(BUILD)/libheapsect.a
	$(call step,LD ) $(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) $(shell pkg-config --libs criterion 2>/dev/null || echo -lcriterion) -o $@

# Packages: what building needs, what the demo dumps, what the tests add.  See README.md.
BUILD_PACKAGES := gcc libc6-dev pkg-config libelf-dev libdwarf-dev libsqlite3-dev libedit-dev
DEMO_PACKAGES  := python3 python3-dbg
CHECK_PACKAGES := libcriterion-dev python3-dev gdb gdbserver sqlite3 man-db

# A make of its own: what pkg-config says is read again once the packages are there.
demo:
	@sh tests/packages.sh $(BUILD_PACKAGES) $(DEMO_PACKAGES)
	@$(MAKE) --no-print-directory all
	@sh samples/demo.sh $(BUILD)/heapsect $(PYTHON) $(BUILD)/demo

deps:
	@sh tests/packages.sh $(BUILD_PACKAGES) $(DEMO_PACKAGES) $(CHECK_PACKAGES)

check: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory check-layers
	@$(MAKE) --no-print-directory check-unit
	@$(MAKE) --no-print-directory check-cli
	@$(MAKE) --no-print-directory check-clang
	@$(MAKE) --no-print-directory check-sanitize
	@$(MAKE) --no-print-directory check-e2e
	@$(MAKE) --no-print-directory check-row
	@$(MAKE) --no-print-directory check-gdb

check-layers:
	$(PYTHON) tests/check_layers.py --self-test
	$(PYTHON) tests/check_layers.py

check-unit: $(BUILD)/unit-tests
	$(BUILD)/unit-tests

# The program as its user meets it, on a snapshot that Python's own sqlite3 made.
check-cli: all $(BUILD)/heapsect-plain
	$(PYTHON) tests/cli/test_cli.py $(BUILD)/heapsect
	$(PYTHON) tests/cli/test_prompt.py $(BUILD)/heapsect
	$(PYTHON) tests/cli/test_sql.py $(BUILD)

# Real programs are crashed, and the snapshots held against what they wrote about themselves.
check-e2e: all $(BUILD)/heap-sums
	$(PYTHON) tests/e2e/run.py --heapsect $(BUILD)/heapsect --heap-sums $(BUILD)/heap-sums

# One row of the matrix.
check-row: all $(BUILD)/emulation
	$(PYTHON) tests/matrix/run.py --heapsect $(BUILD)/heapsect --python $(PYTHON) --verbose

# The GDB plugin: every command on every kind of process, in scripted GDBs.
check-gdb: all
	$(PYTHON) tests/gdb/run.py --heapsect $(BUILD)/heapsect --gdb $(GDB) --python $(PYTHON)

# The same as check-row for every CPython from 3.8 to 3.15: Debian's suites (made with debootstrap) and the machine's.
check-matrix: all $(BUILD)/heap-sums
	$(PYTHON) tests/matrix/run.py --heapsect $(BUILD)/heapsect
	$(PYTHON) tests/matrix/heap.py --heap-sums $(BUILD)/heap-sums
	$(PYTHON) tests/matrix/truths.py --heapsect $(BUILD)/heapsect

# The same of what nothing was written for: the standard library's test suites, Debian's programs.
check-foreign: all
	$(PYTHON) tests/matrix/foreign.py --heapsect $(BUILD)/heapsect

# What the summary says of processes of 2 GiB, and shapes of millions of objects; needs as much room in the temporary folder.
check-large: all
	$(PYTHON) tests/e2e/memory.py --heapsect $(BUILD)/heapsect --mebibytes 2048
	$(PYTHON) tests/e2e/run.py --heapsect $(BUILD)/heapsect --python $(PYTHON) --only shapes --large

check-clang:
	@if command -v clang >/dev/null; \
	then $(MAKE) --no-print-directory CC=clang BUILD=$(BUILD)/clang all $(BUILD)/clang/heapsect-plain; \
	else echo "skip: clang is not installed, so it does not check the warnings"; fi

# A sanitizer's report does not fail a Criterion test, so any report file does.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ASAN     := $(BUILD)/asan
sanitized = $(MAKE) --no-print-directory BUILD=$(ASAN) WERROR=0 CFLAGS="-O1 -g $(SANITIZE)"
ASAN_LOG  = log_path=$(abspath $(ASAN))/report
check-sanitize: export ASAN_OPTIONS = $(ASAN_LOG):strict_string_checks=1
check-sanitize: export UBSAN_OPTIONS = $(ASAN_LOG):print_stacktrace=1
check-sanitize:
	@rm -f $(ASAN)/report.*
	+@$(sanitized) $(ASAN)/unit-tests $(ASAN)/heapsect $(ASAN)/heapsect-plain
	@status=0; $(ASAN)/unit-tests || status=1; \
	$(PYTHON) tests/cli/test_cli.py $(ASAN)/heapsect || status=1; \
	$(PYTHON) tests/cli/test_prompt.py $(ASAN)/heapsect || status=1; \
	$(PYTHON) tests/e2e/run.py --heapsect $(ASAN)/heapsect --only bad-inputs || status=1; \
	$(PYTHON) tests/e2e/run.py --heapsect $(ASAN)/heapsect --only dumps --sample healthy \
		--python $(PYTHON) || status=1; \
	for report in $(ASAN)/report.*; do [ ! -e $$report ] || { cat $$report; status=1; }; done; \
	exit $$status

# Damaged cores; the seed of the first round, and how many.
SEED   ?= 0
ROUNDS ?= 100
fuzz:
	+@$(sanitized) $(ASAN)/heapsect
	$(PYTHON) tests/fuzz/run.py --heapsect $(ASAN)/heapsect --python $(PYTHON) --seed $(SEED) --rounds $(ROUNDS)

bench: all $(BUILD)/bench/floor $(BUILD)/bench/many_chunks $(BUILD)/heap-sums
	$(PYTHON) tests/bench/bench.py --heapsect $(BUILD)/heapsect --floor $(BUILD)/bench/floor
	$(PYTHON) tests/bench/heap_bench.py --heap-sums $(BUILD)/heap-sums \
		--program $(BUILD)/bench/many_chunks

$(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call step,CC ) $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS) $< $(shell pkg-config --libs sqlite3) -o $@

# Every type's tp_traverse, run on a dump, against what the walk reports: see tests/matrix/emulation.py.
$(BUILD)/emulation: $(BUILD)/obj/tests/matrix/emulation.o $(BUILD)/libheapsect.a
	$(call step,LD ) $(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

check-emulation: all $(BUILD)/emulation
	$(PYTHON) tests/matrix/emulation.py --emulation $(BUILD)/emulation

format:
	clang-format -i $(shell find analyzer tests samples -name '*.[ch]')

ROOT = $(DESTDIR)$(PREFIX)
PLUGIN = $(PREFIX)/share/heapsect/gdb
GDB_LOADER := python/gdb/command/heapsect.py
# The plugin's folder filled in; where a user may not write into GDB's own, the rest is installed.
fill = sed 's|@folder@|$(PLUGIN)|g' $(1) | install -D -m 644 /dev/stdin $(DESTDIR)$(2)
install_if_there = $(if $(wildcard $(1)),install -D -m 644 $(1) $(ROOT)/$(2))

install: all
	install -D $(BUILD)/heapsect $(ROOT)/bin/heapsect
	install -D -m 644 $(BUILD)/libheapsect.a $(ROOT)/lib/libheapsect.a
	install -D $(BUILD)/$(SONAME) $(ROOT)/lib/libheapsect.so.$(VERSION)
	ln -sf libheapsect.so.$(VERSION) $(ROOT)/lib/$(SONAME)
	ln -sf $(SONAME) $(ROOT)/lib/libheapsect.so
	install -d $(ROOT)/lib/pkgconfig
	@printf '%s\n' 'prefix=$(PREFIX)' 'Name: heapsect' 'Version: $(VERSION)' \
		'Description: dissects the heap of a process from its core dump' \
		'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lheapsect' \
		'Requires.private: $(PACKAGES)' 'Libs.private: $(LIBDWARF_LIBS) -lpthread' \
		> $(ROOT)/lib/pkgconfig/heapsect.pc
	$(call install_if_there,analyzer/include/heapsect.h,include/heapsect.h)
	$(call install_if_there,man/heapsect.1,share/man/man1/heapsect.1)
	install -D -m 644 /dev/null $(ROOT)/share/man/man5/heapsect-snapshot.5
	$(make_page) > $(ROOT)/share/man/man5/heapsect-snapshot.5
	install -D $(BUILD)/$(EXTENSION) $(ROOT)/lib/heapsect/$(EXTENSION)
	$(call install_if_there,completion/heapsect.bash,share/bash-completion/completions/heapsect)
	install -d $(DESTDIR)$(PLUGIN)/heapsect_gdb
	install -m 644 gdbplugin/heapsect.py $(DESTDIR)$(PLUGIN)
	install -m 644 gdbplugin/heapsect_gdb/*.py $(DESTDIR)$(PLUGIN)/heapsect_gdb
	$(call fill,gdbplugin/heapsect.gdb.in,$(PLUGIN)/heapsect.gdb)
	@loader='$(GDB_DATA_DIR)/$(GDB_LOADER)'; case $$loader in /$(GDB_LOADER)) ;; \
	*) echo "install $$loader"; \
	$(call fill,gdbplugin/autoload.py.in,$$loader) || \
	echo "GDB will not load the plugin by itself: put 'source $(PLUGIN)/heapsect.gdb' into ~/.gdbinit" ;; esac
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || :

uninstall:
	rm -f $(ROOT)/bin/heapsect $(ROOT)/lib/libheapsect.* $(ROOT)/lib/pkgconfig/heapsect.pc
	rm -f $(ROOT)/include/heapsect.h $(ROOT)/share/man/man1/heapsect.1
	rm -f $(ROOT)/share/man/man5/heapsect-snapshot.5 $(ROOT)/lib/heapsect/$(EXTENSION)
	rm -f $(ROOT)/share/bash-completion/completions/heapsect
	rm -rf $(DESTDIR)$(PLUGIN)
	-@rmdir $(ROOT)/share/heapsect 2>/dev/null
	rm -f $(DESTDIR)$(GDB_DATA_DIR)/$(GDB_LOADER)

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

.PHONY: all bench check check-clang check-cli check-e2e check-emulation check-foreign check-gdb check-large \
	check-layers check-matrix check-row check-sanitize check-unit clean demo deps format fuzz install uninstall
.DELETE_ON_ERROR:
