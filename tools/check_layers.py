#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check that every #include in src/ obeys src/LAYERS.

usage: tools/check_layers.py [ROOT]     (ROOT: the source root; default: the folder above this file)

A line of src/LAYERS is `folder: folder...`: what the files of that folder may include beside their own. A header
`*_int.h` is private to its folder. Includes of ours are written from the root ("base/num.h"), never relative; only a
header that the folder's meson.build generates is named bare. A folder that LAYERS does not
name is an error, and so are rules that let folders include each other in a circle.
Prints file:line and exits 1 where a rule is broken.
"""

import os
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def read_layers(path):
    """folder -> set of folders it may include."""
    layers = {}
    errors = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            folder, colon, allowed = line.partition(":")
            folder = folder.strip()
            if not colon or not re.fullmatch(r"[a-z_]+", folder):
                errors.append(f"{path}:{number}: not of the form 'folder: folder...'")
            elif folder in layers:
                errors.append(f"{path}:{number}: '{folder}' is named twice")
            else:
                layers[folder] = set(allowed.split())
    for folder, allowed in layers.items():
        for other in sorted(allowed - set(layers)):
            errors.append(f"{path}: '{folder}' may include '{other}', which has no line of its own")
    # A cycle through any number of folders means that there is no order to read them in.
    done = set()
    while len(done) < len(layers):
        free = [f for f in layers if f not in done and layers[f] & set(layers) <= done]
        if not free:
            errors.append(f"{path}: these include each other in a circle: {' '.join(sorted(set(layers) - done))}")
            break
        done.update(free)
    return layers, errors


def is_generated(source, folder, name):
    """A header that the folder's own meson.build makes has no place below src/ and is included by its bare name."""
    rules = os.path.join(source, folder, "meson.build")
    if not os.path.isfile(rules):
        return False
    with open(rules, encoding="utf-8") as text:
        return any(f"'{name}'" in line and "output" in line for line in text)


def check_file(source, path, layers):
    """Yield one message for each include of the file that breaks a rule."""
    folder = path.split(os.sep)[0]
    with open(os.path.join(source, path), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, target = match.groups()
            where = f"src/{path}:{number}"
            if target.startswith("."):
                yield f"{where}: relative include \"{target}\"; write it from src/"
                continue
            other = target.split("/")[0] if "/" in target else None
            if other in layers:
                if other != folder and other not in layers[folder]:
                    yield f"{where}: '{folder}' may not include '{other}' (\"{target}\"), see src/LAYERS"
                elif other != folder and target.endswith("_int.h"):
                    yield f"{where}: \"{target}\" is private to '{other}'"
                elif not os.path.isfile(os.path.join(source, target)):
                    yield f"{where}: there is no src/{target}"
            elif quote == '"' and not target.startswith("joulebook/"):
                if is_generated(source, folder, target):
                    continue
                if not os.path.isfile(os.path.join(source, folder, target)):
                    yield f"{where}: \"{target}\" is in no folder that src/LAYERS names"
                else:
                    yield f"{where}: write \"{folder}/{target}\", from src/"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    source = os.path.join(root, "src")
    layers, errors = read_layers(os.path.join(source, "LAYERS"))
    n_files = 0
    for folder, _, names in sorted(os.walk(source)):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), source)
            n_files += 1
            if os.sep in path and path.split(os.sep)[0] not in layers:
                errors.append(f"src/{path}:1: src/LAYERS has no line for this folder")
            elif os.sep in path:
                errors.extend(check_file(source, path, layers))
    for error in errors:
        print(error)
    print(f"check_layers: {n_files} files, {len(layers)} folders, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
