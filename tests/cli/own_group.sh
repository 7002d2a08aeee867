#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Started alone in a control group, joulebook misses nothing that the run used: not even children that nobody waits for.
. tests/cli/lib.sh

[ -x /usr/bin/python3 ] || skip_all 'no python3'
group=
for mount in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/cpuacct; do
    folder=$mount/joulebook-test-$$
    if [ -e "$mount/cgroup.procs" ] && mkdir "$folder" 2>/dev/null; then
        if [ -e "$folder/cpuacct.usage" ] || grep -q usage_usec "$folder/cpu.stat" 2>/dev/null; then
            group=$folder
            break
        fi
        rmdir "$folder"
    fi
done
[ -n "$group" ] || skip_all 'no control group may be made here'
trap 'rmdir "$group"' EXIT

cat >"$JB_TMP/unwaited.py" <<'END'
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        begin = time.process_time()
        while time.process_time() - begin < 0.1:
            pass
        os._exit(0)
time.sleep(0.5)
END
bash -c "echo \$\$ >$group/cgroup.procs && exec \"$JOULEBOOK\" run --book \"$JB_TMP/b.db\" -- /usr/bin/python3 $JB_TMP/unwaited.py" \
    >"$out" 2>"$err"
jb_ok 'the run is in the book' report last --book "$JB_TMP/b.db" --format json
cpu_ns=$(json "$out" 'd["run"]["cpu_ns"]')
diag "CPU time: $cpu_ns ns"
ok 'all that three unwaited children used is its own: 0.3 s' test "$cpu_ns" -ge 300000000
ok 'and nothing of ours: below 0.45 s' test "$cpu_ns" -lt 450000000
done_testing
