/* SPDX-License-Identifier: Apache-2.0 */
/* What `joulebook plan` is told: the work, the choices of hardware and of places, intensities. docs/man/joulebook-plan.1. */
#ifndef JB_CLI_PLAN_ORDER_H
#define JB_CLI_PLAN_ORDER_H

#include "base/error.h"
#include "carbon/carbon.h"
#include "cli/cli.h"
#include "plan/plan.h"

#define JB_PLAN_HARDWARE_MAX 16
#define JB_PLAN_PLACES_MAX   32

struct jb_plan_hardware {
    char name[JB_ANSWER]; /* a board, or "provider/type" */
    bool is_instance;
    int64_t n; /* of those */
};

struct jb_plan_place {
    char name[JB_ANSWER]; /* "" where none was said */
    struct jb_hourly *hourly;
};

struct jb_plan_wish {
    struct jb_plan_order order; /* all but hardware and place */
    char work[192];             /* where the operations come from, one sentence */
    char doubt[192];            /* what of the model is not in them; "" nothing */
    char model_name[128];       /* "resnet50" of a file; "" */
    size_t n_hardware, n_places;
    struct jb_plan_hardware hardware[JB_PLAN_HARDWARE_MAX];
    struct jb_plan_place places[JB_PLAN_PLACES_MAX]; /* at least one */
    int64_t from_utc_us;                             /* the first start that is looked at */
    int64_t every_ns, life_ns;                       /* retraining; 0: trained once */
};

extern const struct jb_option jb_plan_options[];

/* Reads the model file, asks whom it is told to ask. JB_E_USAGE names the option. */
JB_MUST_USE jb_rc jb_plan_wish_take(const struct jb_cli *cli, struct jb_plan_wish *wish,
                                    struct jb_error *err);
void jb_plan_wish_release(struct jb_plan_wish *wish);
/* One hardware in one place, for jb_plan_make. JB_E_INPUT: names the catalogue does not know. */
JB_MUST_USE jb_rc jb_plan_wish_cell(const struct jb_plan_wish *wish, size_t hardware, size_t place,
                                    struct jb_plan_order *ret, struct jb_error *err);

#endif
