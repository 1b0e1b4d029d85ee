#include "report/wrap.h"

#include "report/format.h"

#include <ctype.h>
#include <string.h>

/* Where an escape sequence at the text ends; the text if there is none. */
static const char *skip_escape(const char *text, const char *end)
{
	if (*text != '\033')
		return text;
	while (text < end && *text != 'm')
		text++;
	return text < end ? text + 1 : end;
}

static size_t visible_width(const char *text, const char *end)
{
	size_t width = 0;

	while (text < end) {
		const char *start = text = skip_escape(text, end);

		while (text < end && *text != '\033')
			text++;
		width += text_width(start, (size_t)(text - start));
	}
	return width;
}

/* Columns before a line's first letter. */
static size_t indent_of(const char *line, const char *end)
{
	const char *text = line, *number;

	while (text < end && *text == ' ')
		text++;
	number = text;
	while (number < end && isdigit((unsigned char)*number))
		number++;
	if (number > text && end - number > 2 && number[0] == '.' && number[1] == ' ')
		text = number + 2;
	return (size_t)(text - line);
}

static const char *word_end(const char *word, const char *end)
{
	while (word < end && *word == ' ')
		word++;
	while (word < end && *word != ' ')
		word++;
	return word;
}

static void write_line(FILE *file, const char *line, const char *end, size_t width)
{
	size_t indent = indent_of(line, end), column = indent;

	fwrite(line, 1, indent, file);
	for (const char *word = line + indent, *next; word < end; word = next) {
		size_t room;

		next = word_end(word, end);
		room = visible_width(word, next);
		if (column > indent && column + room > width) {
			fprintf(file, "\n%*s", (int)indent, "");
			while (word < next && *word == ' ')
				word++;
			room = visible_width(word, next);
			column = indent;
		}
		fwrite(word, 1, (size_t)(next - word), file);
		column += room;
	}
}

void write_wrapped(FILE *file, const char *text, size_t length, size_t width)
{
	const char *end = text + length;

	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));

		write_line(file, text, line_end ? line_end : end, width);
		if (!line_end)
			return;
		fputc('\n', file);
		text = line_end + 1;
	}
}
