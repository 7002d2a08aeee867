#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A home folder or a book on a network filesystem: runs are entered in a book of this node, and the user is told.
. tests/cli/lib.sh

command -v gcc >/dev/null || skip_all 'no compiler for the stand-in'
case $(nm -D "$JOULEBOOK" 2>/dev/null) in *asan_init* | *tsan_init*) skip_all 'a sanitizer must be loaded first' ;; esac
gcc -shared -fPIC -o "$JB_TMP/network.so" tests/tools/network_storage.c || skip_all 'no stand-in'
local_folder=/var/tmp/joulebook-$(id -u)
[ ! -e "$local_folder" ] || skip_all "$local_folder is in use"
trap 'rm -rf "$local_folder"' EXIT
net=$JB_TMP/net
mkdir -p "$net"
unset JOULEBOOK_BOOK XDG_DATA_HOME
on_network() {
    env HOME="$net" NETWORK_FOLDER="$net" LD_PRELOAD="$JB_TMP/network.so" "$JOULEBOOK" "$@" >"$out" 2>"$err"
    rc=$?
}

on_network run -- sh -c 'exit 7'
is "$rc" 7 "the command's exit code passes through"
is "$(stat -c %a "$local_folder")" 700 "the book of this node is its owner's alone"
ok 'it is on local disk' test -s "$local_folder/book.db"
is "$(ls -A "$net")" '' 'nothing is left on the network'
on_network runs --json
is "$(json "$out" 'len(d)')" 1 'the run is found without being told where'
on_network run --book "$net/team.db" -- true
like "$(cat "$err")" "lies on NFS.*$local_folder/book.db" 'a book named there: the user is told where the run is instead'
like "$(cat "$err")" 'joulebook merge' 'and how to bring it in'
on_network runs --json
is "$(json "$out" 'len(d)')" 2 'and it is there'
on_network balance
is "$rc" 0 'the book balances'
chmod 755 "$local_folder"
on_network run -- true
is "$rc" 0 'a folder that others can read is not used, the command runs'
like "$(cat "$err")" "not this user's alone" 'and that is said'
done_testing
