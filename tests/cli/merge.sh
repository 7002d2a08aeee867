#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Books brought together and copied.
. tests/cli/lib_book.sh

jb_ok 'a book is brought into a new one' merge --book "$JB_TMP/team.db" "$JOULEBOOK_BOOK"
like "$(cat "$out")" '11 new entries, 3 new runs' 'all of it'
jb_ok 'once more' merge --book "$JB_TMP/team.db" "$JOULEBOOK_BOOK"
like "$(cat "$out")" ': 0 new entries, 0 new runs' 'brings nothing twice'
jb runs --book "$JB_TMP/team.db" --json
is "$(json "$out" 'len(d)')" 3 'its runs are there'
jb show "$R1" --json
cp "$out" "$JB_TMP/here"
jb show "$R1" --json --book "$JB_TMP/team.db"
ok 'with the same accounts' cmp "$out" "$JB_TMP/here"
jb_ok 'the merged book balances' balance --book "$JB_TMP/team.db"
jb merge --book "$JB_TMP/team.db" "$JB_TMP/none.db"
is "$rc" 3 'a book that is not there is refused'
jb_ok 'as JSON' merge --json --book "$JB_TMP/team.db" "$JOULEBOOK_BOOK"
is "$(cat "$out")" '{"n_entries":0,"n_runs":0}' 'the sums of all books'

jb_ok 'a book is copied' backup "$JB_TMP/copy.db"
like "$(cat "$out")" "^11 entries copied to '$JB_TMP/copy.db', root [0-9a-f]{64}\$" 'with its root'
root=$(sed -E 's/.* root //' "$out")
jb balance --json
is "$(json "$out" 'd["root"]')" "$root" 'which is that of the book'
jb_ok 'the copy balances' balance --book "$JB_TMP/copy.db"
jb backup "$JB_TMP/copy.db"
ok 'a copy is not written over another' [ "$rc" -ne 0 ]
jb_ok 'the first copy is whole' balance --book "$JB_TMP/copy.db"
done_testing
