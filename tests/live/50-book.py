#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A book that cannot be written: full disk, read-only, from a newer version, damaged. The command runs and its exit code
passes through, what failed is said with a next step, and what was measured is kept and entered later."""

import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()
MACHINE = {"package-0": "square:20:180:130", "package-0/dram": "const:8"}
CODE = 7


def must_have_run(outcome, when):
    equal(outcome.code, CODE, f"{when}: the command's exit code passes through")
    ok(outcome.report, f"{when}: the command ran to its end", outcome.err)
    ok("joulebook: " in outcome.err and "hint: " in outcome.err, f"{when}: it is said, with a next step", outcome.err)
    equal(outcome.out, "", f"{when}: nothing of ours is in the command's output")


def must_come_later(tree, book, outcome, when):
    """After the hindrance is gone: recover enters it, exactly."""
    code, out, err = book.recover()
    equal(code, 0, f"{when}: recover enters what was kept")
    if code != 0:
        diag(out + err)
        return
    statuses = book.statuses()
    ok(statuses[:1] == ["done"], f"{when}: the run is in the book, done", statuses)
    for zone in tree.zones:
        must_be_the_meter(book, zone, when)
    must_be_true(tree, book, "package-0", when)
    spans = book.intervals("package-0")
    ok(
        spans and spans[0][0] <= outcome.begin_ns and spans[-1][1] >= outcome.end_ns,
        f"{when}: all of the command's time is posted",
        f"{spans}, command {outcome.begin_ns} to {outcome.end_ns}",
    )
    must_sum(book, when)
    book.must_balance(when)
    account = book.account()
    truth = tree.energy_uj("package-0", outcome.begin_ns, outcome.end_ns)
    figure = line_of(account, "package-0")["total_uj"]
    ok(figure["low"] <= truth <= figure["high"], f"{when}: the band covers the truth", f"{figure}, {float(truth):.0f}")


def command(seconds=0.6):
    return burn("--sleep", seconds, "--exit", CODE)


def with_small_disk(size, scenario, name):
    """A disk of its own; as root, where mounting is allowed."""
    disk = folder("disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "joulebook-test", disk], capture_output=True, check=False
    )
    if done.returncode != 0:
        skip(f"{name}: needs to mount a small disk")
        return
    try:
        scenario(disk)
    finally:
        subprocess.run(["umount", disk], check=False)


def fill(disk):
    path = os.path.join(disk, "ballast")
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return path


def report_elsewhere():
    return os.path.join(folder("report"), "burn.report")


def started_on(tree, book, disk_command, report):
    """The run's own files of the harness lie outside of the small disk."""
    outside = Book(folder("outside"))
    outside.path = book.path
    run = Started.__new__(Started)
    stem = os.path.join(outside.folder, "run")
    run.report_path, run.account_path = report, stem + ".account.json"
    run.out_path, run.err_path = stem + ".out", stem + ".err"
    argv = [JOULEBOOK, "run", "--sensors-root", tree.root, "--book", book.path]
    argv += ["--", *[word.replace("{report}", report) for word in disk_command]]
    with open(run.out_path, "wb") as out, open(run.err_path, "wb") as err:
        run.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment())
    run.pid = run.process.pid
    return run


def full_before(disk):
    with Tree(MACHINE) as tree:
        book = Book(disk)
        fill(disk)
        outcome = started_on(tree, book, command(), report_elsewhere()).wait()
        must_have_run(outcome, "a disk full from the start")


def full_in_between(disk):
    with Tree(MACHINE) as tree:
        book = Book(disk)
        first = started_on(tree, book, command(0.2), report_elsewhere()).wait()
        equal(first.code, CODE, "a disk that fills up: there was a book")
        run = started_on(tree, book, command(2.5), report_elsewhere())
        ok(wait_for(lambda: spool_has_run(book)), "a disk that fills up: a run is at work")
        time.sleep(0.4)
        ballast = fill(disk)
        outcome = run.wait()
        must_have_run(outcome, "a disk that fills up")
        os.unlink(ballast)
        code, out, err = book.recover()
        equal(code, 0, "a disk that fills up: recover enters what was kept")
        must_sum(book, "after a disk that filled up")
        for zone in tree.zones:
            rows = [row for row in book.readings(zone) if row["mono_end_ns"] > first.end_ns + 100 * MS]
            posted = sum(row["energy_uj"] for row in rows)
            truth = tree.energy_uj(zone, outcome.begin_ns, outcome.end_ns)
            figure = line_of(book.account(), zone)["total_uj"]
            ok(
                figure["low"] <= truth <= figure["high"],
                f"a disk that fills up: the band of {zone} covers the truth",
                f"posted {posted}, {figure}, truth {float(truth):.0f}\n{out}{err}",
            )
        book.must_balance("after a disk that filled up")


def spool_has_run(book):
    with contextlib.suppress(FileNotFoundError):
        return any(name.startswith("run-") for name in os.listdir(book.path + ".spool"))
    return False


def read_only_file():
    when = "a read-only book"
    if not can_be_nobody():
        skip(f"{when}: needs root to become nobody, and an executable that nobody may run")
        return
    with Tree(MACHINE) as tree:
        book = Book()
        os.chown(book.folder, NOBODY, NOBODY)
        report = os.path.join(book.folder, "report")
        made = book.run(tree, burn(), prefix=PLAIN)
        equal(made.code, 0, f"{when}: there was a book")
        before = len(book.statuses())
        os.chmod(book.path, 0o444)
        outcome = book.run(tree, command(), prefix=PLAIN, report=report)
        must_have_run(outcome, when)
        equal(len(book.statuses()), before, f"{when}: nothing was entered")
        os.chmod(book.path, 0o644)
        code, out, err = book.recover()
        equal(code, 0, f"{when}: writable again, recover enters what was kept")
        statuses = book.statuses()
        equal(statuses, ["done"] * (before + 1), f"{when}: the run is in the book, done")
        must_sum(book, f"({when})")
        book.must_balance(f"({when})")


def read_only_folder():
    when = "a folder that is read-only"
    if not can_be_nobody():
        skip(f"{when}: needs root to become nobody, and an executable that nobody may run")
        return
    with Tree(MACHINE) as tree:
        report = folder("report")
        os.chmod(report, 0o777)
        book = Book()  # of root; nobody may only look
        inside = Book(book.folder)
        run = Started(tree, inside, command(), prefix=PLAIN, report=os.path.join(report, "burn.report"))
        must_have_run(run.wait(), when)
        ok(not os.path.exists(book.path), f"{when}: no book was made elsewhere in silence")


def newer_version():
    when = "a book from a newer version"
    with Tree(MACHINE) as tree:
        book = Book()
        code = book.run(tree, burn()).code
        equal(code, 0, f"{when}: there was a book")
        version = book.sql("PRAGMA user_version")[0][0]
        set_version(book, 999)
        outcome = book.run(tree, command())
        must_have_run(outcome, when)
        code, out, err = book.recover()
        ok(code != 0 and "newer" in (out + err), f"{when}: recover says so and changes nothing", out + err)
        set_version(book, version)
        code, out, err = book.recover()
        equal(code, 0, f"{when}: with the right version recover enters what was kept")
        equal(sorted(book.statuses()), ["done", "done"], f"{when}: both runs are in the book")
        must_be_true(tree, book, "package-0", when) if len(book.intervals("package-0")) == 1 else None
        account = book.account()
        truth = tree.energy_uj("package-0", outcome.begin_ns, outcome.end_ns)
        figure = line_of(account, "package-0")["total_uj"]
        ok(figure["low"] <= truth <= figure["high"], f"{when}: the band covers the truth", f"{figure}, {float(truth)}")
        must_sum(book, f"({when})")
        book.must_balance(f"({when})")


def set_version(book, number):
    with contextlib.closing(sqlite3.connect(book.path)) as connection:
        connection.execute(f"PRAGMA user_version = {number}")
        connection.commit()


def damaged():
    when = "a damaged book"
    with Tree(MACHINE) as tree:
        book = Book()
        equal(book.run(tree, burn()).code, 0, f"{when}: there was a book")
        with contextlib.closing(sqlite3.connect(book.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = os.path.getsize(book.path)
        with open(book.path, "r+b") as file:
            kept = file.read()
            file.seek(100)
            file.write(b"\xa5" * (size - 100))
        outcome = book.run(tree, command())
        must_have_run(outcome, when)
        code, out, err = book.ask("balance")
        equal(code, 4, f"{when}: balance says that it is damaged")
        for end in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(book.path + end)
        with open(book.path, "wb") as file:
            file.write(kept)
        code, out, err = book.recover()
        equal(code, 0, f"{when}: brought back from a copy, recover enters what was kept")
        equal(sorted(book.statuses()), ["done", "done"], f"{when}: both runs are in the book")
        book.must_balance(f"({when})")


with_small_disk("2m", full_before, "a disk full from the start")
with_small_disk("4m", full_in_between, "a disk that fills up")
read_only_file()
read_only_folder()
newer_version()
damaged()
done_testing()
