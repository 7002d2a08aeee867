#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Certificates by command, and the second verifier (tests/certificate/verify.py) beside ours. R-CERT-06, R-CERT-08, R-CERT-12.
. tests/cli/lib_book.sh
key=$JB_TMP/key
cert=$JB_TMP/a.cert
closed=$JB_TMP/closed.cert
make=$JB_BUILD/tests/unit/make_certificates
mkdir "$JB_TMP/made" "$JB_TMP/mutants"

jb key new test.example/log --key "$key"
printf 'coverage: 95 %%\nno_open_runs: yes\n' >"$JB_TMP/policy.yaml"
printf weights >"$JB_TMP/net.bin"
jb_ok 'a project is certified' certify --since 2025-01-01 --key "$key" --policy "$JB_TMP/policy.yaml" --model-file "$JB_TMP/net.bin" -o "$cert"
like "$(cat "$out")" 'certified 2 runs in entry .*, totals computed' 'with its runs'
like "$(cat "$out")" 'not met no_open_runs: required none; found 1' 'and the condition that is not met'
jb_ok 'and verifies with nothing but its file' verify "$cert"
like "$(cat "$out")" 'left out: 1 open, 0 void' 'the open run is told'
jb_ok 'the file of the model is known' verify "$cert" --model-file "$JB_TMP/net.bin"
printf other >"$JB_TMP/other.bin"
jb verify "$cert" --model-file "$JB_TMP/other.bin"
is "$rc" 3 'another one is refused'
printf 'coverage: 101 %%\n' >"$JB_TMP/bad.yaml"
jb certify --since 2025-01-01 --key "$key" --policy "$JB_TMP/bad.yaml" -o "$JB_TMP/none.cert"
like "$(cat "$err")" 'bad.yaml:1:11: ' 'a policy that cannot be is told with line and column'

jb_ok 'fields are withheld' certify --since 2025-01-01 --key "$key" --withhold run.host --withhold run.model --previous "$cert" -o "$closed"
is "$(/usr/bin/python3 -c '
import base64, hashlib, json, sys
payload = base64.b64decode(json.load(open(sys.argv[1]))["payload"])
fields = json.loads(payload)["predicate"]["fields"]
salts = [f["salt"] for f in fields if "salt" in f]
values = [b"node7", b"resnet50", b"bert", b"node7\n", b"node7\nnode7\n", b"resnet50\nbert\n"]
forms = [g(v) for v in values for g in (lambda v: v.strip(), lambda v: v.hex().encode(), base64.b64encode,
         lambda v: hashlib.sha256(v).hexdigest().encode(), lambda v: base64.b64encode(hashlib.sha256(v).digest()))]
print(sum(f in payload for f in forms), len(set(salts)) == len(salts), {len(s) for s in salts})
' "$closed")" '0 True {32}' 'R-CERT-06: no form of them is in the file; salts of 128 bits, all different'
jb_ok 'one is opened' certify --open "$closed" --field run.host -o "$JB_TMP/host.opening"
jb_ok 'and fits' verify "$closed" --opening "$JB_TMP/host.opening" --previous "$cert"
like "$(cat "$out")" "'run.host' was withheld, and is opened" 'which is told'
sed -E 's/"salt":"([0-9a-f]{31})(.)"/"salt":"\2\1"/' "$JB_TMP/host.opening" >"$JB_TMP/wrong.opening"
jb verify "$closed" --opening "$JB_TMP/wrong.opening"
is "$rc" 3 'R-CERT-12: one with the wrong salt is refused'
jb certify --since 2025-01-01 --key "$key" --withhold n_runs
like "$(cat "$err")" "'n_runs' cannot be withheld" 'what counts cannot be withheld'
jb certify --since 2025-01-01 --key "$key" --withhold run.start_utc
like "$(cat "$err")" 'would tell the withheld begin' 'R-CERT-06: nor moments that the period tells'

jb certify --since 2025-01-01 --key "$key" -o "$JB_TMP/nowhere/a.cert"
like "$(cat "$err")" "cannot write '.*nowhere/a.cert'" 'a place that cannot be written is told'
before=$(jb certify --checkpoint --key "$key" && sed -n 2p "$out")
jb certify --since 2025-01-01 --key "$key" -o "$JB_TMP"
is "$(jb certify --checkpoint --key "$key" && sed -n 2p "$out")" "$before" 'and nothing was entered for it'
jb verify "$JB_TMP/missing.cert" "$cert"
is "$rc $(grep -c ': accepted' "$out") $(grep -c 'missing.cert: refused' "$out")" '3 1 1' 'of several files, one that is missing hides no other'

jb key new auditor.example --key "$JB_TMP/auditor"
jb_ok 'a second party signs' certify --countersign "$cert" --key "$JB_TMP/auditor" -o "$JB_TMP/both.cert"
jb key new third.example --key "$JB_TMP/third"
jb_ok 'and a third' certify --countersign "$JB_TMP/both.cert" --key "$JB_TMP/third" -o "$JB_TMP/three.cert"
jb_ok 'which all hold' verify "$JB_TMP/three.cert"
like "$(cat "$out")" "which the file names 'third.example'" 'and are told'
jb_ok 'a checkpoint is signed' certify --checkpoint --key "$key" -o "$JB_TMP/now.note"
jb verify "$cert" --checkpoint "$JB_TMP/now.note"
is "$rc" 3 'R-CERT-09: an older tree is refused'
jb_ok 'the log is written' certify --log -o "$JB_TMP/log"
jb_ok 'and connects them' verify "$cert" --checkpoint "$JB_TMP/now.note" --log "$JB_TMP/log"
jb_ok 'an entry is proved' certify --proof "$R1" --key "$key" -o "$JB_TMP/run.tlog-proof"
jb_ok 'and verified' verify "$JB_TMP/run.tlog-proof"
jb verify "$JB_TMP/run.tlog-proof" --checkpoint "$JB_TMP/now.note"
is "$rc" 3 'what a proof is not held against is not passed over'
jb key show --key "$key"
vkey=$(sed -n 's/^public key *//p' "$out")
printf '%s revoked=2025-01-01T00:00:00Z reason=lost\n' "$vkey" >"$JB_TMP/revoked.keys"
printf '%s\n' "$vkey" >"$JB_TMP/old.keys"
jb verify "$JB_TMP/run.tlog-proof" --key "$JB_TMP/revoked.keys"
is "$rc" 3 'R-CERT-10: a proof under a revoked key is refused'
jb verify "$cert" --key "$JB_TMP/old.keys" --key "$JB_TMP/revoked.keys"
is "$rc" 3 'R-CERT-10: an older list does not make a revoked key good'
jb key revoke "$vkey" --reason lost --key "$key"
jb certify --since 2025-01-01 --key "$key" -o "$JB_TMP/late.cert"
like "$(cat "$err")" 'is revoked since' 'and nothing is issued under it'

if [ -x "$make" ] && /usr/bin/python3 -c 'import nacl' 2>/dev/null; then
    "$make" "$JB_TMP/made"
    is "$(/usr/bin/python3 tests/certificate/agree.py "$JOULEBOOK" "$JB_TMP/mutants" "$JB_TMP"/made/*.cert "$cert" "$JB_TMP/three.cert" tests/certificate/example.cert 2>&1)" \
        'agree on 606' 'two verifiers agree on every one'
    sed 's/}]}$/,"x":1}]}/' "$cert" >"$JB_TMP/more.cert"
    /usr/bin/python3 tests/certificate/verify.py "$JB_TMP/more.cert" >/dev/null 2>&1
    is "$?" 1 'the second takes nothing unsigned beside a signature either'
else
    skip 'no python3-nacl'
fi
done_testing
