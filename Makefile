# heapsect: see README.md.  User settings first; everything below them follows from the tree.
CC       ?= gcc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
# 1: stop at warnings; a packager with a newer compiler sets 0.
WERROR   ?= 1

VERSION    := 0.1.0
SONAME     := libheapsect.so.0
PACKAGES   := libelf sqlite3
LIBDWARF_CFLAGS ?= $(shell pkg-config --cflags libdwarf 2>/dev/null || echo -I/usr/include/libdwarf)
LIBDWARF_LIBS   ?= $(shell pkg-config --libs libdwarf 2>/dev/null || echo -ldwarf)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
CPPFLAGS_ALL = -D_GNU_SOURCE -DHEAPSECT_VERSION='"$(VERSION)"' -Ianalyzer -I$(BUILD)/gen \
	$(shell pkg-config --cflags $(PACKAGES)) $(LIBDWARF_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL   = -std=gnu11 -fPIC -fvisibility=hidden $(WARNINGS) $(CFLAGS)
LIBS         = $(LIBDWARF_LIBS) $(shell pkg-config --libs $(PACKAGES)) -lpthread $(LDLIBS)

LIB_SOURCES  := $(sort $(filter-out analyzer/cli/%,$(wildcard analyzer/*/*.c analyzer/*/*/*.c)))
CLI_SOURCES  := $(sort $(wildcard analyzer/cli/*.c))
SQL_SOURCES  := $(sort $(wildcard schema/*.sql schema/*/*.sql))
TEST_SOURCES := $(sort $(wildcard tests/*/test_*.c tests/*/*/test_*.c))
TEST_SUPPORT := $(sort $(wildcard tests/support/*.c))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJECTS := $(call object,$(LIB_SOURCES)) $(BUILD)/obj/gen/sql_text.o
CLI_OBJECTS := $(call object,$(CLI_SOURCES))
TEST_OBJECTS := $(call object,$(TEST_SOURCES) $(TEST_SUPPORT))

all: $(BUILD)/libheapsect.a $(BUILD)/$(SONAME) $(BUILD)/heapsect

# One C array a file of schema/, by its path: what store/ and report/ run.
$(BUILD)/gen/sql_text.c: $(SQL_SOURCES) schema/embed.sh
	@mkdir -p $(@D)
	sh schema/embed.sh $(SQL_SOURCES) > $@.new && mv $@.new $@

$(BUILD)/obj/gen/sql_text.o: $(BUILD)/gen/sql_text.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(if $(filter tests/%,$<),-Itests) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/libheapsect.a: $(LIB_OBJECTS)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/$(SONAME): $(LIB_OBJECTS)
	$(CC) -shared -Wl,-soname,$(SONAME) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(BUILD)/heapsect: $(CLI_OBJECTS) $(BUILD)/libheapsect.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# Unit tests: one Criterion program over the static library.
$(BUILD)/unit-tests: $(TEST_OBJECTS) $(BUILD)/libheapsect.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) $(shell pkg-config --libs criterion 2>/dev/null || echo -lcriterion) -o $@

check-unit: $(BUILD)/unit-tests
	$(BUILD)/unit-tests

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

.PHONY: all check-unit clean
.DELETE_ON_ERROR:
