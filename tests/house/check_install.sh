#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make install` puts a working program, library, header and completion below DESTDIR, and nothing outside.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"

into=$JB_TMP/into
ok 'it installs' env DESTDIR="$into" meson install -C "$JB_BUILD" --no-rebuild --quiet --strip
prefix=$(find "$into" -type f -name joulebook -path '*/bin/*' | sed 's|/bin/joulebook$||')
ok 'the executable is there' test -x "$prefix/bin/joulebook"
like "$("$prefix/bin/joulebook" version 2>&1)" '^joulebook [0-9]' 'and answers'
ok 'the completion is there' test -f "$prefix/share/bash-completion/completions/joulebook"
library=$(find "$into" -name 'libjoulebook.so.0' | head -n 1)
ok 'the library is there' test -e "$library"

cat >"$JB_TMP/user.c" <<'END'
#include <joulebook/joulebook.h>
int main(void)
{
    return 0;
}
END
folder=$(dirname "${library:-/none}")
ok 'a program compiles and links against what was installed' \
    gcc -Wall -Werror -I"$prefix/include" "$JB_TMP/user.c" -o "$JB_TMP/user" -L"$folder" -ljoulebook
ok 'and starts' env LD_LIBRARY_PATH="$folder" "$JB_TMP/user"
done_testing
