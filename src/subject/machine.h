/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's CPU time and memory: /proc/stat and /proc/meminfo to struct jb_machine. Never guesses a figure that
 * the kernel did not give. Rules R-CPU-20 (busy), R-CPU-21 (capacity), R-CPU-22 (memory): docs/method/processes.md.
 *
 * A reader belongs to one thread at a time.
 */
#ifndef JB_SUBJECT_MACHINE_H
#define JB_SUBJECT_MACHINE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/os.h"
#include "model/subject.h"

struct jb_machine_reader;

/* /proc/meminfo is read at most this often; in between the last figure stands. */
#define JB_MACHINE_MEMORY_PERIOD_NS INT64_C(10000000000)

/* Opens /proc/stat and /proc/meminfo and reads both once, so that what cannot work here fails here. `os` is copied. */
JB_MUST_USE jb_rc jb_machine_open(const struct jb_os *os, struct jb_machine_reader **ret_reader,
                                  struct jb_error *err);
void jb_machine_close(struct jb_machine_reader *reader); /* NULL is allowed */

/*
 * R-CPU-20: busy = user + nice + system + irq + softirq of the first line of /proc/stat (guest time is inside user);
 * idle, iowait and steal are not busy. R-CPU-21: capacity = all of them, steal included: two processes that read at
 * the same instant agree, whenever each began. Both in steps of one clock tick, since boot, and never falling (iowait
 * may step back in the kernel). R-CPU-22: memory used = MemTotal - MemAvailable.
 */
JB_MUST_USE jb_rc jb_machine_read(struct jb_machine_reader *reader, const struct jb_clock *clock,
                                  struct jb_machine *ret_machine, struct jb_error *err);

JB_AUTO_POINTER(struct jb_machine_reader, jb_machine_close)

#endif
