#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The executable alone, with glibc's loader and libraries in an otherwise empty root, answers and measures a command.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"

root=$JB_TMP/root
mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/bin" "$root/home"
strip -o "$root/bin/joulebook" "$JOULEBOOK"
# Only what glibc itself installs: the loader at the place the executable names, and the libraries it needs.
loader=$(readelf -l "$JOULEBOOK" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
mkdir -p "$root$(dirname "$loader")"
cp -L "$loader" "$root$loader"
for library in $(objdump -p "$JOULEBOOK" | awk '$1 == "NEEDED" { print $2 }'); do
    path=$(ldd "$JOULEBOOK" | awk -v name="$library" '$1 == name { print $3 }')
    if [ -n "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        cp -L "$path" "$root$path"
    fi
done
# The command to be measured: the executable itself, since there is nothing else in this root.
export PATH=/bin

if bwrap --bind "$root" / --proc /proc --dev /dev --unshare-pid -- /bin/joulebook version >/dev/null 2>"$err"; then
    how=bubblewrap
    inside() { bwrap --bind "$root" / --proc /proc --dev /dev --unshare-pid --chdir / --clearenv --setenv HOME /home "$@"; }
elif [ "$(id -u)" -eq 0 ] && chroot "$root" /bin/joulebook version >/dev/null 2>"$err"; then
    how=chroot
    inside() { env -i HOME=/home "$(command -v chroot)" "$root" "$@"; }
else
    skip_all "neither bubblewrap nor chroot can start it here: $(head -n 1 "$err")"
fi
PATH=/usr/bin:/bin:/usr/sbin:/sbin
diag "by $how; the root holds: $(cd "$root" && find . -type f | sort | tr '\n' ' ')"

like "$(inside /bin/joulebook version 2>&1)" '^joulebook [0-9]+\.[0-9]+\.[0-9]+' 'it says its version'
inside /bin/joulebook help >"$out" 2>"$err"
is "$?" 0 'it gives help'
inside /bin/joulebook run --book /home/book.db -- /bin/joulebook version >"$out" 2>"$err"
is "$?" 0 'it runs a command under measurement'
like "$(cat "$out")" '^joulebook [0-9]' 'the output of the command is untouched'
like "$(cat "$err")" '[0-9] *(m?Wh|k?J|[µu]J|mJ)' 'and its account is given'
ok 'the book was written' test -s "$root/home/book.db"
inside /bin/joulebook balance --book /home/book.db >"$out" 2>&1
is "$?" 0 'and balances'
done_testing
