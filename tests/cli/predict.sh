#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Options of predictions, budgets and metrics: what is refused before anything starts, and a book without predictions.
. tests/cli/lib_book.sh

# refused PATTERN PROMISE OPTION...: the command does not start
refused() {
    local pattern=$1 promise=$2
    shift 2
    rm -f "$JB_TMP/started"
    jb run "$@" -- touch "$JB_TMP/started"
    is "$rc" 125 "$promise"
    like "$(cat "$err")" "$pattern" 'it says what'
    ok 'and nothing is started' test ! -e "$JB_TMP/started"
}
refused "'5 bananas' is no budget" 'a budget in a unit that is none is refused' --budget '5 bananas'
refused 'say with --place' 'carbon without a place' --budget 200gCO2e
refused 'say with --tariff' 'money without a tariff' --budget 1.5EUR
refused 'the tariff is in USD' 'money of another currency' --budget 1.5EUR --tariff 0.25 --currency USD
refused 'say with --currency' 'money of a tariff without a currency' --budget 1.5EUR --tariff 0.25
refused 'no budget to act on' 'a signal without a budget' --on-budget TERM
refused "'HOP' is nothing to do" 'a signal that there is not' --budget 5Wh --on-budget HOP
refused "'accuracy:up' does not say" 'a metric whose way is not said' --metric accuracy:up
refused 'epochs' 'no epochs at all' --epochs 0

jb_ok 'a book without predictions has a report of them' report --skill
is "$(cat "$out")" 'no prediction is in the book' 'which says so'
jb_ok 'also as JSON' report --skill --json
is "$(json "$out" 'len(d["predictions"]), d["skill"][0]["n"]')" '(0, 0)' 'with none'
jb report --skill last
is "$rc" 2 'a run and --skill are two questions'
jb report
is "$rc" 2 'and neither is none'

"$make_book" "$JB_TMP/predictions.db" predictions || { echo 'Bail out! make_book failed'; exit 1; }
jb_ok 'two runs whose predictions were entered by turns' report --skill --json --book "$JB_TMP/predictions.db"
is "$(json "$out" '[r["why_not"] for r in d["predictions"]]')" \
    "[None, None, None, None, None, None, None, None, 'the run stopped before its work was done', 'the run stopped before its work was done']" \
    'a run with more steps than an account lists did its work; epochs done twice are no more epochs'
is "$(json "$out" '[d["skill"][0][k] for k in ("n", "n_runs", "n_energy_inside")]')" '[8, 1, 7]' 'and one run is one'
jb_ok 'the account of a run' show 019b7700-0004 --book "$JB_TMP/predictions.db"
like "$(cat "$out")" '^predictions$' 'has its predictions'
like "$(cat "$out")" '12 % +1.11 Wh +1.00 .. 1.22 Wh +1 min 00 s +outside' 'the first, and that it missed'
like "$(cat "$out")" 'and 2 between them' 'not all of many'
like "$(cat "$out")" 'came to 1.39 Wh of all posted meters in 1 min 00 s' 'and what happened'
jb_ok 'one that cannot be compared' show 019b7700-0005 --book "$JB_TMP/predictions.db"
like "$(cat "$out")" 'not compared: the run stopped before its work was done' 'says why'
jb_ok 'a run without predictions' show "$R1"
ok 'has no such part' bash -c "! grep -q '^predictions' '$out'"
jb_ok 'JSON stays the account' show 019b7700-0004 --json --book "$JB_TMP/predictions.db"
is "$(json "$out" '"predictions" in d')" False 'alone'

JOULEBOOK_MARKS=$JB_TMP/marks
export JOULEBOOK_MARKS
: >"$JOULEBOOK_MARKS"
jb_ok 'a training tells how many epochs there will be' mark --total 90
like "$(cat "$JOULEBOOK_MARKS")" '^@[0-9]+ total epochs=90$' 'in a mark'
jb mark --total 90 epoch 3
is "$rc" 2 'one mark at a time'
jb mark
is "$rc" 2 'and not an empty one'
done_testing
