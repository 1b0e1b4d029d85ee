/*
 * The text of every file under schema/, embedded at build time (schema/embed.sh).
 */
#ifndef STORE_SQL_TEXT_H
#define STORE_SQL_TEXT_H

struct sql_text {
	const char *name; /* path below schema/ without .sql: "tables", "queries/types" */
	const char *text;
};

/* Ends with a NULL name. */
extern const struct sql_text sql_texts[];

#endif
