# SPDX-License-Identifier: Apache-2.0
"""Adapter: carbontracker with one epoch, at its own pace. The factor for data centres (PUE), by which it multiplies every figure, is
left out: its components are summed."""

from harness import package_version, python_peer, python_with

NAME = "carbontracker"
SEES = {"rapl", "nvml"}
CODE = """
import subprocess, sys
from carbontracker.tracker import CarbonTracker
tracker = CarbonTracker(epochs=1, epochs_before_pred=0, verbose=0, ignore_errors=False)
tracker.epoch_start()
subprocess.run(sys.argv[2:], check=True)
thread = tracker.tracker
tracker.epoch_end()
joules = sum(float(sum(component.energy_usage(thread.epoch_times))) for component in thread.components) * 3.6e6
open(sys.argv[1], "w").write(repr(joules))
"""


def is_installed():
    return None if python_with("carbontracker") else "not installed (PyPI: carbontracker)"


def version():
    return package_version("carbontracker")


def run(world, scenario, prefix, command):
    return python_peer("carbontracker", CODE, world, prefix, command)
