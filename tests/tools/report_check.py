#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a report against its schema, its CSV, and the accounts of its runs: every sum is made again from what the book has of each run.
usage: report_check.py SCHEMA REPORT.json REPORT.csv JOULEBOOK"""
import copy
import csv
import json
import subprocess
import sys

import jsonschema

FIGURES = ["energy_uj", "location_ugco2e", "market_ugco2e", "cost_micro"]
PARTS = {
    "development": "explore develop development debug prepare preprocess ablation",
    "search": "search tune sweep hyperparameter-search",
    "failed": "failed",
    "training": "train training pretrain pretraining finetune finetuning final",
    "retraining": "retrain retraining update",
    "evaluation": "evaluate evaluation eval validate test",
    "inference": "infer inference serve production",
}


def part_of(account):
    stage = account["run"]["stage"].lower()
    part = next((p for p, words in PARTS.items() if stage in words.split()), "untold")
    failed = account["run"]["status"] == "interrupted" or account["run"]["exit_code"] > 0
    return "failed" if failed and part not in ("evaluation", "inference") else part


def account_of(program, run_id):
    out = subprocess.run([program, "show", run_id, "--json"], check=True, capture_output=True).stdout
    return json.loads(out)


def sum_of(accounts):
    """As R-INVENTORY-03 has it, from accounts."""
    result = {"n_runs": len(accounts), "duration_ns": sum(a["duration_ns"] for a in accounts)}
    posted = [a["facility_uj"] if a["is_facility_posted"] else None for a in accounts]
    default = [None if a["is_facility_posted"] else a["facility_uj"] for a in accounts]
    columns = {name: [a[name] for a in accounts] for name in FIGURES}
    columns |= {"facility_uj": posted, "facility_default_uj": default}
    if len({a["run"]["currency"] for a in accounts if a["cost_micro"]}) > 1:
        raise SystemExit("two currencies are another test's")
    for name, values in columns.items():
        known = [v for v in values if v]
        result[name] = None
        if known:
            result[name] = {k: sum(v[k] for v in known) for k in ("best", "high", "low")}
            result[name]["is_hard_bound"] = all(v["is_hard_bound"] for v in known)
    result["n_unknown"] = columns["energy_uj"].count(None)
    result["n_without_location"] = columns["location_ugco2e"].count(None)
    result["n_without_market"] = columns["market_ugco2e"].count(None)
    result["n_without_cost"] = columns["cost_micro"].count(None)
    result["n_without_facility"] = posted.count(None)
    result["n_facility_default"] = len(default) - default.count(None)
    result["coverage"] = {k: sum(a["coverage"][k] for a in accounts)
                          for k in ("counter_ns", "gauge_ns", "interpolated_ns", "unobserved_ns")}
    result["origin_uj"] = {k: sum(a["origin_uj"][k] for a in accounts) for k in accounts[0]["origin_uj"]} if accounts else None
    result["device"] = {
        d: {k + "_uj": sum(l["run_uj"][k] for a in accounts for l in a["lines"]
                           if l["role"] == "post" and l["device"] == d) for k in ("best", "high", "low")}
        for d in ("cpu", "dram", "gpu", "node", "other")}
    return result


def compare(what, told, known):
    for key, value in known.items():
        if value is not None or key not in ("origin_uj",):
            assert told[key] == value, f"{what}: {key}: told {told[key]}, known {value}"


def check_sums(report, accounts):
    n = 0
    for layer in report["layers"]:
        mine = [a for a in accounts if a["run"]["layer"] == layer["layer"]]
        compare(layer["layer"], layer["sum"], sum_of(mine))
        names = {part_of(a) for a in mine}
        assert set(layer["parts"]) == names, (layer["parts"].keys(), names)
        for part in names:
            compare(part, layer["parts"][part], sum_of([a for a in mine if part_of(a) == part]))
        for share in ("making", "evaluation", "inference"):
            chosen = [a for a in mine if (part_of(a) if part_of(a) in ("evaluation", "inference") else "making") == share]
            compare(share, layer["shares"][share], sum_of(chosen))
            n += len(chosen)
    assert n == len(accounts) == len(report["runs"])
    assert {l["layer"] for l in report["layers"]} == {a["run"]["layer"] for a in accounts}


def check_runs(report, accounts):
    texts = ("id group parent_id host project model model_version architecture application configuration "
             "place source currency stage layer status exit_code start_utc_us end_utc_us").split()
    for run, account in zip(report["runs"], accounts):
        for key in texts:
            told = -1 if run[key] is None else run[key]
            assert told == account["run"][key], (key, run[key], account["run"][key])
        for key in FIGURES + ["facility_uj", "is_facility_posted", "method", "duration_ns", "coverage", "origin_uj"]:
            assert run[key] == account[key], (key, run[key], account[key])
        for view in ("active", "reserved", "all"):
            assert run[view + "_uj"] == account["views_uj"][view], view
        assert run["part"] == part_of(account)
    assert [r["start_utc_us"] for r in report["runs"]] == sorted(r["start_utc_us"] for r in report["runs"])


def from_csv(row):
    """A row of CSV as the object of a run in JSON."""
    def number(text):
        return None if text == "" else int(text)

    def figure(name):
        base, unit = name.rsplit("_", 1)
        if row[f"{base}_best_{unit}"] == "":
            return None
        return {"is_hard_bound": row[f"{base}_is_hard_bound"] == "1",
                **{k: int(row[f"{base}_{k}_{unit}"]) for k in ("best", "high", "low")}}

    run = {k: figure(k) for k in ("energy_uj", "facility_uj", "location_ugco2e", "market_ugco2e", "cost_micro",
                                  "active_uj", "reserved_uj", "all_uj")}
    run["coverage"] = {k: int(row[k]) for k in ("counter_ns", "gauge_ns", "interpolated_ns", "unobserved_ns")}
    run["device"] = {d: {k + "_uj": int(row[f"device_{d}_{k}_uj"]) for k in ("best", "high", "low")}
                     for d in ("cpu", "dram", "gpu", "node", "other")}
    run["origin_uj"] = {o: int(row[f"origin_{o}_uj"])
                        for o in ("counter", "gauge", "calibrated", "modelled", "rated", "billed", "stated")}
    run["metrics"] = json.loads(row["metrics"] or "[]")
    run["is_facility_posted"] = row["is_facility_posted"] == "1"
    run["training_flop"] = row["training_flop"] or None
    for key in ("exit_code start_utc_us end_utc_us duration_ns n_boards board_ns n_gaps gap_high_uj idle_uj others_uj "
                "platform_uj market_mgco2e_per_kwh pue_milli tariff_micro_per_kwh n_parameters n_examples n_tokens "
                "n_epochs account_seq").split():
        run[key] = number(row[key])
    for key in ("id group parent_id host project model model_version model_digest architecture application "
                "configuration hardware place source currency stage part layer status method flop_method leaf").split():
        run[key] = row[key]
    return run


def must_refuse(validator, report, what, change):
    broken = copy.deepcopy(report)
    change(broken)
    assert not validator.is_valid(broken), f"the schema takes {what}"


def check_schema(schema, report):
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(report)
    for key in report:
        must_refuse(validator, report, f"a report without {key}", lambda r, k=key: r.pop(k))
    for key in report["runs"][0]:
        must_refuse(validator, report, f"a run without {key}", lambda r, k=key: r["runs"][0].pop(k))
    for key in report["layers"][0]["sum"]:
        must_refuse(validator, report, f"a sum without {key}", lambda r, k=key: r["layers"][0]["sum"].pop(k))
    must_refuse(validator, report, "a key of its own", lambda r: r.update(extra=1))
    must_refuse(validator, report, "a number with a fraction",
                lambda r: r["layers"][0]["sum"]["energy_uj"].update(best=1.5))
    must_refuse(validator, report, "another version", lambda r: r.update(schema="joulebook.report/2"))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    with open(sys.argv[2], encoding="utf-8") as f:
        text = f.read()
    report = json.loads(text)
    program = sys.argv[4]
    assert text == json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", \
        "read back and written again it is the same bytes"
    check_schema(schema, report)
    accounts = [account_of(program, run["id"]) for run in report["runs"]]
    check_runs(report, accounts)
    check_sums(report, accounts)
    with open(sys.argv[3], encoding="utf-8", newline="") as f:
        rows = [from_csv(row) for row in csv.DictReader(f)]
    assert rows == report["runs"], "CSV says the same of every run as JSON"
    print(len(rows), "runs")


main()
