#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reports over several runs: schema, sums against the accounts of the runs, and what is in no sum. R-REPORT-01 to -06.
. tests/cli/lib_book.sh
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip_all 'no python3-jsonschema'
export JOULEBOOK_BOOK=$JB_TMP/rebuilt.db
"$make_book" "$JOULEBOOK_BOOK" rebuilt

# check NAME OPTIONS...: JSON against the schema, the accounts, and CSV
check() {
    local name=$1
    shift
    jb report "$@" --format json -o "$JB_TMP/report.json"
    jb report "$@" --format csv -o "$JB_TMP/report.csv"
    ok "$name" /usr/bin/python3 tests/tools/report_check.py docs/format/report.schema.json "$JB_TMP/report.json" \
        "$JB_TMP/report.csv" "$JOULEBOOK"
}

check 'R-REPORT-05: a project is what its runs are, and reads back the same' --project vision
is "$(json "$JB_TMP/report.json" '[(l["layer"], l["sum"]["energy_uj"]["best"]) for l in d["layers"]]')" \
    "[('measured', 3000000000), ('reconstructed', 7200000000)]" 'R-REPORT-02: 3 kJ were measured and 7.2 kJ told, in two sums'
is "$(json "$JB_TMP/report.json" 'd["left_out"]')" "{'n_open': 1, 'n_reconciled': 0, 'n_void': 0}" 'the open run is in none'
cp "$JB_TMP/report.json" "$JB_TMP/first.json"
check 'a model too' --model resnet50
check 'and everything since a day' --since 2020-01-01
jb report --project vision --format json
ok 'R-REPORT-01: the same book gives the same bytes' cmp "$out" "$JB_TMP/first.json"
jb_ok 'for people' report --project vision
like "$(tr '\n' ' ' <"$out")" ' measured +energy +0\.833 Wh' 'what was measured'
like "$(tr '\n' ' ' <"$out")" ' reconstructed +energy +2\.00 Wh' 'what was reconstructed, below it'
unlike "$(cat "$out")" '2\.83' 'R-REPORT-02: and never the two together'
like "$(cat "$out")" 'never added together' 'which is said'
like "$(cat "$out")" 'market-based' 'both kinds of carbon have their line'
like "$(cat "$out")" 'not known CO2e market-based' 'what is not known is not 0'

jb report "$R1" --format json
is "$(json "$out" 'd["report"]["metrics"]["points"][1]["nano"], d["report"]["metrics"]["points"][1]["run_uj"]')" \
    '([900000000], 3000000000)' 'R-REPORT-24: a run has its epochs against metric and energy'
is "$(json "$out" 'd["report"]["power"], d["energy_uj"]["best"]')" '(None, 3000000000)' 'and no course of power that nobody kept'
jb report "$R3" --format json
is "$(json "$out" 'd["report"]["runs"], d["report"]["layers"], d["report"]["left_out"]["n_open"]')" '([], [], 1)' \
    'an open run is in no sum, and says so'

jb report --project nobody
is "$rc" 3 'a project without runs is refused'
jb report --project vision "$R1"
is "$rc" 2 'a run and a selection are not both'
jb report --skill --project vision
is "$rc" 2 'nor skill and a selection'
jb report
is "$rc" 2 'nothing is wrong use'
jb report --project vision -o "$JB_TMP/none/x"
is "$rc" 3 'a folder that is not there is refused'

# Two ranks of one training of 6 x 1e9 x 1e9 FLOP, 0.1 kWh each: what both tell is of the whole.
for rank in 0 1; do
    printf 'unix_s,watts\n%d,100\n%d,100\n' 1767225600 1767229200 | sed "s/,100/,10$rank/" >"$JB_TMP/rank$rank.csv"
    jb_ok "rank $rank" import csv-power "$JB_TMP/rank$rank.csv" --accuracy 1 --model twins --stage train --group job --rank "$rank" \
        --tokens 1e9 --parameters 1e9
done
jb report --model twins --format json
is "$(json "$out" 'd["layers"][0]["sum"]["training_flop"], d["layers"][0]["sum"]["n_without_flop"], d["layers"][0]["sum"]["energy_uj"]["best"]')" \
    "('6000000000000000000', 0, 723600000000)" 'R-INVENTORY-03: operations that two ranks tell count once, their energy is added up'
done_testing
