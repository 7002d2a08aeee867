#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every scenario of tests/conformance put to Joulebook, several at a time, each on a machine of its own. README.md says how
another tool is put to them. R-CONF-01 to R-CONF-05."""

import concurrent.futures
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judge  # noqa: E402
import play  # noqa: E402
import scenarios  # noqa: E402
import world  # noqa: E402
from harness import adapter  # noqa: E402

AT_ONCE = 4


class Tap:
    def __init__(self):
        self.n = self.n_failed = 0

    def say(self, verdict):
        for is_good, what, why in verdict.claims:
            self.n += 1
            self.n_failed += not is_good
            print(f"{'ok' if is_good else 'not ok'} {self.n} - {what}")
            if not is_good:
                self.diag(why)
        sys.stdout.flush()

    def skip(self, what, reason):
        self.n += 1
        print(f"ok {self.n} # SKIP {what}: {reason}")

    @staticmethod
    def diag(text):
        print("\n".join("# " + line for line in str(text).splitlines()))


def judged(scenario, tool):
    """What a bad minute of the machine spoiled is tried once more; a fault of the tool is one the second time too."""
    first = play.play(scenario, tool)
    if first.skipped or (first.verdict.is_good and not first.verdict.unjudged):
        return first
    again = play.play(scenario, tool)
    if again.skipped or first.verdict.is_good and not again.verdict.is_good:
        return first
    again.is_second = True
    return again


def main():
    tool = adapter("joulebook")
    reason = tool.is_installed() or world.can_sandbox()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    wanted = [scenario for scenario in scenarios.ALL if all(word in scenario.name for word in sys.argv[1:])]
    tap = Tap()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for scenario, play_of in [(scenario, pool.submit(judged, scenario, tool)) for scenario in wanted]:
            played = play_of.result()
            if played.skipped:
                tap.skip(scenario.name, played.skipped)
                continue
            tap.say(played.verdict)
            for name, got, truth, error in judge.errors(played.verdict):
                tap.diag(f"{name}: {got / 1e6:.6f} J, truth {float(truth) / 1e6:.6f} J, {error:+.4f} %")
            if played.is_second:
                tap.diag(f"{scenario.name}: played twice")
            for text in sorted(set(played.verdict.unjudged)):
                tap.diag(f"not judged: {text}")
    print(f"1..{tap.n}")
    return 1 if tap.n_failed or tap.n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
