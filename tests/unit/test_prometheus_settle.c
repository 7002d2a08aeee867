/* SPDX-License-Identifier: Apache-2.0 */
/* Series to channels: joined, added where they are parts, told apart where they read the same. R-PROM-02 to -07. */
#include "history.h"

#define KEPLER  "kepler_node_cpu_joules_total"
#define PACKAGE "node_rapl_package_joules_total"

static struct jb_error err;
static struct answer answer;

static struct jb_prometheus *begin(void)
{
    const struct jb_prometheus_wanted all = {NULL, 0};
    struct jb_prometheus *history = NULL;

    memset(&err, 0, sizeof err);
    book_must(jb_prometheus_new(&all, &history, &err), &err, "new");
    answer_begin(&answer);
    return history;
}

static void add(struct jb_prometheus *history)
{
    answer_end(&answer);
    book_must(jb_prometheus_add(history, "a.json", answer.text, answer.len, &err), &err, "add");
}

/* Settles, and frees the history. */
static jb_rc settle(struct jb_prometheus *history, bool is_one_node, struct jb_prometheus_set *set)
{
    jb_rc rc;

    *set = (struct jb_prometheus_set){0};
    rc = jb_prometheus_settle(history, 0, INT64_MAX, is_one_node, set, &err);
    jb_prometheus_free(history);
    return rc;
}

static void test_grid(void)
{
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;

    answer_series(&answer, PACKAGE, "\"index\":\"0\"");
    answer_ramp(&answer, 3, 5000, 4, 10, 100);
    answer_series(&answer, PACKAGE, "\"index\":\"1\"");
    answer_ramp(&answer, 1877, 5000, 4, 10, 100);
    add(history);
    book_must(settle(history, false, &set), &err, "settle");
    ok(!set.is_grid, "two targets scraped one after the other are on no grid (R-PROM-03)");
    jb_prometheus_set_release(&set);
}

static void test_parts(void)
{
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;
    const struct jb_prometheus_channel *one;

    /* Two sockets; the second lacks the third scrape. */
    answer_series(&answer, KEPLER, "\"zone\":\"package\",\"path\":\"a\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, KEPLER, "\"zone\":\"package\",\"path\":\"b\"");
    answer_ramp(&answer, 0, 5000, 2, 1000, 7);
    answer_at(&answer, 15000, "0.001021");
    answer_series(&answer, KEPLER, "\"zone\":\"core\",\"path\":\"a\"");
    answer_ramp(&answer, 0, 5000, 4, 0, 50);
    add(history);
    book_must(settle(history, false, &set), &err, "settle");
    one = find_channel(&set, "rapl/package");
    is_i64((int64_t)one->n_samples, 4, "parts have their times in common");
    ok(one->samples[0].raw == 1010 && one->samples[1].raw == 1117 && one->samples[3].raw == 1331,
       "where all were read they are added (R-PROM-05)");
    ok(one->samples[2].raw == JB_PROMETHEUS_FAILED, "where one was not it is a failed read");
    ok(one->channel.role == JB_ROLE_POST &&
           find_channel(&set, "rapl/core")->channel.role == JB_ROLE_DETAIL,
       "cores are shown only");
    jb_prometheus_set_release(&set);
}

static void test_same(void)
{
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;

    answer_series(&answer, KEPLER, "\"zone\":\"package\",\"path\":\"a\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, PACKAGE, "\"index\":\"0\",\"path\":\"/x/intel-rapl-mmio:0\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, PACKAGE, "\"index\":\"0\",\"path\":\"/x/intel-rapl:0\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, "DCGM_FI_DEV_POWER_USAGE", "\"UUID\":\"GPU-1\",\"gpu\":\"0\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, "kepler_node_gpu_joules_total", "\"gpu_uuid\":\"GPU-1\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    answer_series(&answer, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "\"UUID\":\"GPU-1\"");
    answer_ramp(&answer, 0, 5000, 4, 10, 100);
    add(history);
    book_must(settle(history, false, &set), &err, "settle");
    is_i64((int64_t)set.n_channels, 6, "each is kept");
    ok(find_channel(&set, "rapl/package-0")->n_samples == 4 &&
           find_channel(&set, "rapl/package-0@mmio")->n_samples == 4,
       "the kernel's second path is told apart");
    ok(find_channel(&set, "rapl/package")->channel.role == JB_ROLE_CHECK,
       "a figure of all sockets is compared where each has one");
    ok(find_channel(&set, "gpu/GPU-1")->channel.semantics == JB_SEMANTICS_COUNTER &&
           strstr(find_channel(&set, "gpu/GPU-1")->channel.label, "DCGM") &&
           find_channel(&set, "gpu/GPU-1@kepler_node_gpu_joules_total")->n_samples == 4 &&
           find_channel(&set, "gpu/GPU-1@DCGM_FI_DEV_POWER_USAGE")->n_samples == 4,
       "of a board the driver's counter posts (R-PROM-02)");
    ok(set.is_grid, "times on one grid of seconds may be steps (R-PROM-03)");
    jb_prometheus_set_release(&set);
}

static void test_joined(void)
{
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;
    struct jb_hash hash;

    /* A pod's label changes, and two answers overlap. */
    answer_series(&answer, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
                  "\"UUID\":\"GPU-1\",\"pod\":\"a\"");
    answer_ramp(&answer, 10, 5001, 3, 0, 1000);
    answer_series(&answer, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
                  "\"UUID\":\"GPU-1\",\"pod\":\"b\"");
    answer_ramp(&answer, 10 + 3 * 5001, 5001, 3, 3000, 1000);
    add(history);
    answer_begin(&answer);
    answer_series(&answer, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "\"UUID\":\"GPU-1\"");
    answer_ramp(&answer, 10 + 2 * 5001, 5001, 6, 2000, 1000);
    add(history);
    book_must(settle(history, false, &set), &err, "settle");
    is_i64((int64_t)set.channels[0].n_samples, 8, "one board is one channel, each time once");
    is_i64(set.channels[0].usual_ms, 5001, "with its usual time between two");
    is_i64(set.channels[0].most_uw, 1, "1 uJ in 5.001 s, rounded up");
    hash = set.hash;
    jb_prometheus_set_release(&set);

    struct jb_prometheus *const again = begin();
    answer_series(&answer, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "\"UUID\":\"GPU-1\"");
    answer_ramp(&answer, 10, 5001, 8, 0, 1000);
    add(again);
    book_must(settle(again, false, &set), &err, "settle");
    ok(memcmp(&hash, &set.hash, sizeof hash) == 0,
       "the digest is of the samples, however they came");
    jb_prometheus_set_release(&set);
}

static jb_rc settle_two(const char *metric, const char *a, const char *b, int64_t first,
                        bool is_one_node)
{
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;
    jb_rc rc;

    answer_series(&answer, metric, a);
    answer_ramp(&answer, 0, 5000, 3, 0, 100);
    answer_series(&answer, metric, b);
    answer_ramp(&answer, 0, 5000, 3, first, 100);
    add(history);
    rc = settle(history, is_one_node, &set);
    if (rc == JB_OK)
        jb_prometheus_set_release(&set);
    return rc;
}

static void test_refused(void)
{
    const char *const one = "\"index\":\"0\",\"instance\":\"n1:1\"";
    const char *const other = "\"index\":\"0\",\"instance\":\"n2:1\"";
    const char *const second = "\"index\":\"1\",\"instance\":\"n2:1\"";
    const char *const replica = "\"index\":\"0\",\"instance\":\"n1:1\",\"replica\":\"b\"";

    ok(settle_two(PACKAGE, one, second, 0, false) == JB_E_INPUT && strstr(err.message, "'n2'"),
       "two nodes are refused by name (R-PROM-07)");
    is_i64(settle_two(PACKAGE, one, second, 0, true), JB_OK,
           "unless the user says that they are one");
    ok(settle_two(PACKAGE, one, other, 0, true) == JB_E_INPUT && strstr(err.hint, "--match"),
       "but one meter is not read through two");
    is_i64(settle_two(PACKAGE, one, replica, 0, false), JB_OK, "the same values twice are one");
    ok(settle_two(PACKAGE, one, replica, 50, false) == JB_E_INPUT &&
           strstr(err.message, "two values"),
       "two values at one time are two meters (R-PROM-04)");
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set;
    answer_series(&answer, PACKAGE, one);
    answer_at(&answer, 0, "5");
    answer_series(&answer, "node_hwmon_power_watt", "\"chip\":\"c\",\"instance\":\"n1:1\"");
    answer_ramp(&answer, 0, 5000, 3, 0, 100);
    add(history);
    ok(settle(history, false, &set) == JB_E_INPUT && strstr(err.message, "two readings"),
       "nothing that posts with two readings is nothing to import");
}

int main(void)
{
    test_grid();
    test_parts();
    test_same();
    test_joined();
    test_refused();
    return done_testing();
}
