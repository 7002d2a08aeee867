/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantised weights: several numbers in one stored one, with scales beside them. How many parameters a pack stands for
 * follows from the shapes of the pack and its scales alone; where it does not, it is said, never guessed. R-COUNT-24.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "count/weights_int.h"

/* A name that ends so is a scale where the other one is there as well. */
static const struct {
    const char *end, *other;
} scales[] = {
    {".scales", ".qweight"},
    {".qzeros", ".qweight"},
    {".g_idx", ".qweight"},
    {".SCB", ".weight"},
    {".weight_format", ".weight"},
    {".absmax", ""},
    {".quant_map", ""},
    {".nested_absmax", ""},
    {".nested_quant_map", ""},
    {".quant_state.bitsandbytes__nf4", ""},
    {".quant_state.bitsandbytes__fp4", ""},
    {".weight_scale_inv", ".weight"},
    {".weight_scale", ".weight"},
    {".weight_scale_2", ".weight"},
    {".input_scale", ".weight"},
    {".weight_scale", ".weight_packed"},
    {".weight_zero_point", ".weight_packed"},
    {".weight_shape", ".weight_packed"},
    {".weight_g_idx", ".weight_packed"},
    {"_scales", "_blocks"},
};

/* The tensor whose name has `other` where this one has `end`; NULL: it does not end so, or there is none. */
static const struct jb_tensor *partner(const struct jb_tensors *tensors, const char *name,
                                       const char *end, const char *other)
{
    const size_t len = strlen(name), n_end = strlen(end);
    char text[JB_TENSOR_NAME_MAX + 64];

    if (len <= n_end || strcmp(name + len - n_end, end) != 0)
        return NULL;
    (void)snprintf(text, sizeof text, "%.*s%s", (int)(len - n_end), name, other);
    return jb_tensors_find(tensors, text);
}

/* [in/pack, out] of GPTQ, [in, out/pack] of AWQ: bits = 32 x stored columns / columns. */
static bool packed_in_words(const struct jb_tensors *tensors, const struct jb_tensor *tensor,
                            int64_t *ret_elements, int64_t *ret_out)
{
    const struct jb_tensor *const scale = partner(tensors, tensor->name, ".qweight", ".scales");
    const struct jb_tensor *const zero = partner(tensors, tensor->name, ".qweight", ".qzeros");
    int64_t words, rows;

    if (!scale || !zero || tensor->n_dims != 2 || scale->n_dims != 2 || zero->n_dims != 2)
        return false;
    const int64_t out = scale->dims[1], columns = tensor->dims[1], zeros = zero->dims[1];
    if (zeros <= 0 || out < zeros)
        return false;
    *ret_out = out;
    if (columns == zeros && columns != out)
        return jb_mul_i64(tensor->dims[0], out, ret_elements) == JB_OK;
    /* rows x 32 / bits, and 32 / bits = out / zeros */
    if (columns != out || jb_mul_i64(tensor->dims[0], out, &words) < 0 || words % zeros != 0)
        return false;
    rows = words / zeros;
    return jb_mul_i64(rows, out, ret_elements) == JB_OK;
}

static bool has_quant_state(const struct jb_tensors *tensors, const char *name)
{
    return partner(tensors, name, "", ".quant_state.bitsandbytes__nf4") ||
           partner(tensors, name, "", ".quant_state.bitsandbytes__fp4");
}

/* Two numbers of four bits in a byte. */
static bool is_halves(const struct jb_tensors *tensors, const struct jb_tensor *tensor)
{
    return strcmp(tensor->type->name, "uint8") == 0 &&
           (has_quant_state(tensors, tensor->name) ||
            partner(tensors, tensor->name, ".weight", ".weight_scale_2") ||
            partner(tensors, tensor->name, "_blocks", "_scales"));
}

static bool ends(const char *name, const char *end)
{
    const size_t len = strlen(name), n = strlen(end);

    return len >= n && strcmp(name + len - n, end) == 0;
}

enum weights_kind weights__elements(const struct jb_tensors *tensors,
                                    const struct jb_tensor *tensor, int64_t *ret_elements,
                                    int64_t *ret_out, const char **ret_type)
{
    *ret_elements = tensor->n_elements;
    *ret_out = tensor->n_dims == 2 ? tensor->dims[0] : -1;
    *ret_type = tensor->type->name;
    for (size_t i = 0; i < JB_ARRAY_LEN(scales); i++)
        if (partner(tensors, tensor->name, scales[i].end, scales[i].other))
            return WEIGHTS_SCALE;
    if (is_halves(tensors, tensor)) {
        *ret_out = -1;
        *ret_type = "4-bit";
        return jb_mul_i64(tensor->n_elements, 2, ret_elements) == JB_OK ? WEIGHTS_PARAMETER
                                                                        : WEIGHTS_PACKED;
    }
    if (tensor->type->is_float)
        return WEIGHTS_PARAMETER;
    if (ends(tensor->name, ".qweight")) {
        *ret_type = "packed integer";
        return packed_in_words(tensors, tensor, ret_elements, ret_out) ? WEIGHTS_PARAMETER
                                                                       : WEIGHTS_PACKED;
    }
    if (ends(tensor->name, ".weight") && strcmp(tensor->type->name, "int8") == 0)
        return WEIGHTS_PARAMETER;
    if (ends(tensor->name, "weight") || ends(tensor->name, ".weight_packed") ||
        ends(tensor->name, "_blocks"))
        return WEIGHTS_PACKED;
    return WEIGHTS_BUFFER;
}
