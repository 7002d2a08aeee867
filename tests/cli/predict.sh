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
