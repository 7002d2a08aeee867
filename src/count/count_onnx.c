/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ONNX file counted: read, walked, added up, and what a reader of the figures should know of them said in notes.
 * R-COUNT-01 to -09, R-COUNT-14.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "base/num.h"
#include "count/count_int.h"
#include "count/walk_int.h"

#define NOTES_MAX 32

struct notes {
    struct jb_arena *arena;
    const char *list[NOTES_MAX];
    size_t n;
    bool has_failed;
};

JB_PRINTF(2, 3) static void say(struct notes *notes, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const size_t n = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    const char *const kept =
        jb_count_text(notes->arena, (struct jb_span){.at = (const uint8_t *)text, .len = n});
    notes->has_failed |= !kept;
    if (kept && notes->n < NOTES_MAX)
        notes->list[notes->n++] = kept;
}

/* By enum jb_walk_note: how many, and the first of them. */
static const char *const noted_texts[JB_NOTES] = {
    [JB_NOTE_DECLARED] = "declared with other sizes than those computed, which count",
    [JB_NOTE_NO_VALUE] = "used by a node before anything makes it",
    [JB_NOTE_ZERO] = "an input's size of 0 is taken for an open one",
    [JB_NOTE_OPSET] = "operator set not imported, taken for version 1",
    [JB_NOTE_BRANCH] = "of an If the branch with more multiply-adds counts",
    [JB_NOTE_LOOP_SYMBOL] = "how often a loop runs is not told: a symbol stands for it",
    [JB_NOTE_LOOP_EARLY] = "a loop that may stop early counts as if it never did",
    [JB_NOTE_LOOP_SHAPE] =
        "a size changes from one run of a loop to the next: a symbol stands for it",
    [JB_NOTE_SPARSE] = "sparse weights count as dense ones",
    [JB_NOTE_BYTES] = "bytes of an operator are not known and not in the sum",
};

static void say_noted(struct notes *notes, const struct jb_walk *walk)
{
    for (int i = 0; i < JB_NOTES; i++) {
        const struct jb_walk_noted *const noted = &walk->noted[i];
        const int len = noted->first.len < 96 ? (int)noted->first.len : 96;
        const char *const first = (const char *)noted->first.at;
        if (noted->n == 1)
            say(notes, "%s: '%.*s'", noted_texts[i], len, first);
        else if (noted->n > 1)
            say(notes, "%s: '%.*s' and %" PRId64 " more", noted_texts[i], len, first, noted->n - 1);
    }
}

static void say_versions(struct notes *notes, const struct jb_onnx_model *model, int64_t opset)
{
    if (model->ir_version > JB_ONNX_IR_MAX)
        say(notes, "made for version %" PRId64 " of the format; %d is the newest known here",
            model->ir_version, JB_ONNX_IR_MAX);
    if (opset > JB_ONNX_OPSET_MAX)
        say(notes, "made for operator set %" PRId64 "; %d is the newest known here", opset,
            JB_ONNX_OPSET_MAX);
    if (model->has_training_info)
        say(notes, "the file has training information, which is not counted");
}

static void say_weights(struct notes *notes, const struct jb_walk *walk)
{
    int64_t n_unused = 0, unused_elements = 0, n_constants = 0, constant_elements = 0;
    for (const struct jb_weight *weight = walk->first_weight; weight; weight = weight->next) {
        if (!weight->is_constant_node && weight->roles == 0 && weight->n_uses == 0) {
            n_unused++;
            unused_elements = jb_add_sat_i64(unused_elements, weight->tensor->n_elements);
        }
        if (weight->is_constant_node && jb_weight__is_parameter(weight)) {
            n_constants++;
            constant_elements = jb_add_sat_i64(constant_elements, weight->n_numbers);
        }
    }
    if (n_unused > 0)
        say(notes, "stored tensors that no node uses: %" PRId64 ", with %" PRId64 " elements",
            n_unused, unused_elements);
    if (n_constants > 0)
        say(notes,
            "constants that feed dense operators and count as parameters: %" PRId64
            ", with %" PRId64 " elements",
            n_constants, constant_elements);
}

static jb_rc say_external(struct notes *notes, const struct jb_onnx_model *model, const char *path,
                          struct jb_error *err)
{
    struct jb_onnx_external external;
    if (model->n_external_bytes == 0)
        return JB_OK;
    const jb_rc rc = jb_onnx_external_check(model, path, &external, err);
    if (rc)
        return rc;
    say(notes, "%" PRId64 " bytes of weights are in %zu other files", model->n_external_bytes,
        external.n_files);
    if (external.n_missing > 0)
        say(notes, "%zu of these files are missing, first '%.*s': counted by what the model says",
            external.n_missing, (int)external.missing.len, (const char *)external.missing.at);
    if (external.n_elsewhere > 0)
        say(notes, "%zu of these files are links out of the folder, first '%.*s': not looked at",
            external.n_elsewhere, (int)external.elsewhere.len, (const char *)external.elsewhere.at);
    return JB_OK;
}

/* --- the pass ---------------------------------------------------------------------------------------------------- */

static bool is_integer(int64_t type)
{
    return type == JB_ONNX_INT64 || type == JB_ONNX_INT32;
}

static bool is_integer_table(const struct jb_value *value)
{
    return value->n_dims == 2 && is_integer(value->type);
}

/* R-COUNT-07: the first size of the first input of two or more dimensions, which the others share or have as 1 (a mask for
 * all). Positions [1, seq] say nothing of it where anything else does. Length: the second of the first table of integers. */
static void set_examples(const struct jb_walk *walk, const struct jb_scope *scope,
                         struct jb_count *ret)
{
    const struct jb_onnx_graph *const graph = &walk->model->graph;
    struct jb_dim examples = jb_dim_unknown(), length = jb_dim_unknown();
    bool agrees = true, has_any = false, has_one = false, has_length = false;

    for (size_t i = 0; i < graph->n_inputs; i++) {
        const struct jb_slot *const slot = jb_scope__find(walk, scope, graph->inputs[i].name);
        if (!slot || slot->weight || !slot->value.is_ranked || slot->value.n_dims < 2)
            continue;
        const struct jb_dim first = slot->value.dims[0];
        if (!has_length && is_integer_table(&slot->value)) {
            length = slot->value.dims[1];
            has_length = true;
        }
        if (jb_dim_is(first, 1) && (has_any || is_integer_table(&slot->value))) {
            has_one = true;
        } else if (has_any) {
            agrees &= jb_dim_equal(examples, first);
        } else {
            examples = first;
            has_any = true;
        }
    }
    if (!has_any && has_one)
        examples = jb_dim_number(1);
    ret->examples = agrees ? examples : jb_dim_unknown();
    ret->tokens = jb_dim_mul(walk->dims, ret->examples, length);
}

static const char *producer(const struct jb_onnx_model *model, struct jb_arena *arena)
{
    char text[256];
    const int n = model->producer.len < 100 ? (int)model->producer.len : 100;
    const int v = model->producer_version.len < 100 ? (int)model->producer_version.len : 100;
    const int len = snprintf(text, sizeof text, "%.*s%s%.*s", n, (const char *)model->producer.at,
                             v > 0 ? " " : "", v, (const char *)model->producer_version.at);
    return jb_count_text(arena, (struct jb_span){.at = (const uint8_t *)text, .len = (size_t)len});
}

static jb_rc set_notes(const struct jb_count_job *job, const struct jb_walk *walk,
                       struct jb_count *ret, struct jb_error *err)
{
    struct notes notes = {.arena = job->arena};
    say_versions(&notes, walk->model, ret->opset);
    say_noted(&notes, walk);
    say_weights(&notes, walk);
    if (jb_dims_has_overflowed(job->dims))
        say(&notes, "a size or sum went beyond what can be kept exactly, and is missing");
    const jb_rc rc = say_external(&notes, walk->model, job->path, err);
    if (rc)
        return rc;
    const char **const list = jb_arena_get(job->arena, notes.n + 1, sizeof *list);
    if (!list || notes.has_failed)
        return jb_arena_fail(job->arena, err);
    for (size_t i = 0; i < notes.n; i++)
        list[i] = notes.list[i];
    ret->notes = list;
    ret->n_notes = notes.n;
    return JB_OK;
}

static jb_rc count_walked(const struct jb_count_job *job, struct jb_walk *walk,
                          const struct jb_onnx_model *model, struct jb_count *ret,
                          struct jb_error *err)
{
    jb_rc rc = jb_walk__run(walk, model, job->arena, job->dims, err);
    if (rc)
        return rc;
    *ret = (struct jb_count){.format = JB_COUNT_ONNX,
                             .producer = producer(model, job->arena),
                             .ir_version = model->ir_version,
                             .formula = ""};
    if (!ret->producer)
        return jb_arena_fail(job->arena, err);
    for (size_t i = 0; i < model->n_opsets; i++) {
        if (model->opsets[i].domain.len == 0)
            ret->opset = model->opsets[i].version;
    }
    set_examples(walk, &walk->outermost, ret);
    rc = jb_walk__totals(walk, ret, err);
    if (rc)
        return rc;
    jb_onnx__digest(model, ret->digest, sizeof ret->digest);
    return set_notes(job, walk, ret, err);
}

jb_rc jb_count_read_onnx(const struct jb_count_job *job, struct jb_count *ret, struct jb_error *err)
{
    struct jb_onnx_model model;
    struct jb_walk *const walk = jb_arena_get(job->arena, 1, sizeof *walk);
    if (!walk)
        return jb_arena_fail(job->arena, err);
    jb_rc rc = jb_onnx_read(job->bytes, job->arena, &model, err);
    if (rc)
        return rc;
    struct jb_count count;
    rc = count_walked(job, walk, &model, &count, err);
    jb_walk__release(walk);
    if (!rc)
        *ret = count;
    return rc;
}
