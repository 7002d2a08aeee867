# SPDX-License-Identifier: Apache-2.0
# Bash completion for joulebook: commands from `joulebook help`, options from `joulebook COMMAND --help`, so that it
# knows what the executable knows. Installed as share/bash-completion/completions/joulebook.
# shellcheck shell=bash

# Two spaces, a word: a row of the table of commands.
_joulebook_commands() {
    "$1" help 2>/dev/null | sed -nE 's/^  ([a-z][a-z-]*)( .*|$)/\1/p'
}

_joulebook_options() {
    { "$1" "$2" --help 2>/dev/null || true; } | grep -oE -e '(^|[^[:alnum:]-])--[a-z][a-z-]*' | grep -oE -e '--[a-z-]+' | sort -u
}

# Runs of the book that the command line names, newest first; `last` is always one.
_joulebook_runs() {
    local i book=()
    for ((i = 2; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i]}" != --book ] || book=(--book "${COMP_WORDS[i + 1]}")
    done
    echo last
    "$1" runs "${book[@]}" 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_joulebook() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]-} i
    program=${program/#\~/$HOME}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_joulebook_commands "$program")" -- "$word")
        return
    fi
    # After `--` stands a command of its own.
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                mapfile -t COMPREPLY < <(compgen -A command -A file -- "$word")
            fi
            return
        fi
    done
    case $before in
    --format) mapfile -t COMPREPLY < <(compgen -W 'text json csv hf-card codecarbon boamps spdx3 cyclonedx sci focus eu-form' -- "$word") ;;
    --preset) mapfile -t COMPREPLY < <(compgen -W 'auto dcgm kepler node-exporter ipmi' -- "$word") ;;
    --scope) mapfile -t COMPREPLY < <(compgen -W 'node gpu package dram facility' -- "$word") ;;
    --on-budget) mapfile -t COMPREPLY < <(compgen -W 'warn TERM INT HUP QUIT USR1 USR2 STOP KILL' -- "$word") ;;
    --kind) mapfile -t COMPREPLY < <(compgen -W 'accelerator cpu instance region grid' -- "$word") ;;
    --layer) mapfile -t COMPREPLY < <(compgen -W 'measured reconstructed predicted' -- "$word") ;;
    --functional-unit) mapfile -t COMPREPLY < <(compgen -W 'run flop token parameter' -- "$word") ;;
    --choose) mapfile -t COMPREPLY < <(compgen -W 'cheapest cleanest fastest' -- "$word") ;;
    --against) mapfile -t COMPREPLY < <(compgen -W 'bills jobs papers' -- "$word") ;;
    --by)
        if [ "$command" = statement ]; then
            mapfile -t COMPREPLY < <(compgen -W 'job vm project run whole tag:' -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -W 'account resource service tag:' -- "$word")
        fi
        ;;
    --idle) mapfile -t COMPREPLY < <(compgen -W 'reserved all' -- "$word") ;;
    --as) [ "$command" != statement ] || mapfile -t COMPREPLY < <(compgen -W 'runs bound' -- "$word") ;;
    --per) mapfile -t COMPREPLY < <(compgen -W 'flop example parameter run' -- "$word") ;;
    --relax) mapfile -t COMPREPLY < <(compgen -W 'size architecture' -- "$word") ;;
    --reference) mapfile -t COMPREPLY < <(compgen -f -W 'book catalogue' -- "$word") ;;
    --language) mapfile -t COMPREPLY < <(compgen -W 'en nl' -- "$word") ;;
    --stage) mapfile -t COMPREPLY < <(compgen -W 'explore search train tune retrain evaluate infer test failed' -- "$word") ;;
    --pid) mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word") ;;
    --book | --out | --root | --replay | --record | --meters | --credentials | --ca-file | --partitions | --hourly | --count | --disclose | --svg | --share | --key | --passphrase-file | --new-passphrase-file | --policy | --model-file | --previous | --open | --countersign | --opening | -o) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    *)
        case $command:$word in
        *:-*) mapfile -t COMPREPLY < <(compgen -W "$(_joulebook_options "$program" "$command")" -- "$word") ;;
        case:*)
            if [ "$COMP_CWORD" -eq 2 ]; then
                mapfile -t COMPREPLY < <(compgen -W 'account compare list new restrictions show tables' -- "$word")
            else
                mapfile -t COMPREPLY < <(
                    compgen -W "$("$program" case list 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$word"
                    [ "${COMP_WORDS[2]}" != tables ] || compgen -W "$("$program" case tables 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$word"
                    compgen -f -- "$word"
                )
            fi
            ;;
        key:*)
            if [ "$COMP_CWORD" -eq 2 ]; then
                mapfile -t COMPREPLY < <(compgen -W 'list new passphrase revoke rotate show' -- "$word")
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            ;;
        statement:*)
            if [ "$COMP_CWORD" -eq 2 ]; then
                mapfile -t COMPREPLY < <(compgen -W 'make verify import reconcile' -- "$word")
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            ;;
        import:*)
            if [ "$COMP_CWORD" -eq 2 ]; then
                mapfile -t COMPREPLY < <(compgen -W 'mlperf-power csv-power prometheus sacct codecarbon carbontracker impact-tracker green-algorithms boamps hf-card focus aws-cur azure gcp' -- "$word")
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            ;;
        help:*) mapfile -t COMPREPLY < <(compgen -W "$(_joulebook_commands "$program")" -- "$word") ;;
        show:* | report:* | amend:* | void:* | certify:*)
            mapfile -t COMPREPLY < <(compgen -W "$(_joulebook_runs "$program")" -- "$word")
            ;;
        *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        esac
        ;;
    esac
}

complete -o filenames -o bashdefault -F _joulebook joulebook
