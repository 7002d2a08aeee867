/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a metric is better, by the words in its name. Must never guess. */
#include "model/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"

/* A part of a metric's name, between '_', '-', '.', '/', '@' and digits: "val_top1_accuracy", "eval/loss". */
static const struct {
    const char *word;
    enum jb_metric_way way;
} words[] = {
    {"accuracy", JB_METRIC_WAY_MAX},   {"acc", JB_METRIC_WAY_MAX},
    {"f", JB_METRIC_WAY_MAX},          {"auc", JB_METRIC_WAY_MAX},
    {"auroc", JB_METRIC_WAY_MAX},      {"map", JB_METRIC_WAY_MAX},
    {"bleu", JB_METRIC_WAY_MAX},       {"rouge", JB_METRIC_WAY_MAX},
    {"iou", JB_METRIC_WAY_MAX},        {"miou", JB_METRIC_WAY_MAX},
    {"dice", JB_METRIC_WAY_MAX},       {"precision", JB_METRIC_WAY_MAX},
    {"recall", JB_METRIC_WAY_MAX},     {"loss", JB_METRIC_WAY_MIN},
    {"error", JB_METRIC_WAY_MIN},      {"err", JB_METRIC_WAY_MIN},
    {"ppl", JB_METRIC_WAY_MIN},        {"nll", JB_METRIC_WAY_MIN},
    {"perplexity", JB_METRIC_WAY_MIN}, {"wer", JB_METRIC_WAY_MIN},
    {"cer", JB_METRIC_WAY_MIN},        {"mae", JB_METRIC_WAY_MIN},
    {"mse", JB_METRIC_WAY_MIN},        {"rmse", JB_METRIC_WAY_MIN},
    {"lr", JB_METRIC_WAY_OTHER},       {"rate", JB_METRIC_WAY_OTHER},
    {"time", JB_METRIC_WAY_OTHER},     {"seconds", JB_METRIC_WAY_OTHER},
    {"batch", JB_METRIC_WAY_OTHER},    {"tokens", JB_METRIC_WAY_OTHER},
    {"samples", JB_METRIC_WAY_OTHER},  {"step", JB_METRIC_WAY_OTHER},
    {"scale", JB_METRIC_WAY_NONE},     {"weight", JB_METRIC_WAY_NONE},
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
enum jb_metric_way jb_metric_way(const char *name)
{
    enum jb_metric_way way = JB_METRIC_WAY_UNKNOWN;

    for (size_t at = 0; name[at];) {
        size_t len = 0;
        while (is_letter(name[at + len]))
            len++;
        for (size_t i = 0; len > 0 && i < JB_ARRAY_LEN(words); i++)
            if (words[i].way > way && is_same(name + at, len, words[i].word))
                way = words[i].way;
        at += len > 0 ? len : 1;
    }
    return way == JB_METRIC_WAY_OTHER ? JB_METRIC_WAY_NONE : way;
}
