/* SPDX-License-Identifier: Apache-2.0 */
/* Postings to what runs used and bear: by hand, and a thousand made up at random that must close. R-STATEMENT-01 to -06. */
#include "statement_book.h"

#include "base/num.h"
#include "statement/share.h"

#define N_RUNS 6

static struct jb_share_run runs[N_RUNS];

static struct jb_share *begin(enum jb_idle_rule rule, int64_t pue_milli)
{
    struct jb_share *share = NULL;
    struct jb_error err = {0};

    memset(runs, 0, sizeof runs);
    for (size_t i = 0; i < N_RUNS; i++) /* not in their order */
        (void)snprintf(runs[i].id, sizeof runs[i].id, ST_RUN "%zu", (i * 5 + 3) % N_RUNS + 1);
    book_must(jb_share_new(ST_T0, ST_T0 + 2 * ST_H_US, rule, pue_milli, runs, N_RUNS, &share, &err),
              &err, "share");
    return share;
}

static struct jb_line line_of(const char *account, int64_t amount_uj, int64_t reserved_uj,
                              int64_t all_uj)
{
    struct jb_line line = {.amount_uj = amount_uj,
                           .has_share = true,
                           .low_uj = amount_uj,
                           .high_uj = amount_uj,
                           .reserved_uj = reserved_uj,
                           .all_uj = all_uj};

    (void)snprintf(line.account, sizeof line.account, "%s", account);
    return line;
}

static void must_take(struct jb_share *share, const struct jb_interval *interval,
                      const struct jb_line *lines, size_t n)
{
    struct jb_error err = {0};

    book_must(jb_share_take(share, interval, lines, n, &err), &err, "take");
}

static void test_rules(void)
{
    const struct jb_interval package = st_interval("node-a", "rapl/package-0", 0, 100);
    const struct jb_line lines[] = {
        line_of("meter:node-a/rapl/package-0", -100000000, 0, 0),
        line_of("run:" ST_RUN "1", 10, 30000010, 50000005),
        line_of("run:" ST_RUN "2", 5, 40000005, 49999995),
        line_of("idle:node-a", 60000000, 0, 0),
        line_of("others:node-a", 39999985, 0, 0),
    };
    struct jb_share *share = begin(JB_IDLE_RESERVED, -1);

    must_take(share, &package, lines, 5);
    /* 30 + 40 J are kept of 60: 25714285.71 and 34285714.29 */
    is_i64(runs[0].energy.idle_uj.best, 25714286, "more reserved than idle is cut in proportion");
    is_i64(runs[1].energy.idle_uj.best, 34285714, "by largest remainder");
    is_i64(jb_share_rest(share)->nobody_idle_uj, 0, "and nobody has any");
    jb_share_free(share);
    share = begin(JB_IDLE_ALL, -1);
    must_take(share, &package, lines, 5);
    is_i64(runs[0].energy.idle_uj.best + runs[1].energy.idle_uj.best, 60000000,
           "by the view 'all' those present bear all of it");
    /* 60 J x 50000005 / 100000000 */
    is_i64(runs[0].energy.idle_uj.best, 30000003, "in its proportion");
    jb_share_free(share);
}

static void test_none_used(void)
{
    const struct jb_interval package = st_interval("node-a", "rapl/package-0", 0, 1);
    const struct jb_line lines[] = {
        line_of("meter:node-a/rapl/package-0", -1000000, 0, 0),
        line_of("run:" ST_RUN "1", 0, 0, 0),
        line_of("run:" ST_RUN "2", 0, 0, 0),
        line_of("idle:node-a", 1000000, 0, 0),
    };
    struct jb_share *const share = begin(JB_IDLE_ALL, -1);

    must_take(share, &package, lines, 4);
    is_i64(runs[0].energy.idle_uj.best, 500000, "where none used any they bear alike");
    is_i64(runs[0].energy.work_uj.best, 0, "and none has work");
    ok(runs[0].energy.work_uj.is_known && runs[0].is_there, "which is known to be none");
    jb_share_free(share);
}

static void test_left_out(void)
{
    struct jb_share *const share = begin(JB_IDLE_RESERVED, -1);
    struct jb_interval interval = st_interval("node-a", "rapl/package-0", 2, 1);
    const struct jb_line lines[] = {line_of("meter:node-a/x", -1000000, 0, 0),
                                    line_of("run:" ST_RUN "1", 1000000, 0, 0)};
    struct jb_error err = {0};

    must_take(share, &interval, lines, 2);
    is_i64(jb_share_rest(share)->n_postings, 0, "the hour after the period is not in it");
    interval = st_interval("node-a", "rapl/package-0", 1, 1);
    interval.semantics = JB_SEMANTICS_TOLD;
    must_take(share, &interval, lines, 2);
    is_i64(jb_share_rest(share)->n_postings, 0, "nor what a paper told");
    interval = st_interval("node-a", "rapl/package-0", 1, 1);
    interval.utc_end_us++;
    is_i64(jb_share_take(share, &interval, lines, 2, &err), JB_E_INPUT,
           "a microsecond across the end is told (R-STATEMENT-01)");
    ok(strstr(err.message, "2026-01-01T01:00:00Z") != NULL, "with its times");
    ok(strstr(err.message, "2026-01-01T02:00:00") != NULL, "both of them");
    jb_share_free(share);
}

static void test_wall(void)
{
    struct jb_share *const share = begin(JB_IDLE_RESERVED, 1500);
    struct jb_interval node = st_interval("node-a", "plug/0", 0, 10);
    const struct jb_line lines[] = {line_of("meter:node-a/plug/0", -10000000, 0, 0),
                                    line_of("run:" ST_RUN "1", 10000000, 10000000, 10000000)};
    struct jb_error err = {0};

    node.scope = JB_SCOPE_NODE;
    book_must(jb_share_look(share, &node, &err), &err, "look");
    must_take(share, &node, lines, 2);
    ok(!runs[0].energy.facility_uj.is_known, "at the wall no PUE is applied (R-STATEMENT-05)");
    is_i64(jb_share_rest(share)->wall_uj, 10000000, "and of how much is kept");
    node.scope = JB_SCOPE_PACKAGE;
    book_text(node.host, sizeof node.host, "node-b");
    book_must(jb_share_look(share, &node, &err), &err, "look");
    must_take(share, &node, lines, 2);
    is_i64(runs[0].energy.facility_uj.best, 5000000, "elsewhere it is half as much again");
    jb_share_free(share);
}

/* Anything at all, of which some runs are void and some nobody knows. */
static uint64_t state = 1;
static int64_t random_below(int64_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((state >> 33) % (uint64_t)n);
}

static void take_random(struct jb_share *share, int64_t *metered_uj, int64_t *facility_base_uj)
{
    struct jb_interval interval =
        st_interval(random_below(2) ? "node-a" : "node-b", "rapl/package-0", random_below(2), 0);
    struct jb_line lines[12];
    const bool is_parent = random_below(4) == 0;
    const int64_t n = random_below(8);
    int64_t sum_uj = 0;
    size_t k = 1;

    for (int64_t i = 0; i < n; i++) {
        char account[64];
        const int64_t amount_uj = is_parent ? 0 : random_below(1000);
        (void)snprintf(account, sizeof account, "run:" ST_RUN "%lld", (long long)i + 1);
        lines[k++] = line_of(account, amount_uj, amount_uj + random_below(500), random_below(2000));
        sum_uj += amount_uj;
    }
    if (is_parent) {
        const int64_t rest_uj = random_below(3000) - 500;
        lines[k++] = line_of(rest_uj < 0 ? "discrepancy:node-a" : "platform:node-a", rest_uj, 0, 0);
        sum_uj += rest_uj;
        *facility_base_uj += 0;
    } else {
        const int64_t idle_uj = random_below(2000);
        const int64_t others_uj = random_below(1000);
        lines[k++] = line_of("idle:node-a", idle_uj, 0, 0);
        lines[k++] = line_of("others:node-a", others_uj, 0, 0);
        sum_uj += idle_uj + others_uj;
    }
    lines[0] = line_of("meter:node-a/x", -sum_uj, 0, 0);
    interval.role = is_parent ? JB_ROLE_PARENT : JB_ROLE_POST;
    interval.energy_uj = is_parent ? 10000 : sum_uj;
    interval.low_uj = interval.energy_uj * 9 / 10;
    interval.high_uj = interval.energy_uj * 11 / 10;
    must_take(share, &interval, lines, k);
    *metered_uj += sum_uj;
}

static void test_closes(enum jb_idle_rule rule)
{
    struct jb_share *const share = begin(rule, 1337);
    const struct jb_share_rest *const rest = jb_share_rest(share);
    int64_t metered_uj = 0;
    int64_t base_uj = 0;
    int64_t sum_uj = 0;
    int64_t facility_uj = 0;
    bool is_in_order = true;

    runs[2].is_void = true;
    for (int i = 0; i < 1000; i++)
        take_random(share, &metered_uj, &base_uj);
    for (size_t i = 0; i < N_RUNS; i++) {
        struct jb_statement_energy *const energy = &runs[i].energy;
        jb_share_facility_band(energy);
        sum_uj += energy->work_uj.best + energy->idle_uj.best + energy->platform_uj.best;
        facility_uj += energy->facility_uj.best;
        is_in_order = is_in_order && energy->work_uj.low <= energy->work_uj.best &&
                      energy->work_uj.best <= energy->work_uj.high &&
                      energy->idle_uj.low <= energy->idle_uj.best &&
                      energy->idle_uj.best <= energy->idle_uj.high &&
                      energy->facility_uj.low <= energy->facility_uj.best &&
                      energy->facility_uj.best <= energy->facility_uj.high;
    }
    is_i64(rest->metered_uj, metered_uj, "all that meters gave was taken");
    is_i64(sum_uj + rest->others_uj + rest->nobody_idle_uj + rest->nobody_platform_uj +
               rest->discrepancy_uj,
           metered_uj, "runs, others, nobody and discrepancy are all of it (R-STATEMENT-04)");
    is_i64(facility_uj + rest->facility_others_uj + rest->facility_nobody_uj, rest->facility_uj,
           "and so is the facility");
    ok(is_in_order, "every band is in order");
    ok(!runs[2].is_there && runs[2].energy.work_uj.best == 0, "a void run has nothing");
    jb_share_free(share);
}

static void test_too_much(void)
{
    struct jb_share *const share = begin(JB_IDLE_RESERVED, -1);
    struct jb_interval interval = st_interval("node-a", "rapl/package-0", 0, 0);
    const int64_t half = INT64_MAX / 2 + 1;
    const struct jb_line lines[] = {line_of("meter:node-a/x", -half, 0, 0),
                                    line_of("run:" ST_RUN "1", half, half, half)};
    struct jb_error err = {0};

    interval.energy_uj = half;
    must_take(share, &interval, lines, 2);
    interval = st_interval("node-a", "rapl/package-0", 1, 0);
    interval.energy_uj = half;
    is_i64(jb_share_take(share, &interval, lines, 2, &err), JB_E_RANGE, "2.56 GWh are too much");
    ok(strstr(err.hint, "shorter") != NULL, "with what to do");
    jb_share_free(share);
}

int main(void)
{
    test_rules();
    test_none_used();
    test_left_out();
    test_wall();
    test_closes(JB_IDLE_RESERVED);
    test_closes(JB_IDLE_ALL);
    test_too_much();
    return done_testing();
}
