/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about a run besides its energy. Strings are UTF-8, "" where not given. */
#ifndef JB_MODEL_RUN_H
#define JB_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/entry.h"

#define JB_TAGS_MAX    32
#define JB_RUN_TEXT    256
#define JB_RUN_COMMAND 4096

enum jb_run_status {
    JB_RUN_OPEN, /* still going, or its spool has not been posted yet */
    JB_RUN_DONE,
    JB_RUN_INTERRUPTED, /* the recorder died; posted up to its last window */
    JB_RUN_VOID,
    JB_RUN_RECONCILED, /* reconstructed, and the same work as a measured run: in no sum (R-REBUILT-08) */
};
const char *jb_run_status_name(enum jb_run_status status);
int jb_run_status_from_name(const char *name);

/* Why `place` and the factors are as they are goes to the account's notes, not here. */
struct jb_run {
    char id[JB_RUN_ID];
    char group[JB_RUN_TEXT]; /* several nodes or ranks of one training share it; "" alone */
    char rank[16];
    char parent_id[JB_RUN_ID]; /* the run this one ran inside of */
    enum jb_layer layer;       /* reconstructed: from a paper, never from a meter of ours */
    char source[24];           /* of a reconstructed run: the format of its paper */
    char paper[65];            /* of a reconstructed run: which paper, as entries "paper" name it */
    char method[8];          /* of a reconstructed run: "A", "B" ...; "": found from the postings */
    char same_as[JB_RUN_ID]; /* the measured run it is reconciled with; "" none */
    char host[JB_HOST_NAME];
    char boot_id[JB_BOOT_ID];
    char project[JB_RUN_TEXT];
    char model[JB_RUN_TEXT];
    char model_version[JB_RUN_TEXT];
    char architecture[JB_RUN_TEXT];
    char application[JB_RUN_TEXT];
    char configuration[JB_RUN_TEXT];
    char stage[32];               /* explore, train, tune, retrain, evaluate, infer, failed ... */
    char command[JB_RUN_COMMAND]; /* as typed, secrets redacted */
    char directory[JB_RUN_TEXT];
    char git_commit[72]; /* 40 or 64 hex digits; changes in the tree are not told */
    char user[64];
    char environment[2048];      /* JSON object, allow-listed names only */
    char tags[JB_TAGS_MAX][128]; /* "name=value" */
    size_t n_tags;
    /* What the account is made with; "" or -1: not given */
    char place[64];                /* zone of the grid */
    char hourly_file[JB_RUN_TEXT]; /* hourly intensity */
    int64_t market_mgco2e_per_kwh; /* market-based factor */
    int64_t pue_milli;
    int64_t tariff_micro_per_kwh; /* micro-units of currency */
    char currency[8];
    /* The work of a training (R-WORK-11); 0 or "": not given */
    int64_t n_examples; /* of one epoch */
    int64_t n_epochs;
    int64_t n_tokens; /* all that the training sees, over all epochs */
    int64_t n_parameters, n_trainable;
    int64_t forward_macs, forward_flop; /* of one example, as counted from model_file */
    int64_t factor_milli;               /* training over forward: 3000, 4000 */
    char training_flop[48];             /* of all of it, as stated: decimal digits */
    char plan
        [JB_RUN_ID]; /* the plan it carries out, a run of the predicted layer (R-PLAN-32); "" none */
    char model_file[JB_RUN_TEXT];
    char model_digest[65]; /* SHA-256 of what was read of it, hex */
    int64_t start_mono_ns, end_mono_ns;
    int64_t start_utc_us, end_utc_us;
    enum jb_run_status status;
    int64_t exit_code; /* of the command; 128 + signal if it was killed; -1 unknown */
    int64_t pid;
    int64_t
        machine_ns; /* of a reconstructed run: how long machines were held, all together (R-AGAINST-04); 0 unknown */
    int64_t period_ns;         /* sampling */
    int64_t n_ticks, n_missed; /* deadlines kept and missed */
    int64_t cpu_ns;            /* of all its processes */
    int64_t n_left;            /* processes still alive when the command ended */
};

#endif
