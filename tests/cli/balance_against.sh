#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the book has measured of what bills and jobs tell.
. tests/cli/lib_book.sh

jb_ok 'a book without papers' balance --against papers
like "$(cat "$out")" 'No machine time was told: import a bill' 'says that there is nothing to compare with'
jb_ok 'a time without runs' balance --against papers --since 2099-01-01
is "$(grep -c '^$' "$out")" 1 'prints no table of nothing'
jb_ok 'as JSON' balance --against bills --json
is "$(json "$out" 'd["all"]["told"]["machine_ns"]')" 0 'nothing was told'
is "$(json "$out" 'd["rows"][0]["coverage_ppm"]')" None 'and coverage is not known, rather than 0'
is "$(json "$out" 'd["all"]["logged"]["n_runs"]')" 2 'two runs were logged'
is "$(json "$out" 'd["n_open"]')" 1 'one still goes on'
jb balance --against invoices
is "$rc" 2 'a source that is none is refused'
like "$(cat "$err")" 'bills, jobs, papers' 'with those there are'
jb balance --since 30d
is "$rc" 2 'the proof itself is of the whole book'

# Ten hours of September on a p3.2xlarge are billed to the project that the book has measured in, and five to another.
project=$(jb show "$R1" --json && json "$out" 'd["run"]["project"]')
month=$(json "$out" '__import__("time").strftime("%Y-%m", __import__("time").gmtime(d["run"]["start_utc_us"] / 1e6))')
logged=$(jb balance --against bills --json && json "$out" 'd["all"]["logged"]["machine_ns"]')
{
    echo 'BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceCategory,ServiceName,ChargeDescription,PricingUnit,PricingQuantity,ChargePeriodStart,ChargePeriodEnd,SubAccountId,RegionId,ProviderName'
    row() { echo "3,42,USD,$month-01,$month-28,Usage,Compute,Amazon Elastic Compute Cloud,\$3 per On Demand Linux p3.2xlarge Instance Hour,Hours,$2,$month-02T00:00:00Z,$month-02T12:00:00Z,$1,eu-west-1,AWS"; }
    row "$project" 10
    row elsewhere 5
} >"$JB_TMP/bill.csv"
jb_ok 'a bill' import focus "$JB_TMP/bill.csv"
jb_ok 'hours billed against logged' balance --against bills --json
is "$(json "$out" '{r["project"]: r["told"]["machine_ns"] // 3600000000000 for r in d["rows"] if r["told"]["n_runs"] > 0}')" \
    "{'elsewhere': 5, '$project': 10}" 'ten hours and five, by project'
is "$(json "$out" '[r["told"]["gpu_ns"] // 3600000000000 for r in d["rows"] if r["told"]["n_runs"] > 0]')" '[5, 10]' 'of one board each'
is "$(json "$out" '(d["all"]["logged"]["machine_ns"], d["all"]["coverage_ppm"])')" "($logged, $((logged / 54000000)))" \
    'what was logged stays, and covers its part of fifteen hours, rounded down'
is "$(json "$out" '[(r["coverage_ppm"], r["logged"]["n_runs"]) for r in d["rows"] if r["project"] == "elsewhere"]')" '[(0, 0)]' \
    'of the other project nothing was logged'
like "$(jb balance --against bills && cat "$out")" 'Nothing at all was logged in 1 row' 'which is said in words'
jb_ok 'against jobs' balance --against jobs --json
is "$(json "$out" 'd["all"]["told"]["n_runs"]')" 0 'a bill is no job'


cat >"$JB_TMP/jobs.txt" <<'EOF'
JobIDRaw|Account|State|Start|End|ElapsedRaw|NNodes|AllocTRES
1|slurmed|COMPLETED|2026-10-02T03:00:00|2026-10-02T07:00:00|14400|2|cpu=64,gres/gpu:a100=8,node=2
EOF
jb_ok 'a job of four hours on two nodes' import sacct "$JB_TMP/jobs.txt" --cluster ham --utc-offset 0
jb_ok 'against jobs' balance --against jobs --json
is "$(json "$out" '[(r["told"]["machine_ns"], r["told"]["gpu_ns"]) for r in d["rows"] if r["project"] == "slurmed"]')" \
    "[($((8 * 3600 * 1000000000)), $((32 * 3600 * 1000000000)))]" 'is eight hours of machines and 32 of boards'
done_testing
