#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# NVIDIA boards, through the executable: a stand-in for the driver's library is found, read and accounted, and where it is
# not there the reason and the step are told.
. tests/cli/lib.sh

doubles=$JB_BUILD/tests/doubles/nvml
[ -e "$doubles/libnvidia-ml.so.1" ] || skip_all "no $doubles/libnvidia-ml.so.1: built with the tests"
root=$JB_TMP/root
mkdir -p "$root/proc/sys/kernel/random" "$root/sys/class/powercap"
printf 'node9\n' >"$root/proc/sys/kernel/hostname"
printf '9d9f0f1c-0000-4000-8000-000000000001\n' >"$root/proc/sys/kernel/random/boot_id"
script=$JB_TMP/boards
cat >"$script" <<END
board GPU-aaaa
name NVIDIA H100 80GB HBM3
pci 0000:65:00
power const:250
board GPU-bbbb
name NVIDIA A100-SXM4-40GB
arch 7
cc 8 0
power const:100
mig 1 0 3 3 20000 MIG-1
mig 2 0 4 4 20000 MIG-2
END
# with the library, or the folder that $lib names
lib=$doubles
nvml() {
    LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script jb "$@" --sensors-root "$root"
}

nvml meters --json
is "$rc" 0 'the boards are listed'
is "$(json "$out" 'sorted(c["id"] for c in d["channels"] if c["driver"] == "nvml" and c["role"] == "post")')" \
    "['gpu/GPU-aaaa', 'gpu/GPU-bbbb']" 'each once, the one in two slices too'
is "$(json "$out" 'sorted(c["id"] for c in d["channels"] if c["driver"] == "nvml" and c["role"] == "check")')" \
    "['gpu/GPU-aaaa/power', 'gpu/GPU-bbbb/power']" 'with a check of each counter'
lib=$doubles/bare nvml meters --json
is "$(json "$out" 'sorted((c["id"], c["semantics"]) for c in d["channels"] if c["driver"] == "nvml")')" \
    "[('gpu/GPU-aaaa', 'gauge-average'), ('gpu/GPU-bbbb', 'gauge-average')]" 'an old library gives what it has'

# of_gpus ACCOUNT EXPRESSION: of each posted line of a board
of_gpus() {
    json "$1" "sorted((l[\"channel\"], $2) for l in d[\"lines\"] if l[\"role\"] == \"post\" and l[\"device\"] == \"gpu\")"
}
LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script CUDA_VISIBLE_DEVICES=0,1 \
    jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 1.2
is "$rc" 0 'a run beside them'
# 250 W and 100 W, where two readings are stamped within 1 % of a second of when they were taken.
is "$(of_gpus "$JB_TMP/account.json" '5 * round(l["all_uj"] / (l["coverage"]["counter_ns"] or 1) * 200)')" \
    "[('gpu/GPU-aaaa', 250), ('gpu/GPU-bbbb', 100)]" 'posts what each board drew, in W'
like "$(json "$JB_TMP/account.json" '[n for n in d["notes"] if "MIG" in n]')" "gpu/GPU-bbbb.*slice.*modelled" \
    'and says that a slice is modelled'
LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script CUDA_VISIBLE_DEVICES=GPU-b \
    jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 0.3
is "$(of_gpus "$JB_TMP/account.json" 0)" "[('gpu/GPU-bbbb', 0)]" 'a board that its environment excludes is not in its account'
LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script \
    jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 1.2
is "$(of_gpus "$JB_TMP/account.json" 0)" '[]' 'nor are boards that it could use and does not'

# A process of the run keeps 60 % of a board busy, somebody else 20 %: 150 of the 200 W above idle.
sleep 3 &
cat >"$script" <<END
board GPU-aaaa
name NVIDIA H100 80GB HBM3
pci 0000:65:00
power const:250
process $! 60 1000
process 1 20 1000
END
LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script \
    jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" --idle-power gpu=50 --pid $!
if [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ]; then
    is "$(of_gpus "$JB_TMP/account.json" '10 * round(10 * l["run_uj"]["best"] / l["total_uj"]["best"])')" "[('gpu/GPU-aaaa', 60)]" \
        'a process is charged by its use of the board, in per cent of all'
else
    like "$(json "$JB_TMP/account.json" 'd["notes"]')" 'hostPID' 'in another pid namespace it cannot be, which is told'
fi

nvml meters --record "$JB_TMP/rec.txt" --for 1s --interval 100ms
is "$rc" 0 'boards can be recorded'
jb meters --replay "$JB_TMP/rec.txt" --json
is "$(json "$out" '"gpu/GPU-aaaa" in [c["id"] for c in d["channels"]]')" True 'and played'
is "$(grep -cE '^[0-9]+ 0 [0-9]+$' "$JB_TMP/rec.txt")" "$(grep -E '^[0-9]+ 0 [0-9]+$' "$JB_TMP/rec.txt" | sort -u -k3,3 | wc -l)" \
    'with no reading told twice'
ok 'and several of the first board' [ "$(grep -cE '^[0-9]+ 0 [0-9]+$' "$JB_TMP/rec.txt")" -ge 3 ]

# A board that falls off the bus for half a second, a second after the run began: a gap with its reason, the other loses nothing.
begin=$(/usr/bin/python3 -c 'import time; print(time.monotonic_ns())')
printf 't0 %s\nboard GPU-aaaa\npower const:250\nlost 1.2 1.7\nboard GPU-bbbb\npower const:100\n' "$begin" >"$script"
CUDA_VISIBLE_DEVICES=GPU-aaaa,GPU-bbbb LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script jb run --sensors-root "$root" --interval 100ms --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 5
is "$rc" 0 'a run that loses a board'
lines() {
    json "$JB_TMP/account.json" "[$1 for l in d[\"lines\"] if l[\"channel\"] in (\"gpu/GPU-aaaa\", \"gpu/GPU-bbbb\")]"
}
is "$(lines 'l["gaps"]')" "['device gone', '']" 'has one gap, of the board that was gone'
is "$(lines 'l["coverage"]["unobserved_ns"] > 0')" '[True, False]' 'and the other was seen all the time'
is "$(lines '5 * round(l["total_uj"]["best"] / l["coverage"]["counter_ns"] * 200)')" '[250, 100]' \
    'what is posted was drawn; the board was found again'
diag "$(lines 'l["coverage"]')"

# a recording holds no users
printf 'board GPU-aaaa\nname NVIDIA H100 80GB HBM3\npower const:250\n' >"$script"
nvml meters --record "$JB_TMP/recording" --for 1s
is "$rc" 0 'a board is recorded'
CUDA_VISIBLE_DEVICES='' jb run --replay "$JB_TMP/recording" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 0.5
is "$(of_gpus "$JB_TMP/account.json" 0)" "[('gpu/GPU-aaaa', 0)]" 'and is in the account of whom it is played to'
like "$(json "$JB_TMP/account.json" '" ".join(d["notes"])')" 'does not hold who used a GPU.*shared by CPU time' 'which says so (R-USE-05)'

# what cannot be read: reason and step
refusal() {
    json "$out" '[x["reason"] + " | " + x["step"] for x in d["refusals"] if x["driver"] == "nvml"]'
}
printf 'fail nvmlInit_v2 18\n' >"$script"
nvml meters --json
like "$(refusal)" 'different versions.*restart the machine' 'library and kernel module of different versions'
printf 'fail nvmlInit_v2 9\n' >"$script"
nvml meters --json
like "$(refusal)" 'kernel driver is not loaded.*modprobe nvidia' 'a driver that is not loaded'
printf 'fail nvmlInit_v2 4\n' >"$script"
nvml meters --json
like "$(refusal)" 'may not ask.*nvidiactl' 'no permission'
# what is not read is not passed over in silence: neither a board that is there, nor that a command waited for it
notes() {
    json "$JB_TMP/account.json" '[n for n in d["notes"] if "not read" in n or "later" in n]'
}
LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script jb run --account "$JB_TMP/account.json" --book "$JB_TMP/nvml2.db" -- true
like "$(notes)" "boards of NVIDIA.*not read.*may not ask.*nvidiactl" 'an account without its boards says so, why, and what to do'
printf 'delay nvmlInit_v2 4000\nboard GPU-aaaa\npower const:250\n' >"$script"
CUDA_VISIBLE_DEVICES=0 LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script \
    jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/nvml.db" -- sleep 0.3
like "$(notes)" 'started [45][.0-9]* s later' 'a driver that starts its boards first is waited for, and the account says how long'
is "$(of_gpus "$JB_TMP/account.json" 0)" "[('gpu/GPU-aaaa', 0)]" 'its board is in the account'
is "$(json "$JB_TMP/account.json" 'd["duration_ns"] < 2 * 10 ** 9')" True 'and the wait is no part of the run'
# 64 boards with their checks: each board says who uses it, and what there is no room for is told
: >"$script"
for i in {10..73}; do printf 'board GPU-%s\npci 0000:%s:00\npower const:100\n' "$i" "$i" >>"$script"; done
CUDA_VISIBLE_DEVICES=$(seq -s, 0 63) LD_LIBRARY_PATH=$lib JB_NVML_SCRIPT=$script \
    jb run --account "$JB_TMP/account.json" --book "$JB_TMP/nvml2.db" -- sleep 0.3
is "$(json "$JB_TMP/account.json" 'len([1 for l in d["lines"] if l["device"] == "gpu" and l["role"] == "post"])')" 64 '64 boards are read'
is "$(json "$JB_TMP/account.json" '[n for n in d["notes"] if "does not say who" in n]')" '[]' 'all of them say who uses them'
like "$(notes)" 'more channels than one book follows' 'a meter for which there is no room is missed aloud'
if ldconfig -p 2>/dev/null | grep -q 'libnvidia-ml\.so\.1'; then
    skip "NVIDIA's library is installed here"
else
    mkdir -p "$root/proc/driver/nvidia"
    printf 'NVRM version: stand-in\n' >"$root/proc/driver/nvidia/version"
    lib= nvml meters --json
    like "$(refusal)" 'driver is loaded, but its library cannot be.*libnvidia-ml1' 'a driver without its library'
    rm -r "$root/proc/driver"
fi
lib= nvml meters --json
is "$(refusal)" '[]' 'a machine without any of it has nothing to say'
done_testing
