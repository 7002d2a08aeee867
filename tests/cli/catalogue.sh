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
done_testing
