#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rules that the compiler cannot see, over the files that are ours: banned calls as text, the SPDX line, mutable
# statics inside functions, left-over marks, paths of somebody's machine. Prints file:line and exits 1.
# usage: tools/check_banned.sh [ROOT]
set -uo pipefail
shopt -s lastpipe

cd "${1:-$(dirname "$0")/..}" || exit 2
n_errors=0

# complain RULE: reads file:line:text lines
complain() {
    local line
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        echo "$line   <- $1"
        n_errors=$((n_errors + 1))
    done
}

mapfile -t c_files < <(find include src tests examples bench -name '*.[ch]' -type f 2>/dev/null | LC_ALL=C sort)
mapfile -t src_files < <(find include src -name '*.[ch]' -type f 2>/dev/null | LC_ALL=C sort)
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    mapfile -t all_files < <(git ls-files --cached --others --exclude-standard | LC_ALL=C sort)
else
    mapfile -t all_files < <(find . -path ./build -prune -o -type f -print | sed 's|^\./||' | LC_ALL=C sort)
fi
[ "${#c_files[@]}" -gt 0 ] || { echo "check_banned: no C files found" >&2; exit 2; }

# Strings and comments are blanked first, so that a message may speak of what it forbids; line numbers stay.
blanked=$(mktemp -d "${TMPDIR:-/tmp}/jb-banned.XXXXXX")
trap 'rm -rf "$blanked"' EXIT
perl -e '
    use strict; use warnings; use File::Basename; use File::Path qw(make_path);
    my $to = shift;
    for my $file (@ARGV) {
        open(my $in, "<", $file) or die "$file: $!";
        my $text = do { local $/; <$in> };
        $text =~ s{(/\*.*?\*/)|("(?:\\.|[^"\\\n])*")|(\x27(?:\\.|[^\x27\\\n])*\x27)|//[^\n]*}
                  {my $m = $&; my $keep = substr($m, 0, 2) eq "//" ? 2 : 0;
                   substr($m, $keep) =~ s/[^\n]/ /g; $m}gse;
        make_path("$to/" . dirname($file));
        open(my $out, ">", "$to/$file") or die "$file: $!";
        print $out $text;
    }' "$blanked" "${c_files[@]}" || exit 2
code_grep() {
    local pattern=$1
    shift
    [ $# -eq 0 ] || (cd "$blanked" && grep -HnP -e "$pattern" "$@")
}

banned='(?<![\w.>])(?:strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|strtol|strtoll|strtoul|strtoull|strtod|strtof|v?f?s?scanf|gmtime|localtime|ctime|asctime|s?rand|system|popen|mktemp|tmpnam|alloca)\s*\('
code_grep "$banned" "${src_files[@]}" | complain 'banned call'
# A cast into a calculation is none: what comes out of it is named, and whole again.
code_grep '\b(?:float|double)\s+\*?\w*(?:_uj|_uw|_mw|_ns|_us|_ppm|_milli)\b' "${src_files[@]}" |
    complain 'a number with a unit is an integer'
code_grep '(?://)' "${c_files[@]}" | complain 'line comment'
code_grep '^\s*#\s*if\s+0\b' "${c_files[@]}" | complain 'dead code'
# Inside a function is what is indented.
code_grep '^\s+static\s+(?!const\b|inline\b|_Thread_local\s+const\b)[^()]*[;=]' "${src_files[@]}" |
    grep -v '_Static_assert' | grep -vP 'static\s+[^=;]*\*\s*const\s+\w+' | complain 'mutable function static'
# At file level: a variable that is neither const nor a prototype.
code_grep '^static\s+(?!const\b|inline\b|JB_)(?:struct\s+)?\w+\s+\**\w+(?:\[[^]]*\])?\s*(?:=|;)' "${src_files[@]}" |
    grep -vP '\*\s*const\s+\w+' | complain 'mutable global'

for file in "${c_files[@]}"; do
    head -n 1 "$file" | grep -qxF '/* SPDX-License-Identifier: Apache-2.0 */' ||
        echo "$file:1:$(head -n 1 "$file")"
done | complain 'first line is the SPDX line'
for file in "${all_files[@]}"; do
    case $file in
    *.sh | *.py | *.map | *meson.build | meson_options.txt | Makefile | .ci/run | *.bash | tools/*)
        [ -f "$file" ] || continue
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file:1:"
        ;;
    esac
done | complain 'SPDX line within the first three'

marks='TO''DO|FIX''ME|X''XX'
for file in "${all_files[@]}"; do
    case $file in *.csv | tests/data/* | tests/fuzz/corpus/* | LICENSE) continue ;; esac
    [ -f "$file" ] && grep -nIP "\\b(?:$marks)\\b" "$file" | sed "s|^|$file:|"
done | complain 'left-over mark'

# Somebody's machine: home folders, scratch folders of a workplace, the build's own root.
paths='(?<![\w.])/(?:wo''rk|home/\w+|Users/\w+|ro''ot)/(?!run\b)[\w.]'
for file in "${all_files[@]}"; do
    case $file in tests/data/* | tests/fuzz/corpus/*) continue ;; esac
    [ -f "$file" ] && grep -nIP "$paths" "$file" | sed "s|^|$file:|"
done | complain 'path of a machine'

echo "check_banned: ${#c_files[@]} C files, ${#all_files[@]} files, $n_errors errors"
[ "$n_errors" -eq 0 ]
