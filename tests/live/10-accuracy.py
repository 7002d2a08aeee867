#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Energy of live runs against exact truth between the command's own first and last instruction: inside the stated band
in every run, and equal to the truth of the posted interval within one renewal of the counter at each end. The worst
error is printed. Courses of all kinds at once: a package each, with memory, psys, a wrap in mid-run, AMD. R-VALID-05."""

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
# Fork and exec lie between the first reading and the command's first instruction: 0.5 ms where nobody else computes. Where
# it took longer than this, the run holds energy that the command's own instants do not.
SLOW = 3 * MS


class Tally:
    """The worst error of each length, in percent of the truth."""

    def __init__(self):
        self.worst, self.n, self.n_late, self.n_slow, self.wrong = {}, {}, 0, 0, []

    def judge(self, tree, book, since_ns, outcome, seconds, what):
        spare = 20 * MS
        if tree.late_ns(outcome.begin_ns - spare, outcome.end_ns + spare) > LATE:
            self.n_late += 1
            return
        self.wrong += exactness(tree, book, since_ns, what)
        spans = [span for span in book.intervals("package-0") if span[0] >= since_ns]
        if not spans or outcome.begin_ns - spans[0][0] > SLOW or spans[-1][1] - outcome.end_ns > SLOW:
            self.n_slow += 1
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

    def must_hold(self, what):
        if self.n_late or self.n_slow:
            diag(f"{what}: {self.n_late} runs not judged, the scripted machine was late; {self.n_slow} only between their"
                 " own readings, this machine was slow to start or to end them")  # fmt: skip
        ok(not self.wrong, f"{what}: what was posted is what was drawn, and in the stated band", "\n".join(self.wrong))
        if not self.n:
            skip(f"{what}: no run to judge between its command's own instants")
            return
        for seconds, (error, where) in sorted(self.worst.items()):
            diag(f"{what}: worst of {self.n[seconds]} figures at {seconds} s: {error:+.4f} % ({where})")


def exactness(tree, book, since_ns, what):
    """What was posted is the truth of the interval it was posted for."""
    wrong = []
    for zone in tree.zones:
        for start, end, energy in book.intervals(zone):
            truth = tree.energy_uj(zone, start, end) if start >= since_ns else energy
            if abs(energy - truth) > slack_uj(tree, zone):
                wrong.append(f"{what}: {zone} posted {energy}, truth {float(truth):.0f} uJ")
    return wrong


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
            tally.judge(tree, book, since, outcome, seconds, what)
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
