#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Documented cases: the figures of the thesis by one command each, from the executable alone (R-CASE-04 to -07, -20).
. tests/cli/lib.sh

jb_ok 'shipped cases are listed' case list --json
is "$(json "$out" '[c["case"] for c in d]')" \
    "['situation-recognition', 'bank-credit', 'product-information', 'asphalt-damage']" 'all four'

# Known truth: 1.125 x 300 W x 360 and 672 h; one die of two draws half; 1.58 x 215 W x 6000 h. In kWh.
cd "$JB_TMP" || exit 1
jb_ok 'the account of the cloud case' case account situation-recognition --json
is "$(json "$out" '[p["energy_uj"][k] / 3.6e12 for r in d["readings"] if r["name"] == "whole board" for p in r["plain"] if p["formula"] == "4.8" for k in ("low", "high")]')" \
    '[121.5, 226.8]' 'is that of the thesis with the whole board charged'
is "$(json "$out" '[d["readings"][0]["plain"][1]["energy_uj"][k] / 3.6e12 for k in ("low", "high")]')" \
    '[60.75, 113.4]' 'and half of it for the die'
is "$(json "$out" 'd["published"]["is_reproduced"]')" True 'what was published is the same'
is "$(json "$out" '[r["zone"] for r in d["readings"]]')" "['NL', 'NL', 'BE', 'NL']" 'the region is read both ways'
jb_ok 'the account of the office case' case account asphalt-damage
like "$(cat "$out")" '2038\.2 kWh by formula \(4\.8\)' 'is that of the thesis'
like "$(cat "$out")" 'What each doubt contributes' 'with what each doubt contributes'
like "$(cat "$out")" 'C-1 +4\.5 +not possible' 'and why no better method was possible'
for name in bank-credit product-information; do
    jb_ok "the account of $name" case account "$name"
    like "$(cat "$out")" 'account: +not computable: hardware unknown' 'is none, for want of hardware'
    like "$(cat "$out")" 'needed: ' 'and says what would be needed'
done
jb_ok 'equivalents on request' case account asphalt-damage --equivalents --json
is "$(json "$out" '[e["best_milli"] for e in d["equivalents_published"] if e["key"] == "fridge_year"]')" '[8493]' \
    '2038.2 kWh are 8.5 refrigerator-years of 240 kWh'
is "$(json "$out" 'any(e["low_milli"] < e["high_milli"] for e in d["equivalents_published"] if e["key"] == "fridge_year")')" True \
    'and the sources differ'
is "$(json "$out" 'any(e["is_carbon"] and e["zone"] == "NL" for e in d["equivalents_published"])')" True \
    'carbon is by the grid of the place'

# R-CASE-08
jb_ok 'a case is entered' case account asphalt-damage --enter --book "$JB_TMP/case.db" --json
is "$(json "$out" 'd["entered"]["state"]')" entered 'as new'
first=$(json "$out" 'd["entered"]["run_id"]')
energy=$(json "$out" 'd["readings"][0]["energy_uj"]["best"]')
jb_ok 'it is shown' show "$first" --book "$JB_TMP/case.db"
ok 'without an exit code, which no case tells' grep -q 'done$' "$out"
jb_ok 'and again' case account asphalt-damage --enter --book "$JB_TMP/case.db" --json
is "$(json "$out" 'd["entered"]["run_id"], d["entered"]["state"]')" "('$first', 'entered before with the same answers: nothing is changed')" 'which changes nothing'
jb_ok 'it stands in the book' show "$first" --book "$JB_TMP/case.db" --json
is "$(json "$out" 'd["run"]["layer"], d["energy_uj"]["best"]')" "('reconstructed', $energy)" 'among the reconstructed, with that energy'
jb_ok 'another reading' case account asphalt-damage --enter --reading '100 configurations' --book "$JB_TMP/case.db"
like "$(cat "$out")" 'entered in place of an older one' 'takes its place'
jb case account asphalt-damage --enter --reading nonsense --book "$JB_TMP/case.db"
is "$rc" 3 'a reading that is none is refused'
jb case account bank-credit --enter --book "$JB_TMP/none.db"
is "$rc" 3 'a case that is not computable is not entered'
ok 'and no book is made for it' test ! -e "$JB_TMP/none.db"

jb_ok 'restrictions of all cases' case restrictions --json
is "$(json "$out" '[sum(r["is_observed"] for r in c["restrictions"]) for c in d]')" '[6, 9, 6, 6]' \
    'as many were spoken of as table 6.2 has'
is "$(json "$out" '[next(r["cost"] for r in c["restrictions"] if r["key"] == "hardware") for c in d]')" \
    "['band', 'account', 'account', 'band']" 'hardware costs a band, or the account'
is "$(json "$out" 'all(0 < r["saved_uj"] for c in d for r in c["restrictions"] if r["cost"] == "band")')" True \
    'a cost in energy is one'
jb_ok 'as CSV' case restrictions bank-credit --csv
is "$(/usr/bin/python3 -c 'import csv, sys; print(len(list(csv.DictReader(open(sys.argv[1])))))' "$out")" 15 'a line for each'

jb_ok 'cases are compared' case compare --csv
is "$(head -n 1 "$out" | tr -d '\r')" 'question,situation-recognition,bank-credit,product-information,asphalt-damage' 'side by side'
like "$(cat "$out")" '^architecture,Faster R-CNN ResNet101,"known, withheld"' 'withheld is not unknown'
jb_ok 'as text' case compare asphalt-damage bank-credit
unlike "$(cat "$out")" 'situation-recognition' 'those that were named'

jb_ok 'tables' case tables --json
is "$(json "$out" '{t["table"]: t["n_differences"] for t in d if t["n_differences"]}')" \
    "{'6.5': 2, '7.2': 1, 'C.1': 1, 'D.2': 11}" 'differ from print where print is wrong'
jb_ok 'one of them' case tables D.2
like "$(cat "$out")" 'total, total: printed 66, computed 98' 'says so'
jb_ok 'the code book' case tables C.2 --csv
is "$(wc -l <"$out")" 37 '36 codes and a title'

jb_ok 'a shipped case is shown' case show asphalt-damage
cp "$out" mine.yaml
jb_ok 'and is a file to begin with' case account mine.yaml --json
is "$(json "$out" 'd["published"]["is_reproduced"]')" True 'with the same account'
jb_ok 'what was understood of a file' case show mine.yaml
cp "$out" again.yaml
jb_ok 'reads back' case show again.yaml
ok 'as itself' cmp "$out" again.yaml
jb_ok 'a table of one'"'"'s own' case tables D.1 mine.yaml
like "$(cat "$out")" '^total +10 +10' 'with its sums'

printf 'case: a\ntitle: b\nwork:\n  acelerator: K80\n' >wrong.yaml
jb case account wrong.yaml
is "$rc" 3 'a wrong key is refused'
like "$(cat "$err")" "wrong\.yaml:4:3: .*acelerator" 'with line and column'
like "$(cat "$err")" "hint: .*'accelerator'" 'and the nearest'
jb case account no-such
is "$rc" 3 'a case that is not there is refused'
like "$(cat "$err")" 'hint: .*asphalt-damage' 'with those that are'
jb case acount asphalt-damage
is "$rc" 2 'a word that is none is refused'
jb case account
is "$rc" 2 'as is an account of nothing'
jb case tables D.9
is "$rc" 3 'and a table that is none'
done_testing
