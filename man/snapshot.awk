# Makes heapsect-snapshot(5): the template, with what the comments of schema/tables.sql, views.sql,
# functions/*.sql and questions/*.sql tell put in place of @TABLES@, @VIEWS@, @FUNCTIONS@ and
# @QUESTIONS@.  The form:
#
#     -- Text about the table.  Lines that are indented by three spaces are a list:
#     --   term    its meaning,
#     --           which goes on
#     CREATE TABLE name ( -- what a row is
#         column TYPE, -- what it is, its unit
#     ) STRICT;
#
# `CREATE VIEW name ( -- …` and `) AS` name a view's columns in the same way.  A question is the first line of its file, what else
# there is to say the comment below it, and the rest the query.
# A table, view, column or question without a comment is an error.

FNR == 1 {
	part = NR == 1 ? "template" : FILENAME ~ /functions\// ? "functions" : \
		FILENAME ~ /questions\// ? "questions" : FILENAME ~ /views/ ? "views" : "tables"
	note_count = inside = 0
	in_query = ""
}

part == "template" { template[NR] = $0; template_lines = NR; next }
part == "questions" { question(); next }
part == "functions" { table_function(); next }
{ schema() }

function fail(what) {
	printf "%s:%d: %s has no comment\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
}

# Text that roff takes as it is.
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/`/, "\\(ga", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	if (text ~ /^[.']/)
		text = "\\&" text
	return text
}

function put(line) { output[part] = output[part] line "\n" }

function comment_of(line) { return substr(line, index(line, " -- ") + 4) }

function schema(   words) {
	if (inside) {
		column()
	} else if (/^-- /) {
		notes[++note_count] = substr($0, 4)
	} else if (/^CREATE (TABLE|VIEW) /) {
		if (!/^CREATE [A-Z]+ [a-z_]+ \( -- ./)
			fail($3)
		inside = 1
		put(".SS " $3)
		put(plain(comment_of($0)) ".")
	} else if (/^INSERT INTO/) {
		put(".PP\nIts rows are always these:\n.PP\n.EX")
	} else if (/^\t\(.*\)[,;]$/) {
		put(plain(substr($0, 2)))
		if (/;$/)
			put(".EE")
	} else if (/^$/ && note_count) { # of the file as a whole
		text_of_notes()
	}
}

function column(   name, type, target) {
	if (/^\)/) {
		inside = 0
		text_of_notes()
		return
	}
	name = $1
	sub(/,$/, "", name)
	if (name == "PRIMARY") {
		sub(/^\tPRIMARY KEY \(/, "")
		sub(/\).*/, "")
		put(".PP\nIts key is " plain($0) ".")
		return
	}
	if (!index($0, " -- "))
		fail(name)
	type = $2 ~ /^[A-Z]+,?$/ ? " " $2 : ""
	sub(/,$/, "", type)
	if (match($0, /REFERENCES [a-z_]+\([a-z]+\)/)) {
		target = substr($0, RSTART + 11, RLENGTH - 12)
		sub(/\(/, ".", target)
		type = type " \\(-> " target
	}
	put(".TP\n\\fB" name "\\fP" type)
	put(plain(comment_of($0)))
}

# SELECT * FROM name(argument): the argument is the column that is hidden.
function table_function(   name, type) {
	if (/^-- /) {
		notes[++note_count] = substr($0, 4)
	} else if (/^CREATE TABLE /) {
		if (!note_count)
			fail($3)
		function_name = $3
		columns = ""
	} else if (/^\t/) {
		if (!index($0, " -- "))
			fail($1)
		name = $1
		if ($2 == "HIDDEN") {
			argument = name
			meaning = comment_of($0)
			return
		}
		type = $2
		sub(/,$/, "", type)
		columns = columns ".TP\n\\fB" name "\\fP " type "\n" plain(comment_of($0)) "\n"
	} else if (/^\)/) {
		put(".TP\nSELECT * FROM \\fB" function_name "(\\fP\\fI" toupper(argument) "\\fP\\fB)\\fP")
		for (i = 1; i <= note_count; i++)
			put(plain(notes[i]))
		put("Its argument is " plain(meaning) ".\n.RS")
		output[part] = output[part] columns
		put(".RE")
	}
}

# What stood above the table: paragraphs and lists.
function text_of_notes(   i, line, at) {
	for (i = 1; i <= note_count; i++) {
		line = notes[i]
		if (line !~ /^  /) {
			if (i == 1 || notes[i - 1] ~ /^  /)
				put(".PP")
			put(plain(line))
			continue
		}
		if (line ~ /^  [^ ]/) {
			put(".TP")
			line = substr(line, 3)
			at = match(line, /  +/)
			put("\\fB" plain(at ? substr(line, 1, at - 1) : line) "\\fP")
			if (!at)
				continue
			line = substr(line, at)
		}
		sub(/^ +/, "", line)
		put(plain(line))
	}
	note_count = 0
}

function question() {
	if (FNR == 1) {
		if (!/^-- .*\?$/)
			fail("the question")
		if (questions++)
			put(".EE")
		put(".SS " plain(substr($0, 4)))
	} else if (/^-- / && !in_query) {
		put(plain(substr($0, 4)))
	} else {
		if (!in_query)
			put(".PP\n.EX")
		in_query = 1
		gsub(/\t/, "  ")
		put(plain($0))
	}
}

END {
	if (questions)
		output["questions"] = output["questions"] ".EE\n"
	for (i = 1; i <= template_lines; i++) {
		name = tolower(template[i])
		gsub(/@/, "", name)
		if (template[i] ~ /^@[A-Z]+@$/)
			printf "%s", output[name]
		else {
			gsub(/@LIBDIR@/, libdir, template[i])
			gsub(/@VERSION@/, version, template[i])
			print template[i]
		}
	}
	exit failed
}
