/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history to one run: its channels' roles settled as those of sensors are, its node named, compared with what the book has of
 * that node and time, and posted. R-PROM-02, -07 to -09.
 */
#include "pipeline/history_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/clean.h"
#include "base/num.h"
#include "import/import.h"
#include "pipeline/account_of_run.h"
#include "pipeline/history_int.h"
#include "pipeline/import_run.h"
#include "sensor/sensor.h"

#define FORMAT         "prometheus"
#define FIELD_CHANNELS "channels"
#define FIELD_FIRST    "first_mono_ns"
#define FIELD_FORMAT   "format"
#define FIELD_HOST     "host"
#define FIELD_LAST     "last_mono_ns"
#define FIELD_SHA256   "sha256"
#define LIST_MAX       ((size_t)JB_CHANNELS_MAX * JB_CHANNEL_ID)
#define US_PER_MS      INT64_C(1000)

void jb_history_result_release(struct jb_history_result *result)
{
    jb_account_release(&result->account);
    jb_prometheus_set_release(&result->set);
    free(result->channels);
    *result = (struct jb_history_result){0};
}

static jb_rc add_file(struct jb_prometheus *history, const char *path, struct jb_error *err)
{
    struct jb_buf text = JB_BUF(JB_PROMETHEUS_ANSWER_MAX);
    char name[128];
    char piece[65536];
    size_t n;
    FILE *const file = fopen(path, "re");
    jb_rc rc;

    jb_clean_copy(path, name, sizeof name);
    if (!file)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", name);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0 && text.failed == JB_OK)
        jb_buf_add(&text, piece, n);
    if (ferror(file))
        rc = jb_fail_errno(err, errno, NULL, "cannot read '%s'", name);
    else if (text.failed < 0)
        rc = jb_fail(err, JB_E_INPUT, "save the answer in pieces and name all of them",
                     "'%s' is longer than 64 MiB", name);
    else
        rc = jb_prometheus_add(history, path, jb_buf_text(&text), text.len, err);
    (void)fclose(file);
    jb_buf_release(&text);
    return rc;
}

/* What is wrong with all of it, with where it is from. */
static jb_rc fail_settling(jb_rc rc, const struct jb_history_order *order,
                           const struct jb_error *why, struct jb_error *err)
{
    char name[128];

    jb_clean_copy(order->url ? order->url : order->paths[0], name, sizeof name);
    return jb_fail(err, rc, why->hint, "'%s'%s%s%s", name,
                   order->n_paths > 1 ? " and other files" : "",
                   why->message[0] == '\'' ? " " : ": ", why->message);
}

static jb_rc gather(const struct jb_history_order *order, struct jb_prometheus_set *ret,
                    struct jb_error *err)
{
    JB_AUTO(jb_prometheus_free_auto) struct jb_prometheus *history = NULL;
    const int64_t end_ms = order->end_utc_us > 0 ? order->end_utc_us / US_PER_MS : INT64_MAX;
    struct jb_error why = {.code = JB_OK};
    jb_rc rc = jb_prometheus_new(&order->wanted, &history, err);

    if (rc == JB_OK && order->url)
        rc = history__fetch(order, history, err);
    for (size_t i = 0; i < order->n_paths && rc == JB_OK; i++)
        rc = add_file(history, order->paths[i], err);
    if (rc < 0)
        return rc;
    rc = jb_prometheus_settle(history, order->start_utc_us / US_PER_MS, end_ms, order->host != NULL,
                              ret, &why);
    if (rc < 0)
        return fail_settling(rc, order, &why, err);
    if (order->url)
        ret->is_grid = order->step_ns > 0;
    return JB_OK;
}

static jb_rc settle(const struct jb_history_order *order, struct jb_history_result *result,
                    struct jb_error *err)
{
    const size_t n = result->set.n_channels;
    JB_AUTO(jb_free_auto) struct jb_channel *channels = calloc(n, sizeof *channels);
    const char *const host = order->host ? order->host : result->set.host;

    result->channels = calloc(n, sizeof *result->channels);
    if (!channels || !result->channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    if (host[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "name the node with --node",
                       "'%.120s': no series says by 'instance' which node it is of",
                       order->url ? order->url : order->paths[0]);
    (void)snprintf(result->host, sizeof result->host, "%s", host);
    for (char *at = result->host; *at; at++)
        if (!jb_clean_is_alnum(*at) && !strchr("._-", *at))
            *at = '_';
    for (size_t i = 0; i < n; i++) {
        channels[i] = result->set.channels[i].channel;
        if (order->accuracy_ppm >= 0)
            channels[i].accuracy_ppm = order->accuracy_ppm;
    }
    jb_sensor_settle_roles(channels, n);
    for (size_t i = 0; i < n; i++) {
        result->channels[i].channel = channels[i];
        result->channels[i].n_samples = result->set.channels[i].n_samples;
    }
    return JB_OK;
}

static int64_t mono_of(int64_t utc_ms)
{
    return utc_ms * JB_NS_PER_MS - JB_IMPORT_EPOCH_UTC_NS;
}

/* From the first sample to the last, or as far as was asked. */
static void set_times(const struct jb_history_order *order, const struct jb_prometheus_set *set,
                      struct jb_run *run)
{
    run->start_mono_ns = INT64_MAX;
    run->end_mono_ns = 0;
    run->n_ticks = 0;
    for (size_t i = 0; i < set->n_channels; i++) {
        const struct jb_prometheus_channel *const one = &set->channels[i];
        const int64_t first_ns = mono_of(one->samples[0].utc_ms);
        const int64_t last_ns = mono_of(one->samples[one->n_samples - 1].utc_ms);
        run->start_mono_ns = first_ns < run->start_mono_ns ? first_ns : run->start_mono_ns;
        run->end_mono_ns = last_ns > run->end_mono_ns ? last_ns : run->end_mono_ns;
        if (run->period_ns == 0 || one->usual_ms * JB_NS_PER_MS < run->period_ns)
            run->period_ns = one->usual_ms * JB_NS_PER_MS;
        if (one->n_samples > (size_t)run->n_ticks)
            run->n_ticks = (int64_t)one->n_samples;
    }
    if (order->start_utc_us > 0)
        run->start_mono_ns = order->start_utc_us * JB_NS_PER_US - JB_IMPORT_EPOCH_UTC_NS;
    if (order->end_utc_us > 0)
        run->end_mono_ns = order->end_utc_us * JB_NS_PER_US - JB_IMPORT_EPOCH_UTC_NS;
    run->start_utc_us = import__utc_us(run->start_mono_ns);
    run->end_utc_us = import__utc_us(run->end_mono_ns);
}

/* R-PROM-09: of the node's name alone, so that the book itself refuses the same meter and time twice. */
static void boot_of(const char *host, char ret_text[JB_BOOT_ID])
{
    static const char what[] = "joulebook: the history of node ";
    const struct jb_hash_part parts[] = {{what, sizeof what}, {host, strlen(host)}};
    const struct jb_hash hash = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    uint8_t bytes[16];
    char hex[2 * sizeof bytes + 1];

    memcpy(bytes, hash.bytes, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x80);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    (void)jb_hex(bytes, sizeof bytes, hex, sizeof hex);
    (void)snprintf(ret_text, JB_BOOT_ID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
}

static void make_run(const struct jb_history_order *order, const struct jb_history_result *result,
                     struct jb_run *run)
{
    *run = *order->facts;
    run->period_ns = 0;
    set_times(order, &result->set, run);
    jb_uuid7(jb_utc_us(order->clock), run->id);
    boot_of(result->host, run->boot_id);
    (void)snprintf(run->host, sizeof run->host, "%s", result->host);
    (void)snprintf(run->command, sizeof run->command, "joulebook import prometheus");
    run->status = JB_RUN_OPEN;
    run->exit_code = -1;
}

/* The domains that are posted, a blank between; of the same domain by another way the name is the same. */
static void list_channels(const struct jb_history_result *result, struct jb_buf *out)
{
    for (size_t i = 0; i < result->set.n_channels; i++) {
        const struct jb_channel *const channel = &result->channels[i].channel;
        if (channel->role == JB_ROLE_POST || channel->role == JB_ROLE_PARENT)
            jb_buf_addf(out, "%s%.*s", out->len > 0 ? " " : "", (int)strcspn(channel->id, "@"),
                        channel->id);
    }
}

struct known {
    const struct jb_history_result *result;
    int64_t first_ns, last_ns;
    char *channels;
};

static const char *field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value ? entry->fields[i].value : "";
    return "";
}

static bool begins(const char *text, size_t len, const char *with)
{
    return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* Whether one may hold the other: the node's meter holds all, and the figure of all sockets that of one. */
static bool are_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    const size_t shorter = a_len < b_len ? a_len : b_len;

    if (begins(a, a_len, "node/") || begins(b, b_len, "node/"))
        return true;
    if (memcmp(a, b, shorter) != 0)
        return false;
    return a_len == b_len || (begins(a, a_len, "rapl/") && (a_len > b_len ? a : b)[shorter] == '-');
}

static const char *shared_channel(const char *ours, const char *theirs, size_t *ret_len)
{
    for (const char *a = ours; *a; a += strcspn(a, " "), a += *a == ' ')
        for (const char *b = theirs; *b; b += strcspn(b, " "), b += *b == ' ')
            if (are_same(a, strcspn(a, " "), b, strcspn(b, " "))) {
                *ret_len = strcspn(a, " ");
                return a;
            }
    return NULL;
}

/* R-IMPORT-08, R-PROM-09 */
static jb_rc see_imported(void *arg, int64_t seq, const struct jb_entry *entry,
                          struct jb_error *err)
{
    const struct known *const known = arg;
    const char *const first = field(entry, FIELD_FIRST);
    const char *const last = field(entry, FIELD_LAST);
    struct jb_hash hash;
    int64_t from_ns;
    int64_t to_ns;
    size_t len;
    const char *shared;

    (void)seq;
    if (strcmp(field(entry, FIELD_FORMAT), FORMAT) != 0 ||
        strcmp(field(entry, FIELD_HOST), known->result->host) != 0)
        return JB_OK;
    if (jb_unhex(field(entry, FIELD_SHA256), hash.bytes, sizeof hash.bytes) == JB_OK &&
        memcmp(hash.bytes, known->result->set.hash.bytes, sizeof hash.bytes) == 0)
        return jb_fail(err, JB_E_CONFLICT,
                       "`joulebook amend` corrects facts; the same joules are not entered twice",
                       "these samples are in the book already as run %s", entry->run_id);
    if (jb_parse_i64(first, strlen(first), false, &from_ns) < 0 ||
        jb_parse_i64(last, strlen(last), false, &to_ns) < 0 || to_ns <= known->first_ns ||
        from_ns >= known->last_ns)
        return JB_OK;
    shared = shared_channel(known->channels, field(entry, FIELD_CHANNELS), &len);
    if (!shared)
        return JB_OK;
    return jb_fail(err, JB_E_CONFLICT,
                   "import all meters of a node together, and times that do not overlap",
                   "run %s has '%.*s' of '%s' in a part of this time, or what lies in it",
                   entry->run_id, (int)len, shared, known->result->host);
}

static jb_rc enter_source(struct jb_ledger *ledger, const char *run_id, const struct known *known,
                          struct jb_error *err)
{
    const struct jb_history_result *const result = known->result;
    char sha256[2 * JB_HASH_BYTES + 1];
    char first[24];
    char last[24];
    char readings[24];
    int64_t n_samples = 0;
    const struct jb_field fields[] = {
        {FIELD_CHANNELS, known->channels},
        {FIELD_FIRST, first},
        {FIELD_FORMAT, FORMAT},
        {FIELD_HOST, result->host},
        {FIELD_LAST, last},
        {"n_readings", readings},
        {"node", result->host},
        {FIELD_SHA256, sha256},
    };
    struct jb_entry entry = {
        .layer = JB_LAYER_MEASURED, .n_fields = JB_ARRAY_LEN(fields), .fields = fields};

    for (size_t i = 0; i < result->set.n_channels; i++)
        n_samples += (int64_t)result->set.channels[i].n_samples;
    (void)jb_hex(result->set.hash.bytes, sizeof result->set.hash.bytes, sha256, sizeof sha256);
    (void)snprintf(readings, sizeof readings, "%" PRId64, n_samples);
    (void)snprintf(first, sizeof first, "%" PRId64, known->first_ns);
    (void)snprintf(last, sizeof last, "%" PRId64, known->last_ns);
    (void)snprintf(entry.kind, sizeof entry.kind, "%s", JB_IMPORT_KIND);
    (void)snprintf(entry.run_id, sizeof entry.run_id, "%s", run_id);
    return jb_ledger_append(ledger, &entry, NULL, err);
}

static jb_rc close_run(struct jb_ledger *ledger, struct jb_run *run, struct jb_account *ret_account,
                       struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc;

    run->status = JB_RUN_DONE;
    rc = jb_pipeline_account_with(ledger, run, ret_account, err);
    if (rc < 0)
        return rc;
    rc = jb_account_to_json(ret_account, &json, err);
    if (rc == JB_OK)
        rc = jb_ledger_close_run(ledger, run, json, NULL, 0, err);
    if (rc < 0)
        jb_account_release(ret_account);
    return rc;
}

static jb_rc enter_all(struct jb_ledger *ledger, const struct jb_history_order *order,
                       struct jb_run *run, struct jb_history_result *result, struct jb_error *err)
{
    struct jb_buf list = JB_BUF(LIST_MAX);
    const struct import_place place = {result->host, run->boot_id, run->id};
    struct known known = {result, run->start_mono_ns, run->end_mono_ns, NULL};
    jb_rc rc;

    list_channels(result, &list);
    if (list.failed < 0)
        return jb_fail(err, list.failed, NULL, "no memory for the names of channels");
    known.channels = list.bytes ? list.bytes : (char[]){""};
    rc = jb_ledger_each_entry(ledger, JB_IMPORT_KIND, NULL, see_imported, &known, err);
    if (rc == JB_OK)
        rc = jb_ledger_open_run(ledger, run, err);
    if (rc == JB_OK)
        rc = enter_source(ledger, run->id, &known, err);
    if (rc == JB_OK)
        rc = history__post(ledger, &place, order, result, err);
    if (rc == JB_OK)
        rc = history__enter_notes(ledger, order, run->id, result, err);
    jb_buf_release(&list);
    return rc == JB_OK ? close_run(ledger, run, &result->account, err) : rc;
}

jb_rc jb_history_run(struct jb_ledger *ledger, const struct jb_history_order *order,
                     struct jb_history_result *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = calloc(1, sizeof *run);
    JB_AUTO(jb_history_result_release) struct jb_history_result result = {0};
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    rc = gather(order, &result.set, err);
    if (rc == JB_OK)
        rc = settle(order, &result, err);
    if (rc < 0)
        return rc;
    make_run(order, &result, run);
    rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = enter_all(ledger, order, run, &result, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0) {
        jb_ledger_rollback(ledger);
        return rc;
    }
    *ret = result;
    result = (struct jb_history_result){0};
    return JB_OK;
}
