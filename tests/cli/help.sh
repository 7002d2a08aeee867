#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command explains itself; wrong use is told from what was wrong; exit codes as promised.
. tests/cli/lib.sh

jb_ok 'help lists the commands' help
mapfile -t commands < <(sed -nE 's/^  ([a-z]+) .*/\1/p' "$out")
ok "${#commands[@]} commands are listed" [ "${#commands[@]}" -ge 12 ]
for command in "${commands[@]}"; do
    jb "$command" --help
    is "$rc" 0 "$command --help succeeds"
    like "$(head -n 1 "$out")" "^usage: joulebook $command( |\$)" "$command --help begins with its use"
    like "$(sed -n '/^examples:$/,$p' "$out")" "^  .*joulebook( |:)" "$command --help has examples"
    is "$(awk 'length > 108' "$out")" '' "$command --help fits a wide terminal"
    cp "$out" "$JB_TMP/by_option"
    jb help "$command"
    ok "help $command says the same" cmp "$out" "$JB_TMP/by_option"
    [ "$command" = run ] || {
        jb "$command" --no-such-option
        is "$rc" 2 "$command: an unknown option is wrong use"
        like "$(cat "$err")" "^joulebook $command: unknown option '--no-such-option'\$" "$command names it"
        is "$(wc -c <"$out")" 0 "$command prints nothing then"
    }
done
jb_ok 'help as JSON' help --json
is "$(json "$out" '",".join(c["name"] for c in d)')" "$(IFS=,; echo "${commands[*]}")" 'lists the same commands'

jb_ok 'version' version
like "$(head -n 1 "$out")" '^joulebook [0-9]+\.[0-9]+\.[0-9]+$' 'says which'
jb_ok '--version is the same' --version
jb_ok 'version as JSON' version --json
like "$(json "$out" 'd["catalogue"]')" '^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}$' 'names the edition of the facts'

jb
is "$rc" 2 'no command is wrong use'
like "$(cat "$err")" 'hint: see `joulebook help`' 'and says where to look'
jb shwo
is "$rc" 2 'an unknown command is wrong use'
like "$(cat "$err")" "hint: did you mean 'show'" 'and the nearest is suggested'
jb runs --projct x
like "$(cat "$err")" 'hint: did you mean --project' 'as it is for options'
jb runs extra
is "$rc" 2 'a word too many is wrong use'
jb report
is "$rc" 2 'a word too few is wrong use'
jb runs --since yesterday
is "$rc" 2 'a moment that is none is wrong use'

rc=0
"$JOULEBOOK" help >/dev/full 2>"$err" || rc=$?
is "$rc" 5 'output that cannot be written is an error'
like "$(cat "$err")" 'cannot write to standard output: no space left' 'with its reason'
rc=0
{ "$JOULEBOOK" catalogue cpus 2>"$err"; echo $? >"$JB_TMP/rc"; } | head -n 1 >/dev/null
is "$(cat "$err")" '' 'a reader that leaves early hears nothing'

jb show --book "$JB_TMP/none.db"
is "$rc" 3 'a book that is not there is refused'
ok 'and not made' [ ! -e "$JB_TMP/none.db" ]
rc=0
env -u HOME -u XDG_DATA_HOME "$JOULEBOOK" runs >"$out" 2>"$err" || rc=$?
is "$rc" 5 'without a home there is no book'
like "$(cat "$err")" 'hint: name it with --book PATH or \$JOULEBOOK_BOOK' 'and the hint says how to name one'
done_testing
