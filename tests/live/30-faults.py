#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a meter in mid-run: torn text, a count that stands still, a reset, a leap, a zone that vanishes,
lost permission. No joule is invented, none is lost that the counter still tells, the band covers the truth, and the
reason stands in the account. A healthy meter beside it stays exact. All scenarios go on at the same time."""

import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()
SICK, WELL = "package-0", "package-1"
POWER = 80
STALE = 1.25


class Scenario:
    """One run on a machine of its own. A generator: it yields how many seconds it has nothing to do."""

    def __init__(self, name, seconds, prefix=(), owner=None, base_uj=100000000000):
        self.name = name
        self.tree = Tree({SICK: f"const:{POWER}", WELL: "square:20:180:1300"}, base_uj=base_uj)
        self.book = Book()
        if owner is not None:
            os.chown(self.book.folder, owner, owner)
        # The report of its own times lies where an unprivileged command may write too.
        self.started = self.book.start(
            self.tree, burn("--sleep", seconds), ["--interval", "100ms"], prefix=prefix,
            report=os.path.join(self.book.folder, "burn.report"),
        )

    def begun(self):
        while not self.book_has_spool() and self.started.process.poll() is None:
            yield 0.01
        yield 0.4

    def book_has_spool(self):
        return os.path.exists(os.path.join(self.book.path + ".spool", "log"))

    def ended(self):
        while self.started.process.poll() is None:
            yield 0.02
        self.outcome = self.started.wait()
        name, outcome = self.name, self.outcome
        if not ok(outcome.code == 0 and outcome.account, f"{name}: the run ends with an account", outcome.err):
            return False
        self.line = outcome.line(SICK)
        must_sum(self.book, f"({name})")
        must_be_the_meter(self.book, WELL, f"({name})")
        must_be_true(self.tree, self.book, WELL, f"({name})")
        self.book.must_balance(f"({name})")
        self.judge()
        return True

    def judge(self):
        """Nothing invented, and the truth is in the band."""
        outcome, tree = self.outcome, self.tree
        spans = self.book.intervals(WELL)
        drawn = tree.energy_uj(SICK, spans[0][0], spans[-1][1])
        self.posted = posted_uj(self.book, SICK)
        self.missing = float(drawn - self.posted)
        # In the healthy meter's own time; the sick one was read at most a renewal apart.
        ok(
            self.posted <= drawn + slack_uj(tree, SICK),
            f"{self.name}: no joule was invented",
            f"posted {self.posted}, drawn {float(drawn):.0f}",
        )
        truth = tree.energy_uj(SICK, outcome.begin_ns, outcome.end_ns)
        figure = self.line["total_uj"]
        ok(
            figure["low"] <= truth <= figure["high"],
            f"{self.name}: the band covers the truth",
            f"{figure}, truth {float(truth):.0f}",
        )
        diag(f"{self.name}: drawn {float(drawn) / 1e6:.3f} J, posted {self.posted / 1e6:.3f} J, gaps '{self.line['gaps']}'")

    def must_lose_nothing(self):
        ok(
            self.missing <= slack_uj(self.tree, SICK),
            f"{self.name}: nothing is lost that the counter told",
            f"missing {self.missing:.0f} uJ",
        )
        equal(self.line["gaps"], "", f"{self.name}: no gap")

    def must_lose_at_most(self, seconds, reason, unnoticed=0.0):
        """What cannot be known is a gap with its reason, no longer than it must be. `unnoticed`: so long a file that was
        deleted goes on showing its last count to those who have it open (a real sysfs answers ENODEV)."""
        ok(self.line["gaps"] != "" and reason in self.line["gaps"], f"{self.name}: the reason is '{reason}'", self.line)
        unseen = self.line["coverage"]["unobserved_ns"] / 1e9
        slack = slack_uj(self.tree, SICK)
        ok(
            -slack <= self.missing - unseen * POWER * 1e6 <= unnoticed * POWER * 1e6 + slack,
            f"{self.name}: as much time is unobserved as energy is missing",
            f"{unseen:.3f} s, {self.missing / 1e6:.3f} J",
        )
        ok(self.missing <= POWER * 1e6 * seconds + slack, f"{self.name}: no more is missing than was hidden",
           f"{self.missing / 1e6:.3f} J of at most {POWER * seconds:.3f}")  # fmt: skip


def torn(kind):
    def scenario():
        it = Scenario(f"torn text ({kind})", 3)
        yield from it.begun()
        # Shorter than the time between two reads: at most one read at a time meets it.
        for _ in range(8):
            it.tree.tell("torn", SICK, kind, 80)
            yield 0.25
        if (yield from it.ended()):
            it.must_lose_nothing()
            ok(it.line["n_failed"] > 0, f"{it.name}: failed reads are counted in the account", it.line)

    return scenario


def torn_when_young():
    """Soon after boot a cut number could as well be a reset: then it may be a gap, but never energy."""
    it = Scenario("torn text on a young counter", 2.6, base_uj=0)
    yield from it.begun()
    for _ in range(6):
        it.tree.tell("torn", SICK, "short", 80)
        yield 0.25
    yield from it.ended()


def failed_for_long():
    it = Scenario("reads fail for a second", 2.6)
    yield from it.begun()
    it.tree.tell("torn", SICK, "empty", 1000)
    if (yield from it.ended()):
        it.must_lose_nothing()
        ok(it.line["n_failed"] >= 5, "reads fail for a second: they are counted in the account", it.line)


def stands_still():
    it = Scenario("the count stands still", 2.6)
    yield from it.begun()
    it.tree.tell("hold", SICK, 700)
    if (yield from it.ended()):
        it.must_lose_nothing()


def unreadable_end():
    it = Scenario("reads fail at the end", 1.6)
    yield from it.begun()
    since = it.tree.tell("torn", SICK, "words", 60000)
    if (yield from it.ended()):
        hidden = (it.book.intervals(WELL)[-1][1] - since) / 1e9
        it.must_lose_at_most(hidden + 0.15, "unreadable")


def reset():
    it = Scenario("reset", 2.6)
    yield from it.begun()
    yield 0.3
    it.tree.tell("reset", SICK)
    if (yield from it.ended()):
        it.must_lose_at_most(0.35, "reset")


def leap():
    it = Scenario("a leap of 20 kJ", 2.6)
    yield from it.begun()
    it.tree.tell("jump", SICK, 20000000000)
    if (yield from it.ended()):
        it.must_lose_at_most(0.35, "implausible")


def vanish_and_return():
    it = Scenario("the zone vanishes and returns with a reset count", 6)
    yield from it.begun()
    gone = it.tree.tell("vanish", SICK)
    it.tree.tell("reset", SICK)
    yield 1.5
    back = it.tree.tell("return", SICK)
    if (yield from it.ended()):
        # A reading apart at either side, and once a second it is looked for.
        it.must_lose_at_most((back - gone) / 1e9 + 2.5, "gone", STALE)


def vanish_for_good():
    it = Scenario("the zone vanishes for good", 3)
    yield from it.begun()
    gone = it.tree.tell("vanish", SICK)
    if (yield from it.ended()):
        it.must_lose_at_most((it.book.intervals(WELL)[-1][1] - gone) / 1e9 + 0.15, "gone", STALE)


def reload():
    it = Scenario("the driver is reloaded at once", 4)
    yield from it.begun()
    it.tree.tell("vanish", SICK)
    it.tree.tell("reset", SICK)
    it.tree.tell("return", SICK)
    if (yield from it.ended()):
        it.must_lose_at_most(2.5, "", STALE)


def forbidden_while_open():
    it = Scenario("permission lost while open", 3.5, PLAIN, NOBODY)
    yield from it.begun()
    it.tree.tell("mode", SICK, "000")
    it.tree.tell("hold", SICK, 1500)
    if (yield from it.ended()):
        # The open file goes on telling.
        it.must_lose_nothing()


def forbidden_after_return():
    it = Scenario("permission lost for good", 4.5, PLAIN, NOBODY)
    yield from it.begun()
    gone = it.tree.tell("vanish", SICK)
    it.tree.tell("return", SICK)
    it.tree.tell("mode", SICK, "000")
    if (yield from it.ended()):
        it.must_lose_at_most((it.book.intervals(WELL)[-1][1] - gone) / 1e9 + 0.15, "unreadable", STALE)


ALL = [torn("half"), torn("short"), torn("empty"), torn("words"), torn_when_young, failed_for_long, stands_still, unreadable_end, reset,
       leap, vanish_and_return, vanish_for_good, reload]  # fmt: skip
UNPRIVILEGED = [forbidden_while_open, forbidden_after_return]
if can_be_nobody():
    ALL += UNPRIVILEGED
else:
    skip("permission lost: needs root to become nobody, and an executable that nobody may run")
for _ in range(10 if NIGHTLY else 1):
    go_on(ALL)
done_testing()
