# SPDX-License-Identifier: Apache-2.0
"""What every live test starts with: TAP, a scripted machine whose energy is known exactly, runs of joulebook on it, and
a look into the book that does not go through joulebook.

A live test runs the real executable on the real clock. So it judges sums, bands and exit codes, never how fast anything
was; where the machine it runs on was late by itself (the scripted tree counts its own lateness), a figure is not judged.
"""

import atexit
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from fractions import Fraction

ROOT = os.environ["JB_ROOT"]
BUILD = os.environ["JB_BUILD"]
JOULEBOOK = os.environ["JOULEBOOK"]
TMP = os.environ["JB_TMP"]
NIGHTLY = bool(os.environ.get("JB_NIGHTLY"))
TREE_TOOL = os.path.join(BUILD, "tests/tools/scripted_tree")
BURN = os.path.join(BUILD, "tests/tools/burn")
MS = 1000000
S = 1000000000

_n = 0
_failed = 0


def diag(text):
    for line in str(text).splitlines():
        print("# " + line)
    sys.stdout.flush()


def ok(claim, name, why=""):
    """One promise; `why` is shown if it is broken."""
    global _n, _failed
    _n += 1
    print(f"{'ok' if claim else 'not ok'} {_n} - {name}")
    if not claim:
        _failed += 1
        diag(why)
    sys.stdout.flush()
    return bool(claim)


def equal(got, want, name):
    return ok(got == want, name, f"got  {got!r}\nwant {want!r}")


def skip(reason):
    global _n
    _n += 1
    print(f"ok {_n} # SKIP {reason}")


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def done_testing():
    print(f"1..{_n}")
    sys.stdout.flush()
    sys.exit(1 if _failed or _n == 0 else 0)


def need_tools():
    for path in (JOULEBOOK, TREE_TOOL, BURN):
        if not os.access(path, os.X_OK):
            skip_all(f"no {os.path.relpath(path, ROOT)} in this build")


def folder(prefix):
    """A folder in memory where there is such a place, since a powercap tree is no disk either; gone at the end."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else TMP
    path = tempfile.mkdtemp(prefix=f"joulebook-{prefix}.", dir=base)
    atexit.register(shutil.rmtree, path, True)
    os.chmod(path, 0o755)
    return path


def mono_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Tree:
    """A machine served by tests/tools/scripted_tree; zones: {"package-0": "const:50", "package-0/dram": ...}"""

    def __init__(self, zones, before_wrap_uj=0, base_uj=100000000000, vendor="intel"):
        self.zones = dict(zones)
        self.root = folder("tree")
        argv = [TREE_TOOL, "serve", "--root", self.root, "--vendor", vendor, "--base", str(base_uj)]
        if before_wrap_uj:
            argv += ["--before-wrap", str(before_wrap_uj)]
        for name, course in self.zones.items():
            argv += ["--zone", f"{name}={course}"]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)
        word, t0 = self.process.stdout.readline().split()
        assert word == "ready"
        self.t0_ns = int(t0)

    def tell(self, *words):
        """A command to the tree; the instant it was obeyed."""
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        assert answer and answer[0] in ("ok", "late"), f"{words}: {answer}"
        return int(answer[1])

    def late_ns(self, from_ns, to_ns):
        return self.tell("late", from_ns, to_ns)

    def energy_uj(self, zone, from_ns, to_ns):
        """Exact, as a Fraction."""
        answer = subprocess.run(
            [TREE_TOOL, "energy", self.root, zone, str(from_ns), str(to_ns)], check=True, capture_output=True, text=True
        )
        return Fraction(answer.stdout.strip())

    def greatest_power_w(self, zone):
        return max(float(part) for part in self.zones[zone].split(":")[1:3])

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def channel_of(zone):
    return "rapl/" + zone


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("JOULEBOOK_")}
    env.update(more)
    return env


class Outcome:
    """What a run left: exit code, what it said, when its command began and ended, its account."""

    def __init__(self, code, out, err, report, account):
        self.code, self.out, self.err, self.report, self.account = code, out, err, report, account

    @property
    def begin_ns(self):
        return self.report[-1]["begin_ns"]

    @property
    def end_ns(self):
        return self.report[-1]["end_ns"]

    @property
    def cpu_ns(self):
        return sum(line["cpu_ns"] for line in self.report)

    def line(self, zone):
        return line_of(self.account, zone)


def line_of(account, zone):
    for line in account["lines"]:
        if line["channel"] == channel_of(zone):
            return line
    return None


def read_report(path):
    """Lines of burn; the command's own is the last one that the command waited for."""
    lines = []
    with contextlib.suppress(FileNotFoundError), open(path, encoding="ascii") as file:
        for text in file:
            lines.append({k: int(v) for k, v in (word.split("=") for word in text.split())})
    return lines


class Started:
    """A `joulebook run` that goes on by itself until wait()."""

    n_started = 0

    def __init__(self, tree, book, command, options=(), env=None, prefix=(), report=None):
        Started.n_started += 1
        stem = os.path.join(os.path.dirname(book.path), f"run-{os.getpid()}-{Started.n_started}")
        self.report_path = report or stem + ".report"
        self.account_path = stem + ".account.json"
        self.err_path = stem + ".err"
        self.out_path = stem + ".out"
        sensors = ["--sensors-root", tree.root] if tree else []
        if prefix and not env:
            # Somebody else has another home.
            env = environment(HOME=book.folder, XDG_CONFIG_HOME=book.folder, XDG_DATA_HOME=book.folder)
        argv = [*prefix, JOULEBOOK, "run", *sensors, "--book", book.path, "--account", self.account_path, *options]
        argv += ["--", *[word.replace("{report}", self.report_path) for word in command]]
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env or environment()
            )
        self.pid = self.process.pid

    def wait(self):
        code = self.process.wait()
        account = None
        with contextlib.suppress(FileNotFoundError, ValueError), open(self.account_path, encoding="utf-8") as file:
            account = json.load(file)
        with open(self.out_path, encoding="utf-8", errors="replace") as file:
            out = file.read()
        with open(self.err_path, encoding="utf-8", errors="replace") as file:
            err = file.read()
        return Outcome(code, out, err, read_report(self.report_path), account)


def burn(*words):
    """A command that writes its own times where the harness looks for them."""
    return [BURN, "--out", "{report}", *[str(word) for word in words]]


class Book:
    def __init__(self, where=None, name="book.db"):
        self.folder = where or folder("book")
        self.path = os.path.join(self.folder, name)

    def start(self, tree, command, options=(), **more):
        return Started(tree, self, command, options, **more)

    def run(self, tree, command, options=(), **more):
        return self.start(tree, command, options, **more).wait()

    def ask(self, *words):
        """joulebook WORDS --book PATH: (code, out, err)"""
        done = subprocess.run(
            [JOULEBOOK, *words, "--book", self.path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def account(self, run="last"):
        code, out, err = self.ask("report", run, "--format", "json")
        if code != 0:
            raise AssertionError(f"report {run}: {code} {err}")
        return json.loads(out)

    def recover(self):
        return self.ask("recover", "--json")

    def must_balance(self, when):
        code, out, err = self.ask("balance", "--json")
        is_good = code == 0 and json.loads(out)["is_balanced"]
        bad = [c for c in json.loads(out)["checks"] if c["n_failed"]] if out.startswith("{") else out
        return ok(is_good, f"the book balances {when}", f"code {code}\n{bad}\n{err}")

    def sql(self, query, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    # -- the book as its tables have it ------------------------------------------------------------------------------
    def intervals(self, zone):
        """(start_ns, end_ns, energy_uj) of a meter in order, what was voided left out."""
        return self.sql(
            "SELECT mono_start_ns, mono_end_ns, energy_uj FROM interval JOIN meter USING (meter_id)"
            " WHERE channel = ? AND is_memo = 0 ORDER BY mono_start_ns",
            channel_of(zone),
        )

    def readings(self, zone):
        """What stands in the book of each posted interval of a meter, in order: raw counts, coverage, gaps."""
        found = []
        for (seq,) in self.sql(
            "SELECT interval.seq FROM interval JOIN meter USING (meter_id)"
            " WHERE channel = ? AND is_memo = 0 ORDER BY mono_start_ns",
            channel_of(zone),
        ):
            fields = {}
            for (text,) in self.sql("SELECT value FROM opening WHERE seq = ? ORDER BY position", seq):
                for part in (text or "").splitlines():
                    key, equals, value = part.partition("=")
                    if equals:
                        fields[key] = int(value) if value.lstrip("-").isdigit() else value
            found.append(fields)
        return found

    def sums_uj(self):
        """What each kind of account holds, by the book's lines."""
        sums = {}
        for name, amount in self.sql("SELECT name, amount_uj FROM line JOIN account USING (account_id)"):
            kind = name.split(":", 1)[0]
            sums[kind] = sums.get(kind, 0) + amount
        return sums

    def runs(self):
        """Of the book's list, newest first."""
        code, out, err = self.ask("runs", "--json")
        if code != 0:
            raise AssertionError(f"runs: {code} {err}")
        return json.loads(out)

    def statuses(self):
        return [run["status"] for run in self.runs()]


def must_sum(book, when):
    """Every microjoule of a meter is in exactly one account."""
    sums = book.sums_uj()
    contra = sum(v for k, v in sums.items() if k in ("meter", "calibrated", "modelled", "stated", "billed", "pue"))
    rest = sum(v for k, v in sums.items() if k not in ("meter", "calibrated", "modelled", "stated", "billed", "pue"))
    return ok(contra + rest == 0 and contra < 0, f"meters equal runs, idle and others {when}", sums)


def must_not_overlap(book, zone, when):
    spans = book.intervals(zone)
    clash = [(a, b) for a, b in zip(spans, spans[1:]) if b[0] < a[1]]
    return ok(spans and not clash, f"no interval of {zone} overlaps another {when}", clash or "no interval")


def must_be_the_meter(book, zone, when):
    """What was posted is what the meter's raw counts differ by, exactly: intervals follow one another without a hole, and
    the last raw count less the first, modulo the counter's width, is the sum of the postings."""
    rows = book.readings(zone)
    holes = [
        (a["raw_end"], b["raw_start"])
        for a, b in zip(rows, rows[1:])
        if a["raw_end"] != b["raw_start"] or a["mono_end_ns"] != b["mono_start_ns"]
    ]
    if not ok(rows and not holes, f"intervals of {zone} follow one another {when}", holes or "no interval"):
        return
    meter = (rows[-1]["raw_end"] - rows[0]["raw_start"]) % rows[0]["modulus"]
    equal(sum(row["energy_uj"] for row in rows), meter, f"posted by {zone} is the meter's difference {when}")


def must_be_true(tree, book, zone, when):
    """The same against the energy that was truly drawn, between the first and the last instant posted."""
    spans = book.intervals(zone)
    if not spans:
        ok(False, f"{zone} was posted {when}")
        return
    truth = tree.energy_uj(zone, spans[0][0], spans[-1][1])
    posted = posted_uj(book, zone)
    if tree.late_ns(spans[0][0], spans[-1][1]) > 3 * MS:
        skip(f"{zone} {when}: the scripted machine was late, nothing to judge by")
        return
    ok(abs(posted - truth) <= slack_uj(tree, zone), f"posted by {zone} is what was drawn {when}",
       f"posted {posted} uJ, truth {float(truth):.0f} uJ, slack {slack_uj(tree, zone):.0f} uJ")


def slack_uj(tree, zone):
    """The edges of the counter, and 25 ms at its greatest power: between the instant a frame is of and the read of one of
    its channels this machine may have had others to serve. To the unit it is tests/sim that judges; a reading lost or
    taken twice is more than this."""
    return 2 * edge_uj(tree, zone) + 25 * 1000 * tree.greatest_power_w(zone)


def posted_uj(book, zone):
    return sum(energy for _, _, energy in book.intervals(zone))


def edge_uj(tree, zone, n_edges=2):
    """What a counter renewed every millisecond leaves open, and one unit of 61 uJ each."""
    return n_edges * (tree.greatest_power_w(zone) * 1000 + 61) + 1


def wait_for(condition, seconds=30):
    """True as soon as the condition holds; a limit, no measure of time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


def go_on(scenarios):
    """Generators side by side, each when its time has come: they yield the seconds in which they have nothing to do."""
    due = [(0.0, n, s()) for n, s in enumerate(scenarios)]
    while due:
        due.sort(key=lambda item: item[0])
        at, n, scenario = due.pop(0)
        time.sleep(max(0.0, at - time.monotonic()))
        try:
            wait = next(scenario)
        except StopIteration:
            continue
        due.append((time.monotonic() + wait, n, scenario))


def children_of(pid):
    """Pids whose parent it is."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{int(name)}/stat", encoding="ascii", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
    return found


NOBODY = 65534
PLAIN = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def can_be_nobody():
    """Whether a run as somebody without rights is possible here: root does not feel a mode."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    return subprocess.run([*PLAIN, "test", "-x", JOULEBOOK], check=False).returncode == 0
