#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reports as HTML and PDF, as a browser and poppler see them. Rules R-PAGE-10 to R-PAGE-12 and R-PAGE-15.
. tests/cli/lib.sh
. tests/pages/lib_browser.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK
evil='<img src=x onerror=alert(1)>&"'

# course FILE START WATTS: an hour of a node, a reading each second, five minutes of it missing
course() {
    awk -v start="$2" -v watts="$3" 'BEGIN {
        print "unix_s,watts"
        for (i = 0; i <= 3600; i++) if (i < 600 || i > 900) print start + i "," watts + i % 60
    }' >"$1"
}
for i in 1 2 3; do
    course "$JB_TMP/$i.csv" $((1764000000 + i * 7200)) $((i * 100))
done
jb_ok 'a run' import csv-power "$JB_TMP/1.csv" --node a --project "$evil" --stage search
jb_ok 'a second' import csv-power "$JB_TMP/2.csv" --node a --project "$evil" --stage failed
jb_ok 'a third' import csv-power "$JB_TMP/3.csv" --node a --project "$evil" --stage train

jb_ok 'a run as a page' report last --format html -o "$JB_TMP/run.html"
jb_ok 'a project as a page' report --project "$evil" --format html -o "$JB_TMP/project.html"
jb_ok 'and to standard output' report --project "$evil" --format html
ok 'which is the same' cmp "$out" "$JB_TMP/project.html"
jb_ok 'the figures are those of JSON' report --project "$evil" --format json
energy=$(json "$out" '"%.3g" % (sum(p["energy_uj"]["best"] for l in d["layers"] for p in l["parts"].values() if p["n_runs"]) / 3.6e9)')
like "$(cat "$JB_TMP/project.html")" "<b>$energy Wh</b>" "the headline is $energy Wh"
unlike "$(cat "$JB_TMP/project.html")" '<img|https?:' 'a name is no markup, and there is no address'

for page in run project; do
    found=$(measure "$JB_TMP/$page.html" 320 375 1280)
    if [ -z "$found" ] && ! command -v chromium >/dev/null; then
        skip 'no chromium'
        continue
    fi
    printf '%s\n' "$found" >"$JB_TMP/found"
    is "$(json "$JB_TMP/found" '[(m["width"], m["scroll"] <= m["width"], m["beyond"]) for m in d]')" \
        '[(320, True, []), (375, True, []), (1280, True, [])]' "$page: nothing lies beyond 320, 375 and 1280 pixels"
    is "$(json "$JB_TMP/found" '[(m["wide"] > 0, m["narrow"] > 0) for m in d]')" \
        '[(False, True), (False, True), (True, False)]' "$page: a chart for telephones, another for screens"
    is "$(json "$JB_TMP/found" '[m["text"] > 1500 for m in d]')" '[True, True, True]' "$page: its text is to be seen"
    is "$(json "$JB_TMP/found" '[m["font"] >= 10 for m in d]')" '[True, True, True]' "$page: and in charts at least 10 pixels high"
    is "$(json "$JB_TMP/found" '[m["thin"] for m in d]')" '[[], [], []]' "$page: and nowhere letter below letter"
    is "$(json "$JB_TMP/found" 'd[0]["margin"] != "normal"')" True "$page: the policy lets its own style through"
done

if command -v chromium >/dev/null; then
    browse --print-to-pdf="$JB_TMP/print.pdf" --no-pdf-header-footer "file://$JB_TMP/project.html"
    text=$(pdftotext -layout "$JB_TMP/print.pdf" - 2>/dev/null)
    like "$text" "$energy Wh" 'printed from the browser: the headline'
    like "$text" 'How it was found' 'and the words'
fi

jb report last --format pdf
is "$rc" 2 'a PDF needs a file'
jb report last --format pdf --json -o "$JB_TMP/x.pdf"
is "$rc" 2 'one format'
jb report --project "$evil" --format pdf -o "$JB_TMP/project.pdf"
if [ "$rc" -eq 5 ]; then
    like "$(cat "$err")" 'apt install' 'what is missing is named'
    skip 'no cairo or pango'
else
    is "$rc" 0 'a project as PDF'
    jb_ok 'again' report --project "$evil" --format pdf -o "$JB_TMP/again.pdf"
    ok 'is the same to the byte' cmp "$JB_TMP/project.pdf" "$JB_TMP/again.pdf"
    if command -v pdftotext >/dev/null; then
        text=$(pdftotext -layout "$JB_TMP/project.pdf" -)
        like "$text" "$energy Wh" 'it has the headline'
        like "$text" 'page 1 of' 'and pages that are counted'
        like "$(pdfinfo "$JB_TMP/project.pdf")" 'Page size: +595.*\(A4\)' 'of A4'
        is "$(pdffonts "$JB_TMP/project.pdf" | awk 'NR > 2 && $(NF-4) != "yes"')" '' 'its fonts are embedded'
    fi
fi
done_testing
