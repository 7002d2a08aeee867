/* SPDX-License-Identifier: Apache-2.0 */
/* What a server is asked, and what is sent to it. R-PROM-03, R-PROM-09. */
#include "history.h"
#include "http_rig.h"

#define SELECTOR \
    "%7B__name__%3D~%22ipmi_dcmi_power_consumption_watts%7Cipmi_power_watts%22%2Ca%3D%22b%22%7D"
#define EMPTY "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"

static struct jb_error err;

static jb_rc fetch(struct jb_ledger *ledger, const char *url, int64_t step_ns,
                   const char *credentials)
{
    static const char *const presets[] = {"ipmi"};
    static const struct jb_run facts = {
        .pue_milli = -1, .market_mgco2e_per_kwh = -1, .tariff_micro_per_kwh = -1};
    struct jb_history_result result;
    const struct jb_history_order order = {
        .url = url,
        .wanted = {presets, 1},
        .match = "a=\"b\"",
        .start_utc_us = LOG_UTC_MS * 1000,
        .end_utc_us = (LOG_UTC_MS + 3601000) * 1000,
        .step_ns = step_ns,
        .accuracy_ppm = -1,
        .credentials = credentials,
        .ca_file = "",
        .facts = &facts,
        .clock = &jb_clock_system,
    };
    jb_rc rc;

    memset(&err, 0, sizeof err);
    rc = jb_history_run(ledger, &order, &result, &err);
    if (rc == JB_OK)
        jb_history_result_release(&result);
    return rc;
}

static void put_answers(struct http_rig *rig)
{
    static struct answer answer;

    answer_begin(&answer);
    answer_series(&answer, "ipmi_dcmi_power_consumption_watts", "");
    answer_ramp(&answer, 0, 60000, 20, 5, 0);
    answer_end(&answer);
    http_rig_put(rig, "/p/api/v1/query?query=" SELECTOR "%5B3600000ms%5D&time=1715342399.999", 200,
                 answer.text);
    http_rig_put(rig, "/p/api/v1/query?query=" SELECTOR "%5B1001ms%5D&time=1715342401", 200, EMPTY);
    http_rig_put(rig,
                 "/p/api/v1/query_range?query=" SELECTOR "&start=1715338800&end=1715342401&step=60",
                 200, answer.text);
}

int main(void)
{
    static struct http_rig rig;
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct log_path secret = log_text(&folder, "secret", "token abc\n");
    char url[128];

    http_rig_start(&rig);
    put_answers(&rig);
    (void)snprintf(url, sizeof url, "%s/p/", rig.base);
    is_i64(fetch(ledger, url, 0, ""), JB_OK, "samples are asked for an hour at a time");
    is_i64(rig.n_requests, 2, "from a millisecond before the start, with nothing between");
    is_i64(fetch(ledger, url, 60 * LOG_S, ""), JB_E_CONFLICT,
           "query_range is asked from start to end, and gives the same samples");
    is_i64(rig.n_requests, 3, "in one question of at most 10,000 steps");
    (void)chmod(secret.text, 0600);
    is_i64(fetch(ledger, url, 0, secret.text), JB_E_CONFLICT, "with credentials too");
    is_str(rig.last_authorization, "Bearer abc", "which are sent to this machine");
    ok(fetch(ledger, "http://example.invalid", 0, secret.text) == JB_E_INPUT &&
           strstr(err.message, "in the clear"),
       "but never over the network in the clear");
    (void)chmod(secret.text, 0644);
    is_i64(fetch(ledger, url, 0, secret.text), JB_E_PERMISSION,
           "nor from a file that others can read");
    ok(fetch(ledger, "http://u:p@127.0.0.1/", 0, "") == JB_E_USAGE && !strstr(err.message, "u:p"),
       "a password in the url is refused, and not repeated");
    http_rig_put(&rig, "/p/api/v1/query?query=" SELECTOR "%5B1001ms%5D&time=1715342401", 422, "{}");
    ok(fetch(ledger, url, 0, "") == JB_E_IO && strstr(err.message, "Prometheus") &&
           strstr(err.hint, "--match"),
       "a query that the server refuses is told with the step");
    http_rig_put(&rig, "/p/api/v1/query?query=" SELECTOR "%5B1001ms%5D&time=1715342401", 400,
                 "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:5: parse error: "
                 "unexpected \\u001b[31m character\"}");
    ok(fetch(ledger, url, 0, "") == JB_E_IO &&
           strstr(err.message, "HTTP 400: 1:5: parse error: unexpected") &&
           !strchr(err.message, '\033'),
       "in the server's own words, cleaned: %s", err.message);
    http_rig_put(&rig, "/p/api/v1/query?query=" SELECTOR "%5B1001ms%5D&time=1715342401", 400,
                 "{\"error\":[1]}");
    ok(fetch(ledger, url, 0, "") == JB_E_IO && strlen(err.message) > 10 &&
           strcmp(err.message + strlen(err.message) - 8, "HTTP 400") == 0,
       "and not at all where they are no text: %s", err.message);
    http_rig_put(&rig, "/p/api/v1/query?query=" SELECTOR "%5B1001ms%5D&time=1715342401", 200,
                 "<html>");
    is_i64(fetch(ledger, url, 0, ""), JB_E_INPUT, "as is what is no answer of such a server");
    http_rig_stop(&rig);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
