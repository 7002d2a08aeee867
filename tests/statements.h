/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of statements: one that is right unless a test breaks it. */
#ifndef JB_TESTS_STATEMENTS_H
#define JB_TESTS_STATEMENTS_H

#include "tap.h"

#include "model/statement.h"

#define STS_SINCE INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define STS_H_US  INT64_C(3600000000)

TAP__UNUSED static char *sts_text(const char *text)
{
    char *const copy = strdup(text);

    if (!copy)
        bail_out("no memory");
    return copy;
}

TAP__UNUSED static struct jb_figure sts_figure(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){.is_known = true, .low = low, .best = best, .high = high};
}

/*
 * Two jobs in two hours of two hosts, in microjoules:
 *   41  work 700 (600 .. 900) of the processor, idle 50, platform 10, facility 152
 *   42  work 301 (301 .. 301) of a board, idle 0, platform 0, facility 60
 * of a book of 2000: items 1061, tenants 900, nobody 40, discrepancy -1; facility 400 = 212 + 180 + 8.
 */
TAP__UNUSED static struct jb_statement *sts_new(void)
{
    struct jb_statement *const statement = calloc(1, sizeof *statement);
    struct jb_statement_item *const items = calloc(2, sizeof *items);

    if (!statement || !items)
        bail_out("no memory");
    *statement = (struct jb_statement){
        .provider = "dc1",
        .recipient = "acme",
        .id = "acme",
        .by = "job",
        .software = "joulebook 1",
        .since_utc_us = STS_SINCE,
        .until_utc_us = STS_SINCE + 2 * STS_H_US,
        .issued_utc_us = STS_SINCE + 24 * STS_H_US,
        .round_uj = 1,
        .pue_milli = 1200,
        .n_items = 2,
        .items = items,
        .book = {2000, 1061, 900, 40, -1, true, 400, 212, 180, 8},
        .n_factors = 1,
        .factors = {{"PUE", "1.2", "stated by the provider", ""}},
        .n_notes = 1,
        .notes = {"one of the runs goes on"},
    };
    items[0] = (struct jb_statement_item){
        .name = "41",
        .hosts = sts_text("node-a\nnode-b\n"),
        .runs = sts_text("r1\nr2\n"),
        .n_runs = 2,
        .start_utc_us = STS_SINCE,
        .end_utc_us = STS_SINCE + STS_H_US,
        .duration_ns = INT64_C(7200000000000),
        .method = JB_METHOD_C2,
        .energy = {sts_figure(600, 700, 900), sts_figure(40, 50, 60), sts_figure(10, 10, 10),
                   sts_figure(130, 152, 194)},
        .device_uj = {[JB_DEVICE_CPU] = 500, [JB_DEVICE_DRAM] = 200},
        .origin_uj = {[JB_ORIGIN_COUNTER] = 650, [JB_ORIGIN_MODELLED] = 50},
        .coverage = {7000, 0, 100, 100},
        .n_gaps = 1,
    };
    items[1] = (struct jb_statement_item){
        .name = "42",
        .hardware = "NVIDIA A100 80GB",
        .hosts = sts_text("node-b\n"),
        .runs = sts_text("r3\n"),
        .n_runs = 1,
        .start_utc_us = STS_SINCE + STS_H_US,
        .end_utc_us = STS_SINCE + 2 * STS_H_US,
        .duration_ns = INT64_C(3600000000000),
        .board_ns = INT64_C(3600000000000),
        .method = JB_METHOD_C1,
        .energy = {sts_figure(301, 301, 301), sts_figure(0, 0, 0), sts_figure(0, 0, 0),
                   sts_figure(60, 60, 61)},
        .device_uj = {[JB_DEVICE_GPU] = 301},
        .origin_uj = {[JB_ORIGIN_GAUGE] = 301},
        .coverage = {0, 3600, 0, 0},
    };
    if (jb_statement_total(statement) < 0)
        bail_out("no total");
    return statement;
}

TAP__UNUSED static void sts_free(struct jb_statement *statement)
{
    jb_statement_release(statement);
    free(statement);
}

#endif
