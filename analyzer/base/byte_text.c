#include "base/byte_text.h"

#include <inttypes.h>
#include <stdio.h>

char *format_bytes(uint64_t bytes, char *ret, size_t size)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(ret, size, "%" PRIu64 " B", bytes);
		return ret;
	}
	while (value >= 1023.95 && unit + 1 < ARRAY_COUNT(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(ret, size, "%.1f %s", value, units[unit]);
	return ret;
}
