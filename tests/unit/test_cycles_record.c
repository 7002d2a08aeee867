/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline/cycles_record: counts to a line of the spool and back; what is no such line is none. R-CYCLES-06. */
#include "base/num.h"
#include "pipeline/cycles_record.h"
#include "pipeline/marks_file.h"
#include "tap.h"

static void there_and_back(void)
{
    struct jb_cycles cycles = {.is_user_only = true, .paranoid = 2}, back;
    char line[JB_MARK_TEXT];
    struct jb_error err;

    jb_cycles_settle(2300000000000, 4000, 3000, &cycles.counts[JB_CYCLES_INSTRUCTIONS]);
    jb_cycles_settle(1230000000000, 4000, 4000, &cycles.counts[JB_CYCLES_CYCLES]);
    jb_cycles_absent(JB_CYCLES_DENIED, 2, &cycles.counts[JB_CYCLES_REFERENCE]);
    is_i64(jb_cycles_to_line(&cycles, line, sizeof line, &err), JB_OK, "counts fit a line");
    is_i64(line[0], JB_MARK_OURS, "that no training can write");
    is_i64(jb_cycles_from_line(line, &back, &err), JB_OK, "and come back");
    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        const struct jb_cycles_count *const a = &cycles.counts[i], *const b = &back.counts[i];
        ok(a->is_known == b->is_known && a->low == b->low && a->best == b->best &&
               a->high == b->high && a->raw == b->raw && a->enabled_ns == b->enabled_ns &&
               a->running_ns == b->running_ns,
           "event %d as it was", i);
        is_str(b->why_not, a->why_not, "with its reason");
    }
    ok(back.is_user_only && back.paranoid == 2, "and how it was counted");
    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        jb_cycles_settle(INT64_MAX, INT64_MAX, INT64_MAX, &cycles.counts[i]);
    cycles.paranoid = JB_PARANOID_UNKNOWN;
    is_i64(jb_cycles_to_line(&cycles, line, sizeof line, &err), JB_OK, "the greatest counts fit");
    is_i64(jb_cycles_from_line(line, &back, &err), JB_OK, "and come back too");
    is_i64(back.counts[1].best, INT64_MAX, "whole");
    is_i64(jb_cycles_to_line(&cycles, line, 20, &err), JB_E_RANGE, "a short place is not overrun");
}

static void others(void)
{
    static const char *const lines[] = {
        "",
        "cycles 0 2 0 1 1 1 0 1 1 1 0 1 1 1",
        "\x01prediction epoch 1 2 3",
        "\x01"
        "cycles",
        "\x01"
        "cycles 0 2 0 1 1 1 0 1 1 1 0 1 1",
        "\x01"
        "cycles 0 2 0 1 1 1 0 1 1 1 0 1 1 x",
        "\x01"
        "cycles 0 2 -1 1 1 1 0 1 1 1 0 1 1 1",
    };
    struct jb_cycles cycles = {.paranoid = 77};

    for (size_t i = 0; i < JB_ARRAY_LEN(lines); i++)
        is_i64(jb_cycles_from_line(lines[i], &cycles, NULL), JB_E_INPUT, "line %d is none", (int)i);
    is_i64(cycles.paranoid, 77, "and nothing was written");
    is_i64(jb_cycles_from_line("\x01"
                               "cycles 0 2 99 0 0 0 0 1 1 1 0 1 1 1",
                               &cycles, NULL),
           JB_OK, "a reason of a later version");
    ok(!cycles.counts[0].is_known && cycles.counts[0].why_not[0], "is still a reason");
}

int main(void)
{
    there_and_back();
    others();
    return done_testing();
}
