#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Exporters of energy in one: DCGM's, Kepler's, the node exporter's and IPMI's metrics of a node, on a loopback port. Each
scrape is one more step of exactly known size, and stands as a line of JSON on stdout: {"name": "value as served"}.
Counters of the GPU fall back at step RESET. Ends when stdin does; a line on it ends the answers."""

import argparse
import http.server
import json
import sys
import threading

RESET = 12
POWER = "700.5"


def values(step):
    def micro(uj):
        return f"{uj // 1000000}.{uj % 1000000:06d}"

    gpu_mj = 123456789 + 250017 * step if step < RESET else 17 + 300001 * (step - RESET)
    return {
        'ipmi_dcmi_power_consumption_watts{id="1"}': POWER,
        'ipmi_power_watts{id="7",name="PSU1"}': "333",
        'node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"}': micro(262000000001 + 101000003 * step),
        'node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl-mmio:0"}': micro(9000001 + 101000003 * step),
        'node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0"}': micro(77 + 7000001 * step),
        'node_rapl_core_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:1"}': micro(50000011 * step),
        'kepler_node_cpu_joules_total{zone="package",path="/sys/class/powercap/intel-rapl:0"}': micro(101000000 * step),
        'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-1a2b",Hostname="x"}': str(gpu_mj),
        'DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-1a2b",Hostname="x"}': "255.25",
        'node_load1': "0.5",
    }


class Handler(http.server.BaseHTTPRequestHandler):
    lock = threading.Lock()
    step = 0
    is_over = False

    def do_GET(self):
        with Handler.lock:
            if Handler.is_over:
                self.send_error(503)
                return
            now = values(Handler.step)
            body = "".join(f"{name} {value}\n" for name, value in now.items()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            Handler.step += 1
            print(json.dumps(now), flush=True)

    def log_message(self, *args):
        pass


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"ready {server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for _ in sys.stdin:
        with Handler.lock:
            Handler.is_over = True
            print("over", flush=True)


main()
