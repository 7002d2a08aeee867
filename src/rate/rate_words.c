/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people call applications, architectures and stages to the words of classes (R-RATING-03), and the words of methods. Must
 * never make one word of two that may mean different things.
 */
#include <string.h>

#include "base/clean.h"
#include "rate/rate.h"

/* The word, or its beginning where a digit or a hyphen follows. */
struct alias {
    const char *begins, *word;
};

static const struct alias applications[] = {
    {"llm", "nlp-llm"},
    {"language-model", "nlp-llm"},
    {"language-modeling", "nlp-llm"},
    {"language-modelling", "nlp-llm"},
    {"text-generation", "nlp-llm"},
    {"text-classification", "nlp-encoder"},
    {"sentiment-analysis", "nlp-encoder"},
    {"machine-translation", "translation"},
    {"recognition-of-images", "image-classification"},
    {"image-recognition", "image-classification"},
    {"classification-of-images", "image-classification"},
    {"recommender", "recommendation"},
    {"recommender-systems", "recommendation"},
    {"speech-recognition", "speech"},
    {"asr", "speech"},
    {"image-segmentation", "segmentation"},
    {"semantic-segmentation", "segmentation"},
    {"text-to-image", "image-generation"},
    {"rl", "reinforcement-learning"},
};

static const struct alias architectures[] = {
    {"resnet", "cnn"},
    {"resnext", "cnn"},
    {"densenet", "cnn"},
    {"vgg", "cnn"},
    {"alexnet", "cnn"},
    {"inception", "cnn"},
    {"xception", "cnn"},
    {"mobilenet", "cnn"},
    {"mobilenetv", "cnn"},
    {"efficientnet", "cnn"},
    {"efficientnetv", "cnn"},
    {"shufflenet", "cnn"},
    {"convnext", "cnn"},
    {"unet", "cnn"},
    {"u-net", "cnn"},
    {"convnet", "cnn"},
    {"convolutional", "cnn"},
    {"vision-transformer", "vit"},
    {"deit", "vit"},
    {"swin", "vit"},
    {"bert", "transformer-encoder"},
    {"roberta", "transformer-encoder"},
    {"distilbert", "transformer-encoder"},
    {"gpt", "transformer-decoder"},
    {"llama", "transformer-decoder"},
    {"decoder-only", "transformer-decoder"},
    {"encoder-only", "transformer-encoder"},
    {"encoder-decoder", "transformer-encoder-decoder"},
    {"t5", "transformer-encoder-decoder"},
    {"bart", "transformer-encoder-decoder"},
    {"moe", "transformer-moe"},
    {"mixture-of-experts", "transformer-moe"},
    {"lstm", "rnn"},
    {"gru", "rnn"},
    {"recurrent", "rnn"},
    {"mask-r-cnn", "rcnn"},
    {"faster-r-cnn", "rcnn"},
    {"r-cnn", "rcnn"},
    {"gcn", "gnn"},
    {"gat", "gnn"},
    {"graph-neural-network", "gnn"},
    {"fully-connected", "mlp"},
    {"stable-diffusion", "diffusion"},
    {"ddpm", "diffusion"},
    {"matrix-factorization", "matrix-factorisation"},
};

static const struct alias stages[] = {
    {"train", "pretraining"},
    {"training", "pretraining"},
    {"final", "pretraining"},
    {"pretrain", "pretraining"},
    {"pre-train", "pretraining"},
    {"pre-training", "pretraining"},
    {"finetune", "finetuning"},
    {"fine-tune", "finetuning"},
    {"fine-tuning", "finetuning"},
    {"retrain", "retraining"},
    {"update", "retraining"},
    {"search", "hyperparameter-search"},
    {"tune", "hyperparameter-search"},
    {"sweep", "hyperparameter-search"},
    {"nas", "architecture-search"},
    {"explore", "development"},
    {"develop", "development"},
    {"debug", "development"},
    {"eval", "evaluation"},
    {"evaluate", "evaluation"},
    {"validate", "evaluation"},
    {"test", "evaluation"},
    {"infer", "inference"},
    {"serve", "inference"},
};

/* Lower case; one hyphen for whatever stands between letters and digits. */
static void plain(const char *text, char *buf, size_t size)
{
    size_t n = 0;

    for (; *text && n + 1 < size; text++) {
        const char c = *text;
        if (c >= 'A' && c <= 'Z')
            buf[n++] = (char)(c | 0x20);
        else if (jb_clean_is_alnum(c) || (unsigned char)c >= 0x80)
            buf[n++] = c;
        else if (n > 0 && buf[n - 1] != '-')
            buf[n++] = '-';
    }
    while (n > 0 && buf[n - 1] == '-')
        n--;
    buf[n] = '\0';
}

static const char *word_of(const struct alias *aliases, size_t n, bool takes_beginning,
                           const char *text, char *buf, size_t size)
{
    plain(text, buf, size);
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(aliases[i].begins);
        const char next = strncmp(buf, aliases[i].begins, len) == 0 ? buf[len] : 'x';
        if (next == '\0' || (takes_beginning && ((next >= '0' && next <= '9') || next == '-'))) {
            (void)snprintf(buf, size, "%s", aliases[i].word);
            break;
        }
    }
    return buf;
}

const char *jb_rate_application(const char *text, char *buf, size_t size)
{
    return word_of(applications, JB_ARRAY_LEN(applications), false, text, buf, size);
}

const char *jb_rate_architecture(const char *text, char *buf, size_t size)
{
    return word_of(architectures, JB_ARRAY_LEN(architectures), true, text, buf, size);
}

const char *jb_rate_stage(const char *text, char *buf, size_t size)
{
    return word_of(stages, JB_ARRAY_LEN(stages), false, text, buf, size);
}

static const char *const boundaries[JB_RATE_BOUNDARIES] = {"untold",     "chips", "boards",
                                                           "components", "nodes", "cluster"};
static const char *const bases[JB_RATE_BASES] = {"untold", "measured", "estimated", "modelled"};
static const char *const overheads[JB_RATE_OVERHEADS] = {"PUE untold", "without PUE", "with PUE"};
static const char *const measures[JB_RATE_MEASURES] = {"flop", "example", "parameter", "run"};

static int find(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

const char *jb_rate_boundary_name(enum jb_rate_boundary boundary)
{
    return boundaries[boundary];
}

const char *jb_rate_basis_name(enum jb_rate_basis basis)
{
    return bases[basis];
}

const char *jb_rate_overhead_name(enum jb_rate_overhead overhead)
{
    return overheads[overhead];
}

const char *jb_rate_measure_name(enum jb_rate_measure measure)
{
    return measures[measure];
}

int jb_rate_boundary_from_name(const char *name)
{
    return find(boundaries, JB_RATE_BOUNDARIES, name);
}

int jb_rate_basis_from_name(const char *name)
{
    return find(bases, JB_RATE_BASES, name);
}

int jb_rate_measure_from_name(const char *name)
{
    return find(measures, JB_RATE_MEASURES, name);
}

const char *jb_rate_verdict_text(unsigned verdicts, char *buf, size_t size)
{
    static const char *const texts[] = {
        "",     "low",         "normal",         "low or normal",
        "high", "low or high", "normal or high", "low, normal or high"};

    (void)snprintf(buf, size, "%s", texts[verdicts & 7]);
    return buf;
}

const char *jb_rate_left_out_text(enum jb_rate_left_out reason)
{
    static const char *const texts[JB_RATE_LEFT_OUT] = {
        [JB_RATE_NO_ENERGY] = "without energy, or with more than is kept of it",
        [JB_RATE_IMPLAUSIBLE] = "implausible",
        [JB_RATE_KNOWN_WRONG] = "known to be wrong",
        [JB_RATE_NO_TRAINING] = "no single training of their own",
    };
    return texts[reason];
}
