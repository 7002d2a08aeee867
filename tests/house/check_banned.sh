#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rules of the text hold, and the checker sees what breaks them.
. tests/lib.sh

ok 'no banned call, left-over mark, mutable static or machine path' tools/check_banned.sh

tree=$JB_TMP/tree
mkdir -p "$tree/src/a" "$tree/tools" "$tree/tests/data"
spdx='/* SPDX-License-Identifier: Apache-2.0 */'
cat >"$tree/src/a/good.c" <<END
$spdx
/* strcpy( in a comment is only a word; so is "system(" in the string below. */
static const char *const names[] = {"strcpy(a, b)", "/* no comment"};
static const int table[] = {1, 2};
static int jb__count(int n_things)
{
    static const int limit = 3;
    return obj.rand(n_things) + my_strtok(names, table, limit);
}
END
ok 'a tree that obeys passes' tools/check_banned.sh "$tree"

# refuses FILE LINE PATTERN NAME
refuses() {
    printf '%s\n%s\n' "$spdx" "$2" >"$tree/$1"
    got=$(tools/check_banned.sh "$tree") && got="passed: $got"
    rm "$tree/$1"
    like "$got" "^$1:2:.*<- $3" "$4"
}
refuses src/a/bad.c 'x = strcpy (a, b);' 'banned call' 'strcpy'
refuses src/a/bad.c 'if (sscanf(a, b))' 'banned call' 'sscanf'
refuses src/a/bad.c 'return strtoull(a, b, 10);' 'banned call' 'strtoull'
refuses src/a/bad.c '    static int n_calls = 0;' 'mutable function static' 'a mutable static in a function'
refuses src/a/bad.c '    static struct thing cache[4];' 'mutable function static' 'a mutable array too'
refuses src/a/bad.c 'static int n_open;' 'mutable global' 'a mutable global'
refuses src/a/bad.c 'static struct jb_thing all[3];' 'mutable global' 'a mutable global array'
refuses src/a/bad.c 'double energy_uj;' 'a number with a unit' 'a floating energy'
refuses src/a/bad.c '#if 0' 'dead code' 'dead code'
refuses src/a/bad.c '/* TO''DO: later */' 'left-over mark' 'a left-over mark'
refuses src/a/bad.c '#define HERE "/ho''me/ann/x"' 'path of a machine' 'a path of a machine'
refuses src/a/bad.c 'int n; // short' 'line comment' 'a line comment'

printf 'int jb_n(void);\n' >"$tree/src/a/bad.h"
like "$(tools/check_banned.sh "$tree")" '^src/a/bad.h:1:.*<- first line is the SPDX line' 'a source without its SPDX line'
rm "$tree/src/a/bad.h"
printf '#!/bin/sh\nexit 0\n' >"$tree/tools/bad.sh"
like "$(tools/check_banned.sh "$tree")" '^tools/bad.sh:1:.*<- SPDX line' 'a script without its SPDX line'
done_testing
