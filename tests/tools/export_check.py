#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a document of `joulebook report --format FORMAT` by its specification: export_check.py FORMAT FILE.

cyclonedx against its JSON schema; spdx3, boamps, focus and codecarbon against the rules that their documentation states, which are
written out here by hand. Prints what is wrong, a line each. 77: the validator is not installed.
"""
import csv
import decimal
import json
import os
import re
import sys

wrong = []


def need(claim, text):
    if not claim:
        wrong.append(text)


def cyclonedx(path):
    try:
        import jsonschema
    except ImportError:
        sys.exit(77)
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../data/schemas/cyclonedx-1.6.json"), encoding="utf-8") as f:
        schema = json.load(f)
    base = "http://cyclonedx.org/schema/"
    store = {base + name: {} for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")}
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    validator = jsonschema.Draft7Validator(schema, resolver=resolver)
    with open(path, encoding="utf-8") as f:
        for error in validator.iter_errors(json.load(f)):
            wrong.append("%s: %s" % ("/".join(map(str, error.absolute_path)), error.message))


# SPDX 3.0.1: classes that we write, with the properties that they may and must have (model/Core, Software, AI).
ELEMENT = {"spdxId": 1, "creationInfo": 1, "name": 0, "comment": 0}
CLASSES = {
    "Organization": ELEMENT,
    "SoftwareAgent": ELEMENT,
    "Tool": ELEMENT,
    "ai_AIPackage": dict(ELEMENT, suppliedBy=0, software_packageVersion=0, software_primaryPurpose=0, ai_domain=0,
                         ai_typeOfModel=0, ai_energyConsumption=0),
    "SpdxDocument": dict(ELEMENT, profileConformance=0, rootElement=1, element=0),
    "CreationInfo": {"@id": 1, "specVersion": 1, "created": 1, "createdBy": 1, "createdUsing": 0},
    "ai_EnergyConsumption": {"ai_trainingEnergyConsumption": 0, "ai_finetuningEnergyConsumption": 0,
                             "ai_inferenceEnergyConsumption": 0},
    "ai_EnergyConsumptionDescription": {"ai_energyQuantity": 1, "ai_energyUnit": 1},
}


def spdx_object(thing):
    kind = thing.get("type")
    need(kind in CLASSES, "no class '%s'" % kind)
    rules = CLASSES.get(kind, {})
    for key in thing:
        need(key == "type" or key in rules, "%s has no property %s" % (kind, key))
    for key, least in rules.items():
        need(not least or thing.get(key), "%s lacks %s" % (kind, key))
    for value in thing.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                spdx_object(one)
    if kind == "ai_EnergyConsumptionDescription":
        need(re.fullmatch(r"-?[0-9]+(\.[0-9]*)?", thing["ai_energyQuantity"]), "a quantity is a decimal")
        need(thing["ai_energyUnit"] in ("kilowattHour", "megajoule", "other"), "a unit of its list")


def spdx3(path):
    with open(path, encoding="utf-8") as f:
        root = json.load(f)
    need(set(root) == {"@context", "@graph"}, "a context and a graph")
    need(root["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "the context of 3.0.1")
    ids = [thing.get("spdxId", thing.get("@id")) for thing in root["@graph"]]
    need(len(set(ids)) == len(ids), "ids are unique")
    for thing in root["@graph"]:
        spdx_object(thing)
        for key in ("creationInfo", "suppliedBy"):
            need(key not in thing or thing[key] in ids, "%s points to nothing" % key)
        for key in ("createdBy", "createdUsing", "rootElement", "element"):
            need(all(one in ids for one in thing.get(key, [])), "%s points to nothing" % key)
        if thing["type"] == "CreationInfo":
            need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", thing["created"]), "a moment in UTC")
            need(thing["specVersion"] == "3.0.1", "the version")
        else:
            need(re.match(r"https://[^ ]+#\w+$", thing["spdxId"]), "an id is an IRI")
    need(sum(thing["type"] == "SpdxDocument" for thing in root["@graph"]) == 1, "one document")


def is_number(value, least=0):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= least


# BoAmps, model/report_schema.json and the schemas that it names: what is required, and its lists of words.
def boamps(path):
    with open(path, encoding="utf-8") as f:
        report = json.load(f)
    for key in ("task", "measures", "infrastructure"):
        need(key in report, "%s is required" % key)
    header, task = report.get("header", {}), report["task"]
    need(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", header.get("reportDatetime", "")), "reportDatetime")
    need(header.get("reportStatus") in ("draft", "final", "corrective", "other"), "reportStatus")
    if "publisher" in header:
        need(header["publisher"].get("confidentialityLevel") in ("public", "internal", "confidential", "secret"),
             "confidentialityLevel is required of a publisher")
    for key in ("taskStage", "taskFamily"):
        need(isinstance(task.get(key), str) and task[key], "%s is required" % key)
    need(len(task.get("algorithms", [])) >= 1 and len(task.get("dataset", [])) >= 1, "an algorithm and a dataset")
    for one in task["algorithms"]:
        need(all(is_number(one[key]) for key in ("parametersNumber", "epochsNumber") if key in one), "numbers")
    for one in task["dataset"]:
        need(one.get("dataUsage") in ("input", "output"), "dataUsage")
        need(one.get("dataType") in ("tabular", "audio", "boolean", "image", "video", "object", "text", "token", "word", "other"),
             "dataType")
        need("dataQuantity" not in one or is_number(one["dataQuantity"]), "dataQuantity")
    need(len(report["measures"]) >= 1, "a measure")
    for one in report["measures"]:
        need(one.get("measurementMethod") and is_number(one.get("powerConsumption")), "a method and an energy")
        need(is_number(one.get("measurementDuration")), "measurementDuration")
        need(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", one.get("measurementDateTime", "")), "measurementDateTime")
    where = report["infrastructure"]
    need(where.get("infraType") in ("publicCloud", "privateCloud", "onPremise", "other"), "infraType")
    need(len(where.get("components", [])) >= 1, "a component")
    for one in where["components"]:
        need(one.get("componentType") and isinstance(one.get("nbComponent"), int), "what a component is, and how many")
    if "environment" in report:
        need(report["environment"].get("country"), "country is required of an environment")
        need(is_number(report["environment"].get("powerSourceCarbonIntensity", 0)), "an intensity")
    need(report.get("quality") in ("high", "medium", "low"), "quality")


# FOCUS 1.2: columns that must be there, those that are never null, lists of words, and rules between columns.
FOCUS = """BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory
ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost
PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName""".split()
FOCUS_NULL = {"ChargeClass"}
FOCUS_MORE = """ChargeFrequency ConsumedQuantity ConsumedUnit RegionId ResourceId ResourceName ResourceType SubAccountId
Tags""".split()
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")


def focus(path):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, strict=True))
    need(rows, "rows")
    for row in rows:
        need(None not in row and None not in row.values(), "a row has as many fields as the header")
        for name in FOCUS:
            need(name in row and (row[name] or name in FOCUS_NULL), "%s is mandatory" % name)
        for name in row:
            need(name in FOCUS or name in FOCUS_MORE or name.startswith("x_"), "%s is no column of it" % name)
        for name in COSTS + ("PricingQuantity", "ConsumedQuantity"):
            need(not row[name] or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE]-?[0-9]+)?", row[name]), "%s is a number" % name)
        for name in ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"):
            need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[name]), "%s is a moment in UTC" % name)
        need(row["ChargePeriodStart"] < row["ChargePeriodEnd"], "a period ends after it begins")
        need(row["BillingPeriodStart"] <= row["ChargePeriodStart"] and row["ChargePeriodEnd"] <= row["BillingPeriodEnd"],
             "a charge lies in its billing period")
        need(row["ChargeCategory"] in ("Usage", "Purchase", "Tax", "Credit", "Adjustment"), "ChargeCategory")
        need(row["ChargeClass"] in ("", "Correction"), "ChargeClass")
        need(row["ChargeFrequency"] in ("One-Time", "Recurring", "Usage-Based"), "ChargeFrequency")
        need(row["ChargeCategory"] != "Purchase" or row["ChargeFrequency"] != "Usage-Based", "a purchase is not by use")
        need(row["ChargeCategory"] == "Usage" or not row["ConsumedQuantity"], "only use is consumed")
        need(bool(row["ConsumedQuantity"]) == bool(row["ConsumedUnit"]), "a quantity has its unit")
        need(re.fullmatch(r"[A-Z]{3}", row["BillingCurrency"]), "ISO 4217")
        need(row["ServiceCategory"] in ("AI and Machine Learning", "Compute", "Other"), "ServiceCategory")
        tags = json.loads(row["Tags"])
        need(all(isinstance(one, str) for pair in tags.items() for one in pair), "tags are texts")
        need(len({decimal.Decimal(row[name]) for name in COSTS}) == 1, "no discounts: all costs are one")


# CodeCarbon 3.2.9, codecarbon/output_methods/emissions_data.py.
CODECARBON = """timestamp project_name run_id experiment_id duration emissions emissions_rate cpu_power gpu_power ram_power
cpu_energy gpu_energy ram_energy energy_consumed water_consumed country_name country_iso_code region cloud_provider
cloud_region os python_version codecarbon_version cpu_count cpu_model gpu_count gpu_model longitude latitude ram_total_size
tracking_mode cpu_utilization_percent gpu_utilization_percent ram_utilization_percent ram_used_gb on_cloud pue wue""".split()


def codecarbon(path):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f, strict=True))
    need(rows[0] == CODECARBON, "the columns in their order")
    for row in rows[1:]:
        need(len(row) == len(CODECARBON), "a row has as many fields as the header")
        of = dict(zip(CODECARBON, row))
        need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", of["timestamp"]), "a moment without a zone")
        need(of["tracking_mode"] in ("machine", "process"), "tracking_mode")
        parts = [decimal.Decimal(of[name]) for name in ("cpu_energy", "gpu_energy", "ram_energy") if of[name]]
        need(not parts or sum(parts) == decimal.Decimal(of["energy_consumed"]), "the parts sum to the total")
        for part in ("cpu", "gpu", "ram"):
            if of[part + "_energy"]:
                kwh = decimal.Decimal(of[part + "_power"]) * decimal.Decimal(of["duration"]) / 3600000
                need(abs(kwh * decimal.Decimal(of["pue"] or 1) / decimal.Decimal(of[part + "_energy"]) - 1) < decimal.Decimal("1e-6"),
                     "%s: power x time x PUE is its energy" % part)


CHECKS = {"cyclonedx": cyclonedx, "spdx3": spdx3, "boamps": boamps, "focus": focus, "codecarbon": codecarbon}
CHECKS[sys.argv[1]](sys.argv[2])
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
