/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sizes of a pass put into what weights cost: polynomials in `batch` and `seq` (and `target_seq` of a decoder beside an
 * encoder), or numbers where they are bound. An image's tokens are its patches. R-COUNT-28.
 */
#include <string.h>

#include "base/num.h"
#include "count/tensors_int.h"

struct sizes {
    struct jb_dims *dims;
    struct jb_dim unit[JB_WORK_UNITS];
};

static struct jb_dim symbol(struct jb_dims *dims, const char *name)
{
    return jb_dim_symbol(dims, name, strlen(name));
}

/* Patches along one side, squared; a rest is cut off, as a convolution of that stride does. */
static int64_t patches_of(const struct jb_model_facts *facts)
{
    int64_t n;

    if (facts->image_size <= 0 || facts->patch_size <= 0)
        return 0;
    const int64_t side = facts->image_size / facts->patch_size;
    return jb_mul_i64(side, side, &n) == JB_OK && n < INT64_MAX / 2 ? n : 0;
}

static bool uses(const struct jb_weights *weights, enum jb_work_unit unit)
{
    return weights->total.macs[unit] != 0;
}

/* A symbol is asked for only where something depends on it: none is told as open for nothing. */
static void set_units(struct sizes *sizes, const struct jb_weights *weights,
                      const struct jb_model_facts *facts, struct jb_count *ret)
{
    struct jb_dims *const dims = sizes->dims;
    const struct jb_dim batch = symbol(dims, "batch");
    const bool is_image = uses(weights, JB_PER_PATCH);
    const int64_t patches = patches_of(facts);
    const struct jb_dim seq =
        is_image ? jb_dim_number(patches + weights->n_class_tokens) : symbol(dims, "seq");
    struct jb_dim *const unit = sizes->unit;

    ret->examples = unit[JB_PER_EXAMPLE] = batch;
    unit[JB_PER_PATCH] = jb_dim_mul(dims, batch, jb_dim_number(patches));
    unit[JB_PER_TOKEN] = jb_dim_mul(dims, batch, seq);
    unit[JB_PER_PAIR] = jb_dim_mul(dims, unit[JB_PER_TOKEN], seq);
    unit[JB_PER_WINDOW] = jb_dim_unknown();
    if (uses(weights, JB_PER_WINDOW))
        unit[JB_PER_WINDOW] = jb_dim_mul(dims, unit[JB_PER_TOKEN],
                                         jb_dim_min(dims, seq, jb_dim_number(facts->window)));
    ret->tokens = is_image ? jb_dim_unknown() : unit[JB_PER_TOKEN];
    if (!facts->is_encoder_decoder)
        return;
    const struct jb_dim target = symbol(dims, "target_seq");
    unit[JB_PER_TARGET] = jb_dim_mul(dims, batch, target);
    unit[JB_PER_TARGETS] = jb_dim_mul(dims, unit[JB_PER_TARGET], target);
    unit[JB_PER_CROSSING] = jb_dim_mul(dims, unit[JB_PER_TARGET], seq);
    ret->tokens = jb_dim_add(dims, unit[JB_PER_TOKEN], unit[JB_PER_TARGET]);
}

static struct jb_dim macs_of(const struct sizes *sizes, const struct jb_weight_row *row)
{
    struct jb_dim macs = jb_dim_number(0);

    for (int unit = 0; unit < JB_WORK_UNITS; unit++)
        if (row->macs[unit] != 0)
            macs = jb_dim_add(
                sizes->dims, macs,
                jb_dim_mul(sizes->dims, jb_dim_number(row->macs[unit]), sizes->unit[unit]));
    return macs;
}

static struct jb_dim twice(const struct sizes *sizes, struct jb_dim macs)
{
    return jb_dim_mul(sizes->dims, jb_dim_number(2), macs);
}

static struct jb_count_row *rows_of(const struct jb_weights *weights,
                                    const struct jb_weight_rows *rows, const struct sizes *sizes)
{
    struct jb_count_row *const ret = jb_arena_get(weights->arena, rows->n + 1, sizeof *ret);

    for (size_t i = 0; ret && i < rows->n; i++) {
        const struct jb_dim macs =
            weights->has_operations ? macs_of(sizes, &rows->items[i]) : jb_dim_unknown();
        ret[i] = (struct jb_count_row){
            .name = rows->items[i].name,
            .detail = "",
            .n = rows->items[i].n,
            .macs = macs,
            .flops = twice(sizes, macs),
            .bytes = jb_dim_unknown(),
            .n_parameters = rows->items[i].n_parameters,
        };
    }
    return ret;
}

static jb_rc copy_missed(const struct jb_weights *weights, struct jb_count *ret)
{
    struct jb_count_missed *const missed =
        jb_arena_get(weights->arena, weights->n_missed + 1, sizeof *missed);
    const char **const notes = jb_arena_get(weights->arena, weights->n_notes + 1, sizeof *notes);

    if (!missed || !notes)
        return JB_E_NOMEM;
    for (size_t i = 0; i < weights->n_missed; i++)
        missed[i] = weights->missed[i];
    for (size_t i = 0; i < weights->n_notes; i++)
        notes[i] = weights->notes[i];
    ret->missed = missed;
    ret->notes = notes;
    ret->n_missed = weights->n_missed;
    ret->n_notes = weights->n_notes;
    return JB_OK;
}

jb_rc jb_weights_sizes(const struct jb_weights *weights, const struct jb_model_facts *facts,
                       struct jb_dims *dims, struct jb_count *ret, struct jb_error *err)
{
    struct sizes sizes = {.dims = dims};
    struct jb_count count = {.dims = dims, .formula = "", .producer = ""};

    if (weights->has_operations) {
        set_units(&sizes, weights, facts, &count);
        count.formula = "R-COUNT-23";
        count.macs = macs_of(&sizes, &weights->total);
        count.flops = twice(&sizes, count.macs);
    }
    count.has_operations = weights->has_operations;
    count.n_parameters = weights->n_parameters;
    count.n_trainable = weights->n_trainable;
    count.n_embedding = weights->n_embedding;
    count.n_tied = weights->n_tied;
    count.n_active = weights->n_active;
    count.adapter_width = weights->adapter_width;
    count.n_buffers = weights->n_buffers;
    count.parameter_bytes = weights->is_bytes_known ? weights->parameter_bytes : -1;
    count.by_layer = rows_of(weights, &weights->by_layer, &sizes);
    count.by_type = rows_of(weights, &weights->by_type, &sizes);
    count.by_op = rows_of(weights, &weights->by_op, &sizes);
    count.n_by_layer = weights->by_layer.n;
    count.n_by_type = weights->by_type.n;
    count.n_by_op = weights->has_operations ? weights->by_op.n : 0;
    count.n_open = jb_dims_n_open(dims);
    if (!count.by_layer || !count.by_type || !count.by_op || copy_missed(weights, &count) < 0 ||
        jb_dims_failure(dims) < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the model's figures");
    *ret = count;
    return JB_OK;
}
