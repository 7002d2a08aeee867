#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Energy of live runs against exact truth between the command's own first and last instruction: inside the stated band
in every run, and equal to the truth of the posted interval within one renewal of the counter at each end. The worst
error is printed. Courses of all kinds at once: a package each, with memory, psys, a wrap in mid-run, AMD."""

import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()

COURSES = {
    "constant 50 W": "const:50",
    "square 20/180 W": "square:20:180:1300",
    "ramp": "ramp:20:180:4000",
    "bursts of 120 ms": "bursts:0:200:1000:120",
}
MACHINE = {}
for number, course in enumerate(COURSES.values()):
    MACHINE[f"package-{number}"] = course
    MACHINE[f"package-{number}/dram"] = f"const:{5 + number}"
MACHINE["psys"] = "square:60:400:1300"
AMD = {"package-0": "square:20:180:1300", "package-1": "const:50"}
LATE = 3 * MS  # a tree that was later than this is no judge


class Tally:
    """The worst error of each length, in percent of the truth."""

    def __init__(self):
        self.worst, self.n, self.n_late, self.wrong = {}, {}, 0, []

    def judge(self, tree, outcome, seconds, what, is_exact):
        spare = 20 * MS
        if tree.late_ns(outcome.begin_ns - spare, outcome.end_ns + spare) > LATE:
            self.n_late += 1
            return
        for zone, course in tree.zones.items():
            line = outcome.line(zone)
            if line is None:
                self.wrong.append(f"{what}: {zone} is not in the account")
                continue
            figure = line["total_uj"]
            truth = tree.energy_uj(zone, outcome.begin_ns, outcome.end_ns)
            if truth <= 0:
                continue
            error = float((figure["best"] - truth) / truth) * 100
            if not figure["low"] <= truth <= figure["high"]:
                self.wrong.append(f"{what}: {zone} ({course}) {figure}, truth {float(truth):.0f} uJ")
            if abs(error) > abs(self.worst.get(seconds, (0, ""))[0]):
                self.worst[seconds] = (error, f"{zone} {course}")
            self.n[seconds] = self.n.get(seconds, 0) + 1
        self.wrong += is_exact(what)

    def must_hold(self, what):
        if not self.n:
            skip(f"{what}: the scripted machine was late in every run, nothing to judge by")
            return
        ok(not self.wrong, f"{what}: inside the stated band in all of {sum(self.n.values())} figures", "\n".join(self.wrong))
        for seconds, (error, where) in sorted(self.worst.items()):
            diag(f"{what}: worst of {self.n[seconds]} at {seconds} s: {error:+.4f} % ({where})")
        if self.n_late:
            diag(f"{what}: {self.n_late} runs not judged, the scripted machine was late")


def exactness(tree, book, since_ns):
    """What was posted is the truth of the interval it was posted for, to one renewal and one unit at each end."""

    def check(what):
        wrong = []
        for zone in tree.zones:
            for start, end, energy in book.intervals(zone):
                if start < since_ns:
                    continue
                truth = tree.energy_uj(zone, start, end)
                # Channels of a frame are read one after the other: the last of nine up to a fraction of a ms later.
                if abs(energy - truth) > 2 * edge_uj(tree, zone):
                    wrong.append(f"{what}: {zone} posted {energy}, truth {float(truth):.0f} uJ")
        return wrong

    return check


def series(name, tree, lengths, intervals):
    tally = Tally()
    book = Book()
    for seconds, n_runs in lengths:
        for i in range(n_runs):
            interval = intervals[i % len(intervals)]
            since = mono_ns()
            outcome = book.run(tree, burn("--sleep", seconds), ["--interval", interval])
            if outcome.code != 0 or outcome.account is None or not outcome.report:
                ok(False, f"{name}: a run of {seconds} s has an account", f"code {outcome.code}\n{outcome.err}")
                return
            what = f"{name} {seconds} s at {interval}"
            tally.judge(tree, outcome, seconds, what, exactness(tree, book, since))
    tally.must_hold(name)
    must_sum(book, f"after {name}")
    book.must_balance(f"after {name}")


many = 25 if NIGHTLY else 1
with Tree(MACHINE) as tree:
    lengths = [(0.5, 25), (5, 25), (60, 25)] if NIGHTLY else [(0.5, 6), (5, 2)]
    series("four courses", tree, lengths, ["1s", "100ms", "1ms"])
for _ in range(many if NIGHTLY else 2):
    # 30 J before the wrap: at 50 W and more it comes within the first run
    with Tree({"package-0": "const:50", "package-1": "square:20:180:1300"}, before_wrap_uj=30000000) as tree:
        series("a wrap in mid-run", tree, [(1.2, 1)], ["100ms"])
with Tree(AMD, vendor="amd") as tree:
    series("AMD", tree, [(0.5, 25 if NIGHTLY else 2)], ["1s"])
done_testing()
