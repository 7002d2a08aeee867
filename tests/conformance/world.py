# SPDX-License-Identifier: Apache-2.0
"""A scripted machine of exactly known energy, and a place in which any tool sees it as the machine it runs on.

The tree of tests/tools/scripted_tree becomes /sys/class, /sys/devices/... and, where a scenario says so, /proc/cpuinfo
of a mount namespace without a network but loopback; the stand-ins of tests/doubles are put on LD_LIBRARY_PATH. Truth
is computed here in fractions from the words of the course (tests/doubles/course.py): neither the tree's C code nor any
tool takes part in it (R-CONF-01)."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/doubles"))
from course import Course  # noqa: E402

BUILD = os.path.abspath(os.environ.get("JB_BUILD") or os.path.join(ROOT, "build/release"))
TREE_TOOL = os.path.join(BUILD, "tests/tools/scripted_tree")
BURN = os.path.join(BUILD, "tests/tools/burn")
NVML = os.path.join(BUILD, "tests/doubles/nvml")
HTTP_METER = os.path.join(ROOT, "tests/doubles/http_meter.py")
PDU = os.path.join(ROOT, "tests/doubles/snmp_pdu.py")
MS, S = 10**6, 10**9
UNIT_UJ = 61  # of the scripted register
MAX_RANGE_UJ = UNIT_UJ * (2**32 - 1)
# The real one of a network device that is always there: it answers each read with EINVAL, as powercap does on a failure.
EINVAL_FILE = "/sys/class/net/lo/speed"


PROGRAM = """#!/usr/bin/python3
import sys, time
sys.path.insert(0, {doubles!r})
from course import Course, decimal
course, t0 = Course({course!r}), time.monotonic_ns()
while True:
    print("watts", decimal(course.watts(time.monotonic_ns() - t0), 6), flush=True)
    time.sleep(0.2)
"""


def mono_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Skip(Exception):
    """The scenario cannot be had here; the text says why."""


class Meter:
    """One scripted meter and its truth. `channel` is what Joulebook calls it, `role` what it must be to it: post, parent,
    or anything else if it must not be added to the rest."""

    def __init__(self, channel, course, role="post", kind="counter", renew_ms=1, step_uj=UNIT_UJ):
        self.channel, self.text, self.role, self.kind = channel, course, role, kind
        self.course = Course(course)
        self.renew_ns = int(Fraction(renew_ms) * MS)
        self.step_uj = step_uj
        self.t0_ns = None
        self.steps = []  # (since t0 in ns, Course): another course from then on
        self.is_mine = True  # the command may use the device; else it is in no account of it, but in the book

    def step(self, at_s, course):
        self.steps.append((int(Fraction(str(at_s)) * S), Course(course)))
        return self

    @property
    def greatest_w(self):
        return max(float(max(c.low, c.high)) for c in [self.course, *[c for _, c in self.steps]])

    def joules(self, t_ns):
        """Drawn from t0 to t_ns after it; each course of a step begins at its step."""
        edges = [(0, self.course), *self.steps]
        total = Fraction(0)
        for i, (since, course) in enumerate(edges):
            until = edges[i + 1][0] if i + 1 < len(edges) else t_ns
            if t_ns > since:
                total += course.joules(min(t_ns, until) - since)
        return total

    def energy_uj(self, from_ns, to_ns):
        return (self.joules(max(0, to_ns - self.t0_ns)) - self.joules(max(0, from_ns - self.t0_ns))) * 10**6

    def edge_uj(self, late_ns=0):
        """What the renewal of a counter leaves open at both ends of a span."""
        return self.greatest_w * (self.renew_ns + late_ns) / 1000 * 2 + 2 * self.step_uj + 1


def cpuinfo(vendor):
    """This machine's own, as if it were a server on bare metal: tools look for a maker and a model there."""
    names = {
        "amd": ("AuthenticAMD", "25", "1", "AMD EPYC 7313 16-Core Processor"),
        "intel": ("GenuineIntel", "6", "106", "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz"),
    }[vendor]
    lines = []
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file.read().splitlines():
            key, colon, value = line.partition(":")
            word = key.strip()
            fresh = dict(zip(("vendor_id", "cpu family", "model", "model name"), names)).get(word)
            if word == "flags":
                fresh = " ".join(flag for flag in value.split() if flag != "hypervisor")
            lines.append(f"{key}{colon} {fresh}" if fresh else line)
    return "\n".join(lines) + "\n"


class World:
    """What a scenario's make() fills and its steps act on."""

    def __init__(self, name):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix=f"conformance-{name}.", dir=base)
        os.chmod(self.folder, 0o755)
        self.root = os.path.join(self.folder, "root")
        os.mkdir(self.root)
        self.vendor, self.base_uj, self.before_wrap_uj = "intel", 100 * 10**9, 0
        self.meters = []
        self.zones, self.files, self.texts, self.links, self.tables = [], [], {}, {}, {}
        self.boards = []
        self.config = []  # entries of Joulebook's meters file
        self.env = {}
        self.devices = []
        self.pids = ()  # of processes that run before the machine is made
        self.pdu = self.agent = self.process = None
        self.t0_ns = None
        self.is_over = False
        self.lock = threading.Lock()

    # -- what the machine has ------------------------------------------------------------------------------------------
    def zone(self, name, course, role="post"):
        self.zones.append((name, course))
        self.meters.append(Meter("rapl/" + name, course, role))
        return self.meters[-1]

    def mmio_twin(self, course):
        """Package 0 once more, through the driver intel-rapl-mmio."""
        top = "sys/devices/virtual/powercap/intel-rapl-mmio"
        zone = f"{top}/intel-rapl-mmio:0"
        self.texts |= {f"{top}/enabled": "1\n", f"{zone}/name": "package-0\n", f"{zone}/enabled": "1\n",
                       f"{zone}/max_energy_range_uj": f"{MAX_RANGE_UJ}\n"}  # fmt: skip
        self.links |= {"sys/class/powercap/intel-rapl-mmio": f"../../../{top}",
                       "sys/class/powercap/intel-rapl-mmio:0": f"../../../{zone}"}  # fmt: skip
        self.files.append((f"{zone}/energy_uj", "uj", course))
        self.meters.append(Meter("rapl/package-0@intel-rapl-mmio", course, "duplicate"))

    def acpi_node(self, course, window_ms=100, role="parent"):
        """The firmware's meter of the whole machine: a gauge."""
        device = "sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00"
        self.texts |= {f"{device}/name": "power_meter\n", f"{device}/power1_average_interval": f"{window_ms}\n"}
        self.links |= {"sys/class/hwmon/hwmon0": f"../../../{device}/hwmon/hwmon0",
                       f"{device}/hwmon/hwmon0/device": "../../../ACPI000D:00"}  # fmt: skip
        self.files.append((f"{device}/power1_average", "uw", course))
        self.meters.append(Meter("node/acpi-ACPI000D:00", course, role, "gauge", window_ms, 1))
        return self.meters[-1]

    def amd_board(self, course):
        """An MI210: the accumulator of gpu_metrics 1.3 (bytes 24 to 31), and hwmon beside it."""
        pci = "sys/devices/pci0000:40/0000:40:01.1/0000:43:00.0"
        table = bytearray(b"\xff" * 120)
        table[0:4] = (120).to_bytes(2, "little") + bytes((1, 3))
        table[22:24] = (92).to_bytes(2, "little")
        self.tables[f"{pci}/gpu_metrics"] = bytes(table)
        self.texts |= {f"{pci}/vendor": "0x1002\n", f"{pci}/device": "0x740f\n", f"{pci}/hwmon/hwmon5/name": "amdgpu\n",
                       f"{pci}/hwmon/hwmon5/power1_cap": "300000000\n"}  # fmt: skip
        self.links |= {"sys/class/drm/card1": f"../../../{pci}/drm/card1", f"{pci}/drm/card1/device": "../../../0000:43:00.0",
                       "sys/class/hwmon/hwmon5": f"../../../{pci}/hwmon/hwmon5",
                       f"{pci}/hwmon/hwmon5/device": "../../../0000:43:00.0"}  # fmt: skip
        self.files.append((f"{pci}/gpu_metrics", "q16@24", course))
        self.files.append((f"{pci}/hwmon/hwmon5/power1_average", "uw", course))
        self.meters.append(Meter("gpu/0000:43:00.0", course, "post", "counter", 10, 16))
        self.meters.append(Meter("gpu/0000:43:00.0@hwmon", course, "duplicate", "gauge", 10, 1))

    def board(self, uuid, course, *lines, kind="counter", renew_ms=100, role="post"):
        """A board of the stand-in for NVML, a Hopper unless the lines say otherwise."""
        self.boards.append((uuid, course, [f"renew {renew_ms}", *lines]))
        self.meters.append(Meter("gpu/" + uuid, course, role, kind, renew_ms, 1000))
        return self.meters[-1]

    def device(self, driver, course, *options, path="", role="parent", kind="gauge", renew_ms=0, step_uj=1, **keys):
        """A meter over HTTP, told to Joulebook by its meters file."""
        if not os.path.exists(HTTP_METER):
            raise Skip("no tests/doubles/http_meter.py")
        device = Device(course, *options)
        self.devices.append(device)
        entry = {
            "name": "wall",
            "driver": driver,
            "url": f"http://127.0.0.1:{device.port}{path}",
            "period": "500ms",
        } | keys
        self.config.append(entry)
        meter = Meter(f"{driver}/{entry['name']}", course, role, kind, renew_ms or 500, step_uj)
        meter.t0_ns = device.t0_ns
        self.meters.append(meter)
        return device

    def outlet(self, course):
        """Outlet 1 of tests/doubles/snmp_pdu.py behind net-snmp's snmpd."""
        agent = shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not agent or not os.path.exists(PDU):
            raise Skip("no snmpd (Debian: snmpd)")
        self.pdu = (agent, course)
        self.meters.append(Meter("snmp/wall", course, "parent", "gauge", 500, 10**6))

    def start_agent(self):
        agent, course = self.pdu
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        conf = os.path.join(self.folder, "snmpd.conf")
        self.put_at(
            conf,
            f"rocommunity public 127.0.0.1\npass_persist .1.3.6.1.4.1.318 {PDU} {course} 1000000 {self.t0_ns}\n".encode(),
        )
        env = os.environ | {"SNMP_PERSISTENT_DIR": self.folder, "SNMPCONFPATH": self.folder, "MIBS": ""}
        self.agent = subprocess.Popen(
            [agent, "-f", "-Lo", "-r", "-C", "-c", conf, "-I", "pass,pass_persist,vacm_conf,snmpEngine", "-x",
             os.path.join(self.folder, "agentx"), f"udp:127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
        )  # fmt: skip
        self.config.append({"name": "wall", "driver": "snmp", "url": f"udp:127.0.0.1:{port}", "unit": "1 W",
                            "oid": "1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.1", "period": "500ms"})  # fmt: skip

    def program(self, course):
        """A program of a user's own, by the exec meter: the power of now, five times a second."""
        path = os.path.join(self.folder, "program")
        self.put_at(path, PROGRAM.format(doubles=os.path.join(ROOT, "tests/doubles"), course=course).encode())
        os.chmod(path, 0o755)
        self.config.append({"name": "wall", "driver": "exec", "command": path, "period": "200ms"})
        self.meters.append(Meter("exec/wall", course, "parent", "gauge", 500, 10**6))

    # -- its life ------------------------------------------------------------------------------------------------------
    def start(self):
        for path, text in self.texts.items():
            self.put(path, text.encode())
        for path, table in self.tables.items():
            self.put(path, table)
        for path, target in self.links.items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            # Written from the top of the tree; a link counts from its own folder.
            if target.startswith("../../../sys/"):
                target = os.path.relpath(target.removeprefix("../../../"), os.path.dirname(path))
            os.symlink(target, full)
        argv = [TREE_TOOL, "serve", "--root", self.root, "--vendor", self.vendor, "--base", str(self.base_uj)]
        if self.before_wrap_uj:
            argv += ["--before-wrap", str(self.before_wrap_uj)]
        for name, course in self.zones or [("package-0", "const:0")]:
            argv += ["--zone", f"{name}={course}"]
        for path, kind, course in self.files:
            argv += ["--file", f"{path}:{kind}={course}"]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if not words or words[0] != "ready":
            raise RuntimeError(f"no scripted tree: {argv}")
        self.t0_ns = int(words[1])
        for meter in self.meters:
            meter.t0_ns = meter.t0_ns or self.t0_ns
        self.put("proc/cpuinfo.served", cpuinfo(self.vendor).encode())
        if self.boards:
            self.write_boards()
        if self.pdu:
            self.start_agent()
        return self

    def write_boards(self):
        if not os.path.exists(os.path.join(NVML, "libnvidia-ml.so.1")):
            raise Skip("no stand-in for NVML in this build")
        lines = [f"t0 {self.t0_ns}"]
        for uuid, course, more in self.boards:
            lines += [f"board {uuid}", f"power {course}", *more]
        self.put_at(os.path.join(self.folder, "boards"), "\n".join(lines).encode() + b"\n")
        # Where there is a driver there is this program; some tools look for nothing but its presence.
        smi = os.path.join(self.folder, "bin/nvidia-smi")
        self.put_at(smi, b"#!/bin/sh\nexit 0\n")
        os.chmod(smi, 0o755)
        self.env["PATH"] = os.path.dirname(smi) + ":" + os.environ.get("PATH", "/usr/bin:/bin")
        self.env |= {
            "LD_LIBRARY_PATH": NVML,
            "JB_NVML_SCRIPT": os.path.join(self.folder, "boards"),
        }

    def put(self, path, data):
        self.put_at(os.path.join(self.root, path), data)

    @staticmethod
    def put_at(path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def meters_file(self):
        """Joulebook's list of configured meters, or None."""
        if not self.config:
            return None
        path = os.path.join(self.folder, "meters.yaml")
        text = "meters:\n"
        for entry in self.config:
            text += "- " + "\n  ".join(f"{key}: '{value}'" for key, value in entry.items()) + "\n"
        self.put_at(path, text.encode())
        os.chmod(path, 0o600)
        return path

    def tell(self, *words):
        """A command to the tree; the instant it was obeyed."""
        with self.lock:
            self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().split()
        if not answer or answer[0] not in ("ok", "late"):
            raise RuntimeError(f"{words}: {answer}")
        return int(answer[1])

    def late_ns(self, from_ns, to_ns):
        """The longest time between two renewals of the tree, beyond the millisecond that it means to take."""
        return max(0, self.tell("late", from_ns, to_ns) - MS)

    def close(self):
        for device in self.devices:
            device.close()
        if self.agent:
            self.agent.terminate()
            self.agent.wait()
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # -- as a tool sees it ---------------------------------------------------------------------------------------------
    def sandbox(self, network=False):
        """Words before a command, so that it finds this machine at the usual places. Loopback alone, unless a meter of
        the scenario is reached over the host's own."""
        words = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--tmpfs", "/sys", "--ro-bind", "/sys/devices/system",
                 "/sys/devices/system", "--ro-bind", "/sys/fs", "/sys/fs"]  # fmt: skip
        for path in ("sys/class/powercap", "sys/class/hwmon", "sys/class/drm", "sys/devices/virtual/powercap"):
            full = os.path.join(self.root, path)
            if os.path.isdir(full):
                words += ["--bind", full, "/" + path]
        devices = os.path.join(self.root, "sys/devices")
        for name in sorted(os.listdir(devices)) if os.path.isdir(devices) else []:
            if name not in ("system", "virtual"):
                words += ["--bind", os.path.join(devices, name), "/sys/devices/" + name]
        if os.path.exists(EINVAL_FILE):
            words += ["--ro-bind", EINVAL_FILE, "/sys/einval"]
        words += ["--ro-bind", os.path.join(self.root, "proc/cpuinfo.served"), "/proc/cpuinfo"]
        return words if network else [*words, "--unshare-net"]


class Device:
    """tests/doubles/http_meter.py on a port of its own."""

    def __init__(self, course, *options):
        self.process = subprocess.Popen([HTTP_METER, "--course", course, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)  # fmt: skip
        words = self.process.stdout.readline().split()
        if not words or words[0] != "ready":
            raise RuntimeError("no HTTP meter")
        self.port, self.t0_ns = int(words[1]), int(words[2])

    def tell(self, *words):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(" ".join(words) + "\n")
            self.process.stdin.flush()
            self.process.stdout.readline()

    def die(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()


def can_sandbox():
    """None, or why no tool can be shown a scripted machine here."""
    for path in (TREE_TOOL, BURN):
        if not os.access(path, os.X_OK):
            return f"no {os.path.relpath(path, ROOT)}: ninja -C build/release {os.path.relpath(path, BUILD)}"
    if not shutil.which("bwrap"):
        return "no bwrap (Debian: bubblewrap)"
    done = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/sys", "--ro-bind", "/sys/fs", "/sys/fs", "--unshare-net", "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return None if done.returncode == 0 else f"no mount namespace here: {done.stderr.strip()}"
