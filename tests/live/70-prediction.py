#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A training of 40 epochs on 50 W, 72 s: a prediction before its end, entered and compared (R-PREDICT-11 to -14), a
budget with a mark and a signal (R-BUDGET-01 to -03), what was spent after the best value (R-OVERSHOOT-01)."""

import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()

EPOCHS = 40
TRAINING = """
import os, signal, sys, time
told = []
signal.signal(signal.SIGUSR1, lambda *_: told.append(time.monotonic()))
with open(os.environ["JOULEBOOK_MARKS"], "a", buffering=1) as marks:
    for epoch in range(1, int(sys.argv[1]) + 1):
        until = time.monotonic() + float(sys.argv[2])
        while time.monotonic() < until:
            time.sleep(0.05)
        marks.write(f"epoch {epoch} accuracy={0.5 + min(epoch, 10) / 100 - max(0, epoch - 10) / 1000}\\n")
print("told", len(told))
"""


def training(epochs, seconds):
    return ["/usr/bin/python3", "-c", TRAINING, str(epochs), str(seconds)]


def whole():
    with Tree({"package-0": "const:50"}) as tree:
        book = Book()
        options = ["--epochs", str(EPOCHS), "--status", "--place", "NL", "--tariff", "0.25", "--currency", "EUR",
                   "--budget", "0.5Wh", "--on-budget", "USR1"]  # fmt: skip
        first = book.start(tree, training(EPOCHS, 1.8), options)
        time.sleep(3)
        # It joins the first one's recorder, and its energy is that of the same meters.
        joined = book.run(tree, training(3, 1), ["--epochs", "3", "--budget", "60J", "--on-budget", "USR1"])
        ok(joined.code == 0 and joined.out == "told 1\n" and "all of the budget of 60J is used up" in joined.err,
           "a run that joined a recorder has its budget watched", joined.err)  # fmt: skip
        # 40 J in less than the second between two looks.
        short = book.run(tree, ["sleep", "0.8"], ["--budget", "30J", "--on-budget", "TERM"])
        ok(short.code == 0 and "all of the budget of 30J is used up" in short.err and "SIG" not in short.err,
           "a budget that was passed after the last look is said at the end", short.err)  # fmt: skip
        run = first.wait()
        equal(run.code, 0, "the training ends as alone")
        equal(run.out, "told 1\n", "the signal that was asked for came once")
        ok("80 % of the budget of 0.5Wh" in run.err and "all of the budget of 0.5Wh is used up" in run.err,
           "a line at 80 % and at the whole of the budget", run.err)  # fmt: skip
        shown = [line for line in run.err.splitlines() if "predicted:" in line]
        ok(shown and "left" in shown[0] and "CO2e" in shown[0] and "EUR" in shown[0],
           "the status line predicts energy, time, carbon and cost", run.err)  # fmt: skip
        # No sooner than R-PREDICT-01 allows.
        ok(all("1 min" in line for line in shown), "but not in the first minute", shown)
        code, out, err = book.ask("report", "--skill", "--format", "json")
        found = json.loads(out) if code == 0 else {"predictions": []}
        rows = found["predictions"]
        ok(rows and all(row["why_not"] is None and row["unit"] == "epoch" for row in rows),
           "what was predicted is in the book, with its outcome", f"{code} {out} {err}")  # fmt: skip
        told = {line.split("predicted: ")[1].split(" left")[0].rsplit(",", 1)[0] for line in shown}
        ok(len(told) <= len(rows), "nothing else was shown than what was entered", f"{told} of {len(rows)}")
        for row in rows[:1]:
            # The package's meter, and the model that stands in for one of the memory.
            total = sum(line["total_uj"]["best"] for line in run.account["lines"] if line["role"] == "post")
            equal(row["outcome"]["energy_uj"], total, "the outcome is what all meters gave while the run was there")
            low, high = row["energy_uj"]["low"], row["energy_uj"]["high"]
            ok(low <= 1.02 * total and high >= 0.98 * total, "which lies in the interval", row)
            ok(row["total_work"] == EPOCHS and EPOCHS / 5 <= row["work"] < EPOCHS, "of the work that was told", row)
        if rows:
            layers = book.sql("SELECT DISTINCT layer FROM entry WHERE kind = 'prediction'")
            equal(len(layers), 1, "predictions have a layer of their own")
            ok(layers != book.sql("SELECT DISTINCT layer FROM entry WHERE kind = 'run-closed'"),
               "apart from what was measured", layers)  # fmt: skip
        best = run.account["overshoot"]
        until = sum(epoch["run_uj"] for epoch in run.account["epochs"][:10])
        ok(len(best) == 1 and best[0]["at"] == "epoch 10", "accuracy was best in the tenth epoch", best)
        equal(best[0]["after_uj"], run.account["energy_uj"]["best"] - until, "the rest came after the first ten epochs")
        ok("best accuracy 0.6 at epoch 10 of 40" in run.err, "which is said", run.err)
        ok(not any("name no epoch" in note for note in run.account["notes"]), "budgets and totals are no strange marks")
        marks = "".join(value or "" for (value,) in book.sql(
            "SELECT value FROM opening JOIN entry USING (seq) WHERE kind = 'marks'"))  # fmt: skip
        ok("budget 0.5Wh 80%" in marks and "budget 0.5Wh used up" in marks, "the budget's marks are in the book", marks[:300])
        ok("prediction" not in marks, "predictions are none")
        must_sum(book, "with predictions")
        book.must_balance("with predictions")


whole()
done_testing()
