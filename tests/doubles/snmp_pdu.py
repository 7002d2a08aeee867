#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The outlets of a PDU behind net-snmp's own snmpd (pass_persist), in APC's objects: outlet 1 reads the course in whole watts
and in tenths of a kWh; outlet 2 in mJ as Counter32 (an object of ours, .99), outlet 3 cannot be measured: -1.
usage: snmp_pdu.py COURSE BASE_JOULES T0_NS"""

import sys
import time

sys.dont_write_bytecode = True
from course import Course, decimal  # noqa: E402

TABLE = ".1.3.6.1.4.1.318.1.1.26.9.4.3.1."


def main():
    course, base, t0_ns = Course(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for line in sys.stdin:
        word = line.strip()
        if word == "PING":
            print("PONG", flush=True)
            continue
        if word == "":
            return
        oid = sys.stdin.readline().strip()
        t_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - t0_ns
        joules = base + course.joules(t_ns)
        values = {
            TABLE + "7.1": ("integer", int(course.watts(t_ns))),
            TABLE + "11.1": ("integer", int(joules / 360000)),
            TABLE + "99.2": ("counter", int(joules * 1000) % 2**32),
            TABLE + "98.2": ("string", decimal(course.watts(t_ns), 2)),
            TABLE + "7.3": ("integer", -1),
        }
        if word == "get" and oid in values:
            kind, value = values[oid]
            print(f"{oid}\n{kind}\n{value}", flush=True)
        else:
            print("NONE", flush=True)


main()
