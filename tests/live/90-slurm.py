#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real Slurm of one node, its database and all, on loopback: jobs run, `sacct` tells of them, and the book has every one
of them once with the hours that Slurm counted. R-BOOKS-01, R-BOOKS-05, R-BOOKS-20, R-BOOKS-21, R-BOOKS-23, R-REBUILT-07, -08.

All of it are processes and files of this test, none of the machine's services; it ends them also when it fails itself.
"""

import atexit
import calendar
import contextlib
import ctypes
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from lib_live import JOULEBOOK, Book, Tree, diag, done_testing, environment, equal, need_tools, ok, skip, skip_all, wait_for

PROGRAMS = ("mariadbd", "munged", "slurmdbd", "slurmctld", "slurmd", "sbatch", "sacct", "sacctmgr", "scancel", "sinfo", "squeue")
SYSTEM_TABLES = "/usr/share/mysql/mysql_system_tables.sql"
SUBREAPER, DEATHSIG = 36, 1  # of prctl(2)
COLUMNS = (
    "JobID,JobIDRaw,JobName,Cluster,Account,User,Partition,State,ExitCode,Submit,Start,End,Elapsed,ElapsedRaw,AllocTRES,"
    "AllocCPUS,NCPUS,NNodes,AllocNodes,NodeList,ReqMem,TotalCPU,ConsumedEnergy,ConsumedEnergyRaw,TRESUsageInTot,WorkDir"
)
UNIT = "\x1f"
LIBC = ctypes.CDLL(None, use_errno=True)

need_tools()
os.environ["PATH"] += ":/usr/sbin:/sbin"
missing = [name for name in PROGRAMS if not shutil.which(name)]
if missing or not os.path.exists(SYSTEM_TABLES):
    skip_all(f"no {', '.join(missing) or SYSTEM_TABLES} here: tools/packages.txt, section test")

HOME = tempfile.mkdtemp(prefix="jb-slurm.", dir="/tmp")  # its scripts are run from there, and sockets have short names
os.chmod(HOME, 0o755)
ME = pwd.getpwuid(os.getuid()).pw_name
HOST = socket.gethostname().split(".")[0]


def place(*names):
    return os.path.join(HOME, *names)


def descendants():
    """Every process below this one, also those that daemons left behind: their nearest subreaper is this test."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                parents.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
    found, todo = [], [os.getpid()]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def end_all():
    """No process and no file of it is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in descendants():
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        wait_for(has_no_child, 3 if number == signal.SIGTERM else 5)
    shutil.rmtree(HOME, ignore_errors=True)


def has_no_child():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return not descendants()
    return True


LIBC.prctl(SUBREAPER, 1, 0, 0, 0)
atexit.register(end_all)
for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(ending, lambda *unused: sys.exit(1))


def write(name, text, mode=0o644):
    with open(place(name), "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(place(name), mode)
    return place(name)


def start(name, *argv):
    """A daemon in the foreground, that goes when this test is killed."""
    with open(place(name + ".out"), "wb") as out:
        return subprocess.Popen(
            [name, *argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=ENV, cwd=HOME,
            preexec_fn=lambda: LIBC.prctl(DEATHSIG, signal.SIGKILL, 0, 0, 0),
        )  # fmt: skip


def call(*argv, as_nobody=False, check=True, **more):
    prefix = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if as_nobody else []
    done = subprocess.run(
        [*prefix, *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False, cwd=HOME,
        env=dict(ENV, **more),
    )  # fmt: skip
    if check and done.returncode != 0:
        raise AssertionError(f"{argv}: {done.returncode}\n{done.stderr}")
    return done.stdout


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def cannot(what, name):
    with open(place(name), encoding="utf-8", errors="replace") as file:
        diag("".join(file.readlines()[-12:]))
    skip_all(f"a Slurm of this test's own cannot start here: {what}")


# --- Slurm ------------------------------------------------------------------------------------------------------------

MARIADB = ["--no-defaults", f"--datadir={place('db')}", f"--user={ME}", "--skip-log-bin", "--innodb-log-file-size=8M",
           "--innodb-buffer-pool-size=32M"]  # fmt: skip
ENV = dict(environment(), SLURM_CONF=place("slurm.conf"), MYSQL_UNIX_PORT=place("sql"), LC_ALL="C.UTF-8", TZ="UTC")
for name in [name for name in ENV if name.startswith(("SLURM_", "SBATCH_", "SACCT_")) and name != "SLURM_CONF"]:
    del ENV[name]


def configure():
    dbd, ctld, node = free_ports(3)
    munge = place("munge", "socket")
    for name in ("db", "munge", "state", "spool", "jobs"):
        os.mkdir(place(name), 0o755)
    os.chmod(place("jobs"), 0o777)
    with open(place("key"), "wb") as file:
        file.write(os.urandom(128))
    os.chmod(place("key"), 0o600)
    for name in ("gpu0", "gpu1"):
        write(name, "")
    write("gres.conf", f"Name=gpu Type=a100 File={place('gpu[0-1]')}\n")
    write("cgroup.conf", "CgroupPlugin=cgroup/v1\n")
    write("slurmdbd.conf", f"""AuthType=auth/munge
AuthInfo=socket={munge}
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={dbd}
SlurmUser={ME}
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=jobs
PidFile={place('slurmdbd.pid')}
LogFile={place('slurmdbd.log')}
""", 0o600)  # fmt: skip
    write("slurm.conf", f"""ClusterName=jbtest
SlurmctldHost={HOST}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={munge}
CredType=cred/munge
SlurmUser={ME}
SlurmdUser={ME}
StateSaveLocation={place('state')}
SlurmdSpoolDir={place('spool')}
SlurmctldPidFile={place('slurmctld.pid')}
SlurmdPidFile={place('slurmd.pid')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
PlugStackConfig=/dev/null
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={dbd}
AccountingStoragePass={munge}
AccountingStorageTRES=gres/gpu,gres/gpu:a100
AccountingStoreFlags=job_comment
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
KillWait=1
GresTypes=gpu
NodeName=node1 NodeHostname={HOST} NodeAddr=127.0.0.1 CPUs=32 RealMemory=65536 Gres=gpu:a100:2
PartitionName=ml Nodes=node1 Default=YES MaxTime=INFINITE
""")  # fmt: skip
    return dbd


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def start_slurm():
    dbd = configure()
    with open(SYSTEM_TABLES, encoding="utf-8") as tables:
        made = subprocess.run(
            ["mariadbd", *MARIADB, "--bootstrap"], text=True, capture_output=True, check=False, timeout=60,
            input="create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n" + tables.read(),
        )  # fmt: skip
    if made.returncode != 0:
        diag(made.stderr[-2000:])
        skip_all("MariaDB cannot make its tables here")
    start("mariadbd", *MARIADB, f"--socket={place('sql')}", f"--pid-file={place('sql.pid')}", "--skip-networking",
          "--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout=900")  # fmt: skip
    start("munged", "-F", f"--key-file={place('key')}", f"--socket={place('munge', 'socket')}",
          f"--pid-file={place('munge', 'pid')}", f"--log-file={place('munge', 'log')}",
          f"--seed-file={place('munge', 'seed')}")  # fmt: skip
    if not wait_for(lambda: os.path.exists(place("sql")), 20):
        cannot("no database", "mariadbd.out")
    if not wait_for(lambda: os.path.exists(place("munge", "socket")), 10):
        cannot("no munge", "munged.out")
    start("slurmdbd", "-D")
    if not wait_for(lambda: answers(dbd), 20):
        cannot("no slurmdbd", "slurmdbd.out")
    call("sacctmgr", "-i", "add", "cluster", "jbtest", check=False)
    start("slurmctld", "-D")
    start("slurmd", "-D")
    for _ in range(40):
        with contextlib.suppress(subprocess.TimeoutExpired):
            if "idle" in call("timeout", "2", "sinfo", "-h", "-o", "%T", check=False):
                return
        time.sleep(0.2)
    cannot("no idle node", "slurmctld.out")


def submit(name, script, *options, as_nobody=False):
    """The number of a job."""
    return call("sbatch", "--parsable", "--mem=100M", "-D", place("jobs"), "-o", place("jobs", "%j.out"), "-J", name,
                *options, write(f"{len(os.listdir(HOME))}.sh", "#!/bin/sh\n" + script + "\n", 0o755),
                as_nobody=as_nobody).strip()  # fmt: skip


def sacct(name, columns, *options, **more):
    """A file of what sacct prints."""
    text = call("sacct", "-a", *options, "--format=" + columns, **more)
    return write(name, text)


def rows(path, delimiter=UNIT):
    with open(path, encoding="utf-8") as file:
        names, *lines = [line.rstrip("\n").split(delimiter) for line in file]
    return [dict(zip(names, line)) for line in lines]


def is_over(state):
    return not state.startswith(("PENDING", "RUNNING", "COMPLETING", "REQUEUED"))


# --- the book ---------------------------------------------------------------------------------------------------------


def enter(book, path, *options):
    code, out, err = book.ask("import", "sacct", path, "--json", *options)
    if not ok(code == 0, f"{os.path.basename(path)} is read", err):
        return {"runs": [], "left": [], "n_new": 0, "n_same": 0, "n_superseded": 0}
    return json.loads(out)


def counts(told):
    return told["n_new"], told["n_same"], told["n_superseded"]


def machine_ns(book):
    return json.loads(book.ask("balance", "--against", "jobs", "--json")[1])["all"]["told"]["machine_ns"]


def of_jobs(book):
    return json.loads(book.ask("balance", "--against", "jobs", "--json")[1])["all"]


def utc_us(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S")) * 1000000


def ended(jobs):
    """The rows of jobs, not of steps, that took time and are over."""
    return [job for job in jobs if "." not in job["JobID"] and is_over(job["State"]) and job["ElapsedRaw"] != "0"]


def must_be_told(book, job, run_id):
    """What Slurm says of a job is what the book says of its run."""
    run = json.loads(book.ask("show", run_id, "--json")[1])["run"]
    code, sign = (int(part) for part in job["ExitCode"].split(":"))
    tags = dict(tag.split("=", 1) for tag in run["tags"])
    got = (run["start_utc_us"], run["end_utc_us"], run["project"], run["user"], run["configuration"], run["host"],
           run["directory"], run["exit_code"], run["machine_ns"], run["environment"],
           tags["job"], tags["state"], tags["partition"], tags["nodes"], tags["cluster"])  # fmt: skip
    want = (utc_us(job["Start"]), utc_us(job["End"]), job["Account"], job["User"], job["JobName"], job["NodeList"],
            job["WorkDir"], 128 + sign if sign else code, int(job["ElapsedRaw"]) * 10**9, {"SLURM_JOB_ID": job["JobIDRaw"]},
            job["JobID"], job["State"], job["Partition"], job["NodeList"], job["Cluster"])  # fmt: skip
    equal(got, want, f"job {job['JobID']} ({job['JobName']}, {job['State']}) is told as Slurm tells it")


def must_sum_to(book, jobs, when):
    told = of_jobs(book)["told"]
    want = [sum(int(j["ElapsedRaw"]) * int(j["NNodes"]) for j in jobs) * 10**9,
            sum(int(j["ElapsedRaw"]) for j in jobs if "gres/gpu=1" in j["AllocTRES"]) * 10**9, len(jobs)]  # fmt: skip
    equal([told["machine_ns"], told["gpu_ns"], told["n_runs"]], want, f"machine and GPU hours are Slurm's own {when}")


def refuses(book, path, part):
    before = len(book.runs())
    code, out, err = book.ask("import", "sacct", path)
    ok(code == 3 and part in err and "--delimiter=$'\\x1f'" in err, f"{os.path.basename(path)} is refused with advice", err)
    equal(len(book.runs()), before, "and nothing of it is entered")


def is_taken_out(book, told, number):
    """The measured run inside a job is the same work, and stays alone in the sums."""
    found = [run for run in told["runs"] if run["key"].startswith(f"jbtest {number} ")]
    runs = {run["id"]: run for run in book.runs()}
    twin = runs.get(found[0]["same_as"], {}) if found else {}
    if not equal((len(found), twin.get("layer")), (1, "measured"), "the run that was measured inside a job is found by its number"):
        return
    ok(not any(run["same_as"] for run in told["runs"] if run not in found), "and taken for no other job")
    code, out, err = book.ask("amend", found[0]["run_id"], "--same-as", twin["id"], "--reason", "measured inside of it")
    equal(code, 0, "it can be reconciled")
    diag(err) if code else None
    equal(of_jobs(book)["n_reconciled"], 1, "then the job counts as logged")
    book.must_balance("after the two were reconciled")


began = time.monotonic()
start_slurm()
diag(f"slurm answers after {time.monotonic() - began:.1f} s")
book = Book()
tree = Tree({"package-0": "const:60"})
submit("two", "srun -n1 sleep 1\nsrun -n2 sleep 1", "-n", "2")
submit("array", "sleep 1", "--array=0-2")
submit("bad", "sleep 1\nexit 3")
submit("a|b", "sleep 1", "--comment=x|y")
submit("gpu", "sleep 2", "--gres=gpu:1")
measured = submit("measured", f"{JOULEBOOK} run --sensors-root {tree.root} --book {book.path} -- sleep 3")
gone = submit("gone", "sleep 60")
late = submit("late", "sleep 9")
if os.getuid() == 0:
    submit("nobody", "sleep 1", as_nobody=True)
else:
    skip("a second user needs root")


def states():
    return {r["JobIDRaw"]: r["State"] for r in rows(sacct("states", "JobIDRaw,State", "-X", "-P", "--delimiter=" + UNIT))}


if wait_for(lambda: states().get(gone) == "RUNNING", 10):
    time.sleep(1.1)
call("scancel", gone)
wait_for(lambda: all(is_over(s) for number, s in states().items() if number != late), 15)
diag(f"jobs are over after {time.monotonic() - began:.1f} s")
full = sacct("full", COLUMNS, "-P", "--delimiter=" + UNIT)
jobs = rows(full)
ran = ended(jobs)
equal(sorted({job["JobName"] for job in ran}), sorted({"two", "array", "bad", "a|b", "gpu", "measured", "gone"} |
      ({"nobody"} if os.getuid() == 0 else set())), "all kinds of jobs ran")  # fmt: skip
few = sacct("few", "JobIDRaw,Cluster,State,Start,End,ElapsedRaw,NCPUS", "-P", "--delimiter=,")
told = enter(book, few)
equal(counts(told), (len(ran), 0, 0), "by the fewest columns every job that ran is in the book")
told = enter(book, full)
equal(counts(told), (0, 0, len(ran)), "by all columns each takes the place of what was told of it before")
entered = told
left = {entry["reason"]: entry["n"] for entry in told["left"]}
equal(left.get("a step of a job"), sum("." in job["JobID"] for job in jobs), "steps are told, none is a run")
equal(left.get("still running"), 1, "so is the job that runs")
by_key = {run["key"]: run["run_id"] for run in told["runs"]}
equal(sorted(by_key), sorted(f"jbtest {j['JobIDRaw']} {j['Start']}Z" for j in ran), "known by cluster, number and start")
for job in ran:
    must_be_told(book, job, by_key.get(f"jbtest {job['JobIDRaw']} {job['Start']}Z", "?"))
must_sum_to(book, ran, "while one job runs")
equal(counts(enter(book, full)), (0, len(ran), 0), "the same file again changes nothing")
zone = "CET-1"
equal(counts(enter(book, sacct("zone", COLUMNS, "-P", "--delimiter=" + UNIT, TZ=zone), "--utc-offset", "1"))[:2],
      (0, len(ran)), "nor does the same in another time zone")  # fmt: skip
seconds = sacct("seconds", COLUMNS, "-P", "--delimiter=" + UNIT, SLURM_TIME_FORMAT="%s")
equal(counts(enter(book, seconds))[:2], (0, len(ran)), "nor with times in seconds since 1970")
equal(counts(enter(book, sacct("p", COLUMNS, "-p", "--delimiter=;"))), (0, len(ran), 0), "nor with a delimiter at the end")
refuses(book, sacct("bars", COLUMNS, "-P"), "fields under a header of")
refuses(book, sacct("commas", COLUMNS, "-P", "--delimiter=,"), "fields under a header of")
book.must_balance("after all of them")

wait_for(lambda: is_over(states()[late]), 15)
now = ended(rows(sacct("later", COLUMNS, "-P", "--delimiter=" + UNIT)))
told = enter(book, place("later"))
equal(counts(told), (1, len(ran), 0), "when the last job is over, it alone is new")
equal(len(now), len(ran) + 1, "which Slurm tells as well")
must_sum_to(book, now, "in the end")
is_taken_out(book, entered, measured)
tree.close()
diag(f"all of it took {time.monotonic() - began:.1f} s")
done_testing()
