#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What can be measured, on a tree of our own: two RAPL domains by powercap, one of them unreadable.
. tests/cli/lib.sh

root=$JB_TMP/root
mkdir -p "$root/proc/sys/kernel/random" "$root/sys/class/powercap" "$root/sys/devices/system/cpu"
printf 'node9\n' >"$root/proc/sys/kernel/hostname"
printf '9d9f0f1c-0000-4000-8000-000000000001\n' >"$root/proc/sys/kernel/random/boot_id"
printf '0-3\n' >"$root/sys/devices/system/cpu/online"
printf 'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz\nflags\t\t: fpu\n' >"$root/proc/cpuinfo"
printf 'MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n' >"$root/proc/meminfo"
printf 'cpu  1000 0 1000 8000 0 0 0 0 0 0\ncpu0 1000 0 1000 8000 0 0 0 0 0 0\n' >"$root/proc/stat"
zone() {
    mkdir -p "$root/sys/devices/virtual/powercap/intel-rapl/$1"
    ln -sfn "../../devices/virtual/powercap/intel-rapl/$1" "$root/sys/class/powercap/${1##*/}"
    printf '%s\n' "$2" >"$root/sys/devices/virtual/powercap/intel-rapl/$1/name"
    printf '123456\n' >"$root/sys/devices/virtual/powercap/intel-rapl/$1/energy_uj"
    printf '262143328850\n' >"$root/sys/devices/virtual/powercap/intel-rapl/$1/max_energy_range_uj"
}
zone intel-rapl:0 package-0
zone intel-rapl:0/intel-rapl:0:0 dram

jb_ok 'meters of a recorded tree' meters --sensors-root "$root" --json
is "$(json "$out" 'd["host"]')" node9 'with its host'
is "$(json "$out" 'sorted(c["scope"] for c in d["channels"] if c["origin"] == "counter")')" "['dram', 'package']" \
    'the package and its memory'
is "$(json "$out" 'all(c["wrap_ns"] > 0 for c in d["channels"] if c["origin"] == "counter")')" True \
    'it is told when they wrap'
is "$(json "$out" 'all(c["period_ns"] > 0 for c in d["channels"])')" True 'and how often they are read'
jb_ok 'for people' meters --sensors-root "$root"
like "$(cat "$out")" '^  rapl/package-0 +package .* counter ' 'each on a line of its own'

jb_ok 'drivers are listed' meters --drivers --json
is "$(json "$out" '"replay" in [x["name"] for x in d]')" True 'replay among them'
jb_ok 'a recording is made' meters --sensors-root "$root" --record "$JB_TMP/rec.txt" --for 300ms --interval 100ms
like "$(cat "$out")" 'readings of [0-9]+ meters' 'and counted'
jb_ok 'and its meters can be listed' meters --replay "$JB_TMP/rec.txt" --json
is "$(json "$out" 'sum(c["scope"] == "package" for c in d["channels"])')" 1 'as they were'
jb_ok 'a run on a recorded tree' run --sensors-root "$root" -- true
jb report last --format json
like "$(json "$out" '" ".join(d["notes"])')" 'read from a folder' 'whose account says that its sensors are not the machine'"'"'s'
jb_ok 'a run on a recording' run --replay "$JB_TMP/rec.txt" -- true
jb report last --format json
like "$(json "$out" '" ".join(d["notes"])')" 'played from a recording' 'and one whose meters were played'
jb_ok 'a run on the machine itself' run -- true
jb report last --format json
unlike "$(json "$out" '" ".join(d["notes"])')" 'read from a folder|played from' 'says nothing of the kind'
# The file of meters: named, the user's own, and refused before anything is done.
printf 'meters:\n- name: m\n  driver: shelly\n  url: http://192.0.2.1\n  lable: x\n' >"$JB_TMP/bad.yaml"
jb meters --sensors-root "$root" --meters "$JB_TMP/bad.yaml"
is "$rc" 3 'a file of meters that is not understood is refused'
like "$(cat "$err")" "bad.yaml:5: meter 'm': there is no 'lable'" 'with its line'
like "$(cat "$err")" "did you mean 'label'" 'and what was meant'
jb run --meters "$JB_TMP/bad.yaml" -- touch "$JB_TMP/ran"
ok 'and stops a run before its command starts' [ "$rc" -ne 0 ] && [ ! -e "$JB_TMP/ran" ]
mkdir -p "$JB_TMP/config/joulebook"
cp "$JB_TMP/bad.yaml" "$JB_TMP/config/joulebook/meters.yaml"
export XDG_CONFIG_HOME=$JB_TMP/config
jb meters
is "$rc" 3 "the user's own is found"
jb_ok 'but is no part of a recorded machine' meters --sensors-root "$root"
unset XDG_CONFIG_HOME
jb meters --record "$JB_TMP/rec.txt" --for 2d
is "$rc" 2 'nobody records for two days'
jb meters --sensors-root "$root" --record "$JB_TMP/none/rec.txt" --for 10ms
ok 'a file that cannot be made is an error' [ "$rc" -ne 0 ]
done_testing
