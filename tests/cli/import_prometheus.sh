#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The history of a server through the command, from saved answers whose energy is known by hand. R-PROM-01 to -10.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK

# series METRIC LABELS FIRST EACH N: one sample every 15 s from 2024-05-10T11:00:00Z, in whole units
series() {
    printf '{"metric":{"__name__":"%s","instance":"n1:9100"%s},"values":[' "$1" "$2"
    for ((i = 0; i < $5; i++)); do
        printf '%s[%d,"%d"]' "${between-}" $((1715338800 + 15 * i)) $(($3 + i * $4))
        between=,
    done
    printf ']}'
    between=
}
answer() {
    printf '{"status":"success","data":{"resultType":"matrix","result":['
    "$@"
    printf ']}}\n'
}
node() {
    series ipmi_dcmi_power_consumption_watts '' 400 0 9
    printf ,
    series DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION ',"UUID":"GPU-1"' 17 3000000 9
}
answer node >"$JB_TMP/node.json"
answer series DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION ',"UUID":"GPU-1"' 17 3000000 9 >"$JB_TMP/board.json"

jb_ok 'a saved answer is a run' import prometheus "$JB_TMP/node.json" --model bert --project p --json
is "$(json "$out" '{c["channel"]: (c["energy_uj"], c["role"]) for c in d["channels"]}')" \
    "{'gpu/GPU-1': (24000000000, 'post'), 'node/dcmi': (48000000000, 'parent')}" '8 x 3000 J in 120 s x 400 W'
is "$(json "$out" '(d["host"], d["energy_uj"])')" "('n1', 24000000000)" 'of the node, with the energy of its board'
jb_ok 'it is shown' show last --json
is "$(json "$out" '(d["method"], d["run"]["project"], d["origin_uj"]["counter"])')" "('C-1', 'p', 24000000000)" 'as measured'
jb_ok 'the book balances' balance
before=$(sha256sum <"$JOULEBOOK_BOOK")
jb import prometheus "$JB_TMP/node.json"
is "$rc" 3 'the same again is refused'
like "$(cat "$err")" 'in the book already as run' 'with its run'
jb import prometheus "$JB_TMP/board.json"
is "$rc" 3 'as is a part of it'
jb import prometheus "$JB_TMP/board.json" --preset ipmi
is "$rc" 3 'nothing of that preset is nothing to import'
like "$(cat "$err")" 'two readings' 'and says so'
jb import prometheus "$JB_TMP/board.json" --preset dcg
is "$rc" 2 'a preset that there is not'
jb import prometheus "$JB_TMP/board.json" --step 15s
is "$rc" 2 'an option that asks a server, for a file'
jb import prometheus http://127.0.0.1:1
is "$rc" 2 'a server without a time'
like "$(cat "$err")" "--start 2h" 'with the step'
jb import prometheus "$JB_TMP/board.json" --scope gpu
is "$rc" 2 'an option of another format'
jb import codecarbon "$JB_TMP/board.json" --start 2h
is "$rc" 2 'and one of this format for another'
jb import prometheus http://u:p@127.0.0.1:1 --start 2h
is "$rc" 2 'a password in the url'
is "$(sha256sum <"$JOULEBOOK_BOOK")" "$before" 'none of that has touched the book'
jb_ok 'another node beside it, and people read what it was' import prometheus "$JB_TMP/board.json" --node n2
like "$(cat "$out")" "gpu/GPU-1: 9 samples, 6.67 Wh .the run's" 'channel by channel'
done_testing
