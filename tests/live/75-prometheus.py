#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The history that a real Prometheus keeps of exporters with exactly known counters: what is imported is their difference
from the first scrape to the last, to the microjoule, a reset in between loses its own scrape and nothing else, a node's
meter leaves its rest to the platform, and no joule is entered twice. R-PROM-01 to -10."""

import signal
import socket
import sys
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

SCRAPES = 22
RESET = 12
HOST = "node1"

server_path = shutil.which("prometheus")
if not server_path:
    skip_all("no prometheus here: apt install prometheus")
if not os.access(JOULEBOOK, os.X_OK):
    skip_all("no joulebook in this build")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def micro(text):
    return int(Fraction(text) * 1000000)


where = folder("prometheus")
exporter = subprocess.Popen(
    [os.path.join(ROOT, "tests/doubles/exporter.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
atexit.register(exporter.wait)
atexit.register(exporter.stdin.close)
target = exporter.stdout.readline().split()[1]
config = os.path.join(where, "prometheus.yml")
with open(config, "w", encoding="utf-8") as file:
    file.write(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        "scrape_configs:\n"
        f"  - {{job_name: node, static_configs: [{{targets: ['127.0.0.1:{target}'], labels: {{instance: '{HOST}:9100'}}}}]}}\n"
    )
port = free_port()
base = f"http://127.0.0.1:{port}"
start_s = int(time.time())
prometheus = subprocess.Popen(
    [
        server_path,
        f"--config.file={config}",
        f"--storage.tsdb.path={where}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)


def stop_server():
    if prometheus.poll() is None:
        prometheus.send_signal(signal.SIGTERM)
        prometheus.wait()


atexit.register(stop_server)

served = [json.loads(exporter.stdout.readline()) for _ in range(SCRAPES)]
exporter.stdin.write("over\n")
exporter.stdin.flush()
while (line := exporter.stdout.readline().strip()) != "over":
    served.append(json.loads(line))
time.sleep(2)
end_s = int(time.time())


def ask(path, **query):
    with urllib.request.urlopen(f"{base}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=20) as answer:
        return answer.read()


def series(name):
    return [values[name] for values in served]


def named(part):
    return next(name for name in served[0] if part in name)


def joulebook(*words, book="book.db"):
    done = subprocess.run(
        [JOULEBOOK, *words, "--book", os.path.join(where, book)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def utc(s):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(s))


# --- the samples themselves

TIMES = ["--start", utc(start_s), "--end", utc(end_s)]
code, out, err = joulebook("import", "prometheus", base, *TIMES, "--json", "--model", "m")
if not equal(code, 0, "a history is imported from a real server"):
    diag(err)
    done_testing()
result = json.loads(out)
channels = {one["channel"]: one for one in result["channels"]}
equal(result["host"], HOST, "the node is named as its instance, without the port")


def energy(channel):
    return channels[channel]["energy_uj"]


equal(channels["rapl/package-0"]["n_readings"], len(served), "each scrape is one sample")
for channel, part in (
    ("rapl/package-0", "intel-rapl:0\"}"),
    ("rapl/package-0@mmio", "rapl-mmio"),
    ("rapl/dram-0", "node_rapl_dram"),
    ("rapl/core-0", "node_rapl_core"),
    ("rapl/package", "kepler_node_cpu"),
):
    name = next(n for n in served[0] if part in n and (channel != "rapl/package-0" or n.startswith("node_rapl_package")))
    counts = series(name)
    equal(energy(channel), micro(counts[-1]) - micro(counts[0]), f"{channel}: last minus first, to the microjoule")

counts = [int(value) for value in series(named("TOTAL_ENERGY"))]
equal(
    energy("gpu/GPU-1a2b"),
    1000 * (counts[RESET - 1] - counts[0] + counts[-1] - counts[RESET]),
    "a counter that was reset: what it counted before and after, and not what lies between",
)
equal(channels["gpu/GPU-1a2b"]["n_resets"], 1, "and the reset is told")
unseen_ns = channels["gpu/GPU-1a2b"]["unobserved_ns"]
ok(0.5e9 < unseen_ns < 60e9, "its time is unobserved", unseen_ns)

raw = json.loads(ask("query", query="ipmi_dcmi_power_consumption_watts[10m]", time=end_s))["data"]["result"][0]["values"]
equal(len(raw), len(served), "the server has as many")
watts = Fraction(raw[0][1])
want_uj = int(watts * 1000000 * (Fraction(str(raw[-1][0])) - Fraction(str(raw[0][0]))))
got_uj = energy("node/dcmi")
ok(abs(got_uj - want_uj) <= 1, "a constant power times the time of its samples", f"{got_uj} {want_uj}")
equal(
    {one: channels[one]["role"] for one in channels},
    {
        "gpu/GPU-1a2b": "post",
        "gpu/GPU-1a2b@DCGM_FI_DEV_POWER_USAGE": "duplicate",
        "ipmi/PSU1/7": "check",
        "node/dcmi": "parent",
        "rapl/core-0": "detail",
        "rapl/dram-0": "post",
        "rapl/package": "check",
        "rapl/package-0": "post",
        "rapl/package-0@mmio": "duplicate",
    },
    "nothing counts twice",
)
parts_uj = energy("gpu/GPU-1a2b") + energy("rapl/dram-0") + energy("rapl/package-0")
equal(result["energy_uj"], parts_uj, "the run has the parts")


def trial(book):
    """The trial balance from the bytes of the book, past joulebook."""
    code, out, err = joulebook("balance", "--json", book=book)
    return code, json.loads(out)


code, balance = trial("book.db")
equal(code, 0, "the book balances")
sums = {}
with contextlib.closing(sqlite3.connect(f"file:{where}/book.db?mode=ro", uri=True)) as db:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name, amount in db.execute("SELECT name, amount_uj FROM line JOIN account USING (account_id)"):
        kind = name.split(":")[0]
        sums[kind] = sums.get(kind, 0) + amount
equal(-sums["meter"], got_uj, "all meters together give what the node's meter read")
equal(sums.get("platform", 0) + sums.get("discrepancy", 0), got_uj - parts_uj, "the platform is the rest")

code, out, err = joulebook("import", "prometheus", base, *TIMES)
ok(code != 0 and "in the book already as run" in err, "the same history is entered once", err)
code, out, err = joulebook("import", "prometheus", base, "--start", utc(start_s), "--end", utc(end_s - 3), "--preset", "dcgm")
ok(code != 0 and "in a part of this time" in err, "nor what lies in the node's meter for a part of that time", err)
equal(trial("book.db")[1]["root"], balance["root"], "and the book is as it was")

# --- steps of query_range, asked for and from files

code, out, err = joulebook("import", "prometheus", base, *TIMES, "--step", "1s", "--json", book="steps.db")
equal(code, 0, "query_range is asked where a step is given")
steps = {one["channel"]: one for one in json.loads(out)["channels"]}
one_uj = 101000003
ok(
    abs(steps["rapl/package-0"]["energy_uj"] - energy("rapl/package-0")) <= one_uj,
    "a grid has the same counters, to a scrape",
    steps["rapl/package-0"],
)
ok(
    steps["node/dcmi"]["interpolated_ns"] > 10e9,
    "a power that is the same at each step is no observation (R-PROM-03)",
    steps["node/dcmi"],
)
saved = os.path.join(where, "answer.json")
names = "node_rapl_.*|DCGM_.*|ipmi_.*|kepler_.*"
with open(saved, "wb") as file:
    file.write(ask("query_range", query=f'{{__name__=~"{names}"}}', start=start_s, end=end_s, step=1))
code, out, err = joulebook("import", "prometheus", saved, "--json", book="files.db")
if not equal(code, 0, "a saved answer is imported without the server"):
    diag(err)
    done_testing()
files = {one["channel"]: one["energy_uj"] for one in json.loads(out)["channels"]}
equal(files, {one: steps[one]["energy_uj"] for one in steps}, "with the same energies")
for book in ("steps.db", "files.db"):
    equal(trial(book)[0], 0, f"{book} balances")

code, out, err = joulebook("import", "prometheus", base, *TIMES, "--match", "instance=", book="none.db")
ok(code != 0 and "--match" in err, "a query that the server refuses is told", err)
stop_server()
code, out, err = joulebook("import", "prometheus", base, *TIMES, book="none.db")
ok(code != 0 and "Prometheus" in err, "as is a server that is gone", err)
done_testing()
