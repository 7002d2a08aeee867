/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Einsum: an equation over named indices to the output's shape and the multiply-adds. Two operands are one loop over all indices
 * that occur, so the products are the product of all their sizes; more are contracted pair by pair from the left, an index
 * being summed as soon as neither the output nor a later operand has it. Where a step sums nothing its products are added to
 * nothing: elementwise work. No better order is looked for. R-COUNT-10.
 */
#include "count/op_dense_int.h"

#include <string.h>

#define N_LETTERS    52
#define ELLIPSIS_MAX 16 /* dimensions that an ellipsis stands for */
#define N_INDICES    (N_LETTERS + ELLIPSIS_MAX)
#define TERMS_MAX    32

/* Ellipsis dimensions are indices too, numbered from the last: N_LETTERS is the last one. */
struct einsum {
    size_t n_operands, n_out, n_ellipsis;
    bool has[TERMS_MAX][N_INDICES]; /* per operand */
    int64_t n_uses[N_INDICES];      /* over all operands, each letter as often as it stands there */
    struct jb_dim size[N_INDICES];
    size_t out[JB_ONNX_DIMS_MAX]; /* indices of the output, in order */
    bool in_out[N_INDICES];
};

/* A..Z before a..z, as the implicit output is ordered. */
static int letter_index(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    return c >= 'a' && c <= 'z' ? 26 + (c - 'a') : -1;
}

/* Next letter (0..51), N_LETTERS for an ellipsis, -1 at the end of the term, -2 for what is no equation. */
static int next_label(struct jb_span text, size_t *at, size_t end)
{
    while (*at < end && text.at[*at] == ' ')
        (*at)++;
    if (*at >= end)
        return -1;
    const uint8_t c = text.at[*at];
    if (c == '.') {
        if (end - *at < 3 || text.at[*at + 1] != '.' || text.at[*at + 2] != '.')
            return -2;
        *at += 3;
        return N_LETTERS;
    }
    (*at)++;
    const int letter = letter_index(c);
    return letter < 0 ? -2 : letter;
}

static void meet(struct jb_dims *dims, struct einsum *it, size_t operand, size_t index,
                 struct jb_dim size)
{
    it->size[index] = it->n_uses[index] == 0 ? size : jb_dim_broadcast(dims, it->size[index], size);
    it->n_uses[index]++;
    it->has[operand][index] = true;
}

/* One operand's term text[from, to) laid over its sizes. False: it does not fit them. */
static bool read_operand(struct jb_dims *dims, struct einsum *it, size_t operand,
                         const struct jb_value *value, struct jb_span text, size_t from, size_t to)
{
    size_t n_letters = 0, at = from, dim = 0;
    bool has_ellipsis = false;

    for (int label; (label = next_label(text, &at, to)) != -1;) {
        if (label == -2 || (label == N_LETTERS && has_ellipsis))
            return false;
        has_ellipsis = has_ellipsis || label == N_LETTERS;
        n_letters += label < N_LETTERS ? 1 : 0;
    }
    if (n_letters > value->n_dims || (!has_ellipsis && n_letters != value->n_dims))
        return false;
    const size_t n_ellipsis = value->n_dims - n_letters;
    if (n_ellipsis > ELLIPSIS_MAX)
        return false;
    it->n_ellipsis = n_ellipsis > it->n_ellipsis ? n_ellipsis : it->n_ellipsis;
    at = from;
    for (int label; (label = next_label(text, &at, to)) != -1;) {
        if (label < N_LETTERS) {
            meet(dims, it, operand, (size_t)label, value->dims[dim++]);
            continue;
        }
        for (size_t i = n_ellipsis; i > 0; i--)
            meet(dims, it, operand, N_LETTERS + i - 1, value->dims[dim++]);
    }
    return true;
}

static bool add_out(struct einsum *it, size_t index)
{
    if (it->n_out >= JB_ONNX_DIMS_MAX || it->in_out[index] || it->n_uses[index] == 0)
        return false;
    it->out[it->n_out++] = index;
    it->in_out[index] = true;
    return true;
}

static bool add_ellipsis(struct einsum *it)
{
    for (size_t i = it->n_ellipsis; i > 0; i--) {
        if (!add_out(it, N_LETTERS + i - 1))
            return false;
    }
    return true;
}

/* Behind "->", or without it: the ellipsis, then the letters that stand once, in order. */
static bool read_output(struct einsum *it, struct jb_span text, size_t from, bool is_explicit)
{
    if (!is_explicit) {
        if (!add_ellipsis(it))
            return false;
        for (size_t i = 0; i < N_LETTERS; i++) {
            if (it->n_uses[i] == 1 && !add_out(it, i))
                return false;
        }
        return true;
    }
    for (int label; (label = next_label(text, &from, text.len)) != -1;) {
        if (label == -2 || !(label == N_LETTERS ? add_ellipsis(it) : add_out(it, (size_t)label)))
            return false;
    }
    return true;
}

static bool read_equation(struct jb_op_call *call, struct jb_span text, struct einsum *it)
{
    size_t end = text.len, from = 0;
    bool is_explicit = false;

    for (size_t i = 0; i + 1 < text.len && !is_explicit; i++) {
        if (text.at[i] == '-' && text.at[i + 1] == '>') {
            end = i;
            is_explicit = true;
        }
    }
    if (call->n_in == 0 || call->n_in > TERMS_MAX)
        return false;
    for (size_t i = 0; i < call->n_in; i++) {
        size_t to = from;
        while (to < end && text.at[to] != ',')
            to++;
        if ((i + 1 == call->n_in) != (to == end) ||
            !read_operand(call->dims, it, i, call->in[i], text, from, to))
            return false;
        from = to + 1;
    }
    it->n_operands = call->n_in;
    return read_output(it, text, end + 2, is_explicit);
}

static struct jb_dim size_of(struct jb_dims *dims, const struct einsum *it, const bool *has)
{
    struct jb_dim product = jb_dim_number(1);

    for (size_t i = 0; i < N_INDICES; i++) {
        if (has[i])
            product = jb_dim_mul(dims, product, it->size[i]);
    }
    return product;
}

/* Drops what neither the output nor operands from `next` on have; whether any was dropped. */
static bool sum_out(const struct einsum *it, size_t next, bool *has)
{
    bool is_summed = false;

    for (size_t i = 0; i < N_INDICES; i++) {
        bool is_needed = it->in_out[i];
        for (size_t k = next; k < it->n_operands && !is_needed; k++)
            is_needed = it->has[k][i];
        is_summed = is_summed || (has[i] && !is_needed);
        has[i] = has[i] && is_needed;
    }
    return is_summed;
}

static void set_work(struct jb_op_call *call, const struct einsum *it)
{
    struct jb_dims *dims = call->dims;
    struct jb_dim macs = jb_dim_number(0), flops = jb_dim_number(0);
    bool is_dense = false, has[N_INDICES];

    memcpy(has, it->has[0], sizeof has);
    if (it->n_operands == 1) {
        const struct jb_dim all = size_of(dims, it, has);
        if (sum_out(it, 1, has)) /* each element is added once */
            dense__set_elementwise(call, all);
        return;
    }
    for (size_t k = 1; k < it->n_operands; k++) {
        for (size_t i = 0; i < N_INDICES; i++)
            has[i] = has[i] || it->has[k][i];
        const struct jb_dim products = size_of(dims, it, has);
        if (sum_out(it, k + 1, has)) {
            is_dense = true;
            macs = jb_dim_add(dims, macs, products);
        } else {
            flops = jb_dim_add(dims, flops, products);
        }
    }
    if (is_dense)
        dense__set_macs(call, macs, flops);
    else
        dense__set_elementwise(call, flops);
}

jb_rc dense__einsum(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_span text = jb_onnx_attribute_text(jb_op_attribute(call, "equation"));
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    struct einsum it = {.n_operands = 0};

    for (size_t i = 0; i < call->n_in; i++) {
        if (!jb_op_ranked(call, i)) {
            jb_op_not_counted(call, OP_WHY_SIZES);
            return JB_OK;
        }
    }
    if (!read_equation(call, text, &it)) {
        jb_op_not_counted(call, "its equation does not fit the sizes of its inputs");
        return JB_OK;
    }
    for (size_t i = 0; i < it.n_out; i++)
        out[i] = it.size[it.out[i]];
    set_work(call, &it);
    return jb_op_set(call, 0, dense__type(call, 0), out, it.n_out, err);
}
