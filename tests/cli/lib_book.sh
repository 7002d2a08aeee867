# SPDX-License-Identifier: Apache-2.0
# A command test with a book: `. tests/cli/lib_book.sh`. $JOULEBOOK_BOOK names it; tests/unit/make_book.c says what is in
# it. R1, R2, R3 are its runs: done, interrupted, open.
# shellcheck shell=bash
. tests/cli/lib.sh
make_book=$JB_BUILD/tests/unit/make_book
[ -x "$make_book" ] || skip_all "no $make_book yet"
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
"$make_book" "$JOULEBOOK_BOOK" || { echo 'Bail out! make_book failed'; exit 1; }
export R1=019b7700-0001-7000-8000-000000000001
export R2=019b7700-0002-7000-8000-000000000002
export R3=019b7700-0003-7000-8000-000000000003

# golden NAME PROMISE: $out is what tests/cli/golden/NAME says, but for what the catalogue's edition decides.
golden() {
    sed -E -e '/^factors$/,/^notes$/{/^notes$/!d}' -e '/^(carbon|facility) /d' -e 's/ +[0-9.]+ (mg|g) +(done|interrupted)/ CO2e \2/' \
        -e 's/(default 1\.58, up to )[0-9.]+/\1PUE/' -e '/grid intensity of/d' "$out" >"$JB_TMP/plain"
    if [ -n "${JB_GOLDEN_UPDATE:-}" ]; then cp "$JB_TMP/plain" "tests/cli/golden/$1"; fi
    if diff -u "tests/cli/golden/$1" "$JB_TMP/plain" >"$JB_TMP/diff"; then
        pass "$2"
    else
        fail "$2" "$(cat "$JB_TMP/diff")"
    fi
}
