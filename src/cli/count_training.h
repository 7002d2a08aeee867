/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the operations of one forward pass to those of a training, with the two figures that check them: 6 N D, and devices x peak x
 * time x utilisation. Pure functions. R-WORK-01, -02, -03, -05, -06: docs/method/work.md.
 */
#ifndef JB_CLI_COUNT_TRAINING_H
#define JB_CLI_COUNT_TRAINING_H

#include "count/count.h"
#include "model/compute.h"

/* -1, 0 or "" for what is not told. */
struct jb_training_order {
    int64_t n_examples; /* of one epoch */
    int64_t epochs_milli;
    bool is_recomputed; /* activations are computed anew in the backward pass, all of them */
    int64_t
        frozen_ppm; /* this share of the forward work, from the input on, is not trained; -1 none */
    const char *frozen; /* layers whose names begin so are not trained; NULL none */
    int64_t lora_rank;  /* -1: none */
    int64_t n_devices;
    int64_t peak_gflops; /* of one device */
    int64_t duration_ns;
    int64_t utilisation_ppm;
};

struct jb_training {
    bool has_work;        /* examples were told */
    jb_i128 forward_flop; /* all examples once through */
    jb_i128 training_flop;
    int64_t factor_milli; /* the one over the other */
    int64_t n_examples_seen_milli;
    int64_t n_frozen_layers; /* of a name; -1 none asked */
    bool
        is_adapter_left_out; /* the model's file does not tell how many weights the adapters have */
    int64_t n_adapter;       /* parameters of the adapters; -1 */
    bool has_check;          /* 6 N D */
    jb_i128 check_flop;
    int64_t n_check_parameters;
    int64_t check_milli; /* 6 N D over the count */
    bool has_device_time;
    jb_i128 device_flop;
    int64_t device_milli; /* by device time over the count; -1 without a count */
};

/* JB_E_USAGE: examples are told and sizes are open, or a layer no name begins so; JB_E_UNAVAILABLE: nothing to multiply;
 * JB_E_RANGE beyond 128 bits. */
JB_MUST_USE jb_rc jb_training_work(const struct jb_count *count,
                                   const struct jb_training_order *order, struct jb_training *ret,
                                   struct jb_error *err);

#endif
