#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nowhere to keep a book: the command runs all the same, and its user is told why nothing was measured.
. tests/cli/lib.sh

bare() {
    env -i PATH="$PATH" "$JOULEBOOK" "$@" >"$out" 2>"$err"
    rc=$?
}

bare run -- sh -c 'echo trained; exit 7'
is "$rc" 7 'without a home folder the command runs'
is "$(cat "$out")" trained 'to its end'
like "$(cat "$err")" 'not measured: there is no home folder' 'and why it was not measured is said'
like "$(cat "$err")" 'hint: .*--book' 'with what to do'
bare runs
ok 'a command that asks for the book fails' test "$rc" -ne 0
echo >"$JB_TMP/file"
bare run --book "$JB_TMP/file/book.db" -- sh -c 'exit 7'
is "$rc" 7 'a book below a file: the command runs'
like "$(cat "$err")" 'not measured' 'and that is said'
bare run --book '' -- sh -c 'exit 7'
is "$rc" 125 'an option without a value is a mistake of the call: nothing is run'
done_testing
