/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of an inventory share. */
#ifndef JB_PIPELINE_INVENTORY_INT_H
#define JB_PIPELINE_INVENTORY_INT_H

#include "base/error.h"
#include "model/inventory.h"

/* inventory_sum.c: sums of all runs, by layer and part (R-INVENTORY-03). JB_E_RANGE beyond 2.56 GWh. */
JB_MUST_USE jb_rc inventory__sum(struct jb_inventory *inventory, struct jb_error *err);

#endif
