#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what tools/packages.txt names for the sections given and dpkg says is missing; nothing if all is there.
# Where there is no apt-get it prints the exact list, and fails if a part of it cannot be found.
# usage: tools/deps.sh SECTION...     (JB_DEPS_STAMP names a file to touch when all is there)
set -eu

list=${JB_PACKAGES:-$(dirname "$0")/packages.txt}
sections=${*:-build}

wanted() {
    for section in $sections; do
        awk -v section="$section" '!/^#/ && $1 == section { print $2, $3 }' "$list"
    done | sort -u
}

found_by_probe() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    py:*) "${PYTHON:-/usr/bin/python3}" -c "import ${1#py:}" 2>/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    *) false ;;
    esac
}

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    n_missing=0
    echo "deps: no apt-get here; needed ($sections), by the names Debian 12 gives them:"
    wanted >"${TMPDIR:-/tmp}/jb-deps.$$"
    while read -r package probe; do
        if found_by_probe "$probe"; then
            echo "  $package (there)"
        else
            echo "  $package (missing: $probe)"
            n_missing=$((n_missing + 1))
        fi
    done <"${TMPDIR:-/tmp}/jb-deps.$$"
    rm -f "${TMPDIR:-/tmp}/jb-deps.$$"
    if [ "$n_missing" -gt 0 ]; then
        echo "deps: $n_missing missing; install them and call make again" >&2
        exit 1
    fi
    exit 0
fi

missing=
for package in $(wanted | cut -d' ' -f1); do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
    ii*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    echo "deps: missing:$missing" >&2
    echo "deps: neither root nor sudo here; as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "deps: installing$missing"
# shellcheck disable=SC2086  # the list is meant to be split
install_missing() {
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 $missing
}
log=$(mktemp "${TMPDIR:-/tmp}/jb-deps.XXXXXX")
trap 'rm -f "$log"' EXIT
# An old package list may name versions that are gone, so it is fetched first.
if ! { $as_root apt-get update -qq && install_missing; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "deps: apt-get failed; needed:$missing" >&2
    exit 1
fi
echo "deps: done"
