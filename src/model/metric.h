/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics that a training marks ("accuracy=0.91"): which way is better, as their names tell (R-OVERSHOOT-02). */
#ifndef JB_MODEL_METRIC_H
#define JB_MODEL_METRIC_H

/* Values are kept as integers with so many decimals. */
#define JB_METRIC_SCALE 9

/* In the order in which words outrank each other: "dice_loss" is a loss, "val_acc_step" an accuracy, "loss_scale" none. */
enum jb_metric_way {
    JB_METRIC_WAY_UNKNOWN,
    JB_METRIC_WAY_OTHER, /* of a word only; never returned */
    JB_METRIC_WAY_MAX,   /* more is better */
    JB_METRIC_WAY_MIN,   /* less is better */
    JB_METRIC_WAY_NONE,  /* no metric: a rate, a time, a scale */
};
enum jb_metric_way jb_metric_way(const char *name);

#endif
