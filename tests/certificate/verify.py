#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""verify.py FILE...: takes and refuses certificates as docs/format/certificate.md says, in plain Python and python3-nacl."""
import base64, hashlib, json, re, sys
from nacl.signing import VerifyKey

CONDITIONS = "coverage against_coverage no_unexplained_gaps no_open_runs energy_of_every_run stages".split()
LIMITS = "bc8d502e0ceebd81a940bcd195c4c90ed9ef50de70916ed323ee0b3fca751bbd"  # SHA-256
LAYERS = "measured reconstructed predicted".split()
PARTS = "development search failed training retraining evaluation inference untold".split()
TOTALS = "runs duration_ns energy_uj facility_uj location_ugco2e market_ugco2e coverage_ns".split()
TOTAL_NAMES = [f"total.{layer}.{total}" for layer in LAYERS for total in TOTALS]
FIELDS = ("id+! issuer+! software+ project model model_version from_utc+! to_utc+! subjects run.id+ run.start_utc+ run.project "
          "run.stage run.part+ run.layer+ run.status+ run.method+ run.model run.model_version run.configuration run.host "
          "run.hardware run.duration_ns+ run.energy_uj+ run.facility_uj run.location_ugco2e run.market_ugco2e run.coverage_ns "
          f"run.entry+ n_runs+! {' '.join(name + '!' for name in TOTAL_NAMES)} totals+! parts+ left_out+! against methods+ "
          "factors policy! previous! limits+!").split()  # in this order; +: needed, !: never withheld
ORDER, NEEDED, NEVER = ([field.strip("+!") for field in FIELDS if mark in field] for mark in ("", "+", "!"))
UTC, NUM = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "(?:0|[1-9][0-9]{0,18})"
FIGURE, FOUR = rf"unknown|{NUM} {NUM} {NUM}", rf"{NUM} {NUM} {NUM} {NUM}"
FORMS = {"run.start_utc": UTC, "run.part": "|".join(PARTS), "run.layer": "|".join(LAYERS), "run.status": "done|interrupted",
         "run.method": "A|B|C-1|C-2", "run.duration_ns": NUM, "run.entry": NUM, "run.coverage_ns": FOUR, "from_utc": UTC,
         "to_utc": UTC, "n_runs": NUM, "left_out": f"{NUM} {NUM} {NUM}", **{f"run.{total}": FIGURE for total in TOTALS[2:6]},
         **{n: NUM if n[-4:] in ("runs", "n_ns") else FOUR if n[-2:] == "ns" else f"unknown|{FOUR}" for n in TOTAL_NAMES}}
def need(claim, why):
    if not claim:
        raise ValueError(why)
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
canonical = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
def b64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 has another form")
    return data
def key_of(vkey):  # c2sp.org/signed-note: NAME+HASH+KEY
    name, key_hash, key = vkey.split("+", 2)
    need(len(b64(key)) == 33 and sha(name.encode() + b"\n" + b64(key))[:4].hex() == key_hash and b64(key)[0] == 1, "no vkey")
    return name, bytes.fromhex(key_hash), b64(key)[1:]
def checkpoint(text, vkey):
    """Origin, size and root of a checkpoint that this key has signed."""
    body, _, signatures = text.rpartition("\n\n")
    name, key_hash, key = key_of(vkey)
    lines = [re.fullmatch("\u2014 ([^ ]+) (.+)", line) for line in signatures[:-1].split("\n")]
    mine = [b64(line[2])[4:] for line in lines if line[1] == name and b64(line[2])[:4] == key_hash]
    origin, size, root = body.split("\n")
    need(text[-1] == "\n" and len(mine) == 1 and re.fullmatch(NUM, size), "the checkpoint is not the issuer's")
    VerifyKey(key).verify((body + "\n").encode(), mine[0])
    return origin, int(size), b64(root)
def included(leaf, index, size, proof):  # the root: RFC 6962, 2.1.1, backwards
    need(type(index) is int and 0 <= index < size and (size > 1 or not proof), "the proof does not fit the tree")
    k = 1 << max(size - 1, 1).bit_length() - 1
    if size > 1 and index < k:
        return sha(b"\1", included(leaf, index, k, proof[:-1]), proof[-1])
    return sha(b"\1", proof[-1], included(leaf, index - k, size - k, proof[:-1])) if size > 1 else leaf
def consistent(old, size, old_root, proof, is_whole=True):  # both roots: RFC 6962, 2.1.2, backwards
    need(type(old) is int and 0 < old <= size and (old < size or len(proof) == (not is_whole)), "the proof does not fit the trees")
    if old == size:
        return (old_root if is_whole else proof[0],) * 2
    k = 1 << (size - 1).bit_length() - 1
    if old <= k:
        then, now = consistent(old, k, old_root, proof[:-1], is_whole)
        return then, sha(b"\1", now, proof[-1])
    then, now = consistent(old - k, size - k, old_root, proof[:-1], False)
    return sha(b"\1", proof[-1], then), sha(b"\1", proof[-1], now)
def commitments(data):  # docs/format/entry.md
    fields, (n, rest) = [], re.fullmatch(b"JBEN\x01\x00.{8}\x09certified\x00(.)(.*)", data, re.S).groups()
    while rest:
        name, rest = rest[1:rest[0] + 1], rest[rest[0] + 1:]
        fields, rest = fields + [(name.decode(), rest[:32])], rest[32:]
    return fields if len(fields) == n[0] else []
def summed(total, lines):
    known = [[int(number) for number in line.split()] for line in lines if line != "unknown"]
    sums = [sum(column) for column in zip(*known)] + ([len(known)] if total[-2:] in ("uj", "2e") else [])
    return " ".join(map(str, sums)) if known and max(sums) < 1 << 63 else "unknown"
def check_totals(values, columns, n_runs):
    computed, parts, columns = True, "", {"run.runs": ["1"] * n_runs, **columns}
    rows = list(zip(columns.get("run.layer", []), columns.get("run.part", [""] * n_runs), range(n_runs)))
    for layer, total in ((layer, total) for layer in LAYERS for total in TOTALS):
        name, column, mine = f"total.{layer}.{total}", f"run.{total}", [i for one, _, i in rows if one == layer]
        has, is_open = total == "runs" or column in values, bool(rows) and column in columns
        need((name in values) == (has and bool(mine)) if rows else has or name not in values, f"{name} is odd")
        need(not is_open or name not in values or values[name] == summed(total, [columns[column][i] for i in mine]), f"{name} is no sum")
        computed = computed and (is_open or name not in values)
    need(values["totals"] == ("computed" if computed else "asserted"), "the totals are marked wrongly")
    if values["parts"] is not None and rows and {"run.part", "run.duration_ns", "run.energy_uj"} <= set(columns):
        for key in ((layer, part) for layer in LAYERS for part in PARTS):
            mine = [i for layer, part, i in rows if (layer, part) == key]
            sums = [summed(total, [columns["run." + total][i] for i in mine]) for total in TOTALS[1:3]]
            parts += " ".join([*key, str(len(mine)), *sums]) + "\n" if mine else ""
        need(values["parts"] == parts, "the parts are not those of the runs")
def check_values(values):
    need(list(values) == [name for name in ORDER if name in values] and set(NEEDED) <= set(values), "other fields")
    n_runs, columns, is_open = int(values["n_runs"]), {}, {n: v for n, v in values.items() if v is not None}
    need(sha(values["limits"].encode()).hex() == LIMITS and 1 <= n_runs <= 20000 and set(NEVER) & set(values) <= set(is_open), "fields are withheld")
    for name, value in is_open.items():
        has_lines = name[:4] == "run." or name in ("subjects", "parts", "methods", "factors", "policy")
        need(value and (value[-1] == "\n" if has_lines else "\n" not in value) and
             not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", value), f"{name} has other lines")
        lines = value[:-1].split("\n") if has_lines else [value]
        need(all(re.fullmatch(FORMS.get(name, ".*"), line) for line in lines), f"{name} has an odd line")
        bands = [[int(n) for n in line.split()] for line in lines if FORMS.get(name) == FIGURE and line != "unknown"]
        need(name[:4] != "run." or len(lines) == n_runs and all(band == sorted(band) for band in bands), f"{name} is odd")
        columns.update({name: lines} if name[:4] == "run." else {})
    need(values["from_utc"] <= values["to_utc"] and all(values["from_utc"] <= t <= values["to_utc"] for t in columns.get("run.start_utc", [])), "a run of another time")
    check_totals(values, columns, n_runs)
    fours = [int(number) for number in values.get("total.measured.coverage_ns", "0 0 0 0").split()]
    for line in values.get("policy", "").split("\n")[:-1]:
        verdict, name, required, found = re.fullmatch(r"(met|not met) (.+?): required (.+?); found (.+)", line).groups()
        ppm = (fours[0] + fours[1]) * 10**6 // sum(fours) if sum(fours) else -1
        made = f"{ppm // 10**4}.{ppm % 10**4:04}".rstrip("0").rstrip(".") + " %" if ppm >= 0 else "nothing"
        need(name in CONDITIONS and (name != "coverage" or (found, verdict) == (made, "met" if ppm >= round(float(required[:-2]) * 10**4) else "not met")), "the policy is judged wrongly")
def verify(data, keys=None, trusted=None):
    """Its fields (None: withheld); an exception: refused. `keys`: vkeys to trust, `trusted`: text of the latest checkpoint."""
    envelope = json.loads(data)
    payload, kind, signers = b64(envelope["payload"]), envelope["payloadType"], [one["keyid"] for one in envelope["signatures"]]
    need(canonical(envelope) + b"\n" == data and set(envelope) == {"payload", "payloadType", "signatures"} and
         all(set(one) == {"keyid", "sig"} for one in envelope["signatures"]) and len({key_of(one)[2] for one in signers}) == len(signers) and
         signers[1:] == sorted(set(signers[1:]) - {signers[0]}), "the envelope has another form")
    for signature in envelope["signatures"]:  # DSSE 1.0.2
        pae = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
        VerifyKey(key_of(signature["keyid"])[2]).verify(pae, b64(signature["sig"]))
    predicate = json.loads(payload)["predicate"]
    bytes_, index, values, fields = b64(predicate["entry"]["bytes"]), predicate["entry"]["index"], {}, []
    for field, (name, commitment) in zip(predicate["fields"], commitments(bytes_), strict=True):
        salted = b"\2" + bytes.fromhex(field.get("salt", "")) + bytes([len(name)]) + name.encode()
        made = sha(salted + field["value"].encode()) if "value" in field else bytes.fromhex(field["withheld"])
        need(re.fullmatch("[0-9a-f]{32}|[0-9a-f]{64}", field.get("salt") or field["withheld"]) and len(field.get("salt", "0" * 32)) == 32 and
             field["name"] == name and made == commitment and name not in values, f"{name} is not what the entry commits to")
        values[name] = field.get("value")
        fields.append({key: field[key] for key in (("name", "salt", "value") if "value" in field else ("name", "withheld"))})
    origin, size, root = checkpoint(predicate["checkpoint"], signers[0])
    need(included(sha(b"\0" + bytes_), index, size, [b64(one) for one in predicate["inclusion"]]) == root, "another tree")
    old = predicate.get("previous") or {"size": size, "root": base64.b64encode(root).decode(), "consistency": []}
    both = consistent(old["size"], size, b64(old["root"]), [b64(one) for one in old["consistency"]])
    told = f"{old['size']} {b64(old['root']).hex()}" if "previous" in predicate else None
    files = [(line[:64], line[66:]) for line in (values.get("subjects") or "").split("\n")[:-1]] or [(root.hex(), origin)]
    made = {"checkpoint": predicate["checkpoint"], "entry": {"bytes": predicate["entry"]["bytes"], "index": index}, "fields": fields,
            "inclusion": predicate["inclusion"], "schema": "joulebook.certificate/1"}
    made.update({"previous": {key: old[key] for key in ("consistency", "root", "size")}} if told else {})
    made = {"_type": "https://in-toto.io/Statement/v1", "predicate": made, "predicateType": "https://joulebook.org/energy-record/v1",
            "subject": [{"digest": {"sha256": digest}, "name": name} for digest, name in files]}
    need(canonical(made) == payload and kind == "application/vnd.in-toto+json", "the statement has another form")
    need(values["issuer"] == signers[0] and values.get("previous") == told and both[0] == b64(old["root"]) and both[1] == root,
         "another issuer, another earlier tree, or the book was rewritten")
    check_values(values)
    need(keys is None or signers[0] in keys, "signed by a key that is not in the list")
    need(not trusted or checkpoint(trusted, signers[0]) == (origin, size, root), "an older or another tree")
    return values
for path in sys.argv[1:] if __name__ == "__main__" else []:
    print(f"{path}: accepted, {verify(open(path, 'rb').read())['n_runs']} runs")
