# SPDX-License-Identifier: Apache-2.0
"""Holds what a tool says against the truth of a scenario.

Of every tool: R-CONF-02 (no joule that was not drawn while it ran) and the error against the command's own instants. Of
Joulebook besides: each meter by itself, its role, the band, the tree's sum, the book, and that a fault of one meter is
a gap of that meter alone (R-CONF-05)."""

from fractions import Fraction

from world import MS, S

# Between the reading that opens a run and the command's first instruction a busy machine may serve others.
BUSY_NS = 25 * MS


class Verdict:
    def __init__(self):
        self.claims = []  # (is_good, what, why)
        self.figures = []
        self.unjudged = []

    def ok(self, claim, what, why=""):
        self.claims.append((bool(claim), what, str(why)))
        return bool(claim)

    @property
    def is_good(self):
        return all(good for good, _, _ in self.claims)


def asked_uj(world, from_ns, to_ns):
    """What the machine's meters gave: the meter of the whole, where there is one, else the sum of what does not overlap."""
    top = [meter for meter in world.meters if meter.role == "parent" and meter.is_mine]
    return sum((meter.energy_uj(from_ns, to_ns) for meter in top or posted(world)), Fraction(0))


def posted(world):
    """What the command's machine is asked for: of eight boards those that the command may use."""
    return [meter for meter in world.meters if meter.role in ("post", "parent") and meter.is_mine]


def percent(error, truth):
    return float(error / truth) * 100 if truth else 0.0


def slack_uj(world, late_ns):
    return sum(meter.edge_uj(late_ns) for meter in posted(world))


def no_invention(verdict, world, result, late_ns, name):
    """R-CONF-02: never more than was drawn from the tool's start to its end, which holds whatever else the machine does."""
    most = asked_uj(world, result.spawn_ns, result.exit_ns) + Fraction(slack_uj(world, late_ns))
    gauges = [meter for meter in posted(world) if meter.kind == "gauge"]
    most += sum(Fraction(meter.greatest_w) * meter.renew_ns * 2 / 1000 for meter in gauges)
    return verdict.ok(
        result.uj <= most, f"{name}: no joule was invented", f"{result.uj} uJ, drawn at most {float(most):.0f}"
    )


def late_of(world, result):
    """How old the counters may have been at the edges; what is late in between costs nothing."""
    edges = ((result.spawn_ns, result.begin_ns), (result.end_ns, result.exit_ns))
    return max(world.late_ns(since, until) for since, until in edges)


def judge(verdict, scenario, world, result):
    """All that is asked of Joulebook."""
    name = scenario.name
    if not verdict.ok(
        result.code == 0 and result.account and result.begin_ns, f"{name}: the run ends with an account", result.err
    ):
        return
    late_ns = late_of(world, result)
    truth = asked_uj(world, result.begin_ns, result.end_ns)
    verdict.figures.append((name, result.uj, truth))
    no_invention(verdict, world, result, late_ns, name)
    for meter in world.meters:
        line = result.line(meter.channel)
        if meter.role == "absent" or not meter.is_mine:
            verdict.ok(line is None, f"{name}: {meter.channel} stands in no account", line)
        elif verdict.ok(line, f"{name}: {meter.channel} is in the account",
                        [line["channel"] for line in result.account["lines"]]):  # fmt: skip
            judge_meter(verdict, scenario, world, result, meter, line, late_ns)
        if not meter.is_mine and meter.role == "post":
            judge_edge(verdict, scenario, result, meter, late_ns)
    known = {meter.channel for meter in world.meters}
    extra = [line["channel"] for line in result.account["lines"]
             if line["channel"] not in known and line["role"] in ("post", "parent") and line["origin"] != "modelled"]  # fmt: skip
    verdict.ok(not extra, f"{name}: nothing else is added to the sum", extra)
    judge_book(verdict, scenario, world, result)
    for check in scenario.checks:
        check(verdict, scenario, world, result)


def judge_other(verdict, scenario, world, result, tool):
    """Of a tool that says one sum."""
    if result.uj is None or not result.begin_ns:
        return
    late_ns = late_of(world, result)
    verdict.figures.append((scenario.name, result.uj, asked_uj(world, result.begin_ns, result.end_ns)))
    no_invention(verdict, world, result, late_ns, f"{tool}: {scenario.name}")


def judge_meter(verdict, scenario, world, result, meter, line, late_ns):
    name, channel = scenario.name, meter.channel
    verdict.ok(line["role"] == meter.role, f"{name}: {channel} is {meter.role}", line["role"])
    best, low, high = (line["total_uj"][key] for key in ("best", "low", "high"))
    truth = meter.energy_uj(result.begin_ns, result.end_ns)
    told = f"{best} ({low} .. {high}) uJ, truth {float(truth):.0f}, gaps '{line['gaps']}'"
    is_sick = channel in scenario.sick
    if meter.kind == "counter" and meter.role in ("post", "parent"):
        most = float(meter.energy_uj(result.spawn_ns, result.exit_ns)) + meter.edge_uj(late_ns)
        verdict.ok(best <= most, f"{name}: {channel} has no joule that was not drawn", f"{told}, at most {most:.0f}")
    if not is_sick:
        if meter.kind == "counter":
            least = float(truth) - meter.edge_uj(late_ns)
            verdict.ok(
                best >= least, f"{name}: {channel} has every joule of the command", f"{told}, at least {least:.0f}"
            )
            judge_edge(verdict, scenario, result, meter, late_ns)
        verdict.ok(line["gaps"] == "" and line["n_failed"] == 0 and line["coverage"]["unobserved_ns"] == 0,
                   f"{name}: {channel} lost no reading", f"{line['n_failed']} failed, '{line['gaps']}', {line['coverage']}")  # fmt: skip
    # A band speaks of the run as Joulebook bounds it; where it took long to start the command, that is another one.
    spread = abs(line_start(result) - result.begin_ns) + abs(line_end(result) - result.end_ns)
    spare = meter.greatest_w * (spread + late_ns) / 1000
    verdict.ok(low - spare <= truth <= high + spare, f"{name}: the band of {channel} holds the truth", told)


def line_start(result):
    return result.account["run"]["start_mono_ns"]


def line_end(result):
    return result.account["run"]["end_mono_ns"]


def judge_edge(verdict, scenario, result, meter, late_ns):
    """R-CONF-03: what was posted is what was drawn in the very span that it was posted for, to the edge of the counter; and
    what a busy machine adds between two system calls is told, not judged."""
    spans = result.book.intervals(meter.channel) if meter.role in ("post", "parent") else []
    if not spans:
        return
    drawn = meter.energy_uj(spans[0][0], spans[-1][1])
    got = sum(span[2] for span in spans)
    off = abs(got - drawn)
    edge = meter.edge_uj(late_ns)
    if off > edge and off <= edge + meter.greatest_w * BUSY_NS / 1000:
        verdict.unjudged.append(f"{scenario.name}: {meter.channel} is {float(off - edge) / 1e6:.3f} J beyond its edges, "
                                "within what a busy machine takes between two reads")  # fmt: skip
        return
    verdict.ok(off <= edge, f"{scenario.name}: {meter.channel} is exact between its own readings",
               f"posted {got}, drawn {float(drawn):.0f}, edge {edge:.0f} uJ")  # fmt: skip


def judge_book(verdict, scenario, world, result):
    """R-CONF-04: from the book's tables, in whole microjoules."""
    book, name = result.book, scenario.name
    rows = book.sql("SELECT seq, SUM(amount_uj) FROM line GROUP BY seq HAVING SUM(amount_uj) <> 0")
    verdict.ok(not rows, f"{name}: every entry sums to nothing", rows[:5])
    fault = book.balances()
    verdict.ok(fault is None, f"{name}: the book balances", fault)
    roots = [meter for meter in world.meters if meter.role == "parent"]
    if roots:
        judge_root(verdict, name, book, roots[0].channel)


def judge_root(verdict, name, book, root):
    """Sum of the cover + platform + discrepancy = root meter. The root's own reading is the difference of the counts that the
    book keeps of it."""
    entries = book.entries(root)
    read = sum(converted(e, "count_end") - converted(e, "count_start") for e in entries)
    cover = -sum(book.sum_uj(kind) for kind in ("meter:", "calibrated:"))
    held = {kind: book.sum_uj(kind) for kind in ("run:", "idle:", "others:", "platform:", "discrepancy:")}
    verdict.ok(entries and cover == read and sum(held.values()) == read, f"{name}: cover + platform + discrepancy = {root}, exactly",
               f"read {read}, credited {cover}, {held}")  # fmt: skip
    verdict.figures.append(
        (f"{name}: cover + platform + discrepancy, against {root}", sum(held.values()), Fraction(read))
    )


def converted(entry, key):
    """R-ENERGY-02: counts are converted, then differenced; those of a gauge are in nJ."""
    den = max(entry["unit_den"], 1000) if entry["semantics"].startswith("gauge") else entry["unit_den"]
    return entry[key] * entry["unit_num"] // den


def errors(verdict):
    return [(name, got, truth, percent(got - truth, truth)) for name, got, truth in verdict.figures]


def seconds(ns):
    return float(ns) / S
