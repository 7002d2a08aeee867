# SPDX-License-Identifier: Apache-2.0
"""Plays one scenario to one tool: makes the machine, starts the command under the tool, lets happen what happens, and judges."""

import os
import subprocess
import threading
import time
import traceback

import judge
from harness import Result, burn
from world import BURN, Skip, World, mono_ns


class Played:
    def __init__(self, skipped=None):
        self.verdict, self.result, self.skipped, self.is_second = judge.Verdict(), None, skipped, False


def acts(world, scenario):
    """What happens to the machine, in a thread of its own, from the command's first instruction on."""
    end = time.monotonic() + 60
    while not os.path.exists(os.path.join(world.folder, "alive")):
        if time.monotonic() > end or world.is_over:
            return
        time.sleep(0.005)
    for seconds in scenario.act(world):
        time.sleep(seconds)
        if world.is_over:
            return


def play(scenario, tool):
    """Of Joulebook everything is judged, of others the sum and that nothing was invented."""
    with World("".join(letter if letter.isalnum() else "-" for letter in scenario.name)[:40]) as world:
        try:
            return played(scenario, tool, world)
        except Skip as skip:
            return Played(str(skip))
        except Exception:  # whatever it was, it is this scenario's, and told as such
            it = Played()
            it.verdict.ok(False, f"{scenario.name}: is played to its end", traceback.format_exc())
            return it
        finally:
            world.is_over = True


def played(scenario, tool, world):
    it = Played()
    tenants = []
    if scenario.attach:
        tenants = [subprocess.Popen([BURN, "--sleep", str(scenario.seconds)]) for _ in scenario.attach]
        world.pids = tuple(process.pid for process in tenants)
    try:
        scenario.make(world)
        world.start()
        prefix = world.sandbox(scenario.is_networked)
        if scenario.attach:
            since = mono_ns()
            it.result = Result((since, since), [], 0, "")
            it.result.accounts, it.result.book = tool.attach(world, scenario, prefix, world.pids)
            for check in scenario.checks:
                check(it.verdict, scenario, world, it.result)
            return it
        actor = threading.Thread(target=acts, args=(world, scenario), daemon=True) if scenario.act else None
        if actor:
            actor.start()
        it.result = tool.run(world, scenario, prefix, burn(world, *scenario.words()))
        world.is_over = True
        if actor:
            actor.join()
    finally:
        for process in tenants:
            process.wait()
    if tool.NAME == "Joulebook":
        judge.judge(it.verdict, scenario, world, it.result)
    else:
        judge.judge_other(it.verdict, scenario, world, it.result, tool.NAME)
    return it
