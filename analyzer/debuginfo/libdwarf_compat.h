/*
 * What differs between the releases of libdwarf: 20210528 and before took more arguments;
 * the numbered releases (0.x, 2.x) define DW_LIBDWARF_VERSION.
 */
#ifndef DEBUGINFO_LIBDWARF_COMPAT_H
#define DEBUGINFO_LIBDWARF_COMPAT_H

#include <dwarf.h>
#include <libdwarf.h>

#ifdef DW_LIBDWARF_VERSION
#define COMPAT_INIT(fd, debug, err)        dwarf_init_b(fd, DW_GROUPNUMBER_ANY, NULL, NULL, debug, err)
#define COMPAT_FINISH(debug)               dwarf_finish(debug)
#define COMPAT_FREE_RANGES(debug, list, n) dwarf_dealloc_ranges(debug, list, n)
#else
#define COMPAT_INIT(fd, debug, err) \
	dwarf_init_b(fd, DW_DLC_READ, DW_GROUPNUMBER_ANY, NULL, NULL, debug, err)
#define COMPAT_FINISH(debug)               dwarf_finish(debug, NULL)
#define COMPAT_FREE_RANGES(debug, list, n) dwarf_ranges_dealloc(debug, list, n)
#endif

#endif
