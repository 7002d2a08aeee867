/* SPDX-License-Identifier: Apache-2.0 */
/* The list of tensors that both formats come to. Must never hold more than the arena's ceiling. R-COUNT-20. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "count/tensors_int.h"

const struct jb_model_facts JB_MODEL_FACTS_UNKNOWN = {
    .n_layers = -1,
    .n_decoder_layers = -1,
    .hidden = -1,
    .n_heads = -1,
    .n_decoder_heads = -1,
    .key_width = -1,
    .value_width = -1,
    .latent_key_width = -1,
    .latent_value_width = -1,
    .n_experts = -1,
    .n_experts_used = -1,
    .window = -1,
    .image_size = -1,
    .patch_size = -1,
    .vocabulary = -1,
    .n_files = -1,
    .is_tied = -1,
};

const char *jb_arena_text(struct jb_arena *arena, struct jb_span text)
{
    char *const copy = jb_arena_get(arena, text.len + 1, 1);

    if (!copy)
        return NULL;
    for (size_t i = 0; i < text.len;) {
        const size_t n = jb_clean_character((const char *)text.at + i, text.len - i);
        if (n == 0)
            copy[i++] = '?';
        else {
            memcpy(copy + i, text.at + i, n);
            i += n;
        }
    }
    copy[text.len] = '\0';
    return copy;
}

static jb_rc grow(struct jb_tensors *tensors, struct jb_error *err)
{
    const size_t capacity = tensors->capacity ? tensors->capacity * 2 : 256;

    if (tensors->n >= JB_TENSORS_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "more than %d tensors", JB_TENSORS_MAX);
    struct jb_tensor *const items = jb_arena_get(tensors->arena, capacity, sizeof *items);
    if (!items)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the list of tensors");
    if (tensors->n > 0)
        memcpy(items, tensors->items, tensors->n * sizeof *items);
    tensors->items = items;
    tensors->capacity = capacity;
    return JB_OK;
}

/* Whole blocks lie along the innermost dimension; the last byte of numbers smaller than one may be part used. */
static jb_rc bytes_of(const struct jb_tensor *tensor, int64_t *ret)
{
    const struct jb_tensor_type *const type = tensor->type;
    int64_t bits;

    *ret = -1;
    if (type->block_bits == 0)
        return JB_OK;
    if (type->block > 1 && (tensor->n_dims == 0 || tensor->dims[tensor->n_dims - 1] % type->block))
        return JB_E_INPUT;
    const jb_rc rc = jb_mul_i64(tensor->n_elements / type->block, type->block_bits, &bits);
    if (rc == JB_OK)
        *ret = bits / 8 + (bits % 8 != 0);
    return rc;
}

static jb_rc shape(struct jb_tensors *tensors, struct jb_tensor *tensor, const int64_t *dims,
                   struct jb_error *err)
{
    int64_t *const copy = jb_arena_get(tensors->arena, tensor->n_dims + 1, sizeof *copy);

    if (!copy)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the list of tensors");
    tensor->n_elements = 1;
    for (size_t i = 0; i < tensor->n_dims; i++) {
        if (dims[i] < 0 || jb_mul_i64(tensor->n_elements, dims[i], &tensor->n_elements) < 0)
            return jb_fail(err, JB_E_INPUT, NULL, "the shape of tensor '%s' is beyond 64 bits",
                           tensor->name);
        copy[i] = dims[i];
    }
    tensor->dims = copy;
    return JB_OK;
}

jb_rc jb_tensors_add(struct jb_tensors *tensors, struct jb_span name,
                     const struct jb_tensor_type *type, const int64_t *dims, size_t n_dims,
                     struct jb_error *err)
{
    struct jb_tensor tensor = {.type = type, .n_dims = n_dims, .order = tensors->n};
    jb_rc rc;

    if (name.len == 0 || name.len > JB_TENSOR_NAME_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "a tensor's name has %zu bytes", name.len);
    tensor.name = jb_arena_text(tensors->arena, name);
    if (!tensor.name)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the list of tensors");
    if (n_dims > JB_TENSOR_DIMS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "tensor '%s' has %zu dimensions", tensor.name,
                       n_dims);
    rc = shape(tensors, &tensor, dims, err);
    if (rc < 0)
        return rc;
    if (bytes_of(&tensor, &tensor.n_bytes) < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "the shape of tensor '%s' does not fit its type %s",
                       tensor.name, type->name);
    if (tensors->n == tensors->capacity) {
        rc = grow(tensors, err);
        if (rc < 0)
            return rc;
    }
    tensors->items[tensors->n++] = tensor;
    return JB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct jb_tensor *)a)->name, ((const struct jb_tensor *)b)->name);
}

jb_rc jb_tensors_sort(struct jb_tensors *tensors, struct jb_error *err)
{
    if (tensors->n < 2)
        return JB_OK;
    qsort(tensors->items, tensors->n, sizeof *tensors->items, by_name);
    for (size_t i = 1; i < tensors->n; i++)
        if (strcmp(tensors->items[i - 1].name, tensors->items[i].name) == 0)
            return jb_fail(err, JB_E_INPUT, NULL, "tensor '%s' is there twice",
                           tensors->items[i].name);
    return JB_OK;
}

const struct jb_tensor *jb_tensors_find(const struct jb_tensors *tensors, const char *name)
{
    const struct jb_tensor wanted = {.name = name};

    if (tensors->n == 0)
        return NULL;
    return bsearch(&wanted, tensors->items, tensors->n, sizeof wanted, by_name);
}
