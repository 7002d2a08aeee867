/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file of weights says: its tensors by name, type and shape, and the facts of the model beside them. Weights are
 * never read. Both formats come to this, and weights.c and transformer.c see no format. R-COUNT-20 to -28:
 * docs/method/counting.md.
 */
#ifndef JB_COUNT_TENSORS_INT_H
#define JB_COUNT_TENSORS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "count/count.h"
#include "count/span_int.h"

#define JB_TENSOR_NAME_MAX  1024
#define JB_TENSOR_DIMS_MAX  16
#define JB_TENSORS_MAX      2000000
#define JB_TENSORS_BYTES    ((size_t)512 * 1024 * 1024) /* of the arena of one count */
#define JB_TENSOR_TYPE_TEXT 16

/* Numbers of one type, as they are stored: so many of them in a block of so many bytes. */
struct jb_tensor_type {
    char name[JB_TENSOR_TYPE_TEXT]; /* "float16", "q4_k"; of one nobody knows "type 99" */
    bool is_float;                  /* floating point, or a quantised form of it */
    int block;
    int block_bits; /* 0: not known */
};

struct jb_tensor {
    const char *name; /* arena; printable */
    const struct jb_tensor_type *type;
    size_t n_dims;
    const int64_t
        *dims; /* arena; the outermost first, as PyTorch has them: a linear layer is [out, in] */
    int64_t n_elements;
    int64_t n_bytes;     /* as stored; -1: a type whose size nobody knows */
    uint64_t begin, end; /* in the bytes of its file; for the check of holes */
    size_t order;        /* as read */
};

struct jb_tensors {
    struct jb_arena *arena; /* the caller's */
    size_t n, capacity;
    struct jb_tensor *items;
};

/* JB_E_INPUT: a name or shape no file has; JB_E_RANGE: too many. name is copied, dims too. */
JB_MUST_USE jb_rc jb_tensors_add(struct jb_tensors *tensors, struct jb_span name,
                                 const struct jb_tensor_type *type, const int64_t *dims,
                                 size_t n_dims, struct jb_error *err);
/* By name; JB_E_INPUT where a name is there twice. */
JB_MUST_USE jb_rc jb_tensors_sort(struct jb_tensors *tensors, struct jb_error *err);
/* In a sorted list; NULL: none. */
const struct jb_tensor *jb_tensors_find(const struct jb_tensors *tensors, const char *name);
/* A copy that ends in NUL and may be shown; NULL: no memory. */
const char *jb_arena_text(struct jb_arena *arena, struct jb_span text);

#define JB_FACTS_TEXT   64
#define JB_FACTS_LAYERS 1024

/* What metadata says of the model; -1 where it says nothing. */
struct jb_model_facts {
    bool is_told;                     /* there was metadata at all */
    char architecture[JB_FACTS_TEXT]; /* "LlamaForCausalLM", "llama"; "" none */
    int64_t n_layers, n_decoder_layers;
    int64_t hidden, n_heads, n_decoder_heads;
    int64_t key_width, value_width; /* of one head */
    int64_t latent_key_width,
        latent_value_width; /* the same where keys are kept compressed; they take precedence */
    int64_t n_experts, n_experts_used;
    int64_t window; /* sliding attention: so many keys at most */
    bool
        has_window_layers; /* which layers have it is told; else no layer, but by is_window_everywhere */
    bool is_window_everywhere;
    bool is_window_layer[JB_FACTS_LAYERS];
    int64_t image_size, patch_size;
    int64_t vocabulary;
    int64_t n_files; /* the model is in so many files, of which this is one; -1 one */
    int is_tied;     /* 1, 0; -1 not told; 2: where no head is stored */
    bool
        has_head; /* a head over the vocabulary belongs to it (a language model, no bare encoder) */
    bool is_encoder_decoder;
    bool is_part; /* parts of other kinds (vision, audio) are beside the text model */
};
extern const struct jb_model_facts JB_MODEL_FACTS_UNKNOWN;

/* --- safetensors.c ---------------------------------------------------------------------------------------------- */

/*
 * The header at the beginning of `bytes` (a file of file_bytes; bytes may end with the header), appended to tensors. Every byte
 * after the header belongs to one tensor. JB_E_INPUT names the tensor.
 */
JB_MUST_USE jb_rc jb_safetensors_read(struct jb_span bytes, uint64_t file_bytes,
                                      struct jb_tensors *tensors, size_t *ret_header_bytes,
                                      struct jb_error *err);

/* --- safetensors_index.c ---------------------------------------------------------------------------------------- */

struct jb_shards {
    size_t n_files, n_names;
    const char **files; /* names beside the index, each once */
    const char **names; /* of tensors, sorted */
};
/* model.safetensors.index.json; JB_E_INPUT for a shard outside the folder. */
JB_MUST_USE jb_rc jb_shards_read(struct jb_span json, struct jb_arena *arena, struct jb_shards *ret,
                                 struct jb_error *err);

/* --- model_config.c --------------------------------------------------------------------------------------------- */

/* config.json as Hugging Face writes it. JB_E_INPUT: no JSON object. */
JB_MUST_USE jb_rc jb_model_config_read(struct jb_span json, struct jb_model_facts *ret,
                                       struct jb_error *err);

/* --- gguf.c ----------------------------------------------------------------------------------------------------- */

/* *ret_header_bytes: where the tensors' own bytes begin. */
JB_MUST_USE jb_rc jb_gguf_read(struct jb_span bytes, struct jb_tensors *tensors,
                               struct jb_model_facts *ret_facts, size_t *ret_header_bytes,
                               struct jb_error *err);

/* --- tensor_role.c ---------------------------------------------------------------------------------------------- */

enum jb_tensor_part {
    JB_PART_LINEAR,     /* a matrix that every token goes through, or what is no matrix */
    JB_PART_EMBEDDING,  /* a table that is looked up */
    JB_PART_HEAD,       /* scores over the vocabulary */
    JB_PART_ONCE,       /* a matrix that each example goes through once */
    JB_PART_PATCH,      /* a convolution over patches */
    JB_PART_SHORT_CONV, /* a depthwise convolution of the last few tokens */
    JB_PART_BUFFER,     /* statistics, masks, positions */
    JB_PART_OTHER,      /* of a vision or audio model beside the text model */
};
struct jb_tensor_role {
    enum jb_tensor_part part;
    bool is_token_table; /* the embedding that a tied head shares */
    bool is_query;       /* one attention is where this is */
    bool is_query_alone; /* its rows are heads x width */
    bool is_decoder, is_encoder;
    bool is_cross; /* attention over the other side's tokens */
    bool is_key_or_value;
    bool is_expert;       /* one or all of a mixture */
    bool is_expert_stack; /* all in one tensor, one dimension more */
    int64_t expert;       /* its number, or -1 */
    bool is_weight;       /* not a bias, a scale, a state */
    bool is_recurrent;    /* marks one recurrence of a state-space or linear-attention layer */
    bool is_adapter;      /* lora_A, lora_B */
    bool is_class_token;  /* a token more than an image has patches */
    bool is_hierarchical; /* of an image model whose tokens grow fewer on the way */
    char
        layer[96]; /* up to the number of the block: "model.layers.7"; else without its last part */
    int64_t block; /* that number, or -1 */
};
void jb_tensor_role(const char *name, size_t n_dims, struct jb_tensor_role *ret);

/* --- weights.c, transformer.c ----------------------------------------------------------------------------------- */

/* What a multiply-add is done for, once each: a size of the pass. */
enum jb_work_unit {
    JB_PER_TOKEN,    /* batch x seq */
    JB_PER_TARGET,   /* batch x target_seq, of a decoder beside an encoder */
    JB_PER_EXAMPLE,  /* batch */
    JB_PER_PATCH,    /* batch x patches of an image */
    JB_PER_PAIR,     /* batch x seq x seq */
    JB_PER_WINDOW,   /* batch x seq x min(seq, window) */
    JB_PER_TARGETS,  /* batch x target_seq x target_seq */
    JB_PER_CROSSING, /* batch x target_seq x seq */
    JB_WORK_UNITS,
};

/* Figures of a layer, an operator or a type, as integers per unit. */
struct jb_weight_row {
    const char *name; /* arena or constant */
    int group;        /* 0 embeddings, 1 blocks, 2 the rest: their order */
    int64_t block;
    int64_t n;
    int64_t macs[JB_WORK_UNITS];
    int64_t
        experts; /* multiply-adds of experts x those used, still to be divided by how many there are */
    int64_t n_parameters;
};

struct jb_weight_rows {
    size_t n, capacity;
    struct jb_weight_row *items;
};

#define JB_WEIGHT_MISSED_MAX 24
#define JB_WEIGHT_NOTES_MAX  16

struct jb_weights {
    struct jb_arena *arena;
    struct jb_weight_rows by_op, by_layer, by_type;
    struct jb_weight_row total;
    int64_t n_class_tokens;
    int64_t adapter_width;
    int64_t n_parameters, n_trainable, n_embedding, n_tied, n_active, n_buffers, parameter_bytes;
    bool is_bytes_known;
    bool has_operations;
    size_t n_missed, n_notes;
    struct jb_count_missed missed[JB_WEIGHT_MISSED_MAX];
    const char *notes[JB_WEIGHT_NOTES_MAX];
};

/* Parameters and multiply-adds of the tensors (sorted). JB_E_RANGE: more than 64 bits hold. */
JB_MUST_USE jb_rc jb_weights_count(const struct jb_tensors *tensors,
                                   const struct jb_model_facts *facts, struct jb_weights *ret,
                                   struct jb_error *err);

/* The sizes of the pass put in: from weights to what is counted. `ret` is cleared; dims stay the caller's. */
JB_MUST_USE jb_rc jb_weights_sizes(const struct jb_weights *weights,
                                   const struct jb_model_facts *facts, struct jb_dims *dims,
                                   struct jb_count *ret, struct jb_error *err);

#endif
