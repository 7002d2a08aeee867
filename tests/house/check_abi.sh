#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shared library exports what its public header declares, and nothing else. usage: check_abi.sh LIBRARY HEADER...
library=$1
shift
declared=$(cat "$@" | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
    grep -oE '\bjb_[a-z0-9_]+\(' | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u)
echo 1..2
missing=$(printf '%s\n' "$declared" | while read -r name; do
    printf '%s\n' "$exported" | grep -qx "$name" || echo "$name"
done)
extra=$(printf '%s\n' "$exported" | while read -r name; do
    printf '%s\n' "$declared" | grep -qx "$name" || echo "$name"
done)
if [ -z "$missing" ] && [ -n "$declared" ]; then
    echo "ok 1 - every declared function is exported"
else
    echo "not ok 1 - every declared function is exported"
    printf '%s\n' "$missing" | sed 's/^/# missing: /'
fi
if [ -z "$extra" ] && [ -n "$exported" ]; then
    echo "ok 2 - nothing else is exported"
else
    echo "not ok 2 - nothing else is exported"
    printf '%s\n' "$extra" | sed 's/^/# extra: /'
fi
