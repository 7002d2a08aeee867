#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A cloud's bill into the book: every row in a run or among the reasons, once, superseded, or not at all. R-BILL-09 to -17.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
bills=tests/data/bills

jb_ok 'a dry run' import focus $bills/focus-1.0.csv --dry-run --json
is "$(json "$out" '(d["n_rows"], d["n_rows_entered"], d["n_rows_left"], d["n_runs"])')" '(11, 4, 7, 2)' 'tells of every row'
is "$(json "$out" 'sum(l["n_rows"] for l in d["left"]) + sum(r["n_rows"] for r in d["runs"])')" 11 'runs and reasons hold them all'
is "$(json "$out" '[sum(c["billed_micro"] for c in d[k]) for k in ("costs", "costs_entered", "costs_left")]')" \
    '[4245001, 8350000, -4104999]' 'and their costs, as by hand'
ok 'and makes no book' test ! -e "$JOULEBOOK_BOOK"

jb_ok 'a bill' import focus $bills/focus-1.0.csv --json
is "$(json "$out" '[(r["project"], r["region"], r["place"], r["instance_us"], r["state"]) for r in d["runs"]]')" \
    "[('alpha', 'eu-west-1', 'IE', 9000000000, 'new'), ('beta', 'eu-west-1', 'IE', 0, 'new')]" \
    'is a run for each sub-account and region, with its zone'
# p3.2xlarge is one V100 of 300 W, of which boards in training draw 0.739 at best: 2.5 h of it.
is "$(json "$out" '[round(l["energy_uj"]["best"] / 3.6e9) for l in d["runs"][0]["lines"] if l["device"] == "gpu"]')" '[554]' \
    'a V100 for two and a half hours: 300 W x 0.739 x 2.5 h = 554 Wh'
is "$(json "$out" '[l["energy_uj"] for l in d["runs"][1]["lines"] if "told" in l["channel"]]')" \
    "[{'best': 5400000000000, 'high': 5400000000000, 'low': 5400000000000}]" 'kWh of the bill itself are taken as they are'
ids=$(json "$out" '" ".join(r["run_id"] for r in d["runs"])')
jb_ok 'the book balances' balance
jb_ok 'a run of it is shown' show "${ids%% *}" --json
is "$(json "$out" '(d["run"]["project"], d["method"], d["origin_uj"]["billed"] == d["energy_uj"]["best"])')" "('alpha', 'B', True)" \
    'its energy is by bill'
jb_ok 'with its notes' show "${ids%% *}"
ok 'and no exit code, which no bill tells' grep -q 'on focus, done$' "$out"
like "$(cat "$out")" 'billed USD 7.65 in this bill' 'its cost is a note'
like "$(cat "$out")" 'does not tell how busy boards were' 'and what the bill does not tell'

jb_ok 'the same file again' import focus $bills/focus-1.0.csv --json
is "$(json "$out" '(d["n_same"], d["n_new"], " ".join(r["run_id"] for r in d["runs"]))')" "(1, 0, '$ids')" 'changes nothing (R-BILL-16)'
gzip -c $bills/focus-1.0.csv >"$JB_TMP/same.csv.gz"
jb_ok 'the same in gzip' import focus "$JB_TMP/same.csv.gz" --json
is "$(json "$out" '(d["n_same"], d["n_superseded"])')" '(1, 0)' 'neither'
cat >"$JB_TMP/cut.py" <<'EOF'
import csv, sys

# Rows of a bill in other files; a field may hold a newline.
source, turned, one, two = sys.argv[1:]
rows = list(csv.reader(open(source, newline="")))
for path, some in ((turned, rows[:0:-1]), (one, rows[1:5]), (two, rows[5:])):
    csv.writer(open(path, "w", newline="")).writerows([rows[0]] + some)
EOF
python3 "$JB_TMP/cut.py" $bills/focus-1.0.csv "$JB_TMP/turned.csv" "$JB_TMP/one.csv" "$JB_TMP/two.csv"
jb_ok 'the rows in another order' import focus "$JB_TMP/turned.csv" --json
is "$(json "$out" '(d["n_same"], d["n_superseded"])')" '(1, 0)' 'neither'
jb_ok 'the bill in two files' import focus "$JB_TMP/two.csv" "$JB_TMP/one.csv" --json
is "$(json "$out" '(d["n_same"], d["n_superseded"])')" '(1, 0)' 'is one reading of it'

sed 's/,2\.000000000000000,"Hours"/,4.000000000000000,"Hours"/' $bills/focus-1.0.csv >"$JB_TMP/newer.csv"
jb_ok 'a newer export' import focus "$JB_TMP/newer.csv" --json
is "$(json "$out" '(d["n_superseded"], d["runs"][0]["instance_us"])')" '(1, 16200000000)' 'takes its place: four and a half hours'
is "$(json "$out" '(d["n_voided"], d["n_rows_before"], d["n_rows_after"], d["n_shrunk"])')" '(2, 11, 11, 0)' \
    'two runs of before are out, eleven rows for eleven'
jb_ok 'the book still balances' balance
jb_ok 'the runs' runs --all --json
is "$(json "$out" '(len(d), sum(1 for r in d if r["status"] == "done"), sum(1 for r in d if r["status"] == "void"))')" '(4, 2, 2)' \
    'the older ones are void'
jb_ok 'hours billed against logged' balance --against bills --json
is "$(json "$out" 'round(d["all"]["told"]["machine_ns"] / 3.6e12, 1)')" 4.5 \
    '4.5 h of machines, once; functions and kWh have no machine hours (R-BILL-14)'
is "$(json "$out" 'd["all"]["told"]["n_timeless"]')" 1 'the run of functions and kWh is counted'

jb_ok 'another rule' import focus $bills/focus-1.0.csv --by tag:project --json
is "$(json "$out" '[(r["name"], r["n_rows"]) for r in d["runs"]]')" "[('', 2), ('vision', 2)]" 'makes other runs of the same bill'
jb_ok 'a stated project' import focus $bills/focus-1.0.csv --by tag:project --project rent --json
is "$(json "$out" '(d["n_superseded"], {r["project"] for r in d["runs"]}, d["runs"][1]["name"])')" "(1, {'rent'}, 'vision')" 'goes before the tag'
id=$(json "$out" 'd["runs"][1]["run_id"]')
jb_ok 'the tag stays' show "$id" --json
is "$(json "$out" 'sorted(d["run"]["tags"])')" "['project=vision', 'region=eu-west-1']" 'as a tag of the run'

jb_ok 'no mark-up' import focus $bills/focus-1.0.csv --dry-run --json
plain=$(json "$out" 'd["runs"][0]["energy_uj"]["best"]')
jb_ok 'a mark-up' import focus $bills/focus-1.0.csv --dry-run --json --markup 20%
is "$(json "$out" 'd["runs"][0]["energy_uj"]["best"] * 10 // 12')" "$plain" 'adds a fifth to the machines of its run'
is "$(json "$out" '[l["reason"] for l in d["left"] if "mark" in l["reason"]]')" "['service of a run without machines to mark up']" \
    'a fifth of nothing is nothing, and a reason'
jb import focus $bills/focus-1.0.csv --markup lots
is "$rc" 2 'a mark-up that is no share is refused'
jb import focus $bills/focus-1.0.csv --by colour
is "$rc" 2 'a rule that is none is refused'
like "$(cat "$err")" 'tag:NAME' 'with those there are'
jb import focus $bills/focus-1.0.csv --cluster ham
is "$rc" 2 'an option of other papers is refused'

JOULEBOOK_BOOK=$JB_TMP/part.db jb_ok 'a whole bill' import focus $bills/focus-1.0.csv
JOULEBOOK_BOOK=$JB_TMP/part.db jb_ok 'one of two files of a bill' import focus "$JB_TMP/one.csv"
like "$(cat "$out")" 'rows before 11, now 4' 'says how many rows it takes the place of'
like "$(cat "$out")" 'warning: 1 bill has fewer rows or hours than before' 'and that they are fewer (R-BILL-15)'

sed 's/2\.000000000000000/1.000000000000000/g' $bills/focus-1.0.csv >"$JB_TMP/less.csv"
JOULEBOOK_BOOK=$JB_TMP/part.db jb_ok 'the whole again' import focus $bills/focus-1.0.csv
unlike "$(cat "$out")" 'warning' 'is more than the part, and no warning'
JOULEBOOK_BOOK=$JB_TMP/part.db jb_ok 'as many rows of fewer hours' import focus "$JB_TMP/less.csv" --json
is "$(json "$out" '(d["n_rows_before"], d["n_rows_after"], d["machine_us_before"], d["machine_us_after"], d["n_shrunk"])')" \
    '(11, 11, 9000000000, 5400000000, 1)' 'is told too: two and a half hours are one and a half'

# A quarter of an hour of the two and a half is taken back, in another currency.
{
    cat $bills/focus-1.0.csv
    sed -n 3p $bills/focus-1.0.csv | sed 's/"USD"/"EUR"/; s/0\.500000000000000/-0.25/'
} >"$JB_TMP/back.csv"
jb_ok 'usage taken back' import focus "$JB_TMP/back.csv" --dry-run --json
is "$(json "$out" '(d["runs"][0]["instance_us"], d["n_rows_left"])')" '(8100000000, 7)' \
    'is off the hours of the same machines, whatever its currency (R-BILL-10)'

cp "$JB_TMP/newer.csv" "$JB_TMP/broken.csv"
echo '"1","42"' >>"$JB_TMP/broken.csv"
cp "$JOULEBOOK_BOOK" "$JB_TMP/before.db"
jb import focus "$JB_TMP/broken.csv"
is "$rc" 3 'a broken bill is refused'
like "$(cat "$err")" 'line 14' 'with its line'
jb_ok 'the runs after it' runs --json
is "$(json "$out" 'sum(1 for r in d if r["status"] == "done")')" 2 'nothing of it is entered'

for format in aws-cur:aws-cur-2 aws-cur:aws-cur-legacy azure:azure-ea azure:azure-mca gcp:gcp; do
    file=$bills/${format#*:}.csv
    jb_ok "${format#*:}" import "${format%%:*}" "$file" --json
    is "$(json "$out" '(d["n_rows"] == d["n_rows_entered"] + d["n_rows_left"] == sum(r["n_rows"] for r in d["runs"]) + sum(l["n_rows"] for l in d["left"]), d["n_runs"] > 0)')" \
        '(True, True)' 'every row is in a run or has a reason'
    is "$(json "$out" '{c["currency"]: c["billed_micro"] for c in d["costs"]} == {c["currency"]: c["billed_micro"] + sum(l["billed_micro"] for l in d["costs_left"]) for c in d["costs_entered"]}')" \
        True 'and so has every cent'
done
jb_ok 'the book balances with all of them' balance

real=${JB_REAL:-../shared/real}/focus/focus-1.0-sample-400.csv
if [ -r "$real" ]; then
    jb_ok 'the 400 real rows' import focus "$real" --json
    is "$(json "$out" '(d["n_rows"], d["n_rows_entered"], d["n_rows_left"])')" '(400, 16, 384)' 'every row is in a run or has a reason'
    cat >"$JB_TMP/by_hand.py" <<'EOF'
import csv, decimal, re, sys

# Sums that need nothing of ours: hours of what the descriptions call an instance hour, and all that was billed.
hours, cost = {}, decimal.Decimal(0)
for row in csv.DictReader(open(sys.argv[1], newline="")):
    cost += decimal.Decimal(row["BilledCost"])
    found = re.search(r"(\S+) Instance Hour", row["ChargeDescription"])
    if found:
        hours[found[1]] = hours.get(found[1], 0) + float(row["ConsumedQuantity"])
print(sorted(hours.items()), round(cost * 1000000))
EOF
    want=$(python3 "$JB_TMP/by_hand.py" "$real")
    got=$(python3 - "$out" <<'EOF'
import json, re, sys

d = json.load(open(sys.argv[1]))
hours = {}
for run in d["runs"]:
    for line in run["lines"]:
        kind = re.match(r"focus/aws (\S+?)( boards)?$", line["channel"])
        if kind and not kind[2]:
            hours[kind[1]] = hours.get(kind[1], 0) + float(line["basis"].split()[0])
print(sorted(hours.items()), sum(c["billed_micro"] for c in d["costs"]))
EOF
    )
    is "$got" "$want" 'hours by type and the cost agree with sums by hand'
    is "$(json "$out" 'sorted((l["channel"][10:], round(l["device_ns"] / 3.6e12, 2), round(l["energy_uj"]["best"] / 3.6e9, 1)) for r in d["runs"] for l in r["lines"] if l["device"] == "gpu")')" \
        "[('g3.4xlarge boards', 0.5, 110.8), ('g5.4xlarge boards', 1.0, 221.7)]" \
        'half of an M60 of 300 W is 150 W, an A10G 300 W: x 0.739 each'
    is "$(json "$out" '[r["place"] for r in d["runs"] if r["place"] == ""]')" '[]' 'every region is known'
    jb_ok 'the real rows again' import focus "$real" --json
    is "$(json "$out" '(d["n_same"], d["n_new"])')" '(1, 0)' 'change nothing'
    jb_ok 'the book balances still' balance
else
    skip 'the 400 real rows' "no $real"
fi

# Six projects of 0.6 GWh or so each: every run is told, their sum is beyond 64 bits of uJ.
{
    sed -n 1p $bills/focus-1.0.csv
    for project in alpha beta gamma delta epsilon zeta; do
        sed -n 2p $bills/focus-1.0.csv | sed "s/2.000000000000000/2400000/; s/\"alpha\"/\"$project\"/"
    done
} >"$JB_TMP/vast.csv"
jb_ok 'a vast bill' import focus "$JB_TMP/vast.csv" --dry-run --json
is "$(json "$out" '(d["energy_uj"], len(d["runs"]), all(r["energy_uj"]["best"] > 10**18 for r in d["runs"]))')" '(None, 6, True)' \
    'has no sum rather than a wrong one'
jb_ok 'as text' import focus "$JB_TMP/vast.csv" --dry-run
like "$(cat "$out")" 'together more than 2.56 GWh' 'which is said'
done_testing
