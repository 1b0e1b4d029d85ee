#include "cli/line_editor.h"

#include <errno.h>
#include <stdlib.h>

struct line_editor {
	FILE *terminal;
	char *line;
	size_t capacity;
};

struct line_editor *line_editor_open(FILE *terminal, struct completer completer,
				     struct error *err)
{
	struct line_editor *editor = calloc(1, sizeof(*editor));

	(void)completer;
	if (editor)
		editor->terminal = terminal;
	else
		error_out_of_memory(err, "opening the prompt");
	return editor;
}

void line_editor_close(struct line_editor *editor)
{
	free(editor->line);
	free(editor);
}

const char *line_editor_lack(void)
{
	return "Built without libedit: there is no history and no completion.";
}

bool line_editor_keep_history(struct line_editor *editor, const char *path, struct error *err)
{
	(void)editor, (void)path, (void)err;
	return true; /* line_editor_lack() told */
}

void line_editor_remember(struct line_editor *editor, const char *line)
{
	(void)editor, (void)line;
}

enum line_event line_editor_read(struct line_editor *editor, const char *prompt,
				 const char **ret_line)
{
	bool cancelled;

	fputs(prompt, editor->terminal);
	fflush(editor->terminal);
	errno = 0;
	if (getline(&editor->line, &editor->capacity, stdin) > 0) {
		*ret_line = editor->line;
		return LINE_READ;
	}
	cancelled = errno == EINTR;
	clearerr(stdin);
	fputc('\n', editor->terminal);
	return cancelled ? LINE_CANCELLED : LINE_END;
}
