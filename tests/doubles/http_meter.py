#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Meters that answer over HTTP as the real ones do: a Redfish BMC (current and older schema), Shelly plugs of both
languages, a Tasmota plug, a Prometheus server or what one scrapes (/metrics). One course of power stands behind all, whose integral is exact.

usage: http_meter.py --course COURSE [--base JOULES] [--t0 MONO_NS] [--tls CERT KEY] [--basic NAME:PASSWORD]
                     [--digest NAME:PASSWORD] [--tasmota NAME:PASSWORD] [--generation 1|2] [--renewal MS] [--scrape MS]

Prints "ready PORT T0_NS", T0 by CLOCK_MONOTONIC, then obeys lines on its standard input, each answered by "ok ...":
  energy A B      microjoules between two instants of CLOCK_MONOTONIC, as a fraction
  requests        how many were answered
  last            the Authorization header of the last one
  fault WHAT      hang, garbage, 401, 503, redirect, endless, null, none
  reset           the counts begin anew
At the end of its input it ends."""

import argparse
import base64
import hashlib
import json
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.dont_write_bytecode = True
from course import Course, decimal  # noqa: E402

NONCE = "60a1c1b2"
HOUR = 3600


class State:
    def __init__(self, args):
        self.args = args
        self.course = Course(args.course)
        self.t0_ns = args.t0 or time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        # Wall time of the course's beginning: samples of Prometheus carry it.
        self.utc0 = time.time() - (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self.t0_ns) / 1e9
        self.base = args.base
        self.fault = "none"
        self.n_requests = 0
        self.last = ""
        self.reset_time = "2026-01-01T00:00:00Z"

    def shown_ns(self):
        """A meter renews its values at its own pace."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self.t0_ns
        renewal = self.args.renewal * 1000000
        return now - now % renewal if renewal else now

    def watts(self):
        return self.course.watts(self.shown_ns())

    def joules(self):
        return self.base + self.course.joules(self.shown_ns())


def number(value, places):
    """JSON that is written as the device writes it, not as a float prints."""
    return decimal(value, places)


def shelly1(state):
    return (
        f'{{"power":{number(state.watts(), 2)},"overpower":0.00,"is_valid":true,"timestamp":{int(time.time())},'
        f'"counters":[0.000,0.000,0.000],"total":{int(state.joules() / 60)}}}'
    )


def shelly2(state):
    return (
        f'{{"id":0,"source":"init","output":true,"apower":{number(state.watts(), 1)},"voltage":230.1,"freq":50.0,'
        f'"current":1.000,"aenergy":{{"total":{number(state.joules() / HOUR, 3)},"by_minute":[0.000,0.000,0.000],'
        f'"minute_ts":{int(time.time()) // 60 * 60}}},"temperature":{{"tC":41.2,"tF":106.2}}}}'
    )


def tasmota(state):
    return (
        '{"StatusSNS":{"Time":"2026-11-23T07:15:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00",'
        f'"Total":{number(state.joules() / HOUR / 1000, 3)},"Yesterday":0.923,"Today":0.337,'
        f'"Power":{number(state.watts(), 0)},"ApparentPower":507,"ReactivePower":350,"Factor":0.72,"Voltage":235,'
        '"Current":2.156}}}'
    )


def redfish(state, path):
    def resource(kind, **rest):
        return json.dumps({"@odata.id": path, "@odata.type": f"#{kind}", **rest})

    root = "/redfish/v1"
    if path in (root, root + "/"):
        return resource("ServiceRoot.v1_15_0.ServiceRoot", Chassis={"@odata.id": root + "/Chassis"})
    if path == root + "/Chassis":
        members = [{"@odata.id": f"{root}/Chassis/{name}"} for name in ("Enclosure", "Self")]
        return resource("ChassisCollection.ChassisCollection", Members=members)
    if path == root + "/Chassis/Enclosure":
        return resource("Chassis.v1_10_0.Chassis", Id="Enclosure")
    if path in (root + "/Chassis/Self", root + "/Chassis/Older", root + "/Chassis/Watts"):
        links = {"EnvironmentMetrics": {"@odata.id": path + "/EnvironmentMetrics"}}
        if path.endswith("Older"):
            links = {"Power": {"@odata.id": path + "/Power"}}
        return resource("Chassis.v1_23_0.Chassis", **links)
    if path == root + "/Chassis/Self/Sensors/TotalPower":
        return resource(
            "Sensor.v1_7_0.Sensor",
            ReadingType="Power",
            ReadingUnits="W",
            Reading="@",
            ReadingTime=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            SensingInterval="PT1S",
            Accuracy=1.0,
        ).replace('"@"', number(state.watts(), 1))
    if path.endswith("/EnvironmentMetrics"):
        joules = ""
        if "/Self/" in path:
            joules = (
                f',"EnergyJoules":{{"Reading":{number(state.joules(), 0)},"SensorResetTime":"{state.reset_time}"}}'
                f',"EnergykWh":{{"Reading":{number(state.joules() / HOUR / 1000, 2)}}}'
            )
        return (
            f'{{"@odata.id":"{path}","@odata.type":"#EnvironmentMetrics.v1_3_0.EnvironmentMetrics","PowerWatts":'
            f'{{"Reading":{number(state.watts(), 1)},"DataSourceUri":"{root}/Chassis/Self/Sensors/TotalPower"}}{joules}}}'
        )
    if path == root + "/Chassis/Older/Power":
        return (
            f'{{"@odata.id":"{path}","@odata.type":"#Power.v1_5_3.Power","PowerControl":[{{"MemberId":"0",'
            f'"PowerConsumedWatts":{number(state.watts(), 0)},"PowerMetrics":{{"IntervalInMin":30,'
            '"AverageConsumedWatts":1}}]}'
        )
    return None


def prometheus(state, query):
    """Scrapes at whole multiples of the scrape interval since the course began."""
    scrape_ns = state.args.scrape * 1000000
    now_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - state.t0_ns

    def sample(t_ns, at):
        value = state.base + state.course.joules(t_ns) if "joules" in query else state.course.watts(t_ns)
        return [round(at, 3), decimal(value, 6)]

    def answer(kind, result):
        return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}})

    last = now_ns // scrape_ns
    if query.endswith("[5m]"):
        first = max(0, last - 5 * 60 * 1000 // state.args.scrape)
        values = [sample(n * scrape_ns, state.utc0 + n * scrape_ns / 1e9) for n in range(first, last + 1)]
        return answer("matrix", [{"metric": {"__name__": query[:-4]}, "values": values}])
    return answer("vector", [{"metric": {}, "value": sample(last * scrape_ns, time.time())}])


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def request_fields(text):
    """Of a Digest header: name="value" or name=value."""
    fields = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        fields[name] = value.strip('"')
    return fields


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def log_message(self, *_args):
        pass

    def reply(self, status, body="", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain" if self.path == "/metrics" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def digest_holds(self, name, password):
        """RFC 7616 with SHA-256 and qop=auth, as Shelly's second generation has it."""
        given = self.headers.get("Authorization", "")
        if not given.startswith("Digest "):
            return False
        fields = request_fields(given[7:])
        if fields.get("username") != name or fields.get("nonce") != NONCE:
            return False
        secret = sha256(f"{name}:plug:{password}")
        what = sha256(f"GET:{self.path}")
        want = sha256(f"{secret}:{NONCE}:{fields['nc']}:{fields['cnonce']}:auth:{what}")
        return fields.get("response") == want and fields.get("uri") == self.path

    def may_answer(self, path):
        args = self.state.args
        if path == "/shelly":
            return True
        if args.basic:
            want = "Basic " + base64.b64encode(args.basic.encode()).decode()
            if self.headers.get("Authorization") != want:
                self.reply(401, "", [("WWW-Authenticate", 'Basic realm="meter"')])
                return False
        if args.digest and not self.digest_holds(*args.digest.split(":", 1)):
            challenge = f'Digest qop="auth", realm="plug", nonce="{NONCE}", algorithm=SHA-256'
            self.reply(401, "", [("WWW-Authenticate", challenge)])
            return False
        return True

    def suffers(self):
        fault = self.state.fault
        if fault == "hang":
            while self.state.fault == "hang":
                time.sleep(0.05)
            self.close_connection = True
        elif fault == "garbage":
            self.reply(200, '{"power": 12.')
        elif fault == "null":
            self.reply(200, "null")
        elif fault in ("401", "503"):
            self.reply(int(fault))
        elif fault == "redirect":
            self.reply(302, "", [("Location", "http://127.0.0.1:1/")])
        elif fault == "endless":
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            try:
                for _ in range(64):
                    self.wfile.write(b" " * 65536)
            except OSError:
                pass
        else:
            return False
        return True

    def body(self, path, query):
        state = self.state
        if path == "/shelly":
            if state.args.generation == 1:
                return '{"type":"SHPLG-S","mac":"E868E7AABBCC","auth":false,"fw":"20230913","num_meters":1}'
            return '{"id":"shellyplusplugs-e465b8","mac":"E465B8","model":"SNPL-00112EU","gen":2,"auth_en":false}'
        if path == "/meter/0" and state.args.generation == 1:
            return shelly1(state)
        if path == "/rpc/Switch.GetStatus" and query.get("id") == ["0"] and state.args.generation == 2:
            return shelly2(state)
        if path == "/cm":
            if state.args.tasmota and [state.args.tasmota] != [
                f"{name}:{password}" for name, password in zip(query.get("user", []), query.get("password", []))
            ]:
                return '{"WARNING":"Need user=<username>&password=<password>"}'
            return tasmota(state) if query.get("cmnd") in (["Status 10"], ["Status 8"]) else '{"Command":"Unknown"}'
        if path == "/metrics":
            joules = decimal(state.joules(), 6)
            return f'node_joules_total{{node="a"}} {joules}\nnode_watts {decimal(state.watts(), 6)}\n'
        if path == "/api/v1/query":
            return prometheus(state, query["query"][0])
        return redfish(state, path)

    def do_GET(self):
        self.state.n_requests += 1
        self.state.last = self.headers.get("Authorization", "")
        url = urllib.parse.urlsplit(self.path)
        if self.suffers() or not self.may_answer(url.path):
            return
        body = self.body(url.path, urllib.parse.parse_qs(url.query))
        if body is None:
            self.reply(404, "{}")
        else:
            self.reply(200, body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever gave up waiting is no error of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def obey(state):
    for line in sys.stdin:
        words = line.split()
        answer = ""
        if words[0] == "energy":
            a, b = (int(word) - state.t0_ns for word in words[1:3])
            answer = str((state.course.joules(b) - state.course.joules(a)) * 1000000)
        elif words[0] == "requests":
            answer = str(state.n_requests)
        elif words[0] == "last":
            answer = state.last
        elif words[0] == "fault":
            state.fault = words[1]
        elif words[0] == "reset":
            state.base -= state.joules()
            state.reset_time = "2026-11-23T00:00:00Z"
        print("ok", answer, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--course", required=True)
    parser.add_argument("--base", type=int, default=1000000)
    parser.add_argument("--t0", type=int, default=0)
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--basic", default="")
    parser.add_argument("--digest", default="")
    parser.add_argument("--tasmota", default="")
    parser.add_argument("--generation", type=int, default=2)
    parser.add_argument("--renewal", type=int, default=0)
    parser.add_argument("--scrape", type=int, default=1000)
    args = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    if args.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*args.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state = State(args)
    Handler.state = state
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", server.server_address[1], state.t0_ns, flush=True)
    obey(state)


main()
