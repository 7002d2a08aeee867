/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook count FILE...`: operations and parameters of model files, and the work of a training with them. Must never guess a
 * size: what is open stays a formula until it is bound. R-COUNT-03, R-WORK-01, -02, -05, -06.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/count_tell.h"
#include "cli/work_count.h"

static const struct jb_option options[] = {
    {0, "bind", "NAME=N", "sizes that the file leaves open: batch=32,seq=128", true},
    {0, "by", "WORD", "all rows by op, layer or type", false},
    {0, "examples", "N", "the training sees so many examples in an epoch", false},
    {0, "epochs", "N", "so many times (else once)", false},
    {0, "recompute", NULL, "it computes activations anew in the backward pass", false},
    {0, "frozen", "WHAT", "layers not trained: the beginning of their names, or a share (0.8)",
     false},
    {0, "lora", "RANK", "adapters of this rank are trained, and nothing else", false},
    {0, "devices", "N", "it ran on so many accelerators", false},
    {0, "accelerator", "NAME", "of this kind", false},
    {0, "hours", "H", "for so many hours", false},
    {0, "utilisation", "SHARE", "at this share of their peak (0.4)", false},
    {0, NULL, NULL, NULL, false},
};

/* Everything of one command; large, so not on the stack. */
struct desk {
    struct jb_count_order order;
    struct jb_training_order training;
    struct jb_count_told told;
    struct jb_accelerator accelerator;
};

static jb_rc take_by(const struct jb_args *args, struct jb_count_told *told, struct jb_error *err)
{
    const char *const by = jb_args_text(args, "by");

    told->is_by_told = by != NULL;
    for (int i = 0; by && i < JB_COUNT_BYS; i++)
        if (strcmp(by, jb_count_by_names[i]) == 0) {
            told->by = (enum jb_count_by)i;
            return JB_OK;
        }
    return by ? jb_fail(err, JB_E_USAGE, "op, layer or type", "there are no rows by '%s'", by)
              : JB_OK;
}

/* A share of the work, or the beginning of names. */
static jb_rc take_frozen(const struct jb_args *args, struct jb_training_order *order,
                         struct jb_error *err)
{
    const char *const text = jb_args_text(args, "frozen");
    int64_t ppm;

    if (!text)
        return JB_OK;
    if (jb_args_has(args, "lora"))
        return jb_fail(err, JB_E_USAGE, "with adapters everything else is frozen",
                       "'--frozen' and '--lora' do not go together");
    if (jb_parse_decimal(text, strlen(text), 6, &ppm) < 0) {
        order->frozen = text;
        return JB_OK;
    }
    if (ppm < 0 || ppm > 1000000)
        return jb_fail(err, JB_E_USAGE, "a share between 0 and 1", "'--frozen' is '%s'", text);
    order->frozen_ppm = ppm;
    return JB_OK;
}

static jb_rc take_work(const struct jb_args *args, struct jb_training_order *order,
                       struct jb_error *err)
{
    static const char *const needs[] = {"epochs", "recompute", "frozen", "lora"};
    jb_rc rc =
        jb_args_decimal(args, "examples", 0, 1, INT64_MAX / 1000000, -1, &order->n_examples, err);

    if (rc == JB_OK)
        rc = jb_args_decimal(args, "epochs", 3, 1, 1000000000, 1000, &order->epochs_milli, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "lora", 0, 1, 1000000, -1, &order->lora_rank, err);
    if (rc == JB_OK)
        rc = take_frozen(args, order, err);
    if (rc < 0)
        return rc;
    order->is_recomputed = jb_args_has(args, "recompute");
    for (size_t i = 0; i < JB_ARRAY_LEN(needs) && order->n_examples < 0; i++)
        if (jb_args_has(args, needs[i]))
            return jb_fail(err, JB_E_USAGE, "give --examples N", "'--%s' is of a training",
                           needs[i]);
    return JB_OK;
}

/* R-WORK-14: the dense rate in the narrowest number that trainings use and the table has. */
static jb_rc take_peak(const char *name, struct desk *desk, struct jb_error *err)
{
    struct jb_accelerator *const board = &desk->accelerator;
    const jb_rc rc = jb_catalogue_find_accelerator(name, board, err);

    if (rc < 0)
        return rc;
    const struct {
        const struct jb_span *span;
        const char *basis;
    } rates[] = {{&board->bf16_gflops, "dense bfloat16"},
                 {&board->fp16_gflops, "dense float16"},
                 {&board->fp32_gflops, "float32"}};
    for (size_t i = 0; i < JB_ARRAY_LEN(rates); i++)
        if (rates[i].span->n_rows > 0 && rates[i].span->best > 0) {
            desk->training.peak_gflops = rates[i].span->best;
            desk->told.is_peak_span = rates[i].span->low != rates[i].span->high;
            (void)snprintf(desk->told.peak_basis, sizeof desk->told.peak_basis, "%s",
                           rates[i].basis);
            (void)snprintf(desk->told.accelerator, sizeof desk->told.accelerator, "%s",
                           board->usual[0] ? board->usual : board->name);
            return JB_OK;
        }
    return jb_fail(err, JB_E_NOT_FOUND, "joulebook catalogue find NAME shows what is known",
                   "the catalogue has no rate of '%s'", name);
}

/* Four that belong together. */
static jb_rc take_device_time(const struct jb_args *args, struct desk *desk, struct jb_error *err)
{
    static const char *const names[] = {"devices", "accelerator", "hours", "utilisation"};
    struct jb_training_order *const order = &desk->training;
    size_t n_given = 0;
    int64_t millionths = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        n_given += jb_args_has(args, names[i]);
    if (n_given == 0)
        return JB_OK;
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        if (!jb_args_has(args, names[i]))
            return jb_fail(err, JB_E_USAGE,
                           "--devices N --accelerator NAME --hours H --utilisation SHARE",
                           "operations by device time need '--%s' as well", names[i]);
    jb_rc rc = jb_args_decimal(args, "devices", 0, 1, 100000000, -1, &order->n_devices, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "hours", 6, 1, 1000000000000, -1, &millionths, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "utilisation", 6, 1, 1000000, -1, &order->utilisation_ppm, err);
    if (rc == JB_OK)
        rc = jb_mul_i64(millionths, 3600000, &order->duration_ns); /* of an hour */
    return rc == JB_OK ? take_peak(jb_args_text(args, "accelerator"), desk, err) : rc;
}

static jb_rc take_options(const struct jb_args *args, struct desk *desk, struct jb_error *err)
{
    desk->training = (struct jb_training_order){.frozen_ppm = -1, .n_devices = -1};
    jb_rc rc = jb_work_bindings(args, &desk->order, err);

    if (rc == JB_OK)
        rc = take_by(args, &desk->told, err);
    if (rc == JB_OK)
        rc = take_work(args, &desk->training, err);
    return rc == JB_OK ? take_device_time(args, desk, err) : rc;
}

static jb_rc count_one(struct jb_cli *cli, struct desk *desk, const char *path, json_t *list,
                       struct jb_error *err)
{
    JB_AUTO(jb_count_release) struct jb_count count = {0};
    struct jb_training training;

    desk->order.path = path;
    jb_rc rc = jb_count_file(&desk->order, &count, err);
    if (rc == JB_OK)
        rc = jb_training_work(&count, &desk->training, &training, err);
    if (rc < 0)
        return rc;
    desk->told.path = path;
    desk->told.count = &count;
    desk->told.order = &desk->training;
    desk->told.training = &training;
    if (list)
        rc = json_array_append_new(list, jb_count_tell_json(&desk->told)) < 0
                 ? jb_fail(err, JB_E_NOMEM, NULL, "no memory for the figures")
                 : JB_OK;
    else
        jb_count_tell_text(&desk->told, &cli->style, &cli->out);
    return rc;
}

static void json_free(json_t **json)
{
    json_decref(*json);
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct desk *desk = calloc(1, sizeof *desk);
    JB_AUTO(json_free) json_t *list = jb_args_has(&cli->args, "json") ? json_array() : NULL;

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to count");
    jb_rc rc = take_options(&cli->args, desk, err);
    for (size_t i = 0; i < cli->args.n_words && rc == JB_OK; i++) {
        if (i > 0 && !list)
            jb_buf_add_text(&cli->out, "\n");
        rc = count_one(cli, desk, cli->args.words[i], list, err);
    }
    if (rc < 0 || !list)
        return rc;
    JB_AUTO(jb_free_auto) char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the figures");
    jb_buf_addf(&cli->out, "%s\n", text);
    return JB_OK;
}

const struct jb_command jb_cmd_count = {
    .name = "count",
    .summary = "operations and parameters of a model file, and the work of its training",
    .usage = "FILE... [--bind NAME=N,...] [OPTION...]",
    .about =
        "FILE is ONNX, safetensors (a file, the index of several, or a folder with one) or GGUF. "
        "Weights are\n"
        "not read. Of one forward pass: multiply-adds of dense operators, exactly; FLOP; bytes; "
        "parameters.\n"
        "Sizes that the file leaves open are kept as a formula until they are bound. What was not "
        "counted is\n"
        "listed with the reason. With --examples: the work of a training, 3 x the forward pass and "
        "4 x where\n"
        "activations are computed anew; 6 N D stands beside it. With --devices and its kin: the "
        "same by device\n"
        "time, and the factor between both.",
    .examples = "  joulebook count model.onnx --bind batch=1\n"
                "  joulebook count llama/ --bind batch=1,seq=4096 --by layer\n"
                "  joulebook count bert.onnx --bind batch=1,seq=128 --examples 1e6 --epochs 3\n"
                "  joulebook count gpt.gguf --bind batch=1,seq=2048 --examples 1e6 --devices 8 \\\n"
                "      --accelerator 'A100 80GB' --hours 100 --utilisation 0.4\n",
    .options = options,
    .flags = JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
