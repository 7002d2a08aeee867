# SPDX-License-Identifier: Apache-2.0
"""Adapter: `joulebook run` in the scripted machine, and what its book says, read from the book's own tables."""

import contextlib
import json
import os
import sqlite3
import subprocess

from harness import Result, burn_report, spawned

NAME = "Joulebook"
SEES = {"rapl", "acpi", "nvml", "amdgpu", "http", "share"}
PROGRAM = os.path.abspath(os.environ.get("JOULEBOOK") or "build/release/src/joulebook")


def is_installed():
    return None if os.access(PROGRAM, os.X_OK) else f"no {PROGRAM}"


def version():
    return (
        subprocess.run([PROGRAM, "version"], capture_output=True, text=True, check=False).stdout.split("\n")[0].strip()
    )


def words(world, scenario, *more):
    book = os.path.join(world.folder, "book.db")
    argv = [PROGRAM, "run", "--book", book, *scenario.options, *more]
    meters = world.meters_file()
    return argv + (["--meters", meters] if meters else [])


def clean_env(world):
    env = {key: value for key, value in os.environ.items() if not key.startswith("JOULEBOOK")}
    return env | world.env


def run(world, scenario, prefix, command):
    account = os.path.join(world.folder, "account.json")
    argv = [*prefix, *words(world, scenario, "--account", account), "--", *command]
    span, code, err = spawned(argv, clean_env(world))
    result = Result(span, burn_report(command), code, err)
    with contextlib.suppress(OSError, ValueError), open(account, encoding="utf-8") as file:
        result.account = json.load(file)
    if result.account:
        result.book = Book(os.path.join(world.folder, "book.db"))
        lines = [line for line in result.account["lines"] if line["origin"] in ("counter", "gauge")]
        tops = [line for line in lines if line["role"] == "parent"]
        result.uj = sum(line["total_uj"]["best"] for line in tops or lines if line["role"] in ("post", "parent"))
        result.share_uj = result.account["energy_uj"]["best"]
        modelled = [line for line in result.account["lines"] if line["origin"] == "modelled" and line["run_uj"]]
        result.share_uj -= sum(line["run_uj"]["best"] for line in modelled)
    return result


def attach(world, scenario, prefix, pids):
    """A run for each process that goes on already: {pid: account}."""
    started = {}
    for pid in pids:
        path = os.path.join(world.folder, f"account-{pid}.json")
        argv = [*prefix, *words(world, scenario, "--account", path), "--pid", str(pid)]
        started[pid] = (path, subprocess.Popen(argv, env=clean_env(world), stdin=subprocess.DEVNULL,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # fmt: skip
    accounts = {}
    for pid, (path, process) in started.items():
        process.wait()
        with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
            accounts[pid] = json.load(file)
    return accounts, Book(os.path.join(world.folder, "book.db"))


class Book:
    """Joulebook's book by its tables, without Joulebook."""

    def __init__(self, path):
        self.path = path

    def sql(self, query, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def sum_uj(self, prefix, sign=0):
        rows = self.sql("SELECT amount_uj FROM line JOIN account USING (account_id) WHERE name GLOB ?", prefix + "*")
        return sum(amount for (amount,) in rows if sign == 0 or amount * sign > 0)

    def intervals(self, channel):
        """(start_ns, end_ns, energy_uj) in order."""
        return self.sql(
            "SELECT mono_start_ns, mono_end_ns, energy_uj FROM interval JOIN meter USING (meter_id)"
            " WHERE channel = ? AND is_memo = 0 ORDER BY mono_start_ns", channel)  # fmt: skip

    def entries(self, channel):
        """What each posted interval of a channel says of itself: raw counts, coverage, gap."""
        found = []
        for (seq,) in self.sql("SELECT interval.seq FROM interval JOIN meter USING (meter_id) WHERE channel = ? AND"
                               " is_memo = 0 ORDER BY mono_start_ns", channel):  # fmt: skip
            fields = {"seq": seq}
            for (text,) in self.sql("SELECT value FROM opening WHERE seq = ? ORDER BY position", seq):
                for part in (text or "").splitlines():
                    key, equals, value = part.partition("=")
                    if equals:
                        fields[key] = int(value) if value.lstrip("-").isdigit() else value
            found.append(fields)
        return found

    def balances(self):
        """None, or what `joulebook balance` found."""
        done = subprocess.run(
            [PROGRAM, "balance", "--json", "--book", self.path], capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and json.loads(done.stdout)["is_balanced"]:
            return None
        return f"code {done.returncode} {done.stdout[:2000]} {done.stderr}"
