# SPDX-License-Identifier: Apache-2.0
"""Adapter: one window of Zeus' monitor around the command; boards, packages and memory summed (its own total is of boards alone)."""

from harness import package_version, python_peer, python_with

NAME = "Zeus"
SEES = {"rapl", "nvml"}
CODE = """
import subprocess, sys
from zeus.monitor import ZeusMonitor
if __name__ == "__main__":
    monitor = ZeusMonitor()
    monitor.begin_window("command", sync_execution=False)
    subprocess.run(sys.argv[2:], check=True)
    found = monitor.end_window("command", sync_execution=False)
    parts = [found.gpu_energy, found.cpu_energy or {}, found.dram_energy or {}]
    if not any(parts):
        sys.exit("it found no meter")
    open(sys.argv[1], "w").write(repr(sum(sum(part.values()) for part in parts)))
"""


def is_installed():
    return None if python_with("zeus") else "not installed (PyPI: zeus)"


def version():
    return package_version("zeus")


def run(world, scenario, prefix, command):
    return python_peer("zeus", CODE, world, prefix, command)
