#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Boards whose library hangs, fails, loses them, crashes or is killed in mid-run (the stand-in of tests/doubles/nvml), beside
a RAPL counter that is read at every tick. Whatever becomes of the library, the counter beside it stays exact, the run
ends as it would, no joule is invented, the reason stands in the account, and no process is left. All at the same time."""

import signal
import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()
DOUBLES = os.path.join(BUILD, "tests/doubles/nvml")
if not os.path.exists(os.path.join(DOUBLES, "libnvidia-ml.so.1")):
    skip_all("no stand-in for NVIDIA's library: built with the tests")
ZONE, BOARD, WATTS = "package-0", "gpu/GPU-aaaa", 250
HANG = 30 if NIGHTLY else 6
folder_of_scripts = folder("slow")


def command_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        text = file.read()
        return "" if text.rpartition(")")[2].split()[0] == "Z" else text[text.index("(") + 1 : text.rindex(")")]
    return ""


class Scenario:
    """One run of its own. `faults`: lines of the board's script, in seconds since the scenario began."""

    def __init__(self, name, seconds, faults=(), act=None):
        self.name, self.seconds, self.act = name, seconds, act
        self.script = os.path.join(folder_of_scripts, name.replace(" ", "-"))
        self.tree = Tree({ZONE: "square:20:180:1300"})
        self.book = Book()
        lines = [f"t0 {mono_ns()}", "board GPU-aaaa", "name NVIDIA H100 80GB HBM3", f"power const:{WATTS}", *faults]
        with open(self.script, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        env = environment(LD_LIBRARY_PATH=DOUBLES, JB_NVML_SCRIPT=self.script, CUDA_VISIBLE_DEVICES="GPU-aaaa")
        self.started = self.book.start(self.tree, burn("--sleep", seconds), ["--interval", "100ms"], env=env)

    def helpers(self):
        """(keeper, reader) of the run, 0 where there is none."""
        keeper = next((pid for pid in children_of(self.started.pid) if command_of(pid) == "jb-keeper"), 0)
        reader = next((pid for pid in children_of(keeper) if command_of(pid) == "jb-nvml"), 0) if keeper else 0
        return keeper, reader

    def __call__(self):
        self.keeper = self.reader = 0
        while not self.reader and self.started.process.poll() is None:
            self.keeper, self.reader = self.helpers()
            yield 0.02
        yield 1.2
        if self.act:
            self.act(self)
        while self.started.process.poll() is None:
            yield 0.05
        self.judge()

    def judge(self):
        outcome, name = self.started.wait(), self.name
        if outcome.code < 0:
            self.outcome = None
            return  # killed by us
        self.outcome = outcome
        if not ok(outcome.code == 0 and outcome.account, f"{name}: the run ends with an account", outcome.err):
            return
        must_sum(self.book, f"({name})")
        must_be_the_meter(self.book, ZONE, f"({name})")
        must_be_true(self.tree, self.book, ZONE, f"({name})")
        self.book.must_balance(f"({name})")
        beside = outcome.line(ZONE)
        equal((beside["n_failed"], beside["gaps"]), (0, ""), f"{name}: the counter beside it lost no reading")
        self.line = next((line for line in outcome.account["lines"] if line["channel"] == BOARD), None)
        if not ok(self.line, f"{name}: the board is in the account", [line["channel"] for line in outcome.account["lines"]]):
            return
        truth = WATTS * (outcome.end_ns - outcome.begin_ns) / 1000
        posted = self.line["total_uj"]["best"]
        edge = WATTS * 0.35 * 1e6
        ok(posted <= truth + edge, f"{name}: no joule was invented", f"{posted} of {truth:.0f} uJ")
        ok(self.line["total_uj"]["low"] <= truth <= self.line["total_uj"]["high"] + edge,
           f"{name}: the band covers the truth", f"{self.line['total_uj']}, truth {truth:.0f}")  # fmt: skip
        ok(not command_of(self.keeper) and not command_of(self.reader), f"{name}: no process is left")
        self.missing_s = (truth - posted) / WATTS / 1e6
        self.unseen_s = self.line["coverage"]["unobserved_ns"] / S
        diag(f"{name}: {self.missing_s:.2f} s missing, {self.unseen_s:.2f} s unobserved, '{self.line['gaps']}', "
             f"{self.line['n_failed']} failed")  # fmt: skip


def crash(scenario):
    os.kill(scenario.reader, signal.SIGSEGV)


def kill_keeper(scenario):
    os.kill(scenario.keeper, signal.SIGKILL)


def kill_recorder(scenario):
    os.kill(scenario.started.pid, signal.SIGKILL)


fine = Scenario("nothing happens", 3)
hanging = Scenario("it hangs", HANG + 4, [f"delay all {HANG * 1000} 1.5 1.8"])
silent = Scenario("it hangs until the end", 5, ["delay all 60000 2"])
babbling = Scenario("it fails until the end", 4, ["fail all 999 2"])
vanishing = Scenario("the board falls off the bus", 8, ["lost 1.5 3.5"])
crashing = Scenario("the library crashes", 6, act=crash)
keeperless = Scenario("the keeper is killed", 6, act=kill_keeper)
killed = Scenario("the recorder is killed", 20, act=kill_recorder)
go_on([fine, hanging, silent, babbling, vanishing, crashing, keeperless, killed])

for scenario in (fine, hanging, crashing, keeperless):
    if getattr(scenario, "line", None):
        ok(abs(scenario.missing_s) <= 0.35, f"{scenario.name}: the board's counter lost nothing", f"{scenario.missing_s:.3f} s")
        ok(scenario.unseen_s < 0.35, f"{scenario.name}: so nothing of it is unobserved", f"{scenario.unseen_s:.3f} s")
if getattr(silent, "line", None):
    ok("no answer" in silent.line["gaps"], "it hangs until the end: the reason is 'no answer'", silent.line["gaps"])
    ok(abs(silent.missing_s - silent.unseen_s) < 0.5, "it hangs until the end: as much is missing as is said")
if getattr(babbling, "line", None):
    ok(babbling.line["gaps"] != "" and babbling.line["n_failed"] > 0, "it fails until the end: a gap, and failures counted",
       f"'{babbling.line['gaps']}', {babbling.line['n_failed']}")  # fmt: skip
if getattr(vanishing, "line", None):
    ok("device gone" in vanishing.line["gaps"], "the board falls off the bus: the reason is 'device gone'", vanishing.line["gaps"])
    ok(vanishing.missing_s < 5, "the board falls off the bus: it is read again when it is back", f"{vanishing.missing_s:.2f} s")
ok(
    wait_for(lambda: not command_of(killed.keeper) and not command_of(killed.reader)),
    "the recorder is killed: the processes that read for it die with it",
)
done_testing()
