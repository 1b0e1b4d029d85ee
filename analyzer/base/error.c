#include "base/error.h"

#include <stdarg.h>

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (err->kind != ERROR_NONE)
		return false;
	err->kind = kind;
	va_start(arguments, format);
	vsnprintf(err->message, sizeof(err->message), format, arguments);
	va_end(arguments);
	return false;
}

bool error_out_of_memory(struct error *err, const char *what)
{
	return error_set(err, ERROR_MEMORY, "out of memory while %s", what);
}

int error_exit_status(const struct error *err)
{
	switch (err->kind) {
	case ERROR_NONE:
		return 0;
	case ERROR_USAGE:
		return 2;
	case ERROR_INPUT:
	case ERROR_FORMAT:
	case ERROR_MEMORY:
		return 3;
	case ERROR_OUTPUT:
		return 4;
	}
	return 3;
}
