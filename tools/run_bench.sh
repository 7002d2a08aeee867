#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every program of bench/ against one build and prints its figures; a figure is no verdict.
# usage: tools/run_bench.sh BUILD_FOLDER
set -eu
cd "$(dirname "$0")/.."

JB_BUILD=$(pwd)/$1
JOULEBOOK=$JB_BUILD/src/joulebook
export JB_BUILD JOULEBOOK
[ -x "$JOULEBOOK" ] || {
    echo "bench: no $JOULEBOOK" >&2
    exit 1
}
echo "# $("$JOULEBOOK" version | head -n 1); $(nproc) cores; $(uname -sr)"
sed -n 's/^model name[^:]*: /# processor: /p' /proc/cpuinfo | head -n 1
for program in bench/*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    JB_TMP=$(mktemp -d "${TMPDIR:-/tmp}/joulebook-bench.XXXXXX")
    export JB_TMP
    echo "== $program"
    HOME=$JB_TMP XDG_DATA_HOME=$JB_TMP/data XDG_RUNTIME_DIR=$JB_TMP "$program" || echo "# $program ended with status $?"
    rm -rf "$JB_TMP"
done
