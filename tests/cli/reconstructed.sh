#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs that papers told of, as the commands show them: R-REBUILT-08, -09.
. tests/cli/lib_book.sh
rm -f "$JOULEBOOK_BOOK"*
"$make_book" "$JOULEBOOK_BOOK" rebuilt || { echo 'Bail out! make_book failed'; exit 1; }

# rebuilt_ids [OPTION...]: the first 18 characters of each id that `runs` lists
rebuilt_ids() {
    jb runs --json "$@"
    json "$out" '" ".join(run["id"][:18] for run in d)'
}
jb_ok 'runs of both layers are listed' runs
is "$(grep -c reconstructed "$out")" 2 'those that papers told of are marked'
read -r same bill <<<"$(rebuilt_ids --layer reconstructed)"
ok 'ids of one order differ in what is shown of them' test "$same" != "$bill"
is "$(rebuilt_ids --layer measured | wc -w)" 3 'a layer can be asked for'
jb runs --layer both
is "$rc" 2 'but not all of them at once'
jb runs --layer reconstructed --json
is "$(json "$out" 'sorted((run["source"], run["layer"], run["energy_uj"]["best"]) for run in d)')" \
    "[('codecarbon', 'reconstructed', 7200000000), ('focus', 'reconstructed', 3600000000000)]" \
    'with source, layer and IT energy: 1.2 kWh with PUE 1.2 is 1 kWh'

jb_ok 'such a run is shown' show "$bill"
like "$(cat "$out")" 'source +focus; reconstructed, not measured' 'it says where it is from'
like "$(cat "$out")" '1.00 kWh  \(500 Wh .. 2.00 kWh, 90 %\)  method B, billed 100 %; reconstructed' 'with its band'
like "$(cat "$out")" 'facility +200 Wh' 'and the rest of what was billed is the facility'
unlike "$(cat "$out")" 'who pays for idle|above idle|others' 'nothing is shown of meters that were never there'
jb report "$bill" -f json
is "$(json "$out" 'd["run"]["layer"], d["method"], d["facility_uj"]["best"]')" "('reconstructed', 'B', 720000000000)" \
    'JSON has layer, method and facility'
jb report "$R1" -f json
is "$(json "$out" 'd["run"]["layer"]')" measured 'and says of others that they were measured'

jb show "$same"
like "$(tr -d '\n' <"$out" | tr -s ' ')" "may be the same work as the measured run $R1" 'a measured run of the same work is named'
jb amend "$R1" --same-as "$same"
is "$rc" 3 'a measured run is never set aside for another'
jb amend "$same" --same-as "$R1" project=x
is "$rc" 2 'facts are amended in a step of their own'
jb_ok 'the other way round it is' amend "$same" --same-as "$R1"
like "$(cat "$out")" 'reconstructed 2.00 Wh, measured 0.833 Wh: ratio 2.4' 'both energies are told'
jb runs --status reconciled --json
is "$(json "$out" '[(run["id"][:18], run["same_as"]) for run in d]')" "[('$same', '$R1')]" 'it stays, beside the other'
jb show "$same"
like "$(tr '\n' ' ' <"$out")" "is the same work as the measured run $R1: it is in no sum" 'and says so'
jb amend "$same" --same-as "$R1"
is "$rc" 3 'only once'
jb_ok 'facts of a memo are amended as any' amend "$same" project=x --reason typo

jb_ok 'a bill is taken back' void "$bill" --reason 'not ours'
like "$(cat "$out")" 'back in the account of the paper' 'to where it came from'
jb balance --json
is "$(json "$out" 'd["is_balanced"]')" True 'the book balances'
is "$(json "$out" 'sorted((s["kind"], s["total_uj"]) for s in d["sums"] if s["layer"] == "reconstructed")')" \
    "[('billed', '0'), ('run', '0'), ('stated', '0')]" 'nothing of the layer is left, and nobody else is charged'
done_testing
