#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Killed at random moments (Joulebook, its command, both), a book opens again and balances, and the command is not harmed
# by Joulebook's death. The gate kills 200 times, the night JB_KILLS=2000.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"
n_kills=${JB_KILLS:-2000}
book=$JB_TMP/book.db
RANDOM=${JB_SEED:-20}
diag "seed ${JB_SEED:-20}"

n_done=0 n_unharmed=0 n_spared=0
for ((i = 0; i < n_kills; i++)); do
    witness=$JB_TMP/witness
    rm -f "$witness" "$witness.pid"
    "$JOULEBOOK" run --book "$book" --project "kill-$i" -- \
        sh -c 'echo $$ >"$1.pid"; sleep 0.2; echo done >"$1"' victim "$witness" >/dev/null 2>&1 &
    pid=$!
    sleep "0.$(printf '%03d' $((RANDOM % 250)))"
    child=$(cat "$witness.pid" 2>/dev/null)
    case $((i % 3)) in
    0)
        kill -9 "$pid" 2>/dev/null
        if [ -n "$child" ]; then
            n_spared=$((n_spared + 1))
            for _ in 1 2 3 4 5 6 7 8; do
                [ ! -e "$witness" ] || break
                sleep 0.1
            done
            [ ! -e "$witness" ] || n_unharmed=$((n_unharmed + 1))
        fi
        ;;
    1) [ -z "$child" ] || kill -9 "$child" 2>/dev/null ;;
    2) kill -9 "$pid" ${child:+"$child"} 2>/dev/null ;;
    esac
    wait "$pid" 2>/dev/null
    n_done=$((n_done + 1))
    if ((i % 100 == 99)); then
        jb balance --book "$book"
        [ "$rc" -eq 0 ] || { fail "the book balances after $n_done kills" "$(cat "$out" "$err")"; break; }
    fi
done
is "$n_unharmed" "$n_spared" "of $n_spared commands whose Joulebook was killed, all ended as if alone"
jb_ok 'the spools that were left are entered' recover --book "$book"
jb_ok "the book balances after $n_done kills" balance --book "$book"
jb_ok 'the runs can be listed' runs --book "$book"
like "$(cat "$out")" 'interrupted' 'those cut short are shown as interrupted'
done_testing
