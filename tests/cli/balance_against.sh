#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the book has measured of what bills and jobs tell.
. tests/cli/lib_book.sh

jb_ok 'a book without papers' balance --against papers
like "$(cat "$out")" 'No machine time was told: import a bill' 'says that there is nothing to compare with'
jb_ok 'as JSON' balance --against bills --json
is "$(json "$out" 'd["all"]["told"]["machine_ns"]')" 0 'nothing was told'
is "$(json "$out" 'd["rows"][0]["coverage_ppm"]')" None 'and coverage is not known, rather than 0'
is "$(json "$out" 'd["all"]["logged"]["n_runs"]')" 2 'two runs were logged'
is "$(json "$out" 'd["n_open"]')" 1 'one still goes on'
jb balance --against invoices
is "$rc" 2 'a source that is none is refused'
like "$(cat "$err")" 'bills, jobs, papers' 'with those there are'
jb balance --since 30d
is "$rc" 2 'the proof itself is of the whole book'

done_testing
