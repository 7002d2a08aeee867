#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is known of a training becomes energy with a band, or is refused with what is missing; the plain formulas give what
# a hand gives; entered, it stands in the book once. R-KNOWN-01, -02.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK

# The second case of the thesis, by hand: 215 W x 6000 h = 1290 kWh; x 1.58 = 2038.2 kWh.
jb_ok 'hardware and hours are enough' estimate --accelerator 'RTX 2080' --accelerators 1 --duration 6000h --pue 1.58 --json
is "$(json "$out" '[(r["formula"], r["energy_uj"]["best"]) for r in d["readings"]]')" \
    "[('4.4', 4644000000000000), ('4.8', 7337520000000000)]" 'both plain formulas, to the microjoule'
is "$(json "$out" 'd["energy_uj"]["low"] < d["energy_uj"]["best"] < d["energy_uj"]["high"]')" True 'the figure has a band'
is "$(json "$out" 'sum(p["energy_uj"]["best"] for p in d["parts"]) == d["energy_uj"]["best"]')" True 'its parts make the whole'
is "$(json "$out" '[(c["method"], c["formula"]) for c in d["choices"] if c["is_chosen"]]')" "[('B', '4.8')]" 'the method is chosen'
is "$(json "$out" 'all(c["why"] for c in d["choices"])')" True 'with a reason for each'
is "$(json "$out" 'len(d["doubts"]) > 0 and d["doubts"] == sorted(d["doubts"], key=lambda x: x["low_uj"] - x["high_uj"])')" True \
    'doubts, the widest first'
is "$(json "$out" '(d["inputs"]["duration_ns"]["best"], d["inputs"]["pue_milli"]["best"], d["location_ugco2e"], d["cost_micro"])')" \
    '(21600000000000000, 1580, None, None)' 'what was said; no place, no carbon'
jb_ok 'the same for people' estimate --accelerator 'RTX 2080' --accelerators 1 --duration 6000h --pue 1.58 --place NL --equivalents \
    --tariff 0.25 --currency EUR
like "$(cat "$out")" '^with PUE +[0-9.]+ kWh  \([0-9.]+ \.\. [0-9.]+ kWh\)$' 'with the building, with a band'
like "$(cat "$out")" '4\.8 +rated power x time x PUE +2038\.2 kWh' 'the printed figure of the thesis stands among the readings'
like "$(cat "$out")" '^carbon +[0-9.]+ kg .* in NL$' 'carbon'
like "$(cat "$out")" '^cost +[0-9.]+ EUR' 'cost'
like "$(cat "$out")" '^To narrow it most \(.*\): .' 'the step that narrows it most'
like "$(cat "$out")" 'x refrigerator, one year' 'equivalents'

# The first case, by hand: 300 W x 360..672 h x 1.125 = 121.5 to 226.8 kWh for the whole board, half of it for its one die.
jb_ok 'half a board of two dies' estimate --accelerator 'Tesla K80' --accelerators 1/2 --duration 12..16h \
    --repeats architectures=6-7 --repeats configurations=5-6 --pue 1.125 --json
is "$(json "$out" 'sorted((r["energy_uj"]["low"], r["energy_uj"]["high"]) for r in d["readings"] if r["formula"] == "4.8")')" \
    '[(218700000000000, 408240000000000), (437400000000000, 816480000000000)]' 'is read both ways, to the microjoule'

# A range of the time alone, everything else stated: 1 x 100 W x 10..20 h.
jb_ok 'a stated power of the whole instance' estimate --instance aws/p3.2xlarge --instance-power 100W --duration 10..20h --json
is "$(json "$out" '(d["energy_uj"]["low"], d["energy_uj"]["high"])')" '(3600000000000, 7200000000000)' 'has the band of the time and no other'

cat >"$JB_TMP/work.yaml" <<'YAML'
# a case
accelerator: RTX 2080
accelerators: 1
duration: 6000 h
pue: 1.58
model: classifier
project: "bank"
YAML
jb_ok 'a file says the same as options' estimate "$JB_TMP/work.yaml" --json
is "$(json "$out" '[r["energy_uj"]["best"] for r in d["readings"]]')" '[4644000000000000, 7337520000000000]' 'to the microjoule'
jb_ok 'options override it' estimate "$JB_TMP/work.yaml" --duration 3000h --json
is "$(json "$out" 'd["readings"][0]["energy_uj"]["best"]')" 2322000000000000 'half the time, half the energy'
"$JOULEBOOK" estimate - --json <"$JB_TMP/work.yaml" >"$out"
is "$(json "$out" 'd["readings"][0]["energy_uj"]["best"]')" 4644000000000000 'and - is standard input'

# The carbon of an estimate and that of the account it is entered as are of the same year's grid.
book="--book $JB_TMP/years"
for when in '--start 2020-03-01' '--year 2021' '--end 2020-01-01'; do
    # shellcheck disable=SC2086  # options
    jb_ok "an estimate of $when" estimate --accelerator V100 --duration 20h --place NL --project "p $when" $when --enter --json $book
    said=$(json "$out" 'd["location_ugco2e"]["best"]')
    # shellcheck disable=SC2086
    jb_ok 'is entered' report "$(json "$out" 'd["run_id"]')" --format json $book
    like "$(cat "$out")" "\"best\": ?$said\\b" 'with the carbon that was told'
done

# fails CODE PATTERN NAME ARGS...
fails() {
    local code=$1 pattern=$2 name=$3
    shift 3
    jb "$@"
    is "$rc" "$code" "$name: exit code $code"
    like "$(cat "$err")" "$pattern" "$name: said so"
}
jb estimate --duration '5-10 weeks'
is "$rc" 5 'no hardware: exit code 5'
like "$(cat "$out")" '^not computable: hardware unknown$' 'and the reason'
like "$(cat "$out")" 'nvidia-smi -L' 'and what would allow it'
unlike "$(cat "$out")" 'kWh' 'and no figure'
jb estimate --accelerator withheld --duration 1h --json
is "$rc" 5 'hardware withheld: exit code 5'
is "$(json "$out" '(d["is_computable"], d["energy_uj"], "withheld" in d["why_not"])')" '(False, None, True)' 'no figure, and the reason'
jb estimate --accelerator 'RTX 2080'
is "$rc" 5 'no time: exit code 5'
fails 2 "option '--duration': '12' is not a time: it has no unit" 'a time without a unit' estimate --accelerator x --duration 12
fails 2 'how far off may it be' 'about' estimate --accelerator x --duration '~12 h'
fails 2 'nothing is said of the work' 'nothing' estimate
fails 3 "accelerator 'RTX 9999'" 'a board that does not exist' estimate --accelerator 'RTX 9999' --duration 1h
fails 3 "Atlantis" 'a place that does not exist' estimate --accelerator 'RTX 2080' --duration 1h --place Atlantis
printf 'accelerator: RTX 2080\nduration: 12\n' >"$JB_TMP/bad.yaml"
fails 3 "bad.yaml:2:11: 'duration': '12' is not a time" 'a file with a mistake' estimate "$JB_TMP/bad.yaml"
printf 'acelerator: RTX 2080\n' >"$JB_TMP/bad.yaml"
fails 3 "bad.yaml:1:1: there is no 'acelerator'" 'a misspelt key' estimate "$JB_TMP/bad.yaml"
like "$(cat "$err")" "did you mean 'accelerator'" 'with the nearest'
fails 3 'cannot read' 'a file that is not there' estimate "$JB_TMP/none.yaml"
is "$(test -e "$JOULEBOOK_BOOK" && echo there)" '' 'so far there is no book'

fails 2 'needs a name' 'what is entered has a name' estimate --accelerator 'RTX 2080' --duration 1h --enter
jb_ok 'an estimate is entered' estimate "$JB_TMP/work.yaml" --enter --start 2021-01-01 --json
id=$(json "$out" 'd["run_id"]')
energy=$(json "$out" 'd["energy_uj"]["best"]')
jb runs --json
is "$(json "$out" '[(r["id"], r["project"], r["model"], r["energy_uj"]["best"]) for r in d]')" "[('$id', 'bank', 'classifier', $energy)]" 'as a run'
jb_ok 'again' estimate "$JB_TMP/work.yaml" --enter --start 2021-01-01 --json
is "$(json "$out" 'd["run_id"]')" "$id" 'it is there already'
jb_ok 'with other figures' estimate "$JB_TMP/work.yaml" --enter --start 2021-01-01 --duration 100h --json
is "$(test "$(json "$out" 'd["run_id"]')" != "$id" && echo other)" other 'it is another run'
jb runs --json
is "$(json "$out" 'len([r for r in d if r["status"] != "void"])')" 1 'in place of the first'
jb_ok 'without a moment' estimate "$JB_TMP/work.yaml" --enter --model other --json
id=$(json "$out" 'd["run_id"]')
jb_ok 'again without one' estimate "$JB_TMP/work.yaml" --enter --model other --json
is "$(json "$out" 'd["run_id"]')" "$id" 'it is there already too'
jb_ok 'the book balances' balance
jb estimate --duration 1h --enter --model x
is "$rc" 5 'what is not computable is not entered'
done_testing
