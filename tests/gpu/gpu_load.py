#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keep one board busy for a part of the time, with nothing but the driver: a small kernel through libcuda, or PyTorch.

The first line says by what means, once the board is ready; the last how many launches there were and how long they took.
"""

import argparse
import ctypes
import sys
import time

PTX = b""".address_size 64
.visible .entry burn(.param .u64 to, .param .u32 n)
{
    .reg .f32 %f<5>;
    .reg .u32 %r<2>;
    .reg .u64 %rd<2>;
    .reg .pred %p<2>;
    ld.param.u64 %rd1, [to];
    ld.param.u32 %r1, [n];
    mov.f32 %f1, 0f3F800000;
    mov.f32 %f2, 0f3F7FFFFE;
    mov.f32 %f3, 0f33D6BF95;
    mov.f32 %f4, 0f3F000000;
again:
    fma.rn.f32 %f1, %f1, %f2, %f3;
    fma.rn.f32 %f4, %f4, %f2, %f3;
    fma.rn.f32 %f1, %f1, %f2, %f3;
    fma.rn.f32 %f4, %f4, %f2, %f3;
    sub.u32 %r1, %r1, 1;
    setp.ne.u32 %p1, %r1, 0;
    @%p1 bra again;
    add.f32 %f1, %f1, %f4;
    st.global.f32 [%rd1], %f1;
    ret;
}
\0"""
# A driver compiles for the board it finds; the oldest targets go out of use.
TARGETS = (b".version 6.3\n.target sm_75\n", b".version 6.0\n.target sm_50\n")
BLOCKING_SYNC = 4


class Driver:
    """The kernel above on every multiprocessor; `run(n)` waits until it has ended."""

    name = "a kernel through libcuda"

    def __init__(self, index):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        device, context, module = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
        self.function, self.memory = ctypes.c_void_p(), ctypes.c_uint64()
        self.call("cuInit", 0)
        self.call("cuDeviceGet", ctypes.byref(device), index)
        self.call("cuDevicePrimaryCtxSetFlags_v2", device, BLOCKING_SYNC)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.call("cuCtxSetCurrent", context)
        for i, target in enumerate(TARGETS):
            try:
                self.call("cuModuleLoadData", ctypes.byref(module), target + PTX)
                break
            except OSError:
                if i + 1 == len(TARGETS):
                    raise
        self.call("cuModuleGetFunction", ctypes.byref(self.function), module, b"burn")
        self.call("cuMemAlloc_v2", ctypes.byref(self.memory), ctypes.c_size_t(64 << 20))

    def call(self, name, *arguments):
        rc = getattr(self.cuda, name)(*arguments)
        if rc != 0:
            raise OSError(f"{name} answers {rc}")

    def run(self, n):
        to, count = ctypes.c_uint64(self.memory.value), ctypes.c_uint32(n)
        parameters = (ctypes.c_void_p * 2)(ctypes.cast(ctypes.byref(to), ctypes.c_void_p),
                                           ctypes.cast(ctypes.byref(count), ctypes.c_void_p))  # fmt: skip
        self.call("cuLaunchKernel", self.function, 2048, 1, 1, 256, 1, 1, 0, None, parameters, None)
        self.call("cuCtxSynchronize")


class Torch:
    """Products of matrices."""

    name = "PyTorch"

    def __init__(self, index):
        import torch

        if not torch.cuda.is_available():
            raise OSError("PyTorch sees no CUDA")
        self.torch = torch
        torch.cuda.set_device(index)
        self.a = torch.randn(2048, 2048, device="cuda")

    def run(self, n):
        for _ in range(max(1, n // 1000)):
            self.a = (self.a @ self.a).clamp(-1, 1)
        self.torch.cuda.synchronize()


def make(index):
    why = []
    for kind in (Driver, Torch):
        try:
            return kind(index)
        except (OSError, ImportError, AttributeError) as error:
            why.append(f"{kind.name}: {error}")
    sys.exit("no load: " + "; ".join(why))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--duty", type=float, default=1.0, help="part of each period that the board is kept busy")
    parser.add_argument("--period", type=float, default=0.2)
    parser.add_argument("--device", type=int, default=0)
    arguments = parser.parse_args()

    board = make(arguments.device)
    n = 1000
    board.run(n)
    # So long a launch that starting it costs nothing, and so short that the duty can be kept.
    for _ in range(20):
        since = time.monotonic()
        board.run(n)
        took = time.monotonic() - since
        if took > 0.01:
            break
        n = int(n * min(8, max(1.5, 0.012 / max(took, 1e-5))))
    print(f"ready: {board.name}", flush=True)
    n_launches, busy, begin = 0, 0.0, time.monotonic()
    while (now := time.monotonic()) < begin + arguments.seconds:
        period_end = begin + (int((now - begin) / arguments.period) + 1) * arguments.period
        until = period_end - (1 - arguments.duty) * arguments.period
        while (since := time.monotonic()) < until:
            board.run(n)
            n_launches, busy = n_launches + 1, busy + time.monotonic() - since
        if arguments.duty < 1:
            time.sleep(max(0.0, period_end - time.monotonic()))
    print(f"launches {n_launches} busy {busy:.3f} of {time.monotonic() - begin:.3f} s", flush=True)


if __name__ == "__main__":
    main()
