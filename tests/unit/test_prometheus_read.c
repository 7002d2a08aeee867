/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to samples: exactly as written, and what is none is refused with its place. R-PROM-04, R-PROM-06. */
#include "history.h"

#define GPU "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"

static struct jb_error err;

static struct jb_prometheus *begin(void)
{
    const struct jb_prometheus_wanted all = {NULL, 0};
    struct jb_prometheus *history = NULL;

    book_must(jb_prometheus_new(&all, &history, &err), &err, "new");
    return history;
}

/* The code for one answer. */
static jb_rc add(const char *text)
{
    struct jb_prometheus *const history = begin();
    jb_rc rc;

    memset(&err, 0, sizeof err);
    rc = jb_prometheus_add(history, "a.json", text, strlen(text), &err);
    jb_prometheus_free(history);
    return rc;
}

static void test_values(void)
{
    static struct answer answer;
    struct jb_prometheus *const history = begin();
    struct jb_prometheus_set set = {0};
    const struct jb_prometheus_channel *one;
    /* The greatest double whose mJ are a whole number of uJ in 64 bits, an exponent, and what is no number. */
    static const char *const values[] = {"0.001", "9007199254740991",   "1.5e3", "NaN", "+Inf",
                                         "-1",    "9223372036854775807"};

    answer_begin(&answer);
    answer_series(&answer, GPU, "\"UUID\":\"GPU-a b\"");
    for (size_t i = 0; i < JB_ARRAY_LEN(values); i++)
        answer_at(&answer, (int64_t)i * 1000 + 7, values[i]);
    answer_series(&answer, "unheard_of", "");
    answer_at(&answer, 0, "1");
    answer_series(&answer, "kepler_node_package_joules_total",
                  "\"source\":\"trained_power_model\",\"mode\":\"idle\"");
    answer_at(&answer, 0, "1");
    answer_end(&answer);
    book_must(jb_prometheus_add(history, "a.json", answer.text, answer.len, &err), &err, "add");
    book_must(jb_prometheus_settle(history, 0, INT64_MAX, false, &set, &err), &err, "settle");
    one = find_channel(&set, "gpu/GPU-a_b");
    is_i64((int64_t)one->n_samples, 7, "labels become names that an account may have");
    is_i64(one->samples[0].raw, 1, "a thousandth of a millijoule is a microjoule");
    is_i64(one->samples[0].utc_ms, LOG_UTC_MS + 7, "times are exact to the millisecond");
    is_i64(one->samples[1].raw, INT64_C(9007199254740991000), "2^53 - 1 mJ is exact");
    is_i64(one->samples[2].raw, 1500000, "an exponent is read");
    ok(one->samples[3].raw < 0 && one->samples[4].raw < 0 && one->samples[5].raw < 0 &&
           one->samples[6].raw < 0 && one->n_failed == 4,
       "NaN, infinity, what is below zero or beyond 64 bits is a failed read");
    ok(set.n_unknown == 1 && strcmp(set.unknown, "unheard_of") == 0,
       "what no preset knows is told");
    is_i64((int64_t)set.n_modelled, 1, "a model is no meter");
    is_str(set.host, "node1", "the node is the instance without its port");
    jb_prometheus_set_release(&set);
    jb_prometheus_free(history);
}

static void test_refused(void)
{
    ok(add("{\"status\":\"success\",\n  \"data\": nul}") == JB_E_INPUT &&
           strstr(err.message, "a.json', line 2, column"),
       "what is no JSON is refused with line and column");
    ok(add("{\"status\":\"error\",\"error\":\"x\"}") == JB_E_INPUT && strstr(err.message, "failed"),
       "the answer of a query that failed is none");
    ok(add("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}") ==
               JB_E_INPUT &&
           strstr(err.message, "not a matrix"),
       "nor is a vector");
    ok(add("[]") == JB_E_INPUT && add("") == JB_E_INPUT && add("{}") == JB_E_INPUT, "nor nothing");
    ok(add("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"" GPU
           "\"},\"values\":[[1715338800,5]]}]}") == JB_E_INPUT &&
           strstr(err.message, "'data.result[0].values[0]'"),
       "a value that is no text is refused with its place");
    ok(add("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"" GPU
           "\"},\"values\":[[99,\"5\"]]}]}") == JB_E_INPUT &&
           strstr(err.message, "2010"),
       "and a time that is none");
    is_i64(add("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"" GPU
               "\"},\"values\":[[2415225504,\"5\"]]}]}"),
           JB_E_INPUT, "as is one that the book's series cannot hold (R-IMPORT-02)");
    is_i64(add("{\"resultType\":\"matrix\",\"result\":[]}"), JB_OK,
           "the data alone is taken, and may be empty");
}

int main(void)
{
    test_values();
    test_refused();
    return done_testing();
}
