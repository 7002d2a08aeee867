#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A second `make` does no work twice: nothing is installed, set up or built again.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"

unset MAKEFLAGS MAKELEVEL MFLAGS
make -s release >"$out" 2>&1
is "$?" 0 'make works'
before=$(find "$JB_BUILD" \( -name '*.o' -o -name build.ninja -o -type f -perm -100 \) -printf '%p %T@\n' | sort)
make -s release >"$out" 2>&1
is "$?" 0 'and works again'
after=$(find "$JB_BUILD" \( -name '*.o' -o -name build.ninja -o -type f -perm -100 \) -printf '%p %T@\n' | sort)
is "$(diff <(echo "$before") <(echo "$after"))" '' 'no object, program or build rule was made again'
unlike "$(cat "$out")" 'set up|installing' 'nothing was set up or installed again'
like "$(cat "$out")" '^== build' 'it says what it does'
done_testing
