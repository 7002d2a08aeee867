#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every man page is free of errors and warnings, and is installed.
. tests/lib.sh

mapfile -t pages < <(find docs/man -name '*.[1-8]' 2>/dev/null | LC_ALL=C sort)
[ "${#pages[@]}" -gt 0 ] || skip_all 'no man pages yet'
for page in "${pages[@]}"; do
    # The page's date and references to pages of other packages are no faults of its own.
    got=$(mandoc -T lint -W warning "$page" 2>&1 | grep -vE 'referenced manual not found|Mdocdate|unknown manual section')
    is "$got" '' "$page is well formed"
    ok "$page is listed for installation" grep -qF "'$(basename "$page")'" docs/man/meson.build
done
done_testing
