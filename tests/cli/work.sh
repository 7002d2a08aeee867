#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The work of a training beside its energy: told before or later, per example, operation and parameter exactly (R-WORK-11, -16).
. tests/cli/lib_book.sh

work() { # EXPRESSION over w: of the account in $out
    json "$out" "(lambda w: ($1))(d[\"work\"])"
}
# Run 1 has 3000 J, 2970 to 3030, and two epochs marked.
jb report "$R1" -f json
is "$(json "$out" 'd["work"]')" None 'of a run of which nobody told the work nothing is known'
jb_ok 'examples and operations are told later' amend "$R1" examples=1.5e6 epochs=90 flop=6e12 parameters=60000 --reason 'from its paper'
jb report "$R1" -f json
is "$(work 'w["n_examples"], w["n_epochs"]')" '(3000000, 2)' 'epochs are those marked, and not those told'
# 3000 J / 3e6 = 1 mJ; / 6e12 = 500 pJ; / 60000 = 50 mJ
is "$(work '[w[k]["best"] for k in ("energy_per_example_nj", "energy_per_flop_aj", "energy_per_parameter_nj")]')" \
    '[1000000, 500000000, 50000000]' 'energy per example, operation and parameter is exact'
is "$(work '[w["energy_per_example_nj"][k] for k in ("low", "high")]')" '[990000, 1010000]' "with the energy's band"
is "$(work 'w["method"], w["training_flop"]')" "('stated', '6000000000000')" 'operations are text, and say where they are from'
is "$(work 'w["n_boards"], w["busy_ppm"], w["mfu_ppm"], w["n_tokens"]')" '(None, None, None, None)' 'what is not known is absent'
is "$(json "$out" 'd["run"]["n_examples"], d["run"]["training_flop"], "n_tokens" in d["run"]')" "(1500000, '6000000000000', False)" \
    'the facts stand with the run'
jb_ok 'it is shown' show "$R1"
like "$(cat "$out")" 'work +6\.00e12 FLOP, stated' 'with its operations'
like "$(cat "$out")" '1\.00 mJ \(990 uJ \.\. 1\.01 mJ\) per example' 'its energy per example'
like "$(cat "$out")" '500 pJ \(495 \.\. 505 pJ\) per FLOP' 'and per operation'
jb_ok 'the list has columns of it' runs
like "$(head -1 "$out")" 'CO2e +FLOP +per FLOP +per example' 'of what some run has'
like "$(cat "$out")" '6\.00e12 +500 pJ +1\.00 mJ' 'and the figures'
jb runs --json
is "$(json "$out" '[r["work"] and r["work"]["energy_per_flop_aj"]["best"] for r in d]')" '[None, None, 500000000]' 'JSON has all of it'
jb runs --csv
is "$(/usr/bin/python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print([(r["flop_method"], r["training_flop"], r["energy_per_example_best_nj"], r["mfu_best_ppm"]) for r in rows])' "$out")" \
    "[('', '', '', ''), ('', '', '', ''), ('stated', '6000000000000', '1000000', '')]" 'and CSV, empty where it is not known'

jb_ok 'what was stated is taken away' amend "$R1" flop= parameters=175e9 tokens=300e9 --reason 'it was of another model'
jb report "$R1" -f json
is "$(work 'w["method"], w["training_flop"], w["millipfsd"]')" "('6nd', '315000000000000000000000', 3645833)" \
    '6 x parameters x tokens takes its place, in petaFLOP/s-days: 3.15e23 / 8.64e19'
for wrong in examples=0 examples=1.5 examples=-3 epochs=many flop=1.5 flop=1e31 flop=0 factor=0.5 tokens=1e19; do
    jb amend "$R1" $wrong --reason why
    is "$rc" 3 "'$wrong' is refused"
done
like "$(cat "$err")" "'tokens' cannot be '1e19'" 'by its name'
jb balance
is "$rc" 0 'the book balances'
jb_ok 'what was told can be erased' amend "$R1" --erase training_flop --reason 'confidential'

# A run that is told all of it before it starts: what it says agrees with its own energy.
root=$JB_TMP/root
mkdir -p "$root"
JOULEBOOK_FLOP=4e9 jb run --examples 1000 --epochs 5 --parameters 7 --account "$JB_TMP/account.json" -- true
is "$rc" 0 'a command whose work is told runs'
like "$(cat "$err")" 'work +.* per example, .* per FLOP' 'the summary has a line of it'
is "$(json "$JB_TMP/account.json" 'd["work"]["n_examples"], d["work"]["training_flop"], d["work"]["n_parameters"]')" \
    "(5000, '4000000000', 7)" 'options and variables are its facts'
is "$(json "$JB_TMP/account.json" 'd["energy_uj"] is None or d["work"]["energy_per_flop_aj"]["best"] == (d["energy_uj"]["best"] * 10 ** 12 + 2 * 10 ** 9) // (4 * 10 ** 9)')" True \
    'energy per operation is its own energy over its own operations'
jb run --examples 1000 --account "$JB_TMP/account.json" -- true
like "$(json "$JB_TMP/account.json" 'd["notes"]')" 'neither told nor marked' 'one epoch is taken where none was told, aloud'
jb run --examples some -- touch "$JB_TMP/ran"
is "$rc" 125 'a mistake is refused before the command starts'
ok 'which then does not' [ ! -e "$JB_TMP/ran" ]
jb run -- true
unlike "$(cat "$err")" '^  work ' 'a run of which nothing is told has no such line'
done_testing
