#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What op_outputs says of the models of make_models.py, beside the truth: usage: compare.py FOLDER ANSWERS"""
import collections
import sys

# Graphs within nodes, sequences and optionals are the walk's, which op_outputs does without; tests/unit has theirs.
WALKED = ("If Loop Scan OptionalGetElement OptionalHasElement SequenceAt SequenceConstruct SequenceEmpty SequenceErase "
          "SequenceInsert SequenceLength SequenceMap SplitToSequence ConcatFromSequence").split()


def verdict(want, got):
    """exact: type and every size; open: as far as it is told it is right; wrong."""
    if want == "-":
        return "untold"
    kind, _, sizes = want.partition(":")
    got_kind, colon, got_sizes = got.partition(":")
    if got_kind not in (kind, "0"):
        return "wrong"
    if not colon or got_kind == "0":
        return "open"
    ours = got_sizes.split(",") if got_sizes else []
    true = sizes.split(",") if sizes else []
    if len(ours) != len(true):
        return "wrong"
    is_open = False
    for one, other in zip(ours, true):
        if not one.lstrip("-").isdigit():
            is_open = True
        elif one != other:
            return "wrong"
    return "open" if is_open else "exact"


def main():
    folder, answers = sys.argv[1:3]
    truth = {}
    with open(folder + "/truth.tsv", encoding="utf-8") as lines:
        for line in lines:
            name, operators, outputs = line.rstrip("\n").split("\t")
            truth[name] = (operators, outputs.split("|"))
    seen = collections.Counter()
    kinds = collections.defaultdict(collections.Counter)
    troubles = []
    n = 0
    with open(answers, encoding="utf-8") as lines:
        for line in lines:
            path, outputs, work = line.rstrip("\n").split("\t")
            name = path.rsplit("/", 1)[-1][: -len(".onnx")]
            n += 1
            if outputs.startswith("unread"):
                seen["unread"] += 1
                troubles.append("%s: %s" % (name, outputs))
                continue
            for part in work.split("+"):
                operator, _, kind = part.rpartition("=")
                kinds[operator][kind] += 1
            verdicts = [verdict(want, got) for want, got in zip(truth[name][1], outputs.split("|"))]
            worst = [v for v in ("wrong", "open", "untold", "exact") if v in verdicts]
            seen[worst[0] if worst else "untold"] += 1
            if worst and worst[0] in ("wrong", "open"):
                troubles.append("%s: %s: %s, not %s (%s)" % (worst[0], name, outputs, "|".join(truth[name][1]), work))
    for trouble in sorted(troubles):
        print("# " + trouble)
    unknown = sorted(o for o in kinds if o and kinds[o]["unknown"] and o not in WALKED)
    failed = sorted(o for o in kinds if kinds[o]["failed"])
    for kind in ("dense", "elementwise", "none", "listed", "graph", "unsized"):
        print("# %s: %s" % (kind, " ".join(sorted(o for o in kinds if kinds[o][kind]))))
    print("# not known: %s" % " ".join(unknown))
    print("# models %d, operators %d, %s" % (n, len([o for o in kinds if o]), dict(seen)))
    if len(truth) != n or unknown or failed or seen["wrong"] or seen["unread"]:
        sys.exit(1)


main()
