#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The executable runs wherever glibc is 2.34 or newer: no library beyond glibc, no newer symbol, hardened, at most 5 MB.
. tests/lib.sh

[ -x "$JOULEBOOK" ] || skip_all "no $JOULEBOOK yet"

floor=2.34
limit_bytes=5000000
case $(uname -m) in
x86_64) loader='ld-linux-x86-64\.so\.2' ;;
aarch64) loader='ld-linux-aarch64\.so\.1' ;;
*) loader='ld[-.0-9a-z]*' ;;
esac

newest=$(objdump -T "$JOULEBOOK" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1)
diag "newest symbol version: $newest"
like "$newest" '^GLIBC_[0-9]' 'the executable names its glibc symbols'
is "$(printf 'GLIBC_%s\n%s\n' "$floor" "$newest" | sort -V | tail -n 1)" "GLIBC_$floor" \
    "no symbol is newer than GLIBC_$floor"

needed=$(objdump -p "$JOULEBOOK" | awk '$1 == "NEEDED" { print $2 }' | sort)
diag "needs: $(tr '\n' ' ' <<<"$needed")"
is "$(grep -vxE "libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|librt\.so\.1|$loader" <<<"$needed")" '' \
    'no library beyond glibc is needed'

strip -o "$JB_TMP/stripped" "$JOULEBOOK"
size=$(stat -c %s "$JB_TMP/stripped")
diag "stripped: $size bytes"
ok "stripped, it has at most $limit_bytes bytes" test "$size" -le "$limit_bytes"

headers=$(readelf -hld "$JOULEBOOK")
like "$headers" 'Type: +DYN' 'position independent'
like "$headers" 'GNU_RELRO' 'relocations read-only'
like "$headers" 'BIND_NOW|FLAGS_1.*NOW' 'bound at start'
like "$(readelf -lW "$JOULEBOOK" | grep GNU_STACK)" ' RW ' 'the stack is not executable'
like "$(objdump -T "$JOULEBOOK")" '__stack_chk_fail' 'stack protector in use'
like "$(objdump -T "$JOULEBOOK")" '_chk$' 'fortified calls in use'
unlike "$headers" 'RPATH|RUNPATH' 'no search path of the build machine'
done_testing
