#!/bin/sh
# Installs those of the named Debian packages that are missing, and says which.
set -eu

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "No apt here.  heapsect needs what Debian calls: $*"
	exit 0
fi

missing=
for package; do
	if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
		missing="$missing $package"
	fi
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=sudo
	if ! command -v sudo >/dev/null; then
		echo "Packages are missing, and there is neither root nor sudo.  Run as root:" >&2
		echo "    apt-get update && apt-get install$missing" >&2
		exit 1
	fi
fi

echo "Installing these packages and what they depend on:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086  # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive \
	apt-get install -qq -y --no-install-recommends $missing >/dev/null
