#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One run's account: for people, as JSON, as CSV, to a file.
. tests/cli/lib_book.sh

jb_ok 'a run is shown' show "$R1"
golden show.txt 'headline, devices, views, epochs, notes'
jb_ok 'the last run is shown' show
like "$(cat "$out")" "^run $R3\$" 'which is the newest'
like "$(cat "$out")" '^energy unknown$' 'and has no energy yet'
like "$(cat "$out")" 'the run has not ended' 'which is said'
jb_ok 'a beginning of the id will do' show 019b7700-0002
golden interrupted.txt 'a gap and an interruption are told'
jb show 019b7700
is "$rc" 3 'an ambiguous beginning is refused'
jb show 0199
is "$rc" 3 'and one of no run'

jb_ok 'JSON' report "$R1" --format json
is "$(json "$out" 'd["schema"]')" joulebook.account/1 'has its schema'
# 2500 J + 500 J; 1 % of either meter, which are of one kind and err together: 30 J
is "$(json "$out" '[d["energy_uj"][k] for k in ("low", "best", "high")]')" '[2970000000, 3000000000, 3030000000]' \
    'the headline'
is "$(json "$out" 'sum(l["run_uj"]["best"] for l in d["lines"] if l["role"] == "post") == d["energy_uj"]["best"]')" True \
    'is the sum of its lines'
is "$(json "$out" 'all(l["run_uj"]["best"] + l["idle_uj"] + l["others_uj"] == l["total_uj"]["best"] for l in d["lines"] if l["role"] == "post")')" \
    True 'and the parts of each meter are the whole'
is "$(json "$out" '[e["run_uj"] for e in d["epochs"]]')" '[1500000000, 1500000000]' 'epochs have their energy'
is "$(json "$out" 'd["run"]["command"]')" 'python3 train.py --run 1 --key hunter2' 'and the run its facts'
cp "$out" "$JB_TMP/json"
jb show "$R1" --json
is "$(json "$JB_TMP/json" 'd == {**json.load(open("'"$out"'")), "report": d["report"]}')" True 'show --json is the same without the report'
is "$(json "$JB_TMP/json" 'd["report"]["schema"]')" joulebook.report/1 'which has its own schema'

jb_ok 'CSV' report "$R1" --format csv
is "$(wc -l <"$out")" 4 'has a title line and one for each channel'
is "$(awk -F, '$3 == "rapl/dram-0" { print $10 }' "$out")" 500000000 'with its energy'

jb_ok 'a report goes to a file' report "$R1" -f csv -o "$JB_TMP/run.csv"
ok 'as it goes to a pipe' bash -c "'$JOULEBOOK' report $R1 -f csv | cmp - '$JB_TMP/run.csv'"
is "$(wc -c <"$out")" 0 'and not to standard output as well'
jb report "$R1" -o "$JB_TMP/none/run.txt"
is "$rc" 3 'a folder that is not there is refused'
jb report "$R1" --format xml
is "$rc" 2 'a format that does not exist is wrong use'
like "$(cat "$err")" 'hint: text, json, csv, html, pdf' 'and the hint lists them'

# A terminal gets colour, unless it does not want any.
if command -v script >/dev/null; then
    like "$(TERM=xterm script -qec "'$JOULEBOOK' show $R1" /dev/null)" $'\033\\[1m' 'colour on a terminal'
    unlike "$(TERM=xterm NO_COLOR=1 script -qec "'$JOULEBOOK' show $R1" /dev/null)" $'\033' 'none with NO_COLOR'
else
    skip 'no script(1)'
fi
done_testing
