#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`joulebook calibrate` on a node whose wall draws exactly 57 W + 1.12 x its package (R-CAL-*): the line is found through
noise of 2 %, stands in where the wall's meter is gone, and its band holds the truth."""

import json
import os
import random
import threading
import time

from lib_live import JOULEBOOK, Book, S, done_testing, environment, equal, folder, mono_ns, must_sum, ok

import subprocess

OFFSET_W, SLOPE, NOISE = 57.0, 1.12, 0.02
LEVELS_W = (40.0, 130.0, 220.0, 310.0, 400.0)
LEVEL_S = 18.0


class Node:
    """A powercap package whose counter climbs by levels, and beside it a power meter of the whole node."""

    def __init__(self, with_wall):
        self.root = folder("node")
        zone = "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0"
        self._file("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\n\n")
        self._file(zone + "/name", "package-0\n")
        self._file(zone + "/enabled", "1\n")
        self._file(zone + "/max_energy_range_uj", "262143328850\n")
        self.energy = self._file(zone + "/energy_uj", f"{0:015d}\n")
        os.makedirs(os.path.join(self.root, "sys/class/powercap"))
        os.symlink(
            "../../devices/virtual/powercap/intel-rapl/intel-rapl:0",
            os.path.join(self.root, "sys/class/powercap/intel-rapl:0"),
        )
        self.wall = None
        if with_wall:
            self._file("sys/class/hwmon/hwmon0/device/name", "power_meter\n")
            self._file("sys/class/hwmon/hwmon0/device/power1_average_interval", "1000\n")
            self.wall = self._file("sys/class/hwmon/hwmon0/device/power1_average", f"{0:012d}\n")
        self.random = random.Random(20261123)
        self.begin_ns = mono_ns()
        self._show()
        self.is_on = True
        self.thread = threading.Thread(target=self._play, daemon=True)
        self.thread.start()

    def _file(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return os.open(path, os.O_WRONLY)

    def power_w(self, t_s):
        return LEVELS_W[min(int(t_s / LEVEL_S), len(LEVELS_W) - 1)]

    def energy_j(self, t_s):
        total = 0.0
        for level, power in enumerate(LEVELS_W):
            begin = level * LEVEL_S
            end = begin + LEVEL_S if level + 1 < len(LEVELS_W) else float("inf")
            total += power * max(0.0, min(t_s, end) - begin)
        return total

    def _show(self):
        t_s = (mono_ns() - self.begin_ns) / S
        os.pwrite(self.energy, f"{int(self.energy_j(t_s) * 1e6):015d}\n".encode(), 0)
        if self.wall is not None:
            wall_w = (OFFSET_W + SLOPE * self.power_w(t_s)) * (1 + NOISE * self.random.gauss(0, 1))
            os.pwrite(self.wall, f"{int(wall_w * 1e6):012d}\n".encode(), 0)

    def _play(self):
        while self.is_on:
            self._show()
            time.sleep(0.02)

    def close(self):
        self.is_on = False
        self.thread.join()


def calibrate(book, node, *words):
    return subprocess.run(
        [JOULEBOOK, "calibrate", "--book", book.path, "--sensors-root", node.root, *words],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )


book = Book()
node = Node(with_wall=False)
done = calibrate(book, node, "--levels", "0", "--step", "2s", "--", "true")
equal(done.returncode, 5, "without a meter of the node there is nothing to fit, and the exit code says so")
ok("no meter of the whole node" in done.stderr and "hint" in done.stderr, "and why, and what to do", done.stderr)
node.close()

node = Node(with_wall=True)
svg = os.path.join(book.folder, "fit.svg")
done = calibrate(book, node, "--levels", "0", "--step", "91s", "--plot", svg, "--json")
node.close()
if not equal(done.returncode, 0, "a node whose wall is metered is calibrated"):
    print("# " + done.stderr)
    done_testing()
fit = json.loads(done.stdout)
ok(abs(fit["offset_uw"] - 57e6) <= 0.03 * 57e6, "the offset of 57 W is found within 3 %", fit)
ok(abs(fit["slope_ppm"] - 1120000) <= 0.03 * 1120000, "the slope of 1.12 is found within 3 %", fit)
ok(fit["x_min_uw"] < 45e6 and fit["x_max_uw"] > 390e6, "its range is what was seen", fit)
with open(svg, encoding="utf-8") as file:
    picture = file.read()
ok(picture.startswith("<svg") and picture.count("<circle") == 2 * (fit["n_windows"] + fit["n_left_out"]),
   "every window is in the picture, and once more among the residuals")
code, out, err = book.ask("calibrate", "--list")
ok(code == 0 and "node = " in out, "it is in the book", out + err)
book.must_balance("after a calibration")

node = Node(with_wall=False)
outcome = book.run(node, ["sleep", "3"])
node.close()
line = next((x for x in outcome.account["lines"] if x["channel"] == "node/calibrated"), None)
package = next(x for x in outcome.account["lines"] if x["channel"] == "rapl/package-0")
if ok(line is not None, "where no meter read the node, the calibration stands in", outcome.err):
    seconds = outcome.account["duration_ns"] / S
    truth = OFFSET_W * seconds * 1e6 + SLOPE * package["total_uj"]["best"]
    total = line["total_uj"]
    ok(abs(total["best"] / truth - 1) <= 0.03, "within 3 % of the wall", f"{total} {truth}")
    ok(total["low"] <= truth <= total["high"], "and its band holds the wall's energy", f"{total} {truth}")
    equal(line["origin"], "calibrated", "its origin says calibrated")
    equal(line["platform_uj"], total["best"] - package["total_uj"]["best"], "the rest is the platform's, exactly")
ok(any("by the calibration of" in note for note in outcome.account["notes"]), "the account says by what",
   outcome.account["notes"])
book.must_balance("with a calibrated node")
must_sum(book, "with a calibrated node")
done_testing()
