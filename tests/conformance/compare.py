#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every scenario put to every tool that is installed; the table of tool x scenario -> error, between the marks of
docs/method/conformance.md. A figure stands there only if it was measured in this call.

usage: compare.py [--print] [WORD...]     --print: to standard output; WORD: scenarios whose name has it"""

import concurrent.futures
import datetime
import os
import platform
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judge  # noqa: E402
import play  # noqa: E402
import scenarios  # noqa: E402
import world  # noqa: E402
from harness import adapter  # noqa: E402

TOOLS = ("joulebook", "codecarbon", "carbontracker", "zeus", "perf")
PAGE = os.path.join(world.ROOT, "docs/method/conformance.md")
BEGIN, END = "<!-- table begins -->\n", "<!-- table ends -->\n"
AT_ONCE = 2


def cell(scenario, tool):
    """(what stands in the table, remark or None)"""
    lacks = scenario.needs - tool.SEES
    if lacks:
        return "–", None
    if scenario.attach and not hasattr(tool, "attach"):
        return "–", None
    played = play.play(scenario, tool)
    if played.skipped:
        return "skipped", f"{scenario.name}: {played.skipped}"
    figures = judge.errors(played.verdict)
    if not figures:
        said = (played.result and played.result.note) or "; ".join(
            what for good, what, _ in played.verdict.claims if not good
        )
        return "no figure", f"{tool.NAME}, {scenario.name}: {said or 'it says nothing'}"
    errors = ", ".join(f"{error:+.2f} %" if abs(error) < 1000 else f"{got / 1e6:.0f} J of {float(truth) / 1e6:.0f}"
                       for name, got, truth, error in figures if "cover +" not in name)  # fmt: skip
    broken = [what for good, what, _ in played.verdict.claims if not good]
    invented = any("invented" in what for what in broken)
    if tool.NAME == "Joulebook" and broken:
        return errors + " (!)", "; ".join(broken)
    return (f"**{errors}**" if invented else errors), None


def found_tools():
    """(those that scenarios are put to, why the others are not)"""
    tools, absent = [], []
    for name in TOOLS:
        tool = adapter(name)
        reason = tool.is_installed()
        if reason:
            absent.append(f"{tool.NAME}: {reason}")
        elif not tool.SEES:
            absent.append(f"{tool.NAME} {tool.version()}: installed, but a namespace cannot stand in for what it reads")
        else:
            tools.append(tool)
    return tools, absent


def table(wanted):
    tools, absent = found_tools()
    rows, remarks = [], []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [(scenario, [pool.submit(cell, scenario, tool) for tool in tools]) for scenario in wanted]
        for scenario, cells in futures:
            found = [future.result() for future in cells]
            rows.append(f"| {scenario.name} | " + " | ".join(text for text, _ in found) + " |")
            remarks += [remark for _, remark in found if remark]
            print(rows[-1], file=sys.stderr, flush=True)
    yield f"Measured on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, {platform.system()} {platform.release()}, {os.cpu_count()} CPUs.\n\n"
    heads = [f"{tool.NAME} {tool.version().removeprefix('joulebook ')}" for tool in tools]
    yield "| scenario | " + " | ".join(heads) + " |\n|" + "---|" * (len(tools) + 1) + "\n"
    yield "\n".join(rows) + "\n"
    if absent:
        yield "\nNot measured:\n" + "".join(f"* {text}\n" for text in absent)
    if remarks:
        yield "\nRemarks:\n" + "".join(f"* {text}\n" for text in dict.fromkeys(remarks))


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    reason = world.can_sandbox()
    if reason:
        sys.exit(f"compare.py: {reason}")
    text = "".join(table([scenario for scenario in scenarios.ALL if all(word in scenario.name for word in words)]))
    if "--print" in sys.argv:
        print(text, end="")
        return
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + text + END + after)


if __name__ == "__main__":
    main()
