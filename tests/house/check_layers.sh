#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The layers hold, and the checker sees what breaks them.
. tests/lib.sh

ok 'every include in src obeys src/LAYERS' tools/check_layers.py

tree=$JB_TMP/tree
mkdir -p "$tree/src/low" "$tree/src/high" "$tree/src/odd"
printf 'low:\nhigh: low\n' >"$tree/src/LAYERS"
touch "$tree/src/low/a.h" "$tree/src/low/a_int.h" "$tree/src/high/b.h"
printf '#include "low/a.h"\n#include "low/a_int.h"\n' >"$tree/src/low/good.c"
printf '#include "low/a.h"\n#include <stdio.h>\n#include "joulebook/error.h"\n' >"$tree/src/high/good.c"
rmdir "$tree/src/odd"
ok 'a tree that obeys passes' tools/check_layers.py "$tree"

# refuses LINE FOLDER PATTERN NAME
refuses() {
    printf '\n%s\n' "$1" >"$tree/src/$2/bad.c"
    got=$(tools/check_layers.py "$tree") && got="passed: $got"
    rm "$tree/src/$2/bad.c"
    like "$got" "^src/$2/bad.c:2: .*$3" "$4"
}
refuses '#include "high/b.h"' low "may not include" 'a lower folder may not include a higher one'
refuses '#  include <high/b.h>' low "may not include" 'nor with angle brackets'
refuses '#include "low/a_int.h"' high "private" 'a private header stays in its folder'
refuses '#include "../low/a.h"' high "relative" 'relative includes are refused'
refuses '#include "a.h"' low "from src" 'includes are written from src'
refuses '#include "low/none.h"' high "no src/low/none.h" 'a header that does not exist is refused'
refuses '#include "other/c.h"' high "no folder" 'a folder without a line is refused'

printf "x = custom_target('t', output: ['made.h'])\n" >"$tree/src/low/meson.build"
printf '#include "made.h"\n' >"$tree/src/low/uses.c"
ok 'a header that the folder generates is named bare' tools/check_layers.py "$tree"
rm "$tree/src/low/uses.c"

mkdir "$tree/src/odd"
touch "$tree/src/odd/c.c"
like "$(tools/check_layers.py "$tree")" '^src/odd/c.c:1: .*no line' 'a folder that LAYERS forgot is refused'
rm -r "$tree/src/odd"
printf 'low: high\nhigh: low\n' >"$tree/src/LAYERS"
like "$(tools/check_layers.py "$tree")" 'circle: high low' 'a circle in LAYERS is refused'
done_testing
