/* SPDX-License-Identifier: Apache-2.0 */
/* A line of text from a training to a mark. The text is foreign: anything goes in, nothing fails, lengths are bounded. */
#ifndef JB_ACCOUNT_ACCOUNT_MARKS_H
#define JB_ACCOUNT_ACCOUNT_MARKS_H

#include <stddef.h>

#include "model/account.h"

enum jb_mark_kind {
    JB_MARK_EPOCH,  /* "epoch 3 ...": the end of that epoch */
    JB_MARK_STEP,   /* "step 1200 ...": the end of that step */
    JB_MARK_PHASE,  /* "phase eval ...": the beginning of that phase */
    JB_MARK_METRIC, /* "accuracy=0.91 ...": belongs to the mark before it */
    JB_MARK_STATED, /* "total epochs=90", "metric accuracy:max", "budget ...": about the run, no row of the account */
    JB_MARK_OTHER, /* anything else: kept in the journal, no row of the account */
};

struct jb_mark {
    enum jb_mark_kind kind;
    char name[64]; /* "epoch 3", "phase eval"; "" for metrics; of others their beginning */
    char metrics
        [192]; /* "accuracy=0.91 loss=0.31": the words with '=' in the order given, as many as fit whole */
};

/*
 * R-MARK-11: words are parted by blanks; the first one names the kind in any case of letters; words with '=' are
 * metrics, and every other word, joined by one blank, is the name. Control characters and bytes that are not UTF-8
 * become '?'. A name that is too long is cut, at a whole character. "epoch=3" is "epoch 3".
 */
void jb_mark_parse(const char *text, size_t len, struct jb_mark *ret_mark);

#endif
