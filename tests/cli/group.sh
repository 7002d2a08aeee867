#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several runs of one distributed training: each entered by itself, shown together, of one node or of merged books.
. tests/cli/lib.sh

export JOULEBOOK_BOOK=$JB_TMP/a.db
for rank in 0 1 2; do
    "$JOULEBOOK" run --group job7 --rank "$rank" -- \
        sh -c 'echo "epoch 1 loss=0.5" >>"$JOULEBOOK_MARKS"; sleep 0.1; echo phase end >>"$JOULEBOOK_MARKS"; sleep 0.2' 2>/dev/null &
done
wait
JOULEBOOK_BOOK=$JB_TMP/b.db TORCHELASTIC_RUN_ID=job7 RANK=3 "$JOULEBOOK" run -- sleep 0.1 2>/dev/null
"$JOULEBOOK" run -- true 2>/dev/null
jb_ok 'the other node is merged' merge "$JB_TMP/b.db"
jb runs --json
is "$(json "$out" 'sum(r["group"] == "job7" for r in d)')" 4 'each rank is a run; torchrun names the group by itself'
members=$(json "$out" 'sum(r["energy_uj"]["best"] for r in d if r["group"] == "job7")')
jb_ok 'the group has one account' report group:job7 --format json
is "$(json "$out" 'd["energy_uj"]["best"]')" "$members" 'its energy is the sum of its members'
is "$(json "$out" 'd["run"]["rank"]')" 0 'its facts are those of rank 0'
is "$(json "$out" 'len(d["epochs"])')" 2 'and its marks too'
is "$(json "$out" 'all(l["total_uj"]["best"] >= l["run_uj"]["best"] for l in d["lines"])')" True 'no share is above its meter'
like "$(json "$out" '" ".join(d["notes"])')" '4 runs of the group' 'it says of how many runs it is'
like "$(json "$out" '" ".join(d["notes"])')" 'phases are those of rank 0 alone' 'and whose marks they are'
is "$(json "$out" 'd["run"]["id"]')" group:job7 'it goes by the name of the group'
is "$(json "$out" 'd["duration_ns"] == (d["run"]["end_utc_us"] - d["run"]["start_utc_us"]) * 1000')" True \
    'its time is from the first begin to the last end'
epochs=$(json "$out" '[(e["name"], e["run_uj"], e["total_uj"], e["duration_ns"]) for e in d["epochs"]]')
jb runs --json
rank_0=$(json "$out" 'next(r["id"] for r in d if r["group"] == "job7" and r["rank"] == "0")')
jb report "$rank_0" --format json
is "$epochs" "$(json "$out" '[(e["name"], e["run_uj"], e["total_uj"], e["duration_ns"]) for e in d["epochs"]]')" \
    'its epochs and phases are what the account of rank 0 has, to the last'
jb show group:job7
like "$(head -1 "$out")" '^group:job7$' 'for people too'
jb show group:nobody
is "$rc" 3 'a group without runs is refused'
like "$(cat "$err")" "no run of the group 'nobody'" 'and named'
JOULEBOOK_BOOK=$JB_TMP/inside.db
jb_ok 'a run with two inside' run -- sh -c '"$0" run -- true; "$0" run -- true' "$JOULEBOOK"
jb runs --json
outer=$(json "$out" 'next(r["id"] for r in d if not r["parent_id"])')
inner=$(json "$out" 'next(r["id"] for r in d if r["parent_id"])')
jb report "$outer" --format json
like "$(json "$out" '" ".join(d["notes"])')" '2 runs inside of this one have accounts of their own' 'is told that they are apart'
jb report "$inner" --format json
unlike "$(json "$out" '" ".join(d["notes"])')" 'inside of this one' 'and they are not'
JOULEBOOK_BOOK=$JB_TMP/a.db
jb_ok 'the merged book balances' balance
done_testing
