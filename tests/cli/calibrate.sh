#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What calibrate says before its load begins.
. tests/cli/lib.sh

mkdir "$JB_TMP/nothing"
jb calibrate --book "$JB_TMP/book.db" --sensors-root "$JB_TMP/nothing" --step 1s --levels 0,100 -- true
ok 'without a meter nothing is calibrated' test "$rc" -ne 0
like "$(head -n 1 "$err")" 'no meter that has parts is seen now' 'which is said before the load, not minutes later'
like "$(sed -n 2p "$err")" 'hint: .joulebook meters --tree. .*meters.yaml' 'with the next step'
jb calibrate --book "$JB_TMP/book.db" --sensors-root "$JB_TMP/nothing" --idle --for 1s
ok 'an idle machine needs none' bash -c "! grep -q 'that has parts' '$err'"
done_testing
