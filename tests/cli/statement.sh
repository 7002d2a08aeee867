#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A provider's book to a statement, and the statement into the customer's book. tests/statement_book.h derives every joule.
# R-STATEMENT-04, -07, -09 to -13.
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
done_testing
