#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Method A from end to end, before a kernel whose counters are scripted (tests/doubles/perf): counts, energy to the microjoule,
# and every way in which there are none.
. tests/cli/lib.sh

double=$JB_BUILD/tests/doubles/perf/libperf_double.so
[ -e "$double" ] || skip_all "no $double: built with the tests"
root=$JB_TMP/root
zone=$root/sys/class/powercap/intel-rapl:0
mkdir -p "$zone"
echo package-0 >"$zone/name"
echo 1000000 >"$zone/energy_uj"
echo 262143328850 >"$zone/max_energy_range_uj"
book=$JB_TMP/book.db
script=$JB_TMP/script

# play SCRIPT: a run that draws 2 J, counted as the script says; its account is in $JB_TMP/account.json.
play() {
    printf '%s\n' "$1" >"$script"
    # A sanitizer wants to be the first library; the double replaces nothing of it.
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD=$double JB_PERF_SCRIPT=$script \
        jb run --book "$book" --sensors-root "$root" --idle-power cpu=0 --account "$JB_TMP/account.json" -- \
        sh -c "read -r uj <'$zone/energy_uj'; echo \$((uj + 2000000)) >'$zone/energy_uj'"
}
value() {
    /usr/bin/python3 -c 'import json, sys
at = json.load(open(sys.argv[1], encoding="utf-8"))
for name in sys.argv[2].split("."):
    at = at[name]
print(at)' "$JB_TMP/account.json" "$1"
}

play 'instructions 2300000000 5000 5000
cycles 1230000001 5000 5000
ref-cycles 900 4000 3000'
is "$rc" 0 'a run with counters ends as its command did'
is "$(value cycles.counts.instructions.best)" 2300000000 'instructions as they were counted'
is "$(value cycles.counts.cycles.best)" 1230000001 'cycles'
is "$(value cycles.counts.ref-cycles.low) $(value cycles.counts.ref-cycles.best) $(value cycles.counts.ref-cycles.high)" '900 1200 1500' \
    'a shared counter is scaled, with its band'
is "$(value cycles.energy_uj)" None 'without an energy per cycle there is no energy by method A'
is "$(value cycles.cpu_total_uj)" 2000000 'the processor drew 2 J'
like "$(cat "$err")" 'cycles +instructions 2.3e9, cycles 1.23e9' 'the summary tells what was counted'

jb calibrate --book "$book" --cycles --epc 0.9..1.1..1.2nJ
is "$rc" 0 'an energy per cycle is stated'
play 'instructions 2300000000 5000 5000
cycles 1230000001 5000 5000
kernel -13'
# 1,230,000,001 x 1.1 nJ = 1,353,000.0011 uJ; x 0.9 = 1,107,000.0009, down; x 1.2 = 1,476,000.0012, up
is "$(value cycles.energy_uj.best) $(value cycles.energy_uj.low) $(value cycles.energy_uj.high)" '1353000 1107000 1476001' \
    'R-CYCLES-01: cycles x energy per cycle, to the microjoule'
is "$(value cycles.gap_total_ppm)" -323500 'beside 2 J by method C-1: 1.353 / 2 - 1 = -32.35 %'
is "$(value cycles.counts.is_user_only)" True 'where the kernel is not counted, that is told'
jb show --book "$book" last
like "$(cat "$out")" 'CPI 0.535, user only' 'in words as well'
like "$(tr -s ' \n' ' ' <"$out")" 'method A 1.35 J \(1.11 .. 1.48 J\) by 1.1 nJ per cycle \(0.9 nJ .. 1.2 nJ\), given [0-9-]+; beside C-2 .* C-1 2.00 J, gap -32.4 %' \
    'method A stands beside C-1 with its gap'
like "$(cat "$out")" 'method C-[12]' 'and not in its place'
jb report --book "$book" --format json last
like "$(cat "$out")" '"energy_uj":\{"best":1353000' 'the report in JSON has it too'

i=0
while IFS='|' read -r line words; do
    play "$line"
    is "$rc" 0 "the command runs all the same ($words)"
    like "$(value cycles.counts.cycles.why_not)" "$words" 'and the absence is named'
    is "$(value cycles.energy_uj)" None 'with no energy'
    i=$((i + 1))
done <<'END'
nothing|virtual machine
cycles -13|kernel does not allow|perf_event_paranoid|security module
cycles -1|seccomp
cycles -38|no perf events
cycles -24|ulimit -n
cycles -16|for itself
cycles 0 1000 0|never on the processor
END
is "$i" 7 'every kind of absence was played'
jb show --book "$book" last
like "$(tr -s ' \n' ' ' <"$out")" 'cycles not counted here: it was never on the processor' 'and shown'

jb calibrate --book "$book" --cycles
isnt_ok=$rc
ok 'runs that are all of one size cannot be fitted' test "$isnt_ok" -ne 0
jb calibrate --book "$book" --list
like "$(cat "$out")" 'energy per cycle of .*: 1.1 nJ  \(0.9 nJ .. 1.2 nJ, given\)' 'the calibration is on the list'
jb calibrate --book "$book" --list --json
like "$(cat "$out")" '"best_fj": 1100000' 'and in its JSON'
jb calibrate --book "$book" --cycles --epc 5
is "$rc" 2 'an energy without a unit is refused'
jb calibrate --book "$book" --epc 1nJ
is "$rc" 2 'so is one without --cycles'
# 2e12 x 0.8 x 1.1 nJ = 1760 J; 0.2 x 1.2 nF x 1.21 V^2 x 2.4 GHz = 0.69696 W, x 10800 s = 7527.168 J
jb estimate --instructions 2e12 --cpi 0.8 --epc 1.1nJ --json
like "$(cat "$out")" '"energy_uj":\{"best":1760000000,' 'R-CYCLES-11: instructions x CPI x EPC by hand'
like "$(cat "$out")" '"formula":"4.3","is_chosen":true,"is_possible":true,"method":"A"' 'method A is possible in the decision then'
jb estimate --activity 0.2 --capacitance 1.2nF --voltage 1.1V --frequency 2.4GHz --duration 3h --json
like "$(cat "$out")" '"energy_uj":\{"best":7527168000,' 'P = a C V^2 f over the time'
like "$(cat "$out")" '"power_uw":696960' 'with its power'
jb estimate --accelerator V100 --duration 3h --instructions 2e12 --cpi 0.8 --epc 1.1nJ --json
like "$(cat "$out")" '"is_chosen":false,"is_possible":true,"method":"A"' 'beside method B it is possible, and not chosen'
jb estimate --instructions 2e12 --epc 1.1nJ
is "$rc" 2 'a factor that is missing'
like "$(cat "$err")" 'lacks --cpi' 'is named'
printf 'cycles 1 1 1\nkernel -13\n' >"$script"
ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" LD_PRELOAD=$double JB_PERF_SCRIPT=$script jb meters --json
like "$(cat "$out")" '"cycles":\{"cycles":\{"is_counted":true,"why_not":null\},"instructions":\{"is_counted":false' 'meters tells what is counted before a run'
like "$(cat "$out")" '"is_user_only":true' 'and how'
jb meters
like "$(cat "$out")" '^Cycles: ' 'in words too'
jb balance --book "$book"
is "$rc" 0 'the book balances'
done_testing
