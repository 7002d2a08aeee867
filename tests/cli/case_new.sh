#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The interview from a pipe: a line per answer, in both languages; what comes of it is the account of the shipped case (R-CASE-30
# to -34). On a terminal it prompts, and Ctrl-C keeps what was answered.
. tests/cli/lib.sh
unset LC_ALL LC_MESSAGES LANG
cd "$JB_TMP" || exit 1

# asked FILE LANGUAGE: the interview, of standard input; sets rc, fills $out and $err
asked() {
    "$JOULEBOOK" case new "$1" --language "$2" >"$out" 2>"$err"
    rc=$?
}

# The answers of the shipped case of damage to asphalt; DURATION to YEAR are what its account is made of.
english() {
    cat <<'END'

damage to asphalt in video of roads
how good are these roads, segment by segment
inspectors on the road are slow
as good as an inspector or better
outputs by each customer's own method
unknown
unknown
engineering of roads
the developers belong to the client
road authorities, road inspectors, the developers
recognise damage to asphalt
recognition of images and video
Mask R-CNN
best on a set of images put aside
from scratch
video of roads
unknown
a map of damage by segment
unknown: inspectors differ on what is a damage
just under 250 days
internal
a room of the office
unknown
at the company
one GeForce RTX 2080 of four in two machines
unknown
unknown
unknown: thought to be much
2.5 d
no
90 to 100 configurations

GeForce RTX 2080
1







unknown
NL
2020
no
END
}
asked asphalt.yaml en < <(english)
is "$rc" 0 'an interview in English'
diag "$(cat "$err")"
like "$(cat "$out")" "written to 'asphalt\\.yaml'" 'is written'
like "$(cat "$out")" 'energy of the machines: [0-9.]+ kWh \([0-9.]+ kWh to [0-9.]+ kWh, 90 %\)' 'its account is told in brief'
like "$(cat "$out")" 'would narrow it most: ' 'with the step that narrows it most'
like "$(cat "$out")" 'joulebook case account asphalt\.yaml' 'and how to go on'
unlike "$(cat "$err")" '[0-9]+/[0-9]+ ' 'a pipe gets no prompts'
jb_ok 'its account' case account asphalt.yaml --json
cp "$out" mine.json
jb_ok 'and that of the shipped case' case account asphalt-damage --json
same='(lambda a, b: a["readings"][0] == b["readings"][0])(d, __import__("json").load(open("mine.json")))'
is "$(json "$out" "$same")" True 'are the same to the last figure'
jb_ok 'the case is shown' case show asphalt.yaml
like "$(cat "$out")" "accuracy: \\{unknown: 'inspectors differ" 'unknown keeps what was said about it'

# In Dutch: the same work, other words for it; the language from the environment.
sed -e 's/^unknown/onbekend/; s/^2\.5 d$/2.5 dagen/; s/^no$/nee/; s/90 to 100 configurations/90 tot 100 configurations/' <(english) >dutch
LC_ALL=nl_NL.UTF-8 "$JOULEBOOK" case new dutch.yaml <dutch >"$out" 2>"$err"
is $? 0 'an interview in Dutch'
like "$(cat "$out")" "geschreven naar 'dutch\\.yaml'" 'says so in Dutch'
jb_ok 'its account' case account dutch.yaml --json
is "$(json "$out" "$same")" True 'is the same again'

# Ranges, withheld, back, help, refusals.
asked odd.yaml nl < <(printf '%s\n' '' 'a title' 'first' '<' 'second' 'vertrouwelijk' "'unknown'" '?' '.')
is "$rc" 0 'a point ends the questions'
like "$(tr '\n' ' ' <"$err")" 'waarom: .*bijvoorbeeld: ' 'help says why and gives an example'
like "$(cat odd.yaml)" "question: 'second'" 'one answer was given again'
like "$(cat odd.yaml)" 'problem: withheld' 'one is withheld'
like "$(cat odd.yaml)" "requirements: 'unknown'" 'one is the word itself'
unlike "$(cat odd.yaml)" 'wishes' 'what was not answered is not there'
like "$(cat "$out")" 'niet te berekenen' 'an account that cannot be is told'

asked range.yaml en < <({ english | sed -n 1,29p; printf '%s\n' 12 '5-10 weeks' no 'many times' '<= 3 trainings' '' K81 V100 2 '' .; })
is "$rc" 0 'answers that are not understood'
like "$(cat "$err")" 'line 30, work\.duration:' 'are told with their line and question'
like "$(cat "$err")" "'12' is not a time: it has no unit" 'and with the reason'
like "$(cat "$err")" '[0-9]  NVIDIA Tesla K80' 'a name that is none gets the nearest'
like "$(cat range.yaml)" 'duration: 840\.\.1680 h' 'a range is kept as one'
like "$(cat range.yaml)" "accelerator: '.*V100" 'a variant was chosen by its number'
unlike "$(cat range.yaml)" "accelerator: 'V100'" 'and is not the vague name'

# It stops and goes on.
asked part.yaml en < <(english | sed -n 1,10p)
is "$rc" 3 'an end before the last question'
like "$(cat "$err")" "part\\.yaml\\.part'.*joulebook case new part\\.yaml" 'says where the answers are'
ok 'they are there' test -s part.yaml.part
ok 'and no case yet' test ! -e part.yaml
asked part.yaml en < <(english | sed -n '11,$p')
is "$rc" 0 'the rest of the answers'
ok 'the part is gone' test ! -e part.yaml.part
sed "s/^case: .*/case: 'part'/" asphalt.yaml >expected
ok 'and the case is that of one sitting' cmp expected part.yaml
asked none.yaml en </dev/null
is "$rc" 3 'an end before the first answer'
ok 'leaves nothing' test ! -e none.yaml.part

# Files that are there, names, secrets, bytes.
cp odd.yaml before
asked odd.yaml en < <(echo .)
is "$rc" 3 'a file that is there is refused'
like "$(cat "$err")" 'hint: .*--replace' 'with what would do'
ok 'and stays' cmp odd.yaml before
printf '\nnew\n.\n' | "$JOULEBOOK" case new odd.yaml --replace >"$out" 2>"$err"
is $? 0 'unless told to replace it'
like "$(cat odd.yaml)" "title: 'new'" 'then it is replaced'
printf 'odd\nfresh\n\n.\n' | "$JOULEBOOK" case new >"$out" 2>"$err"
is $? 0 'without FILE the name gives it'
like "$(cat "$err")" "'odd\\.yaml' is there already" 'a name that is taken is asked again'
ok 'and the file is called so' test -s fresh.yaml
asked secret.yaml en < <(printf '\n\nAKIAIOSFODNN7EXAMPLE\nplain\n.\n')
like "$(cat "$err")" 'looks like a password or a key' 'a secret is not kept'
unlike "$(cat "$err" secret.yaml)" AKIAIOSFODNN7EXAMPLE 'nor shown'
like "$(cat secret.yaml)" "question: 'plain'" 'the question is asked again'
asked bytes.yaml en < <({ printf '\n\n\033[A\n\377\n'; head -c 100000 /dev/zero | tr '\0' ' '; printf 'x\nwell\r\n.'; })
is "$rc" 0 'bytes that are no text'
like "$(cat "$err")" 'control characters' 'are refused'
like "$(cat "$err")" 'the line is too long' 'as is a line without end'
like "$(cat bytes.yaml)" "question: 'well'" 'and the next answer is taken'
jb case new asphalt-damage
is "$rc" 3 'the name of a shipped case is no file'
jb case new x.yaml --language fr
is "$rc" 2 'a language that is none'
jb case new /no/such/folder/x.yaml
is "$rc" 3 'a folder that is not there, before the first question'
mkfifo pipe
"$JOULEBOOK" case new kept.yaml <pipe >"$out" 2>"$err" &
pid=$!
exec 7>pipe
printf '\n\nfirst\n?\n' >&7
for _ in $(seq 200); do
    ! grep -q '^  why: ' "$err" || break
    sleep 0.05
done
kill -TERM "$pid"
wait "$pid"
is $? 3 'a signal ends it'
exec 7>&-
like "$(cat kept.yaml.part)" "question: 'first'" 'and what was answered is kept'

# A terminal, by its master side.
cat >terminal.py <<'END'
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], [sys.argv[1], "case", "new", "tty.yaml", "--language", "nl"])
seen = b""
def until(text):
    global seen
    begin = len(seen)
    while text not in seen[begin:]:
        seen += os.read(master, 4096)
until(b"> ")
for line in (b"\n", "één titel\n".encode(), b"wat\n"):
    os.write(master, line)
    until(b"> ")
os.write(master, b"\x03")
try:
    while True:
        seen += os.read(master, 4096)
except OSError:
    pass
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
timeout 60 /usr/bin/python3 terminal.py "$JOULEBOOK" >screen
is $? 3 'Ctrl-C on a terminal'
like "$(cat screen)" 'Antwoord in één regel' 'it begins with how to answer'
like "$(cat screen)" '1/50.* Een korte naam' 'questions have numbers'
like "$(cat screen)" "$(printf '\033')\\[1;36mHet project" 'sections a colour'
like "$(cat tty.yaml.part)" "title: 'één titel'" 'what was answered is kept'
done_testing
