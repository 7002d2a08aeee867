#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Corrections: facts amended, what leaked erased, runs voided; the book balances after each.
. tests/cli/lib_book.sh

balanced() {
    jb balance
    is "$rc" 0 "the book balances after $1"
}
jb_ok 'facts are amended' amend "$R1" project=vision2 model-version=3 tag=x=1 --reason 'was missing'
jb report "$R1" -f json
is "$(json "$out" 'd["run"]["project"], d["run"]["model_version"], d["run"]["tags"]')" \
    "('vision2', '3', ['team=a', 'x=1'])" 'and stand in the account'
before=$(json "$out" 'd["energy_uj"]["best"]')
jb_ok 'a PUE, a tariff and a market factor are amended' amend "$R1" pue=1.2 tariff=0.25 currency=EUR market=50 \
    --reason 'from the contract'
jb report "$R1" -f json
is "$(json "$out" 'd["energy_uj"]["best"]')" "$before" 'the energy is what it was'
# 3000 J x 0.2
is "$(json "$out" 'd["is_facility_posted"], d["facility_uj"]["best"]')" '(True, 600000000)' 'the facility is there now'
# 3600 J are 1 Wh: 0.001 kWh x 0.25 = 0.00025; x 50 g = 0.05 g
is "$(json "$out" 'd["cost_micro"]["best"], d["market_ugco2e"]["best"]')" '(250, 50000)' 'and cost and market-based carbon'
is "$(json "$out" 'len(d["epochs"])')" 2 'its epochs are still there'
jb_ok 'a fact is taken away' amend "$R1" pue= --reason 'not known after all'
jb report "$R1" -f json
is "$(json "$out" 'd["is_facility_posted"]')" False 'and the facility with it'
balanced 'amending'

jb amend "$R1" project=x
is "$rc" 2 'a correction needs a reason'
jb amend "$R1" --reason why
is "$rc" 2 'and something to correct'
jb amend "$R1" energy_uj=5 --reason why
is "$rc" 3 'energy is not amended'
jb amend "$R1" pue=fine --reason why
is "$rc" 3 'nor a PUE that is no number'
jb amend "$R1" place=Atlantis --reason why
is "$rc" 3 'nor a place that nobody knows'
like "$(cat "$err")" "'place': no carbon intensity is known for the place 'Atlantis'" 'which is said as run says it'
jb amend "$R1" pue=0.5 --reason why
is "$rc" 3 'nor a PUE below one'
jb amend "$R1" hourly="$JB_TMP/none.csv" --reason why
is "$rc" 3 'nor a file of hours that is not there'
jb amend "$R1" tag=alone --reason why
is "$rc" 3 'nor a tag without a value'
jb_ok 'a place is taken by its name, as run takes it' amend "$R1" place=netherlands --reason why
jb report "$R1" -f json
is "$(json "$out" 'd["run"]["place"]')" NL 'and kept as its code'
jb_ok 'a tag is taken away' amend "$R1" tag=x= --reason why
jb report "$R1" -f json
is "$(json "$out" 'd["run"]["tags"]')" "['team=a']" 'and gone'
jb amend "$R1" =5 --reason why
is "$rc" 2 'a change has a name'
balanced 'refusals'

ok 'the secret is in the book' grep -qa hunter2 "$JOULEBOOK_BOOK" "$JOULEBOOK_BOOK-wal"
for run in "$R1" "$R2" "$R3"; do
    jb_ok "the command of $run is erased" amend "$run" --erase command --reason 'a key was typed into it'
done
jb runs --json
is "$(json "$out" '[r["command"] for r in d]')" "['', '', '']" 'and shown no more'
/usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("pragma wal_checkpoint(truncate)")' "$JOULEBOOK_BOOK"
ok 'the secret is gone from the file' bash -c "! grep -qa hunter2 '$JOULEBOOK_BOOK'*"
balanced 'erasing'

jb_ok 'a run is voided' void "$R1" --reason 'wrong meter'
jb runs --json
is "$(json "$out" '[r["id"][12] for r in d]')" "['3', '2']" 'and left out of the list'
jb runs --json --all
is "$(json "$out" '[(r["id"][12], r["status"]) for r in d][-1]')" "('1', 'void')" 'unless asked for'
jb_ok 'it can still be shown' show "$R1"
like "$(cat "$out")" '^This run is void' 'as what it is'
balanced 'voiding'
jb balance --json
is "$(json "$out" 'next(s["total_uj"] for s in d["sums"] if s["kind"] == "run")')" 100000000 'its energy is no run'"'"'s'
is "$(json "$out" 'next(s["total_uj"] for s in d["sums"] if s["kind"] == "meter")')" -5300000000 'what the meters gave stays'
jb void "$R2"
is "$rc" 2 'voiding needs a reason'
jb void "$R1" --reason again
is "$rc" 3 'once is enough'
done_testing
