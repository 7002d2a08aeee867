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
# The tree, of a recorded server with a meter of the node, as found and as its owner corrects it.
server=$JB_TMP/server
tests/data/unpack_root server-node-meter "$server"
jb_ok 'the tree is drawn' meters --sensors-root "$server" --tree
like "$(cat "$out")" '^node/acpi-ACPI000D:00 +node +parent +posts what it reads above its parts: platform' 'the whole'
like "$(cat "$out")" '^\|- rapl/package-0 +package +post' 'its parts'
like "$(cat "$out")" '^`- rapl/package-0/dram +dram +post' 'down to the last'
like "$(cat "$out")" '^hwmon/pmbus_psu-0-0058/power1 +other +check +overlaps others' 'and what stands beside it'
is "$(LC_ALL=C.UTF-8 "$JOULEBOOK" meters --sensors-root "$server" --tree | LC_ALL=C grep -c '[^ -~]')" 0 \
    'to a pipe it is drawn in ASCII'
cat >"$JB_TMP/tree.yaml" <<'END'
tree:
  - channel: hwmon/pmbus_psu-0-0058/power1
    scope: node
    role: post
  - channel: node/acpi-ACPI000D:00
    parent: hwmon/pmbus_psu-0-0058/power1
  - channel: hwmon/pmbus_psu-0-0058/power2
    leave_out: yes
  - channel: rapl/package-5
    role: check
END
jb_ok 'with overrides' meters --sensors-root "$server" --meters "$JB_TMP/tree.yaml" --tree --json
is "$(json "$out" '[(r["id"], r["role"]) for r in d["tree"]]')" \
    "[('hwmon/pmbus_psu-0-0058/power1', 'parent')]" 'the supply is the whole'
is "$(json "$out" '[p["id"] for p in d["tree"][0]["parts"][0]["parts"]]')" \
    "['rapl/package-0', 'rapl/package-0/dram']" 'in it the meter of the machine, in that the parts'
is "$(json "$out" '[r["what"] for r in d["refusals"] if r["driver"] == "tree"]')" "['rapl/package-5']" \
    'an override of what is not there is said'
jb_ok 'a run goes by the file' run --sensors-root "$server" --meters "$JB_TMP/tree.yaml" -- true
# A program as a meter of the node: a wall of 500 W above the recorded packages, which stand still.
cat >"$JB_TMP/wall" <<'END'
#!/bin/sh
while sleep 0.1; do echo watts 500; done
END
chmod +x "$JB_TMP/wall"
cat >"$JB_TMP/wall.yaml" <<END
meters:
  - name: wall
    driver: exec
    command: $JB_TMP/wall
    scope: node
    period: 100ms
    max_power: 2 kW
    accuracy: 1 %
  - {name: lost, driver: exec, command: "$JB_TMP/wall", scope: rail, parent: node/none}
tree:
  - channel: node/acpi-ACPI000D:00
    parent: exec/wall
  - channel: hwmon/pmbus_psu-0-0058/power2
    leave_out: yes
END
jb_ok 'a program is a meter' meters --sensors-root "$server" --meters "$JB_TMP/wall.yaml" --tree
like "$(cat "$out")" '^exec/wall +node +parent +posts what it reads above its parts' 'the whole of the tree, as its owner says'
like "$(cat "$out")" '^[|`]- node/acpi-ACPI000D:00 +node +parent' 'with the meter of the machine in it'
like "$(tr -s ' \n' ' ' <"$out")" "exec/lost \(tree\) why: The file of meters calls 'node/none' its parent" \
    'a parent that is not there is said'
jb_ok 'a run under it' run --sensors-root "$server" --meters "$JB_TMP/wall.yaml" --interval 100ms -- sleep 2
jb report last --format json
# 500 W all the time, less what a busy machine reads late; the machine's own meter stands at 310 W.
is "$(json "$out" '[0.6 < r["total_uj"]["best"] / (500e6 * d["duration_ns"] / 1e9) < 1.05 for r in d["lines"]
    if r["channel"] == "exec/wall"]')" '[True]' 'reads its 500 W'
is "$(json "$out" '[r["platform_uj"] > 0 and abs(r["total_uj"]["best"] - r["platform_uj"] -
    sum(q["total_uj"]["best"] for q in d["lines"] if q["channel"].startswith("node/"))) == 0
    for r in d["lines"] if r["channel"] == "exec/wall"]' | tr -d '\n')" '[True]' \
    'what it reads above the machine is platform, to the microjoule'
jb_ok 'the book balances' balance
# What is said to be the package is charged as the CPU, and no model of it is added (R-TREE-07).
printf 'meters: [{name: p, driver: exec, command: "%s", scope: other}]\ntree: [{channel: exec/p, scope: package}]\n' \
    "$JB_TMP/wall" >"$JB_TMP/package.yaml"
mkdir -p "$JB_TMP/bare"
cp -r "$root/proc" "$JB_TMP/bare/"
mkdir -p "$JB_TMP/bare/sys/devices/system/cpu"
printf '0-3\n' >"$JB_TMP/bare/sys/devices/system/cpu/online"
jb_ok 'a scope is overridden' meters --sensors-root "$JB_TMP/bare" --meters "$JB_TMP/package.yaml" --json
is "$(json "$out" '[c["id"] for c in d["channels"] if c["device"] == "cpu" and c["role"] == "post"]')" "['exec/p']" \
    'it is the CPU, and nothing else posts as that'
# A run that joins is measured by the meters of the one that began first (R-REC-12).
"$JOULEBOOK" run --sensors-root "$server" -- sh -c "touch '$JB_TMP/began'; until [ -e '$JB_TMP/joined' ]; do sleep 0.1; done" >"$JB_TMP/first" 2>&1 &
first=$!
until [ -e "$JB_TMP/began" ]; do sleep 0.05; done
jb_ok 'a run joins' run --sensors-root "$server" -- true
unlike "$(cat "$err")" "file of meters" 'without a file of meters there is nothing to say'
jb_ok 'a run joins with a file of its own' run --sensors-root "$server" --meters "$JB_TMP/wall.yaml" -- true
like "$(cat "$err")" "another run records .* file of meters says of 'exec/wall' does not hold" 'and is told that it is not gone by'
touch "$JB_TMP/joined"
wait "$first"
printf 'tree:\n- {channel: rapl/package-0, parent: rapl/package-0/dram}\n- {channel: rapl/package-0/dram, parent: rapl/package-0}\n' >"$JB_TMP/loop.yaml"
jb meters --sensors-root "$server" --meters "$JB_TMP/loop.yaml" --tree
is "$rc" 3 'a circle of parents is refused'
like "$(cat "$err")" "channel 'rapl/package-0' lies in 'rapl/package-0/dram', which lies in" 'with its members'
jb meters --record "$JB_TMP/rec.txt" --for 2d
is "$rc" 2 'nobody records for two days'
jb meters --sensors-root "$root" --record "$JB_TMP/none/rec.txt" --for 10ms
ok 'a file that cannot be made is an error' [ "$rc" -ne 0 ]
done_testing
