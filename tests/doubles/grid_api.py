#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""APIs of grids on loopback, answering as the real ones are documented to. usage: grid_api.py
Prints "ready PORT"; each question goes to standard error. Ends at the end of its input."""

import base64
import json
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BASIC = "Basic " + base64.b64encode(b"ann:secret").decode()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        print(self.path, file=sys.stderr, flush=True)
        if url.path.startswith("/v4/carbon-intensity/forecast"):
            if self.headers.get("auth-token") != "k3y" or self.headers.get("Authorization"):
                return self.answer(401, {"error": "Invalid auth-token"})
            hours = [{"carbonIntensity": g, "datetime": f"2026-01-01T{h:02}:00:00.000Z"} for h, g in enumerate([400, 200, 100, 300])]
            return self.answer(200, {"zone": query["zone"][0], "forecast": hours, "updatedAt": "2026-01-01T00:00:00.000Z"})
        if url.path == "/intensity/2026-01-01T00:00Z/fw48h":
            rows = [{"from": f"2026-01-01T{h:02}:{m:02}Z", "to": f"2026-01-01T{h + m // 30:02}:{(m + 30) % 60:02}Z",
                     "intensity": {"forecast": g, "actual": None, "index": "low"}}
                    for h, m, g in [(0, 0, 90), (0, 30, 80), (1, 0, 70), (1, 30, 60), (2, 0, 200)]]
            return self.answer(200, {"data": rows})
        if url.path == "/login":
            return self.answer(200, {"token": "t0ken"}) if self.headers.get("Authorization") == BASIC else self.answer(403, {})
        if url.path == "/v3/forecast":
            if self.headers.get("Authorization") != "Bearer t0ken":
                return self.answer(401, {})
            rows = [{"point_time": f"2026-01-01T{m // 60:02}:{m % 60:02}:00+00:00", "value": 1000 - m} for m in range(0, 240, 5)]
            meta = {"region": query["region"][0], "signal_type": query["signal_type"][0], "units": "lbs_co2_per_mwh",
                    "data_point_period_seconds": 300, "generated_at": "2026-01-01T00:00:00+00:00"}
            return self.answer(200, {"data": rows, "meta": meta})
        return self.answer(404, {})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"ready {server.server_address[1]}", flush=True)
sys.stdin.read()
