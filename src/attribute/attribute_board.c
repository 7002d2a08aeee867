/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who used how much of a GPU board in one window, from what its driver lists: busy time, presence or memory (method
 * C-2 by SM utilisation). It charges no run for a board that its processes are not on. Rules R-SHARE-05 to -08.
 */
#include "attribute/attribute_int.h"

#include "base/num.h"

/* R-SHARE-06: utilisation comes in whole per cent. */
#define PERCENT 100

static bool is_present(const struct jb_board_window *board, size_t i)
{
    return board->present >> i & 1;
}

jb_rc attribute__check_board(const struct jb_window *window, struct jb_error *err)
{
    const struct jb_board_window *const board = window->board;
    bool is_good = board->busy_ns >= -1 && board->others_ns >= 0 && board->others_bytes >= 0 &&
                   board->edge_ns >= 0;

    for (size_t i = 0; i < window->n_subjects; i++)
        is_good = is_good && board->run_ns[i] >= 0 && board->run_bytes[i] >= 0;
    return is_good ? JB_OK
                   : jb_fail(err, JB_E_RANGE, NULL, "use of a board goes backwards in a window");
}

/* R-SHARE-08: memory by bytes, the board's own where it says how many are in use. False: nothing is known of them. */
static jb_rc use_of_memory(const struct jb_window *window, struct attribute_use *use,
                           bool *ret_is_known)
{
    const struct jb_board_window *const board = window->board;
    int64_t whole = board->others_bytes;

    for (size_t i = 0; i < window->n_subjects; i++) {
        use->weights[i] = board->run_bytes[i];
        whole = jb_add_sat_i64(whole, board->run_bytes[i]);
    }
    whole = attribute__larger(whole, board->memory_used_bytes);
    *ret_is_known = whole > 0;
    const jb_rc rc = attribute__close_use(use, window->n_subjects, whole);
    use->busy = use->whole;
    use->capacity = attribute__larger(use->whole, board->memory_total_bytes);
    use->quantum = 0;
    return rc;
}

/*
 * R-SHARE-05, -07. Of presence nothing follows about how busy the board was: where it does not say so itself, it counts as
 * busy while its most present user was there.
 */
static jb_rc use_of_time(const struct jb_window *window, struct attribute_use *use)
{
    const struct jb_board_window *const board = window->board;
    int64_t sum = board->others_ns;
    int64_t longest = board->others_ns;

    for (size_t i = 0; i < window->n_subjects; i++) {
        use->weights[i] = board->run_ns[i];
        sum = jb_add_sat_i64(sum, board->run_ns[i]);
        longest = attribute__larger(longest, board->run_ns[i]);
    }
    const bool is_by_presence = board->is_presence && sum > 0;
    const jb_rc rc = attribute__close_use(
        use, window->n_subjects, is_by_presence ? sum : attribute__larger(sum, board->busy_ns));
    use->is_presence = is_by_presence;
    use->busy = use->whole;
    if (is_by_presence)
        use->busy =
            board->busy_ns >= 0 ? board->busy_ns : attribute__smaller(longest, window->duration_ns);
    use->capacity = attribute__larger(window->duration_ns, use->busy);
    use->quantum = jb_add_sat_i64(window->duration_ns / PERCENT, board->edge_ns);
    return rc;
}

jb_rc attribute__use_of_board(const struct jb_channel *channel, const struct jb_window *window,
                              struct attribute_use *ret_use)
{
    bool is_known = false;
    jb_rc rc = JB_OK;

    if (channel->device == JB_DEVICE_DRAM)
        rc = use_of_memory(window, ret_use, &is_known);
    return rc == JB_OK && !is_known ? use_of_time(window, ret_use) : rc;
}

/* Whether anybody but run i may have used the board. */
static bool has_company(const struct jb_window *window, size_t i)
{
    const struct jb_board_window *const board = window->board;
    const uint64_t own = UINT64_C(1) << i;

    return board->n_others > 0 || board->is_unmatched || (board->present & ~own) != 0;
}

/*
 * R-SHARE-06, -07. A run alone on the board has all that is not idle; what the rounding of its own figure hides is
 * nobody else's. Users that could not be matched with runs may be anybody's who can see the board.
 */
void attribute__band_of_board(const struct jb_window *window, const struct attribute_use *use,
                              size_t i, int64_t energy_uj, const struct attribute_idle *idle,
                              int64_t *ret_low_uj, int64_t *ret_high_uj)
{
    const struct jb_board_window *const board = window->board;
    const bool may_be_unmatched = board->is_unmatched && !(window->hidden >> i & 1);
    const bool has_others = has_company(window, i);
    const int64_t weight = use->weights[i];
    const int64_t rest = use->whole - weight;
    const int64_t unmatched = may_be_unmatched ? use->weights[window->n_subjects] : 0;
    const int64_t rest_quantum = has_others ? use->quantum : 0;
    const int64_t own_quantum = rest == 0 && !has_others ? 0 : use->quantum;
    const int64_t active_least_uj = energy_uj - idle->high_uj;
    const int64_t active_most_uj = energy_uj - idle->low_uj;

    *ret_low_uj = 0;
    *ret_high_uj = 0;
    if (!is_present(board, i) && weight == 0 && !may_be_unmatched)
        return;
    if (use->is_presence && has_others) {
        *ret_high_uj = active_most_uj;
        return;
    }
    const int64_t least = attribute__larger(0, weight - own_quantum);
    const int64_t least_of = jb_add_sat_i64(least, jb_add_sat_i64(rest, rest_quantum));
    const int64_t most = jb_add_sat_i64(jb_add_sat_i64(weight, use->quantum), unmatched);
    const int64_t most_of =
        jb_add_sat_i64(most, attribute__larger(0, rest - unmatched - rest_quantum));

    if (least_of > 0)
        *ret_low_uj = jb_muldiv_sat_i64(active_least_uj, least, least_of, JB_ROUND_FLOOR);
    if (most_of > 0)
        *ret_high_uj = jb_muldiv_sat_i64(active_most_uj, most, most_of, JB_ROUND_CEIL);
}
