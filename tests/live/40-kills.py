#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, of joulebook, of its command, of both: the book opens and balances, what was seen is entered
and shown as interrupted, its energy is what was truly drawn in the time it was posted for, and the command is never
harmed by joulebook's death. 20 kills of each kind, 200 at night; JB_SEED=N plays one again."""

import sys

sys.dont_write_bytecode = True
import random  # noqa: E402
import signal  # noqa: E402

from lib_live import *  # noqa: E402,F403

need_tools()
N_KILLS = 200 if NIGHTLY else 20
SEED = int(os.environ.get("JB_SEED", "20"))
LENGTH = 0.5
KINDS = ("joulebook", "the command", "both")


class Kills:
    def __init__(self, kind, tree):
        self.kind, self.tree, self.book = kind, tree, Book()
        self.random = random.Random(f"{SEED} {kind}")
        self.wrong, self.worst_ns, self.n_hit, self.n_statuses = [], 0, 0, {}
        self.n_late = self.n_harmed = 0

    def one(self, i):
        heartbeat = os.path.join(self.book.folder, f"beat-{i}")
        self.since_ns = mono_ns()
        started = self.book.start(
            self.tree, burn("--sleep", LENGTH, "--heartbeat", heartbeat), ["--interval", ("50ms", "200ms", "1s")[i % 3]]
        )
        yield self.random.uniform(0, LENGTH * 1.1)
        command = children_of(started.pid)[:1]
        victims = {"joulebook": [started.pid], "the command": command, "both": [started.pid] + command}[self.kind]
        killed_ns = mono_ns()
        n_killed = 0
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                n_killed += 1
        while started.process.poll() is None:
            yield 0.01
        outcome = started.wait()
        self.n_hit += 1 if n_killed and outcome.code < 0 else 0
        if self.kind == "joulebook" and command:
            # The command goes on to its last instruction and writes its report.
            for _ in range(3000):
                if read_report(started.report_path):
                    break
                yield 0.01
            if not read_report(started.report_path):
                self.n_harmed += 1
                self.wrong.append(f"kill {i}: the command was harmed")
        if self.kind == "the command" and command and not outcome.report and outcome.code != -signal.SIGKILL:
            self.wrong.append(f"kill {i}: joulebook ended with {outcome.code}, not as its command did\n{outcome.err}")
        yield from self.look(i, killed_ns)

    def look(self, i, killed_ns):
        code, out, err = self.book.recover()
        if code != 0:
            self.wrong.append(f"kill {i}: recover: {code} {out} {err}")
        code, out, err = self.book.ask("balance", "--json")
        # Killed before there was a book, there is none.
        if code != 0 and os.path.exists(self.book.path):
            self.wrong.append(f"kill {i}: balance: {code} {out} {err}")
        if not os.path.exists(self.book.path):
            return
        spans = self.book.intervals("package-0")
        if spans and spans[-1][0] >= self.since_ns:
            start, end, energy = spans[-1]
            truth = self.tree.energy_uj("package-0", start, end)
            if self.tree.late_ns(start, end) > 3 * MS:
                self.n_late += 1
            elif abs(energy - truth) > slack_uj(self.tree, "package-0"):
                self.wrong.append(f"kill {i}: posted {energy} uJ, truth {float(truth):.0f} uJ")
            if start < killed_ns:
                self.worst_ns = max(self.worst_ns, killed_ns - end)
        yield 0

    def all(self):
        for i in range(N_KILLS):
            yield from self.one(i)

    def judge(self):
        kind, book = self.kind, self.book
        ok(not self.wrong, f"{N_KILLS} kills of {kind}: energy, book and command are right after each", "\n".join(self.wrong))
        if not os.path.exists(book.path):
            skip(f"kills of {kind}: every one came before there was a book")
            return
        must_sum(book, f"after kills of {kind}")
        must_not_overlap(book, "package-0", f"after kills of {kind}")
        book.must_balance(f"after kills of {kind}")
        statuses = book.statuses()
        counts = {status: statuses.count(status) for status in sorted(set(statuses))}
        left = [name for name in os.listdir(book.path + ".spool") if name.startswith(("run-", "marks-", "seen-"))]
        equal(left, [], f"kills of {kind}: nothing is left in the spool")
        ok("running" not in counts, f"kills of {kind}: no run is left open", counts)
        if kind != "the command":
            ok(counts.get("interrupted", 0) > 0, f"kills of {kind}: those cut short are interrupted", counts)
        diag(f"kills of {kind}: {self.n_hit} hit; {counts}; last state at most {self.worst_ns / 1e6:.0f} ms before the kill")
        if self.n_late:
            diag(f"{self.n_late} energies not judged, the scripted machine was late")


diag(f"seed {SEED}")
with Tree({"package-0": "square:20:180:130", "package-0/dram": "const:8"}) as tree:
    kinds = [Kills(kind, tree) for kind in KINDS]
    go_on([kind.all for kind in kinds])
    for kind in kinds:
        kind.judge()
done_testing()
