#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command has a man page that tells every option of its --help.
. tests/cli/lib.sh

jb help
mapfile -t commands < <(sed -nE 's/^  ([a-z]+) .*/\1/p' "$out")
main=docs/man/joulebook.1
for command in "${commands[@]}"; do
    page=docs/man/joulebook-$command.1
    if [ ! -e "$page" ]; then
        fail "$command has a man page" "no $page"
        continue
    fi
    pass "$command has a man page"
    like "$(cat "$main")" "^\\.It Xr joulebook-$command 1\$" "$command is listed in joulebook(1)"
    text=$(mandoc -T ascii "$page" | col -b)
    "$JOULEBOOK" "$command" --help >"$out"
    missing=
    for option in $(sed -n '/^options:$/,/^examples:$/p' "$out" | grep -oE '^ +(-.,)? ?--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
        grep -q -e "$option" <<<"$text" || missing="$missing $option"
    done
    is "$missing" '' "its man page tells every option"
done
done_testing
