#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`joulebook top` beside runs on a scripted machine (R-LIVE-*): what it shows is what is posted, on a pipe and on a
terminal; it reads no meter twice and leaves the recording as it was."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import time

from lib_live import JOULEBOOK, Book, Tree, burn, diag, done_testing, environment, equal, must_sum, need_tools, ok

need_tools()
UNITS = {"mJ": 1e-3, "J": 1.0, "Wh": 3600.0, "mW": 1e-3, "W": 1.0, "kW": 1e3}


def top(book, *words):
    done = subprocess.run(
        [JOULEBOOK, "top", "--once", "--book", book.path, *words],
        capture_output=True, text=True, env=environment(LC_ALL="C.UTF-8"), check=False,
    )
    if done.returncode != 0:
        diag(done.stderr)
    return done.stdout.splitlines()


def row(lines, word):
    return next((line for line in lines if word in line), "")


def figures(line):
    """Every "number unit" of a line, in J or W."""
    return [float(n) * UNITS[u] for n, u in re.findall(r"([\d.]+) (mJ|J|Wh|mW|W|kW)\b", line)]


book = Book()
tree = Tree({"package-0": "const:60", "package-0/dram": "const:10", "psys": "const:200"})
marked = ["sh", "-c", 'echo "epoch 1 accuracy=0.5" >> "$JOULEBOOK_MARKS"; exec "$@"', "sh"]
# As the run itself writes it into its spool (docs/format/spool.md): 1 kWh in 2 h, made in the second second.
PREDICTION = "0 0 \x01prediction epoch 1 9 2000000000" + \
    " 3240000000000 3600000000000 3960000000000 7000000000000 7200000000000 7400000000000 - - - - - - -\n"
first = book.start(
    tree, marked + burn("--wall", "13"),
    ["--place", "NL", "--tariff", "0.3", "--currency", "EUR", "--model", "resnet50"],
)
time.sleep(1.5)
second = book.start(tree, ["sleep", "10"], ["--model", "idler"])
time.sleep(7)
for folder, _, names in os.walk(book.path + ".spool"):
    for name in names:
        if name.startswith("seen-"):
            with open(os.path.join(folder, name), "a", encoding="utf-8") as seen:
                seen.write(PREDICTION)
lines = top(book)
package = figures(row(lines, "rapl/package-0 "))
ok("recording" in lines[0], "it says that somebody records", lines[0])
ok(len(package) == 2 and abs(package[0] - 60) < 3, "a meter of 60 W is shown with 60 W", row(lines, "rapl/package-0 "))
ok(abs(figures(lines[0])[0] - 70) < 3.5, "package and memory are the machine; psys is not added", lines[0])
ok("dram" in row(lines, "rapl/package-0/dram") and "psys" in row(lines, "psys"), "every meter is in the tree", lines)
busy, idle = row(lines, "resnet50"), row(lines, "idler")
ok("epoch 1 accuracy=0.5" in busy, "the last mark is shown", busy)
ok("prediction" not in busy, "a prediction is no mark", busy)
ok(re.search(r"predicted: 1.00 kWh \(900 Wh to 1.10 kWh\) of all meters, 2 h 00 min left", row(lines, "predicted:")),
   "what is predicted stands below it", lines)  # fmt: skip
ok("EUR" in busy and "mg" in busy and "EUR" not in idle, "carbon and cost where place and tariff were given", busy)
busy_j, idle_j = figures(busy)[1], figures(idle)[1]
ok(busy_j > 20 * idle_j, "the run that works has the energy", busy + "\n" + idle)
one, two = first.wait(), second.wait()
posted_j = one.account["energy_uj"]["best"] / 1e6
ok(0 < busy_j <= posted_j, "and no more than was posted to it in the end", f"{busy_j} {posted_j}")
equal((one.code, two.code), (0, 0), "the runs go on undisturbed")
book.must_balance("after it was looked at")
must_sum(book, "after it was looked at")

lines = top(book, "--sensors-root", tree.root)
ok("nobody records" in lines[0], "without a run the meters are read by the view itself", lines[0])
ok(abs(figures(row(lines, "rapl/package-0 "))[0] - 60) < 3, "with the same power", row(lines, "rapl/package-0 "))
tree.tell("vanish", "package-0/dram")

# On a terminal: drawn, scrolled, ended by a key, and the terminal given back.
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", LINES="24", COLUMNS="100")
    os.execv(JOULEBOOK, [JOULEBOOK, "top", "--book", book.path, "--sensors-root", tree.root, "--interval", "200ms"])
seen, keys = b"", [b"j", b"k", b"q"]
until = time.monotonic() + 20
while time.monotonic() < until:
    ready, _, _ = select.select([fd], [], [], 0.7)
    if ready:
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    if keys and b"rapl/package-0" in seen and (keys[0] != b"q" or b"\xe2\x96" in seen):
        os.write(fd, keys.pop(0))
if keys:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
equal(status, 0, "on a terminal it ends by 'q'")
ok(b"\x1b[?1049h" in seen and b"\x1b[?1049l" in seen, "the terminal's own screen comes back")
ok("█".encode() in seen, "the course of power is drawn")

# Runs one after the other, each shorter than a look: the log is emptied between two looks and as long again.
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", LINES="24", COLUMNS="100")
    os.execv(JOULEBOOK, [JOULEBOOK, "top", "--book", book.path, "--sensors-root", tree.root, "--interval", "1500ms"])


def read_for(seconds, until=None):
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end and not (until and until in seen):
        if select.select([fd], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                seen += os.read(fd, 65536)
    return seen


for n in range(6):
    short = book.start(tree, ["sleep", "1.1"], ["--model", "abcdefgh"])
    read_for(0.05)
    short.wait()
last = book.start(tree, ["sleep", "6"], ["--model", "STUVWXYZ"])
shown = read_for(5, b"STUVWXYZ")
ok(b"STUVWXYZ" in shown, "the run that is measured now is shown, not one that went", shown[-400:])
last.wait()
os.write(fd, b"q")
with contextlib.suppress(OSError):
    while os.read(fd, 65536):
        pass
os.waitpid(pid, 0)

# Asked to end by a signal, it gives the terminal back as by 'q'.
for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", LINES="24", COLUMNS="100")
        os.execv(JOULEBOOK, [JOULEBOOK, "top", "--book", book.path, "--sensors-root", tree.root])
    read_for(5, b"arrows")
    os.kill(pid, asked)
    shown = read_for(2, b"\x1b[?1049l")
    _, status = os.waitpid(pid, 0)
    ok(status == 0 and b"\x1b[?1049l" in shown, f"{asked.name} ends it, and the terminal's own screen comes back", status)

# Without a keyboard it waits for time to pass, and does not ask for keys as fast as it can.
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", LINES="24", COLUMNS="100")
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.execv(JOULEBOOK, [JOULEBOOK, "top", "--book", book.path, "--sensors-root", tree.root])
read_for(3)
os.kill(pid, signal.SIGTERM)
_, _, usage = os.wait4(pid, 0)
ok(usage.ru_utime + usage.ru_stime < 1.0, "without a keyboard it rests between two looks",
   f"{usage.ru_utime + usage.ru_stime} s of CPU in 3 s")
tree.close()
done_testing()
