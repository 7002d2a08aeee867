/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of one name and region to one run: its lines of energy, its machine time, its costs in words. Time is what was
 * billed, watts are the catalogue's: each line says so. Nothing is dropped: the least lines are put together. R-BILL-14.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "pipeline/import_bill_int.h"

#define MILLI INT64_C(1000)
#define PPM   INT64_C(1000000)
/* Room stays for the two that others are put together in, for a mark-up and for energy that a bill tells. */
#define LINES_APART (JB_REBUILT_LINES_MAX - 4)

void bill_note(struct jb_rebuilt *rebuilt, const char *format, ...)
{
    va_list args;

    if (rebuilt->n_notes == JB_REBUILT_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(rebuilt->notes[rebuilt->n_notes++], JB_NOTE, format, args);
    va_end(args);
}

bool bill_has_energy(const struct bill_place *places, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (places[i].fate == BILL_FATE_ENERGY)
            return true;
    return false;
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

struct making {
    struct bill_import *import;
    const struct bill_part *part;
    struct jb_rebuilt *rebuilt;
    size_t n_lines; /* in import->lines */
    struct jb_figure machines_uj;
    int64_t machine_us;              /* whole ones (R-BILL-14) */
    bool has_boards, has_processors; /* of which no use is told */
};

static jb_rc too_much(struct jb_error *err)
{
    return jb_fail(err, JB_E_RANGE, "choose a finer rule: --by resource",
                   "a run of the bill has more than 2.56 GWh or 2.56 million machine hours");
}

static jb_rc add_figure(struct jb_figure *sum, const struct jb_figure *more, struct jb_error *err)
{
    sum->is_known = true;
    if (jb_add_i64(sum->low, more->low, &sum->low) < 0 ||
        jb_add_i64(sum->best, more->best, &sum->best) < 0 ||
        jb_add_i64(sum->high, more->high, &sum->high) < 0)
        return too_much(err);
    return JB_OK;
}

static jb_rc add_line(struct making *making, const struct jb_rebuilt_line *line,
                      struct jb_error *err)
{
    struct bill_import *const import = making->import;
    const jb_rc rc = bill_grow(&import->lines, &import->lines_size, making->n_lines,
                               sizeof import->lines[0], err);

    if (rc == JB_OK)
        import->lines[making->n_lines++] = *line;
    return rc;
}

static void set_basis(struct jb_rebuilt_line *line, int64_t time_us, const char *unit,
                      const char *what)
{
    char hours[32];

    (void)jb_format_decimal(jb_muldiv_sat_i64(time_us, 1, INT64_C(3600000), JB_ROUND_NEAREST), 3,
                            hours, sizeof hours);
    (void)snprintf(line->basis, sizeof line->basis, "%s %s billed x watts by the catalogue: %s",
                   hours, unit, what);
}

/* Edges move together within a machine: what is left of the whole keeps the whole's ends, less those of the boards. */
static void take_boards_out(const struct jb_figure *whole, const struct jb_figure *boards,
                            struct jb_figure *ret)
{
    *ret = (struct jb_figure){.is_known = true,
                              .low = whole->low - boards->low,
                              .best = whole->best - boards->best,
                              .high = whole->high - boards->high};
    if (ret->best < 0)
        ret->best = 0;
    if (ret->low < 0)
        ret->low = 0;
    if (ret->low > ret->best)
        ret->low = ret->best;
    if (ret->high < ret->best)
        ret->high = ret->best;
}

static jb_rc add_boards(struct making *making, const struct bill_rate *rate, int64_t time_us,
                        const struct jb_figure *boards_uj, struct jb_error *err)
{
    const bool is_machine = rate->of->part == JB_BILL_WHOLE;
    struct jb_rebuilt_line line = {.scope = JB_SCOPE_GPU,
                                   .device = JB_DEVICE_GPU,
                                   .origin = JB_ORIGIN_BILLED,
                                   .energy_uj = *boards_uj};

    line.device_ns = jb_muldiv_sat_i64(time_us, rate->n_boards_milli, 1, JB_ROUND_NEAREST);
    memcpy(line.correlation, rate->boards_key, sizeof line.correlation);
    (void)snprintf(line.channel, sizeof line.channel, "%.11s/%s%s", making->import->order->source,
                   rate->label, is_machine ? " boards" : "");
    set_basis(&line, time_us, is_machine ? "h" : "board-h", rate->what);
    making->has_boards = true;
    return add_line(making, &line, err);
}

/* What is around boards shares their doubt, so that both together have the band of the whole. */
static jb_rc add_rate(struct making *making, const struct bill_rate *rate, int64_t time_us,
                      struct jb_error *err)
{
    const bool is_machine = rate->of->part == JB_BILL_WHOLE;
    const bool has_boards = rate->boards_uj.is_known;
    struct jb_rebuilt_line line = {
        .scope = JB_SCOPE_NODE, .device = JB_DEVICE_NODE, .origin = JB_ORIGIN_BILLED};
    struct jb_figure boards = {.is_known = true};
    struct jb_figure whole;
    int64_t time_ns = 0;
    jb_rc rc = bill_rate_energy(&rate->whole_uj, time_us, &whole, err);

    if (rc == JB_OK && jb_mul_i64(time_us, MILLI, &time_ns) < 0)
        rc = too_much(err);
    if (rc == JB_OK && rate->of->class == JB_BILL_INSTANCE)
        rc = add_figure(&making->machines_uj, &whole, err);
    if (rc == JB_OK && has_boards)
        rc = bill_rate_energy(&rate->boards_uj, time_us, &boards, err);
    if (rc == JB_OK && has_boards)
        rc = add_boards(making, rate, time_us, &boards, err);
    if (rc < 0)
        return rc;
    take_boards_out(&whole, &boards, &line.energy_uj);
    line.device_ns = is_machine && !has_boards ? time_ns : 0;
    memcpy(line.correlation, has_boards ? rate->boards_key : rate->host_key,
           sizeof line.correlation);
    (void)snprintf(line.channel, sizeof line.channel, "%.11s/%s%s", making->import->order->source,
                   rate->label, is_machine || !has_boards ? "" : " around");
    set_basis(&line, time_us, rate->of->part == JB_BILL_MEMORY_GIB ? "GiB-h" : "h", rate->what);
    making->has_processors |= !has_boards;
    return add_line(making, &line, err);
}

static void add_factors(struct making *making, const struct bill_rate *rate)
{
    struct jb_rebuilt *const rebuilt = making->rebuilt;
    const struct bill_rates *const rates = &making->import->rates;

    for (size_t i = 0; i < rate->n_factors; i++) {
        const struct jb_factor *const factor = &rates->factors[rate->factors[i]];
        size_t at = 0;
        while (at < rebuilt->n_factors && (strcmp(rebuilt->factors[at].name, factor->name) != 0 ||
                                           strcmp(rebuilt->factors[at].value, factor->value) != 0))
            at++;
        if (at == rebuilt->n_factors && at < JB_ESTIMATE_FACTORS_MAX)
            rebuilt->factors[rebuilt->n_factors++] = *factor;
    }
}

/* Neighbours of one rate are one line: they differ in unit, currency or service only. */
static jb_rc add_times(struct making *making, struct jb_error *err)
{
    const struct bill_part *const part = making->part;
    jb_rc rc = JB_OK;
    size_t n;

    for (size_t at = 0; at < part->n && rc == JB_OK; at += n) {
        const struct bill_place *const first = &part->first[at];
        const bool is_time =
            first->fate == BILL_FATE_ENERGY && first->group->class != JB_BILL_ENERGY;
        int64_t time_us = is_time ? first->group->instance_us : 0;
        for (n = 1; is_time && at + n < part->n && first[n].fate == BILL_FATE_ENERGY &&
                    first[n].group->class == first->group->class && first[n].rate == first->rate;
             n++)
            if (jb_add_i64(time_us, first[n].group->instance_us, &time_us) < 0)
                return too_much(err);
        if (!is_time)
            continue;
        const struct bill_rate *const rate = &making->import->rates.list[first->rate];
        rc = add_rate(making, rate, time_us, err);
        add_factors(making, rate);
        if (rc == JB_OK && rate->of->class == JB_BILL_INSTANCE && rate->of->part == JB_BILL_WHOLE &&
            jb_add_i64(making->machine_us, time_us, &making->machine_us) < 0)
            rc = too_much(err);
    }
    return rc;
}

static int compare_lines(const void *a_pointer, const void *b_pointer)
{
    const struct jb_rebuilt_line *const a = a_pointer;
    const struct jb_rebuilt_line *const b = b_pointer;

    if (a->energy_uj.best != b->energy_uj.best)
        return a->energy_uj.best > b->energy_uj.best ? -1 : 1;
    return strcmp(a->channel, b->channel);
}

static jb_rc add_to(struct jb_rebuilt_line *to, const struct jb_rebuilt_line *line,
                    struct jb_error *err)
{
    if (jb_add_i64(to->device_ns, line->device_ns, &to->device_ns) < 0)
        return too_much(err);
    return add_figure(&to->energy_uj, &line->energy_uj, err);
}

static jb_rc put_together(struct jb_rebuilt *rebuilt, const char *source,
                          const struct jb_rebuilt_line *line, struct jb_error *err)
{
    const bool is_boards = line->device == JB_DEVICE_GPU;
    char channel[JB_CHANNEL_ID];
    size_t at = LINES_APART;

    (void)snprintf(channel, sizeof channel, "%.11s/other %s", source,
                   is_boards ? "boards" : "instances");
    while (at < rebuilt->n_lines && strcmp(rebuilt->lines[at].channel, channel) != 0)
        at++;
    struct jb_rebuilt_line *const to = &rebuilt->lines[at];
    if (at == rebuilt->n_lines) {
        *to = *line;
        to->energy_uj = (struct jb_figure){.is_known = true};
        to->device_ns = 0;
        memcpy(to->channel, channel, sizeof channel);
        (void)snprintf(to->basis, sizeof to->basis,
                       "hours billed x watts by the catalogue: all that are less than those above");
        rebuilt->n_lines++;
    }
    return add_to(to, line, err);
}

/* Two spellings of one type, or two services of one label: hours and energy are of both. */
static jb_rc add_same(struct jb_rebuilt_line *to, const struct jb_rebuilt_line *line,
                      struct jb_error *err)
{
    (void)snprintf(to->basis, sizeof to->basis,
                   "hours billed x watts by the catalogue: all that have this name");
    return add_to(to, line, err);
}

/* R-BILL-14: the twenty largest stand apart, the others in two sums. Two services may have one label. */
static jb_rc choose_lines(struct making *making, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = making->rebuilt;
    struct jb_rebuilt_line *const lines = making->import->lines;
    jb_rc rc = JB_OK;

    if (making->n_lines > 1)
        qsort(lines, making->n_lines, sizeof lines[0], compare_lines);
    for (size_t i = 0; i < making->n_lines && rc == JB_OK; i++) {
        size_t same = 0;
        while (same < rebuilt->n_lines &&
               strcmp(rebuilt->lines[same].channel, lines[i].channel) != 0)
            same++;
        if (same < rebuilt->n_lines)
            rc = add_same(&rebuilt->lines[same], &lines[i], err);
        else if (rebuilt->n_lines < LINES_APART)
            rebuilt->lines[rebuilt->n_lines++] = lines[i];
        else
            rc = put_together(rebuilt, making->import->order->source, &lines[i], err);
    }
    return rc;
}

/* --- what is no time -------------------------------------------------------------------------------------------- */

static jb_rc add_told(struct making *making, struct jb_error *err)
{
    struct jb_rebuilt *const rebuilt = making->rebuilt;
    struct jb_figure told = {.is_known = false};

    for (size_t i = 0; i < making->part->n; i++) {
        const struct bill_place *const place = &making->part->first[i];
        const int64_t uj = place->group->energy_uj;
        if (place->fate != BILL_FATE_ENERGY || place->group->class != JB_BILL_ENERGY)
            continue;
        const jb_rc rc =
            add_figure(&told, &(struct jb_figure){.low = uj, .best = uj, .high = uj}, err);
        if (rc < 0)
            return rc;
    }
    if (!told.is_known)
        return JB_OK;
    struct jb_rebuilt_line *const line = &rebuilt->lines[rebuilt->n_lines++];
    *line = (struct jb_rebuilt_line){.scope = JB_SCOPE_NODE,
                                     .device = JB_DEVICE_NODE,
                                     .origin = JB_ORIGIN_BILLED,
                                     .energy_uj = told};
    (void)snprintf(line->channel, sizeof line->channel, "%.11s/energy told",
                   making->import->order->source);
    (void)snprintf(line->basis, sizeof line->basis, "kWh as the bill tells them");
    bill_note(rebuilt,
              "the bill tells energy itself: it is taken as that of the machines, without PUE");
    return JB_OK;
}

/* R-BILL-13: every mark-up that a service of this name asks for, once, on the machines of this region. */
static jb_rc add_markup(struct making *making, struct jb_error *err)
{
    const struct jb_import_bill_order *const order = making->import->order;
    const struct jb_figure *const machines = &making->machines_uj;
    bool is_asked[JB_BILL_MARKUPS_MAX] = {false};
    struct jb_quantity share = {.known = JB_KNOWN_RANGE};
    struct jb_figure more = {.is_known = true};

    for (size_t i = 0; i < making->part->n_whole; i++)
        if (making->part->whole[i].fate == BILL_FATE_MARKUP)
            is_asked[making->part->whole[i].markup] = true;
    for (size_t i = 0; i < order->n_markups; i++) {
        if (!is_asked[i])
            continue;
        share.low = jb_add_sat_i64(share.low, order->markups[i].share_ppm.low);
        share.best = jb_add_sat_i64(share.best, order->markups[i].share_ppm.best);
        share.high = jb_add_sat_i64(share.high, order->markups[i].share_ppm.high);
    }
    if (share.high == 0 || machines->high == 0)
        return JB_OK;
    if (jb_muldiv_i64(machines->low, share.low, PPM, JB_ROUND_FLOOR, &more.low) < 0 ||
        jb_muldiv_i64(machines->best, share.best, PPM, JB_ROUND_NEAREST, &more.best) < 0 ||
        jb_muldiv_i64(machines->high, share.high, PPM, JB_ROUND_CEIL, &more.high) < 0)
        return too_much(err);
    struct jb_rebuilt_line *const line = &making->rebuilt->lines[making->rebuilt->n_lines++];
    char percent[32];
    *line = (struct jb_rebuilt_line){.scope = JB_SCOPE_NODE,
                                     .device = JB_DEVICE_NODE,
                                     .origin = JB_ORIGIN_STATED,
                                     .energy_uj = more};
    (void)snprintf(line->channel, sizeof line->channel, "%.11s/services by mark-up", order->source);
    (void)snprintf(line->basis, sizeof line->basis,
                   "%s %% of the energy of the machines, as stated",
                   jb_format_decimal(share.best, 4, percent, sizeof percent));
    return JB_OK;
}

/* --- the run ---------------------------------------------------------------------------------------------------- */

static void set_times(struct making *making)
{
    struct jb_run *const run = &making->rebuilt->run;
    const struct jb_bill_group *const any = making->part->first->group;

    run->start_utc_us = run->end_utc_us = 0;
    for (size_t i = 0; i < making->part->n; i++) {
        const struct bill_place *const place = &making->part->first[i];
        if (place->fate != BILL_FATE_ENERGY || place->group->first_utc_us == 0)
            continue;
        if (run->start_utc_us == 0 || place->group->first_utc_us < run->start_utc_us)
            run->start_utc_us = place->group->first_utc_us;
        if (place->group->last_utc_us > run->end_utc_us)
            run->end_utc_us = place->group->last_utc_us;
    }
    if (run->start_utc_us == 0 || run->end_utc_us < run->start_utc_us) {
        run->start_utc_us = any->period_start_utc_us;
        run->end_utc_us = any->period_end_utc_us;
        bill_note(making->rebuilt,
                  "no charge has a time: the run stands for its whole billing period");
    }
    making->rebuilt->has_no_times = run->start_utc_us == 0 || run->end_utc_us < run->start_utc_us;
}

static void add_tag(struct jb_run *run, const char *name, const char *value)
{
    if (value[0] == '\0' || run->n_tags >= JB_TAGS_MAX)
        return;
    char text[sizeof run->tags[0] * 3];
    (void)snprintf(text, sizeof text, "%.60s=%s", name, value);
    jb_clean_copy(text, run->tags[run->n_tags++], sizeof run->tags[0]);
}

/* R-BILL-09: what the rule found is the project, unless the user states one; it is a tag in either case. */
static void set_names(struct making *making)
{
    static const char *const names[] = {[JB_BILL_BY_ACCOUNT] = "account",
                                        [JB_BILL_BY_TAG] = NULL,
                                        [JB_BILL_BY_RESOURCE] = "resource",
                                        [JB_BILL_BY_SERVICE] = "service"};
    const struct jb_bill_rule *const rule = &making->import->order->rule;
    const struct jb_bill_group *const group = making->part->first->group;
    struct jb_run *const run = &making->rebuilt->run;

    if (run->project[0] == '\0')
        jb_clean_copy(group->run, run->project, sizeof run->project);
    add_tag(run, rule->by == JB_BILL_BY_TAG ? rule->name : names[rule->by], group->run);
    add_tag(run, "region", group->region);
}

static const char *money(const struct jb_bill_money *cost, char buf[64])
{
    char amount[32];

    (void)snprintf(buf, 64, "%s %s", cost->currency,
                   jb_format_decimal(cost->billed_micro, 6, amount, sizeof amount));
    return buf;
}

static jb_rc count(struct making *making, struct jb_bill_costs *costs, struct jb_bill_entered *ret,
                   struct jb_error *err)
{
    const struct bill_part *const part = making->part;
    jb_rc rc = JB_OK;

    *costs = (struct jb_bill_costs){.n = 0};
    for (size_t i = 0; i < part->n_whole && rc == JB_OK; i++) {
        const struct bill_place *const place = &part->whole[i];
        const bool is_inside = place >= part->first && place < part->first + part->n;
        /* Services of a region without a run stand at the first one of their name. */
        const bool is_taken = is_inside || (part->is_first && !place->has_run);
        if (place->fate == BILL_FATE_LEFT || !is_taken)
            continue;
        ret->n_rows += place->group->n_rows;
        rc = bill_add_costs(costs, place->group, err);
    }
    return rc;
}

static void add_notes(struct making *making, const struct jb_bill_costs *costs, int64_t n_rows)
{
    struct jb_rebuilt *const rebuilt = making->rebuilt;
    char cost[64];

    for (size_t i = 0; i < costs->n; i++)
        bill_note(rebuilt, "billed %s in this bill%s", money(&costs->list[i], cost),
                  i == 0 ? " for what this run is made of" : "");
    bill_note(rebuilt, "made of %" PRId64 " row%s of the bill", n_rows, n_rows == 1 ? "" : "s");
    if (making->has_boards)
        bill_note(rebuilt,
                  "a bill does not tell how busy boards were: the band goes from idle to full "
                  "draw, best is all of the hours in training, which is rather too high");
    if (making->has_processors)
        bill_note(rebuilt,
                  "a bill does not tell how busy processors were: the band is from idle to full "
                  "load, best half");
}

jb_rc bill_make_run(struct bill_import *import, const struct bill_part *part,
                    struct jb_bill_costs *ret_costs, struct jb_bill_entered *ret,
                    struct jb_error *err)
{
    struct making making = {.import = import,
                            .part = part,
                            .rebuilt = import->rebuilt,
                            .machines_uj = {.is_known = true}};
    struct jb_rebuilt *const rebuilt = import->rebuilt;
    jb_rc rc;

    *rebuilt = (struct jb_rebuilt){.run = *import->order->facts, .method = JB_METHOD_B};
    (void)snprintf(rebuilt->source, sizeof rebuilt->source, "%s", import->order->source);
    rebuilt->run.exit_code = -1; /* no bill tells how the work ended */
    rc = count(&making, ret_costs, ret, err);
    if (rc == JB_OK)
        rc = add_times(&making, err);
    if (rc == JB_OK)
        rc = choose_lines(&making, err);
    if (rc == JB_OK)
        rc = add_told(&making, err);
    if (rc == JB_OK)
        rc = add_markup(&making, err);
    if (rc == JB_OK && jb_mul_i64(making.machine_us, MILLI, &rebuilt->run.machine_ns) < 0)
        rc = too_much(err);
    if (rc < 0)
        return rc;
    rebuilt->is_machine_time_unknown = making.machine_us == 0;
    if (rebuilt->is_machine_time_unknown)
        bill_note(rebuilt, "no row is of a whole machine: the run has no machine hours");
    set_times(&making);
    set_names(&making);
    bill_set_place(part->first->group, import->order->facts, rebuilt);
    add_notes(&making, ret_costs, ret->n_rows);
    ret->instance_us = making.machine_us;
    return JB_OK;
}
