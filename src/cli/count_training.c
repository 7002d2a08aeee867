/* SPDX-License-Identifier: Apache-2.0 */
/* The work of a training from the count of one pass. Everything is whole numbers in 128 bits. R-WORK-01, -02, -05, -06. */
#include <string.h>

#include "base/num.h"
#include "cli/count_training.h"

#define FORWARD  1000 /* thousandths of a forward pass */
#define BACKWARD 1000 /* gradients of activations; those of weights are as much again */

/* No product here is larger, and what reaches it is no figure. */
#define LARGEST (JB_FLOP_MAX * 10000000)

/* Saturates at LARGEST: who divides by something looks first. */
static jb_i128 times(jb_i128 a, jb_i128 b)
{
    jb_i128 product;

    return JB_MUL_OVERFLOWS(a, b, &product) || product > LARGEST ? LARGEST : product;
}

static int64_t ratio_milli(jb_i128 a, jb_i128 b)
{
    if (b <= 0)
        return -1;
    const jb_i128 milli = (times(a, 1000) + b / 2) / b;
    return milli > INT64_MAX ? INT64_MAX : (int64_t)milli;
}

static int64_t number(struct jb_dim dim)
{
    return dim.kind == JB_DIM_NUMBER && dim.n >= 0 ? dim.n : -1;
}

/* What a layer's training costs over its forward pass. */
static int64_t layer_factor(bool is_frozen, bool is_behind_trained, bool is_recomputed)
{
    int64_t factor = FORWARD;

    if (is_frozen && !is_behind_trained)
        return factor; /* nothing asks for its gradient, nothing is computed anew */
    factor += BACKWARD + (is_frozen ? 0 : BACKWARD);
    return factor + (is_recomputed ? FORWARD : 0);
}

/* R-WORK-05, by name: in the order of the graph. Work of no layer (none has) is trained. */
static jb_rc by_name(const struct jb_count *count, const struct jb_training_order *order,
                     int64_t flops, jb_i128 *ret_milli, struct jb_training *ret,
                     struct jb_error *err)
{
    const size_t len = strlen(order->frozen);
    bool is_trained_before = false;
    int64_t left = flops;
    jb_i128 sum = 0;

    ret->n_frozen_layers = 0;
    for (size_t i = 0; i < count->n_by_layer; i++) {
        const struct jb_count_row *const row = &count->by_layer[i];
        const bool is_frozen = strncmp(row->name, order->frozen, len) == 0;
        const int64_t one = number(row->flops);
        if (one < 0)
            continue;
        sum += times(one, layer_factor(is_frozen, is_trained_before, order->is_recomputed));
        left -= one;
        ret->n_frozen_layers += is_frozen;
        is_trained_before = is_trained_before || (!is_frozen && row->n_parameters > 0);
    }
    if (ret->n_frozen_layers == 0)
        return jb_fail(err, JB_E_USAGE, "joulebook count --by layer FILE lists them",
                       "no layer's name begins with '%s'", order->frozen);
    if (left > 0)
        sum += times(left, layer_factor(false, true, order->is_recomputed));
    *ret_milli = sum;
    return JB_OK;
}

/* Thousandths of operations of one pass, forward and backward. */
static jb_rc pass_milli(const struct jb_count *count, const struct jb_training_order *order,
                        int64_t flops, jb_i128 *ret, struct jb_training *training,
                        struct jb_error *err)
{
    const int64_t whole = layer_factor(false, true, order->is_recomputed);

    if (order->frozen)
        return by_name(count, order, flops, ret, training, err);
    if (order->lora_rank > 0) {
        const jb_i128 parameters = times(order->lora_rank, count->adapter_width);
        const int64_t tokens = number(count->tokens);
        *ret = times(flops, layer_factor(true, true, order->is_recomputed));
        training->is_adapter_left_out =
            count->adapter_width <= 0 || tokens < 0 || parameters > INT64_MAX;
        if (training->is_adapter_left_out)
            return JB_OK;
        training->n_adapter = (int64_t)parameters;
        *ret += times(times(times(2, parameters), tokens), whole);
        return JB_OK;
    }
    const int64_t frozen = order->frozen_ppm > 0 ? order->frozen_ppm : 0;
    const int64_t first = layer_factor(true, false, order->is_recomputed);
    *ret = times(flops, whole * (1000000 - frozen) + first * frozen) / 1000000;
    return JB_OK;
}

static jb_rc refuse_open(const struct jb_count *count, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf hint = JB_BUF(400);

    jb_buf_add_text(&hint, "bind them:");
    for (size_t i = 0; i < count->n_open; i++)
        jb_buf_addf(&hint, "%s%.60s=N", i ? "," : " --bind ", jb_dims_open_at(count->dims, i));
    return jb_fail(err, JB_E_USAGE, jb_buf_text(&hint),
                   "the work of a training needs a number of operations, and sizes are open");
}

/* R-WORK-06: N without tables that are looked up, of which a token meets a part where it is a mixture. */
static void check_6nd(const struct jb_count *count, int64_t examples, struct jb_training *ret)
{
    const int64_t tokens = number(count->tokens);

    if (tokens < 0 || count->n_active < 0 || count->n_active <= count->n_embedding)
        return;
    ret->n_check_parameters = count->n_active - count->n_embedding;
    const jb_i128 all =
        times(times(times(6, ret->n_check_parameters), tokens), ret->n_examples_seen_milli);
    if (all >= LARGEST)
        return;
    ret->check_flop = all / times(examples, 1000);
    ret->check_milli = ratio_milli(ret->check_flop, ret->training_flop);
    ret->has_check = true;
}

static jb_rc by_count(const struct jb_count *count, const struct jb_training_order *order,
                      struct jb_training *ret, struct jb_error *err)
{
    const int64_t flops = number(count->flops), examples = number(count->examples);
    jb_i128 milli = 0;

    if (!count->has_operations)
        return jb_fail(err, JB_E_UNAVAILABLE, "see what was not counted: leave --examples out",
                       "the model's file tells no operations");
    if (count->n_open > 0 && (flops < 0 || examples < 0))
        return refuse_open(count, err);
    if (flops <= 0 || examples <= 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "see what was not counted: leave --examples out",
                       "operations or examples of one pass are not known");
    if (jb_mul_i64(order->n_examples, order->epochs_milli, &ret->n_examples_seen_milli) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "examples x epochs is beyond 64 bits");
    const jb_rc rc = pass_milli(count, order, flops, &milli, ret, err);
    if (rc < 0)
        return rc;
    const jb_i128 per = times(examples, 1000);
    const jb_i128 all = times(milli, ret->n_examples_seen_milli); /* at least the forward part */
    ret->forward_flop = times(flops, ret->n_examples_seen_milli) / per;
    ret->training_flop = all / times(per, 1000);
    if (all >= LARGEST || ret->training_flop > JB_FLOP_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "the work is beyond 1e30 operations");
    ret->factor_milli = ratio_milli(ret->training_flop, ret->forward_flop);
    ret->has_work = true;
    check_6nd(count, examples, ret);
    return JB_OK;
}

jb_rc jb_training_work(const struct jb_count *count, const struct jb_training_order *order,
                       struct jb_training *ret, struct jb_error *err)
{
    struct jb_training training = {.n_frozen_layers = -1, .n_adapter = -1, .device_milli = -1};
    jb_rc rc = JB_OK;

    if (order->n_examples > 0)
        rc = by_count(count, order, &training, err);
    if (rc < 0)
        return rc;
    if (order->n_devices > 0) {
        /* GFLOP/s x ns = FLOP */
        training.device_flop =
            times(times(times(order->n_devices, order->peak_gflops), order->duration_ns),
                  order->utilisation_ppm) /
            1000000;
        if (training.device_flop > JB_FLOP_MAX)
            return jb_fail(err, JB_E_RANGE, NULL,
                           "the work by device time is beyond 1e30 operations");
        training.has_device_time = true;
        if (training.has_work)
            training.device_milli = ratio_milli(training.device_flop, training.training_flop);
    }
    *ret = training;
    return JB_OK;
}
