#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/gpu/run.sh does: each check by itself, a figure for each, and a list of what could not be checked."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import nvml_reader  # noqa: E402

JOULEBOOK = os.path.abspath(os.environ["JOULEBOOK"])
LOAD = [sys.executable, os.path.join(HERE, "gpu_load.py")]
report, missing = [], []


def say(text):
    report.append(text)
    print(text, flush=True)


def could_not(what, why):
    if f"{what}: {why}" not in missing:
        missing.append(f"{what}: {why}")


def row(name, *figures):
    say(f"| {name} | " + " | ".join(figures) + " |")


def off(got, want):
    return f"{100 * (got / want - 1):+.2f} %" if want else "-"


# -- what is there -------------------------------------------------------------------------------------------------------


def torch_words():
    try:
        import torch

        return f"PyTorch {torch.__version__}, CUDA {torch.version.cuda if torch.cuda.is_available() else 'not usable'}"
    except ImportError:
        return "no PyTorch"


def hardware(boards):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), "?")
    say(f"# Joulebook on NVIDIA boards, {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC\n")
    say(f"* {subprocess.run([JOULEBOOK, 'version'], capture_output=True, text=True, check=True).stdout.splitlines()[0]}")
    say(f"* {os.cpu_count()} cores of {cpu}; Linux {platform.release()}; driver {nvml_reader.driver_version()}; {torch_words()}")
    for board in boards:
        say(f"* {board.name}, {board.uuid}{', MIG' if board.is_mig() else ''}")
    say("")


def meters():
    got = json.loads(subprocess.run([JOULEBOOK, "meters", "--json"], capture_output=True, text=True, check=True).stdout)
    ours = [c for c in got["channels"] if c["driver"] == "nvml"]
    say("## Meters\n\n| channel | kind | role | renewed every | accuracy | greatest power |\n|---|---|---|---|---|---|")
    for c in ours:
        row(c["id"], c["semantics"], c["role"], f"{c['update_ns'] // 1000000} ms", f"{c['accuracy_ppm'] / 10000:g} %",
            f"{c['max_power_uw'] / 1e6:g} W")  # fmt: skip
    for r in got["refusals"]:
        if r["driver"] == "nvml":
            say(f"\nrefused: {r['what']}: {r['reason']} ({r['step']})")
    say("")
    return ours


def renewals(boards):
    say("## How often values change, and what a call costs (polled every 0.5 ms for 3 s)\n")
    say("| board | value | median | longest | one call |\n|---|---|---|---|---|")
    for board in boards[:1]:
        for name, read in (("energy counter", board.energy_mj), ("power, field 186", lambda: board.field(186)),
                           ("power, field 185", lambda: board.field(185)), ("power usage", board.power_mw)):  # fmt: skip
            if read() is None:
                could_not(name, "the board does not tell it")
                continue
            median, longest, call_us = nvml_reader.renewals(read, 3)
            row(board.name, name, f"{median:.1f} ms" if median else "none", f"{longest:.1f} ms" if longest else "none", f"{call_us:.0f} us")
        for scope, name in ((1, "module"), (2, "memory"), (63, "scope that does not exist")):
            value = board.field(186, scope)
            say(f"\npower of scope {scope} ({name}): {'not told' if value is None else f'{value / 1000:g} W'}")
    say("")


# -- other readers -------------------------------------------------------------------------------------------------------


class Poller(threading.Thread):
    """Power and energy of a board by the other reader, every 20 ms."""

    def __init__(self, board):
        super().__init__(daemon=True)
        self.board, self.seen, self.is_done = board, [], threading.Event()

    def run(self):
        while not self.is_done.wait(0.02):
            self.seen.append((time.monotonic(), self.board.energy_mj(), self.board.field(186) or self.board.power_mw()))

    def mean_w(self, begin, end):
        """Of the counter's difference and of the power's integral between two instants; None where unknown."""
        inside = [one for one in self.seen if begin <= one[0] <= end]
        if len(inside) < 3:
            return None, None
        span = inside[-1][0] - inside[0][0]
        energy = (inside[-1][1] - inside[0][1]) / 1000 / span if inside[0][1] is not None else None
        steps = list(zip(inside, inside[1:]))
        power = sum((a[2] + b[2]) / 2 * (b[0] - a[0]) for a, b in steps) / span / 1000 if inside[0][2] is not None else None
        return energy, power


class Smi:
    """nvidia-smi's own power, ten times a second."""

    def __init__(self, uuid):
        self.path = shutil.which("nvidia-smi")
        self.process = None
        if self.path:
            self.process = subprocess.Popen(
                [self.path, "--id=" + uuid, "--query-gpu=power.draw", "--format=csv,noheader,nounits", "-lms", "100"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
            self.seen = []
            threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):
                self.seen.append((time.monotonic(), float(line)))

    def mean_w(self, begin, end):
        if not self.process:
            return None
        inside = [w for at, w in self.seen if begin <= at <= end]
        return sum(inside) / len(inside) if inside else None

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


# -- runs ----------------------------------------------------------------------------------------------------------------


def start(folder, name, *command, options=()):
    account = os.path.join(folder, name + ".json")
    process = subprocess.Popen(
        [JOULEBOOK, "run", "--book", os.path.join(folder, "book.db"), "--account", account, *options, "--", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    return process, account


def finish(process, account):
    out, err = process.communicate(timeout=120)
    if process.returncode != 0 or not os.path.exists(account):
        lines = [line for line in (err + out).splitlines() if line.startswith(("no load", "joulebook: cannot")) or "Error" in line]
        raise OSError(lines[0] if lines else f"exit {process.returncode}: {(err or out).strip()[:200]}")
    with open(account, encoding="utf-8") as file:
        return json.load(file), out


def line_of(account, channel):
    return next((line for line in account["lines"] if line["channel"] == channel), None)


def mean_of(line):
    """Mean power of a line in W over the time that it was seen."""
    seen = sum(line["coverage"][key] for key in ("counter_ns", "gauge_ns", "interpolated_ns")) if line else 0
    return line["total_uj"]["best"] / seen * 1000 if seen else None


def cpu_percent(pid, seconds):
    """Of a core, of every process of Joulebook's, but for the first second; None where it cannot be told."""
    time.sleep(1)
    exe, pids = os.path.realpath(JOULEBOOK), {pid}
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.path.realpath(f"/proc/{name}/exe") == exe:
                pids.add(int(name))

    def spent():
        total = 0
        for one in pids:
            with contextlib.suppress(OSError), open(f"/proc/{one}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    before, since = spent(), time.monotonic()
    time.sleep(seconds - 1 if seconds > 2 else 1)
    return (spent() - before) / 1e7 / (time.monotonic() - since)


def watts(value):
    return f"{value:.2f} W" if value is not None else "-"


def against_others(folder, board, name, command, seconds):
    """One run with one load; every reader's mean power over the same time, a second away from its ends."""
    poller, smi = Poller(board), Smi(board.uuid)
    poller.start()
    begin = time.monotonic()
    process, path = start(folder, name, *command, options=("--interval", "100ms"))
    cpu = cpu_percent(process.pid, max(1.0, seconds - 2))
    try:
        account, _ = finish(process, path)
    except OSError as error:
        could_not(name, str(error))
        return
    finally:
        end = time.monotonic()
        poller.is_done.set()
        poller.join()
        smi.stop()
    counter = line_of(account, "gpu/" + board.uuid)
    check = line_of(account, f"gpu/{board.uuid}/power")
    energy, power = poller.mean_w(begin, end)
    ours = mean_of(counter)
    row(name, watts(ours), watts(mean_of(check)), watts(energy), watts(power), watts(smi.mean_w(begin, end)),
        off(ours, energy) if ours and energy else "-", off(mean_of(check), ours) if ours and check else "-",
        f"{counter['n_failed']} failed, {counter['n_gaps']} gaps" if counter else "-",
        f"{cpu:.2f} %" if cpu is not None else "-")  # fmt: skip
    if not smi.path:
        could_not("nvidia-smi", "it is not installed")


def sharing(folder, board, seconds):
    """Two runs on one board, one four times as busy as the other."""
    say("\n## Two processes on one board\n")
    runs = []
    for name, duty in (("80 %", 0.8), ("20 %", 0.2)):
        # How often meters are read is the first run's to say.
        options = () if runs else ("--interval", "100ms")
        runs.append((name, *start(folder, "share-" + name[:2], *LOAD, "--seconds", str(seconds), "--duty", str(duty), options=options)))
        time.sleep(0.5)
    done = []
    for name, process, path in runs:
        try:
            done.append((name, *finish(process, path)))
        except OSError as error:
            could_not("shares of two processes", str(error))
    if len(done) < 2:
        return
    say("| run | busy by its own account | share of the board | band | others' | idle | board |\n|---|---|---|---|---|---|---|")
    for name, account, out in done:
        line = line_of(account, "gpu/" + board.uuid)
        if not line or not line["run_uj"]:
            could_not("shares of two processes", "the account has no line of the board")
            return
        figure = line["run_uj"]
        row(name, out.strip().splitlines()[-1], f"{figure['best'] / 1e6:.1f} J", f"{figure['low'] / 1e6:.1f} .. {figure['high'] / 1e6:.1f} J",
            f"{line['others_uj'] / 1e6:.1f} J", f"{line['idle_uj'] / 1e6:.1f} J",
            f"{(figure['best'] + line['others_uj'] + line['idle_uj']) / 1e6:.1f} J")  # fmt: skip
    shares = [line_of(account, "gpu/" + board.uuid)["run_uj"]["best"] for _, account, _ in done]
    say(f"\nratio of the shares {shares[0] / shares[1]:.2f}" if shares[1] else "\nno share for the second")


def training(folder, board):
    say("\n## A PyTorch training with epochs\n")
    try:
        import torch
    except ImportError as error:
        could_not("a training with epochs", str(error))
        return
    if not torch.cuda.is_available():
        could_not("a training with epochs", "this PyTorch cannot use CUDA")
        return
    try:
        account, out = finish(*start(folder, "train", sys.executable, os.path.join(HERE, "gpu_train.py")))
    except OSError as error:
        could_not("a training with epochs", str(error))
        return
    line = line_of(account, "gpu/" + board.uuid)
    say(f"{out.strip()}: {account['energy_uj']['best'] / 1e6:.1f} J (band {account['energy_uj']['low'] / 1e6:.1f} .. "
        f"{account['energy_uj']['high'] / 1e6:.1f}), of the board {line['run_uj']['best'] / 1e6 if line and line['run_uj'] else 0:.1f} J\n")  # fmt: skip
    say("| epoch | seconds | J of the run |\n|---|---|---|")
    for i, epoch in enumerate(account["epochs"], 1):
        row(str(i), f"{epoch['duration_ns'] / 1e9:.2f}", f"{epoch['run_uj'] / 1e6:.1f}")


def balance(folder):
    got = subprocess.run([JOULEBOOK, "balance", "--book", os.path.join(folder, "book.db")], capture_output=True, text=True, check=False)
    say(f"\nthe book {'balances' if got.returncode == 0 else 'DOES NOT BALANCE: ' + got.stdout + got.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each load")
    parser.add_argument("--out", help="keep the report, the accounts and the book in this folder")
    arguments = parser.parse_args()
    begin = time.monotonic()
    folder = arguments.out or tempfile.mkdtemp(prefix="joulebook-gpu.")
    os.makedirs(folder, exist_ok=True)
    try:
        boards = nvml_reader.boards()
    except OSError as error:
        sys.exit(f"gpu: nothing to check here: {error}")
    if not boards:
        sys.exit("gpu: nothing to check here: the driver lists no board")
    hardware(boards)
    if not any(channel["semantics"] == "counter" for channel in meters()):
        could_not("an energy counter", "no board here has one")
    renewals(boards)
    say("## Mean power by every reader\n")
    say("| load | Joulebook, counter | its own integral | other reader, counter | other reader, power | nvidia-smi | "
        "against the other counter | integral against counter | reads | Joulebook's CPU |\n|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    seconds = arguments.seconds
    against_others(folder, boards[0], "idle", ["sleep", str(seconds / 2)], seconds / 2)
    against_others(folder, boards[0], "busy", [*LOAD, "--seconds", str(seconds)], seconds)
    against_others(folder, boards[0], "half of each 100 ms", [*LOAD, "--seconds", str(seconds), "--duty", "0.5", "--period", "0.1"], seconds)
    against_others(folder, boards[0], "half of each 2 s", [*LOAD, "--seconds", str(seconds), "--duty", "0.5", "--period", "2"], seconds)
    sharing(folder, boards[0], seconds)
    training(folder, boards[0])
    balance(folder)
    for what, why in (("a wall meter", "none of this says how far the board's own sensor is off: no reader here is independent of it"),
                      ("hot removal, reset, MIG", "they need an administrator; the stand-in plays them")):  # fmt: skip
        could_not(what, why)
    say("\n## Not checked\n")
    for one in missing:
        say("* " + one)
    say(f"\n{time.monotonic() - begin:.0f} s in all")
    with open(os.path.join(folder, "report.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(report) + "\n")
    if not arguments.out:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
