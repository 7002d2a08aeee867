/* SPDX-License-Identifier: Apache-2.0 */
/* A control group that holds nobody but us: what a container, a Slurm step or a systemd scope gives. Rule R-CPU-07. */
#ifndef JB_SUBJECT_CGROUP_H
#define JB_SUBJECT_CGROUP_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/os.h"

/*
 * The folder of the control group in which process `self` is alone (version 2, or version 1 of cpuacct), for
 * jb_tree_use_cgroup. JB_E_NOT_FOUND where it shares its group with others, as in a login session: nothing is made or
 * moved to change that, because a command must find its limits where they were.
 */
JB_MUST_USE jb_rc jb_cgroup_of_own(const struct jb_os *os, pid_t self, char *ret_folder,
                                   size_t size);

#endif
