# SPDX-License-Identifier: Apache-2.0
"""The scenarios: a machine, what happens to it, and what a tool is asked. Each is a function that fills a World."""

import os
from dataclasses import dataclass
from fractions import Fraction

from world import EINVAL_FILE, Skip

SQUARE = "square:20:180:1300"


@dataclass
class Scenario:
    name: str
    make: object
    seconds: float = 3
    act: object = None  # a generator on the world, from the command's first instruction on; yields seconds to wait
    command: tuple = ()  # words of burn; else it sleeps
    options: tuple = ("--interval", "100ms")
    needs: frozenset = frozenset({"rapl"})  # what a tool must be able to read
    sick: frozenset = frozenset()  # channels that a fault is done to
    checks: tuple = ()  # more that is asked of Joulebook
    is_networked: bool = False
    share: object = None  # (world, result) -> uJ of the command
    attach: tuple = ()  # the command is as many processes, that run already; the world's pids
    about: str = ""

    def words(self):
        return self.command or ("--sleep", self.seconds)


ALL = []


def scenario(name, **more):
    def enter(make):
        ALL.append(Scenario(name, make, about=(make.__doc__ or "").strip(), **more))
        return make

    return enter


@scenario("one package and its memory")
def _(world):
    """Package at a square wave of 20 and 180 W, DRAM at 7 W."""
    world.zone("package-0", SQUARE)
    world.zone("package-0/dram", "const:7")


@scenario("two packages and their memory")
def _(world):
    """Packages at 50 W and a ramp from 20 to 180 W, DRAM at 7 and 9 W."""
    world.zone("package-0", "const:50")
    world.zone("package-0/dram", "const:7")
    world.zone("package-1", "ramp:20:180:4000")
    world.zone("package-1/dram", "const:9")


@scenario("the register wraps in mid-run")
def _(world):
    """32 bits of 61 uJ, 60 J before the end: at 50 W after 1.2 s."""
    world.before_wrap_uj = 60 * 10**6
    world.zone("package-0", "const:50")
    world.zone("package-1", SQUARE)


@scenario("psys beside the packages")
def _(world):
    """A maker's sum of 200 W beside packages of 50 and 80 W."""
    world.zone("psys", "const:200", "check")
    world.zone("package-0", "const:50")
    world.zone("package-1", "const:80")


@scenario("a package through two drivers")
def _(world):
    """intel-rapl and intel-rapl-mmio show the same package."""
    world.zone("package-0", SQUARE)
    world.mmio_twin(SQUARE)


@scenario("AMD: the core zone is one core")
def _(world):
    """60 W package, and a core zone that counts 5 W of one core."""
    world.vendor = "amd"
    world.zone("package-0", "const:60")
    world.zone("package-0/core", "const:5", "absent")


@scenario("core and uncore lie in the package")
def _(world):
    """Package 50 W, of which cores 30 W and graphics 5 W."""
    world.zone("package-0", "const:50")
    world.zone("package-0/core", "const:30", "detail")
    world.zone("package-0/uncore", "const:5", "detail")


# -- faults of a counter ---------------------------------------------------------------------------------------------
SICK = "package-0"


def one_sick(world):
    world.zone(SICK, "const:80")
    world.zone("package-1", SQUARE)


def failing(*words):
    def act(world):
        yield 0.6
        world.tell("torn", SICK, *words)

    return act


def lost_nothing(verdict, scenario, world, result):
    """The counter told it all at its next good reading."""
    line = result.line("rapl/" + SICK)
    meter = world.meters[0]
    least = float(meter.energy_uj(result.begin_ns, result.end_ns)) - meter.edge_uj(
        world.late_ns(result.spawn_ns, result.exit_ns)
    )
    verdict.ok(
        line["total_uj"]["best"] >= least, f"{scenario.name}: nothing is lost that the counter told", line["total_uj"]
    )
    verdict.ok(line["n_failed"] > 0, f"{scenario.name}: failed readings are counted", line["n_failed"])


def hides(reason):
    """What cannot be known is a gap with its reason, and as much time is unobserved as energy is missing."""

    def check(verdict, scenario, world, result):
        channel = next(iter(scenario.sick))
        line = result.line(channel)
        meter = next(meter for meter in world.meters if meter.channel == channel)
        drawn = meter.energy_uj(result.begin_ns, result.end_ns)
        missing = float(drawn - line["total_uj"]["best"]) / 1e6
        unseen = line["coverage"]["unobserved_ns"] / 1e9
        verdict.ok(reason in line["gaps"] and line["gaps"], f"{scenario.name}: the reason is told", line["gaps"])
        verdict.ok(missing <= meter.greatest_w * (unseen + meter.renew_ns / 1e9 * 2 + 1.25),
                   f"{scenario.name}: no more is missing than is said to be unseen", f"{missing} J, {unseen} s")  # fmt: skip

    return check


for KIND, WHAT in (("half", "a number cut short without its newline"), ("short", "a number of which half is there"),
                   ("empty", "nothing"), ("words", "words instead of a number")):  # fmt: skip

    @scenario(f"reads give {WHAT}", seconds=3, act=failing(KIND, 1200), sick=frozenset({"rapl/" + SICK}),
              checks=() if KIND == "short" else (lost_nothing,))  # fmt: skip
    def _(world):
        """For 1.2 s, from 0.6 s on."""
        one_sick(world)


def einval(world):
    if not os.path.exists(EINVAL_FILE):
        raise Skip(f"no {EINVAL_FILE} that answers EINVAL")
    yield 1
    world.tell("swap", SICK, "/sys/einval")


@scenario("reads answer EINVAL", seconds=3, act=einval, sick=frozenset({"rapl/" + SICK}), checks=(hides("unreadable"),))
def _(world):
    """From 1 s on, as powercap does on a failure of its driver: a link to a file of the kernel that truly answers so."""
    one_sick(world)


def reset(world):
    yield 1
    world.tell("reset", SICK)


@scenario(
    "the counter starts again from 0", seconds=3, act=reset, sick=frozenset({"rapl/" + SICK}), checks=(hides("reset"),)
)
def _(world):
    """At 1 s, as after a reload of the driver."""
    one_sick(world)


def come_and_go(world):
    yield 1
    world.tell("vanish", SICK)
    world.tell("reset", SICK)
    yield 1
    world.tell("return", SICK)


@scenario("a package vanishes and comes back", seconds=5, act=come_and_go, sick=frozenset({"rapl/" + SICK}),
          checks=(hides("gone"),))  # fmt: skip
def _(world):
    """Gone from 1 s to 2 s, back with a count that started again."""
    one_sick(world)


def go_for_good(world):
    yield 1
    world.tell("vanish", SICK)


@scenario(
    "a package vanishes for good", seconds=3, act=go_for_good, sick=frozenset({"rapl/" + SICK}), checks=(hides("gone"),)
)
def _(world):
    """From 1 s on."""
    one_sick(world)


def leap(world):
    yield 1
    world.tell("jump", SICK, 20 * 10**9)


@scenario("a counter leaps by 20 kJ", seconds=3, act=leap, sick=frozenset({"rapl/" + SICK}), checks=(hides(""),))
def _(world):
    """At 1 s: more than the part can draw."""
    one_sick(world)


# -- shares ----------------------------------------------------------------------------------------------------------


def cpu_share(world, result):
    """With constant power and no idle baseline a CPU second is worth power / CPUs, whoever else computes (R-VALID-07)."""
    watts = sum(meter.course.low for meter in world.meters if meter.role == "post")
    return watts * result.cpu_ns / os.cpu_count() / 1000


def share_is(tolerance_s):
    """Within clock ticks (10 ms) at each end, and the share of the command's own start and end."""

    def check(verdict, scenario, world, result):
        truth = scenario.share(world, result)
        watts = sum(meter.greatest_w for meter in world.meters if meter.role == "post")
        verdict.figures.append((f"{scenario.name}: share of the run", result.share_uj, truth))
        verdict.ok(abs(result.share_uj - truth) <= Fraction(watts * tolerance_s * 10**6) + truth / 50,
                   f"{scenario.name}: the run has its share", f"{result.share_uj}, truth {float(truth):.0f} uJ")  # fmt: skip

    return check


@scenario("a run on half of the CPUs", command=("--cpu", 1.5, "--threads", max(1, (os.cpu_count() or 2) // 2)),
          share=cpu_share, checks=(share_is(0.03),))  # fmt: skip
def _(world):
    """100 W package; half of the machine's threads compute, the rest is idle or somebody else's."""
    world.zone("package-0", "const:100")


# -- the meter of the node -------------------------------------------------------------------------------------------


def rest_is(kind):
    def check(verdict, scenario, world, result):
        root = next(meter for meter in world.meters if meter.role == "parent")
        parts = [meter for meter in world.meters if meter.role == "post"]
        truth = root.energy_uj(result.begin_ns, result.end_ns)
        truth -= sum(meter.energy_uj(result.begin_ns, result.end_ns) for meter in parts)
        got = result.book.sum_uj(kind)
        verdict.figures.append((f"{scenario.name}: {kind.rstrip(':')}", got, truth))
        slack = (
            sum(meter.greatest_w for meter in [root, *parts]) * (root.renew_ns * 2 + 30e6) / 1000
            + float(abs(truth)) / 20
        )
        span = result.exit_ns - result.spawn_ns - (result.end_ns - result.begin_ns)
        slack += sum(meter.greatest_w for meter in [root, *parts]) * span / 1000
        verdict.ok(abs(got - truth) <= slack, f"{scenario.name}: the rest is {kind.rstrip(':')}",
                   f"{got} uJ, truth {float(truth):.0f}, slack {slack:.0f}")  # fmt: skip

    return check


@scenario("the node's meter above its parts", needs=frozenset({"rapl", "acpi"}), checks=(rest_is("platform:"),))
def _(world):
    """An ACPI meter of 300 W above packages of 50 and 80 W and 7 W of memory: 163 W are the platform's."""
    world.acpi_node("const:300")
    world.zone("package-0", "const:50")
    world.zone("package-0/dram", "const:7")
    world.zone("package-1", "const:80")


@scenario("the node's meter below its parts", needs=frozenset({"rapl", "acpi"}), checks=(rest_is("discrepancy:"),))
def _(world):
    """An ACPI meter of 100 W above packages of 50 and 80 W: 30 W too little, with its sign."""
    world.acpi_node("const:100")
    world.zone("package-0", "const:50")
    world.zone("package-1", "const:80")


# -- AMD's boards ----------------------------------------------------------------------------------------------------


@scenario("an AMD board's accumulator", needs=frozenset({"rapl", "amdgpu"}))
def _(world):
    """An MI210 by gpu_metrics 1.3, 2^-16 J a count, from 90 to 280 W; its gauge beside it; one package."""
    world.env["ROCR_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", "const:50")
    world.amd_board("ramp:90:280:3000")


# -- NVIDIA's boards, by the stand-in for the driver's library ---------------------------------------------------------
NVML = frozenset({"rapl", "nvml"})


def uuid(i):
    return f"GPU-{0x5c0ffee0 + i:08x}-7a11-4d3b-9b1e-{0xe4a1c3d20000 + i:012x}"


BOARD = f"gpu/{uuid(0)}"
MIG = ["MIG-1f0e2d3c-4b5a-5968-8776-95a4b3c2d1e0", "MIG-2a1b3c4d-5e6f-5071-9283-a4b5c6d7e8f9"]


def eight(world, visible):
    for i in range(8):
        meter = world.board(uuid(i), f"const:{100 + 50 * i}", f"pci 0000:{16 + i:02x}:00")
        meter.is_mine = i == 3
    world.env["CUDA_VISIBLE_DEVICES"] = visible


@scenario("one board with an energy counter", needs=NVML)
def _(world):
    """An H100 at a square wave of 100 and 600 W, renewed every 100 ms, and a package of 50 W."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", "const:50")
    world.board(uuid(0), "square:100:600:1700")


@scenario("one of eight boards, by its place", needs=NVML)
def _(world):
    """Eight boards of 100 to 450 W; CUDA_VISIBLE_DEVICES names the fourth (250 W) as 3."""
    world.zone("package-0", "const:50")
    eight(world, "3")


@scenario("one of eight boards, by its UUID", needs=NVML)
def _(world):
    """The same, named by its UUID."""
    world.zone("package-0", "const:50")
    eight(world, uuid(3))


@scenario("a board without an energy counter, power now", needs=NVML)
def _(world):
    """An A100 whose old power call tells the power of now: 250 W."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", "const:50")
    world.board(uuid(0), "const:250", "arch 7", "cc 8 0", "energy none", kind="gauge")


@scenario("a board without an energy counter, mean of a second", seconds=5, needs=NVML)
def _(world):
    """An H100 with nothing but the old power call, which there tells the mean of the last second: 100 and 600 W in turns."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", "const:50")
    world.board(uuid(0), "square:100:600:1000", "energy none", "power usage", "window 1000", kind="gauge", renew_ms=100)


@scenario("a board in MIG mode with two instances", needs=NVML)
def _(world):
    """300 W and two instances of 3 and 4 slices: the board counts once, not once an instance."""
    world.env["CUDA_VISIBLE_DEVICES"] = MIG[0]
    world.zone("package-0", "const:50")
    world.board(uuid(0), "const:300", "arch 7", "cc 8 0", f"mig 1 0 3 3 20000 {MIG[0]}", f"mig 2 0 4 4 20000 {MIG[1]}")


@scenario("a board falls off the bus", seconds=4, needs=NVML, sick=frozenset({BOARD}), checks=(hides("gone"),))
def _(world):
    """GPU_IS_LOST from 2 s after the machine's start on; a second board and a package beside it lose nothing."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0,1"
    world.zone("package-0", SQUARE)
    world.board(uuid(0), "const:300", "pci 0000:10:00", "lost 2")
    world.board(uuid(1), "const:200", "pci 0000:11:00")


@scenario(
    "a board's counter starts again from 0", seconds=4, needs=NVML, sick=frozenset({BOARD}), checks=(hides("reset"),)
)
def _(world):
    """As when the driver was loaded again, 2 s after the machine's start."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", SQUARE)
    world.board(uuid(0), "const:300", "energy 5000000", "reset 2")


@scenario("the library hangs for 30 s", seconds=5, needs=NVML, sick=frozenset({BOARD}), checks=(hides("no answer"),))
def _(world):
    """Every call takes 30 s from 2 s on, beyond the end of the command: the package loses no reading, nobody waits."""
    world.env["CUDA_VISIBLE_DEVICES"] = "0"
    world.zone("package-0", SQUARE)
    world.board(uuid(0), "const:300", "delay all 30000 2")


def two_tenants(verdict, scenario, world, result):
    for pid, part in zip(world.pids, (Fraction(30, 100), Fraction(50, 100))):
        account = result.accounts.get(pid)
        line = account and next((row for row in account["lines"] if row["channel"] == BOARD), None)
        if not verdict.ok(
            line and line["run_uj"], f"{scenario.name}: process {part} is charged", account and account["notes"]
        ):
            continue
        run = account["run"]
        truth = world.meters[-1].energy_uj(run["start_mono_ns"], run["end_mono_ns"]) * part
        figure = line["run_uj"]
        verdict.figures.append((f"{scenario.name}: share of {int(part * 100)} %", figure["best"], truth))
        verdict.ok(figure["low"] <= truth <= figure["high"], f"{scenario.name}: the band of the share of {int(part * 100)} % holds it",
                   f"{figure}, truth {float(truth):.0f}")  # fmt: skip
        verdict.ok(abs(figure["best"] - truth) <= truth / 5, f"{scenario.name}: the share of {int(part * 100)} % is near it",
                   f"{figure}, truth {float(truth):.0f}")  # fmt: skip


@scenario("two processes on one board", seconds=6, needs=NVML, attach=(30, 50), checks=(two_tenants,))
def _(world):
    """300 W; the driver says 30 % of one process and 50 % of another; 20 % are idle."""
    world.zone("package-0", "const:50")
    lines = [f"process {pid} {sm} 4000" for pid, sm in zip(world.pids, (30, 50))]
    world.board(uuid(0), "const:300", *lines)


def one_of_eight(verdict, scenario, world, result):
    account = result.accounts.get(world.pids[0])
    boards = {line["channel"]: line for line in account["lines"] if line["device"] == "gpu"} if account else {}
    post = {channel: line for channel, line in boards.items() if line["role"] == "post"}
    if not verdict.ok(
        list(post) == [f"gpu/{uuid(5)}"], f"{scenario.name}: that board alone is in the account", list(post)
    ):
        return
    figure = next(iter(post.values()))["run_uj"]
    run = account["run"]
    meter = next(meter for meter in world.meters if meter.channel == f"gpu/{uuid(5)}")
    truth = meter.energy_uj(run["start_mono_ns"], run["end_mono_ns"]) * Fraction(80, 100)
    verdict.figures.append((scenario.name, figure["best"], truth))
    verdict.ok(figure["low"] <= truth <= figure["high"], f"{scenario.name}: the band of its share holds it",
               f"{figure}, truth {float(truth):.0f}")  # fmt: skip
    fault = result.book.balances()
    verdict.ok(fault is None, f"{scenario.name}: the book balances", fault)


@scenario("a board that the program chose itself", seconds=5, needs=NVML, attach=(80,), checks=(one_of_eight,))
def _(world):
    """Eight boards, nothing in the environment; the driver lists the process on the sixth (350 W) with 80 % of it."""
    world.zone("package-0", "const:50")
    for i in range(8):
        lines = [f"process {world.pids[0]} 80 4000"] if i == 5 else []
        world.board(uuid(i), f"const:{100 + 50 * i}", f"pci 0000:{16 + i:02x}:00", *lines)


# -- meters over a network ---------------------------------------------------------------------------------------------
HTTP = frozenset({"rapl", "http"})


@scenario(
    "Redfish: the node's power above a package",
    seconds=5,
    needs=HTTP,
    is_networked=True,
    checks=(rest_is("platform:"),),
)
def _(world):
    """EnvironmentMetrics' PowerWatts of 250 W above a package of 100 W."""
    world.zone("package-0", "const:100")
    world.device("redfish", "const:250", path="/redfish/v1/Chassis/Watts")


@scenario(
    "Redfish: the node's energy above a package",
    seconds=5,
    needs=HTTP,
    is_networked=True,
    checks=(rest_is("platform:"),),
)
def _(world):
    """EnvironmentMetrics' EnergyJoules, whole joules, of 250 W above a package of 100 W."""
    world.zone("package-0", "const:100")
    world.device("redfish", "const:250", path="/redfish/v1/Chassis/Self", kind="counter", renew_ms=1000, step_uj=10**6)


@scenario("a plug above a package", seconds=5, needs=HTTP, is_networked=True, checks=(rest_is("platform:"),))
def _(world):
    """A Shelly of the second generation at 180 W, tenths of a watt."""
    world.zone("package-0", "const:100")
    world.device("shelly", "const:180")


@scenario(
    "an outlet of a PDU above a package", seconds=5, needs=HTTP, is_networked=True, checks=(rest_is("platform:"),)
)
def _(world):
    """SNMP v2c, net-snmp's own snmpd, APC's object in whole watts: 180 W."""
    world.zone("package-0", "const:100")
    world.outlet("const:180")


@scenario("an exec meter above a package", seconds=5, needs=HTTP, is_networked=True, checks=(rest_is("platform:"),))
def _(world):
    """A program that prints the power of the node: 180 W."""
    world.zone("package-0", "const:100")
    world.program("const:180")


def suffers(fault):
    def act(world):
        yield 1.2
        world.devices[0].die() if fault == "die" else world.devices[0].tell("fault", fault)

    return act


for FAULT, TEXT in (("hang", "hangs for 30 s"), ("garbage", "answers garbage"), ("die", "disappears")):

    @scenario(f"a plug that {TEXT}", seconds=6, needs=HTTP, is_networked=True, act=suffers(FAULT),
              sick=frozenset({"shelly/wall"}), checks=(hides(""),))  # fmt: skip
    def _(world):
        """From 1.2 s on, beyond the end of the command; the package beside it loses no reading."""
        world.zone("package-0", SQUARE)
        world.device("shelly", "const:280", timeout="1s")


@scenario("a plug that is only compared, and hangs", seconds=6, needs=HTTP, is_networked=True, act=suffers("hang"),
          sick=frozenset({"shelly/wall"}), checks=(hides(""),))  # fmt: skip
def _(world):
    """From 1.2 s on: what is in no sum has its gap and its reason too."""
    world.zone("package-0", SQUARE)
    world.device("shelly", "const:180", scope="other", role="check", timeout="1s")


@scenario("a gauge whose power moves faster than it is read", needs=frozenset({"rapl", "acpi"}))
def _(world):
    """100 and 400 W in turns of 350 ms, a momentary value read every 100 ms: the integral of a gauge depends on where the
    readings fall, and its band says how much (R-ENERGY-10)."""
    world.acpi_node("square:100:400:700")
    world.zone("package-0", "const:50")
