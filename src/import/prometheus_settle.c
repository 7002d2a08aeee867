/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series to the channels of one node: answers that overlap are joined, parts of one meter added where all of them have a
 * reading at that time, and of two that read the same thing one is left to post. R-PROM-02 to -07.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/compiler.h"
#include "base/num.h"
#include "import/prometheus_int.h"

/* As for power logs, R-IMPORT-03. */
#define USUAL_SAMPLES 4096
#define UW_MS_PER_UJ  INT64_C(1000)
#define MS_NS         INT64_C(1000000)
#define GRID_MIN_MS   1000

/* A channel before its name is settled. */
struct joined {
    struct jb_prometheus_channel of;
    char domain[JB_CHANNEL_ID];
    bool is_duplicate; /* by the kernel's other path */
    bool is_second;    /* a better one reads the same domain */
    bool is_covered;   /* of all sockets, beside one of each */
};

void jb_prometheus_set_release(struct jb_prometheus_set *set)
{
    for (size_t i = 0; i < set->n_channels; i++)
        free(set->channels[i].samples);
    free(set->channels);
    *set = (struct jb_prometheus_set){0};
}

static int compare_samples(const void *a, const void *b)
{
    const struct jb_prometheus_sample *const x = a;
    const struct jb_prometheus_sample *const y = b;

    if (x->utc_ms != y->utc_ms)
        return x->utc_ms < y->utc_ms ? -1 : 1;
    return (x->raw > y->raw) - (x->raw < y->raw);
}

/* R-PROM-04: in order, each time once. Two values of one time are of two meters. */
static jb_rc order(struct prometheus__series *series, struct jb_error *err)
{
    struct jb_prometheus_sample *const samples = series->samples;
    size_t n = 0;

    if (series->n_samples > 0)
        qsort(samples, series->n_samples, sizeof *samples, compare_samples);
    for (size_t i = 0; i < series->n_samples; i++) {
        if (n == 0 || samples[n - 1].utc_ms != samples[i].utc_ms) {
            samples[n++] = samples[i];
        } else if (samples[n - 1].raw == JB_PROMETHEUS_FAILED) {
            samples[n - 1] = samples[i];
        } else if (samples[n - 1].raw != samples[i].raw) {
            return jb_fail(
                err, JB_E_INPUT, "choose one with --match: a node, a replica of the server, a job",
                "'%s' has two values at one time: two meters answer by that name", series->domain);
        }
    }
    series->n_samples = n;
    return JB_OK;
}

static jb_rc check_hosts(const struct jb_prometheus *history, bool is_one_node,
                         struct jb_prometheus_set *set, struct jb_error *err)
{
    for (size_t i = 0; i < history->n_series; i++) {
        const char *const host = history->series[i].host;
        char names[2][64];
        if (host[0] == '\0')
            continue;
        if (set->host[0] == '\0')
            memcpy(set->host, host, sizeof set->host);
        if (is_one_node || strcmp(set->host, host) == 0)
            continue;
        jb_clean_copy(set->host, names[0], sizeof names[0]);
        jb_clean_copy(host, names[1], sizeof names[1]);
        return jb_fail(err, JB_E_INPUT,
                       "one import is one node: choose it with --match 'instance=~\"...\"', or, if "
                       "they are the same machine, name it with --node",
                       "the series are of several instances, such as '%s' and '%s'", names[0],
                       names[1]);
    }
    return JB_OK;
}

static bool is_same_channel(const struct prometheus__series *a, const struct prometheus__series *b)
{
    return a->metric == b->metric && a->is_duplicate == b->is_duplicate &&
           strcmp(a->domain, b->domain) == 0;
}

/* R-PROM-05: a time at which not all parts were read is a failed read. `to` has room for both. */
static size_t add_part(struct jb_prometheus_sample *to, size_t n,
                       const struct prometheus__series *part, struct jb_prometheus_sample *room)
{
    size_t i = 0;
    size_t k = 0;
    size_t n_out = 0;

    while (i < n || k < part->n_samples) {
        const bool has_a =
            i < n && (k == part->n_samples || to[i].utc_ms <= part->samples[k].utc_ms);
        const bool has_b =
            k < part->n_samples && (i == n || part->samples[k].utc_ms <= to[i].utc_ms);
        struct jb_prometheus_sample *const out = &room[n_out++];
        *out = has_a ? to[i] : part->samples[k];
        if (!has_a || !has_b || to[i].raw < 0 || part->samples[k].raw < 0 ||
            jb_add_i64(to[i].raw, part->samples[k].raw, &out->raw) < 0)
            out->raw = JB_PROMETHEUS_FAILED;
        i += has_a;
        k += has_b;
    }
    memcpy(to, room, n_out * sizeof *to);
    return n_out;
}

static size_t cut(struct jb_prometheus_sample *samples, size_t n, int64_t start_ms, int64_t end_ms)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++)
        if (samples[i].utc_ms >= start_ms && samples[i].utc_ms <= end_ms)
            samples[n_kept++] = samples[i];
    return n_kept;
}

/* All series of the channel that series `first` is the first of. */
static jb_rc join(const struct jb_prometheus *history, size_t first, int64_t start_ms,
                  int64_t end_ms, struct jb_prometheus_channel *ret, struct jb_error *err)
{
    const struct prometheus__series *const head = &history->series[first];
    JB_AUTO(jb_free_auto) struct jb_prometheus_sample *room = NULL;
    size_t most = 1;
    size_t n = 0;

    for (size_t i = first; i < history->n_series; i++) {
        const struct prometheus__series *const one = &history->series[i];
        if (!is_same_channel(head, one))
            continue;
        most += one->n_samples;
        if (strcmp(head->instance, one->instance) != 0)
            return jb_fail(err, JB_E_INPUT, "choose one with --match 'instance=\"...\"'",
                           "'%s' is read through two instances: two nodes, or one node twice",
                           head->domain);
    }
    ret->samples = malloc(most * sizeof *ret->samples);
    room = malloc(most * sizeof *room);
    if (!ret->samples || !room)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    for (size_t i = first; i < history->n_series; i++) {
        const struct prometheus__series *const one = &history->series[i];
        if (!is_same_channel(head, one) || one->n_samples == 0)
            continue;
        if (n > 0) {
            n = add_part(ret->samples, n, one, room);
        } else {
            memcpy(ret->samples, one->samples, one->n_samples * sizeof *ret->samples);
            n = one->n_samples;
        }
    }
    ret->n_samples = cut(ret->samples, n, start_ms, end_ms);
    return JB_OK;
}

static int compare_i64(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Mean power from one reading to the next, or what a gauge says; -1 where it is none. */
static int64_t power_uw(const struct jb_prometheus_metric *metric,
                        const struct jb_prometheus_sample *before,
                        const struct jb_prometheus_sample *now)
{
    int64_t uw = now->raw;

    if (metric->is_counter)
        uw = before && now->raw >= before->raw
                 ? jb_muldiv_sat_i64(now->raw - before->raw, UW_MS_PER_UJ,
                                     now->utc_ms - before->utc_ms, JB_ROUND_CEIL)
                 : -1;
    return uw > metric->max_power_uw ? -1 : uw;
}

static size_t survey(struct jb_prometheus_channel *channel)
{
    const struct jb_prometheus_sample *before = NULL;
    int64_t steps[USUAL_SAMPLES];
    size_t n_steps = 0;
    size_t n_good = 0;

    channel->least_uw = -1;
    for (size_t i = 0; i < channel->n_samples; i++) {
        const struct jb_prometheus_sample *const now = &channel->samples[i];
        if (now->raw == JB_PROMETHEUS_FAILED) {
            channel->n_failed++;
            continue;
        }
        const int64_t uw = power_uw(channel->metric, before, now);
        if (uw >= 0 && (channel->least_uw < 0 || uw < channel->least_uw))
            channel->least_uw = uw;
        if (uw > channel->most_uw)
            channel->most_uw = uw;
        if (before && n_steps < USUAL_SAMPLES)
            steps[n_steps++] = now->utc_ms - before->utc_ms;
        before = now;
        n_good++;
    }
    if (n_steps > 0) {
        qsort(steps, n_steps, sizeof *steps, compare_i64);
        channel->usual_ms = steps[n_steps / 2];
    }
    return n_good;
}

static int64_t quantum_uj(const struct jb_prometheus_metric *metric)
{
    int64_t quantum = metric->is_counter ? 1 : 0;

    for (unsigned i = metric->decimals; metric->is_counter && i < 6; i++)
        quantum *= 10;
    return quantum;
}

static void describe(const struct prometheus__series *series, struct jb_prometheus_channel *of)
{
    const struct jb_prometheus_metric *const metric = series->metric;
    struct jb_channel *const channel = &of->channel;

    (void)snprintf(channel->id, sizeof channel->id, "%s", series->domain);
    (void)snprintf(channel->label, sizeof channel->label, "history of %s", metric->name);
    (void)snprintf(channel->driver, sizeof channel->driver, "import");
    (void)snprintf(channel->correlation, sizeof channel->correlation, "prometheus/%s",
                   metric->domain);
    channel->scope = metric->scope;
    channel->device = jb_device_of_scope(metric->scope);
    channel->semantics = metric->is_counter ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE;
    channel->origin = metric->is_counter ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE;
    channel->role = JB_ROLE_POST;
    if (metric->is_watched)
        channel->role = metric->scope == JB_SCOPE_CORE || metric->scope == JB_SCOPE_UNCORE
                            ? JB_ROLE_DETAIL
                            : JB_ROLE_CHECK;
    channel->unit_num = 1;
    channel->unit_den = 1;
    channel->quantum_uj = quantum_uj(metric);
    channel->update_ns = of->usual_ms * MS_NS;
    /* No reading is above this but for those that are none. */
    channel->max_power_uw = of->most_uw > 0 ? of->most_uw : 1;
    channel->accuracy_ppm = metric->accuracy_ppm;
}

/* Which of two that read one domain posts: the better metric, and the plain path before a second one. */
static bool is_better(const struct joined *a, const struct joined *b)
{
    if (a->of.metric->rank != b->of.metric->rank)
        return a->of.metric->rank < b->of.metric->rank;
    if (a->is_duplicate != b->is_duplicate)
        return b->is_duplicate;
    return a->of.metric < b->of.metric;
}

/*
 * R-PROM-02: of one domain the best posts; the others are "<domain>@<metric>", which R-TREE-02 takes for the same domain by
 * another way. A figure for all sockets is compared where each socket has one.
 */
static void tell_apart(struct joined *channels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct joined *const one = &channels[i];
        for (size_t k = 0; k < n; k++) {
            const struct joined *const other = &channels[k];
            if (k == i || other->of.channel.role != JB_ROLE_POST)
                continue;
            one->is_second = one->is_second ||
                             (strcmp(one->domain, other->domain) == 0 && !is_better(one, other));
            one->is_covered =
                one->is_covered || (one->of.metric->is_whole && !other->of.metric->is_whole &&
                                    one->of.metric->is_counter && other->of.metric->is_numbered &&
                                    one->of.metric->scope == other->of.metric->scope);
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct jb_channel *const channel = &channels[i].of.channel;
        const size_t len = strlen(channel->id);
        if (channels[i].is_second)
            (void)snprintf(channel->id + len, sizeof channel->id - len, "@%s%s",
                           channels[i].is_duplicate ? channels[i].of.metric->duplicate_value : "",
                           channels[i].is_duplicate ? "" : channels[i].of.metric->name);
        else if (channels[i].is_covered && channel->role == JB_ROLE_POST)
            channel->role = JB_ROLE_CHECK;
    }
}

static int compare_channels(const void *a, const void *b)
{
    return strcmp(((const struct joined *)a)->of.channel.id,
                  ((const struct joined *)b)->of.channel.id);
}

/* R-PROM-03: every time is a whole number of one step of a second or more after the first one. */
static bool is_grid(const struct joined *channels, size_t n)
{
    int64_t first_ms = -1;
    int64_t step_ms = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < channels[i].of.n_samples; k++) {
            int64_t a = channels[i].of.samples[k].utc_ms;
            if (first_ms < 0)
                first_ms = a;
            a = a > first_ms ? a - first_ms : first_ms - a;
            /* The greatest common divisor of all distances. */
            while (a != 0) {
                const int64_t rest = step_ms % a;
                step_ms = a;
                a = rest;
            }
        }
    return step_ms >= GRID_MIN_MS;
}

static struct jb_hash digest(const struct jb_prometheus_set *set)
{
    struct jb_hasher hasher;

    jb_hasher_begin(&hasher);
    for (size_t i = 0; i < set->n_channels; i++) {
        const struct jb_prometheus_channel *const one = &set->channels[i];
        jb_hasher_add(&hasher, one->channel.id, strlen(one->channel.id) + 1);
        for (size_t k = 0; k < one->n_samples; k++) {
            uint8_t bytes[16];
            for (size_t b = 0; b < 8; b++) {
                bytes[b] = (uint8_t)((uint64_t)one->samples[k].utc_ms >> (8 * b));
                bytes[8 + b] = (uint8_t)((uint64_t)one->samples[k].raw >> (8 * b));
            }
            jb_hasher_add(&hasher, bytes, sizeof bytes);
        }
    }
    return jb_hasher_end(&hasher);
}

static bool is_first_of_channel(const struct jb_prometheus *history, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_same_channel(&history->series[k], &history->series[i]))
            return false;
    return true;
}

/* The channels with two readings or more into `ret`, which has room. */
static jb_rc join_all(const struct jb_prometheus *history, int64_t start_ms, int64_t end_ms,
                      struct joined *ret, size_t *ret_n, struct jb_prometheus_set *set,
                      struct jb_error *err)
{
    for (size_t i = 0; i < history->n_series; i++) {
        const struct prometheus__series *const series = &history->series[i];
        struct joined one = {.of = {.metric = series->metric},
                             .is_duplicate = series->is_duplicate};
        if (!is_first_of_channel(history, i))
            continue;
        const jb_rc rc = join(history, i, start_ms, end_ms, &one.of, err);
        if (rc < 0 || survey(&one.of) < 2) {
            free(one.of.samples);
            if (rc < 0)
                return rc;
            if (set->n_short++ == 0)
                memcpy(set->short_id, series->domain, sizeof set->short_id);
            continue;
        }
        describe(series, &one.of);
        memcpy(one.domain, series->domain, sizeof one.domain);
        ret[(*ret_n)++] = one;
    }
    return JB_OK;
}

static jb_rc check_channels(const struct joined *channels, size_t n, struct jb_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (channels[i].of.channel.role == JB_ROLE_POST)
            return n <= JB_CHANNELS_MAX
                       ? JB_OK
                       : jb_fail(err, JB_E_INPUT, "import fewer with --preset or --match",
                                 "%zu channels on one node, of at most %d", n, JB_CHANNELS_MAX);
    return jb_fail(err, JB_E_INPUT,
                   "energy needs two readings with a time between: ask for a longer time, or look "
                   "at --preset and --match",
                   "no series of a known meter has two readings there");
}

jb_rc jb_prometheus_settle(struct jb_prometheus *history, int64_t start_ms, int64_t end_ms,
                           bool is_one_node, struct jb_prometheus_set *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct joined *joined = NULL;
    struct jb_prometheus_set set = {.n_unknown = history->n_unknown,
                                    .n_modelled = history->n_modelled};
    size_t n = 0;
    jb_rc rc = check_hosts(history, is_one_node, &set, err);

    memcpy(set.unknown, history->unknown, sizeof set.unknown);
    for (size_t i = 0; i < history->n_series && rc == JB_OK; i++)
        rc = order(&history->series[i], err);
    if (rc < 0)
        return rc;
    joined = calloc(history->n_series ? history->n_series : 1, sizeof *joined);
    set.channels = calloc(history->n_series ? history->n_series : 1, sizeof *set.channels);
    rc = joined && set.channels ? join_all(history, start_ms, end_ms, joined, &n, &set, err)
                                : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    if (rc == JB_OK)
        rc = check_channels(joined, n, err);
    if (rc == JB_OK) {
        tell_apart(joined, n);
        qsort(joined, n, sizeof *joined, compare_channels);
        set.is_grid = is_grid(joined, n);
    }
    for (size_t i = 0; i < n; i++)
        set.channels[i] = joined[i].of;
    set.n_channels = n;
    if (rc < 0) {
        jb_prometheus_set_release(&set);
        return rc;
    }
    set.hash = digest(&set);
    *ret = set;
    return JB_OK;
}
