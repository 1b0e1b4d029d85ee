/*
 * Lines that a person types at a terminal.  With libedit: editing, history, completion;
 * line_editor_plain.c does without.  The Makefile takes one of the two.
 *
 * Refuses to know: what the lines mean; the completer does.
 */
#ifndef CLI_LINE_EDITOR_H
#define CLI_LINE_EDITOR_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/vector.h"

#include <stdio.h>

/* Words that may stand in place of the last `typed` bytes before the cursor. */
struct completions {
	size_t typed;
	VECTOR_OF(const char *) words; /* in the arena, or constants */
	struct arena *arena;
};

struct completer {
	void (*complete)(void *context, const char *line, size_t cursor,
			 struct completions *ret);
	void *context;
};

enum line_event {
	LINE_READ,
	LINE_CANCELLED, /* Ctrl-C */
	LINE_END        /* Ctrl-D, or the terminal is gone */
};

struct line_editor;

/* NULL and err when there is no memory.  `terminal`: where the prompt and the line are shown. */
struct line_editor *line_editor_open(FILE *terminal, struct completer completer,
				     struct error *err);
void line_editor_close(struct line_editor *editor);
DEFINE_CLEANUP(struct line_editor *, line_editor_close)

/* What it lacks, to tell the user; or NULL. */
const char *line_editor_lack(void);

/* A file of lines: those of earlier sessions are there, those to come are added at once. */
bool line_editor_keep_history(struct line_editor *editor, const char *path, struct error *err);
void line_editor_remember(struct line_editor *editor, const char *line);

/* *ret_line, with its newline, is good until the next call. */
enum line_event line_editor_read(struct line_editor *editor, const char *prompt,
				 const char **ret_line);

#endif
