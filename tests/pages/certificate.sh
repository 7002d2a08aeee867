#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A certificate as HTML and as one page of PDF, as a browser, poppler and a reader of QR codes see them. R-PAGE-16 to R-PAGE-18.
. tests/cli/lib.sh
. tests/pages/lib_browser.sh
cert=$JB_ROOT/tests/certificate/example.cert

jb verify "$cert" --html "$JB_TMP/page.html" --pdf "$JB_TMP/page.pdf"
if [ "$rc" -eq 5 ]; then
    like "$(cat "$err")" 'apt install' 'what is missing is named'
    done_testing
    exit
fi
is "$rc" 0 'an accepted certificate has both pages'
cp "$out" "$JB_TMP/found.txt"
page=$(cat "$JB_TMP/page.html")
unlike "$page" 'https?:|<script|<img' 'no address, no script'
like "$page" 'cannot prove that a sensor told the truth' 'what a signature cannot prove'
digest=$(sha256sum <"$cert")
digest=${digest%% *}
print=$(sed -n 's/.*fingerprint \([0-9a-f]*\).*/\1/p' "$JB_TMP/found.txt")
id=$(sed -n '/<dt>certificate/{n;s/<[^>]*>//g;p;}' "$JB_TMP/page.html")
want="joulebook:certificate?id=$id&sha256=$digest&signer=$print"

if command -v pdftoppm >/dev/null; then
    like "$(pdfinfo "$JB_TMP/page.pdf")" 'Pages: +1$' 'one page'
    like "$(pdftotext -layout "$JB_TMP/page.pdf" -)" "$id" 'with its id as text'
    pdftoppm -r 150 -png "$JB_TMP/page.pdf" "$JB_TMP/paper"
    if command -v zbarimg >/dev/null; then
        is "$(zbarimg -q --raw "$JB_TMP"/paper-1.png 2>/dev/null)" "$want" 'the code on paper says id, digest and fingerprint'
    fi
else
    skip 'no poppler'
fi
if command -v chromium >/dev/null; then
    found=$(measure "$JB_TMP/page.html" 320 375 1280)
    printf '%s\n' "$found" >"$JB_TMP/found"
    is "$(json "$JB_TMP/found" '[(m["scroll"] <= m["width"], m["beyond"], m["text"] > 800) for m in d]')" \
        '[(True, [], True), (True, [], True), (True, [], True)]' 'nothing lies beyond 320, 375 and 1280 pixels'
    browse --window-size=375,1200 --force-device-scale-factor=2 --screenshot="$JB_TMP/screen.png" "file://$JB_TMP/page.html"
    if command -v zbarimg >/dev/null; then
        is "$(zbarimg -q --raw "$JB_TMP/screen.png" 2>/dev/null)" "$want" 'and so does the one on a telephone'
    fi
else
    skip 'no chromium'
fi

sed 's/"payload":"\(..\)/"payload":"\1A/' "$cert" >"$JB_TMP/bad.cert"
jb verify "$JB_TMP/bad.cert" --html "$JB_TMP/bad.html"
is "$rc" 3 'a refused certificate is refused'
ok 'and has no page' test ! -e "$JB_TMP/bad.html"
jb verify "$cert" "$cert" --pdf "$JB_TMP/two.pdf"
is "$rc" 2 'pages of one certificate at a time'
done_testing
