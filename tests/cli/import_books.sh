#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Other people's books into ours: jobs of Slurm, results of other tools; once, superseded, or not at all. R-BOOKS-01 to -05.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
cd "$JB_TMP" || exit 1
header=timestamp,project_name,run_id,duration,emissions,cpu_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_iso_code,codecarbon_version,gpu_count,tracking_mode,on_cloud,pue
# row RUN_ID GPU_KWH: an hour, ended at 13:00
row() { printf '2024-03-05T13:00:00,bert,%s,3600,0.1,50,0,%s,0,%s,NLD,2.4.0,1,machine,N,1.0\n' "$1" "$2" "$2"; }
{
    echo "$header"
    row a 0.2
    row b 1
} >emissions.csv

jb_ok 'a dry run' import codecarbon emissions.csv --dry-run --json
is "$(json "$out" '(d["is_dry_run"], d["n_new"], d["energy_uj"]["best"])')" '(True, 2, 4320000000000)' 'tells what would be entered'
jb runs --json
is "$(json "$out" 'len(d)')" 0 'and enters nothing'
jb_ok 'a dry run as text' import codecarbon emissions.csv --dry-run
is "$(grep -c '^not entered  *new ' "$out")" 2 'names no run by an id that it will not have'
jb_ok 'two results of CodeCarbon' import codecarbon emissions.csv --utc-offset 1 --json
is "$(json "$out" '[(r["key"], r["state"], r["energy_uj"]["best"]) for r in d["runs"]]')" \
    "[('a', 'new', 720000000000), ('b', 'new', 3600000000000)]" '0.2 and 1 kWh'
run_a=$(json "$out" 'd["runs"][0]["run_id"]')
jb_ok 'the book balances' balance
jb_ok 'a run of it is shown' show "$run_a" --json
is "$(json "$out" '(d["energy_uj"]["best"], d["method"], d["origin_uj"]["stated"])')" "(720000000000, 'C-1', 720000000000)" \
    'its energy is stated by others'
jb_ok 'the same file again' import codecarbon emissions.csv --utc-offset 1 --json
is "$(json "$out" '(d["n_same"], d["n_new"], d["runs"][0]["run_id"])')" "(2, 0, '$run_a')" 'changes nothing (R-BOOKS-05)'
{
    echo "$header"
    row a 0.3
    row b 1
} >emissions.csv
jb_ok 'one of them told differently' import codecarbon emissions.csv --utc-offset 1 --json
is "$(json "$out" '(d["n_same"], d["n_superseded"])')" '(1, 1)' 'takes the place of the older one'
jb_ok 'the book still balances' balance
jb runs --json
is "$(json "$out" 'sum(1 for r in d if r["status"] == "done")')" 2 'two runs count'

printf '%s\n%s\n%s\n' "$header" "$(row c 1)" 'yesterday,x' >broken.csv
cp "$JOULEBOOK_BOOK" before.db
jb import codecarbon broken.csv
is "$rc" 3 'a broken file is refused'
like "$(cat "$err")" 'line 3' 'with its line'
jb runs --json
is "$(json "$out" 'sum(1 for r in d if r["status"] == "done")')" 2 'and nothing of it is entered'

cat >twice.txt <<'EOF'
JobIDRaw|State|ElapsedRaw|AllocTRES|ConsumedEnergyRaw
7|REQUEUED|3600|cpu=4,node=1|360000
7|COMPLETED|1800|cpu=4,node=1|180000
EOF
jb import sacct twice.txt --cluster ham
is "$rc" 3 'a run that a file tells twice, and differently, is refused (R-BOOKS-05)'
like "$(cat "$err")" "line 3.*told before in this file" 'with the line of the second'
like "$(cat "$err")" 'Start, End' 'and what would tell them apart'

cat >jobs.txt <<'EOF'
JobIDRaw|JobName|Account|Partition|State|Start|End|ElapsedRaw|AllocTRES|ConsumedEnergyRaw
1|train|vision|gpu|COMPLETED|2026-01-02T03:00:00|2026-01-02T04:00:00|3600|cpu=8,gres/gpu:v100s=2,gres/gpu=2,mem=64G,node=1|
1.batch|batch|vision||COMPLETED|2026-01-02T03:00:00|2026-01-02T04:00:00|3600|cpu=8,node=1|0
2|eval|vision|odd|COMPLETED|2026-01-02T03:00:00|2026-01-02T04:00:00|3600|cpu=4,node=1|360000
3|next|vision|gpu|PENDING|Unknown|Unknown|0||
EOF
cat >ham.yaml <<'EOF'
gpu:
  accelerator: V100 PCIe 32GB
  threads: 32
EOF
jb_ok 'jobs of Slurm' import sacct jobs.txt --cluster ham --partitions ham.yaml --utc-offset 0 --json
is "$(json "$out" '(d["n_rows"], d["n_new"], [(l["reason"], l["n"]) for l in d["left"]])')" \
    "(4, 2, [('a step of a job', 1), ('still pending', 1)])" 'two jobs, a step and what is no run'
is "$(json "$out" '[r["energy_uj"]["best"] for r in d["runs"] if r["key"].startswith("ham 2 ")]')" '[360000000000]' 'energy as Slurm told it'
is "$(json "$out" '[100 < r["energy_uj"]["best"] / 3.6e9 < 1200 for r in d["runs"] if r["key"].startswith("ham 1 ")]')" '[True]' \
    'two boards for an hour are estimated to some hundred Wh'
jb_ok 'told as text' import sacct jobs.txt --cluster ham --partitions ham.yaml --utc-offset 0
like "$(cat "$out")" '2 in the book already' 'what was there already'
like "$(cat "$out")" 'left out: still pending: 1, first in line 5' 'what is no run, and where'
jb import sacct jobs.txt --scope gpu
is "$rc" 2 'an option of power logs is refused'
jb import csv-power jobs.txt --dry-run
is "$rc" 2 'and one of books for a power log'
jb import nothing jobs.txt
like "$(cat "$err")" 'codecarbon' 'an unknown format: the hint lists them'
jb import sacct jobs.txt --delimiter xx
is "$rc" 2 'a delimiter is one character'
printf 'gpu: [1]\n' >odd.yaml
jb import sacct jobs.txt --partitions odd.yaml
is "$rc" 3 'partitions that are none are refused'
printf 'gpu:\n  threads: 8\nfast:\n  accelerator: A10O\n' >wrong.yaml
jb import sacct jobs.txt --partitions wrong.yaml
is "$rc" 3 'a partition of a board that is none is refused'
like "$(cat "$err")" "wrong.yaml:4:3: partition 'fast': the accelerator 'A10O' is not known" 'with its line'
like "$(cat "$err")" 'hint: did you mean' 'and the nearest'
done_testing
