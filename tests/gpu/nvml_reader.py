# SPDX-License-Identifier: Apache-2.0
"""Another reader of the driver's library, by ctypes: what Joulebook's figures are held against. Nothing of Joulebook's."""

import ctypes
import time

LIMIT = 96


class Board:
    def __init__(self, library, index):
        self.library = library
        self.handle = ctypes.c_void_p()
        must(library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(self.handle)), "a handle")

    def text(self, call):
        buffer = ctypes.create_string_buffer(LIMIT)
        return buffer.value.decode() if getattr(self.library, call)(self.handle, buffer, LIMIT) == 0 else ""

    @property
    def uuid(self):
        return self.text("nvmlDeviceGetUUID")

    @property
    def name(self):
        return self.text("nvmlDeviceGetName")

    def energy_mj(self):
        """None where there is no counter."""
        value = ctypes.c_ulonglong()
        return value.value if self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle, ctypes.byref(value)) == 0 else None

    def power_mw(self):
        value = ctypes.c_uint()
        return value.value if self.library.nvmlDeviceGetPowerUsage(self.handle, ctypes.byref(value)) == 0 else None

    def field(self, number, scope=0):
        entry = (ctypes.c_uint8 * 40)()
        ctypes.memmove(entry, number.to_bytes(4, "little") + scope.to_bytes(4, "little"), 8)
        if self.library.nvmlDeviceGetFieldValues(self.handle, 1, entry) != 0:
            return None
        raw = bytes(entry)
        kind, rc = int.from_bytes(raw[24:28], "little"), int.from_bytes(raw[28:32], "little")
        return int.from_bytes(raw[32 : 36 if kind == 1 else 40], "little") if rc == 0 and kind in (1, 2, 3) else None

    def is_mig(self):
        now, later = ctypes.c_uint(), ctypes.c_uint()
        try:
            return self.library.nvmlDeviceGetMigMode(self.handle, ctypes.byref(now), ctypes.byref(later)) == 0 and now.value == 1
        except AttributeError:
            return False


def must(rc, what):
    if rc != 0:
        raise OSError(f"the driver's library gives no {what}: error {rc}")


def boards():
    library = ctypes.CDLL("libnvidia-ml.so.1")
    count = ctypes.c_uint()
    must(library.nvmlInit_v2(), "start")
    must(library.nvmlDeviceGetCount_v2(ctypes.byref(count)), "count")
    return [Board(library, i) for i in range(count.value)]


def driver_version():
    buffer = ctypes.create_string_buffer(LIMIT)
    library = ctypes.CDLL("libnvidia-ml.so.1")
    return buffer.value.decode() if library.nvmlSystemGetDriverVersion(buffer, LIMIT) == 0 else "unknown"


def renewals(read, seconds):
    """How often a value changes: (median and longest time between two changes in ms, mean time of one call in us)."""
    last, changes, n = read(), [], 0
    begin = time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        value = read()
        n += 1
        if value != last:
            changes.append(now)
            last = value
        time.sleep(0.0005)
    steps = sorted(b - a for a, b in zip(changes, changes[1:]))
    calls = 200
    since = time.monotonic()
    for _ in range(calls):
        read()
    call_us = (time.monotonic() - since) / calls * 1e6
    return (steps[len(steps) // 2] * 1000 if steps else None, steps[-1] * 1000 if steps else None, call_us)
