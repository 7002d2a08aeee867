#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A provider's book to a statement, and the statement into the customer's book. tests/statement_book.h derives every joule.
# R-STATEMENT-04, -07, -09 to -14.
. tests/cli/lib.sh
make_book=$JB_BUILD/tests/unit/make_book
[ -x "$make_book" ] || skip_all "no $make_book yet"
provider=$JB_TMP/provider.db
JOULEBOOK_BOOK=$JB_TMP/customer.db
export JOULEBOOK_BOOK
if ! "$make_book" "$provider" provider || ! "$make_book" "$JOULEBOOK_BOOK" customer; then
    echo 'Bail out! make_book failed'
    exit 1
fi
acme=$JB_TMP/acme.json
period=(--since 2026-01-01 --until 2026-01-01T02:00:00Z)

# make FILE OPTION...
make() {
    local file=$1
    shift
    jb statement make --book "$provider" --provider dc1 "${period[@]}" -o "$file" "$@"
}

# --- make
jb_ok 'a statement is made' statement make --book "$provider" --provider dc1 --customer acme "${period[@]}" --pue 1.2 -o "$acme"
like "$(cat "$out")" '  work .* 1900000000 uJ' 'the provider is told the work'
like "$(cat "$out")" '= metered in the period .* 4990000000 uJ' 'and that the period closes with what the meters gave'
is "$(json "$acme" 'd["total"]["work_uj"]["best"], d["total"]["idle_uj"]["best"], d["total"]["platform_uj"]["best"], d["total"]["facility_uj"]["best"]')" \
    '(1900000000, 850000000, 180000000, 586000000)' 'work, idle, platform and facility stand apart'
is "$(json "$acme" '[i["name"] for i in d["items"]]')" "['41', '42']" 'an item for each job'
is "$(json "$acme" 'd["withheld"]')" "['runs', 'hosts', 'book']" 'it says what it withholds'
unlike "$(cat "$acme")" 'node-|019b7700|metered_uj' 'and nothing of that is in the file'
like "$(wc -l <"$acme")" '^1$' 'it is one line'
make "$JB_TMP/again.json" --customer acme --pue 1.2
is "$(sed 's/"issued_utc":"[^"]*"//' "$JB_TMP/again.json")" "$(sed 's/"issued_utc":"[^"]*"//' "$acme")" 'made again it is the same'
cat >"$JB_TMP/all.yaml" <<'END'
schema: joulebook.disclosure/1
by: tag:customer
fields:
  book: yes
  hosts: yes
END
make "$JB_TMP/all.json" --disclose "$JB_TMP/all.yaml"
is "$(json "$JB_TMP/all.json" '[(i["name"], i["hosts"]) for i in d["items"]]')" \
    "[('acme', ['node-a', 'node-b']), ('bolt', ['node-a']), ('core', ['node-a'])]" 'to everybody: an item for each customer, with hosts where they are told'
is "$(json "$JB_TMP/all.json" 'd["book"]["metered_uj"] - sum(i[k]["best"] for i in d["items"] for k in ("work_uj", "idle_uj", "platform_uj")) - d["book"]["tenants_uj"] - d["book"]["nobody_uj"] - d["book"]["discrepancy_uj"]')" \
    0 'all customers, the others and nobody are the book to the microjoule'

# --- disclose
cat >"$JB_TMP/little.yaml" <<'END'
schema: joulebook.disclosure/1
by: job
round: 300 J
fields:
  names: no
  hardware: no
  times: no
  origin: no
END
make "$JB_TMP/little.json" --customer acme --disclose "$JB_TMP/little.yaml"
is "$(json "$JB_TMP/little.json" '[i["work_uj"] for i in d["items"]]')" \
    "[{'best': 1500000000, 'high': 1800000000, 'low': 1200000000}, {'best': 300000000, 'high': 600000000, 'low': 300000000}]" \
    'rounded: best to nearest, band outward, the largest first'
unlike "$(cat "$JB_TMP/little.json")" 'A100|"4[12]"|start_utc|counter"' 'names, boards, times and origins are nowhere'
jb_ok 'what is rounded and cut down holds as well' statement verify "$JB_TMP/little.json"
printf 'schema: joulebook.disclosure/1\nfields:\n  host: no\n' >"$JB_TMP/wrong.yaml"
make "$JB_TMP/never.json" --customer acme --disclose "$JB_TMP/wrong.yaml"
is "$rc" 3 'a disclosure with an unknown field is refused'
like "$(cat "$err")" 'wrong.yaml:3:3: there is no .host.' 'by its line'
like "$(cat "$err")" "did you mean 'hosts'" 'with the nearest'
ok 'and no file is written' [ ! -e "$JB_TMP/never.json" ]
make "$JB_TMP/never.json" --customer acme --by tag:vm --since 2026-01-01T00:30:00Z
is "$rc" 2 'an option twice is refused'
jb statement make --book "$provider" --provider dc1 --customer acme --since 2026-01-01T00:30:00Z --until 2026-01-02
is "$rc" 2 'a period must begin at an hour'

# --- verify
jb_ok 'a statement is verified' statement verify "$acme"
like "$(cat "$out")" 'not signed' 'that it is not signed is said'
like "$(cat "$out")" '^41 .* C-2' 'with what it says'
sed 's/"best":400000000/"best":400000001/' "$acme" >"$JB_TMP/changed.json"
jb statement verify "$JB_TMP/changed.json"
is "$rc" 3 'a changed figure is refused'
like "$(cat "$err")" "does not come to 'work_uj'" 'because the sums do not hold'
sed 's/,"id"/, "id"/' "$acme" >"$JB_TMP/changed.json"
jb statement verify "$JB_TMP/changed.json"
is "$rc" 3 'so is a blank that nobody would have written'
head -c -1 "$acme" >"$JB_TMP/changed.json"
jb statement verify "$JB_TMP/changed.json"
is "$rc" 3 'and a file that is cut short'

# --- import
jb_ok 'the customer imports it' statement import "$acme" --project asphalt
like "$(cat "$out")" '^2 runs in the reconstructed layer' 'as two runs'
jb runs --layer reconstructed --json
is "$(json "$out" 'sorted(r["energy_uj"]["best"] for r in d)')" '[400000000, 1500000000]' 'with the work alone'
jb_ok 'once more' statement import "$JB_TMP/again.json" --project asphalt
like "$(cat "$out")" 'in the book already' 'changes nothing, whenever it was issued'
jb_ok 'as a bound' statement import "$acme" --project asphalt --as bound --json
is "$(json "$out" 'd["state"], d["n_voided"]')" "('supersedes', 2)" 'it takes the place of the runs'
# high: 1949 of work, 875 of idle, 180 of platform; the PUE stands by itself
is "$(json "$out" 'd["energy_uj"]')" "{'best': 1900000000, 'high': 3004000000, 'low': 1861000000}" 'and its high end holds what stands beside the work'
jb_ok 'a newer one' statement import "$JB_TMP/little.json" --project asphalt --json
is "$(json "$out" 'd["state"], d["n_runs"], d["n_voided"]')" "('supersedes', 2, 2)" 'of the same period takes its place'
jb_ok 'the book balances' balance
like "$(cat "$out")" 'balanced|balances' 'after all of it'

# --- sign
# The seed and public key of RFC 8032, 7.1, TEST 1; files by docs/format/key.md.
seed=9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
vkey=$(/usr/bin/python3 -c '
import base64, hashlib
key = b"\x01" + bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
print("dc1+" + hashlib.sha256(b"dc1\n" + key).hexdigest()[:8] + "+" + base64.b64encode(key).decode())')
(umask 077 && printf 'joulebook.signing-key/1\npublic %s\nsecret %s\n' "$vkey" "$seed" >"$JB_TMP/dc1.key")
echo "$vkey" >"$JB_TMP/dc1.list"
signed=$JB_TMP/signed.json
jb_ok 'a statement is signed' statement make --book "$provider" --key "$JB_TMP/dc1.key" --customer acme "${period[@]}" --pue 1.2 -o "$signed"
jb_ok 'and verified' statement verify "$signed" --json
is "$(json "$out" 'd["signers"]')" "['$vkey']" 'it says by whom'
jb_ok 'with the list of keys' statement verify "$signed" --key "$JB_TMP/dc1.list"
like "$(cat "$out")" "signed by 'dc1', fingerprint [0-9a-f]{64}" 'with the fingerprint'
is "$(json "$signed" '__import__("json").loads(__import__("base64").b64decode(d["payload"]))["provider"]')" dc1 'the provider is the name of the key'
if /usr/bin/python3 -c 'import nacl' 2>/dev/null; then
    ok 'another program finds the signature good' /usr/bin/python3 -c '
import base64, json, sys
from nacl.signing import VerifyKey
d = json.load(open(sys.argv[1]))
t, p = d["payloadType"].encode(), base64.b64decode(d["payload"])
VerifyKey(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")).verify(
    b"DSSEv1 %d %s %d %s" % (len(t), t, len(p), p), base64.b64decode(d["signatures"][0]["sig"]))' "$signed"
else
    skip 'no python3-nacl here'
fi
# refused FILE LIST PATTERN NAME
refused() {
    jb statement verify "$1" --key "$2"
    is "$rc" 3 "$4 is refused"
    like "$(cat "$err")" "$3" 'with its reason'
}
refused "$acme" "$JB_TMP/dc1.list" 'is not signed' 'what is not signed'
echo 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW' >"$JB_TMP/other.list"
refused "$signed" "$JB_TMP/other.list" 'does not name' 'a signer who is not in the list'
echo "$vkey revoked=2026-01-01T00:00:00Z reason=stolen" >"$JB_TMP/revoked.list"
refused "$signed" "$JB_TMP/revoked.list" 'revoked since 2026-01-01T00:00:00Z: stolen' 'a revoked key'
echo "$vkey from=2100-01-01T00:00:00Z" >"$JB_TMP/later.list"
refused "$signed" "$JB_TMP/later.list" 'before its key' 'a key that was not valid yet'
# A byte of it changed, at forty places over the whole file.
n_taken=0
size=$(stat -c %s "$signed")
for ((at = 0; at < size; at += size / 40)); do
    cp "$signed" "$JB_TMP/changed.json"
    byte=$(dd if="$signed" bs=1 skip="$at" count=1 2>/dev/null)
    if [ "$byte" = A ]; then byte=B; else byte=A; fi
    printf %s "$byte" | dd of="$JB_TMP/changed.json" bs=1 seek="$at" conv=notrunc 2>/dev/null
    jb statement verify "$JB_TMP/changed.json"
    [ "$rc" -eq 3 ] || n_taken=$((n_taken + 1))
done
is "$n_taken" 0 'a byte changed anywhere is refused'
chmod 644 "$JB_TMP/dc1.key"
make "$JB_TMP/never.json" --customer acme --key "$JB_TMP/dc1.key"
ok 'a key that others can read signs nothing' [ "$rc" -ne 0 ]
jb_ok 'a signed one is imported' statement import "$signed" --key "$JB_TMP/dc1.list" --project asphalt --json
is "$(json "$out" 'd["n_runs"]')" 2 'as any other'
jb runs --layer reconstructed --json
jb show "$(json "$out" 'd[0]["id"]')" --json
like "$(json "$out" 'd["notes"]')" "signed by 'dc1', fingerprint [0-9a-f]{64}, a key that was known" 'and its runs note who signed'

# --- reconcile
jb_ok 'it is put beside the own measurement' statement reconcile "$acme" --project asphalt --json
is "$(json "$out" '[(i["name"], i["verdict"], i["difference_uj"]) for i in d["items"]]')" \
    "[('41', 'inside', 10000000), ('42', 'not measured', 1500000000), ('43', 'not stated', -25000000)]" 'job by job: inside the band, or missing on one side'
is "$(json "$out" 'd["total"]["verdict"], d["total"]["coverage_ppm"], d["unmatched_uj"], d["unstated_uj"]')" \
    "('more stated', 666666, 1500000000, 25000000)" 'with the hours that were measured of those stated'
jb_ok 'for people too' statement reconcile "$acme" --project asphalt
like "$(cat "$out")" 'missing in this book: 1 item' 'with what is missing'
jb statement reconcile "$acme" --project none --json
is "$(json "$out" 'd["total"]["measured"], d["total"]["verdict"]')" "(None, 'not measured')" 'a project that was not measured has no own side'

# --- mistakes
jb statement reconcile "$acme"
is "$rc" 2 'reconcile needs a project'
jb statement verify "$acme" --project x
is "$rc" 2 'an option that does not belong is refused'
jb statement frobnicate
is "$rc" 2 'so is a word that is none'
jb statement make --book "$provider" --customer acme "${period[@]}"
is "$rc" 2 'and a statement by nobody'

jb statement make --book "$provider" --provider dc1 --since 2026-01-02 --until 2026-01-01
is "$rc" 2 'a period that ends before it begins is refused'
like "$(cat "$err")" 'ends before it begins' 'as what it is'

# --- at the wall: the facility's part is not known, which is not 0
wall=$JB_TMP/wall.db
printf 'unix_s,watts\n1767225600,100\n1767229200,100\n' >"$JB_TMP/wall.csv"
jb_ok 'a node metered at the wall' import csv-power "$JB_TMP/wall.csv" --accuracy 1 --tag customer=acme --pue 1.2 --book "$wall"
jb statement make --book "$wall" --provider dc1 --by tag:customer "${period[@]}" --disclose "$JB_TMP/all.yaml" -o "$JB_TMP/wall.json"
is "$rc" 0 'is stated'
unlike "$(cat "$out")" 'facility (of|in)' 'without a facility of 0 J'
is "$(json "$JB_TMP/wall.json" 'd["book"]["facility_uj"], d["total"]["facility_uj"], d["book"]["metered_uj"]')" '(None, None, 360000000000)' 'in the file too'
jb_ok 'and read again' statement verify "$JB_TMP/wall.json"
done_testing
