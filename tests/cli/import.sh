#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Power logs of others into the book: small ones whose energy is known by hand, and the recorded nodes of MLPerf where
# they lie beside the checkout. Rules R-IMPORT-01 to -08.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
logs=$JB_TMP/logs
mkdir "$logs"

# mllog TIME_MS KEY VALUE: one line as MLPerf's scripts write it; the times count from a full hour, 2024-05-10T11:00:00Z
mllog() {
    printf ':::MLLOG {"namespace": "", "time_ms": %d, "event_type": "POINT_IN_TIME", "key": "%s", "value": %s, "metadata": ""}\n' \
        $((1715338800000 + $1)) "$2" "$3"
}
# reading MS WATTS ...
readings() {
    while [ $# -gt 1 ]; do
        mllog "$1" power_reading "$2"
        shift 2
    done
}

# 100 W x 2 s + 200 W x 2 s + 300 W x 10 s (a gap) + 100 W x 2 s = 3800 J, of which 3000 J in 10 s are bridged; the one
# that steps back says nothing. The stop stamp is the start stamp.
{
    mllog 0 power_measurement_start null
    readings 2000 50 4000 100 6000 200 16000 300 15900 900 18000 100
    mllog 0 power_measurement_stop '"null"'
} >"$logs/8x--case--node_0.txt"
# 10 W x 2 s = 20 J
{
    mllog 2000 power_measurement_start null
    echo 'somebody else'\''s output'
    readings 2000 10 4000 10.0
    mllog 4000 power_measurement_stop null
} >"$logs/8x--case--node_1.txt"
mllog 0 interconnect_power_est 16100 >"$logs/8x--case--sw_0.txt"

jb_ok 'several nodes are imported as one run' import mlperf-power "$logs"/8x--case--*.txt --json --model resnet --project mlperf
cp "$out" "$JB_TMP/first"
is "$(json "$out" 'd["energy_uj"]')" 3820000000 'reading x time since the one before it, to the microjoule'
is "$(json "$out" '[n["node"] for n in d["nodes"]]')" "['node_0', 'node_1', 'sw_0']" 'nodes are named after their files'
is "$(json "$out" '(d["nodes"][0]["interpolated_ns"], d["nodes"][0]["interpolated_uj"], d["nodes"][0]["n_gaps"], d["nodes"][0]["n_back"])')" \
    '(10000000000, 3000000000, 1, 1)' 'what lies in the gap is told apart (R-IMPORT-03)'
is "$(json "$out" 'd["nodes"][2]["is_used"]')" False 'the switch has no reading'
jb_ok 'the book balances' balance
jb runs --json
is "$(json "$out" '[(r["model"], r["project"], r["status"], r["group"]) for r in d]')" "[('resnet', 'mlperf', 'done', '')]" 'one run, with its facts'
jb_ok 'it is shown' show last --json
is "$(json "$out" '(d["energy_uj"]["best"], d["method"], d["origin_uj"]["gauge"])')" "(3820000000, 'C-1', 3820000000)" \
    'its account has the energy, by gauge (R-IMPORT-01)'
is "$(json "$out" 'sorted((l["channel"], l["total_uj"]["best"]) for l in d["lines"])')" \
    "[('mlperf-power/node_0', 3800000000), ('mlperf-power/node_1', 20000000)]" 'a line a node'
# 5 % of 3820 J, 2 s x the mean power of either node at each end, and what the gap leaves open: 3000 J may have been
# 50 W x 10 s, or 900 W x 10 s; the 2 s before the first reading may have held 900 W.
is "$(json "$out" 'd["energy_uj"]["low"] < 3820e6 - 191e6 - 2500e6 < d["energy_uj"]["low"] + 500e6')" True 'the band holds the least of the gap'
is "$(json "$out" 'd["energy_uj"]["high"] > 3820e6 + 191e6 + 6000e6 + 1800e6')" True 'and the most, and the time before the first reading'
is "$(json "$out" 'd["coverage"]')" \
    "{'counter_ns': 0, 'gauge_ns': 8000000000, 'interpolated_ns': 10000000000, 'unobserved_ns': 2000000000}" 'coverage: 18 s of 20 s'
notes=$(json "$out" '"\n".join(d["notes"])')
like "$notes" 'imported from 2 mlperf-power logs: read by a meter while it ran, and recorded by others' 'that others recorded it is told (R-IMPORT-01)'
like "$notes" 'node_0: 1 gap of more than 3 s between readings, the longest of 10 s: 10 s and 3000 J of the energy are interpolated' 'the gap is told (R-IMPORT-07)'
like "$notes" 'node_0: 1 reading steps back in time, by up to 0.1 s' 'the step back (R-IMPORT-04)'
like "$notes" 'the stop stamp equals the start stamp in 1 log' 'the missing stop stamp'
like "$notes" "sw_0 has no power reading and is not in here: 1 record of 'interconnect_power_est'" 'the file without readings'
like "$notes" '5 % is assumed' 'and the accuracy that was assumed (R-IMPORT-06)'
unlike "$notes" 'idle' 'nothing is said of an idle that nobody estimated'
jb_ok 'it is reported' report last --format csv
jb_ok 'and seen whole' show last

before=$(sha256sum <"$JOULEBOOK_BOOK")
jb import mlperf-power "$logs/8x--case--node_1.txt"
is "$rc" 3 'the same file is refused (R-IMPORT-08)'
like "$(cat "$err")" "is in the book already as run $(json "$JB_TMP/first" 'd["run_id"]')" 'with the run that has it'
cp "$logs/8x--case--node_0.txt" "$logs/other.txt"
jb import mlperf-power "$logs/other.txt"
is "$rc" 3 'whatever it is called'
printf ':::MLLOG {"key": "power_reading", "time_ms": 17153' >"$logs/torn.txt"
readings 0 1 2000 1 >"$logs/good.txt"
jb import mlperf-power "$logs/good.txt" "$logs/torn.txt"
is "$rc" 3 'a torn file is refused'
like "$(cat "$err")" "torn.txt' line 1: what follows :::MLLOG is not a JSON object" 'with file and line'
jb import mlperf-power "$logs/8x--case--sw_0.txt"
is "$rc" 3 'nothing but a switch is refused'
like "$(cat "$err")" 'has no power to import' 'since it has no power'
jb import nothing "$logs/good.txt"
is "$rc" 2 'a format that there is not'
like "$(cat "$err")" 'one of mlperf-power, csv-power' 'gets the list of them'
jb import mlperf-power "$logs/good.txt" --node a --node b
is "$rc" 2 'more names than files'
jb import mlperf-power "$logs/good.txt" --scope moon
is "$rc" 2 'a scope that there is not'
jb import mlperf-power "$JB_TMP"
is "$rc" 3 'a folder is no log'
is "$(sha256sum <"$JOULEBOOK_BOOK")" "$before" 'none of that has touched the book'

jb void last --reason 'wrong file'
jb import mlperf-power "$logs/8x--case--node_1.txt"
is "$rc" 3 'what a meter gave is entered once, also where its run is void'

# Two columns, over an hour's end: trapezoid, mean power and a counter of the same course, 100 W and then 200 W.
printf '# own\nutc,watts\n2024-05-10T13:59:58+02:00,100\n2024-05-10T11:59:59.5Z,100\n\n2024-05-10T12:00:01Z,200\r\n' >"$logs/w.csv"
jb_ok 'watts in two columns' import csv-power "$logs/w.csv" --node desk --accuracy 1 --json
is "$(json "$out" '(d["energy_uj"], d["nodes"][0]["host"])')" "(375000000, 'desk')" 'are integrated by trapezoid: 150 J + 225 J'
printf 'unix_s,mean_watts\n1715342398,100\n1715342399.5,100\n1715342401,200\n' >"$logs/m.csv"
jb_ok 'mean watts' import csv-power "$logs/m.csv" --node desk --json
is "$(json "$out" 'd["energy_uj"]')" 450000000 'count for the time before them: 150 J + 300 J'
jb show last --json
like "$(json "$out" '"\n".join(d["notes"])')" 'desk: 3 s of this log are in run [0-9a-f-]+ too' 'a log of the same name and time is told (R-IMPORT-07)'
printf 'unix_ms,wh\n1715342398000,7.5\n1715342401000,7.6\n1715342404000,7.65\n1715342414000,7.7\n' >"$logs/c.csv"
jb_ok 'cumulative Wh' import csv-power "$logs/c.csv" --json
is "$(json "$out" '(d["energy_uj"], d["nodes"][0]["n_gaps"], d["nodes"][0]["interpolated_uj"])')" '(720000000, 1, 0)' 'are differenced, and lose nothing in a gap'
jb_ok 'all of it balances' balance --json
is "$(json "$out" 'd["is_balanced"]')" True 'hours, counters and void run'
printf 'utc,watts\n2024-05-10T11:00:00Z,1\n2024-05-10T11:00:02Z,one\n' >"$logs/bad.csv"
jb import csv-power "$logs/bad.csv"
is "$rc" 3 'a value that is none'
like "$(cat "$err")" "bad.csv' line 3: its second column is no number of watts" 'is refused with file and line'

# What two people imported into books of their own is one meter's.
jb_ok 'another book imports the same' import csv-power "$logs/c.csv" --book "$JB_TMP/other.db"
jb_ok 'the two are merged' merge "$JB_TMP/other.db"
jb balance --json
is "$(json "$out" '(d["is_balanced"], sum(c["n_checked"] for c in d["checks"] if c["rule"] == "R-BOOK-07"))')" '(True, 1)' \
    'and its joules are in the sums once (R-IMPORT-02)'
for node in 1 2; do
    printf 'unix_s,mean_watts\n1715342398,0\n1715342401,%d\n' "$node" >"$logs/pair$node.csv"
    jb import csv-power "$logs/pair$node.csv" --group pair
done
jb show group:pair --json
is "$(json "$out" 'd["energy_uj"]["best"]')" 9000000 'nodes that came one by one are one account as a group'
jb runs --group pair --csv
is "$(cut -c1-18 "$out" | sort -u | wc -l)" 3 'and are told apart by the beginning of their ids'

# The recorded nodes, and their energy computed here anew from the lines themselves.
real=${JB_SHARED:-$JB_ROOT/../shared}/real/mlperf-power
if [ ! -d "$real" ]; then
    skip "no recorded nodes in $real (JB_SHARED names another place)"
    done_testing
fi
JOULEBOOK_BOOK=$JB_TMP/real.db
# truth FILE...: kWh of the files, unrounded; kwh_of: of the last import; near A B PPM
truth() {
    /usr/bin/python3 - "$@" <<'END'
import re, sys
total = 0
for path in sys.argv[1:]:
    last = None
    for line in open(path, encoding="utf-8"):
        found = re.search(r'"time_ms": (\d+),.*"key": "power_reading", "value": ([0-9.]+)', line)
        if found:
            at, watts = int(found[1]), float(found[2])
            total += watts * (at - last) if last is not None else 0
            last = at
print(repr(total / 3.6e9))
END
}
# check FILES WANT NAME: the import has the truth to 0.01 %, and rounds to what the published table says
check() {
    jb_ok "$3 is imported" import mlperf-power --json $1
    local got want
    got=$(json "$out" 'repr(d["energy_uj"] / 3.6e12)')
    want=$(truth $1)
    diag "$3: $got kWh, truth $want"
    ok "$3: the kWh of its readings to 0.01 %" /usr/bin/python3 -c "import sys; sys.exit(abs($got / $want - 1) > 1e-4)"
    is "$(/usr/bin/python3 -c "print(f'{$got:.3f}')")" "$2" "$3: $2 kWh, as published"
}
one=1xSMC-H100-SXM-80GB
check "$real/$one--bert--result_5119-240510190348838227199_06--node_0.txt" 0.593 'bert 06'
check "$real/$one--bert--result_5119-240510190348838227199_07--node_0.txt" 0.708 'bert 07'
check "$real/$one--bert--result_5119-240510190348838227199_08--node_0.txt" 0.595 'bert 08'
check "$real/$one--bert--result_5120-240510190402846980797_06--node_0.txt" 0.731 'bert 06 of the other'
check "$real/$one--resnet--result_5759-240517075402311260012_2--node_1.txt" 1.540 'resnet 2'
is "$(json "$out" '(d["nodes"][0]["n_gaps"], d["nodes"][0]["interpolated_ns"], d["nodes"][0]["interpolated_uj"])')" \
    '(13, 121593000000, 844183238000)' 'resnet 2: 13 gaps, their seconds and joules'
check "$real/$one--resnet--result_5762-240517075402404624683_3--node_1.txt" 1.579 'resnet 3'
check "$real/$one--resnet--result_5797-240517143743970275917_1--node_1.txt" 1.557 'resnet 1'
check "$(echo "$real"/8xSMC*.txt)" 2.606 'resnet on 8 nodes'
is "$(json "$out" '(len(d["nodes"]), sum(n["is_used"] for n in d["nodes"]), sum(n["n_back"] for n in d["nodes"]), sum(n["n_gaps"] for n in d["nodes"]))')" \
    '(9, 8, 2, 22)' 'eight nodes and a switch, two steps back, 22 gaps'
jb show "$(json "$out" 'd["run_id"]')" --json
notes=$(json "$out" '"\n".join(d["notes"])')
like "$notes" 'the logs of node_3 and node_4 are the same bytes' 'that two of the published logs are one is told'
like "$notes" 'the stop stamp equals the start stamp in 8 logs' 'and that no stop was stamped'
jb_ok 'the book of recorded nodes balances' balance
jb runs --json
is "$(json "$out" 'len(d)')" 8 'eight runs'
done_testing
