#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the public headers promise, what the version script lists and what the library exports is one list.
. tests/lib.sh

library=$JB_BUILD/src/libjoulebook.so.0
[ -e "$library" ] || skip_all "no $library yet"

declared() {
    cat include/joulebook/*.h | perl -0777 -ne 's{/\*.*?\*/}{}gs; print "$1\n" while /\bJB_API\b[^;{]*?\b(jb_\w+)\s*\(/g' | sort -u
}
listed() {
    grep -oE '\bjb_[a-z0-9_]+' include/joulebook/joulebook.map | sort -u
}
exported() {
    nm -D --defined-only "$library" | awk '$2 ~ /[TDBR]/ { sub(/@.*/, "", $3); print $3 }' | sort -u
}
is "$(exported)" "$(listed)" 'the library exports what the version script lists, nothing else'
is "$(declared)" "$(listed)" 'the version script lists what the public headers declare'
is "$(exported | grep -v '^jb_')" '' 'every exported name begins with jb_'
like "$(objdump -p "$library")" 'SONAME +libjoulebook\.so\.0' 'the ABI has the number 0'

cat >"$JB_TMP/user.c" <<'END'
#include <joulebook/joulebook.h>
int main(void)
{
    return 0;
}
END
ok 'the public header stands alone in C99' gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude "$JB_TMP/user.c"
if command -v g++ >/dev/null; then
    ok 'and in C++' g++ -x c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only -Iinclude "$JB_TMP/user.c"
else
    skip 'no C++ compiler here'
fi
done_testing
