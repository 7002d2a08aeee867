#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy has nothing to say about any source, read with the flags of the build.
. tests/lib.sh

# gcc's flags that clang does not know are no finding.
sed -E 's@-fstack-clash-protection|-Wno-format-truncation@@g' "$JB_BUILD/compile_commands.json" >"$JB_TMP/compile_commands.json"
mapfile -t files < <(/usr/bin/python3 - "$JB_TMP/compile_commands.json" <<'END'
import json, os, sys
with open(sys.argv[1], encoding="utf-8") as f:
    rows = json.load(f)
paths = {os.path.relpath(os.path.join(row["directory"], row["file"])) for row in rows}
# What the build generates is not ours to lint.
print("\n".join(sorted(path for path in paths if path.startswith(("src/", "tests/")))))
END
)
[ "${#files[@]}" -gt 0 ] || skip_all 'no sources yet'
one() {
    local plain=
    [ "$1" != src/base/error.c ] || plain=--extra-arg=-DJB_ERROR_ITSELF
    # shellcheck disable=SC2086  # one word or none
    if clang-tidy-14 --quiet -p "$JB_TMP" $plain "$1" >"$JB_TMP/tidy.$2" 2>/dev/null; then
        rm -f "$JB_TMP/tidy.$2"
    fi
}
export -f one
export JB_TMP
printf '%s\n' "${files[@]}" | awk '{ print $0, NR }' | xargs -P "$(nproc)" -L 1 bash -c 'one "$0" "$1"'
number=0
for file in "${files[@]}"; do
    number=$((number + 1))
    if [ -e "$JB_TMP/tidy.$number" ]; then
        fail "$file" "$(head -n 40 "$JB_TMP/tidy.$number")"
    else
        pass "$file"
    fi
done
done_testing
