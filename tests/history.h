/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of histories: answers of a Prometheus server put together series by series. */
#ifndef JB_TESTS_HISTORY_H
#define JB_TESTS_HISTORY_H

#include "import/prometheus.h"
#include "import_log.h"
#include "pipeline/history_run.h"

/* 2024-05-10T11:00:00Z */
#define HISTORY_S    (LOG_UTC_MS / 1000)
#define ANSWER_BYTES ((size_t)1 << 20)

struct answer {
    char text[ANSWER_BYTES];
    size_t len, n_series;
};

TAP__UNUSED static void answer_begin(struct answer *answer)
{
    answer->n_series = 0;
    answer->len = (size_t)snprintf(answer->text, sizeof answer->text,
                                   "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\","
                                   "\"result\":[");
}

/* `labels` as JSON members, of node1:9100 unless they say another instance. */
TAP__UNUSED static void answer_series(struct answer *answer, const char *metric, const char *labels)
{
    answer->len += (size_t)snprintf(
        answer->text + answer->len, sizeof answer->text - answer->len,
        "%s{\"metric\":{\"__name__\":\"%s\"%s%s%s},\"values\":[", answer->n_series ? "]}," : "",
        metric, strstr(labels, "\"instance\"") ? "" : ",\"instance\":\"node1:9100\"",
        labels[0] ? "," : "", labels);
    answer->n_series++;
}

/* A sample so many milliseconds after HISTORY_S. */
TAP__UNUSED static void answer_at(struct answer *answer, int64_t ms, const char *value)
{
    const bool is_first = answer->text[answer->len - 1] == '[';

    answer->len += (size_t)snprintf(answer->text + answer->len, sizeof answer->text - answer->len,
                                    "%s[%" PRId64 ".%03d,\"%s\"]", is_first ? "" : ",",
                                    HISTORY_S + ms / 1000, (int)(ms % 1000), value);
}

/* From `from_ms` on, n samples every step_ms: first, first + each, ... in millionths. */
TAP__UNUSED static void answer_ramp(struct answer *answer, int64_t from_ms, int64_t step_ms,
                                    size_t n, int64_t first_micro, int64_t each_micro)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t micro = first_micro + (int64_t)i * each_micro;
        char value[32];
        (void)snprintf(value, sizeof value, "%" PRId64 ".%06d", micro / 1000000,
                       (int)(micro % 1000000));
        answer_at(answer, from_ms + (int64_t)i * step_ms, value);
    }
}

TAP__UNUSED static void answer_end(struct answer *answer)
{
    answer->len += (size_t)snprintf(answer->text + answer->len, sizeof answer->text - answer->len,
                                    "%s]}}", answer->n_series ? "]}" : "");
}

TAP__UNUSED static const struct jb_prometheus_channel *find_channel(
    const struct jb_prometheus_set *set, const char *id)
{
    static const struct jb_prometheus_channel none;

    for (size_t i = 0; i < set->n_channels; i++)
        if (strcmp(set->channels[i].channel.id, id) == 0)
            return &set->channels[i];
    return &none;
}

/* Enters the answer as `host`'s; of all times, or from one to another (ms after HISTORY_S). */
TAP__UNUSED static jb_rc history_import(struct jb_ledger *ledger, const struct book_folder *folder,
                                        const struct answer *answer, const char *host,
                                        const int64_t *times_ms, struct jb_history_result *ret,
                                        struct jb_error *err)
{
    static const struct jb_run facts = {
        .pue_milli = -1, .market_mgco2e_per_kwh = -1, .tariff_micro_per_kwh = -1};
    struct log_path path = log_write(folder, "answer.json", answer->text, answer->len);
    char *paths[] = {path.text};
    const struct jb_history_order order = {
        .paths = paths,
        .n_paths = 1,
        .match = "",
        .host = host,
        .start_utc_us = times_ms ? (LOG_UTC_MS + times_ms[0]) * 1000 : 0,
        .end_utc_us = times_ms ? (LOG_UTC_MS + times_ms[1]) * 1000 : 0,
        .accuracy_ppm = -1,
        .credentials = "",
        .ca_file = "",
        .facts = &facts,
        .clock = &jb_clock_system,
    };

    memset(err, 0, sizeof *err);
    *ret = (struct jb_history_result){0};
    return jb_history_run(ledger, &order, ret, err);
}

TAP__UNUSED static const struct jb_history_channel *history_told(
    const struct jb_history_result *result, const char *id)
{
    static const struct jb_history_channel none;

    for (size_t i = 0; i < result->set.n_channels; i++)
        if (strcmp(result->channels[i].channel.id, id) == 0)
            return &result->channels[i];
    return &none;
}

TAP__UNUSED static bool history_is_balanced(struct jb_ledger *ledger)
{
    static struct jb_balance balance;
    struct jb_error err = {0};

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++)
        if (balance.checks[i].n_failed > 0)
            diag("%s: %s", balance.checks[i].rule, balance.checks[i].first_failure);
    return balance.is_balanced;
}

#endif
