#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An hour of measuring grows neither memory nor descriptors, and the book balances at its end.
# JB_SOAK_SECONDS makes it shorter (at least 60).
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"
seconds=${JB_SOAK_SECONDS:-3600}
book=$JB_TMP/book.db

"$JOULEBOOK" run --book "$book" --project soak -- sh -c '
    end=$(($(date +%s) + $1))
    while [ "$(date +%s)" -lt "$end" ]; do
        i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done
        sleep 1
    done' soak "$seconds" >"$out" 2>"$err" &
pid=$!

resident_kib() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l; }

sleep $((seconds / 10))
early_kib=$(resident_kib)
early_fds=$(descriptors)
sleep $((seconds * 8 / 10))
late_kib=$(resident_kib)
late_fds=$(descriptors)
diag "resident $early_kib KiB early, $late_kib KiB late; descriptors $early_fds, $late_fds"
ok 'resident memory has not grown by more than 256 KiB' test "$((late_kib - early_kib))" -le 256
ok 'resident memory is at most 6 MiB' test "$late_kib" -le 6144
is "$late_fds" "$early_fds" 'no descriptor was left open'
wait "$pid"
is "$?" 0 'the run ends well'
jb_ok 'the book balances' balance --book "$book"
done_testing
