#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bash completes what the executable itself says it knows.
. tests/lib.sh

# An executable that answers like ours stands in, so that what is completed is known.
mkdir "$JB_TMP/bin"
cat >"$JB_TMP/bin/joulebook" <<'END'
#!/bin/sh
case "$*" in
help) printf 'usage: joulebook COMMAND\n\ncommands:\n  run       measure a command\n  runs      the book\n  show      one run\n  balance\n' ;;
'run --help') printf 'usage: joulebook run [--book PATH] -- CMD\n  --book PATH     the book\n  --project P     its project\n' ;;
'runs --book /b') printf 'RUN   PROJECT\nr-17  demo\nr-16  demo\n' ;;
*) exit 2 ;;
esac
END
chmod +x "$JB_TMP/bin/joulebook"

# complete_at WORD...: what is offered for the last word
complete_at() {
    PATH=$JB_TMP/bin:$PATH bash --norc -c '
        . completions/joulebook.bash
        COMP_WORDS=(joulebook "$@"); COMP_CWORD=$#
        _joulebook
        printf "%s " "${COMPREPLY[@]}"' complete "$@"
}
is "$(complete_at '')" 'run runs show balance ' 'every command is offered'
is "$(complete_at 'ru')" 'run runs ' 'those that begin so'
is "$(complete_at run '--')" '--book --project ' 'long options of the command'
is "$(complete_at run '--p')" '--project ' 'those that begin so'
is "$(complete_at report last --format '')" 'text json csv hf-card codecarbon boamps spdx3 cyclonedx sci focus eu-form ' 'formats of a report'
is "$(complete_at import 'ml')" 'mlperf-power ' 'formats of an import'
is "$(complete_at show --book /b 'r')" 'r-17 r-16 ' 'runs of the book named'
like "$(complete_at run --project x -- bas)" '(^| )bash ' 'after -- a command of its own'

if [ -x "$JOULEBOOK" ]; then
    for command in run meters runs show report balance; do
        like "$(bash --norc -c '. completions/joulebook.bash; _joulebook_commands "$1"' x "$JOULEBOOK")" "^$command\$" \
            "the real executable's help gives $command"
    done
    like "$(bash --norc -c '. completions/joulebook.bash; _joulebook_options "$1" run' x "$JOULEBOOK")" '^--project$' \
        "and its run --help gives --project"
fi
done_testing
