#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A run and the dies of an MI250X: one meter counts two, and a run that may use the die without one is told (R-SENSOR-72).
. tests/cli/lib.sh

root=$JB_TMP/root
python3 - tests/data/roots/mi250x.tree "$root" <<'END_PYTHON' || bail_out 'no tree'
import os
import sys

for line in open(sys.argv[1], encoding="utf-8"):
    words = line.rstrip("\n").split(" ", 2)
    if line.startswith("#") or len(words) < 3:
        continue
    name = sys.argv[2] + words[0]
    os.makedirs(os.path.dirname(name), exist_ok=True)
    if words[1] == "->":
        os.symlink(words[2], name)
        continue
    is_hex = words[1] == "=x"
    with open(name, "wb") as file:
        file.write(bytes.fromhex(words[2]) if is_hex else (words[2].encode().decode("unicode_escape") + "\n").encode())
END_PYTHON
mkdir -p "$root/proc/sys/kernel/random"
printf 'node8\n' >"$root/proc/sys/kernel/hostname"
printf '8d9f0f1c-0000-4000-8000-000000000001\n' >"$root/proc/sys/kernel/random/boot_id"

of_dies() { # VISIBLE
    ROCR_VISIBLE_DEVICES=$1 jb run --sensors-root "$root" --account "$JB_TMP/account.json" --book "$JB_TMP/dies.db" -- sleep 0.3
    json "$JB_TMP/account.json" '[[l["channel"] for l in d["lines"] if l["role"] == "post" and l["device"] == "gpu"],
                                  sum("no meter here is of" in n for n in d["notes"])]'
}
is "$(of_dies 0)" "[['gpu/0000:c1:00.0'], 0]" 'the die with the meter'
is "$(of_dies 1)" '[[], 1]' 'the other alone: the account says that its energy is not in it'
is "$(of_dies 0,1)" "[['gpu/0000:c1:00.0'], 0]" 'both: the module is in the account once'
done_testing
