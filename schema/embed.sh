#!/bin/sh
# Prints a C source with the text of every SQL file, by its path below schema/ without .sql.
set -eu
echo '#include "store/sql_text.h"'
echo
echo 'const struct sql_text sql_texts[] = {'
for file; do
	name=${file#schema/}
	printf '\t{"%s",\n' "${name%.sql}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t "/' -e 's/$/\\n"/' "$file"
	printf '\t},\n'
done
echo '	{0, 0},'
echo '};'
