/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions of issue: a file of YAML to a policy, and a policy judged over an inventory. R-CERT-07. The file's form is in
 * docs/format/certificate.md.
 */
#ifndef JB_CERTIFICATE_POLICY_H
#define JB_CERTIFICATE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "certificate/certificate.h"
#include "model/inventory.h"

#define JB_POLICY_STAGES_MAX 16
#define JB_POLICY_STAGE      48
#define JB_POLICY_STAGES_LEN \
    119 /* of all of them with ", " between: what a condition has room for */

struct jb_policy {
    int64_t coverage_ppm, against_ppm; /* -1: not asked for */
    bool no_unexplained_gaps, no_open_runs, energy_of_every_run, issue_only_if_met;
    size_t n_stages;
    char stages[JB_POLICY_STAGES_MAX][JB_POLICY_STAGE];
};

/* JB_E_INPUT "NAME:LINE:COLUMN: ...", also where it asks for nothing. */
JB_MUST_USE jb_rc jb_policy_parse(const char *name, const void *bytes, size_t len,
                                  struct jb_policy *ret, struct jb_error *err);

/* Every condition of the policy, in a fixed order. `against_ppm` -1: nobody told hours to hold them against. What is
 * withheld is judged, and found "withheld". */
void jb_policy_judge(const struct jb_policy *policy, const struct jb_inventory *inventory,
                     int64_t against_ppm, bool are_stages_withheld, bool is_against_withheld,
                     struct jb_certificate_condition ret_conditions[JB_CERTIFICATE_CONDITIONS_MAX],
                     size_t *ret_n);

#endif
