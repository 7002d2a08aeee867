# SPDX-License-Identifier: Apache-2.0
# What every command test starts with: `. tests/cli/lib.sh`. See tests/lib.sh for what is there: jb, jb_ok, ok, is, like,
# unlike, json, skip, skip_all, diag, done_testing.
# shellcheck shell=bash
. tests/lib.sh
[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"
