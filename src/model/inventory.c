/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a model's life by the words that stages go by (R-INVENTORY-02), and the end of an inventory. */
#include "model/inventory.h"

#include <stdlib.h>
#include <strings.h>

#include "base/compiler.h"

static const char *const part_names[JB_N_PARTS] = {
    [JB_PART_DEVELOPMENT] = "development", [JB_PART_SEARCH] = "search",
    [JB_PART_FAILED] = "failed",           [JB_PART_TRAINING] = "training",
    [JB_PART_RETRAINING] = "retraining",   [JB_PART_EVALUATION] = "evaluation",
    [JB_PART_INFERENCE] = "inference",     [JB_PART_UNTOLD] = "untold",
};

static const struct {
    const char *stage;
    enum jb_part part;
} stages[] = {
    {"explore", JB_PART_DEVELOPMENT},
    {"develop", JB_PART_DEVELOPMENT},
    {"development", JB_PART_DEVELOPMENT},
    {"debug", JB_PART_DEVELOPMENT},
    {"prepare", JB_PART_DEVELOPMENT},
    {"preprocess", JB_PART_DEVELOPMENT},
    {"ablation", JB_PART_DEVELOPMENT},
    {"search", JB_PART_SEARCH},
    {"tune", JB_PART_SEARCH},
    {"sweep", JB_PART_SEARCH},
    {"hyperparameter-search", JB_PART_SEARCH},
    {"failed", JB_PART_FAILED},
    {"train", JB_PART_TRAINING},
    {"training", JB_PART_TRAINING},
    {"pretrain", JB_PART_TRAINING},
    {"pretraining", JB_PART_TRAINING},
    {"finetune", JB_PART_TRAINING},
    {"finetuning", JB_PART_TRAINING},
    {"final", JB_PART_TRAINING},
    {"retrain", JB_PART_RETRAINING},
    {"retraining", JB_PART_RETRAINING},
    {"update", JB_PART_RETRAINING},
    {"evaluate", JB_PART_EVALUATION},
    {"evaluation", JB_PART_EVALUATION},
    {"eval", JB_PART_EVALUATION},
    {"validate", JB_PART_EVALUATION},
    {"test", JB_PART_EVALUATION},
    {"infer", JB_PART_INFERENCE},
    {"inference", JB_PART_INFERENCE},
    {"serve", JB_PART_INFERENCE},
    {"production", JB_PART_INFERENCE},
};

const char *jb_part_name(enum jb_part part)
{
    return part_names[part];
}

int jb_part_from_name(const char *name)
{
    for (int i = 0; i < JB_N_PARTS; i++)
        if (strcasecmp(part_names[i], name) == 0)
            return i;
    return -1;
}

bool jb_part_is_making(enum jb_part part)
{
    return part != JB_PART_EVALUATION && part != JB_PART_INFERENCE;
}

enum jb_part jb_part_of(const char *stage, enum jb_run_status status, int64_t exit_code)
{
    enum jb_part part = JB_PART_UNTOLD;

    for (size_t i = 0; i < JB_ARRAY_LEN(stages); i++)
        if (strcasecmp(stages[i].stage, stage) == 0)
            part = stages[i].part;
    /* An evaluation that failed is one still: it made nothing. */
    if (jb_part_is_making(part) && (status == JB_RUN_INTERRUPTED || exit_code > 0))
        return JB_PART_FAILED;
    return part;
}

void jb_inventory_release(struct jb_inventory *inventory)
{
    while (inventory->texts) {
        struct jb_inventory_text *const next = inventory->texts->next;
        free(inventory->texts);
        inventory->texts = next;
    }
    free(inventory->runs);
    free(inventory->factors);
    free(inventory->notes);
    *inventory = (struct jb_inventory){0};
}
