/* SPDX-License-Identifier: Apache-2.0 */
/* The book to an inventory (model/inventory.h). Reads only, in one pass over the runs of the scope. R-INVENTORY-01 ... */
#ifndef JB_PIPELINE_INVENTORY_H
#define JB_PIPELINE_INVENTORY_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/inventory.h"

/*
 * Runs of the scope that have an account and are neither void nor reconciled with another. JB_E_NOT_FOUND where no run of the
 * book is in it. *ret is released by jb_inventory_release.
 */
JB_MUST_USE jb_rc jb_inventory_make(struct jb_ledger *ledger,
                                    const struct jb_inventory_scope *scope,
                                    struct jb_inventory *ret, struct jb_error *err);

#endif
