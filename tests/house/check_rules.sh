#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rule ids stand for rules that are written down, and the checker sees those that do not.
. tests/lib.sh

ok 'every rule cited is defined once, every rule defined is cited' tools/check_rules.py

tree=$JB_TMP/tree
mkdir -p "$tree/src" "$tree/tests" "$tree/docs/method"
printf '# Rules\n\n* **R-ONE-01 First.** Text.\n- **R-ONE-02** Text, see R-ONE-01.\n\n**R-ONE-03, third.** Text.\n' \
    >"$tree/docs/method/one.md"
printf '/* Rules R-ONE-01 to -02. */\n' >"$tree/src/a.c"
printf '# R-ONE-03\n' >"$tree/tests/a.sh"
ok 'a tree that obeys passes' tools/check_rules.py "$tree"

# refuses FILE LINE PATTERN NAME: with the line added to the file
refuses() {
    cp "$tree/$1" "$JB_TMP/kept"
    printf '%s\n' "$2" >>"$tree/$1"
    got=$(tools/check_rules.py "$tree") && got="passed: $got"
    cp "$JB_TMP/kept" "$tree/$1"
    like "$got" "^$1:[0-9]+: $3" "$4"
}
refuses src/a.c '/* R-ONE-04 */' 'R-ONE-04 is not defined' 'a rule that nobody wrote down is refused'
refuses src/a.c '/* R-ONE-01 to -05 */' 'R-ONE-05 is not defined' 'and a stretch that ends in none'
refuses docs/method/one.md '* **R-ONE-01 Again.**' 'R-ONE-01 is defined at docs/method/one.md:3 already' \
    'a rule that is written down twice is refused'
refuses docs/method/one.md '* **R-TWO-01 Lonely.**' 'R-TWO-01 is cited nowhere' 'and one that nothing cites'
done_testing
