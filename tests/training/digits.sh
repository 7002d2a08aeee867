#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real PyTorch training on real data, unchanged but for two lines of marks, is entered in the book.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch, sklearn' 2>"$err" || skip_all "no PyTorch for $python: $(tail -n 1 "$err")"
book=$JB_TMP/book.db

"$python" examples/train_digits.py --epochs 3 >"$JB_TMP/alone"
is "$?" 0 'the training runs without Joulebook'

"$JOULEBOOK" run --book "$book" --project digits --model digits-cnn --place DE -- \
    "$python" examples/train_digits.py --epochs 3 >"$JB_TMP/measured" 2>"$err"
is "$?" 0 'and under it'
diag "$(cat "$err")"
is "$(sed 's/, [0-9.]* s$//' "$JB_TMP/measured")" "$(sed 's/, [0-9.]* s$//' "$JB_TMP/alone")" \
    'it learned and printed exactly the same'

jb_ok 'its account can be had as JSON' report --book "$book" last --format json
report=$JB_TMP/report.json
cp "$out" "$report"
text=$(cat "$report")
like "$text" '"project": *"digits"' 'with its project'
like "$text" 'train_digits\.py' 'and its command'
for epoch in 1 2 3; do
    score=$(sed -nE "s/^epoch $epoch\/3: .*accuracy ([0-9.]+).*/\1/p" "$JB_TMP/measured")
    like "$text" "$score" "epoch $epoch is marked with its accuracy $score"
done
energy=$(/usr/bin/python3 - "$report" <<'END'
import json, sys
def best(node):
    """Every figure of energy in the document, in microjoules."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key.endswith("_uj") and isinstance(value, (int, str)):
                yield int(value)
            yield from best(value)
    elif isinstance(node, list):
        for value in node:
            yield from best(value)
with open(sys.argv[1], encoding="utf-8") as f:
    print(max(best(json.load(f)), default=0))
END
)
diag "largest energy: $energy uJ"
ok 'some energy stands in the account' test "${energy:-0}" -gt 0
# Two cores for a few seconds: between a tenth of a watt second and an hour of a large server.
ok 'and it is of a sane order' test "${energy:-0}" -lt 3600000000000

jb_ok 'the book balances' balance --book "$book"
jb_ok 'the run is listed' runs --book "$book"
like "$(cat "$out")" 'digits' 'by its project'
done_testing
