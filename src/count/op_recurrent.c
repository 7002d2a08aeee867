/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RNN, GRU, LSTM: at each step each example's input and its last state meet the weights of every gate, in each direction. Gates are
 * products of matrices; biases, peepholes, activations and the cell are elementwise. Sequences count at their full length.
 * R-COUNT-10.
 */
#include "count/op_dense_int.h"

/* What a hidden unit does per step beside the products. */
struct form {
    int64_t gates;
    int64_t cell;              /* products and sums of the cell */
    int64_t sigmoids, tanhs;   /* of the default activations */
    bool has_cell_state;       /* a third output */
    bool is_weight_transposed; /* DynamicQuantizeLSTM: [directions, input, gates x hidden] */
};

enum form_id { FORM_RNN, FORM_GRU, FORM_LSTM, FORM_QUANTISED_LSTM };

/*
 * GRU: r x state, (1 - z) x h + z x state: 1 + 4. LSTM: f x c + i x g, o x tanh(c): 3 + 1. Whether a GRU resets before or after the
 * product with the state (linear_before_reset) is one multiplication either way.
 */
static const struct form forms[] = {
    [FORM_RNN] = {1, 0, 0, 1, false, false},
    [FORM_GRU] = {3, 5, 2, 1, false, false},
    [FORM_LSTM] = {4, 4, 3, 2, true, false},
    [FORM_QUANTISED_LSTM] = {4, 4, 3, 2, true, true},
};

struct cell {
    struct jb_dim steps, batch, directions, in, hidden;
};

static struct cell read_cell(const struct jb_op_call *call, const struct form *form)
{
    const struct jb_value *const x = jb_op_ranked(call, 0), *const w = jb_op_ranked(call, 1);
    const struct jb_value *const r = jb_op_ranked(call, 2);
    const bool is_batch_first = jb_op_int(call, "layout", 0) != 0;
    const int64_t hidden = jb_op_int(call, "hidden_size", -1);
    const size_t in = form->is_weight_transposed ? 1 : 2; /* where W has the input, R the state */
    struct cell cell = {
        .steps = dense__size(x, is_batch_first ? 1 : 0),
        .batch = dense__size(x, is_batch_first ? 0 : 1),
        .in = dense__same(call->dims, dense__size(x, 2), dense__size(w, (int64_t)in)),
        .directions = jb_dim_number(jb_op_text_is(call, "direction", "bidirectional") ? 2 : 1),
        .hidden = dense__size(r, (int64_t)in),
    };

    if (cell.hidden.kind == JB_DIM_UNKNOWN && hidden > 0)
        cell.hidden = jb_dim_number(hidden);
    return cell;
}

/* Operations of one hidden unit in one step. */
static int64_t per_unit(const struct jb_op_call *call, const struct form *form)
{
    int64_t n = form->cell + form->sigmoids * OP_SIGMOID_COST + form->tanhs * OP_TANH_COST;

    if (dense__has_input(call, 3)) /* the bias of the input's weights and that of the state's */
        n += 2 * form->gates;
    if (form->has_cell_state &&
        dense__has_input(call, 7)) /* peepholes of three gates: times the cell, added */
        n += 6;
    if (jb_op_attribute(call, "clip").message.len >
        0) /* kept between two bounds before an activation */
        n += 2 * (form->sigmoids + form->tanhs);
    return n;
}

static jb_rc set_outputs(struct jb_op_call *call, const struct form *form, const struct cell *cell,
                         struct jb_error *err)
{
    const int64_t type = dense__type(call, 0);
    const struct jb_dim all[2][4] = {
        {cell->steps, cell->directions, cell->batch, cell->hidden},
        {cell->batch, cell->steps, cell->directions, cell->hidden},
    };
    const struct jb_dim last[2][3] = {
        {cell->directions, cell->batch, cell->hidden},
        {cell->batch, cell->directions, cell->hidden},
    };
    const size_t layout = jb_op_int(call, "layout", 0) != 0 ? 1 : 0;
    jb_rc rc = jb_op_set(call, 0, type, all[layout], 4, err);

    for (size_t i = 1; rc == JB_OK && i < (form->has_cell_state ? 3 : 2); i++)
        rc = jb_op_set(call, i, type, last[layout], 3, err);
    return rc;
}

static jb_rc recurrent(struct jb_op_call *call, struct jb_error *err)
{
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dims *dims = call->dims;

    if (x && x->n_dims != 3) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    const struct cell cell = read_cell(call, form);
    struct jb_dim units = jb_dim_mul(dims, cell.steps, cell.batch);
    units = jb_dim_mul(dims, units, jb_dim_mul(dims, cell.directions, cell.hidden));
    const struct jb_dim met = jb_dim_add(dims, cell.in, cell.hidden);
    const struct jb_dim macs = dense__times(dims, jb_dim_mul(dims, units, met), form->gates);

    dense__set_macs(call, macs, dense__times(dims, units, per_unit(call, form)));
    if (form->is_weight_transposed)
        call->work.compute_type = dense__type(call, 1);
    return set_outputs(call, form, &cell, err);
}

const struct jb_op jb_ops_recurrent[] = {
    {"", "RNN", recurrent, 0, FORM_RNN},
    {"", "GRU", recurrent, 0, FORM_GRU},
    {"", "LSTM", recurrent, 0, FORM_LSTM},
    {OP_DOMAIN_MS, "DynamicQuantizeLSTM", recurrent, 0, FORM_QUANTISED_LSTM},
    {NULL, NULL, NULL, 0, 0},
};
