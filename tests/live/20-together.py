#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs that overlap: two at once, one inside another, eight ranks of which the recorder is killed. Every microjoule of
the meter is posted once, whoever reads it, and each run is charged by its own CPU time. R-VALID-06,
R-VALID-07."""

import sys

sys.dont_write_bytecode = True
import signal  # noqa: E402

from lib_live import *  # noqa: E402,F403

need_tools()
MACHINE = {"package-0": "square:20:180:1300", "package-0/dram": "const:8", "package-1": "bursts:10:150:1000:120"}
TICK = 10 * MS


def must_add_up(tree, book, when):
    must_sum(book, when)
    for zone in tree.zones:
        must_be_the_meter(book, zone, when)
    must_be_true(tree, book, "package-0", when)
    book.must_balance(when)


def must_have_cpu(outcome, what, inner=None):
    """The account knows the CPU time that the command itself counted, and what starting it cost."""
    seen = outcome.account["run"]["cpu_ns"]
    truth = outcome.cpu_ns
    ok(
        outcome.report and truth - TICK <= seen <= truth + 20 * TICK + (inner or 0),
        f"{what}: CPU time is the command's own",
        f"account {seen / 1e9:.4f} s, command {truth / 1e9:.4f} s",
    )


def share(outcome, zone):
    return outcome.line(zone)["run_uj"]


def two_at_once():
    with Tree(MACHINE) as tree:
        book = Book()
        first = book.start(tree, burn("--wall", 2.4))
        time.sleep(0.4)
        second = book.start(tree, burn("--wall", 1.2, "--sleep", 1.5))
        first, second = first.wait(), second.wait()
        ok(first.code == 0 and second.code == 0, "two at once: both end as alone", first.err + second.err)
        if not (ok(first.account and second.account, "two at once: both have an account", first.err + second.err)):
            return
        must_add_up(tree, book, "after two runs at once")
        must_have_cpu(first, "the first")
        must_have_cpu(second, "the second")
        posted = {zone: posted_uj(book, zone) for zone in tree.zones}
        for zone in tree.zones:
            both = share(first, zone)["best"] + share(second, zone)["best"]
            ok(0 <= both <= posted[zone], f"two at once: shares of {zone} are within the meter", f"{both} of {posted[zone]}")


def stolen():
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8])


def side_by_side():
    """What a CPU second is worth is known: with constant power and no idle baseline, power / CPUs, whether the machine is
    busy or not (R-SHARE-01, -02: idle capacity first, then by use). A run is charged its own CPU time, within its band."""
    watt = 100
    with Tree({"package-0": f"const:{watt}"}) as tree:
        book = Book()
        stolen_before = stolen()
        first = book.start(tree, burn("--cpu", 1.6))
        wait_for(lambda: holds(first.pid, os.path.join(book.path + ".spool", "lock")))
        second = book.start(tree, burn("--cpu", 0.8))
        first, second = first.wait(), second.wait()
        if not ok(first.account and second.account, "side by side: both have an account", first.err + second.err):
            return
        must_add_up(tree, book, "after two side by side")
        for outcome, what in ((first, "the longer"), (second, "the shorter")):
            fair = outcome.cpu_ns / 1000 * watt / os.sysconf("SC_NPROCESSORS_ONLN")
            figure = share(outcome, "package-0")
            diag(f"{what}: charged {figure['best'] / 1e6:.3f} J, by CPU time {fair / 1e6:.3f} J")
            if stolen() != stolen_before:
                skip(f"side by side, {what}: this machine's host took CPU time away, a CPU second is worth more")
                continue
            ok(
                figure["low"] <= fair <= figure["high"],
                f"side by side: the CPU time of {what} is charged within its band",
                f"{figure}, by CPU time {fair:.0f}",
            )


def recorder_leaves_first():
    """The recorder's run ends; the other one goes on and reads the meters itself, however soon after that it ends."""
    with Tree({"package-0": "const:100"}) as tree:
        for i, more in enumerate((0.1, 0.4, 1.5)):
            book = Book()
            first = book.start(tree, burn("--cpu", 0.2))
            wait_for(lambda: holds(first.pid, os.path.join(book.path + ".spool", "lock")))
            second = book.start(tree, burn("--cpu", 0.3, "--sleep", f"{0.8 + more:.1f}"))
            first, second = first.wait(), second.wait()
            when = f"after the recorder left first ({i + 1})"
            if not ok(first.account and second.account, f"both have an account {when}", first.err + second.err):
                continue
            must_add_up(tree, book, when)
            must_have_cpu(second, f"the one that stayed {when}")
            last = book.intervals("package-0")[-1][1]
            ok(last >= second.end_ns, f"posted to its end {when}", f"{(second.end_ns - last) / 1e9} s before")


def one_inside_another():
    with Tree(MACHINE) as tree:
        book = Book()
        inner_report = os.path.join(book.folder, "inner")
        inner_account = os.path.join(book.folder, "inner.json")
        script = (
            f'"{BURN}" --out {{report}} --wall 0.6; '
            f'"{JOULEBOOK}" run --sensors-root "{tree.root}" --account "{inner_account}" -- '
            f'"{BURN}" --out "{inner_report}" --wall 0.9; '
            f'"{BURN}" --out {{report}} --wall 0.6'
        )
        outer = book.run(tree, ["sh", "-c", script])
        equal(outer.code, 0, "one inside another: the outer ends as alone")
        inner_cpu = sum(line["cpu_ns"] for line in read_report(inner_report))
        with open(inner_account, encoding="utf-8") as file:
            inner = json.load(file)
        must_add_up(tree, book, "after one inside another")
        parents = {run["id"]: run["parent_id"] for run in book.runs()}
        equal(parents[inner["run"]["id"]], outer.account["run"]["id"], "the inner run knows its outer one")
        ok(
            inner_cpu - TICK <= inner["run"]["cpu_ns"] <= inner_cpu + 20 * TICK,
            "the inner run has its own CPU time",
            f"{inner['run']['cpu_ns']} for {inner_cpu}",
        )
        for zone in tree.zones:
            mine, theirs = outer.line(zone)["run_uj"], line_of(inner, zone)["run_uj"]
            ok(
                mine["best"] + theirs["best"] <= posted_uj(book, zone),
                f"what the inner run used of {zone} is charged once",
                f"{mine} and {theirs}",
            )
        # Outer burns 1.2 s, inner 0.9 s, at no time both; by the square's mean over their times neither can have it all.
        mine, theirs = outer.line("package-1")["run_uj"]["best"], line_of(inner, "package-1")["run_uj"]["best"]
        ok(mine > 0 and theirs > 0, "both are charged", f"{mine}, {theirs}")


def eight_ranks():
    with Tree(MACHINE) as tree:
        book = Book()
        ranks = [book.start(tree, burn("--cpu", 0.3, "--sleep", 3), env=environment(RANK=str(i))) for i in range(8)]
        # The recorder is whoever holds the lock; by and by all eight are in the spool.
        lock = os.path.join(book.path + ".spool", "lock")
        wait_for(lambda: len(list_runs(book)) == 8, 20)
        equal(len(list_runs(book)), 8, "eight ranks have joined one spool")
        time.sleep(0.7)
        victim = next((rank for rank in ranks if holds(rank.pid, lock)), ranks[0])
        os.kill(victim.pid, signal.SIGKILL)
        outcomes = {rank.pid: rank.wait() for rank in ranks}
        others = [outcome for pid, outcome in outcomes.items() if pid != victim.pid]
        equal([o.code for o in others], [0] * 7, "seven ranks end as alone after the recorder was killed")
        ok(all(o.account for o in others), "seven ranks have an account", "\n".join(o.err for o in others))
        # The killed one's command was never harmed: it writes its report when it has slept.
        ok(wait_for(lambda: read_report(victim.report_path)), "the command of the killed one goes on to its end")
        code, out, err = book.recover()
        equal(code, 0, "what the killed one left is entered")
        statuses = sorted(book.statuses())
        equal(statuses, ["done"] * 7 + ["interrupted"], "seven are done, one is interrupted")
        must_add_up(tree, book, "after eight ranks, the recorder killed")
        for outcome in others:
            must_have_cpu(outcome, f"rank {others.index(outcome)}")
        for zone in tree.zones:
            gaps = [row["gap"] for row in book.readings(zone) if row.get("gap")]
            equal(gaps, [], f"the change of the recorder left no gap in {zone}")


def list_runs(book):
    try:
        return [name for name in os.listdir(book.path + ".spool") if name.startswith("run-")]
    except FileNotFoundError:
        return []


def holds(pid, path):
    """Whether the process holds a lock (flock) on the file."""
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as file:
            return any(
                "FLOCK" in line and line.split()[4] == str(pid) and line.split()[5].endswith(f":{inode}") for line in file
            )
    except FileNotFoundError:
        return False


def all_end_at_once():
    """The recorder leaves with the others, and each of them gets its account; one run too many is told so."""
    n_slots = 64
    with Tree({"package-0": "const:50"}) as tree:
        book = Book()
        gate = os.path.join(book.folder, "gate")
        os.mkfifo(gate)
        keep = os.open(gate, os.O_RDWR)
        started = [book.start(tree, ["cat", gate]) for _ in range(n_slots)]
        is_full = wait_for(lambda: len(list_runs(book)) == n_slots)
        ok(is_full, f"{n_slots} runs go on at once", len(list_runs(book)))
        # The last of them has written its file, and is about to have its slot and its command.
        time.sleep(1)
        refused = book.run(tree, ["true"])
        ok("not measured" in refused.err and refused.code == 0, "one more is not measured, is told so, and runs", refused.err)
        writer = os.open(gate, os.O_WRONLY)
        os.close(keep)
        os.close(writer)
        outcomes = [one.wait() for one in started]
        lost = [outcome.err for outcome in outcomes if not outcome.account]
        equal(lost, [], "all end at once: each has its account")
        equal([status for status in book.statuses() if status != "done"], [], "all end at once: each is done in the book")
        equal(list_runs(book), [], "all end at once: nothing is left in the spool")
        must_be_the_meter(book, "package-0", "where all end at once")
        must_sum(book, "where all end at once")
        book.must_balance("where all end at once")


two_at_once()
side_by_side()
all_end_at_once()
recorder_leaves_first()
one_inside_another()
for _ in range(5 if NIGHTLY else 1):
    eight_ranks()
done_testing()
