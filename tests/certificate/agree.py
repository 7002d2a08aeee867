#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""agree.py JOULEBOOK FOLDER CERT...: both verifiers on mutants of certificates; prints how many, and where they differ."""
import json, random, subprocess, sys
sys.path.insert(0, sys.path[0])
import verify

def takes(data):
    try:
        verify.verify(data)
        return True
    except Exception:
        return False

program, folder, chance, wanted = sys.argv[1], sys.argv[2], random.Random(7), {}
for path in sys.argv[3:]:
    data = open(path, "rb").read()
    wanted[path] = True
    for i in range(100):
        at = chance.randrange(len(data))
        mutant = [data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1:], data[:at], data[:at] + data[at + 1:],
                  data + data[at:]][i % 4]
        name = f"{folder}/{len(wanted)}"
        with open(name, "wb") as file:
            file.write(mutant)
        wanted[name] = mutant == data
ours = subprocess.run([program, "verify", "--json", *wanted], capture_output=True, check=False)
told = {row["file"]: row["is_accepted"] for row in json.loads(ours.stdout)}
for name, is_right in wanted.items():
    with open(name, "rb") as file:
        if not told[name] == is_right == takes(file.read()):
            sys.exit(f"{name}: {told[name]}, not {is_right}, or the verifiers differ")
print(f"agree on {len(wanted)}")
