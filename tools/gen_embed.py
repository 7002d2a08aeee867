#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts text files into the executable. Run by Meson; refuses what is not plain UTF-8 text.

    tools/gen_embed.py OUT.c FILE...

The list has each file by its name without folders and ends with a NULL name.
"""
import os
import sys


def literal(text):
    lines = []
    for line in text.splitlines(keepends=True):
        escaped = ''
        for byte in line.encode():
            char = chr(byte)
            if char in '"\\':
                escaped += '\\' + char
            elif 32 <= byte < 127:
                escaped += char
            else:
                escaped += f'\\{byte:03o}'
        lines.append(f'     "{escaped}"')
    return '\n'.join(lines)


def main(out, paths):
    names = [os.path.basename(path) for path in paths]
    if len(set(names)) != len(names):
        raise SystemExit('gen_embed: two files of one name')
    rows = []
    for name, path in zip(names, paths):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        if '\0' in text or '\r' in text or not text.endswith('\n'):
            raise SystemExit(f'gen_embed: {path}: no plain text')
        rows.append(f'    {{"{name}",\n{literal(text)}}},\n')
    with open(out, 'w', encoding='utf-8') as file:
        file.write('/* Made by tools/gen_embed.py. */\n#include "case/case_int.h"\n\n'
                   'const struct jb_case__text jb_case__texts[] = {\n' + ''.join(rows) + '    {NULL, NULL},\n};\n')


main(sys.argv[1], sys.argv[2:])
