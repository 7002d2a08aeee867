# SPDX-License-Identifier: Apache-2.0
"""What scenarios, adapters and judges share: a run of a tool, what came of it, and the loading of adapters."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile

from world import BURN, HERE, mono_ns

LONGEST_S = 120


class Result:
    """`uj`: what the tool says the machine's meters gave while the command ran, None if it says nothing; `share_uj`: what
    it charges to the command, None where it does not tell processes apart. `span`: when the tool was started and when
    it had ended; `begin_ns` and `end_ns`: the command's own first and last instruction."""

    def __init__(self, span, report, code, err):
        self.spawn_ns, self.exit_ns = span
        self.begin_ns = report[-1]["begin_ns"] if report else None
        self.end_ns = report[-1]["end_ns"] if report else None
        self.cpu_ns = sum(line["cpu_ns"] for line in report)
        self.code, self.err = code, err
        self.uj = self.share_uj = self.account = self.book = None
        self.accounts = {}
        self.note = ""

    def line(self, channel):
        lines = self.account["lines"] if self.account else []
        return next((line for line in lines if line["channel"] == channel), None)


def burn(world, *words):
    """A command that writes down its own times, and shows that it lives."""
    return [BURN, "--out", os.path.join(world.folder, "report"), "--heartbeat", os.path.join(world.folder, "alive"),
            *[str(word) for word in words]]  # fmt: skip


def burn_report(command):
    path = command[command.index("--out") + 1]
    lines = []
    with contextlib.suppress(FileNotFoundError), open(path, encoding="ascii") as file:
        for text in file:
            lines.append({key: int(value) for key, value in (word.split("=") for word in text.split())})
    return lines


def spawned(argv, env, seconds=LONGEST_S):
    """Runs it: ((when it was started, when it had ended), exit code or None if it had to be ended, what it said)."""
    with tempfile.TemporaryFile() as said:
        since = mono_ns()
        process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        until = mono_ns()
        said.seek(0)
        return (since, until), code, said.read().decode(errors="replace")


def adapter(name):
    """tests/conformance/tools/NAME.py; by its path, since some are called as the packages that they speak to."""
    spec = importlib.util.spec_from_file_location(f"tool_{name}", os.path.join(HERE, "tools", f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"tool_{name}"] = module
    spec.loader.exec_module(module)
    return module


# -- tools that are Python packages --------------------------------------------------------------------------------------


def python_with(package):
    """The first interpreter of $JB_PEER_PYTHONS (a list with colons; else python3) that has the package, or None."""
    for python in (os.environ.get("JB_PEER_PYTHONS") or "python3").split(":"):
        asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
        if subprocess.run([python, "-I", "-c", asked], capture_output=True, check=False).returncode == 0:
            return python
    return None


def package_version(package, distribution=None):
    python = python_with(package)
    asked = f"import importlib.metadata as m; print(m.version({distribution or package!r}))"
    done = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def python_peer(package, code, world, prefix, command):
    """`code` starts the tool, runs sys.argv[2:] and writes joules as a number into the file sys.argv[1]."""
    answer = os.path.join(world.folder, "answer")
    argv = [*prefix, python_with(package), "-I", "-c", code, answer, *command]
    env = dict(os.environ) | {"HOME": world.folder, "CODECARBON_LOG_LEVEL": "error"} | world.env
    span, code_of, said = spawned(argv, env)
    result = Result(span, burn_report(command), code_of, said)
    with contextlib.suppress(OSError, ValueError), open(answer, encoding="ascii") as file:
        result.uj = round(float(file.read()) * 10**6)
    if result.uj is None:
        result.note = (
            (said.strip().splitlines() or ["it says nothing"])[-1][:160] if code_of is not None else "it did not end"
        )
    return result
