#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Documents of others: each is what its format asks for, and what we read ourselves is the same again. R-EXPORT-01 to -11.
# Run ...0001 is 2500 J of a processor and 500 J of memory in 60 s, run ...0002 100 J in 10 s (tests/unit/make_book.c).
. tests/cli/lib_book.sh

jb report --help
for name in hf-card codecarbon; do
    like "$(cat "$out")" "^  $name +[A-Za-z]" "$name is listed by --help"
    ok "$name is in the manual" grep -qF ".It Cm $name" docs/man/joulebook-report.1
    ok "$name is completed" grep -qE "text json csv.*\\b$name\\b" completions/joulebook.bash
done

jb report --format hf-card
is "$rc" 2 'which runs must be said'
like "$(cat "$err")" 'it is not said which runs' 'in words'
jb report "$R1" --project vision --format hf-card
is "$rc" 2 'a run and a selection are not both taken'
jb report --model nobody --format hf-card
is "$rc" 3 'nothing selected is refused'
jb report "$R1" --format hf-card --layer predicted
is "$rc" 2 'a plan has no document'
for wrong in '--embodied 12' '--embodied -1kg' '--offset-price 25' '--offset-price EUR' '--offset-price 25eur'; do
    # shellcheck disable=SC2086
    jb report "$R1" --format hf-card $wrong
    is "$rc" 2 "$wrong is refused"
done

# The card: grams, as the account has micrograms.
jb report "$R1" --format json
grams=$(json "$out" 'str(d["location_ugco2e"]["best"] / 1e6)')
jb_ok 'a model card' report "$R1" --format hf-card -o "$JB_TMP/README.md"
is "$(cat "$out")" '' '-o leaves nothing for standard output'
is "$(sed -n 's/^  emissions: //p' "$JB_TMP/README.md")" "$grams" 'the grams of the account'
jb_ok 'our importer reads it' import hf-card "$JB_TMP/README.md" --dry-run --json --book "$JB_TMP/card.db"
is "$(json "$out" 'd["n_new"]')" 1 'as one run'

# CodeCarbon: the same microjoules, micrograms and nanoseconds again.
jb_ok 'rows of CodeCarbon' report --since 2026-01-01 --format codecarbon -o "$JB_TMP/emissions.csv"
is "$(wc -l <"$JB_TMP/emissions.csv")" 3 'a row for each run that counts'
export JOULEBOOK_BOOK=$JB_TMP/second.db
jb_ok 'our importer reads them' import codecarbon "$JB_TMP/emissions.csv" --utc-offset 0 --json
is "$(json "$out" '[(r["key"], r["energy_uj"]["best"]) for r in d["runs"]]')" "[('$R1', 3000000000), ('$R2', 100000000)]" \
    'the same energy to the microjoule (R-EXPORT-11)'
jb runs --json
is "$(json "$out" 'sorted((r["duration_ns"], r["project"], r["end_utc_us"]) for r in d)')" \
    "[(10000000000, 'nlp', 1767225810000000), (60000000000, 'vision', 1767225760000000)]" 'the same time'
done_testing
