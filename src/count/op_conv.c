/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions: each position of the output (of the input, where it is transposed) meets each weight of its group once, in the padding
 * as well. The products are therefore elements of the weight x batch x positions, whatever the groups are. R-COUNT-10,
 * R-COUNT-11.
 */
#include "count/op_dense_int.h"

/* Where a row's operands stand, and what it does beside. */
struct form {
    int weight, bias, added;
    int type_of;      /* whose type the output has; -1: int32 */
    int64_t per_out;  /* operations per output element that it always does */
    int offset, mask; /* of a deformable one */
};

enum form_id { FORM_PLAIN, FORM_INTEGER, FORM_QLINEAR, FORM_FUSED, FORM_DEFORM, FORM_DYNAMIC };
#define FORM_MASK          15
#define FORM_CHANNELS_LAST 16

static const struct form forms[] = {
    [FORM_PLAIN] = {1, 2, -1, 0, 0, -1, -1},
    [FORM_INTEGER] = {1, -1, -1, -1, 0, -1, -1},
    [FORM_QLINEAR] = {3, 8, -1, 7, OP_RESCALE_COST, -1, -1},
    [FORM_FUSED] = {1, 2, 3, 0, 0, -1, -1},
    [FORM_DEFORM] = {1, 3, -1, 0, 0, 2, 4},
    [FORM_DYNAMIC] = {1, 3, -1, 0, 0, -1, -1},
};

/* Operands of a convolution, and the window that slides. */
struct conv {
    const struct form *form;
    const struct jb_value *x, *w;
    size_t n;              /* spatial dimensions */
    size_t channel, space; /* where channels and the first spatial size stand in x and y */
    struct op_window window;
};

/* False: not counted, and the call says why. */
static bool conv_read(struct jb_op_call *call, struct conv *conv)
{
    const int64_t detail = call->op->detail;
    const bool is_last =
        (detail & FORM_CHANNELS_LAST) != 0 || jb_op_int(call, "channels_last", 0) != 0;

    *conv = (struct conv){.form = &forms[detail & FORM_MASK], .x = jb_op_ranked(call, 0)};
    conv->w = jb_op_ranked(call, (size_t)conv->form->weight);
    if (!conv->x || !conv->w) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return false;
    }
    conv->n = conv->x->n_dims - 2;
    if (conv->x->n_dims < 2 || conv->w->n_dims != conv->x->n_dims ||
        !dense__window_read(call, conv->n, conv->w, &conv->window)) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return false;
    }
    conv->channel = is_last ? conv->x->n_dims - 1 : 1;
    conv->space = is_last ? 1 : 2;
    return true;
}

static int64_t out_type(const struct jb_op_call *call, const struct conv *conv)
{
    if (conv->form->type_of < 0)
        return JB_ONNX_INT32;
    const int64_t type = dense__type(call, (size_t)conv->form->type_of);
    return type != 0 ? type : conv->x->type;
}

/* Operations beside the products: bias, what is added, activation, rescaling, per output element. */
static struct jb_dim beside(struct jb_op_call *call, const struct conv *conv,
                            struct jb_dim elements)
{
    const struct form *const form = conv->form;
    int64_t n = form->per_out + dense__activation_cost(call, "activation");

    if (form->bias >= 0 && dense__has_input(call, (size_t)form->bias))
        n++;
    if (form->added >= 0 && dense__has_input(call, (size_t)form->added))
        n++;
    return dense__times(call->dims, elements, n);
}

/*
 * A deformable one takes each value it multiplies from between 2^n neighbours: as many products and one sum less; a mask
 * multiplies it once more. Each input channel is sampled at each weight's place, for all output channels together.
 */
static struct jb_dim samples(struct jb_op_call *call, const struct conv *conv,
                             struct jb_dim positions)
{
    struct jb_dims *dims = call->dims;
    const int64_t corners = (int64_t)1 << (conv->n < 16 ? conv->n : 16);
    const int64_t each =
        2 * corners - 1 + (dense__has_input(call, (size_t)conv->form->mask) ? 1 : 0);
    struct jb_dim n = jb_dim_mul(dims, positions, conv->x->dims[conv->channel]);

    n = jb_dim_mul(dims, n, dense__window_area(dims, &conv->window));
    return dense__times(dims, n, each);
}

static jb_rc conv(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    struct conv it;

    if (!conv_read(call, &it))
        return JB_OK;
    out[0] = it.x->dims[0];
    out[it.channel] = it.w->dims[0];
    struct jb_dim positions = out[0];
    for (size_t i = 0; i < it.n; i++) {
        out[it.space + i] = dense__window_out(dims, &it.window, i, it.x->dims[it.space + i]);
        positions = jb_dim_mul(dims, positions, out[it.space + i]);
    }
    const struct jb_dim weights = jb_value_elements(dims, it.w);
    struct jb_dim flops = beside(call, &it, jb_dim_mul(dims, positions, it.w->dims[0]));
    if (it.form->offset >= 0)
        flops = jb_dim_add(dims, flops, samples(call, &it, positions));
    dense__set_macs(call, jb_dim_mul(dims, positions, weights), flops);
    return jb_op_set(call, 0, out_type(call, &it), out, it.x->n_dims, err);
}

/* --- transposed -------------------------------------------------------------------------------------------------- */

/* Sizes along the spatial dimensions; false where an attribute does not fit. */
static bool spread(struct jb_op_call *call, const struct conv *it, struct jb_dim *out)
{
    int64_t shape[JB_ONNX_DIMS_MAX], padding[JB_ONNX_DIMS_MAX] = {0};
    const size_t n_shape = jb_op_ints(call, "output_shape", shape, it->n + 2);
    const size_t n_padding = jb_op_ints(call, "output_padding", padding, it->n);

    if ((n_padding != 0 && n_padding != it->n) ||
        (n_shape != 0 && n_shape != it->n && n_shape != it->n + 2))
        return false;
    for (size_t i = 0; i < it->n; i++) {
        if (n_shape > 0 && shape[n_shape - it->n + i] < 0)
            return false;
        out[i] = n_shape > 0 ? jb_dim_number(shape[n_shape - it->n + i])
                             : dense__window_spread(call->dims, &it->window, i,
                                                    it->x->dims[it->space + i], padding[i]);
    }
    return true;
}

/* com.microsoft ConvTransposeWithDynamicPads: pads are an input; without their values the output's size is open. */
static bool dynamic_pads(struct jb_op_call *call, struct conv *it, bool *ret_known)
{
    int64_t pads[2 * JB_ONNX_DIMS_MAX];
    size_t n = 0;

    *ret_known = true;
    if (call->op->detail != FORM_DYNAMIC || !dense__has_input(call, 2))
        return true;
    *ret_known = jb_op_in_ints(call, 2, pads, 2 * it->n, &n);
    if (*ret_known && n != 2 * it->n)
        return false;
    if (*ret_known)
        dense__window_set_pads(&it->window, pads);
    return true;
}

static jb_rc conv_transpose(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t group = jb_op_int(call, "group", 1);
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    struct conv it;
    bool is_known = true;

    if (!conv_read(call, &it))
        return JB_OK;
    if (group < 1 || it.n + 2 > JB_ONNX_DIMS_MAX || !dynamic_pads(call, &it, &is_known) ||
        !spread(call, &it, out + 2)) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    out[0] = it.x->dims[0];
    out[1] = dense__times(dims, it.w->dims[1], group);
    for (size_t i = 0; i < it.n && !is_known; i++)
        out[i + 2] = jb_dim_unknown();
    struct jb_dim positions = out[0];
    for (size_t i = 0; i < it.n; i++)
        positions = jb_dim_mul(dims, positions, it.x->dims[2 + i]);
    dense__set_macs(call, jb_dim_mul(dims, positions, jb_value_elements(dims, it.w)),
                    beside(call, &it, dense__product(dims, out, it.n + 2)));
    return jb_op_set(call, 0, out_type(call, &it), out, it.n + 2, err);
}

/* --- depthwise along time, with what was seen before ------------------------------------------------------------- */

/* CausalConvWithState (27, com.microsoft): the output is as the input; each element is the sum of one kernel. */
static jb_rc conv_causal(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0), *const w = jb_op_ranked(call, 1);
    const struct jb_value *const past = jb_op_ranked(call, 3);
    struct jb_dims *dims = call->dims;
    jb_rc rc = JB_OK;

    if (!x || !w || x->n_dims < 3 || w->n_dims < 3) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim elements = jb_value_elements(dims, x);
    const struct jb_dim kernel = dense__product(dims, w->dims + 2, w->n_dims - 2);
    const int64_t n =
        dense__activation_cost(call, "activation") + (dense__has_input(call, 2) ? 1 : 0);
    dense__set_macs(call, jb_dim_mul(dims, elements, kernel), dense__times(dims, elements, n));
    rc = jb_op_set_like(call, 0, x, err);
    if (rc != JB_OK || past)
        return rc != JB_OK ? rc : jb_op_set_like(call, 1, past, err);
    if (x->n_dims != 3 || call->op->detail != 0)
        return JB_OK;
    const struct jb_dim state[3] = {x->dims[0], x->dims[1],
                                    jb_dim_sub(dims, w->dims[2], jb_dim_number(1))};
    return jb_op_set(call, 1, x->type, state, 3, err);
}

const struct jb_op jb_ops_conv[] = {
    {"", "Conv", conv, 0, FORM_PLAIN},
    {"", "ConvInteger", conv, 0, FORM_INTEGER},
    {"", "QLinearConv", conv, 0, FORM_QLINEAR},
    {"", "DeformConv", conv, 0, FORM_DEFORM},
    {"", "ConvTranspose", conv_transpose, 0, FORM_PLAIN},
    {"", "CausalConvWithState", conv_causal, 0, 0},
    {OP_DOMAIN_MS, "FusedConv", conv, 0, FORM_FUSED},
    {OP_DOMAIN_MS, "NhwcConv", conv, 0, FORM_PLAIN | FORM_CHANNELS_LAST},
    {OP_DOMAIN_MS, "NhwcFusedConv", conv, 0, FORM_FUSED | FORM_CHANNELS_LAST},
    {OP_DOMAIN_MS, "QLinearConv", conv, 0, FORM_QLINEAR},
    {OP_DOMAIN_MS, "ConvTransposeWithDynamicPads", conv_transpose, 0, FORM_DYNAMIC},
    {OP_DOMAIN_MS, "CausalConvWithState", conv_causal, 0, 1},
    {"", "AveragePool", dense__pool, 0, OP_POOL_AVERAGE},
    {"", "MaxPool", dense__pool, 0, OP_POOL_MAX},
    {"", "LpPool", dense__pool, 0, OP_POOL_LP},
    {"", "GlobalAveragePool", dense__pool_global, 0, OP_POOL_AVERAGE},
    {"", "GlobalMaxPool", dense__pool_global, 0, OP_POOL_MAX},
    {"", "GlobalLpPool", dense__pool_global, 0, OP_POOL_LP},
    {"", "MaxUnpool", dense__max_unpool, 0, 0},
    {"", "GridSample", dense__grid_sample, 0, 0},
    {"", "RoiAlign", dense__roi_align, 0, 0},
    {"", "MaxRoiPool", dense__max_roi_pool, 0, 0},
    {"", "Col2Im", dense__col2im, 0, 0},
    {OP_DOMAIN_MS, "NhwcMaxPool", dense__pool, 0, OP_POOL_MAX | OP_CHANNELS_LAST},
    {OP_DOMAIN_MS, "MaxpoolWithMask", dense__pool, 0, OP_POOL_MAX},
    {OP_DOMAIN_MS, "QLinearAveragePool", dense__pool, 0, OP_POOL_AVERAGE | OP_POOL_HAS_SCALE},
    {OP_DOMAIN_MS, "QLinearGlobalAveragePool", dense__pool_global, 0,
     OP_POOL_AVERAGE | OP_POOL_HAS_SCALE},
    {OP_DOMAIN_MS, "GridSample", dense__grid_sample, 0, 0},
    {NULL, NULL, NULL, 0, 0},
};
