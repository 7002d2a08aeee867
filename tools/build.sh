#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets up and builds one preset below build/; a second call does only what has changed.
# usage: tools/build.sh release|asan|tsan|fuzz|coverage TARGET...     (program, meson-test-prereq, tsan-tests, fuzzers)
# WERROR=true makes warnings errors, PREFIX is where `make install` puts things, JOBS limits ninja,
# CLANG is the compiler of the fuzz preset.
set -eu

preset=$1
shift
folder=build/$preset
compiler=${CC:-cc}
case $preset in
release) words='release' args='-Dbuildtype=debugoptimized' ;;
asan) words='AddressSanitizer and UBSan' args='-Dbuildtype=debug -Doptimization=1 -Db_sanitize=address,undefined' ;;
tsan) words='ThreadSanitizer' args='-Dbuildtype=debug -Doptimization=1 -Db_sanitize=thread' ;;
fuzz)
    words='libFuzzer' compiler=${CLANG:-clang-14}
    args='-Dbuildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Dfuzz=true'
    ;;
# Threads and forks count into one file: without atomic updates counts go astray.
coverage) words='coverage' args='-Dbuildtype=debug -Db_coverage=true -Dc_args=-fprofile-update=atomic' ;;
*)
    echo "build: no preset '$preset'" >&2
    exit 2
    ;;
esac
args="--prefix=${PREFIX:-/usr/local} --wrap-mode=nodownload -Dwerror=${WERROR:-false} $args"

mkdir -p build
log=build/$preset.log
# What a preset was set up with is kept beside it, so that another WERROR, PREFIX, compiler or place sets it up again.
if [ "$(cat "$folder/joulebook.args" 2>/dev/null)" != "$(pwd) $compiler $args" ] || [ ! -f "$folder/build.ninja" ]; then
    echo "== set up $folder ($words)"
    rm -rf "$folder"
    # shellcheck disable=SC2086  # a list of options
    if ! CC=$compiler meson setup "$folder" $args >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
    echo "$(pwd) $compiler $args" >"$folder/joulebook.args"
fi

echo "== build $folder ($words)"
# First the build rules themselves: a target made of tests that do not exist yet is no target.
if ! ninja --quiet -C "$folder" build.ninja >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
if ninja -j "${JOBS:-$(nproc)}" --quiet -C "$folder" "$@" >"$log" 2>&1; then
    # Warnings are for people, "nothing to do" is not.
    grep -v 'ninja: no work to do' "$log" || true
else
    cat "$log" >&2
    exit 1
fi
