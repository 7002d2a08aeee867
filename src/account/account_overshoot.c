/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks with metrics to the energy that was spent after the best value of each (R-OVERSHOOT-01 to -03). Must never guess
 * which way a metric is better.
 */
#include <string.h>

#include "account/account_int.h"
#include "account/account_marks.h"

#define VALUE_SCALE 9
#define UNKNOWN_MAX 160

/* In the order in which they outrank each other: "dice_loss" is a loss, "val_acc_step" an accuracy, "loss_scale" none. */
enum way { WAY_UNKNOWN, WAY_OTHER, WAY_MAX, WAY_MIN, WAY_NONE };

/* A part of a metric's name, between '_', '-', '.', '/', '@' and digits: "val_top1_accuracy", "eval/loss". */
static const struct {
    const char *word;
    enum way way;
} words[] = {
    {"accuracy", WAY_MAX}, {"acc", WAY_MAX},      {"f", WAY_MAX},          {"auc", WAY_MAX},
    {"auroc", WAY_MAX},    {"map", WAY_MAX},      {"bleu", WAY_MAX},       {"rouge", WAY_MAX},
    {"iou", WAY_MAX},      {"miou", WAY_MAX},     {"dice", WAY_MAX},       {"precision", WAY_MAX},
    {"recall", WAY_MAX},   {"loss", WAY_MIN},     {"error", WAY_MIN},      {"err", WAY_MIN},
    {"ppl", WAY_MIN},      {"nll", WAY_MIN},      {"perplexity", WAY_MIN}, {"wer", WAY_MIN},
    {"cer", WAY_MIN},      {"mae", WAY_MIN},      {"mse", WAY_MIN},        {"rmse", WAY_MIN},
    {"lr", WAY_OTHER},     {"rate", WAY_OTHER},   {"time", WAY_OTHER},     {"seconds", WAY_OTHER},
    {"batch", WAY_OTHER},  {"tokens", WAY_OTHER}, {"samples", WAY_OTHER},  {"step", WAY_OTHER},
    {"scale", WAY_NONE},   {"weight", WAY_NONE},
};

/* What is kept of a metric while the marks are gone through. */
struct metric {
    char name[sizeof((struct jb_account_overshoot *)0)->metric];
    enum way way;
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

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_same(const char *word, size_t len, const char *known)
{
    if (strlen(known) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((word[i] | 0x20) != known[i])
            return false;
    return true;
}

/* R-OVERSHOOT-02 */
static enum way way_of(const char *name)
{
    enum way way = WAY_UNKNOWN;

    for (size_t at = 0; name[at];) {
        size_t len = 0;
        while (is_letter(name[at + len]))
            len++;
        for (size_t i = 0; len > 0 && i < JB_ARRAY_LEN(words); i++)
            if (words[i].way > way && is_same(name + at, len, words[i].word))
                way = words[i].way;
        at += len > 0 ? len : 1;
    }
    return way == WAY_OTHER ? WAY_NONE : way;
}

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
    metric->way = way_of(metric->name);
    return metric;
}

/* "metric accuracy:max" outranks what its name says. */
static void take_stated(struct search *search, const char *name)
{
    const char *const text = strncmp(name, "metric ", 7) == 0 ? name + 7 : "";
    const char *const colon = strrchr(text, ':');
    struct metric *const metric = colon ? metric_of(search, text, (size_t)(colon - text)) : NULL;

    if (metric && strcmp(colon, ":max") == 0)
        metric->way = WAY_MAX;
    else if (metric && strcmp(colon, ":min") == 0)
        metric->way = WAY_MIN;
}

static void take_value(struct search *search, const struct jb_account_mark *mark, const char *word,
                       size_t len)
{
    const char *const equals = memchr(word, '=', len);
    struct metric *const metric = equals ? metric_of(search, word, (size_t)(equals - word)) : NULL;
    int64_t value;

    if (!metric || metric->way == WAY_NONE)
        return;
    const char *const digits = equals + 1;
    size_t n = len - (size_t)(digits - word);
    n -= n > 0 && digits[n - 1] == '%';
    if (jb_parse_decimal(digits, n, VALUE_SCALE, &value) < 0)
        return; /* "nan": no value */
    const bool is_better = metric->n_values == 0 ||
                           (metric->way == WAY_MIN ? value < metric->best : value > metric->best);
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
        if (metric->way != WAY_UNKNOWN || metric->n_values < 2)
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
        if ((metric->way != WAY_MAX && metric->way != WAY_MIN) || metric->n_values < 2 ||
            all_uj <= 0)
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
