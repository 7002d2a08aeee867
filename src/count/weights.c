/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tensors of a model to its parameters and the multiply-adds of a forward pass, each for what it is done: a token, a pair
 * of tokens, an example. Every matrix [out, in] costs out x in for each token; lookups cost nothing; attention's scores
 * follow from heads and widths. What has no such formula is listed as missed. R-COUNT-23 to -27.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "count/weights_int.h"

struct walk {
    const struct jb_tensors *tensors;
    const struct jb_model_facts *facts;
    struct jb_weights *weights;
    const struct jb_tensor *token_table, *head;
    int64_t experts, adapters; /* elements */
    size_t n_queries, n_recurrent;
    bool is_image, is_hierarchical;
};

/* One tensor on its way. */
struct item {
    const struct jb_tensor *tensor;
    struct jb_tensor_role role;
    int64_t elements, out;
    const char *type;
};

static void missed(struct jb_weights *weights, const char *name, const char *why)
{
    for (size_t i = 0; i < weights->n_missed; i++)
        if (strcmp(weights->missed[i].name, name) == 0 &&
            strcmp(weights->missed[i].why, why) == 0) {
            weights->missed[i].n++;
            return;
        }
    if (weights->n_missed < JB_WEIGHT_MISSED_MAX)
        weights->missed[weights->n_missed++] =
            (struct jb_count_missed){.name = name, .why = why, .n = 1, .is_compute = true};
}

static void note(struct jb_weights *weights, const char *text)
{
    for (size_t i = 0; i < weights->n_notes; i++)
        if (strcmp(weights->notes[i], text) == 0)
            return;
    if (weights->n_notes < JB_WEIGHT_NOTES_MAX)
        weights->notes[weights->n_notes++] = text;
}

/* The work of one operator in a layer, on numbers of a type. */
static jb_rc enter(struct walk *walk, const struct item *item, const char *operator_name,
                   const char *type, enum jb_work_unit unit, int64_t macs, bool is_expert)
{
    struct jb_weights *const weights = walk->weights;
    struct jb_weight_row *const layer =
        weights__row(&weights->by_layer, weights->arena, item->role.layer, true);
    struct jb_weight_row *const operators =
        weights__row(&weights->by_op, weights->arena, operator_name, false);
    struct jb_weight_row *const types =
        weights__row(&weights->by_type, weights->arena, type, false);
    struct jb_weight_row *const rows[] = {layer, operators, types, &weights->total};
    jb_rc rc = JB_OK;

    if (!layer || !operators || !types)
        return JB_E_NOMEM;
    operators->n++;
    if (type == item->type && item->role.is_weight) /* not the scores, not a tied head */
        operators->n_parameters += item->elements;
    types->n++;
    for (size_t i = 0; i < JB_ARRAY_LEN(rows) && rc == JB_OK; i++)
        rc = is_expert ? jb_add_i64(rows[i]->experts, macs, &rows[i]->experts)
                       : weights__row_add(rows[i], unit, macs);
    return rc;
}

static enum jb_work_unit unit_of(const struct walk *walk, const struct jb_tensor_role *role)
{
    if (!walk->facts->is_encoder_decoder)
        return JB_PER_TOKEN;
    if (role->part == JB_PART_HEAD)
        return JB_PER_TARGET;
    if (!role->is_decoder || (role->is_cross && role->is_key_or_value))
        return JB_PER_TOKEN;
    return JB_PER_TARGET;
}

/* R-COUNT-26: a token meets `used` of `count` experts. */
static jb_rc expert(struct walk *walk, const struct item *item)
{
    const struct jb_model_facts *const facts = walk->facts;
    int64_t scaled;

    if (facts->n_experts <= 0 || facts->n_experts_used <= 0 ||
        facts->n_experts_used > facts->n_experts) {
        missed(walk->weights, "experts", "how many of them a token meets is not told");
        return JB_OK;
    }
    const jb_rc rc = jb_mul_i64(item->elements, facts->n_experts_used, &scaled);
    return rc < 0 ? rc : enter(walk, item, "expert", item->type, JB_PER_TOKEN, scaled, true);
}

/* R-COUNT-27: heads x (width of a key + width of a value) for each pair; 0: not known. */
static int64_t score_width(const struct walk *walk, const struct item *item)
{
    const struct jb_model_facts *const facts = walk->facts;
    const bool is_decoder = facts->is_encoder_decoder && item->role.is_decoder;
    const int64_t heads = is_decoder ? facts->n_decoder_heads : facts->n_heads;
    int64_t key = facts->key_width, width;

    if (key <= 0 && heads > 0 && facts->hidden > 0)
        key = facts->hidden / heads;
    const int64_t value = facts->value_width > 0 ? facts->value_width : key;
    if (heads > 0 && key > 0)
        return jb_add_i64(key, value, &width) == JB_OK && jb_mul_i64(heads, width, &width) == JB_OK
                   ? width
                   : 0;
    if (!item->role.is_query_alone || item->out <= 0)
        return 0;
    return jb_mul_i64(item->out, 2, &width) == JB_OK ? width : 0;
}

static enum jb_work_unit pairs_of(struct walk *walk, const struct jb_tensor_role *role)
{
    const struct jb_model_facts *const facts = walk->facts;

    if (facts->is_encoder_decoder && role->is_decoder)
        return role->is_cross ? JB_PER_CROSSING : JB_PER_TARGETS;
    if (facts->window <= 0)
        return JB_PER_PAIR;
    if (facts->is_window_everywhere ||
        (facts->has_window_layers && role->block >= 0 && role->block < JB_FACTS_LAYERS &&
         facts->is_window_layer[role->block]))
        return JB_PER_WINDOW;
    if (!facts->has_window_layers)
        note(walk->weights, "attention has a sliding window in layers that are not told: all of "
                            "them are counted over the whole sequence");
    return JB_PER_PAIR;
}

static jb_rc scores(struct walk *walk, const struct item *item)
{
    const int64_t width = score_width(walk, item);

    walk->n_queries++;
    if (width == 0) {
        missed(walk->weights, "attention scores", "the number and width of heads are not told");
        return JB_OK;
    }
    return enter(walk, item, "attention scores", "activations", pairs_of(walk, &item->role), width,
                 false);
}

static jb_rc convolution(struct walk *walk, const struct item *item)
{
    if (item->role.part == JB_PART_PATCH) {
        walk->is_image = true;
        return enter(walk, item, "patch convolution", item->type, JB_PER_PATCH, item->elements,
                     false);
    }
    if (item->role.part == JB_PART_SHORT_CONV)
        return enter(walk, item, "short convolution", item->type, JB_PER_TOKEN, item->elements,
                     false);
    missed(walk->weights, "convolution", "the size of its input is in no file of weights");
    return JB_OK;
}

/* What a weight costs; R-COUNT-23. */
static jb_rc work(struct walk *walk, const struct item *item)
{
    const struct jb_tensor_role *const role = &item->role;
    jb_rc rc = JB_OK;

    walk->is_hierarchical = walk->is_hierarchical || role->is_hierarchical;
    walk->weights->n_class_tokens += role->is_class_token;
    if (role->is_recurrent && role->part != JB_PART_OTHER) {
        walk->n_recurrent++;
        missed(walk->weights, "recurrence", "the scan over states is no matrix product of weights");
    }
    if (role->part == JB_PART_OTHER) {
        if (role->is_weight && item->tensor->n_dims >= 2)
            missed(walk->weights, "vision or audio part",
                   "how many patches or frames it gets is not told");
        return JB_OK;
    }
    if (role->part == JB_PART_EMBEDDING || !role->is_weight || item->tensor->n_dims < 2)
        return JB_OK;
    if (role->is_expert)
        return expert(walk, item);
    if (item->tensor->n_dims > 2 && item->out < 0 && strcmp(item->type, "4-bit") != 0)
        return convolution(walk, item);
    if (role->part == JB_PART_HEAD)
        return enter(walk, item, "head", item->type, unit_of(walk, role), item->elements, false);
    if (role->part == JB_PART_ONCE)
        return enter(walk, item, "once per example", item->type, JB_PER_EXAMPLE, item->elements,
                     false);

    if (!role->is_adapter && item->out > 0 && item->elements > 0)
        walk->weights->adapter_width = jb_add_sat_i64(
            walk->weights->adapter_width, jb_add_sat_i64(item->out, item->elements / item->out));
    rc = enter(walk, item, role->is_adapter ? "adapter" : "linear", item->type, unit_of(walk, role),
               item->elements, false);
    return rc == JB_OK && role->is_query ? scores(walk, item) : rc;
}

static int group_of(const struct jb_tensor_role *role)
{
    if (role->block >= 0)
        return 1;
    return role->part == JB_PART_EMBEDDING || role->part == JB_PART_PATCH ||
                   strstr(role->layer, "embeddings")
               ? 0
               : 2;
}

/* R-COUNT-25: a head that is stored besides the table it shares is one parameter in two places. */
static bool is_second_copy(const struct walk *walk, const struct item *item)
{
    return item->role.part == JB_PART_HEAD && walk->facts->is_tied == 1 && walk->token_table &&
           item->role.is_weight && item->tensor->n_dims == 2 &&
           item->elements == walk->token_table->n_elements;
}

static jb_rc parameters(struct walk *walk, const struct item *item)
{
    struct jb_weights *const weights = walk->weights;
    struct jb_weight_row *const layer =
        weights__row(&weights->by_layer, weights->arena, item->role.layer, true);
    jb_rc rc = JB_OK;

    if (!layer)
        return JB_E_NOMEM;
    layer->group = group_of(&item->role);
    layer->block = item->role.block;
    layer->n++;
    if (is_second_copy(walk, item))
        return jb_add_i64(weights->n_tied, item->elements, &weights->n_tied);
    rc = jb_add_i64(weights->n_parameters, item->elements, &weights->n_parameters);
    if (rc == JB_OK)
        rc = jb_add_i64(layer->n_parameters, item->elements, &layer->n_parameters);
    struct jb_weight_row *const type =
        weights__row(&weights->by_type, weights->arena, item->type, false);
    if (!type)
        return JB_E_NOMEM;
    /* None of these is more than the sum of all, which fits. */
    type->n_parameters += rc == JB_OK ? item->elements : 0;
    if (item->role.part == JB_PART_EMBEDDING)
        weights->n_embedding += item->elements;
    if (item->role.is_expert)
        walk->experts += item->elements;
    if (item->role.is_adapter)
        walk->adapters += item->elements;
    return rc;
}

static jb_rc bytes(struct jb_weights *weights, const struct jb_tensor *tensor)
{
    if (tensor->n_bytes < 0) {
        weights->is_bytes_known = false;
        return JB_OK;
    }
    return jb_add_i64(weights->parameter_bytes, tensor->n_bytes, &weights->parameter_bytes);
}

static jb_rc take(struct walk *walk, const struct jb_tensor *tensor)
{
    struct jb_weights *const weights = walk->weights;
    struct item item = {.tensor = tensor};
    enum weights_kind kind;
    jb_rc rc;

    jb_tensor_role(tensor->name, tensor->n_dims, &item.role);
    kind = weights__elements(walk->tensors, tensor, &item.elements, &item.out, &item.type);
    if (strstr(tensor->name, ".qweight"))
        item.role.is_weight = true;
    if (item.role.is_weight && item.role.part == JB_PART_HEAD)
        walk->head = tensor;
    if (kind == WEIGHTS_PACKED) {
        missed(weights, "packed weights", "how many numbers are in one is not told by the shapes");
        return JB_OK;
    }
    if (kind == WEIGHTS_SCALE)
        return bytes(weights, tensor);
    if (kind == WEIGHTS_BUFFER || item.role.part == JB_PART_BUFFER)
        return jb_add_i64(weights->n_buffers, tensor->n_elements, &weights->n_buffers);
    rc = parameters(walk, &item);
    if (rc == JB_OK)
        rc = bytes(weights, tensor);
    return rc == JB_OK ? work(walk, &item) : rc;
}

/* A head that shares the table of embeddings is in no file of its own, and is a matrix product all the same. */
static jb_rc tied_head(struct walk *walk)
{
    const struct jb_model_facts *const facts = walk->facts;
    struct item item = {.tensor = walk->token_table};

    if (walk->head || !walk->token_table || !facts->has_head)
        return JB_OK;
    if (facts->is_tied == 0) {
        missed(walk->weights, "head", "the file has none, and it is not tied to the embeddings");
        return JB_OK;
    }
    jb_tensor_role(walk->token_table->name, walk->token_table->n_dims, &item.role);
    (void)weights__elements(walk->tensors, walk->token_table, &item.elements, &item.out,
                            &item.type);
    (void)snprintf(item.role.layer, sizeof item.role.layer, "head (tied)");
    walk->weights->n_tied = item.elements;
    item.role.is_weight = false;
    jb_rc rc =
        enter(walk, &item, "head", item.type,
              facts->is_encoder_decoder ? JB_PER_TARGET : JB_PER_TOKEN, item.elements, false);
    if (rc == JB_OK)
        walk->weights->by_layer.items[walk->weights->by_layer.n - 1].group = 2;
    return rc;
}

static void find_token_table(struct walk *walk)
{
    for (size_t i = 0; i < walk->tensors->n && !walk->token_table; i++) {
        struct jb_tensor_role role;
        jb_tensor_role(walk->tensors->items[i].name, walk->tensors->items[i].n_dims, &role);
        if (role.is_token_table && role.is_weight && role.part == JB_PART_EMBEDDING &&
            walk->tensors->items[i].n_dims == 2)
            walk->token_table = &walk->tensors->items[i];
    }
}

/* Whether the figures are of the whole: else they are parameters only, and the reason is told. */
static void judge(struct walk *walk)
{
    struct jb_weights *const weights = walk->weights;
    const struct jb_model_facts *const facts = walk->facts;

    weights->has_operations = false;
    if (walk->adapters > 0 && walk->adapters == weights->n_parameters)
        note(weights, "an adapter alone: operations are those of the model it belongs to; count "
                      "that one, with --lora");
    else if (walk->n_queries + walk->n_recurrent == 0)
        note(weights, "no attention is found, so that no formula of a transformer applies: count "
                      "an ONNX file of it for its operations");
    else if (walk->is_hierarchical)
        note(weights, "an image model whose tokens grow fewer on the way: count an ONNX file of it "
                      "for its operations");
    else if (walk->is_image && !walk->token_table &&
             (facts->image_size <= 0 || facts->patch_size <= 0))
        note(weights, "the image's size is not told: put its config.json beside it");
    else
        weights->has_operations = true;
    if (!facts->is_told)
        note(weights, "no config.json is beside it: what shapes do not tell is not known (experts "
                      "a token meets, windows, a tied head)");
    if (weights->has_operations) {
        missed(weights, "elementwise operations",
               "no graph tells its normalisations, activations and softmax");
        weights->missed[weights->n_missed - 1].is_compute = true;
    }
    if (facts->n_files > 1)
        missed(weights, "other files of the model", "this is one part of several");
}

static jb_rc finish(struct walk *walk)
{
    struct jb_weights *const weights = walk->weights;
    const int64_t count = walk->facts->n_experts, used = walk->facts->n_experts_used;
    jb_rc rc = weights__rows_end(&weights->by_layer, count, false);

    if (rc == JB_OK)
        rc = weights__rows_end(&weights->by_op, count, true);
    if (rc == JB_OK)
        rc = weights__rows_end(&weights->by_type, count, true);
    if (rc == JB_OK)
        rc = weights__row_end(&weights->total, count);
    weights->n_trainable = walk->adapters > 0 ? walk->adapters : weights->n_parameters;
    weights->n_active = weights->n_parameters;
    if (rc < 0 || walk->experts == 0)
        return rc;
    weights->n_active = -1;
    if (count > 0 && used > 0 && used <= count) {
        int64_t met;
        rc = jb_muldiv_i64(walk->experts, used, count, JB_ROUND_NEAREST, &met);
        weights->n_active = weights->n_parameters - walk->experts + (rc == JB_OK ? met : 0);
    }
    return rc;
}

jb_rc jb_weights_count(const struct jb_tensors *tensors, const struct jb_model_facts *facts,
                       struct jb_weights *ret, struct jb_error *err)
{
    struct walk walk = {.tensors = tensors, .facts = facts, .weights = ret};
    jb_rc rc = JB_OK;

    *ret = (struct jb_weights){.arena = tensors->arena, .is_bytes_known = true};
    find_token_table(&walk);
    for (size_t i = 0; i < tensors->n && rc == JB_OK; i++)
        rc = take(&walk, &tensors->items[i]);
    if (rc == JB_OK)
        rc = tied_head(&walk);
    if (rc == JB_OK)
        rc = finish(&walk);
    if (rc == JB_E_NOMEM)
        return jb_fail(err, rc, NULL, "no memory for the model's layers");
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the model's size is beyond 64 bits");
    judge(&walk);
    return JB_OK;
}
