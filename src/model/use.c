/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up who uses a board in what a frame says of it. Knows no driver and no process. */
#include "model/use.h"

#include <string.h>

#include "base/hash.h"

uint64_t jb_use_key(const char *run_id)
{
    return jb_checksum(0, run_id, strlen(run_id));
}

const struct jb_board *jb_uses_board(const struct jb_uses *uses, uint32_t channel)
{
    for (uint32_t i = 0; i < uses->n_boards; i++)
        if (uses->boards[i].channel == channel)
            return &uses->boards[i];
    return NULL;
}

const struct jb_use *jb_uses_find(const struct jb_uses *uses, uint64_t run, uint32_t channel)
{
    for (uint32_t i = 0; i < uses->n_uses; i++)
        if (uses->uses[i].run == run && uses->uses[i].channel == channel)
            return &uses->uses[i];
    return NULL;
}

void jb_uses_copy(struct jb_uses *to, const struct jb_uses *from)
{
    to->n_boards = from->n_boards;
    to->n_uses = from->n_uses;
    memcpy(to->boards, from->boards, from->n_boards * sizeof from->boards[0]);
    memcpy(to->uses, from->uses, from->n_uses * sizeof from->uses[0]);
}
