/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue's utilisations and draws into the form a plan works with (R-PLAN-04). It must never fill a gap itself. */
#include <stdio.h>

#include "plan/plan_int.h"

static const struct {
    const char *key, *text;
} sizes[SIZE_N] = {
    [SIZE_SMALL] = {"small", "less than 1e21 operations"},
    [SIZE_MEDIUM] = {"medium", "1e21 to 1e22 operations"},
    [SIZE_LARGE] = {"large", "1e22 operations and more"},
};

static const struct {
    const char *key, *text;
} kinds[KIND_N] = {
    [KIND_BF16] = {"bf16", "boards with a bf16 peak"},
    [KIND_FP16] = {"fp16", "boards with an fp16 peak and no bf16"},
    [KIND_FP32] = {"fp32", "boards with an fp32 peak alone"},
    [KIND_NPU] = {"npu", "TPUs and the like"},
};

enum plan__size plan__size_of(jb_i128 flop)
{
    const jb_i128 zetta = (jb_i128)1000000000000 * 1000000000; /* 1e21 */

    return flop < zetta ? SIZE_SMALL : flop < 10 * zetta ? SIZE_MEDIUM : SIZE_LARGE;
}

const char *plan__size_text(enum plan__size size)
{
    return sizes[size].text;
}

const char *plan__kind_text(enum plan__size size, enum plan__kind kind)
{
    return size == SIZE_SMALL ? kinds[kind].text : "any hardware";
}

jb_rc plan__refs_read(struct plan__refs *ret_refs, struct jb_error *err)
{
    struct plan__refs refs = {0};
    struct jb_catalogue_band exponent = {0};
    jb_rc rc = jb_catalogue_training_utilisation("draw", &refs.draw, err);

    if (rc >= 0)
        rc = jb_catalogue_training_utilisation("draw-exponent", &exponent, err);
    if (rc >= 0)
        rc = jb_catalogue_training_load("board", &refs.board, err);
    if (rc >= 0)
        rc = jb_catalogue_training_load("board_idle", &refs.board_idle, err);
    for (int size = 0; size < SIZE_N; size++)
        for (int kind = 0; rc >= 0 && kind < KIND_N; kind++) {
            char key[32];
            /* From 1e21 operations on, kinds of hardware do not differ. */
            (void)snprintf(key, sizeof key, "%s%s%s", sizes[size].key,
                           size == SIZE_SMALL ? "-" : "",
                           size == SIZE_SMALL ? kinds[kind].key : "");
            rc = jb_catalogue_training_utilisation(key, &refs.utilisation[size][kind], err);
        }
    if (rc < 0)
        return rc;
    refs.exponent_ppm = exponent.best;
    *ret_refs = refs;
    return JB_OK;
}
