#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make demo` trains, shows the account and balances the book; the user's own book is not touched.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"
"${PYTHON:-/usr/bin/python3}" -c 'import torch, sklearn' 2>"$err" || skip_all "no PyTorch here: $(tail -n 1 "$err")"

unset MAKEFLAGS MAKELEVEL MFLAGS
built=$(stat -c %Y "$JOULEBOOK")
make demo DEMO="$JB_TMP/demo" >"$out" 2>&1
is "$?" 0 'make demo succeeds'
got=$(cat "$out")
diag "$got"
like "$got" '^epoch 1/[0-9]+: loss' 'the training is seen'
like "$got" 'digits' 'its account is shown'
like "$got" 'accuracy' 'with the marks of its epochs'
ok 'its book is the demo only one' test -s "$JB_TMP/demo/book.db"
is "$(find "$HOME" -type f)" '' 'nothing was written below HOME'
is "$(stat -c %Y "$JOULEBOOK")" "$built" 'and nothing was built again'
done_testing
