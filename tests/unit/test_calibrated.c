/* SPDX-License-Identifier: Apache-2.0 */
/* Parts' postings to the node's that no meter read: exact against a line of round figures, and applied only where it fits. */
#include "base/clock.h"
#include "book.h"
#include "pipeline/calibrated.h"

#define W INT64_C(1000000)

/* 57 W + 1.12 x, seen from 40 to 400 W. */
static const struct jb_calibration calibration = {
    .host = BOOK_HOST,
    .meter = "node/wall",
    .parts = {.n = 2, .ids = {"rapl/package-0", "rapl/package-1"}},
    .fit = {.offset_uw = 57 * W,
            .slope_ppm = 1120000,
            .residual_uw = 2 * W,
            .x_mean_uw = 200 * W,
            .x_spread_uw = 120 * W,
            .x_min_uw = 40 * W,
            .x_max_uw = 400 * W,
            .n_points = 100},
    .utc_us = INT64_C(1764000000000000),
};

static void set_channel(struct jb_channel *channel, const char *id, enum jb_scope scope,
                        enum jb_origin origin, enum jb_role role)
{
    memset(channel, 0, sizeof *channel);
    book_text(channel->id, sizeof channel->id, id);
    channel->scope = scope;
    channel->origin = origin;
    channel->role = role;
}

static void it_is_adopted_only_where_it_fits(void)
{
    struct jb_channel channels[4];
    char note[320];

    set_channel(&channels[0], "rapl/package-0", JB_SCOPE_PACKAGE, JB_ORIGIN_COUNTER, JB_ROLE_POST);
    set_channel(&channels[1], "rapl/package-1", JB_SCOPE_PACKAGE, JB_ORIGIN_COUNTER, JB_ROLE_POST);
    set_channel(&channels[2], "model/dram", JB_SCOPE_DRAM, JB_ORIGIN_MODELLED, JB_ROLE_POST);
    set_channel(&channels[3], "rapl/psys", JB_SCOPE_PSYS, JB_ORIGIN_COUNTER, JB_ROLE_CHECK);
    ok(!jb_calibrated_adopt(NULL, channels, 4, note, sizeof note) && !note[0],
       "without a calibration nothing happens");
    ok(jb_calibrated_adopt(&calibration, channels, 4, note, sizeof note),
       "the parts it was made with: it stands in (R-CAL-06)");
    is_str(channels[0].parent, JB_CALIBRATION_CHANNEL, "a part hangs below the node");
    is_str(channels[2].parent, JB_CALIBRATION_CHANNEL, "what a model posts too");
    is_str(channels[3].parent, "", "what only checks does not");

    channels[0].parent[0] = channels[1].parent[0] = channels[2].parent[0] = '\0';
    ok(!jb_calibrated_adopt(&calibration, channels, 1, note, sizeof note) && note[0],
       "one part is missing: not applied, and said (R-CAL-07): %s", note);
    set_channel(&channels[3], "gpu/GPU-1", JB_SCOPE_GPU, JB_ORIGIN_COUNTER, JB_ROLE_POST);
    ok(!jb_calibrated_adopt(&calibration, channels, 4, note, sizeof note) &&
           strstr(note, "gpu/GPU-1"),
       "a part that it does not know: not applied, and named");
    is_str(channels[0].parent, "", "and nothing was hung anywhere");
    set_channel(&channels[3], "node/bmc", JB_SCOPE_NODE, JB_ORIGIN_GAUGE, JB_ROLE_PARENT);
    ok(!jb_calibrated_adopt(&calibration, channels, 4, note, sizeof note) && !note[0],
       "a meter reads the node: nothing to say");
}

/* Ten seconds of a part, of the power given, for the lines of RUN_A and RUN_B in the ratio 3 to 1. */
static void add(struct jb_calibrated *calibrated, const char *channel, int64_t power_w,
                enum jb_origin origin)
{
    struct jb_interval interval = book_interval(channel, 100, 110, 0, 0);
    struct jb_line lines[4] = {{.amount_uj = 0}};

    interval.energy_uj = power_w * 10 * W;
    interval.origin = origin;
    book_text(interval.parent, sizeof interval.parent, JB_CALIBRATION_CHANNEL);
    lines[0] = book_line("meter", channel, -interval.energy_uj);
    lines[1] = book_line("run", RUN_A, interval.energy_uj * 3 / 4);
    lines[2] = book_line("run", RUN_B, interval.energy_uj / 4);
    jb_calibrated_add(calibrated, &interval, lines, 3);
}

static void the_node_is_the_line(void)
{
    struct jb_calibrated calibrated;
    struct jb_interval node;
    struct jb_line lines[JB_ENTRY_LINES_MAX];
    char note[320];
    size_t n = 0;
    bool is_there = false;
    int64_t sum = 0, all = 0;

    jb_calibrated_begin(&calibrated, &calibration);
    add(&calibrated, "rapl/package-0", 150, JB_ORIGIN_COUNTER);
    add(&calibrated, "rapl/package-1", 50, JB_ORIGIN_COUNTER);
    add(&calibrated, "model/dram", 20, JB_ORIGIN_MODELLED);
    is_i64(
        jb_calibrated_interval(&calibrated, &is_there, &node, lines, &n, note, sizeof note, NULL),
        JB_OK, "an interval of the node");
    ok(is_there, "there is one");
    is_i64(node.energy_uj, 2810 * W, "10 s of 57 W + 1.12 x 200 W are 2810 J");
    is_i64(-lines[0].amount_uj, 610 * W, "above 2000 J of its parts and 200 J of a model: 610 J");
    ok(strncmp(lines[0].account, "calibrated:", 11) == 0, "against calibrated, not a meter");
    ok(node.origin == JB_ORIGIN_CALIBRATED && node.role == JB_ROLE_PARENT,
       "as a calibrated parent");
    is_i64((int64_t)(node.count_end - node.count_start), node.energy_uj * 1000,
           "its counts prove it");
    ok(node.low_uj < 2810 * W && node.high_uj > 2810 * W && node.high_uj < 2900 * W, "with a band");
    for (size_t i = 0; i < n; i++) {
        sum += lines[i].amount_uj;
        all += lines[i].all_uj;
    }
    is_i64(sum, 0, "its lines sum to zero");
    is_i64(all, 610 * W, "the runs see all of the rest, by what each used");
    is_i64(lines[2].all_uj, 457500000, "three quarters for the one");
    ok(strstr(note, "57") && strstr(note, "1.12") && !strstr(note, "outside"), "said how: %s",
       note);

    struct jb_calibration coarse = calibration;
    struct jb_interval wide;
    coarse.accuracy_ppm = 50000;
    jb_calibrated_begin(&calibrated, &coarse);
    add(&calibrated, "rapl/package-0", 150, JB_ORIGIN_COUNTER);
    add(&calibrated, "rapl/package-1", 50, JB_ORIGIN_COUNTER);
    is_i64(
        jb_calibrated_interval(&calibrated, &is_there, &wide, lines, &n, note, sizeof note, NULL),
        JB_OK, "fitted to a meter that is right to 5 %%");
    ok(wide.energy_uj == node.energy_uj && wide.high_uj - wide.energy_uj >= 140500000 &&
           wide.energy_uj - wide.low_uj >= 140500000,
       "no nearer to the truth than that meter: 5 %% of 2810 J at least (R-CAL-05)");

    jb_calibrated_begin(&calibrated, &calibration);
    add(&calibrated, "rapl/package-0", 500, JB_ORIGIN_COUNTER);
    add(&calibrated, "rapl/package-1", 50, JB_ORIGIN_COUNTER);
    const int64_t narrow_uj = node.high_uj - node.energy_uj;
    is_i64(
        jb_calibrated_interval(&calibrated, &is_there, &node, lines, &n, note, sizeof note, NULL),
        JB_OK, "beyond what was seen");
    ok(node.high_uj - node.energy_uj >= narrow_uj + 168 * W && strstr(note, "outside"),
       "150 W beyond the range widen 10 s by 168 J, and it is said (R-CAL-05)");

    jb_calibrated_begin(&calibrated, &calibration);
    add(&calibrated, "rapl/package-0", 150, JB_ORIGIN_COUNTER);
    is_i64(
        jb_calibrated_interval(&calibrated, &is_there, &node, lines, &n, note, sizeof note, NULL),
        JB_OK, "a part that was not read in this segment");
    ok(!is_there, "gives no node");
    ok(strstr(note, "not applied") != NULL, "and it is said (R-CAL-07): %s", note);
}

int main(void)
{
    it_is_adopted_only_where_it_fits();
    the_node_is_the_line();
    return done_testing();
}
