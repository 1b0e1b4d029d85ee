/*
 * Over libedit's own interface, not its imitation of readline: that one lives on globals.
 */
#include "cli/line_editor.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000, WORDS_SHOWN = 100 };

struct line_editor {
	EditLine *edit;
	History *history;
	char history_path[PATH_MAX]; /* "": it is not kept */
	FILE *terminal;
	const char *prompt;
	struct completer completer;
};

static struct line_editor *editor_of(EditLine *edit)
{
	void *editor = NULL;

	el_get(edit, EL_CLIENTDATA, &editor);
	return editor;
}

static char *prompt_of(EditLine *edit)
{
	return (char *)editor_of(edit)->prompt;
}

/* Bytes that all words begin with, whatever their case. */
static size_t common_length(const struct completions *found)
{
	size_t common = strlen(found->words.items[0]);

	vector_each (&found->words, word)
		while (strncasecmp(*word, found->words.items[0], common) != 0)
			common--;
	return common;
}

static int terminal_width(EditLine *edit)
{
	int columns = 0;

	el_get(edit, EL_GETTC, "co", &columns, NULL);
	return columns > 0 ? columns : 80;
}

static void show_words(struct line_editor *editor, const struct completions *found)
{
	size_t count = found->words.count < WORDS_SHOWN ? found->words.count : WORDS_SHOWN;
	int longest = 1, columns;

	for (size_t i = 0; i < count; i++)
		if ((int)strlen(found->words.items[i]) > longest)
			longest = (int)strlen(found->words.items[i]);
	columns = terminal_width(editor->edit) / (longest + 2);
	columns = columns > 0 ? columns : 1;
	fputc('\n', editor->terminal);
	for (size_t i = 0; i < count; i++)
		fprintf(editor->terminal, "%-*s%s", longest + 2, found->words.items[i],
			(int)i % columns == columns - 1 || i + 1 == count ? "\n" : "");
	if (count < found->words.count)
		fprintf(editor->terminal, "... and %zu more\n", found->words.count - count);
	fflush(editor->terminal);
}

/* What is certain goes into the line; if that is nothing, the choice is shown. */
static unsigned char complete_word(struct line_editor *editor, const struct completions *found)
{
	CLEANUP_FREE char *common = NULL;
	bool certain = found->words.count == 1;

	if (found->words.failed || found->words.count == 0)
		return CC_ERROR;
	common = strndup(found->words.items[0], common_length(found));
	if (!common)
		return CC_ERROR;
	if (!certain && strlen(common) == found->typed) {
		show_words(editor, found);
		return CC_REDISPLAY;
	}
	el_deletestr(editor->edit, (int)found->typed);
	el_insertstr(editor->edit, common);
	if (certain && common[strlen(common) - 1] != '(')
		el_insertstr(editor->edit, " ");
	return CC_REFRESH;
}

static unsigned char complete(EditLine *edit, int key)
{
	struct line_editor *editor = editor_of(edit);
	const LineInfo *info = el_line(edit);
	struct completions found = {.arena = arena_create()};
	size_t length = (size_t)(info->lastchar - info->buffer);
	const char *line =
		found.arena ? arena_string_n(found.arena, info->buffer, length) : NULL;
	unsigned char result = CC_ERROR;

	(void)key;
	if (line) {
		editor->completer.complete(editor->completer.context, line,
					   (size_t)(info->cursor - info->buffer), &found);
		result = complete_word(editor, &found);
	}
	vector_release(&found.words);
	arena_free(found.arena);
	return result;
}

static void configure(struct line_editor *editor)
{
	EditLine *edit = editor->edit;

	el_set(edit, EL_CLIENTDATA, editor);
	el_set(edit, EL_PROMPT, prompt_of);
	el_set(edit, EL_EDITOR, "emacs");
	el_set(edit, EL_SIGNAL, 1); /* a new size of the window, being stopped and going on */
	el_set(edit, EL_HIST, history, editor->history);
	/* Its narrow sister leaks copies of the names. */
	el_wset(edit, EL_ADDFN, L"heapsect-complete", L"Completes the word", complete);
	el_set(edit, EL_BIND, "^I", "heapsect-complete", NULL);
	el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(edit, EL_BIND, "\\e[3~", "ed-delete-next-char", NULL);
	el_source(edit, NULL); /* the user's own ~/.editrc comes last */
}

struct line_editor *line_editor_open(FILE *terminal, struct completer completer,
				     struct error *err)
{
	CLEANUP(line_editor_closep) struct line_editor *editor = calloc(1, sizeof(*editor));
	HistEvent event;

	setlocale(LC_CTYPE, ""); /* which bytes are one character */
	if (editor) {
		editor->terminal = terminal;
		editor->completer = completer;
		editor->history = history_init();
		editor->edit = el_init("heapsect", stdin, terminal, stderr);
	}
	if (!editor || !editor->history || !editor->edit) {
		error_out_of_memory(err, "opening the prompt");
		return NULL;
	}
	history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
	history(editor->history, &event, H_SETUNIQUE, 1);
	configure(editor);
	return TAKE(editor);
}

void line_editor_close(struct line_editor *editor)
{
	if (editor->edit)
		el_end(editor->edit);
	if (editor->history)
		history_end(editor->history);
	free(editor);
}

const char *line_editor_lack(void)
{
	return NULL;
}

/* Appends to it; false: it cannot be written.  A line a time, so that sessions side by side, and
   one that is killed, lose nothing. */
static bool append_line(const char *path, const char *line)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	size_t length = strlen(line);
	bool written = descriptor >= 0 && write(descriptor, line, length) == (ssize_t)length;

	if (descriptor >= 0)
		close(descriptor);
	return written;
}

static bool load_history(History *lines, const char *path)
{
	FILE *file = fopen(path, "re");
	HistEvent event;
	char *line = NULL;
	size_t capacity = 0;

	if (!file)
		return false;
	while (getline(&line, &capacity, file) > 0)
		history(lines, &event, H_ENTER, line);
	free(line);
	fclose(file);
	return true;
}

bool line_editor_keep_history(struct line_editor *editor, const char *path, struct error *err)
{
	if (!append_line(path, "") || !load_history(editor->history, path))
		return error_set(err, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
	snprintf(editor->history_path, sizeof(editor->history_path), "%s", path);
	return true;
}

void line_editor_remember(struct line_editor *editor, const char *line)
{
	HistEvent event;

	/* 0: the same as the line before.  Where the file cannot be written, the session has its own. */
	if (history(editor->history, &event, H_ENTER, line) > 0 && editor->history_path[0])
		(void)append_line(editor->history_path, line);
}

enum line_event line_editor_read(struct line_editor *editor, const char *prompt,
				 const char **ret_line)
{
	int length = 0;

	editor->prompt = prompt;
	errno = 0;
	*ret_line = el_gets(editor->edit, &length);
	if (*ret_line && length > 0)
		return LINE_READ;
	length = errno;
	fputc('\n', editor->terminal);
	return length == EINTR ? LINE_CANCELLED : LINE_END;
}
