#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make deps` installs nothing that is there, and where Debian's package manager is absent it prints the exact list.
. tests/lib.sh

bare=$JB_TMP/bare
mkdir "$bare"
for command in sh awk sort dirname cut cat rm id env mktemp; do
    ln -s "$(command -v "$command")" "$bare/$command"
done

got=$(PATH=$bare sh tools/deps.sh build test 2>&1)
is "$?" 1 'without apt-get and with something missing it fails'
for package in $(awk '$1 == "build" || $1 == "test" { print $2 }' tools/packages.txt); do
    like "$got" "^  $package \(" "the list names $package"
done
unlike "$got" 'python3-torch' 'and nothing of the sections that were not asked for'

# A dpkg that knows all, and an apt-get that would give itself away.
fake=$JB_TMP/fake
mkdir "$fake"
printf '#!/bin/sh\necho "ii "\n' >"$fake/dpkg-query"
printf '#!/bin/sh\necho "apt-get $*" >>"$JB_TMP/apt.log"\n' >"$fake/apt-get"
printf '#!/bin/sh\n"$@"\n' >"$fake/sudo"
chmod +x "$fake"/*
is "$(PATH=$fake:$bare sh tools/deps.sh build test 2>&1)" '' 'with everything there it says nothing'
ok 'and calls no apt-get' test ! -e "$JB_TMP/apt.log"

printf '#!/bin/sh\ncase $* in *ninja-build) exit 1 ;; *) echo "ii " ;; esac\n' >"$fake/dpkg-query"
like "$(PATH=$fake:$bare sh tools/deps.sh build 2>&1)" '^deps: installing ninja-build$' 'it names what it installs'
like "$(cat "$JB_TMP/apt.log")" ' install .* ninja-build$' 'and installs only what is missing'
done_testing
