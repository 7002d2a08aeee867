/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of several meters to postings: a parent's rest over the same spans as its parts, holes, resets. R-PROM-07, -08. */
#include "history.h"

#define PACKAGE "node_rapl_package_joules_total"
#define DCMI    "ipmi_dcmi_power_consumption_watts"
#define GPU     "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
#define J       INT64_C(1000000)
#define S_NS    INT64_C(1000000000)

static struct answer answer;
static struct jb_error err;
static struct jb_ledger *ledger;
static struct book_folder folder;

struct sums {
    int64_t meter_uj, run_uj, platform_uj, discrepancy_uj;
    int64_t n_intervals;
    int64_t seen_ns, unobserved_ns; /* of the run's channels */
};

static jb_rc see(void *arg, int64_t seq, const struct jb_interval *interval,
                 const struct jb_line *lines, size_t n_lines, struct jb_error *why)
{
    struct sums *const sums = arg;

    (void)seq;
    (void)why;
    sums->n_intervals++;
    sums->seen_ns += interval->counter_ns + interval->gauge_ns + interval->interpolated_ns;
    sums->unobserved_ns += interval->unobserved_ns;
    for (size_t i = 0; i < n_lines; i++) {
        const int64_t uj = lines[i].amount_uj;
        const char kind = lines[i].account[0];
        sums->meter_uj += kind == 'm' ? -uj : 0;
        sums->run_uj += kind == 'r' ? uj : 0;
        sums->platform_uj += kind == 'p' ? uj : 0;
        sums->discrepancy_uj += kind == 'd' ? uj : 0;
    }
    return JB_OK;
}

static struct sums enter(const char *host, const int64_t *times_ms,
                         struct jb_history_result *result)
{
    struct sums sums = {0};

    answer_end(&answer);
    book_must(history_import(ledger, &folder, &answer, host, times_ms, result, &err), &err,
              "import");
    book_must(jb_ledger_each_interval(ledger, result->account.run.id, see, &sums, &err), &err,
              "each interval");
    return sums;
}

/* Node 500 W every 10 s from `a_s` to `b_s`, half a second behind the whole. */
static void add_node(int64_t a_s, int64_t b_s)
{
    answer_ramp(&answer, a_s * 1000 + 500, 10000, (size_t)((b_s - a_s) / 10 + 1), 500 * J, 0);
}

static void test_hours(void)
{
    struct jb_history_result result;
    struct sums sums;

    answer_begin(&answer);
    answer_series(&answer, DCMI, "");
    add_node(3560, 3640);
    answer_series(&answer, PACKAGE, "\"index\":\"0\"");
    answer_ramp(&answer, 3560000, 10000, 9, 7, 1000 * J + 1);
    sums = enter("hours", NULL, &result);
    is_i64(sums.n_intervals, 4, "a span of both on either side of the hour");
    is_i64(sums.run_uj, 8 * (1000 * J + 1), "nothing of the part is lost at the hour");
    is_i64(sums.platform_uj + sums.run_uj, 80 * 500 * J, "the parent's rest fills up its reading");
    is_i64(sums.meter_uj, sums.platform_uj + sums.run_uj, "meters give what is charged");
    is_i64(sums.seen_ns, 160 * S_NS, "all of both is seen");
    jb_history_result_release(&result);
}

static void test_parent_hole(void)
{
    struct jb_history_result result;
    struct sums sums;

    answer_begin(&answer);
    answer_series(&answer, DCMI, "");
    add_node(0, 100);
    add_node(300, 400);
    answer_series(&answer, PACKAGE, "\"index\":\"0\"");
    answer_ramp(&answer, 0, 10000, 41, 0, 1000 * J);
    sums = enter("hole", NULL, &result);
    is_i64(history_told(&result, "node/dcmi")->energy_uj, 200 * 500 * J,
           "a power is not held over minutes");
    is_i64(sums.run_uj, 40 * 1000 * J, "the part went on");
    is_i64(sums.platform_uj, 200 * 500 * J - 20 * 1000 * J,
           "what it had meanwhile is taken out of nothing (R-PROM-08)");
    is_i64(sums.discrepancy_uj, 0, "so nothing seems to be missing");
    is_i64(sums.unobserved_ns, 200 * S_NS, "and the parent's hole is unobserved");
    jb_history_result_release(&result);
}

static void test_reset(void)
{
    static const char *const values[] = {"5000", "7000", "9000", "11", "2011", "4011"};
    struct jb_history_result result;
    struct sums sums;

    answer_begin(&answer);
    answer_series(&answer, GPU, "\"UUID\":\"GPU-1\"");
    /* The hour begins between the reading that fell and the next one, which says that it was no slip. */
    for (size_t i = 0; i < JB_ARRAY_LEN(values); i++)
        answer_at(&answer, 3565000 + (int64_t)i * 11000, values[i]);
    sums = enter("reset", NULL, &result);
    is_i64(sums.run_uj, 8 * J, "2 + 2 J before, 2 + 2 J after the counter was reset");
    is_i64(history_told(&result, "gpu/GPU-1")->n_resets, 1, "which is told");
    is_i64(sums.unobserved_ns, 11 * S_NS, "and its time is unobserved");
    is_i64(sums.seen_ns, 44 * S_NS, "the rest is seen");
    jb_history_result_release(&result);

    answer_begin(&answer);
    answer_series(&answer, GPU, "\"UUID\":\"GPU-1\"");
    for (size_t i = 0; i < JB_ARRAY_LEN(values); i++)
        answer_at(&answer, (int64_t)i * 10000, i == 3 ? "NaN" : values[i < 3 ? i : 2]);
    sums = enter("stale", NULL, &result);
    is_i64(sums.run_uj, 4 * J, "a counter that does not move, and a stale marker, are no reset");
    is_i64(history_told(&result, "gpu/GPU-1")->n_failed, 1, "the marker is a failed read");
    jb_history_result_release(&result);
}

static void test_edges(void)
{
    const int64_t times_ms[] = {20000, 300000};
    struct jb_history_result result;
    struct sums sums;

    answer_begin(&answer);
    answer_series(&answer, GPU, "\"UUID\":\"GPU-1\"");
    answer_ramp(&answer, 0, 1000, 10, 0, 1000000);
    answer_ramp(&answer, 100000, 1000, 11, INT64_C(50000000), 2000000);
    answer_ramp(&answer, 400000, 1000, 2, INT64_C(99000000), 2000000);
    sums = enter("edges", times_ms, &result);
    is_i64(sums.run_uj, 20000, "only what lies in the time asked for");
    is_i64(sums.unobserved_ns, (80 + 190) * S_NS,
           "and the time before the first and after the last sample is unobserved");
    is_i64(result.account.run.start_utc_us, (LOG_UTC_MS + 20000) * 1000, "the run begins as asked");
    jb_history_result_release(&result);
}

static void test_grid(void)
{
    struct jb_history_result result;

    answer_begin(&answer);
    answer_series(&answer, DCMI, "");
    for (int i = 0; i < 30; i++)
        answer_at(&answer, i * 15000, i < 10 ? "100" : i < 20 ? "200" : "250");
    (void)enter("grid", NULL, &result);
    is_i64(history_told(&result, "node/dcmi")->coverage.interpolated_ns, 27 * 15 * S_NS,
           "on a grid, a power that is the same again is not observed (R-PROM-03)");
    is_i64(history_told(&result, "node/dcmi")->coverage.gauge_ns, 2 * 15 * S_NS,
           "one that changed is");
    jb_history_result_release(&result);
    answer_begin(&answer);
    answer_series(&answer, DCMI, "");
    for (int i = 0; i < 30; i++)
        answer_at(&answer, i * 15000 + i % 2, i < 10 ? "100" : "200");
    (void)enter("raw", NULL, &result);
    is_i64(history_told(&result, "node/dcmi")->coverage.interpolated_ns, 0,
           "at the samples' own times it is");
    jb_history_result_release(&result);
}

static void test_less(void)
{
    struct jb_history_result result;
    struct sums sums;

    answer_begin(&answer);
    answer_series(&answer, DCMI, "");
    answer_ramp(&answer, 0, 10000, 11, 10 * J, 0);
    answer_series(&answer, PACKAGE, "\"index\":\"0\"");
    answer_ramp(&answer, 0, 10000, 11, 0, 1000 * J);
    sums = enter("less", NULL, &result);
    is_i64(sums.discrepancy_uj, 1000 * J - 10000 * J, "a parent below its part is a discrepancy");
    is_i64(sums.run_uj, 10000 * J, "and charges nobody");
    jb_history_result_release(&result);
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Times that jump, readings that fail and counters that fall: what the posted epochs gave by the rule, added by hand. */
static void test_any(void)
{
    uint64_t state = 20261123;
    int64_t n_wrong = 0;

    for (int round = 0; round < 30; round++) {
        struct jb_history_result result;
        struct sums sums;
        char host[16];

        answer_begin(&answer);
        for (int k = 0; k < 3; k++) {
            int64_t ms = (int64_t)(next(&state) % 20000);
            int64_t mj = 1000;
            static const char *const labels[] = {"\"UUID\":\"A\"", "\"UUID\":\"B\"", ""};
            answer_series(&answer, k < 2 ? GPU : DCMI, labels[k]);
            for (int i = 0; i < 400; i++) {
                const uint64_t what = next(&state) % 100;
                char value[32];
                mj = what == 0 ? 0 : mj + (int64_t)(next(&state) % 4000000);
                (void)snprintf(value, sizeof value, "%" PRId64,
                               k < 2 ? mj : (int64_t)(100 + next(&state) % 900));
                answer_at(&answer, ms, what == 1 ? "NaN" : value);
                ms += what == 2 ? 400000 : 10000 + (int64_t)(next(&state) % 500);
            }
        }
        (void)snprintf(host, sizeof host, "any-%d", round);
        sums = enter(host, NULL, &result);
        const int64_t boards_uj =
            history_told(&result, "gpu/A")->energy_uj + history_told(&result, "gpu/B")->energy_uj;
        n_wrong += sums.run_uj != boards_uj ||
                   sums.meter_uj != sums.run_uj + sums.platform_uj + sums.discrepancy_uj;
        jb_history_result_release(&result);
    }
    is_i64(n_wrong, 0, "any history: the run has its boards, the meters what is charged");
}

int main(void)
{
    folder = book_new_folder();
    ledger = book_open(folder.book, JB_LEDGER_CREATE);
    test_hours();
    test_parent_hole();
    test_reset();
    test_edges();
    test_grid();
    test_less();
    test_any();
    ok(history_is_balanced(ledger), "the book proves each parent's rest (R-BOOK-03)");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
