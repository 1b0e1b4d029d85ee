#include "cli/baseline.h"

#include "report/format.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { FINGERPRINT_DIGITS = 16 };

static const char *const head =
	"# Leaks that are known:  heapsect leaks SNAPSHOT --baseline THIS_FILE --fail-on new\n"
	"# A line is a fingerprint; what follows it is for people.  Others can be left out "
	"with\n"
	"#   ignore garbage app.Node*       a kind (refcount, garbage, native, any), and a "
	"type\n"
	"#   ignore refcount * by old.so    a type, and the code that could hold it\n";

/* A text that grows. */
struct text {
	FILE *file;
	char *bytes;
	size_t size;
};

/* Two JSON arrays: what the query leaks_known wants. */
struct lists {
	const char *path;
	uint64_t line;
	struct text fingerprints, ignored;
};

static void text_begin(struct text *text)
{
	text->file = open_memstream(&text->bytes, &text->size);
	if (text->file)
		fputc('[', text->file);
}

static void text_separate(struct text *text)
{
	fflush(text->file);
	if (text->size > 1)
		fputc(',', text->file);
}

/* The text of the caller's; NULL when out of memory. */
static char *text_end(struct text *text)
{
	bool failed = !text->file;

	if (text->file) {
		fputc(']', text->file);
		failed = ferror(text->file);
		failed |= fclose(text->file) != 0;
	}
	text->file = NULL;
	if (failed) {
		free(text->bytes);
		text->bytes = NULL;
	}
	return text->bytes;
}

void baseline_release(struct baseline *baseline)
{
	free(baseline->known);
	*baseline = (struct baseline){NULL};
}

/* Cuts the comment and the blanks around; what is left. */
static char *trim(char *line)
{
	size_t length;

	for (char *at = line; *at; at++)
		if (*at == '#' && (at == line || isspace((unsigned char)at[-1])))
			*at-- = '\0';
	while (isspace((unsigned char)*line))
		line++;
	length = strlen(line);
	while (length && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	return line;
}

/* The word at *line, which goes on to the next one. */
static char *take_word(char **line)
{
	char *word = *line;

	*line += strcspn(*line, " \t");
	if (**line)
		*(*line)++ = '\0';
	*line += strspn(*line, " \t");
	return word;
}

static bool is_kind(const char *word)
{
	static const char *const kinds[] = {"refcount", "garbage", "native", "any"};

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (!strcmp(word, kinds[i]))
			return true;
	return false;
}

static bool wrong_line(const struct lists *lists, struct error *err)
{
	return error_set(err, ERROR_FORMAT,
			 "%s:%" PRIu64
			 ": neither a fingerprint of %d hex digits nor 'ignore KIND "
			 "TYPE', with refcount, garbage, native or any as KIND",
			 lists->path, lists->line, FINGERPRINT_DIGITS);
}

/* `[` begins a set of characters in a pattern of SQLite's, and ends an array's name in ours. */
static void add_ignored(struct lists *lists, const char *kind, const char *pattern)
{
	struct text *ignored = &lists->ignored;

	text_separate(ignored);
	fprintf(ignored->file, "[\"%s\",", kind);
	fputc('"', ignored->file);
	for (; *pattern; pattern++)
		if (*pattern == '[')
			fputs("[[]", ignored->file);
		else if (*pattern == '"' || *pattern == '\\')
			fprintf(ignored->file, "\\%c", *pattern);
		else if ((unsigned char)*pattern >= ' ')
			fputc(*pattern, ignored->file);
	fputs("\"]", ignored->file);
}

static bool add_fingerprint(struct lists *lists, const char *word)
{
	if (strlen(word) != FINGERPRINT_DIGITS ||
	    strspn(word, "0123456789abcdefABCDEF") != FINGERPRINT_DIGITS)
		return false;
	text_separate(&lists->fingerprints);
	fprintf(lists->fingerprints.file, "%" PRId64, (int64_t)strtoull(word, NULL, 16));
	return true;
}

static bool take_line(struct lists *lists, char *line, struct error *err)
{
	char *rest = trim(line), *word;

	lists->line++;
	if (!*rest)
		return true;
	word = take_word(&rest);
	if (strcmp(word, "ignore") != 0)
		return add_fingerprint(lists, word) || wrong_line(lists, err);
	word = take_word(&rest);
	if (!is_kind(word) || !*rest)
		return wrong_line(lists, err);
	add_ignored(lists, word, rest);
	return true;
}

static bool cannot_read(const char *path, struct error *err)
{
	return error_set(err, ERROR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
}

static bool take_lines(struct lists *lists, FILE *file, struct error *err)
{
	CLEANUP_FREE char *line = NULL;
	size_t capacity = 0;
	bool good = true;

	while (good && getline(&line, &capacity, file) >= 0)
		good = take_line(lists, line, err);
	return good && (!ferror(file) || cannot_read(lists->path, err));
}

/* The ids of the groups that the lists have, as JSON. */
static bool match(struct store *store, const char *fingerprints, const char *ignored,
		  struct baseline *ret, struct error *err)
{
	struct store_parameter parameters[] = {{.name = "fingerprints", .text = fingerprints},
					       {.name = "ignored", .text = ignored}};
	CLEANUP(store_rows_closep)
	struct store_rows *rows =
		store_query(store, "leaks_known", parameters, ARRAY_COUNT(parameters), err);
	struct text known = {.file = NULL};

	if (!rows)
		return false;
	text_begin(&known);
	while (known.file && store_rows_next(rows, err)) {
		text_separate(&known);
		fprintf(known.file, "%" PRId64, store_rows_value(rows, 0).integer);
	}
	ret->known = text_end(&known);
	if (!ret->known)
		return error_out_of_memory(err, "reading the known leaks");
	return err->kind == ERROR_NONE;
}

/* An empty file's, where there is none: file NULL. */
static bool read_file(const char *path, FILE *file, struct store *store, struct baseline *ret,
		      struct error *err)
{
	struct lists lists = {.path = path};
	bool good, ended;

	text_begin(&lists.fingerprints);
	text_begin(&lists.ignored);
	good = lists.fingerprints.file && lists.ignored.file
		       ? !file || take_lines(&lists, file, err)
		       : error_out_of_memory(err, "reading the known leaks");
	ended = text_end(&lists.fingerprints);
	ended = text_end(&lists.ignored) && ended;
	if (good && !ended)
		good = error_out_of_memory(err, "reading the known leaks");
	good = good && match(store, lists.fingerprints.bytes, lists.ignored.bytes, ret, err);
	free(lists.fingerprints.bytes);
	free(lists.ignored.bytes);
	return good;
}

bool baseline_read(const char *path, struct store *store, struct baseline *ret,
		   struct error *err)
{
	FILE *file = fopen(path, "re");
	bool good;

	*ret = (struct baseline){NULL};
	if (!file)
		return cannot_read(path, err);
	good = read_file(path, file, store, ret, err);
	fclose(file);
	return good;
}

/* A file that does not end in a line's end would join its last line with the first one added. */
static bool ends_in_line(FILE *file)
{
	return fseek(file, -1, SEEK_END) != 0 || fgetc(file) == '\n';
}

static bool add_lines(FILE *file, struct store *store, const char *known, const char *grade,
		      uint64_t *ret, struct error *err)
{
	struct store_parameter parameters[] = {{.name = "known", .text = known},
					       {.name = "grade", .text = grade}};
	CLEANUP(store_rows_closep)
	struct store_rows *rows =
		store_query(store, "leaks_unknown", parameters, ARRAY_COUNT(parameters), err);

	if (!rows)
		return false;
	for (*ret = 0; store_rows_next(rows, err); ++*ret) {
		write_value(file, UNIT_TEXT, store_rows_value(rows, 0));
		fputs("  ", file);
		write_value(file, UNIT_TEXT, store_rows_value(rows, 1));
		fputc('\n', file);
	}
	return err->kind == ERROR_NONE;
}

static bool cannot_write(const char *path, struct error *err)
{
	return error_set(err, ERROR_OUTPUT, "%s: cannot be written: %s", path, strerror(errno));
}

bool baseline_add(const char *path, struct store *store, const char *grade, uint64_t *ret,
		  struct error *err)
{
	struct baseline baseline = {NULL};
	FILE *file = fopen(path, "a+e");
	bool good;

	if (!file)
		return cannot_write(path, err);
	good = read_file(path, file, store, &baseline, err);
	if (good && fseek(file, 0, SEEK_END) == 0 && ftell(file) == 0)
		fputs(head, file);
	else if (good && !ends_in_line(file))
		fputc('\n', file);
	good = good && add_lines(file, store, baseline.known, grade, ret, err);
	good &= !ferror(file);
	if ((fclose(file) != 0 || !good) && err->kind == ERROR_NONE)
		good = cannot_write(path, err);
	baseline_release(&baseline);
	return good;
}
