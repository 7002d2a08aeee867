#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A plan in the book, once; in the predicted layer and no other; and beside a run whose energy is known to the microjoule. R-PLAN-30
# to -33.
. tests/cli/lib_book.sh

a100=('A100 SXM4 80GB')
enter() { # NAME FLOP [OPTION...]: one A100 at half its peak, by JSON
    jb_ok "$1" plan --flop "$2" --on "${a100[0]}" --utilisation 50% --enter --project vision --configuration 'lr 0.1' "${@:3}" --json
    id=$(json "$out" 'd["run"]')
}
predicted() { # of the runs of the layer that count
    jb runs --layer predicted --json "${@:2}"
    json "$out" "$1"
}
sums() { # of a layer
    jb balance --json
    json "$out" "(d['is_balanced'], sorted((s['kind'], int(s['total_uj'])) for s in d['sums'] if s['layer'] == '$1'))"
}
measured=$(sums measured)

# --- entered once -----------------------------------------------------------------------------------------------------
enter 'a plan is entered' 1.2e15 --place FR --tariff 0.25 --currency EUR
mj=$(json "$out" 'd["plans"][0]["energy_mj"]["best"]')
mj_low=$(json "$out" 'd["plans"][0]["energy_mj"]["low"]')
carbon=$(json "$out" 'd["plans"][0]["location_ugco2e"]["best"]')
first=$id
is "${#first}" 36 'and has the id of a run'
is "$(sums predicted)" "(True, [('modelled', -${mj}000), ('run', ${mj}000)])" 'the book balances: its best energy, in the predicted layer'
is "$(sums measured)" "$measured" 'and none of it is in what was measured'
is "$(predicted '[(r["layer"], r["project"], r["energy_uj"]["best"], r["energy_uj"]["low"]) for r in d]')" \
    "[('predicted', 'vision', ${mj}000, ${mj_low}000)]" 'a list can have plans alone'
jb runs --layer measured --json
is "$(json "$out" 'len(d)')" 3 'and measured runs alone'
jb_ok 'it is shown' show "$first"
like "$(cat "$out")" 'source +plan; predicted, not measured' 'as a plan'
# 1.2e15 / (312e12 x 0.5) = 7.692308 s
like "$(cat "$out")" 'the plan: 1 x .*A100.* in FR' 'of its hardware and place'
jb report "$first" -f json
is "$(json "$out" '(lambda p: (p["is_itself"], p["plan"]["wall_us"]["best"], p["plan"]["training_flop"], p["rows"]["energy_uj"]["best"],
    p["rows"]["energy_uj"]["measured"], p["plan"]["location_ugco2e"]["best"]))(d["planned"])')" \
    "(True, 7692308, '1200000000000000', ${mj}000, None, $carbon)" 'all of its figures are kept'
is "$(json "$out" 'len(d["planned"]["plan"]["catalogue"]) > 10')" True 'with the edition that they stand on'
enter 'the same again' 1.2e15 --place FR --tariff 0.25 --currency EUR
is "$id" "$first" 'is the run that is there'
is "$(predicted 'len(d)' --all)" 1 'and nothing is entered'
enter 'in another place' 1.2e15 --place PL --tariff 0.25 --currency EUR
is "$(predicted 'len(d)')" 2 'it is another plan'
jb_ok 'a plan is taken back' void "$id" --reason 'too dirty'
like "$(cat "$out")" 'the plan counts no longer' 'and charged to nobody'
jb_ok 'a plan that was taken back' plan --flop 1.2e15 --on "${a100[0]}" --utilisation 50% --enter --project vision --configuration 'lr 0.1' --place PL \
    --tariff 0.25 --currency EUR
like "$(cat "$out")" 'entered before with the same figures and void since' 'stays so'
is "$(sums predicted)" "(True, [('modelled', -${mj}000), ('run', ${mj}000)])" 'the book balances'

# --- beside a run: 3000 J, 2970 to 3030 ----------------------------------------------------------------------------------
jb_ok 'a run is linked to its plan' amend "$R1" --plan "${first:0:18}" flop=1.2e15 --reason 'it was this'
jb report "$R1" -f json
is "$(json "$out" 'd["run"]["plan"], d["planned"]["id"]')" "('$first', '$first')" 'by all of its id'
row='(lambda r: (r["measured"], r["best"], r["factor_ppm"], r["is_inside"]))(d["planned"]["rows"]["%s"])'
# shellcheck disable=SC2059  # the row is the format
is "$(json "$out" "$(printf "$row" energy_uj)")" "(3000000000, ${mj}000, $(((3000 * 1000000000 + mj / 2) / mj)), True)" \
    'measured over planned best, to the millionth; within the band'
is "$(json "$out" "$(printf "$row" training_flop)")" "('1200000000000000', '1200000000000000', 1000000, True)" 'operations as planned'
took=$(json "$out" 'd["duration_ns"] // 1000')
is "$(json "$out" "$(printf "$row" wall_us)")" "($took, 7692308, $(((took * 1000000 + 3846154) / 7692308)), False)" \
    'its clock is outside of the band of a stated utilisation'
is "$(json "$out" '(lambda r: (r["measured"], r["factor_ppm"]))(d["planned"]["rows"]["utilisation_ppm"])')" '(None, None)' 'without boards there is no MFU beside it'
is "$(json "$out" '(lambda r: (r["factor_ppm"], r["measured"] is not None))(d["planned"]["rows"]["location_ugco2e"])[1]')" True 'carbon is beside it'
jb_ok 'people see' show "$R1"
like "$(cat "$out")" "beside its plan: 1 x .*A100.* in FR, ${first:0:18}" 'whose plan it is'
like "$(cat "$out")" 'energy, IT .* inside' 'that it was met'
like "$(cat "$out")" 'time .* above the band' 'and what was not'
jb_ok 'a run with a PUE' amend "$R1" pue=1.5 --reason 'from the building'
jb report "$R1" -f json
is "$(json "$out" '(lambda r: (r["factor_ppm"], r["why_not"]))(d["planned"]["rows"]["location_ugco2e"])')" \
    "(None, \"the run's has a PUE in it, the plan's has none\")" 'is not compared with a plan without'
is "$(sums measured)" "$measured" 'a link changes no sum'

# --- superseded, void, missing -----------------------------------------------------------------------------------------
enter 'other figures' 2.4e15 --place FR --tariff 0.25 --currency EUR
ok 'are another run' test "$id" != "$first"
is "$(predicted '[r["id"] for r in d]')" "['$id']" 'in the place of the first'
is "$(sums predicted | grep -c "('run', $(json "$JB_TMP/out" '0'))")" 0 'of which nothing is left'
jb show "$R1"
like "$(tr '\n' ' ' <"$out" | tr -s ' ')" "plan ${first:0:18}: the plan is void: it was taken back, or another took its place" 'a run is told that its plan is void'
unlike "$(cat "$out")" 'beside its plan' 'and not compared'
jb amend "$R1" plan="$first" --reason again
is "$rc" 3 'a void plan is not linked to'
jb amend "$R1" plan="$R2" --reason why
is "$rc" 3 'nor is a run that is none'
like "$(cat "$err")" 'is no plan' 'and says so'
missing=01a00000-0000-7000-8000-000000000001
jb_ok 'a plan of another book' amend "$R2" plan=$missing --reason 'planned elsewhere'
jb show "$R2"
like "$(cat "$out")" 'no such plan is in this book' 'is told to be missing'
jb_ok 'a link is taken away' amend "$R2" plan= --reason 'was wrong'
jb show "$R2"
unlike "$(cat "$out")" '^plan|beside its plan' 'and nothing is said of plans'
jb amend "$R2" plan=01a0ffff --reason why
is "$rc" 3 'the beginning of an id that nobody has is refused'

# --- at the start of a run ------------------------------------------------------------------------------------------------
jb run --plan "${id:0:18}" --account "$JB_TMP/account.json" -- sleep 0.2
is "$rc" 0 'a run is told its plan'
is "$(json "$JB_TMP/account.json" 'd["run"]["plan"], d["planned"]["plan"]["training_flop"]')" "('$id', '2400000000000000')" 'and its account has both'
like "$(cat "$err")" 'plan .* of the planned time, below the band' 'and so has its summary'
jb run --plan "$R1" -- touch "$JB_TMP/ran"
is "$rc" 125 'what is no plan is refused'
ok 'before the command starts' test ! -e "$JB_TMP/ran"
jb run --plan 'my plan' -- touch "$JB_TMP/ran"
is "$rc" 125 'and what is no id'

# --- refused ------------------------------------------------------------------------------------------------------------
before=$(predicted 'len(d)' --all)
refused() { # CODE MESSAGE OPTION...
    jb plan --enter "${@:3}"
    is "$rc" "$1" "${*:3}"
    like "$(cat "$err")" "$2" "says: $2"
}
two=(--flop 1e18 --on A100 --on V100 --model m)
refused 2 'which of the 2 plans is entered is not said' "${two[@]}"
refused 2 'no plan is the cheapest' "${two[@]}" --choose cheapest
refused 2 "cannot be '3'" "${two[@]}" --choose 3
refused 2 '2 plans are alike the fastest' --flop 1e18 --on A100 --place FR --place PL --model m --choose fastest
refused 2 'needs a name' --flop 1e18 --on A100
refused 5 'not computable' --flop 1e18 --on 'TPU v1' --model m
refused 3 '2\.56 GWh' --flop 1e26 --on '100000 x A100' --model m
is "$(predicted 'len(d)' --all)" "$before" 'nothing of that is in the book'
jb_ok 'the fastest of two' plan --enter "${two[@]}" --choose fastest
like "$(cat "$out")" 'entered as [0-9a-f-]{36}, in the predicted layer' 'is entered'
is "$(predicted '[r["model"] for r in d][0]')" m 'under its name'
jb show last
like "$(cat "$out")" 'the plan: .*A100' 'with its hardware'
jb balance
is "$rc" 0 'the book balances in the end'
done_testing
