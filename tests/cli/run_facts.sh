#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a run is told is checked before the command starts; what it finds out holds no secret. R-PRIVACY-01 to R-PRIVACY-08.
. tests/cli/lib.sh

refused() { # PROMISE HINT ARGUMENT...
    local promise=$1 hint=$2
    shift 2
    jb run "$@" -- touch "$JB_TMP/started"
    is "$rc" 125 "$promise is refused"
    like "$(cat "$err")" "$hint" 'and says what may stand there'
    ok 'the command was not started' test ! -e "$JB_TMP/started"
}
refused 'a place that nobody knows' 'did you mean Netherlands' --place Netherland
refused 'a PUE below one' 'between 1 and 5' --pue 0.5
refused 'a slip in the stage' "did you mean 'train'" --stage trian
refused 'a file of hours that is not there' 'CSV' --hourly "$JB_TMP/none.csv"
refused 'a recorded tree that is not there' 'recorded tree' --sensors-root "$JB_TMP/none"
refused 'a recording that is not there' 'meters --record' --replay "$JB_TMP/none"
jb run --pid 999999999
is "$rc" 125 'a process that is not there cannot be attached to'
jb run --idle-power rapl/package-77=5 -- true
is "$rc" 0 'an idle power of a meter that is not there stops no run'
like "$(cat "$err")" 'joulebook: [0-9.]+ J ' 'which is measured all the same'
like "$(cat "$err")" "no channel 'rapl/package-77'" 'and told what was not used'
mkdir -p "$XDG_CONFIG_HOME/joulebook"
printf '# mine\nplce = NL\n' >"$XDG_CONFIG_HOME/joulebook/config"
refused 'a slip in the file of facts' "config:2: .*'plce'"
printf 'place = FR\npue = 1.3\nproject = file\n' >"$XDG_CONFIG_HOME/joulebook/config"

git init -q "$JB_TMP/tree"
git -C "$JB_TMP/tree" -c user.name=x -c user.email=x@localhost commit -q --allow-empty -m x
commit=$(git -C "$JB_TMP/tree" rev-parse HEAD)
token=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
(
    cd "$JB_TMP/tree" || exit 1
    JOULEBOOK_PROJECT=variable MY_TOKEN=oneword42 CUDA_VISIBLE_DEVICES=0 "$JOULEBOOK" run --place netherlands --stage train \
        -- sh -c 'echo "$1 $3"' sh --password pass4word "$token" >"$JB_TMP/out" 2>/dev/null
)
is "$(cat "$JB_TMP/out")" "--password $token" 'the command gets its arguments as they are'
jb report last --format json
is "$(json "$out" 'd["run"]["command"]')" "sh -c 'echo \"\$1 \$3\"' sh --password *** ***" 'its secrets are not kept'
is "$(json "$out" 'd["run"]["git_commit"]')" "$commit" 'the commit is what git says'
is "$(json "$out" 'd["run"]["environment"].get("CUDA_VISIBLE_DEVICES")')" 0 'a variable of the list is kept'
is "$(json "$out" 'd["run"]["place"], d["run"]["project"], d["run"]["pue_milli"], d["run"]["stage"]')" \
    "('NL', 'variable', 1300, 'train')" 'an option wins over a variable, a variable over the file'
ok 'what is searched holds the facts' grep -rqaF "$commit" "$XDG_DATA_HOME"
for secret in pass4word "$token" oneword42; do
    is "$(grep -rlaF "$secret" "$XDG_DATA_HOME" "$XDG_RUNTIME_DIR" 2>/dev/null)" '' "no file of the book holds ${secret:0:4}..."
done
done_testing
