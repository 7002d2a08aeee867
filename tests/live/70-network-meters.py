#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Meters over the network through the executable, beside devices with exactly known energy: Redfish under TLS, plugs of
Shelly and Tasmota, Prometheus, and net-snmp's own snmpd. Every figure's band holds the truth, a device that hangs or babbles
costs nobody else a reading, and no secret goes where it must not. R-SENSOR-80 to R-SENSOR-87."""

import concurrent.futures
import shutil
import socket
import sys

sys.dont_write_bytecode = True
from lib_live import *  # noqa: E402,F403

need_tools()

DOUBLES = os.path.join(ROOT, "tests/doubles")
COURSE = "ramp:200:300:30000"
PACKAGE = "package-0"
SECONDS = 4
PASSWORD = "n0t f0r 0thers"


class Device:
    """tests/doubles/http_meter.py; also its exact energy."""

    def __init__(self, *options, course=COURSE):
        argv = [os.path.join(DOUBLES, "http_meter.py"), "--course", course, *options]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)
        word, port, t0 = self.process.stdout.readline().split()
        assert word == "ready"
        self.port, self.t0_ns = int(port), int(t0)
        self.scheme = "https" if "--tls" in options else "http"
        self.url = f"{self.scheme}://127.0.0.1:{port}"

    def tell(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().removeprefix("ok").strip()

    def energy_uj(self, from_ns, to_ns):
        return Fraction(self.tell("energy", from_ns, to_ns))

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()


class Authority:
    """A certificate authority of this test's own, and a certificate for 127.0.0.1."""

    def __init__(self, where, name):
        def at(part):
            return os.path.join(where, f"{name}-{part}")

        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.ca, self.cert, self.key = at("ca.pem"), at("cert.pem"), at("key.pem")
        openssl("req", "-x509", *key, "-keyout", at("ca.key"), "-out", self.ca, "-subj", f"/CN={name}", "-days", "2")
        openssl("req", *key, "-keyout", self.key, "-out", at("csr"), "-subj", "/CN=bmc")
        with open(at("ext"), "w", encoding="ascii") as file:
            file.write("subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", at("csr"), "-CA", self.ca, "-CAkey", at("ca.key"), "-CAcreateserial",
                "-out", self.cert, "-days", "2", "-extfile", at("ext"))  # fmt: skip


def secret(where, name, text, mode=0o600):
    path = os.path.join(where, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text + "\n")
    os.chmod(path, mode)
    return path


def entry(driver, name="wall", **keys):
    lines = [f"- name: {name}", f"  driver: {driver}"] + [f"  {key}: '{value}'" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def meters_file(where, *entries):
    fd, path = tempfile.mkstemp(suffix=".yaml", dir=where)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write("meters:\n" + "".join(entries))
    return path


def meters(tree, path, **env):
    """What `joulebook meters` makes of a file: (channels by id, refusals by what, all it said)."""
    done = subprocess.run(
        [JOULEBOOK, "meters", "--sensors-root", tree.root, "--meters", path, "--json"],
        capture_output=True, text=True, env=environment(**env), check=False,
    )  # fmt: skip
    found = json.loads(done.stdout) if done.stdout.startswith("{") else {"channels": [], "refusals": []}
    return (
        {channel["id"]: channel for channel in found["channels"]},
        {refusal["what"]: refusal for refusal in found["refusals"]},
        done.stdout + done.stderr,
    )


def line_of_channel(account, channel):
    return next((line for line in account["lines"] if line["channel"] == channel), None)


class Agent:
    """snmpd with the outlets of tests/doubles/snmp_pdu.py, on a loopback port, as whoever runs the test."""

    def __init__(self, where, t0_ns):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        conf = os.path.join(where, "snmpd.conf")
        script = os.path.join(DOUBLES, "snmp_pdu.py")
        with open(conf, "w", encoding="ascii") as file:
            file.write(
                f"rocommunity pdu-reader 127.0.0.1\n"
                f'createUser ann SHA-256 "auth phrase" AES "priv phrase"\nrouser ann priv\n'
                f"pass_persist .1.3.6.1.4.1.318 {script} {COURSE} 1000000 {t0_ns}\n"
            )
        env = environment(SNMP_PERSISTENT_DIR=where, SNMPCONFPATH=where, MIBS="")
        self.process = subprocess.Popen(
            [shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin:/bin"), "-f", "-Lo", "-r", "-C", "-c", conf, "-I",
             "pass,pass_persist,usmUser,vacm_conf,snmpEngine,usmConf", "-x", os.path.join(where, "agentx"),
             f"udp:127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
        )  # fmt: skip
        self.url = f"udp:127.0.0.1:{self.port}"
        atexit.register(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class Prometheus:
    """The real server, if it is installed, scraping the device once a second."""

    def __init__(self, where, device):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        conf = os.path.join(where, "prometheus.yml")
        with open(conf, "w", encoding="ascii") as file:
            file.write("scrape_configs:\n- job_name: node\n  scrape_interval: 1s\n  honor_labels: true\n"
                       f"  static_configs:\n  - targets: ['127.0.0.1:{device.port}']\n")  # fmt: skip
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={conf}", f"--storage.tsdb.path={where}/tsdb",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self.port}"
        atexit.register(self.close)
        time.sleep(5)  # some scrapes

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


APC = "1.3.6.1.4.1.318.1.1.26.9.4.3.1."


def scenarios(where, authority, device, agent):
    """name: (device that knows the truth, entry of the meters file, joules of its step)"""
    bmc = Device("--tls", authority.cert, authority.key, "--basic", f"reader:{PASSWORD}")
    digest = Device("--digest", f"admin:{PASSWORD}")
    first = Device("--generation", "1", "--basic", f"admin:{PASSWORD}")
    tasmota = Device("--tasmota", f"admin:{PASSWORD}")
    tls = {"credentials": secret(where, "bmc", f"reader:{PASSWORD}"), "ca_file": authority.ca}
    plug = {"credentials": secret(where, "plug", f"admin:{PASSWORD}"), "max_power": "400 W"}
    found = {
        "Redfish, joules": (bmc, entry("redfish", url=bmc.url, period="1s", **tls), 1),
        "Redfish, watts": (bmc, entry("redfish", url=bmc.url + "/redfish/v1/Chassis/Watts", period="1s", **tls), 0),
        "Redfish, older": (bmc, entry("redfish", url=bmc.url + "/redfish/v1/Chassis/Older", period="1s", **tls), 0),
        "Shelly 2, digest": (digest, entry("shelly", url=digest.url, **plug), 0),
        "Shelly 2, energy": (digest, entry("shelly", url=digest.url, reads="energy", period="1s", **plug), 3.6),
        "Shelly 1, basic": (first, entry("shelly", url=first.url, **plug), 0),
        "Tasmota": (tasmota, entry("tasmota", url=tasmota.url, **plug), 0),
        "Prometheus, counter": (
            device, entry("prometheus", url=device.url, query='node_joules_total{node="a"}', unit="1 J",
                          period="1s"), 0),
        "Prometheus, expression": (
            device, entry("prometheus", url=device.url, query="sum(node_watts)", unit="1 W", period="1s"), 0),
    }  # fmt: skip
    if shutil.which("prometheus"):
        server = Prometheus(where, device)
        found["Prometheus itself, counter"] = (
            device, entry("prometheus", url=server.url, query='node_joules_total{node="a"}', unit="1 J",
                          period="1s"), 0)  # fmt: skip
        found["Prometheus itself, expression"] = (
            device, entry("prometheus", url=server.url, query="sum(node_watts)", unit="1 W", period="1s"), 0)
    if agent:
        v2 = {"url": agent.url, "credentials": secret(where, "v2", "community pdu-reader"), "period": "1s"}
        v3 = dict(v2, credentials=secret(where, "v3", "user ann\nauth SHA-256 auth phrase\npriv AES priv phrase"))
        found["SNMP v2c, watts"] = (device, entry("snmp", oid="." + APC + "7.1", unit="1 W", **v2), 0)
        found["SNMP v2c, Counter32"] = (device, entry("snmp", oid=APC + "99.2", unit="1 mJ", **v2), 0.001)
        found["SNMP v3, text"] = (device, entry("snmp", oid=APC + "98.2", unit="1 W", **v3), 0)
    return found


def measured(tree, where, device, text):
    book = Book(folder("book"))
    outcome = book.run(tree, burn("--sleep", SECONDS), ["--meters", meters_file(where, text)])
    channel = text.split("driver: ")[1].split()[0] + "/wall"
    line = line_of_channel(outcome.account, channel) if outcome.account else None
    truth = device.energy_uj(outcome.begin_ns, outcome.end_ns) if outcome.report else None
    return book, outcome, line, truth


def judge(name, book, outcome, line, truth, step_j):
    if not ok(outcome.code == 0 and line, f"{name}: a run is measured", f"{outcome.code}\n{outcome.err}"):
        return
    figure = line["total_uj"]
    told = f"{figure}, truth {float(truth):.0f} uJ, {line['coverage']}"
    ok(figure["low"] <= truth <= figure["high"], f"{name}: the band holds the truth", told)
    # The devices here renew at once, whatever theirs may do: a second of the four is for a busy machine, and two steps.
    near = float(truth) / SECONDS + 2 * step_j * 1000000
    ok(abs(figure["best"] - truth) <= near, f"{name}: the figure is near it", told)
    diag(f"{name}: {float((figure['best'] - truth) / truth) * 100:+.2f} %")
    text = json.dumps(outcome.account) + outcome.err + outcome.out + json.dumps(book.sql("SELECT value FROM opening"))
    ok(PASSWORD not in text and "auth phrase" not in text, f"{name}: nothing tells its secret")


def all_true(tree, where, authority, agent_of):
    device = Device()
    agent = agent_of(where, device.t0_ns) if agent_of else None
    todo = scenarios(where, authority, device, agent)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = {name: pool.submit(measured, tree, where, row[0], row[1]) for name, row in todo.items()}
        for name, run in runs.items():
            judge(name, *run.result(), todo[name][2])
    return device


def tls_holds(tree, where, authority, other):
    bmc = Device("--tls", authority.cert, authority.key)
    plain = Device()
    cases = {
        "another authority": dict(url=bmc.url, ca_file=other.ca),
        "the system's authorities": dict(url=bmc.url),
        "another name": dict(url=f"https://localhost:{bmc.port}", ca_file=authority.ca),
        "no TLS behind https": dict(url=f"https://127.0.0.1:{plain.port}", ca_file=authority.ca),
    }
    for name, keys in cases.items():
        channels, refusals, said = meters(tree, meters_file(where, entry("redfish", **keys)))
        reason = refusals.get("redfish/wall", {}).get("reason", "")
        is_good = "redfish/wall" not in channels and ("certificate" in reason or "TLS" in reason)
        ok(is_good, f"refused: {name}", said)
    channels, _, said = meters(tree, meters_file(where, entry("redfish", url=bmc.url, ca_file=authority.ca)))
    ok("redfish/wall" in channels, "and the right one is taken", said)


def secrets_hold(tree, where):
    device = Device("--basic", f"ann:{PASSWORD}")
    path = secret(where, "open", f"ann:{PASSWORD}", 0o644)
    text = entry("prometheus", url=device.url, query="node_watts", unit="1 W", credentials=path)
    channels, refusals, said = meters(tree, meters_file(where, text))
    refusal = refusals.get("prometheus/wall", {})
    ok("prometheus/wall" not in channels and refusal.get("step") == f"chmod 600 {path}",
       "credentials that others can read are refused with the step", said)
    ok(os.stat(path).st_mode & 0o7777 == 0o644, "and left as they are")
    ok(PASSWORD not in said and device.tell("requests") == "0", "unread, and nobody is asked")
    os.chmod(path, 0o600)
    channels, _, said = meters(tree, meters_file(where, text))
    ok("prometheus/wall" in channels and PASSWORD not in said, "after that step the meter is read", said)
    secret(where, "open", "ann:wrong")
    channels, refusals, said = meters(tree, meters_file(where, text))
    ok("credentials" in refusals.get("prometheus/wall", {}).get("step", ""), "a wrong password is named as such", said)


def libraries_missing(tree, where):
    """Files of their names that are no libraries stand in the way."""
    blocked = os.path.join(where, "blocked")
    os.mkdir(blocked)
    for name in ("libcurl.so.4", "libcurl-gnutls.so.4", "libnetsnmp.so.40"):
        with open(os.path.join(blocked, name), "w", encoding="ascii") as file:
            file.write("no library\n")
    texts = {
        "redfish/wall": (entry("redfish", url="https://127.0.0.1:1"), "apt install libcurl4"),
        "snmp/wall": (entry("snmp", url="udp:127.0.0.1:1", oid=APC + "7.1", unit="1 W"), "apt install libsnmp40"),
    }
    for what, (text, step) in texts.items():
        _, refusals, said = meters(tree, meters_file(where, text), LD_LIBRARY_PATH=blocked)
        ok(refusals.get(what, {}).get("step") == step, f"without its library {what} is refused with the step", said)


def faulty(tree, where):
    """What happens to a plug happens to the plug alone: the processor beside it loses no reading and no joule."""
    def run(fault):
        device = Device()
        book = Book(folder("book"))
        text = entry("shelly", url=device.url, timeout="1s", max_power="400 W")
        started = book.start(tree, burn("--sleep", 9), ["--meters", meters_file(where, text)])
        time.sleep(2.5)
        device.close() if fault == "vanish" else device.tell("fault", fault)
        time.sleep(4)
        if fault != "vanish":
            device.tell("fault", "none")
        outcome = started.wait()
        course = Device(course=COURSE) if fault == "vanish" else device
        return outcome, course

    faults = ("hang", "garbage", "503", "null", "redirect", "endless", "vanish")
    with concurrent.futures.ThreadPoolExecutor(len(faults)) as pool:
        runs = {fault: pool.submit(run, fault) for fault in faults}
    for fault, future in runs.items():
        outcome, device = future.result()
        cpu = outcome.line(PACKAGE) if outcome.account else None
        plug = line_of_channel(outcome.account, "shelly/wall") if outcome.account else None
        if not ok(outcome.code == 0 and cpu and plug, f"{fault}: the run ends", outcome.err):
            continue
        ok(cpu["n_failed"] == 0 and cpu["n_gaps"] == 0, f"{fault}: the processor loses no reading", cpu)
        truth = tree.energy_uj(PACKAGE, outcome.begin_ns, outcome.end_ns)
        ok(cpu["total_uj"]["low"] <= truth <= cpu["total_uj"]["high"], f"{fault}: and no joule", cpu["total_uj"])
        if fault == "vanish":
            most = 310 * 9 * 1000000
        else:
            most = device.energy_uj(outcome.begin_ns, outcome.end_ns) * Fraction(105, 100)
        ok(0 < plug["total_uj"]["best"] <= most, f"{fault}: the plug invents no joule", plug)
        seen = plug["coverage"]
        ok(plug["n_failed"] > 0 and seen["interpolated_ns"] + seen["unobserved_ns"] > 2 * S,
           f"{fault}: and what it did not see is told", plug)


def main():
    where = folder("network")
    os.chmod(where, 0o700)
    agent_of = Agent
    if not shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        diag("no snmpd here: SNMP is not measured")
        agent_of = None
    authority, other = Authority(where, "ours"), Authority(where, "theirs")
    with Tree({PACKAGE: "square:20:180:1300"}) as tree:
        all_true(tree, where, authority, agent_of)
        tls_holds(tree, where, authority, other)
        secrets_hold(tree, where)
        libraries_missing(tree, where)
        faulty(tree, where)
    done_testing()


main()
