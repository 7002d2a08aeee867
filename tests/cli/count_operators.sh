#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ONNX project's own operator tests: every file is read, every operator is known, no size or type that is told is another
# than the test's own data have. Another package than Debian's: JB_ONNX_PYTHON=/path/to/venv/bin/python. R-COUNT-05, R-COUNT-13.
. tests/cli/lib.sh

python=${JB_ONNX_PYTHON:-/usr/bin/python3}
outputs=$JB_BUILD/tests/unit/op_outputs
[ -x "$outputs" ] || skip_all "no $outputs"
"$python" -c 'import onnx.backend.test.case.node' 2>/dev/null || skip_all "no onnx for $python"

models=$JB_TMP/models
ok "the models are made" "$python" tests/onnx/make_models.py "$models"
ok "every file is read" sh -c '"$1" "$2"/*.onnx >"$2/answers"' - "$outputs" "$models"
if /usr/bin/python3 tests/onnx/compare.py "$models" "$models/answers" >"$JB_TMP/compared" 2>&1; then
    pass "every operator is known, and what is told of its outputs is true"
else
    fail "every operator is known, and what is told of its outputs is true" "$(grep -E '^# (wrong|not known|models|failed)' "$JB_TMP/compared")"
fi
# A change that tells less than before shows here: at least so many of Debian's are known to the last size.
exact=$(sed -n "s/.*'exact': \([0-9]*\).*/\1/p" "$JB_TMP/compared")
ok "most outputs are known to the last size ($exact)" test "${exact:-0}" -ge 860
diag "$(tail -n 1 "$JB_TMP/compared")"

# The comparison can fail: one size changed in the truth is found.
sed -i '0,/1:3,4,5/s//1:3,4,6/' "$models/truth.tsv"
if /usr/bin/python3 tests/onnx/compare.py "$models" "$models/answers" | grep -q '^# wrong: '; then
    pass "another size is found"
else
    fail "another size is found"
fi
done_testing
