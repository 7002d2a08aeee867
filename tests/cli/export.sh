#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Documents of others: each is what its format asks for, and what we read ourselves is the same again. R-EXPORT-01 to -17.
# Run ...0001 is 2500 J of a processor and 500 J of memory in 60 s, run ...0002 100 J in 10 s (tests/unit/make_book.c).
. tests/cli/lib_book.sh

jb report --help
for name in hf-card codecarbon boamps spdx3 cyclonedx sci focus eu-form; do
    like "$(cat "$out")" "^  $name +[A-Za-z]" "$name is listed by --help"
    ok "$name is in the manual" grep -qF ".It Cm $name" docs/man/joulebook-report.1
    ok "$name is completed" grep -qE "text json csv.*\\b$name\\b" completions/joulebook.bash
done

jb report --format hf-card
is "$rc" 2 'which runs must be said'
like "$(cat "$err")" 'it is not said which runs' 'in words'
jb report "$R1" --project vision --format hf-card
is "$rc" 2 'a run and a selection are not both taken'
jb report "$R1" --format hf-card --json
is "$rc" 2 'one format at a time'
jb report --model nobody --format hf-card
is "$rc" 3 'nothing selected is refused'
jb report "$R1" --format hf-card --layer predicted
is "$rc" 2 'a plan has no document'
for wrong in 'sci --embodied 12' 'sci --embodied -1kg' 'sci --functional-unit epoch' 'focus --offset-price 25' 'focus --offset-price EUR' \
    'focus --offset-price 25eur' 'sci --offset-price 25EUR' 'hf-card --embodied 1kg' 'json --functional-unit run'; do
    # shellcheck disable=SC2086  # a format and an option
    jb report "$R1" --publisher Lab --format $wrong
    is "$rc" 2 "--format $wrong is refused"
    ok 'and says it' test -s "$err"
done

# The card: grams, as the account has micrograms.
jb report "$R1" --format json
grams=$(json "$out" 'str(d["location_ugco2e"]["best"] / 1e6)')
jb_ok 'a model card' report "$R1" --format hf-card -o "$JB_TMP/README.md"
is "$(cat "$out")" '' '-o leaves nothing for standard output'
is "$(sed -n 's/^  emissions: //p' "$JB_TMP/README.md")" "$grams" 'the grams of the account'
jb_ok 'our importer reads it' import hf-card "$JB_TMP/README.md" --dry-run --json --book "$JB_TMP/card.db"
is "$(json "$out" 'd["n_new"]')" 1 'as one run'

# check FORMAT FILE: by its schema, or by the rules of its specification.
check() {
    /usr/bin/python3 tests/tools/export_check.py "$1" "$2" >"$JB_TMP/wrong"
    case $? in
    0) pass "$1 is what its specification asks for" ;;
    77) skip "$1: python3-jsonschema is not installed" ;;
    *) fail "$1 is what its specification asks for" "$(cat "$JB_TMP/wrong")" ;;
    esac
}
# With PUE 1.25 and 0.30 EUR a kWh run ...0001 is 3000 + 750 J, 0.000313 EUR.
jb_ok 'a tariff and a PUE' amend "$R1" tariff=0.30 currency=EUR pue=1.25 --reason 'told later'
jb_ok 'and of the other run' amend "$R2" tariff=0.30 currency=EUR --reason 'told later'
for name in cyclonedx spdx3 boamps; do
    for publisher in '' 'Lab "A", 2nd'; do
        jb_ok "$name of a run" report "$R1" --format "$name" --publisher "$publisher" -o "$JB_TMP/$name"
        check "$name" "$JB_TMP/$name"
    done
done
is "$(json "$JB_TMP/cyclonedx" 'd["components"][0]["modelCard"]["considerations"]["environmentalConsiderations"]["energyConsumptions"][0]["activityEnergyCost"]')" \
    "{'value': 0.0010416666667, 'unit': 'kWh'}" '3750 J are 0.00104167 kWh'
is "$(json "$JB_TMP/spdx3" '[o["ai_energyConsumption"]["ai_trainingEnergyConsumption"][0]["ai_energyQuantity"] for o in d["@graph"] if o["type"] == "ai_AIPackage"]')" \
    "['0.0010416666667']" 'in the AI package too'
jb_ok 'the score of a run' report "$R1" --format sci --embodied '12.5 kg'
is "$(json "$out" '(round(d["operational"]["carbon_g"] + 12500 - d["score"]["best"], 6), d["is_complete"], d["embodied"]["carbon_g"])')" \
    '(0.0, True, 12500)' 'is operation and 12.5 kg of the hardware'
jb report "$R1" --format sci --functional-unit token
is "$rc" 3 'no score by what is not known'
like "$(cat "$err")" "run '$R1' does not tell its tokens" 'with what is missing'
jb_ok 'the form of the EU' report "$R1" --format eu-form
like "$(cat "$out")" '^1\.04×10\^-6 MWh \(measured\)$' '3750 J are 1.04e-6 MWh'
jb report "$R1" --format focus
is "$rc" 2 'rows of a charge need a publisher'

# FOCUS: valid, and our importer reads the same energy and cost again.
jb_ok 'rows of FOCUS' report --since 2026-01-01 --format focus --publisher Lab --offset-price '25 EUR' -o "$JB_TMP/focus.csv"
check focus "$JB_TMP/focus.csv"
is "$(wc -l <"$JB_TMP/focus.csv")" 6 'work, building and offset of the one run, work and offset of the other'
jb_ok 'our importer reads them' import focus "$JB_TMP/focus.csv" --by resource --json --book "$JB_TMP/focus.db"
is "$(json "$out" '[(r["name"], r["energy_uj"]["best"], r["costs"][0]["billed_micro"]) for r in d["runs"]]')" \
    "[('$R1', 3750000000, 313), ('$R2', 100000000, 8)]" 'the same energy to the microjoule, the same cost to the millionth'
is "$(json "$out" '[(l["reason"], l["n_rows"]) for l in d["left"]]')" "[('purchase', 2)]" 'an offset is no energy'

# BoAmps: the same IT energy again.
jb_ok 'our importer reads the report' import boamps "$JB_TMP/boamps" --json --utc-offset 0 --book "$JB_TMP/boamps.db"
is "$(json "$out" '[r["energy_uj"]["best"] for r in d["runs"]]')" '[3000000000]' 'the same IT energy to the microjoule'
jb runs --json --book "$JB_TMP/boamps.db"
is "$(json "$out" '[(r["duration_ns"], r["model"], r["project"], r["start_utc_us"]) for r in d]')" \
    "[(60000000000, 'resnet50', 'vision', 1767225700000000)]" 'the same time, model and project'

# CodeCarbon: the same microjoules, micrograms and nanoseconds again.
jb_ok 'rows of CodeCarbon' report --since 2026-01-01 --format codecarbon -o "$JB_TMP/emissions.csv"
check codecarbon "$JB_TMP/emissions.csv"
is "$(wc -l <"$JB_TMP/emissions.csv")" 3 'a row for each run that counts'
export JOULEBOOK_BOOK=$JB_TMP/second.db
jb_ok 'our importer reads them' import codecarbon "$JB_TMP/emissions.csv" --utc-offset 0 --json
is "$(json "$out" '[(r["key"], r["energy_uj"]["best"]) for r in d["runs"]]')" "[('$R1', 3000000000), ('$R2', 100000000)]" \
    'the same energy to the microjoule (R-EXPORT-11)'
jb report "$R1" --format json --book "$JB_TMP/book.db"
is "$(awk -F, 'NR == 2 { printf "%.0f", $6 * 1e9 }' "$JB_TMP/emissions.csv")" "$(json "$out" 'd["location_ugco2e"]["best"]')" \
    'kilograms hold the last microgram'
# Its row holds PUE 1.25: 3750 J are written and 3000 J read.
is "$(awk -F, 'NR == 2 { print $14, $37 }' "$JB_TMP/emissions.csv")" '0.0010416666667 1.25' 'energy was written with the PUE'
jb runs --json
is "$(json "$out" 'sorted((r["duration_ns"], r["project"], r["end_utc_us"]) for r in d)')" \
    "[(10000000000, 'nlp', 1767225810000000), (60000000000, 'vision', 1767225760000000)]" 'the same time'
done_testing
