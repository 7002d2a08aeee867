#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The proof that the book adds up, and that it fails where somebody changed a number.
. tests/cli/lib_book.sh

jb_ok 'the book balances' balance
like "$(head -n 1 "$out")" '^the book balances' 'and says so first'
like "$(cat "$out")" '^  measured  meter +3  -5300000000$' 'meters gave 4000 + 1000 + 300 J'
like "$(cat "$out")" '^  measured  run +3   3100000000$' 'runs had 2500 + 500 + 100 J of it'
jb_ok 'as JSON' balance --json
is "$(json "$out" 'd["is_balanced"]')" True 'is_balanced'
is "$(json "$out" 'sum(c["n_failed"] for c in d["checks"])')" 0 'no check failed'
is "$(json "$out" 'sum(int(s["total_uj"]) for s in d["sums"])')" 0 'everything sums to zero'
like "$(json "$out" 'd["root"]')" '^[0-9a-f]{64}$' 'with its root'

# An amount changed behind the book's back, in every place where its digits stand.
jb backup "$JB_TMP/forged.db"
/usr/bin/python3 - "$JB_TMP/forged.db" <<'END'
import sqlite3, sys
book = sqlite3.connect(sys.argv[1])
tables = [r[0] for r in book.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")]
for trigger in [r[0] for r in book.execute("select name from sqlite_schema where type = 'trigger'")]:
    book.execute(f'drop trigger "{trigger}"')
changed = 0
for table in tables:
    for column in [r[1] for r in book.execute(f'pragma table_info("{table}")')]:
        changed += book.execute(f'update "{table}" set "{column}" = 2500000001 where "{column}" = 2500000000').rowcount
book.commit()
print("#", changed, "places changed")
END
jb balance --book "$JB_TMP/forged.db"
is "$rc" 4 'a forged amount is a damaged book'
like "$(cat "$out" "$err")" 'DOES NOT BALANCE|damaged' 'and says so'

head -c 40000 /dev/urandom >"$JB_TMP/noise.db"
jb balance --book "$JB_TMP/noise.db"
is "$rc" 4 'noise is no book'
is "$(wc -c <"$out")" 0 'and nothing is claimed of it'
done_testing
