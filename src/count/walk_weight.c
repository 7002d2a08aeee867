/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tensors of a file are parameters (R-COUNT-08): told by the operators that use them, never by their names. A table of
 * operators says which inputs are statistics, scales or tables; whatever else is floating-point and used is a weight.
 */
#include <stdlib.h>

#include "count/walk_int.h"

#define MS       "com.microsoft"
#define IN(i)    (1U << (i))
#define FROM(i)  (~0U << (i))
#define INPUTS_N 32

/* What is special about an operator's inputs: bits by their number. */
struct jb_trait {
    const char *domain, *name;
    bool is_chain;     /* output 0 is input 0 moved or cast: the same weight */
    bool is_view;      /* moves nothing */
    bool has_graphs;   /* what comes out may come from anywhere around */
    unsigned scales;   /* how numbers are stored, resized, limited; positions that are no weights */
    unsigned asked;    /* only for their type or sizes: not a use */
    unsigned tables;   /* looked up in: as much is read as comes out */
    unsigned integers; /* integers there stand for weights */
    unsigned packed;   /* several numbers to an element */
    unsigned
        experts; /* the first size is the number of experts, of which attribute k meets a token */
    const char
        *bits; /* attribute that says how many bits a packed number has; NULL: K x N numbers */
    unsigned statistics;
};

static const struct jb_trait traits[] = {
    {.name = "Identity", .is_chain = true, .is_view = true},
    {.name = "Reshape", .is_chain = true, .is_view = true},
    {.name = "Flatten", .is_chain = true, .is_view = true},
    {.name = "Squeeze", .is_chain = true, .is_view = true},
    {.name = "Unsqueeze", .is_chain = true, .is_view = true},
    {.name = "Transpose", .is_chain = true},
    {.name = "Cast", .is_chain = true},
    {.name = "CastLike", .is_chain = true, .asked = FROM(1)},
    {.name = "Shape", .is_view = true, .asked = FROM(0)},
    {.name = "Size", .is_view = true, .asked = FROM(0)},
    {.name = "EyeLike", .asked = FROM(0)},
    {.name = "RandomNormalLike", .asked = FROM(0)},
    {.name = "RandomUniformLike", .asked = FROM(0)},
    {.name = "Constant", .is_view = true},
    {.name = "If", .is_view = true, .has_graphs = true},
    {.name = "Loop", .is_view = true, .has_graphs = true},
    {.name = "Scan", .is_view = true, .has_graphs = true},
    {.name = "SequenceMap", .is_view = true, .has_graphs = true},
    {.name = "DequantizeLinear", .is_chain = true, .scales = FROM(1), .integers = IN(0)},
    {.name = "QuantizeLinear", .is_chain = true, .scales = FROM(1)},
    {.domain = MS,
     .name = "DequantizeLinear",
     .is_chain = true,
     .scales = FROM(1),
     .integers = IN(0)},
    {.domain = MS, .name = "QuantizeLinear", .is_chain = true, .scales = FROM(1)},
    {.name = "BatchNormalization", .statistics = IN(3) | IN(4)},
    {.name = "Slice", .tables = IN(0)},
    {.name = "Gather", .tables = IN(0)},
    {.name = "GatherElements", .tables = IN(0)},
    {.name = "GatherND", .tables = IN(0)},
    {.domain = MS, .name = "EmbedLayerNormalization", .tables = IN(2) | IN(3) | IN(4)},
    {.domain = MS,
     .name = "QEmbedLayerNormalization",
     .tables = IN(2) | IN(3) | IN(4),
     .integers = FROM(2) & ~FROM(7),
     .scales = FROM(8)},
    {.domain = MS,
     .name = "GatherBlockQuantized",
     .tables = IN(0),
     .integers = IN(0),
     .packed = IN(0),
     .bits = "bits",
     .scales = FROM(2)},
    {.name = "Resize", .scales = FROM(1)},
    {.name = "Upsample", .scales = FROM(1)},
    {.name = "Clip", .scales = FROM(1)},
    {.name = "Pad", .scales = FROM(1)},
    {.name = "Dropout", .scales = FROM(1)},
    {.name = "OneHot", .scales = FROM(1)},
    {.name = "Range", .scales = FROM(0)},
    {.name = "NonMaxSuppression", .scales = FROM(2)},
    {.name = "RotaryEmbedding", .scales = FROM(1)},
    {.domain = MS, .name = "RotaryEmbedding", .scales = FROM(1)},
    {.domain = MS, .name = "GemmaRotaryEmbedding", .scales = FROM(0)},
    {.domain = MS, .name = "GroupQueryAttention", .scales = IN(7) | IN(8)},
    {.domain = MS, .name = "SparseAttention", .scales = IN(7) | IN(8)},
    {.name = "DFT", .scales = FROM(1)},
    {.name = "STFT", .scales = FROM(1)},
    {.name = "ConvInteger", .integers = IN(0) | IN(1), .scales = FROM(2)},
    {.name = "MatMulInteger", .integers = IN(0) | IN(1), .scales = FROM(2)},
    {.name = "QLinearConv",
     .integers = IN(0) | IN(3) | IN(8),
     .scales = FROM(1) & ~(IN(3) | IN(8))},
    {.name = "QLinearMatMul", .integers = IN(0) | IN(3), .scales = FROM(1) & ~IN(3)},
    {.domain = MS,
     .name = "QLinearConv",
     .integers = IN(0) | IN(3) | IN(8),
     .scales = FROM(1) & ~(IN(3) | IN(8))},
    {.domain = MS,
     .name = "QGemm",
     .integers = IN(0) | IN(3) | IN(6),
     .scales = FROM(1) & ~(IN(3) | IN(6))},
    {.domain = MS, .name = "QLinearAdd", .integers = IN(0) | IN(3), .scales = FROM(1) & ~IN(3)},
    {.domain = MS, .name = "QLinearMul", .integers = IN(0) | IN(3), .scales = FROM(1) & ~IN(3)},
    {.domain = MS, .name = "QAttention", .integers = IN(1), .scales = FROM(3)},
    {.domain = MS,
     .name = "MatMulIntegerToFloat",
     .integers = IN(0) | IN(1),
     .scales = IN(2) | IN(3) | IN(4) | IN(5)},
    {.domain = MS, .name = "DynamicQuantizeMatMul", .integers = IN(1), .scales = IN(2) | IN(3)},
    {.domain = MS, .name = "DynamicQuantizeLSTM", .integers = IN(1) | IN(2), .scales = FROM(8)},
    {.domain = MS,
     .name = "MatMulNBits",
     .integers = IN(1),
     .packed = IN(1),
     .scales = IN(2) | IN(3) | IN(4)},
    {.domain = MS, .name = "MatMulBnb4", .integers = IN(1), .packed = IN(1), .scales = FROM(2)},
    {.domain = MS, .name = "MoE", .experts = FROM(2)},
    {.domain = MS,
     .name = "QMoE",
     .integers = IN(2) | IN(5) | IN(8),
     .packed = IN(2) | IN(5) | IN(8),
     .bits = "expert_weight_bits",
     .experts = FROM(2),
     .scales = IN(3) | IN(6) | IN(9) | FROM(11)},
};
_Static_assert(JB_ARRAY_LEN(traits) <= JB_WALK_TRAITS_MAX, "one place for each");

void jb_walk__index_traits(struct jb_walk *walk)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(traits); i++)
        walk->trait_ops[i] =
            jb_op_index_find(&walk->ops, jb_span_of(traits[i].domain ? traits[i].domain : ""),
                             jb_span_of(traits[i].name));
}

const struct jb_trait *jb_walk__trait(const struct jb_walk *walk, const struct jb_op *op)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(traits); i++) {
        if (walk->trait_ops[i] == op)
            return &traits[i];
    }
    return NULL;
}

bool jb_trait__is_view(const struct jb_trait *trait)
{
    return trait && trait->is_view;
}

bool jb_trait__has_graphs(const struct jb_trait *trait)
{
    return trait && trait->has_graphs;
}

static bool has(unsigned inputs, size_t input)
{
    return input < INPUTS_N ? (inputs >> input & 1U) != 0 : (inputs >> (INPUTS_N - 1) & 1U) != 0;
}

bool jb_trait__is_lookup(const struct jb_trait *trait, size_t input)
{
    return trait && has(trait->tables, input);
}

bool jb_weight__is_float(int64_t type)
{
    return type == JB_ONNX_FLOAT || type == JB_ONNX_FLOAT16 || type == JB_ONNX_BFLOAT16 ||
           type == JB_ONNX_DOUBLE || type == JB_ONNX_COMPLEX64 || type == JB_ONNX_COMPLEX128;
}

/* Floating point of 8 bits or less: weights in store, not in training. */
static bool is_small_float(int64_t type)
{
    return (type >= JB_ONNX_FLOAT8E4M3FN && type <= JB_ONNX_FLOAT8E5M2FNUZ) ||
           type == JB_ONNX_FLOAT4E2M1;
}

bool jb_weight__is_parameter(const struct jb_weight *weight)
{
    const unsigned served = JB_ROLE_FACTOR | JB_ROLE_TABLE | JB_ROLE_OTHER;
    const struct jb_onnx_tensor *const tensor = weight->tensor;
    if ((weight->roles & served) == 0 || tensor->n_dims == 0)
        return false;
    if (weight->is_constant_node && (weight->roles & JB_ROLE_FACTOR) == 0)
        return false;
    if (jb_weight__is_float(tensor->type) || is_small_float(tensor->type))
        return true;
    return (weight->roles & JB_ROLE_QUANTISED) != 0;
}

/* --- the list ---------------------------------------------------------------------------------------------------- */

static size_t slot_of(const struct jb_walk *walk, const uint8_t *at)
{
    return (size_t)(((uint64_t)(uintptr_t)at * UINT64_C(0x9e3779b97f4a7c15)) >> 20) &
           (walk->weights_capacity - 1);
}

static jb_rc make_room(struct jb_walk *walk, struct jb_error *err)
{
    if ((walk->n_weights + 1) * 2 <= walk->weights_capacity)
        return JB_OK;
    struct jb_weight **const before = walk->weights;
    const size_t n_before = walk->weights_capacity;
    const size_t wanted = n_before ? n_before * 2 : 256;
    walk->weights = calloc(wanted, sizeof(struct jb_weight *));
    if (!walk->weights) {
        walk->weights = before;
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the weights of the model");
    }
    walk->weights_capacity = wanted;
    for (size_t i = 0; i < n_before; i++) {
        if (!before[i])
            continue;
        size_t at = slot_of(walk, before[i]->tensor->message.at);
        while (walk->weights[at])
            at = (at + 1) & (wanted - 1);
        walk->weights[at] = before[i];
    }
    free(before);
    return JB_OK;
}

jb_rc jb_walk__new_weight(struct jb_walk *walk, const struct jb_onnx_tensor *tensor,
                          bool is_constant_node, struct jb_weight **ret, struct jb_error *err)
{
    const jb_rc rc = make_room(walk, err);
    if (rc)
        return rc;
    /* A graph or function that is walked again has the same weights, at the same place of the file. */
    size_t at = slot_of(walk, tensor->message.at);
    for (; walk->weights[at]; at = (at + 1) & (walk->weights_capacity - 1)) {
        if (walk->weights[at]->tensor->message.at == tensor->message.at) {
            *ret = walk->weights[at];
            return JB_OK;
        }
    }
    struct jb_weight *const weight = jb_arena_get(walk->arena, 1, sizeof *weight);
    if (!weight)
        return jb_arena_fail(walk->arena, err);
    *weight = (struct jb_weight){.tensor = tensor,
                                 .is_constant_node = is_constant_node,
                                 .n_numbers = tensor->n_elements,
                                 .n_active = tensor->n_elements};
    walk->weights[at] = weight;
    walk->n_weights++;
    if (walk->last_weight)
        walk->last_weight->next = weight;
    else
        walk->first_weight = weight;
    walk->last_weight = weight;
    *ret = weight;
    return JB_OK;
}

/* --- uses -------------------------------------------------------------------------------------------------------- */

static unsigned role_of(const struct jb_op_call *call, const struct jb_trait *trait, size_t input,
                        const struct jb_weight *weight)
{
    const int64_t bits = jb_onnx_type_bits(weight->tensor->type);
    unsigned role = call->work.kind == JB_WORK_DENSE ? JB_ROLE_FACTOR : JB_ROLE_OTHER;
    if (trait && has(trait->statistics, input))
        return JB_ROLE_STATISTIC;
    if (trait && has(trait->scales, input))
        return JB_ROLE_SCALE;
    /* A table has rows; one number picked from a list is no lookup. */
    if (jb_trait__is_lookup(trait, input) && jb_span_is(call->node->op_type, "Slice"))
        role |= JB_ROLE_PART;
    else if (jb_trait__is_lookup(trait, input))
        role = weight->tensor->n_dims >= 2 ? JB_ROLE_TABLE : JB_ROLE_OTHER;
    if ((trait && has(trait->integers, input)) ||
        (call->work.kind == JB_WORK_DENSE && bits > 0 && bits <= 8 && weight->tensor->n_dims >= 2))
        role |= JB_ROLE_QUANTISED;
    return role;
}

/* How many numbers a packed tensor stands for, and how many of them a token meets. */
static void unpack(const struct jb_op_call *call, const struct jb_trait *trait, size_t input,
                   struct jb_weight *weight)
{
    const struct jb_onnx_tensor *const tensor = weight->tensor;
    const int64_t bits = jb_onnx_type_bits(tensor->type);
    int64_t numbers = tensor->n_elements;

    if (!trait)
        return;
    if (has(trait->packed, input) && !trait->bits) {
        const int64_t k = jb_op_int(call, "K", 0), n = jb_op_int(call, "N", 0);
        if (k <= 0 || n <= 0 || JB_MUL_OVERFLOWS(k, n, &numbers))
            numbers = tensor->n_elements;
    } else if (has(trait->packed, input) && bits == 8) {
        const int64_t packed_bits = jb_op_int(call, trait->bits, 4);
        if (packed_bits < 1 || packed_bits > 8 ||
            JB_MUL_OVERFLOWS(numbers, 8 / packed_bits, &numbers))
            numbers = tensor->n_elements;
    }
    weight->n_numbers = numbers;
    weight->n_active = numbers;
    if (has(trait->experts, input) && tensor->n_dims > 0 && tensor->dims[0] > 0) {
        const int64_t used = jb_op_int(call, "k", 1), all = tensor->dims[0];
        if (used > 0 && used < all)
            weight->n_active = numbers / all * used;
    }
}

static jb_rc use(struct jb_walk *walk, struct jb_weight *weight, unsigned role, size_t entry,
                 struct jb_error *err)
{
    weight->roles |= role;
    const jb_rc rc = jb_walk__grow((void **)&walk->uses, walk->n_uses, &walk->uses_capacity,
                                   sizeof *walk->uses, err);
    if (!rc)
        walk->uses[walk->n_uses++] =
            (struct jb_use){.weight = weight, .role = role, .entry = entry};
    return rc;
}

jb_rc jb_walk__weights(struct jb_walk *walk, const struct jb_op_call *call,
                       const struct jb_trait *trait, struct jb_slot *const *slots, size_t entry,
                       struct jb_weight **ret_passed, struct jb_error *err)
{
    *ret_passed = NULL;
    for (size_t i = 0; i < call->n_in; i++) {
        struct jb_weight *const weight = slots[i] ? slots[i]->weight : NULL;
        if (!weight)
            continue;
        if (trait && trait->is_chain && i == 0) {
            weight->roles |= trait->integers ? JB_ROLE_QUANTISED : 0U;
            *ret_passed = weight;
            continue;
        }
        if (trait && has(trait->asked, i))
            continue;
        const unsigned role = role_of(call, trait, i, weight);
        unpack(call, trait, i, weight);
        const jb_rc rc = use(walk, weight, role, entry, err);
        if (rc)
            return rc;
    }
    return JB_OK;
}
