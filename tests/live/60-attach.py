#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attaching to a process that is already running: its energy and CPU time from then on, its end ends the run, and it
never feels that it was watched."""

import sys

sys.dont_write_bytecode = True
import signal  # noqa: E402

from lib_live import *  # noqa: E402,F403

need_tools()


def attach(tree, book, pid, account):
    argv = [JOULEBOOK, "run", "--sensors-root", tree.root, "--book", book.path, "--account", account, "--pid", str(pid)]
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=environment())  # fmt: skip


def has_run(book):
    with contextlib.suppress(FileNotFoundError):
        return any(name.startswith("run-") for name in os.listdir(book.path + ".spool"))
    return False


def to_the_end():
    with Tree({"package-0": "square:20:180:130"}) as tree:
        book = Book()
        report, account = os.path.join(book.folder, "report"), os.path.join(book.folder, "account.json")
        subject = subprocess.Popen([BURN, "--out", report, "--wall", "2.2", "--exit", "3"])
        time.sleep(0.5)
        since_ns = mono_ns()
        watcher = attach(tree, book, subject.pid, account)
        equal(subject.wait(), 3, "the process ends as alone")
        until_ns = mono_ns()
        out, err = watcher.communicate()
        ok(os.path.exists(account), "its end ends the run, with an account", err)
        equal(out, "", "nothing is printed on standard output")
        with open(account, encoding="utf-8") as file:
            found = json.load(file)
        truth = tree.energy_uj("package-0", since_ns, until_ns)
        line = line_of(found, "package-0")
        spans = book.intervals("package-0")
        must_be_true(tree, book, "package-0", "attached")
        # From the attaching on, not from the process's own begin.
        ok(spans and spans[0][0] >= since_ns and line["total_uj"]["best"] <= truth + 2 * edge_uj(tree, "package-0") +
           tree.energy_uj("package-0", until_ns, spans[-1][1]), "no energy from before it was attached", line)  # fmt: skip
        burnt = read_report(report)[-1]
        ok(
            0 < found["run"]["cpu_ns"] < burnt["cpu_ns"],
            "only the CPU time since then is the run's",
            f"{found['run']['cpu_ns']} of {burnt['cpu_ns']}",
        )
        must_sum(book, "after an attached run")
        book.must_balance("after an attached run")


def until_interrupted():
    with Tree({"package-0": "const:50"}) as tree:
        book = Book()
        report, account = os.path.join(book.folder, "report"), os.path.join(book.folder, "account.json")
        subject = subprocess.Popen([BURN, "--out", report, "--sleep", "3"])
        watcher = attach(tree, book, subject.pid, account)
        ok(wait_for(lambda: has_run(book)), "attached, a run is at work")
        time.sleep(0.5)
        watcher.send_signal(signal.SIGINT)
        out, err = watcher.communicate()
        ok(subject.poll() is None, "an interrupt ends the watching, not the process")
        ok(os.path.exists(account), "what was seen until then is in the book", err)
        equal(subject.wait(), 0, "the process goes on to its end")
        must_sum(book, "after an interrupted watching")
        book.must_balance("after an interrupted watching")


def nobody_there():
    with Tree({"package-0": "const:50"}) as tree:
        book = Book()
        gone = subprocess.Popen(["true"])
        gone.wait()
        watcher = attach(tree, book, gone.pid, os.path.join(book.folder, "account.json"))
        out, err = watcher.communicate()
        ok(watcher.returncode != 0 and str(gone.pid) in err, "a process that is gone is named", f"{watcher.returncode} {err}")
        ok(not os.path.exists(book.path) or not book.statuses(), "and no run is entered")


to_the_end()
until_interrupted()
nobody_there()
done_testing()
