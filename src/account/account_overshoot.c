/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks with metrics to the energy that was spent after the best value of each (R-OVERSHOOT-01 to -03). Must never guess
 * which way a metric is better.
 */
#include <string.h>

#include "account/account_int.h"
#include "account/account_marks.h"
#include "model/metric.h"

#define UNKNOWN_MAX 160

/* What is kept of a metric while the marks are gone through. */
struct metric {
    char name[sizeof((struct jb_account_overshoot *)0)->metric];
    enum jb_metric_way way;
    size_t n_values;
    int64_t best;
    struct jb_account_overshoot found;
};

struct search {
    struct metric metrics[JB_OVERSHOOTS_MAX];
    size_t n;
    char epoch[64]; /* the last one */
    int64_t n_epochs;
};

static struct metric *metric_of(struct search *search, const char *name, size_t len)
{
    if (len == 0 || len >= sizeof search->metrics[0].name)
        return NULL;
    for (size_t i = 0; i < search->n; i++)
        if (strlen(search->metrics[i].name) == len &&
            memcmp(search->metrics[i].name, name, len) == 0)
            return &search->metrics[i];
    if (search->n == JB_OVERSHOOTS_MAX)
        return NULL;
    struct metric *const metric = &search->metrics[search->n++];
    memcpy(metric->name, name, len);
    metric->name[len] = '\0';
    metric->way = jb_metric_way(metric->name);
    return metric;
}

/* "metric accuracy:max" outranks what its name says. */
static void take_stated(struct search *search, const char *name)
{
    const char *const text = strncmp(name, "metric ", 7) == 0 ? name + 7 : "";
    const char *const colon = strrchr(text, ':');
    struct metric *const metric = colon ? metric_of(search, text, (size_t)(colon - text)) : NULL;

    if (metric && strcmp(colon, ":max") == 0)
        metric->way = JB_METRIC_WAY_MAX;
    else if (metric && strcmp(colon, ":min") == 0)
        metric->way = JB_METRIC_WAY_MIN;
}

static void take_value(struct search *search, const struct jb_account_mark *mark, const char *word,
                       size_t len)
{
    const char *const equals = memchr(word, '=', len);
    struct metric *const metric = equals ? metric_of(search, word, (size_t)(equals - word)) : NULL;
    int64_t value;

    if (!metric || metric->way == JB_METRIC_WAY_NONE)
        return;
    const char *const digits = equals + 1;
    size_t n = len - (size_t)(digits - word);
    n -= n > 0 && digits[n - 1] == '%';
    if (jb_parse_decimal(digits, n, JB_METRIC_SCALE, &value) < 0)
        return; /* "nan": no value */
    const bool is_better =
        metric->n_values == 0 ||
        (metric->way == JB_METRIC_WAY_MIN ? value < metric->best : value > metric->best);
    metric->n_values++;
    if (!is_better)
        return;
    metric->best = value;
    struct jb_account_overshoot *const found = &metric->found;
    (void)snprintf(found->best, sizeof found->best, "%.*s", (int)len - (int)(digits - word),
                   digits);
    memcpy(found->at, search->epoch, sizeof found->at);
    found->until_uj = mark->run_uj;
}

static void take_mark(struct search *search, const struct jb_account_mark *written)
{
    struct jb_mark mark;

    jb_mark_parse(written->text, strnlen(written->text, sizeof written->text), &mark);
    if (mark.kind == JB_MARK_STATED) {
        take_stated(search, mark.name);
        return;
    }
    if (mark.kind == JB_MARK_EPOCH) {
        memcpy(search->epoch, mark.name, sizeof search->epoch);
        search->n_epochs++;
    }
    for (const char *at = mark.metrics; *at;) {
        const size_t len = strcspn(at, " ");
        take_value(search, written, at, len);
        at += len + (at[len] == ' ' ? 1 : 0);
    }
}

static void note_unknown(const struct search *search, struct jb_account *account)
{
    char names[UNKNOWN_MAX] = "";
    const char *first = NULL;

    for (size_t i = 0; i < search->n; i++) {
        const struct metric *const metric = &search->metrics[i];
        const size_t used = strlen(names);
        if (metric->way != JB_METRIC_WAY_UNKNOWN || metric->n_values < 2)
            continue;
        first = first ? first : metric->name;
        (void)snprintf(names + used, sizeof names - used, "%s'%s'", used > 0 ? ", " : "",
                       metric->name);
    }
    if (first)
        jb_account_note(account,
                        "which way %s is better is not known, so what was spent after its best "
                        "value is not told: say --metric %s:max or %s:min",
                        names, first, first);
}

void jb_account_overshoots(const struct jb_account_builder *builder, struct jb_account *account)
{
    struct search search = {.n = 0};
    const int64_t all_uj =
        builder->has_marks_end ? builder->marks_end.run_uj : account->energy_uj.best;

    for (size_t i = 0; i < builder->n_marks; i++)
        take_mark(&search, &builder->marks[i]);
    for (size_t i = 0; i < search.n; i++) {
        struct metric *const metric = &search.metrics[i];
        if ((metric->way != JB_METRIC_WAY_MAX && metric->way != JB_METRIC_WAY_MIN) ||
            metric->n_values < 2 || all_uj <= 0)
            continue;
        memcpy(metric->found.metric, metric->name, sizeof metric->found.metric);
        metric->found.n_epochs = search.n_epochs;
        metric->found.after_uj =
            all_uj > metric->found.until_uj ? all_uj - metric->found.until_uj : 0;
        metric->found.after_ppm =
            jb_muldiv_sat_i64(metric->found.after_uj, 1000000, all_uj, JB_ROUND_NEAREST);
        account->overshoots[account->n_overshoots++] = metric->found;
    }
    note_unknown(&search, account);
}
