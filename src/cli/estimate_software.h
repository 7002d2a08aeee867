/* SPDX-License-Identifier: Apache-2.0 */
/* The factors of method A among the options of `joulebook estimate`. R-CYCLES-11. */
#ifndef JB_CLI_ESTIMATE_SOFTWARE_H
#define JB_CLI_ESTIMATE_SOFTWARE_H

#include "cli/options.h"
#include "estimate/method_a.h"
#include "report/report_estimate.h"

/* For a command's table of options. */
#define JB_SOFTWARE_OPTIONS                                                                      \
    {0, "instructions", "N", "method A: instructions executed, such as 2e12", false},            \
        {0, "cpi", "RATIO", "method A: cycles per instruction, such as 0.8", false},             \
        {0, "epc", "ENERGY", "method A: energy per cycle, such as 1.1nJ", false},                \
        {0, "activity", "SHARE", "method A: share switched in a cycle, such as 0.2", false},     \
        {0, "capacitance", "C", "method A: capacitance of the processor, such as 1.2nF", false}, \
        {0, "voltage", "V", "method A: its voltage, such as 1.1V", false},                       \
    {                                                                                            \
        0, "frequency", "F", "method A: its frequency, such as 2.4GHz", false                    \
    }

JB_MUST_USE jb_rc jb_software_from_options(const struct jb_args *args, struct jb_software *ret,
                                           struct jb_error *err);
/* What was said of it, after the fields of the work. */
void jb_software_inputs(const struct jb_software *software, struct jb_estimate_told *told);

#endif
