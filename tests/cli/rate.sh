#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trainings beside references whose quartiles follow by hand, and a project's accuracy against its energy. R-RATING-01 to -13, -20 to
# -22, R-PARETO-01 to -05.
. tests/cli/lib.sh
make_book=$JB_BUILD/tests/unit/make_book
[ -x "$make_book" ] || skip_all "no $make_book yet"
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
"$make_book" "$JOULEBOOK_BOOK" search || { echo 'Bail out! make_book failed'; exit 1; }
r() { printf '019b7700-000%d-7000-8000-00000000000%d' "$1" "$1"; }

# Source a: 100, 200, 400, 800 J, 1/5 each; b: 1600 J, 1/2. Quartiles as in tests/unit/test_weigh.c: 2^0.125 steps above 200 J,
# 2^0.75 above 400 J, 2^(11/14) above 800 J.
header=reference_1,source,application,architecture,stage,boundary,basis,pue_included,energy_j
refs() { # SOURCE-OF-THE-LAST BOUNDARY
    echo "$header"
    for i in 100 200 400 800; do echo "r$i,a,image-classification,cnn,train,$2,measured,no,$i"; done
    echo "r1600,$1,image-classification,cnn,train,$2,measured,no,1600"
}
refs b components >"$JB_TMP/refs.csv"
refs a components >"$JB_TMP/one.csv"
refs b boards >"$JB_TMP/boards.csv"

jb_ok 'a training is rated' rate "$(r 4)" --reference "$JB_TMP/refs.csv" --relax size --per run --json
is "$(json "$out" '(lambda r: (r["is_rated"], r["verdicts"], [r["class"][k] for k in ("n_runs", "n_sources", "measure", "unit")]))(d["ratings"][0])')" \
    "(True, ['normal'], [5, 2, 'run', 'mJ'])" '360 J are normal'
is "$(json "$out" '[round(d["ratings"][0]["class"][k] / 1e6, 4) for k in ("q1", "median", "q3")]')" \
    "[0.2181, 0.6727, 1.3792]" 'quartiles by hand, in kJ'
is "$(json "$out" '(lambda p: p["low"] <= p["best"] <= p["high"])(d["ratings"][0]["percentile_ppm"])')" True 'with a band'
jb_ok 'another' rate "$(r 2)" --reference "$JB_TMP/refs.csv" --relax size --per run
like "$(cat "$out")" '^verdict +low$' '180 J are low'
like "$(cat "$out")" '5 runs of 2 sources' 'with the number of runs and of sources'
jb_ok 'a third' rate last --reference "$JB_TMP/refs.csv" --relax size --per run
like "$(cat "$out")" '^verdict +high$' '1440 J are high'

jb rate last --reference "$JB_TMP/refs.csv" --per run
is "$rc" 5 'references of untold size are no class of a size'
like "$(tr -s ' \n' ' ' <"$out")" 'no comparable reference.*--relax size --per run' 'the nearest class is told, with the option that takes it'
jb rate last --reference "$JB_TMP/one.csv" --relax size
is "$rc" 5 'five runs of one source are none'
like "$(cat "$out")" '5 runs of 1 source by the same method; 5 of 2 are needed' 'and what is lacking is said'
jb rate last --reference "$JB_TMP/boards.csv" --relax size
is "$rc" 5 'nor those of boards for a processor'
jb_ok 'unless any method is asked for' rate last --reference "$JB_TMP/boards.csv" --relax size --any-method
like "$(cat "$out")" 'any method' 'and then the answer says so'
jb rate last
is "$rc" 5 'the catalogue has none by this method'

jb_ok 'beside the own book' rate "$(r 3)" --reference book --json
is "$(json "$out" '(d["n_references"], [d["ratings"][0]["class"][k] for k in ("n_runs", "n_sources", "measure", "size")])')" \
    "(8, [7, 2, 'parameter', 'same'])" 'all but itself, of two projects'
jb_ok 'a project' rate --project vision --reference book --csv
is "$(grep -c , "$out")" 7 'a title and a line each'
jb_ok 'a model' rate --model classifier --reference book --json
is "$(json "$out" '(lambda r: (r["run"], r["stage"], r["n_runs"], r["is_rated"]))(d["ratings"][-1])')" "(None, 'full-r&d', 8, False)" \
    'the whole of it is one more'
jb_ok 'several references' rate "$(r 3)" --reference book --reference "$JB_TMP/refs.csv" --relax size --per run --json
is "$(json "$out" 'd["ratings"][0]["class"]["n_runs"]')" 7 'of a class that has enough in its own size'

jb_ok 'references are shared' rate --project vision --share "$JB_TMP/share.csv" --as 'Lab, one'
jb_ok 'and read' rate --project twin --reference "$JB_TMP/share.csv" --reference book --json
is "$(json "$out" '(d["n_references"], d["ratings"][0]["class"]["n_sources"])')" '(14, 2)' \
    'the same trainings from two sides are no two sources'

printf '%s\n%s\n' "$header" 'x,a,image-classification,cnn,train,gpu,measured,no,1' >"$JB_TMP/bad.csv"
jb rate last --reference "$JB_TMP/bad.csv"
is "$rc" 3 'a file with a mistake is refused'
like "$(cat "$err")" 'bad.csv:2:36: .*gpu' 'with line and column'
jb rate last --reference "$JB_TMP/none.csv"
ok 'a file that is not there too' test "$rc" -ne 0
for wrong in '--per gram' '--relax stage' '--metric accuracy' '--worth 3' '--as me' '--share x'; do
    # shellcheck disable=SC2086  # two words
    jb rate last $wrong
    is "$rc" 2 "$wrong is wrong use"
done

# --- accuracy against energy: 360, 540, 720, 1080, 2520, 5400 J; 0.50, none, 0.70, 0.65, 0.80, 0.82 -----------------------------
jb_ok 'a metric against energy' rate --pareto --project vision --metric accuracy --json --svg "$JB_TMP/p.svg"
is "$(json "$out" '[(p["cumulative_uj"] // 10**6, p["marginal_uj_per_point"], p["is_record"], p["is_frontier"]) for p in d["points"]]')" \
    '[(360, None, True, False), (720, 18000000, True, True), (1080, None, False, False), (2520, 180000000, True, True), (5400, 1440000000, True, True)]' \
    '18, 180 and 1440 J a point'
is "$(json "$out" '(d["stop"]["rule"], d["stop"]["run"], d["stop"]["after_uj"], d["stop"]["after_gain_nano"], d["n_without_metric"])')" \
    "('knee', '$(r 3)', 4680000000, 120000000, 1)" 'the knee is the third'
is "$(/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as e; print(sum(1 for c in e.parse(sys.argv[1]).iter() if c.tag.endswith("circle")))' \
    "$JB_TMP/p.svg")" 5 'the picture has five runs'
like "$(cat "$JB_TMP/p.svg")" '0.70?: worth it up to here' 'and where it stops'
unlike "$(cat "$JB_TMP/p.svg")" 'href|script|url\(' 'and needs nothing else'
jb_ok 'with a price' rate --pareto --project vision --metric accuracy --worth 0.05
like "$(cat "$out")" 'worth it up to 019b7700-0005-7000' 'at 0.05 Wh = 180 J a point the fifth was worth it'
jb_ok 'as CSV' rate --pareto --project vision --metric accuracy:max --csv
is "$(grep -c , "$out")" 6 'a title and a line each'
jb rate --pareto --project vision --metric zeal
is "$rc" 3 'a metric that is not there'
like "$(cat "$err")" 'accuracy' 'those that are there are told'
jb rate --pareto --project vision
is "$rc" 2 'no metric is wrong use'

# The hint of a metric that is not there does what it says.
jb_ok 'a run that marks nothing' run --book "$JB_TMP/mark.db" --model first -- true
jb rate --pareto --model first --metric accuracy --book "$JB_TMP/mark.db"
hint=$(sed -n 's/.*while the run goes: joulebook //p' "$err")
ok 'a run that does as the hint says' "$JOULEBOOK" run --book "$JB_TMP/mark.db" --model second -- sh -c "\"$JOULEBOOK\" $hint"
jb_ok 'has the metric' rate --pareto --model second --metric accuracy --book "$JB_TMP/mark.db"
done_testing
