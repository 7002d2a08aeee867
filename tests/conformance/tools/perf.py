# SPDX-License-Identifier: Apache-2.0
"""Adapter: `perf stat -e power/energy-pkg/`. It reads a unit of the processor through the kernel, which no namespace can stand in for:
on a scripted machine there is nothing for it to read, and it is listed as such."""

import shutil
import subprocess

NAME = "perf"
SEES = set()


def is_installed():
    return None if shutil.which("perf") else "not installed (Debian: linux-perf)"


def version():
    done = subprocess.run(["perf", "--version"], capture_output=True, text=True, check=False)
    return done.stdout.removeprefix("perf version ").strip()


def run(world, scenario, prefix, command):
    raise AssertionError("no scenario is put to it")
