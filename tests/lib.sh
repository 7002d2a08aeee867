# SPDX-License-Identifier: Apache-2.0
# TAP for shell tests, sourced by them: . tests/lib.sh
# tools/tap_run starts a test in the source root with JB_ROOT, JB_BUILD, JOULEBOOK (the executable) and JB_TMP (a folder
# of its own, removed afterwards, that also holds HOME). A test ends with done_testing.
# shellcheck shell=bash
set -u

: "${JB_ROOT:?run this through tools/tap_run}" "${JB_TMP:?}" "${JOULEBOOK:?}"
tap_n=0
tap_failed=0
out=$JB_TMP/out
err=$JB_TMP/err
rc=0

diag() {
    printf '%s\n' "$*" | sed 's/^/# /'
}

# pass NAME, fail NAME [WHY]
pass() {
    tap_n=$((tap_n + 1))
    printf 'ok %d - %s\n' "$tap_n" "$1"
}

fail() {
    tap_n=$((tap_n + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_n" "$1"
    [ $# -lt 2 ] || diag "$2"
}

# skip REASON: stands for one promise that cannot be tested here
skip() {
    tap_n=$((tap_n + 1))
    printf 'ok %d # SKIP %s\n' "$tap_n" "$1"
}

# skip_all REASON: the whole test cannot run here
skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    exit 0
}

# ok NAME COMMAND...: the command succeeds
ok() {
    local name=$1
    shift
    if "$@" >"$JB_TMP/ok.log" 2>&1; then
        pass "$name"
    else
        fail "$name" "status $? of: $*
$(tail -n 30 "$JB_TMP/ok.log")"
    fi
}

# is GOT WANT NAME
is() {
    if [ "$1" = "$2" ]; then
        pass "$3"
    else
        fail "$3" "got  '$1'
want '$2'"
    fi
}

# like TEXT PATTERN NAME: an extended regular expression; unlike: the opposite
like() {
    if grep -qE -e "$2" <<<"$1"; then
        pass "$3"
    else
        fail "$3" "no match for '$2' in:
$1"
    fi
}

unlike() {
    if grep -qE -e "$2" <<<"$1"; then
        fail "$3" "match for '$2' in:
$1"
    else
        pass "$3"
    fi
}

# jb ARGUMENT...: runs joulebook; its output lies in $out and $err, its status in $rc
jb() {
    rc=0
    "$JOULEBOOK" "$@" >"$out" 2>"$err" </dev/null || rc=$?
}

# jb_ok NAME ARGUMENT...: the same, and it has to succeed
jb_ok() {
    local name=$1
    shift
    jb "$@"
    if [ "$rc" -eq 0 ]; then
        pass "$name"
    else
        fail "$name" "status $rc of: joulebook $*
$(head -n 40 "$out" "$err")"
    fi
}

# json FILE EXPRESSION: prints a Python expression over `d`, the parsed document; nothing if it cannot be had
json() {
    /usr/bin/python3 -c '
import json, sys
with open(sys.argv[1], encoding="utf-8") as f:
    d = json.load(f)
print(eval(sys.argv[2]))' "$1" "$2" 2>"$JB_TMP/json.err" || { diag "json: $(tail -n 1 "$JB_TMP/json.err")" >&2; }
}

done_testing() {
    printf '1..%d\n' "$tap_n"
    [ "$tap_failed" -eq 0 ] && [ "$tap_n" -gt 0 ]
    exit
}
