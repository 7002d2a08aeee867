#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys: made, shown, listed, rotated, revoked, under a passphrase. R-KEY-01 to R-KEY-07.
. tests/cli/lib_book.sh

export XDG_CONFIG_HOME=$JB_TMP/config
key=$XDG_CONFIG_HOME/joulebook/signing.key
jb key show
is "$rc" 3 'without a key there is none to show'
like "$(cat "$err")" "cannot open the key '$key'" 'it says where it looked'
jb key list
is "$rc" 3 'nor any to list'

# R-KEY-01, R-KEY-02: a file of its own, for its owner alone.
(umask 0 && "$JOULEBOOK" key new example.com/energy >"$out" 2>"$err")
is $? 0 'a key is made'
is "$(stat -c %a "$key")" 600 'for its owner alone'
is "$(stat -c %a "$XDG_CONFIG_HOME/joulebook")" 700 'in a folder of its owner'
vkey=$(sed -n 's/^public key   //p' "$out")
like "$vkey" '^example\.com/energy\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}$' 'its public half is a vkey'
# HASH and fingerprint worked out by other programs.
raw=$JB_TMP/raw
printf '%s' "$vkey" | cut -d+ -f3- | base64 -d | tail -c +2 >"$raw"
is "$(stat -c %s "$raw")" 32 'of 32 bytes'
is "$(printf '%s' "$vkey" | cut -d+ -f2)" "$({ printf 'example.com/energy\n\001'; cat "$raw"; } | sha256sum | cut -c 1-8)" \
    'its hash is that of name and key'
is "$(sed -n 's/^fingerprint  //p' "$out")" "$(sha256sum <"$raw" | cut -d' ' -f1)" 'its fingerprint is SHA-256 of the key'
secret=$(sed -n 's/^secret //p' "$key")
like "$secret" '^[0-9a-f]{64}$' 'the secret is in the file'
unlike "$(cat "$out" "$err")" "$secret" 'and is not printed'
jb_ok 'it is shown' key show --json
is "$(json "$out" 'd["public_key"], d["has_passphrase"]')" "('$vkey', False)" 'as it was made'
unlike "$(cat "$out")" "$secret" 'without its secret'
jb key new another.example
is "$rc" 3 'a second one is not written over it'
like "$(cat "$err")" 'joulebook key rotate' 'and the way is told'
is "$(sed -n 's/^secret //p' "$key")" "$secret" 'the first stays'
chmod 640 "$key"
jb key rotate
is "$rc" 5 'a key that others may read is refused'
like "$(cat "$err")" "others may read or write '$key'" 'with its reason'
is "$(stat -c %a "$key")" 640 'and is not mended'
chmod 600 "$key"
jb key new 'a b' --key "$JB_TMP/other"
is "$rc" 3 'a name with a blank is refused'
ok 'and no file is made' [ ! -e "$JB_TMP/other" ]

# R-KEY-05: lists.
jb_ok 'the key is listed' key list -o "$JB_TMP/keys"
is "$(cat "$JB_TMP/keys")" "$vkey" 'and its list is its vkey'

# R-KEY-06: rotation.
old_id=$(printf '%s' "$vkey" | cut -d+ -f2)
jb_ok 'it is rotated' key rotate
new_vkey=$(sed -n 's/^public key   //p' "$out")
new_id=$(printf '%s' "$new_vkey" | cut -d+ -f2)
unlike "$(cat "$out" "$err")" "$secret" 'no secret is printed'
unlike "$new_vkey" "^$vkey\$" 'to another key'
like "$new_vkey" '^example\.com/energy\+' 'of the same name'
is "$(sed -n 's/^secret //p' "$key.$old_id")" "$secret" 'the replaced one is kept beside it'
is "$(stat -c %a "$key" "$key.$old_id" | sort -u)" 600 'both for their owner alone'
ok 'nothing else is left there' [ "$(find "$XDG_CONFIG_HOME/joulebook" -type f | wc -l)" -eq 2 ]
jb_ok 'both are listed' key list --json -o "$JB_TMP/keys"
is "$(json "$out" '[k["public_key"] for k in d]')" "['$vkey', '$new_vkey']" 'the replaced one first'
is "$(json "$out" 'd[0]["revoked_utc"] == d[1]["valid_from_utc"]')" True 'one ends where the other begins'
is "$(json "$out" 'd[0]["reason"]')" "replaced by the key $new_id" 'and why is told'
is "$(cut -d' ' -f1 "$JB_TMP/keys" | tr '\n' ' ')" "$vkey $new_vkey " 'the list has both'
like "$(head -n 1 "$JB_TMP/keys")" " revoked=[0-9TZ:.-]+ reason=replaced by the key $new_id\$" 'and the end of the first'
jb_ok 'the book balances' balance
: >"$key.next"
jb key rotate
is "$rc" 3 'what is left of a rotation broken off stops the next'
rm "$key.next"

# R-KEY-07: revocation.
jb key revoke "$new_id"
is "$rc" 2 'a revocation needs a reason'
jb key revoke nobody --reason 'x'
is "$rc" 3 'and a key'
jb key revoke example.com/energy --reason 'x'
like "$(cat "$err")" "2 keys have the name 'example.com/energy'" 'a name that two keys have is not enough'
jb_ok 'a key is revoked by its digits' key revoke "$new_id" --reason 'laptop lost, "May"'
jb_ok 'it is listed' key list --json
is "$(json "$out" 'd[1]["reason"]')" 'laptop lost, "May"' 'with its reason'
jb key revoke "$new_id" --reason 'again'
is "$rc" 3 'twice is refused'
jb_ok 'unless from earlier on' key revoke "$new_id" --reason 'lost in April' --since 2026-04-01
jb_ok 'it is listed' key list --json
is "$(json "$out" 'd[1]["revoked_utc"], d[1]["reason"]')" "('2026-04-01T00:00:00.000000Z', 'lost in April')" 'the earliest moment counts'
foreign=PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
jb_ok 'a key that is lost is revoked by its text' key revoke "$foreign" --reason 'not ours' --json
is "$(json "$out" 'd["name"]')" PeterNeumann 'and named'
jb key revoke "$foreign" --reason x --since 2999-01-01
is "$rc" 2 'not in the future'

# R-KEY-03: passphrases.
printf 'correct horse\nbattery\n' >"$JB_TMP/one"
printf 'staple' >"$JB_TMP/two"
chmod 600 "$JB_TMP/one" "$JB_TMP/two"
boxed=$JB_TMP/boxed.key
jb_ok 'a key under a passphrase' key new boxed.example --key "$boxed" --passphrase-file "$JB_TMP/one"
like "$(cat "$out")" 'passphrase   yes' 'says so'
unlike "$(cat "$boxed")" '^secret ' 'and holds no open secret'
like "$(cat "$boxed")" '^argon2id-moderate ' 'but a box'
jb_ok 'it is shown without' key show --key "$boxed"
jb_ok 'another passphrase is set' key passphrase --key "$boxed" --passphrase-file "$JB_TMP/one" --new-passphrase-file "$JB_TMP/two"
jb key passphrase --key "$boxed" --passphrase-file "$JB_TMP/one" --none
is "$rc" 5 'the first opens it no longer'
like "$(cat "$err")" 'the passphrase does not open the key' 'and that is told'
unlike "$(cat "$err")" 'correct|horse' 'without the passphrase'
chmod 644 "$JB_TMP/two"
jb key passphrase --key "$boxed" --passphrase-file "$JB_TMP/two" --none
is "$rc" 5 'a passphrase that others may read is refused'
chmod 600 "$JB_TMP/two"
jb_ok 'it is rotated under its passphrase' key rotate --key "$boxed" --passphrase-file "$JB_TMP/two" --name other.example
like "$(cat "$boxed")" '^argon2id-moderate ' 'the new key is under it, too'
jb_ok 'which opens it' key passphrase --key "$boxed" --passphrase-file "$JB_TMP/two" --none
like "$(cat "$boxed")" '^secret ' 'it is taken away'
head -n 1 "$JB_TMP/one" | "$JOULEBOOK" key new p.example --key "$JB_TMP/p.key" --passphrase-file /dev/stdin >"$out" 2>"$err"
is $? 0 'a passphrase from a pipe'
setsid -w "$JOULEBOOK" key rotate --key "$JB_TMP/p.key" </dev/null >"$out" 2>"$err"
is $? 5 'without a terminal nobody is asked'
like "$(cat "$err")" 'hint: give it by --passphrase-file FILE' 'and the way is told'

# On a terminal: asked for without echo, twice where it is new.
cat >"$JB_TMP/terminal.py" <<'END'
import os, pty, sys, termios
answers = [a.encode().decode("unicode_escape").encode() for a in sys.argv[1].split(",")]
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b""
try:
    while True:
        got = os.read(fd, 4096)
        if not got:
            break
        seen += got
        if answers and (got.endswith(b": ")):
            answer = answers.pop(0)
            os.write(fd, answer if answer == b"\x03" else answer + b"\n")
except OSError:
    pass
sys.stdout.write(seen.decode())
print("echo is", "on" if termios.tcgetattr(fd)[3] & termios.ECHO else "off")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
terminal() { /usr/bin/python3 "$JB_TMP/terminal.py" "$@" >"$out" 2>"$err"; }
terminal 'open sesame,open sesame' "$JOULEBOOK" key new t.example --passphrase --key "$JB_TMP/t.key"
is $? 0 'a passphrase is asked for on the terminal'
unlike "$(cat "$out")" 'sesame' 'without echo'
like "$(cat "$out")" 'once more: ' 'twice'
terminal 'open sesame,open sesome' "$JOULEBOOK" key new t.example --passphrase --key "$JB_TMP/u.key"
is $? 3 'two that differ are refused'
ok 'and no key is made' [ ! -e "$JB_TMP/u.key" ]
terminal 'open sesame' "$JOULEBOOK" key passphrase --none --key "$JB_TMP/t.key"
is $? 0 'it opens the key'
like "$(cat "$JB_TMP/t.key")" '^secret ' 'which then is plain'
terminal '\x03' "$JOULEBOOK" key new t.example --passphrase --key "$JB_TMP/v.key"
is $? 254 'a break ends it by its signal' # -SIGINT
like "$(cat "$out")" 'echo is on' 'and the terminal echoes again'
ok 'no key is made' [ ! -e "$JB_TMP/v.key" ]

jb key nonsense
is "$rc" 2 'another word is wrong use'
jb key new
is "$rc" 2 'and so is new without a name'
done_testing
