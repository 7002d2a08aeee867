#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The list of runs, its filters and formats.
. tests/cli/lib_book.sh

ids() {
    jb runs --json "$@"
    json "$out" '" ".join(r["id"][12] for r in d)'
}
jb_ok 'runs are listed' runs
golden runs.txt 'newest first, each with energy and band'
is "$(ids)" '3 2 1' 'all of them'
is "$(ids --project vision)" '3 1' 'of a project'
is "$(ids --project vision --model resnet50)" '1' 'all filters have to hold'
is "$(ids --status interrupted)" '2' 'of a status'
is "$(ids --tag team=a)" '1' 'with a tag'
is "$(ids --tag team=b)" '' 'with a tag that none has'
is "$(ids --stage train)" '3 2 1' 'of a stage'
is "$(ids --limit 1)" '3' 'the newest'
is "$(ids --since 2026-01-01T00:02:00Z)" '3 2' 'begun since'
is "$(ids --until 2026-01-01T00:02:00Z)" '1' 'begun until'
is "$(ids --since 2030-01-01)" '' 'none in a time without runs'
jb runs --json --status interrupted
is "$(json "$out" 'd[0]["energy_uj"]')" "{'best': 100000000, 'high': 1001000000, 'is_hard_bound': False, 'low': 99000000}" \
    'JSON has figures in uJ: 100 J, 1 % below; 1 % and 900 J of the gap above'
jb runs --json --status open
is "$(json "$out" 'd[0]["energy_uj"]')" None 'the energy of a run that has none yet is absent, not zero'
jb_ok 'runs as CSV' runs --csv
is "$(wc -l <"$out")" 4 'a title line and one for each run'
is "$(awk -F, 'NR == 3 { print $17, $18, $19 }' "$out")" '99000000 100000000 1001000000' 'with the same figures'
jb runs --csv --json
is "$rc" 2 'one format at a time'
jb runs --status asleep
is "$rc" 2 'a status that does not exist is wrong use'
like "$(cat "$err")" 'one of: open done interrupted void' 'and the hint lists them'
(
    unset JOULEBOOK_BOOK
    HOME=$JB_TMP/new XDG_DATA_HOME='' "$JOULEBOOK" runs >"$out" 2>"$err"
)
is "$?" 3 'who has no book yet gets no list'
like "$(cat "$err")" "there is no book '.*/new/\.local/share/joulebook/book\.db'" 'but hears that there is none'
like "$(cat "$err")" 'joulebook run' 'and what makes one'
echo 'not a book at all, but a text that is long enough to be looked at' >"$JB_TMP/text"
jb runs --book "$JB_TMP/text"
is "$rc" 4 'a file of another kind is refused'
like "$(cat "$err")" "text' is not a book" 'as what it is'
done_testing
