# SPDX-License-Identifier: Apache-2.0
"""Adapter: CodeCarbon's offline tracker in machine mode, a reading a second, memory counted where RAPL has it. Its guess of what
memory without a meter draws is left out."""

from harness import package_version, python_peer, python_with

NAME = "CodeCarbon"
SEES = {"rapl", "nvml"}
CODE = """
import subprocess, sys
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(country_iso_code="DEU", measure_power_secs=1, save_to_file=False, log_level="error",
                                  allow_multiple_runs=True, tracking_mode="machine", rapl_include_dram=True)
tracker.start()
subprocess.run(sys.argv[2:], check=True)
tracker.stop()
data = tracker.final_emissions_data
open(sys.argv[1], "w").write(repr((data.cpu_energy + data.gpu_energy) * 3.6e6))
"""


def is_installed():
    return None if python_with("codecarbon") else "not installed (PyPI: codecarbon)"


def version():
    return package_version("codecarbon")


def run(world, scenario, prefix, command):
    return python_peer("codecarbon", CODE, world, prefix, command)
