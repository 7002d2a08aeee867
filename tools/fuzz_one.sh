#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs one libFuzzer program for JB_FUZZ_SECONDS over its corpus and says in TAP whether it held.
# What it finds stays below the build folder; the tracked corpus is read, never written.
# The gate begins from one seed, so that it tries much the same inputs each time; JB_FUZZ_SEED=0 (`make nightly`) draws one.
# usage: tools/fuzz_one.sh build/fuzz/tests/fuzz/fuzz_NAME
set -eu

program=$1
name=${program##*/fuzz_}
work=$(dirname "$program")/work_$name
corpus=tests/fuzz/corpus/$name
mkdir -p "$work/new"
dictionary=
[ ! -f "tests/fuzz/$name.dict" ] || dictionary=-dict=tests/fuzz/$name.dict

if "$program" -max_total_time="${JB_FUZZ_SECONDS:-10}" -seed="${JB_FUZZ_SEED:-1}" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$work/" $dictionary "$work/new" "$corpus" >"$work/log" 2>&1; then
    echo "ok 1 - fuzz_$name holds for ${JB_FUZZ_SECONDS:-10} s"
else
    echo "not ok 1 - fuzz_$name holds for ${JB_FUZZ_SECONDS:-10} s"
    tail -n 60 "$work/log" | sed 's/^/# /'
fi
sed -n 's/^stat::number_of_executed_units: */# inputs tried: /p' "$work/log"
echo 1..1
