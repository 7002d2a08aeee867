/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two frames to who used a board between them, and in whose account it stands. It shares nothing; what the driver does
 * not say stays unsaid. Rules R-USE-04, R-SHARE-06.
 */
#include "pipeline/segment_int.h"

#include "base/clock.h"

/* R-SHARE-06: drivers tell utilisation of a second at the latest (NVML: 1/6 s to 1 s). */
#define EDGE_NS JB_NS_PER_S

static bool is_gpu(const struct jb_channel *channel)
{
    return channel->device == JB_DEVICE_GPU || channel->scope == JB_SCOPE_GPU;
}

static int parent_of(const struct jb_channel *channels, size_t n, size_t i)
{
    for (size_t k = 0; channels[i].parent[0] && k < n; k++)
        if (strcmp(channels[k].id, channels[i].parent) == 0)
            return (int)k;
    return -1;
}

bool segment__is_of_board(const struct jb_channel *channels, size_t n, size_t i)
{
    const int parent = parent_of(channels, n, i);
    return is_gpu(&channels[i]) || (parent >= 0 && is_gpu(&channels[parent]));
}

int segment__board_of(const struct jb_channel *channels, size_t n, size_t i,
                      const struct jb_uses *uses)
{
    const int parent = parent_of(channels, n, i);
    if (jb_uses_board(uses, (uint32_t)i))
        return (int)i;
    if (parent >= 0 && jb_uses_board(uses, (uint32_t)parent))
        return parent;
    for (size_t k = 0; channels[i].pci[0] && k < n; k++)
        if (strcmp(channels[k].pci, channels[i].pci) == 0 && jb_uses_board(uses, (uint32_t)k))
            return (int)k;
    return -1;
}

static int64_t grown(int64_t before, int64_t after)
{
    return after > before ? after - before : 0;
}

/* Of two looks at memory; one of them alone where the other is unknown. */
static int64_t mean_bytes(int64_t before, int64_t after)
{
    if (before < 0 || after < 0)
        return before > after ? before : after;
    return before / 2 + after / 2 + (before % 2 + after % 2) / 2;
}

static void fill_runs(uint32_t board, const struct jb_frame *before, const struct jb_frame *after,
                      const struct segment_run_boards *runs, size_t n_runs,
                      struct jb_board_window *to)
{
    static const struct jb_use none = {0};
    for (size_t r = 0; r < n_runs; r++) {
        const struct jb_use *from = jb_uses_find(&before->uses, runs[r].key, board);
        const struct jb_use *now = jb_uses_find(&after->uses, runs[r].key, board);
        from = from ? from : &none;
        now = now ? now : from;
        to->run_ns[r] = grown(from->busy_ns, now->busy_ns);
        to->run_bytes[r] = mean_bytes(from->memory_bytes, now->memory_bytes);
        if (from->n_processes > 0 || now->n_processes > 0 || to->run_ns[r] > 0)
            to->present |= UINT64_C(1) << r;
    }
}

/* R-USE-03, or else R-USE-08. */
static bool is_of_other_namespace(uint32_t board, const struct jb_frame *before,
                                  const struct jb_frame *after)
{
    const struct jb_board *from = jb_uses_board(&before->uses, board);
    const struct jb_board *now = jb_uses_board(&after->uses, board);
    return ((from ? from->flags : 0) | now->flags) & JB_BOARD_UNMATCHED;
}

static void fill_board(uint32_t board, const struct jb_frame *before, const struct jb_frame *after,
                       struct jb_board_window *to)
{
    static const struct jb_board none = {.memory_used_bytes = -1, .memory_total_bytes = -1};
    const struct jb_board *from = jb_uses_board(&before->uses, board);
    const struct jb_board *now = jb_uses_board(&after->uses, board);
    from = from ? from : &none;
    to->is_presence = (now->flags & JB_BOARD_PRESENCE) != 0;
    to->busy_ns = now->flags & JB_BOARD_BUSY ? grown(from->busy_ns, now->busy_ns) : -1;
    to->others_ns = grown(from->others_ns, now->others_ns);
    /* R-USE-03, and R-USE-08 where there was any such use in this window. */
    const uint32_t flags = from->flags | now->flags;
    to->is_unmatched =
        (flags & JB_BOARD_UNMATCHED) || (to->others_ns > 0 && (flags & JB_BOARD_UNSEEN));
    to->n_others = from->n_others > now->n_others ? from->n_others : now->n_others;
    if (to->n_others == 0 && to->others_ns > 0)
        to->n_others = 1;
    to->others_bytes = mean_bytes(from->others_bytes, now->others_bytes);
    to->memory_used_bytes = mean_bytes(from->memory_used_bytes, now->memory_used_bytes);
    to->memory_total_bytes = now->memory_total_bytes;
    if (before->why != JB_FRAME_WINDOW || after->why != JB_FRAME_WINDOW)
        to->edge_ns = EDGE_NS;
}

/*
 * R-USE-04. A run's boards are those it uses, and those its environment names. Where it names none, they are all as long as
 * nobody can say who uses them, and those it was seen on otherwise.
 */
static void fill_accounts(size_t i, const struct segment_run_boards *runs, size_t n_runs,
                          struct segment_use *to)
{
    const bool is_told = to->has_board && !to->board.is_unmatched;
    for (size_t r = 0; r < n_runs; r++) {
        const uint64_t bit = UINT64_C(1) << r;
        const bool is_seen = !(runs[r].unseen[i / 64] >> (i % 64) & 1);
        const bool is_used = to->has_board && (to->board.present & bit);
        if (!is_seen && !is_used)
            to->hidden |= bit;
        const bool is_named = runs[r].named[i / 64] >> (i % 64) & 1;
        if (is_named)
            to->reserves |= bit;
        if (is_used || is_named || (is_seen && !is_told))
            to->in |= bit;
    }
}

/* Of a board as a whole; its parts say nothing more. */
static unsigned doubts_of(const struct jb_channel *channel, const struct segment_use *use)
{
    unsigned doubts = 0;
    if (channel->role != JB_ROLE_POST || channel->scope != JB_SCOPE_GPU)
        return 0;
    if (channel->slices > 0)
        doubts |= JB_SEGMENT_SLICED;
    if (!use->has_board)
        return doubts | JB_SEGMENT_NO_LIST;
    if (use->is_of_other_namespace)
        return doubts | JB_SEGMENT_UNMATCHED;
    if (use->board.is_unmatched)
        doubts |= JB_SEGMENT_UNSEEN;
    return doubts | (use->board.is_presence ? JB_SEGMENT_PRESENCE : 0);
}

void segment__use(const struct jb_channel *channels, size_t n, size_t i,
                  const struct jb_frame *before, const struct jb_frame *after,
                  const struct segment_run_boards *runs, size_t n_runs, struct segment_use *ret)
{
    *ret = (struct segment_use){0};
    if (!segment__is_of_board(channels, n, i)) {
        ret->in = UINT64_MAX;
        return;
    }
    const int board = segment__board_of(channels, n, i, &after->uses);
    ret->has_board = board >= 0;
    if (board >= 0) {
        fill_board((uint32_t)board, before, after, &ret->board);
        ret->is_of_other_namespace = is_of_other_namespace((uint32_t)board, before, after);
        fill_runs((uint32_t)board, before, after, runs, n_runs, &ret->board);
    }
    fill_accounts(i, runs, n_runs, ret);
    ret->doubts = doubts_of(&channels[i], ret);
}
