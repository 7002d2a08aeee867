/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a training's work, and the energy over it: operations, examples, parameters, boards and their time. Must
 * never take what was not said for zero, nor average two ways of counting. Rules R-WORK-01 to -04, -11 to -15.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account_int.h"
#include "account/account_marks.h"
#include "base/clock.h"
#include "base/hash.h"
#include "catalogue/catalogue.h"

#define PPM 1000000

/* R-WORK-12 */
void jb_account_add_board(struct jb_account_row *row, const struct jb_interval *interval)
{
    const int64_t time_ns = interval->mono_end_ns - interval->mono_start_ns;

    if (!interval->board[0] || interval->role != JB_ROLE_POST || time_ns <= 0)
        return;
    memcpy(row->board, interval->board, sizeof row->board);
    row->board_ns = jb_add_sat_i64(row->board_ns, time_ns);
    if (interval->board_busy_ns < 0)
        row->board_busy_ns = -1;
    else if (row->board_busy_ns >= 0)
        row->board_busy_ns = jb_add_sat_i64(row->board_busy_ns, interval->board_busy_ns);
}

/* a / b, to the nearest and at most the end of the scale, which a / 0 is. */
static int64_t ratio(jb_i128 a, jb_i128 b)
{
    if (b <= 0)
        return INT64_MAX;
    jb_i128 quotient = a / b;

    quotient += a % b >= b - a % b;
    return quotient > INT64_MAX ? INT64_MAX : (int64_t)quotient;
}

/* --- examples and operations -------------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    uint64_t x;
    uint64_t y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Epochs that were marked, each number once however many processes mark it; those without a number each time. -1: no
 * memory to tell. */
static int64_t epochs_marked(const struct jb_account_builder *builder)
{
    JB_AUTO(jb_free_auto) uint64_t *keys = calloc(builder->n_marks + 1, sizeof *keys);
    int64_t n = 0;
    size_t n_keys = 0;

    if (!keys)
        return -1;
    for (size_t i = 0; i < builder->n_marks; i++) {
        struct jb_mark mark;
        jb_mark_parse(builder->marks[i].text,
                      strnlen(builder->marks[i].text, sizeof builder->marks[i].text), &mark);
        if (mark.kind != JB_MARK_EPOCH)
            continue;
        if (strpbrk(mark.name, "0123456789"))
            keys[n_keys++] = jb_checksum(0, mark.name, strlen(mark.name));
        else
            n++;
    }
    if (n_keys > 0)
        qsort(keys, n_keys, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n_keys; i++)
        n += i == 0 || keys[i] != keys[i - 1];
    return n;
}

/* R-WORK-11; -1 where it cannot be known yet. */
static int64_t epochs_of(const struct jb_account_builder *builder, struct jb_account *account)
{
    const struct jb_run *const run = &builder->run;
    const int64_t n_marked = epochs_marked(builder);

    if (n_marked < 0 || (builder->n_marks_dropped > 0 && run->n_epochs <= 0))
        return -1;
    if (n_marked > 0 && builder->n_marks_dropped == 0)
        return n_marked;
    if (run->status == JB_RUN_OPEN)
        return -1;
    if (run->n_epochs > 0) {
        if (run->status == JB_RUN_INTERRUPTED || run->exit_code > 0)
            jb_account_note(account,
                            "the run did not end well and marked no epochs: the %lld it was to do "
                            "are taken for done",
                            (long long)run->n_epochs);
        return run->n_epochs;
    }
    if (run->n_examples > 0)
        jb_account_note(account,
                        "epochs were neither told nor marked: its %lld examples are taken "
                        "for all that the training saw",
                        (long long)run->n_examples);
    return run->n_examples > 0 ? 1 : -1;
}

/* R-WORK-01; -1 where it is beyond what is kept. */
static jb_i128 counted_flop(const struct jb_account_work *work)
{
    jb_i128 milli = (jb_i128)work->forward_flop * work->n_examples; /* below 2^126 */

    if (JB_MUL_OVERFLOWS(milli, (jb_i128)work->factor_milli, &milli) || milli / 1000 > JB_FLOP_MAX)
        return -1;
    return milli / 1000;
}

#define FACTOR_MILLI 3000

static void find_flop(const struct jb_run *run, struct jb_account_work *work,
                      struct jb_account *account)
{
    jb_i128 stated;

    if (run->training_flop[0] && run->status != JB_RUN_OPEN &&
        jb_parse_i128(run->training_flop, strlen(run->training_flop), &stated) == JB_OK) {
        work->method = JB_FLOP_STATED;
        work->training_flop = stated;
    } else if (work->forward_flop > 0 && work->n_examples > 0) {
        work->method = JB_FLOP_COUNTED;
        work->training_flop = counted_flop(work);
        if (work->training_flop < 0)
            jb_account_note(account, "the operations of the training are beyond 1e30, which no "
                                     "training is: see the examples and epochs given");
    } else if (work->n_parameters > 0 && work->n_tokens > 0) {
        work->method = JB_FLOP_6ND;
        work->training_flop = (jb_i128)6 * work->n_parameters * work->n_tokens;
    }
    if (work->training_flop < 0 || work->training_flop > JB_FLOP_MAX) {
        work->training_flop = -1;
        work->method = JB_FLOP_UNKNOWN;
    }
    work->millipfsd = jb_flop_to_millipfsd(work->training_flop);
    /* Those of a count are told with its epochs. */
    const bool is_of_the_whole = work->method == JB_FLOP_STATED || work->method == JB_FLOP_6ND;
    if (is_of_the_whole && (run->status == JB_RUN_INTERRUPTED || run->exit_code > 0))
        jb_account_note(account, "the run did not end well: the operations it was to do are taken "
                                 "for done");
}

static int64_t known(int64_t value)
{
    return value > 0 ? value : -1;
}

static void take_told(const struct jb_account_builder *builder, struct jb_account_work *work,
                      struct jb_account *account)
{
    const struct jb_run *const run = &builder->run;

    work->n_parameters = known(run->n_parameters);
    work->n_trainable = known(run->n_trainable);
    work->forward_macs = known(run->forward_macs);
    work->forward_flop = known(run->forward_flop);
    work->factor_milli = known(run->factor_milli);
    if (work->forward_flop > 0 && work->factor_milli < 0)
        work->factor_milli = FACTOR_MILLI;
    work->n_tokens = run->status == JB_RUN_OPEN ? -1 : known(run->n_tokens);
    work->processor_ns = known(run->cpu_ns);
    if (run->n_examples <= 0)
        return find_flop(run, work, account);
    work->n_epochs = epochs_of(builder, account);
    if (work->n_epochs > 0 && jb_mul_i64(run->n_examples, work->n_epochs, &work->n_examples) < 0)
        jb_account_note(account,
                        "%lld examples in each of %lld epochs are beyond 64 bits, and not "
                        "used",
                        (long long)run->n_examples, (long long)work->n_epochs);
    find_flop(run, work, account);
}

/* --- boards ------------------------------------------------------------------------------------------------------- */

/* Sums over the boards, in operations and in mW x ns. */
struct boards {
    bool is_rated; /* of every board rate and power are known */
    bool is_told;  /* of every board the busy time is known */
    jb_i128 could_low, could_best, could_high;
    jb_i128 busy_low, busy_best, busy_high;
    jb_i128 rated_low, rated_best, rated_high;
    int64_t busy_low_ns, busy_best_ns, busy_high_ns;
};

/* R-WORK-13: a driver tells the use of a second at the latest, so at either end of the run as much is open. */
#define EDGES_NS (2 * JB_NS_PER_S)

static void add_busy(const struct jb_account_row *row, int64_t ret_ns[3], struct boards *boards)
{
    int64_t best_ns = row->board_busy_ns;

    if (best_ns < 0) {
        boards->is_told = false;
        best_ns = 0;
    }
    if (best_ns > row->board_ns)
        best_ns = row->board_ns;
    ret_ns[1] = best_ns;
    ret_ns[0] = best_ns > EDGES_NS ? best_ns - EDGES_NS : 0;
    ret_ns[2] = row->board_ns - best_ns > EDGES_NS ? best_ns + EDGES_NS : row->board_ns;
    boards->busy_low_ns = jb_add_sat_i64(boards->busy_low_ns, ret_ns[0]);
    boards->busy_best_ns = jb_add_sat_i64(boards->busy_best_ns, ret_ns[1]);
    boards->busy_high_ns = jb_add_sat_i64(boards->busy_high_ns, ret_ns[2]);
}

/* R-WORK-14: the rate that trainings are compared by. */
static const struct jb_span *peak_of(const struct jb_accelerator *found, const char **ret_type)
{
    const struct {
        const char *type;
        const struct jb_span *gflops;
    } rates[] = {
        {"bf16", &found->bf16_gflops},
        {"fp16", &found->fp16_gflops},
        {"fp32", &found->fp32_gflops},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(rates); i++)
        if (rates[i].gflops->n_rows > 0 && rates[i].gflops->low > 0) {
            *ret_type = rates[i].type;
            return rates[i].gflops;
        }
    return NULL;
}

static void add_rate(const struct jb_account_row *row, const int64_t busy_ns[3],
                     struct boards *boards, struct jb_account_work *work,
                     struct jb_account *account)
{
    struct jb_accelerator found;
    const char *type = "";

    if (jb_catalogue_find_accelerator(row->board, &found, NULL) < 0) {
        boards->is_rated = false;
        jb_account_note(account,
                        "what the board '%s' can compute is not known: nothing is told "
                        "against its best",
                        row->board);
        return;
    }
    const struct jb_span *const peak = peak_of(&found, &type);
    if (!peak || found.board_mw.n_rows == 0 || found.dies_per_board != 1) {
        boards->is_rated = false;
        jb_account_note(account,
                        "what the board '%s' can compute%s: nothing is told against its "
                        "best",
                        row->board,
                        peak && found.board_mw.n_rows > 0 ? " is told for several dies together"
                                                          : " or its rated power is not known");
        return;
    }
    (void)snprintf(work->peak_type, sizeof work->peak_type, "%s",
                   work->peak_type[0] && strcmp(work->peak_type, type) != 0 ? "mixed" : type);
    boards->could_low += (jb_i128)peak->low * row->board_ns;
    boards->could_best += (jb_i128)peak->best * row->board_ns;
    boards->could_high += (jb_i128)peak->high * row->board_ns;
    boards->busy_low += (jb_i128)peak->low * busy_ns[0];
    boards->busy_best += (jb_i128)peak->best * busy_ns[1];
    boards->busy_high += (jb_i128)peak->high * busy_ns[2];
    boards->rated_low += (jb_i128)found.board_mw.low * row->board_ns;
    boards->rated_best += (jb_i128)found.board_mw.best * row->board_ns;
    boards->rated_high += (jb_i128)found.board_mw.high * row->board_ns;
}

static struct jb_figure figure(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){.is_known = true, .low = low, .best = best, .high = high};
}

static void finish_boards(const struct boards *boards, struct jb_account_work *work)
{
    static const jb_i128 aj_per_mw_per_gflops = PPM; /* 1 mW / 1 GFLOP/s is 1 pJ */

    if (boards->is_told)
        work->busy_ppm = figure(ratio((jb_i128)boards->busy_low_ns * PPM, work->board_ns),
                                ratio((jb_i128)boards->busy_best_ns * PPM, work->board_ns),
                                ratio((jb_i128)boards->busy_high_ns * PPM, work->board_ns));
    if (!boards->is_rated) {
        work->peak_type[0] = '\0';
        return;
    }
    work->least_per_flop_aj =
        figure(ratio(boards->rated_low * aj_per_mw_per_gflops, boards->could_high),
               ratio(boards->rated_best * aj_per_mw_per_gflops, boards->could_best),
               ratio(boards->rated_high * aj_per_mw_per_gflops, boards->could_low));
    if (boards->is_told) {
        work->device_low_flop = boards->busy_low;
        work->device_best_flop = boards->busy_best;
        work->device_high_flop = boards->busy_high;
    }
    if (work->training_flop < 0)
        return;
    const jb_i128 flop_ppm = work->training_flop * PPM; /* at most 1e36 */
    work->mfu_ppm = figure(ratio(flop_ppm, boards->could_high), ratio(flop_ppm, boards->could_best),
                           ratio(flop_ppm, boards->could_low));
    if (work->device_low_flop > 0)
        work->counted_per_device_ppm =
            figure(ratio(flop_ppm, work->device_high_flop), ratio(flop_ppm, work->device_best_flop),
                   ratio(flop_ppm, work->device_low_flop));
}

static void add_boards(const struct jb_account_builder *builder, struct jb_account_work *work,
                       struct jb_account *account)
{
    struct boards boards = {.is_rated = true, .is_told = true};
    bool is_mixed = false;
    bool is_shared = false;

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        int64_t busy_ns[3];
        if (!row->board[0])
            continue;
        is_mixed = is_mixed || (work->board[0] && strcmp(work->board, row->board) != 0);
        is_shared = is_shared || row->line.others_uj > 0;
        memcpy(work->board, row->board, sizeof work->board);
        work->n_boards = work->n_boards < 0 ? 1 : work->n_boards + 1;
        work->board_ns = jb_add_sat_i64(work->board_ns < 0 ? 0 : work->board_ns, row->board_ns);
        add_busy(row, busy_ns, &boards);
        add_rate(row, busy_ns, &boards, work, account);
    }
    if (work->n_boards < 0)
        return;
    if (is_mixed)
        work->board[0] = '\0';
    finish_boards(&boards, work);
    if (is_shared && work->busy_ppm.is_known)
        jb_account_note(account, "others used its boards too: the time boards were busy, and the "
                                 "operations by device time, are of all who used them");
}

/* --- energy over it ----------------------------------------------------------------------------------------------- */

static struct jb_figure per(const struct jb_figure *energy, int64_t n)
{
    if (!energy->is_known || n <= 0)
        return (struct jb_figure){.is_known = false};
    struct jb_figure nj = {.is_known = true, .is_hard_bound = energy->is_hard_bound};
    /* More than 2.56 MWh for each of them are beyond the scale, and no figure. */
    if (jb_muldiv_i64(energy->low, 1000, n, JB_ROUND_FLOOR, &nj.low) < 0 ||
        jb_muldiv_i64(energy->best, 1000, n, JB_ROUND_NEAREST, &nj.best) < 0 ||
        jb_muldiv_i64(energy->high, 1000, n, JB_ROUND_CEIL, &nj.high) < 0)
        return (struct jb_figure){.is_known = false};
    return nj;
}

static void add_energy(const struct jb_figure *energy, struct jb_account_work *work)
{
    const struct jb_figure *const least = &work->least_per_flop_aj;

    work->energy_per_example_nj = per(energy, work->n_examples);
    work->energy_per_token_nj = per(energy, work->n_tokens);
    work->energy_per_parameter_nj = per(energy, work->n_parameters);
    if (!energy->is_known || work->training_flop <= 0)
        return;
    struct jb_figure *const to = &work->energy_per_flop_aj;
    *to = figure(jb_energy_per_flop_aj(energy->low, work->training_flop),
                 jb_energy_per_flop_aj(energy->best, work->training_flop),
                 jb_energy_per_flop_aj(energy->high, work->training_flop));
    to->is_hard_bound = energy->is_hard_bound;
    if (to->high == INT64_MAX) { /* 9.2 J and more for each: as above */
        *to = (struct jb_figure){.is_known = false};
        return;
    }
    if (least->is_known && to->low > 0)
        work->share_of_best_ppm = figure(ratio((jb_i128)least->low * PPM, to->high),
                                         ratio((jb_i128)least->best * PPM, to->best),
                                         ratio((jb_i128)least->high * PPM, to->low));
}

void jb_account_add_work(const struct jb_account_builder *builder, struct jb_account *account)
{
    struct jb_account_work work = JB_ACCOUNT_WORK_UNKNOWN;

    take_told(builder, &work, account);
    add_boards(builder, &work, account);
    add_energy(&account->energy_uj, &work);
    work.is_known = work.training_flop >= 0 || work.n_examples > 0 || work.n_tokens > 0 ||
                    work.n_parameters > 0 || work.forward_flop > 0 || work.n_boards > 0 ||
                    work.processor_ns > 0;
    account->work = work;
}
