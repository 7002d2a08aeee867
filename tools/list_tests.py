#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Print the TAP programs of the suites asked for, one path a line, for prove.

usage: tools/list_tests.py BUILD_FOLDER SUITE...

Compiled tests are asked of Meson, so that a stale program left in the build folder is never run. A script that runs
against another build than build/release appears as a link below that build folder: tools/tap_run reads the build
folder off the path, and the closing lines of prove say which build a failure belongs to.
"""

import json
import os
import subprocess
import sys

SCRIPTS = {
    "house": "tests/house",
    "cli": "tests/cli",
    "lint": "tests/lint",
    "live": "tests/live",
    "onnx": "tests/onnx",
    "pages": "tests/pages",
    "conformance": "tests/conformance/joulebook.py",
    "training": "tests/training",
    "nightly": "tests/nightly",
}


def compiled(build, suite):
    """Test programs of a Meson suite, relative to the source root."""
    answer = subprocess.run(["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True)
    for test in json.loads(answer.stdout):
        if any(name.split(":")[-1] == suite for name in test["suite"]):
            yield os.path.relpath(test["cmd"][0])


def scripts(build, folder):
    """Executable scripts of a folder, or the one named, linked below the build folder unless it is the release build."""
    folder, one = os.path.split(folder) if os.path.isfile(folder) else (folder, None)
    for name in [one] if one else sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if name.startswith(("lib", ".")) or not os.path.isfile(path) or not os.access(path, os.X_OK):
            continue
        if build != "build/release":
            link = os.path.join(build, path)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            if not os.path.islink(link):
                os.symlink(os.path.relpath(path, os.path.dirname(link)), link)
            path = link
        yield path


def fuzzers(build):
    """One link per libFuzzer program to the script that runs it for a while."""
    folder = os.path.join(build, "tests/fuzz")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if name.startswith("fuzz_") and os.path.isfile(path) and os.access(path, os.X_OK):
            yield path


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build = os.path.normpath(sys.argv[1])
    for suite in sys.argv[2:]:
        if suite == "fuzz":
            found = fuzzers(build)
        elif suite in SCRIPTS:
            found = scripts(build, SCRIPTS[suite])
        else:
            found = compiled(build, suite)
        for path in found:
            print(path)


if __name__ == "__main__":
    main()
