#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check that rule ids (R-BOOK-03) mean something: docs/method/ says what, src/ and tests/ say where.

usage: tools/check_rules.py [ROOT]     (ROOT: the source root; default: the folder above this file)

A rule is defined where a paragraph or list item of docs/method/*.md begins with its bold id, once. Every id that is cited in
src/, tests/, bench/, tools/, docs/ or a text at the root is defined, also both ends of a stretch such as R-BAND-01 to -06;
every defined rule is cited at least once in src/ or tests/, a stretch counting for what lies between.
Prints file:line and exits 1 where that does not hold.
"""

import os
import re
import sys

DEFINED = re.compile(r"^(?:[*-] )?\*\*(R-[A-Z]+-\d\d)\b")
CITED = re.compile(r"\bR-([A-Z]+)-(\d\d)(?:(?: to |\s?\.\.\.\s?)(?:R-\1-|-)(\d\d))?")
FOLDERS = ("src", "tests", "bench", "tools", "docs", "examples", "include")
SHOWS = ("src/", "tests/")
NOT_READ = (".db", ".pyc", ".png")


def files(root):
    for name in sorted(os.listdir(root)):
        if name.endswith(".md"):
            yield name
    for folder in FOLDERS:
        for path, folders, names in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(names):
                if not name.endswith(NOT_READ):
                    yield os.path.relpath(os.path.join(path, name), root)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    defined, cited, shown, errors = {}, [], set(), []
    for path in files(root):
        # This file and its test speak of rules that do not exist.
        if os.path.basename(path).startswith("check_rules"):
            continue
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                where = f"{path}:{number}"
                found = DEFINED.match(line) if path.startswith("docs/method/") else None
                if found and found[1] in defined:
                    errors.append(f"{where}: {found[1]} is defined at {defined[found[1]]} already")
                elif found:
                    defined[found[1]] = where
                for kind, first, last in CITED.findall(line):
                    ends = range(int(first), int(last or first) + 1)
                    cited += [(where, f"R-{kind}-{n:02}") for n in {int(first), int(last or first)}]
                    if path.startswith(SHOWS):
                        shown.update(f"R-{kind}-{n:02}" for n in ends)
    errors += [f"{where}: {rule} is not defined in docs/method" for where, rule in cited if rule not in defined]
    errors += [f"{where}: {rule} is cited nowhere in src or tests" for rule, where in defined.items() if rule not in shown]
    for error in errors:
        print(error)
    return 1 if errors or not defined else 0


if __name__ == "__main__":
    sys.exit(main())
