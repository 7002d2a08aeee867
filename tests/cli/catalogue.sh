#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The facts behind accounts can be looked up.
. tests/cli/lib.sh

jb_ok 'tables are listed' catalogue --json
mapfile -t tables < <(json "$out" '"\n".join(t["table"] for t in d)')
ok 'there are some' [ "${#tables[@]}" -ge 5 ]
for table in "${tables[@]}"; do
    rows=$(json "$JB_TMP/out" "next(t['n_rows'] for t in d if t['table'] == '$table')")
    "$JOULEBOOK" catalogue "$table" --json >"$JB_TMP/rows"
    is "$(json "$JB_TMP/rows" 'len(d)')" "$rows" "$table has its $rows rows as JSON"
    is "$("$JOULEBOOK" catalogue "$table" --csv | /usr/bin/python3 -c 'import csv, sys; print(len(list(csv.DictReader(sys.stdin))))')" \
        "$rows" "and as CSV"
done
jb_ok 'rows are found' catalogue grid_intensity netherlands --json
is "$(json "$out" 'sorted({r["zone"] for r in d})')" "['NL']" 'without regard to case'
jb catalogue grid_intensity 'no such place'
is "$rc" 3 'nothing found is refused'
jb catalogue no_table
is "$rc" 3 'as is a table that does not exist'
like "$(cat "$err")" 'hint: .*grid_intensity' 'and the hint lists them'
jb_ok 'a name is understood' catalogue find 'Tesla K80' --kind accelerator --json
is "$(json "$out" 'd[0]["name"], d[0]["match"], d[0]["board_w"]["best"]')" "('NVIDIA Tesla K80', 'exact', '300')" 'as its board'
jb_ok 'a name of several is understood' catalogue find A100
like "$(cat "$out")" 'may be +NVIDIA A100 PCIe 40GB' 'as its variants'
jb_ok 'so is one of two kinds' catalogue find 'M60' --json
jb catalogue find 'RTX 3O90'
is "$rc" 3 'a misspelling is refused'
like "$(cat "$err")" "hint: did you mean .*RTX 3090" 'with the nearest names'
jb catalogue find A100 --kind horse
is "$rc" 2 'and so is a kind that there is not'
mkdir -p "$JB_TMP/site"
printf 'name,board_tdp_w,source\nAcme X9,111.5,our lab\n' >"$JB_TMP/site/accelerators.csv"
export JOULEBOOK_CATALOGUE="$JB_TMP/site"
jb_ok "a site's own board is known" catalogue find 'acme x9' --json
is "$(json "$out" 'd[0]["board_w"]["best"], d[0]["source"]')" "('111.5', 'our lab')" 'with its watts and source'
jb_ok 'the edition tells of the site' catalogue
like "$(cat "$out")" 'edition [0-9-]+[0-9a-f]{12}\+site-[0-9a-f]{12}' 'by its digest'
printf 'name,board_tdp_w,source\nAcme X9,lots,our lab\n' >"$JB_TMP/site/accelerators.csv"
jb catalogue
is "$rc" 3 'a figure that is none is refused'
like "$(cat "$err")" 'accelerators.csv:2:9:' 'with file, line and column'
jb_ok 'measuring does not fail for it' run --book "$JB_TMP/book.db" -- true
like "$(cat "$err")" 'your own catalogue is left out: .*accelerators.csv:2:9:' 'but tells it'
JOULEBOOK_CATALOGUE="$JB_TMP/nowhere"
jb catalogue
is "$rc" 3 'and so is a folder that is not there'
unset JOULEBOOK_CATALOGUE
mkdir -p "$JB_TMP/config/joulebook/catalogue"
printf 'name,board_tdp_w,source\nAcme X10,12,our lab\n' >"$JB_TMP/config/joulebook/catalogue/accelerators.csv"
jb catalogue find
is "$rc" 2 'find without a name is wrong use'
XDG_CONFIG_HOME="$JB_TMP/config" jb_ok "the user's own folder is read" catalogue find 'Acme X10'
done_testing
