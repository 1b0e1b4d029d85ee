#include "cli/sql_completion.h"

#include "cli/sql_dot.h"

#include <ctype.h>
#include <strings.h>

struct word {
	const char *text;
	size_t length;
};

static bool is_name(char character)
{
	return isalnum((unsigned char)character) || character == '_' || character < 0;
}

/* The word that ends at `end`, which may be empty. */
static struct word word_before(const char *text, const char *end)
{
	const char *start = end;

	while (start > text && is_name(start[-1]))
		start--;
	return (struct word){start, (size_t)(end - start)};
}

/* The word before that, over what is no word. */
static struct word earlier_word(const char *text, struct word word)
{
	const char *end = word.text;

	while (end > text && !is_name(end[-1]))
		end--;
	return word_before(text, end);
}

static bool is_same(struct word word, struct word other)
{
	return word.length == other.length &&
	       strncasecmp(word.text, other.text, word.length) == 0;
}

static bool is_one_of(struct word word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_same(word, (struct word){names[i], strlen(names[i])}))
			return true;
	return false;
}

/*
 * The table that a name before a dot stands for: `objects o`, `objects AS o`.  Where the name is
 * introduced, a dot does not follow it.  Without such a place: itself.
 */
static struct word table_of(const char *text, struct word name)
{
	static const char *const as[] = {"AS"};
	const char *end = text + strlen(text);
	struct word table = name;

	for (struct word word = earlier_word(text, (struct word){end, 0}); word.length;
	     word = earlier_word(text, word)) {
		struct word before = earlier_word(text, word);

		if (!is_same(word, name) || word.text[word.length] == '.' || !before.length)
			continue;
		table = is_one_of(before, as, ARRAY_COUNT(as)) ? earlier_word(text, before)
							       : before;
	}
	return table;
}

static void add_rows(struct store *store, const char *query,
		     const struct store_parameter *parameters, size_t count,
		     struct completions *ret)
{
	struct error err = {0};
	CLEANUP(store_rows_closep)
	struct store_rows *rows = store_query(store, query, parameters, count, &err);

	while (rows && store_rows_next(rows, &err)) {
		struct store_value value = store_rows_value(rows, 0);
		const char *word = arena_string_n(ret->arena, value.text, value.length);

		if (word)
			vector_push(&ret->words, word);
	}
}

/* `text`: the whole statement so far; `word`: what is typed of the one to complete. */
static void complete_sql(struct store *store, const char *text, struct word word,
			 struct completions *ret)
{
	static const char *const before_tables[] = {"FROM", "JOIN"};
	bool qualified = word.text > text && word.text[-1] == '.';
	struct word before =
		qualified ? word_before(text, word.text - 1) : earlier_word(text, word);
	struct word owner = qualified ? table_of(text, before) : (struct word){"", 0};
	bool tables =
		!qualified && is_one_of(before, before_tables, ARRAY_COUNT(before_tables));
	const struct store_parameter parameters[] = {
		{"word", arena_string_n(ret->arena, word.text, word.length), 0},
		{"owner", arena_string_n(ret->arena, owner.text, owner.length), 0},
		{"tables", NULL, tables},
	};

	if (parameters[0].text && parameters[1].text)
		add_rows(store, "sql_completions", parameters, ARRAY_COUNT(parameters), ret);
}

/* The command itself, then what it takes. */
static void complete_dot(struct store *store, const char *line, struct word word,
			 struct completions *ret)
{
	const struct store_parameter parameters[] = {
		{"word", arena_string_n(ret->arena, word.text, word.length), 0},
		{"owner", "", 0},
		{"tables", NULL, 1},
	};

	if (word.text == line + 1) {
		ret->typed++; /* the dot */
		sql_dot_complete(line, ret);
	} else if (strncmp(line, ".schema ", strlen(".schema ")) == 0 && parameters[0].text) {
		add_rows(store, "sql_completions", parameters, ARRAY_COUNT(parameters), ret);
	}
}

void sql_complete(void *context, const char *line, size_t cursor, struct completions *ret)
{
	const struct sql_completion *completion = context;
	const char *before = completion->statement->length ? completion->statement->text : "";
	char *text = arena_format(ret->arena, "%s%s", before, line);
	struct word word;

	if (!text)
		return;
	word = word_before(text, text + strlen(before) + cursor);
	ret->typed = word.length;
	if (!*before && line[0] == '.')
		complete_dot(completion->store, text, word, ret);
	else
		complete_sql(completion->store, text, word, ret);
}
