/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The computational work of a training, beside the energy it took: operations, parameters, examples (R-WORK-01 to -04:
 * docs/method/work.md). Numbers of operations go beyond 64 bits (1e25), so they have 128.
 */
#ifndef JB_MODEL_COMPUTE_H
#define JB_MODEL_COMPUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

/* How a number of operations came about; every one of them says it. */
enum jb_flop_method {
    JB_FLOP_UNKNOWN,
    JB_FLOP_COUNTED,     /* from a model file: operations of a forward pass x factor x examples */
    JB_FLOP_6ND,         /* 6 x parameters x tokens */
    JB_FLOP_DEVICE_TIME, /* devices x peak x time x utilisation */
    JB_FLOP_STATED,      /* somebody said so */
    JB_FLOP_METHODS,
};
const char *jb_flop_method_name(
    enum jb_flop_method method);                /* "counted", "6nd", "device-time" ... */
int jb_flop_method_from_name(const char *name); /* -1: no such */

/* -1 where not known, in all of them. */
struct jb_compute {
    enum jb_flop_method method;
    jb_i128
        training_flop; /* of the whole run, forward and backward: 2 x multiply-adds + elementwise */
    int64_t forward_macs; /* multiply-adds of dense operators, one example forward */
    int64_t forward_flop; /* 2 x those + elementwise operations, one example forward */
    int64_t n_parameters; /* all, each once, however often it is used (tied) */
    int64_t n_trainable;  /* of those */
    int64_t n_examples;   /* seen by the training: examples of one epoch x epochs */
    int64_t factor_milli; /* training over forward: 3000; 4000 with full recomputation */
    char model_file[256]; /* counted: its name; "" none */
    char model_digest
        [65]; /* counted: SHA-256 of what was read of it (not of the weights), hex; "" none */
};
extern const struct jb_compute JB_COMPUTE_UNKNOWN;

/* "314", "3.14e23" (exactly, no floating point), whole and not negative. JB_E_INPUT where it is not, a fraction of an
 * operation among them; JB_E_RANGE beyond JB_FLOP_MAX. */
#define JB_FLOP_MAX ((jb_i128)1000000000000000 * 1000000000000000) /* 1e30 */
JB_MUST_USE jb_rc jb_parse_i128(const char *text, size_t len, jb_i128 *ret);
/* Every digit; "" where buf is too small (48 bytes hold any); returns buf. */
const char *jb_format_i128(jb_i128 value, char *buf, size_t size);
/* Three significant digits for people, "3.14e23"; below a million whole; "unknown" below 0. size >= 48; returns buf. */
const char *jb_format_flop(jb_i128 flop, char *buf, size_t size);

/* petaFLOP/s-days x 1000 (R-WORK-03): flop / (1e15 x 86400), nearest; saturates; -1 unknown. */
int64_t jb_flop_to_millipfsd(jb_i128 flop);
/* The same for people: "972.222"; below a tenth three significant digits, "0.0116", "1.16e-5", so that a small training is not "0".
 * size >= 48; returns buf. */
const char *jb_format_pfsd(jb_i128 flop, char *buf, size_t size);

/* R-WORK-04: attojoule (1e-18 J: 700 W over 989.4 TFLOP/s are 707,499) per operation, nearest; -1 where either is
 * unknown or flop is 0; saturates. */
int64_t jb_energy_per_flop_aj(int64_t energy_uj, jb_i128 flop);

#endif
