#!/bin/sh
# The tour behind `make demo`: a program that leaks, its core, the snapshot, the reports.
# usage: demo.sh HEAPSECT PYTHON FOLDER
set -eu
heapsect=$1 python=$2 folder=$3

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

rm -rf "$folder"
mkdir -p "$folder"

# shellcheck disable=SC3045  # dash knows ulimit -H
case $(cat /proc/sys/kernel/core_pattern) in
core | core.%p) cores=$(ulimit -Hc) ;;
*) cores=0 ;;
esac

echo
echo "cycles.py drops 2,000 objects in reference cycles and dies."
if [ "$cores" = unlimited ]; then
	show "$python" samples/cycles.py --core-dir "$folder"
	show "$heapsect" analyze "$folder/cycles.core"
	snapshot=$folder/cycles.core.heapsect.db
else
	echo "(Here the kernel does not leave cores in the working directory, see"
	echo "/proc/sys/kernel/core_pattern and ulimit -Hc.  So it waits, and is read alive.)"
	printf '\n$ %s\n' "$python samples/cycles.py --core-dir $folder --dump hold &"
	: >"$folder/output"
	"$python" samples/cycles.py --core-dir "$folder" --dump hold >>"$folder/output" &
	until pid=$(sed -n 's/.*process \([0-9]*\) waits.*/\1/p' "$folder/output") && [ -n "$pid" ]; do
		kill -0 $! || exit 1
		sleep 0.1
	done
	cat "$folder/output"
	trap 'kill "$pid"' EXIT
	snapshot=$folder/cycles.heapsect.db
	show "$heapsect" analyze --pid "$pid" -o "$snapshot"
fi
show "$heapsect" leaks "$snapshot"

cat <<END

The same for a core of your own (README.md says how to get one):

    $heapsect analyze CORE
    $heapsect leaks CORE.heapsect.db
    $heapsect --help
END
