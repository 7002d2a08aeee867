/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One posting at a time: its lines say what runs used, its views who bears idle and platform, and largest remainders leave
 * nothing over. Must never depend on whose statement is made: sums over customers are then the book. R-STATEMENT-01 to -05.
 */
#include "statement/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"

#define PPM         INT64_C(1000000)
#define ONE_MILLI   INT64_C(1000)
#define WALLS_MAX   ((size_t)100000)
#define EDGES_LEAST ((size_t)256)

/* R-BAND-04: of the postings of one run on one channel that touch, only the outermost have edges. */
struct edge {
    uint64_t key; /* 0: free */
    int64_t end_ns, edge_uj;
};

struct jb_share {
    int64_t since_us, until_us, pue_milli;
    enum jb_idle_rule rule;
    struct jb_share_run *runs;
    size_t n_runs;
    size_t n_walls, walls_size;
    char (*walls)[JB_HOST_NAME];
    size_t n_edges, edges_size; /* a power of two */
    struct edge *edges;
    struct jb_share_rest rest;
};

/* What one posting comes to, run by run. */
struct part {
    struct jb_share_run *run; /* NULL: not one that is known */
    const struct jb_line *line;
    int64_t work_uj, idle_uj, platform_uj;
    int64_t facility_uj; /* -1: not reckoned */
};
struct parts {
    size_t n;
    int64_t idle_uj, others_uj, platform_uj, discrepancy_uj, metered_uj; /* of the posting */
    int64_t nobody_uj;                                                   /* of idle or platform */
    struct part list[JB_ENTRY_LINES_MAX];
};

static int64_t at_least_0(int64_t value)
{
    return value > 0 ? value : 0;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct jb_share_run *)a)->id, ((const struct jb_share_run *)b)->id);
}

jb_rc jb_share_new(int64_t since_utc_us, int64_t until_utc_us, enum jb_idle_rule rule,
                   int64_t pue_milli, struct jb_share_run *runs, size_t n_runs,
                   struct jb_share **ret, struct jb_error *err)
{
    struct jb_share *const share = calloc(1, sizeof *share);

    if (!share)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    share->since_us = since_utc_us;
    share->until_us = until_utc_us;
    share->rule = rule;
    share->pue_milli = pue_milli;
    share->runs = runs;
    share->n_runs = n_runs;
    if (n_runs > 0)
        qsort(runs, n_runs, sizeof runs[0], by_id);
    *ret = share;
    return JB_OK;
}

void jb_share_free(struct jb_share *share)
{
    if (!share)
        return;
    free(share->walls);
    free(share->edges);
    free(share);
}

const struct jb_share_rest *jb_share_rest(const struct jb_share *share)
{
    return &share->rest;
}

/* --- hosts at the wall -------------------------------------------------------------------------------------------- */

static bool is_at_wall(const struct jb_share *share, const char *host)
{
    for (size_t i = 0; i < share->n_walls; i++)
        if (strcmp(share->walls[i], host) == 0)
            return true;
    return false;
}

jb_rc jb_share_look(struct jb_share *share, const struct jb_interval *interval,
                    struct jb_error *err)
{
    const bool is_wall = interval->scope == JB_SCOPE_FACILITY ||
                         (interval->scope == JB_SCOPE_NODE && interval->role == JB_ROLE_POST);

    if (interval->semantics == JB_SEMANTICS_TOLD || interval->utc_end_us <= share->since_us ||
        interval->utc_start_us >= share->until_us || !is_wall || is_at_wall(share, interval->host))
        return JB_OK;
    if (share->n_walls == share->walls_size) {
        const size_t size = share->walls_size > 0 ? share->walls_size * 2 : 16;
        void *const walls =
            size <= WALLS_MAX ? realloc(share->walls, size * sizeof share->walls[0]) : NULL;
        if (!walls)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu hosts", size);
        share->walls = walls;
        share->walls_size = size;
    }
    (void)snprintf(share->walls[share->n_walls++], JB_HOST_NAME, "%s", interval->host);
    return JB_OK;
}

/* --- edges -------------------------------------------------------------------------------------------------------- */

static struct edge *edge_at(struct edge *edges, size_t size, uint64_t key)
{
    size_t at = (size_t)key & (size - 1);

    while (edges[at].key != 0 && edges[at].key != key)
        at = (at + 1) & (size - 1);
    return &edges[at];
}

static jb_rc make_room(struct jb_share *share, struct jb_error *err)
{
    const size_t size = share->edges_size > 0 ? share->edges_size * 2 : EDGES_LEAST;
    struct edge *edges;

    if (share->n_edges * 2 < share->edges_size)
        return JB_OK;
    edges = calloc(size, sizeof edges[0]);
    if (!edges)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu channels of runs", size);
    for (size_t i = 0; i < share->edges_size; i++)
        if (share->edges[i].key != 0)
            *edge_at(edges, size, share->edges[i].key) = share->edges[i];
    free(share->edges);
    share->edges = edges;
    share->edges_size = size;
    return JB_OK;
}

/* What the edges of this posting add to the doubt of the run: both of the first, and none where it goes on from the last. */
static jb_rc edge_of(struct jb_share *share, const struct jb_interval *interval,
                     const struct jb_share_run *run, int64_t *ret_uj, struct jb_error *err)
{
    char name[JB_RUN_ID + JB_HOST_NAME + JB_BOOT_ID + JB_CHANNEL_ID + 4];
    struct edge *edge;
    jb_rc rc = make_room(share, err);

    if (rc < 0)
        return rc;
    const int len = snprintf(name, sizeof name, "%s %s %s %s", run->id, interval->host,
                             interval->boot_id, interval->channel);
    const uint64_t key = jb_checksum(1, name, (size_t)len) | 1;
    edge = edge_at(share->edges, share->edges_size, key);
    const bool goes_on = edge->key != 0 && edge->end_ns == interval->mono_start_ns;
    share->n_edges += edge->key == 0;
    edge->key = key;
    edge->end_ns = interval->mono_end_ns;
    *ret_uj = goes_on ? at_least_0(interval->edge_uj - edge->edge_uj)
                      : jb_add_sat_i64(interval->edge_uj, interval->edge_uj);
    edge->edge_uj = interval->edge_uj;
    return JB_OK;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static const char *name_in(const char *account, const char *kind)
{
    const size_t len = strlen(kind);

    return strncmp(account, kind, len) == 0 && account[len] == ':' ? account + len + 1 : NULL;
}

static struct jb_share_run *find_run(const struct jb_share *share, const char *id)
{
    struct jb_share_run key;

    if (share->n_runs == 0 || strlen(id) >= sizeof key.id)
        return NULL;
    (void)snprintf(key.id, sizeof key.id, "%s", id);
    return bsearch(&key, share->runs, share->n_runs, sizeof share->runs[0], by_id);
}

/* Which side of the posting a line is; a credit is what the meter gave. */
static void sort_line(const struct jb_share *share, const struct jb_line *line, struct parts *parts)
{
    static const char *const kinds[] = {"idle", "others", "platform", "discrepancy"};
    int64_t *const sums[] = {&parts->idle_uj, &parts->others_uj, &parts->platform_uj,
                             &parts->discrepancy_uj};
    const char *const id = name_in(line->account, "run");

    if (id) {
        parts->list[parts->n++] = (struct part){.run = find_run(share, id),
                                                .line = line,
                                                .work_uj = line->amount_uj,
                                                .facility_uj = -1};
        return;
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++)
        if (name_in(line->account, kinds[i])) {
            *sums[i] = jb_add_sat_i64(*sums[i], line->amount_uj);
            return;
        }
    parts->metered_uj = jb_add_sat_i64(parts->metered_uj, -line->amount_uj);
}

/* --- who bears what ------------------------------------------------------------------------------------------------ */

/* Shares of `total_uj`; what the weights leave of it where they are amounts themselves is nobody's. */
static jb_rc bear(int64_t total_uj, const int64_t *weights, size_t n, bool are_amounts,
                  int64_t *ret_shares, int64_t *ret_nobody_uj)
{
    jb_i128 sum = 0;

    for (size_t i = 0; i < n; i++) {
        ret_shares[i] = 0;
        sum += weights[i];
    }
    *ret_nobody_uj = total_uj;
    if (total_uj <= 0 || sum == 0)
        return JB_OK;
    *ret_nobody_uj = 0;
    if (!are_amounts || sum >= total_uj)
        return jb_split_i64(total_uj, weights, n, ret_shares);
    memcpy(ret_shares, weights, n * sizeof weights[0]);
    *ret_nobody_uj = total_uj - (int64_t)sum;
    return JB_OK;
}

/* R-STATEMENT-02 and -03 */
static jb_rc share_overhead(const struct jb_share *share, bool is_parent, struct parts *parts)
{
    int64_t weights[JB_ENTRY_LINES_MAX];
    int64_t shares[JB_ENTRY_LINES_MAX];
    const bool is_reserved = !is_parent && share->rule == JB_IDLE_RESERVED;
    bool is_any = false;
    jb_rc rc;

    for (size_t i = 0; i < parts->n; i++) {
        const struct jb_line *const line = parts->list[i].line;
        weights[i] = !line->has_share ? 0
                     : is_reserved    ? at_least_0(line->reserved_uj - line->amount_uj)
                                      : at_least_0(line->all_uj);
        is_any = is_any || weights[i] > 0;
    }
    /* The view splits alike where nobody used any. */
    for (size_t i = 0; i < parts->n && !is_any && !is_reserved; i++)
        weights[i] = 1;
    rc = bear(is_parent ? parts->platform_uj : parts->idle_uj, weights, parts->n, is_reserved,
              shares, &parts->nobody_uj);
    for (size_t i = 0; rc == JB_OK && i < parts->n; i++) {
        struct part *const part = &parts->list[i];
        if (!part->run || part->run->is_void) {
            parts->others_uj += part->work_uj;
            parts->nobody_uj += shares[i];
            part->work_uj = 0;
        } else if (is_parent) {
            part->platform_uj = shares[i];
        } else {
            part->idle_uj = shares[i];
        }
    }
    return rc;
}

/* R-STATEMENT-05: of each posting by itself, so that it is the same whoever asks. */
static jb_rc share_facility(struct jb_share *share, const struct jb_interval *interval,
                            struct parts *parts)
{
    int64_t weights[JB_ENTRY_LINES_MAX + 2];
    int64_t shares[JB_ENTRY_LINES_MAX + 2];
    struct jb_share_rest *const rest = &share->rest;
    int64_t energy_uj = jb_add_sat_i64(parts->others_uj, parts->nobody_uj);
    int64_t facility_uj = 0;
    size_t n = 0;
    jb_rc rc;

    for (; n < parts->n; n++) {
        const struct part *const part = &parts->list[n];
        weights[n] = part->work_uj + part->idle_uj + part->platform_uj;
        energy_uj = jb_add_sat_i64(energy_uj, weights[n]);
    }
    weights[n++] = parts->others_uj;
    weights[n++] = parts->nobody_uj;
    if (share->pue_milli < ONE_MILLI || energy_uj <= 0)
        return JB_OK;
    if (is_at_wall(share, interval->host))
        return jb_add_i64(rest->wall_uj, energy_uj, &rest->wall_uj);
    rc = jb_muldiv_i64(energy_uj, share->pue_milli - ONE_MILLI, ONE_MILLI, JB_ROUND_NEAREST,
                       &facility_uj);
    if (rc == JB_OK)
        rc = jb_split_i64(facility_uj, weights, n, shares);
    for (size_t i = 0; rc == JB_OK && i < parts->n; i++)
        parts->list[i].facility_uj = shares[i];
    if (rc == JB_OK)
        rc = jb_add_i64(rest->facility_uj, facility_uj, &rest->facility_uj);
    if (rc < 0)
        return rc;
    rest->facility_others_uj += shares[n - 2];
    rest->facility_nobody_uj += shares[n - 1];
    return JB_OK;
}

/* --- bands --------------------------------------------------------------------------------------------------------- */

struct half {
    int64_t low_uj, high_uj;
};

/* R-BAND-01 of an amount out of `energy_uj`, which the device's doubt is of. */
static struct half device_half(const struct jb_interval *interval, int64_t amount_uj,
                               int64_t energy_uj)
{
    struct half half = {0, 0};
    int64_t below_uj = jb_muldiv_sat_i64(
        interval->energy_uj, at_least_0(interval->accuracy_low_ppm), PPM, JB_ROUND_CEIL);
    int64_t above_uj = jb_muldiv_sat_i64(
        interval->energy_uj, at_least_0(interval->accuracy_high_ppm), PPM, JB_ROUND_CEIL);

    if (amount_uj <= 0 || energy_uj <= 0 || interval->energy_uj <= 0)
        return half;
    if (interval->high_uj >= interval->energy_uj && interval->low_uj <= interval->energy_uj) {
        const int64_t low_uj = interval->energy_uj - at_least_0(interval->low_uj);
        const int64_t high_uj = interval->high_uj - interval->energy_uj;
        below_uj = below_uj > low_uj ? below_uj : low_uj;
        above_uj = above_uj > high_uj ? above_uj : high_uj;
    }
    half.low_uj = jb_muldiv_sat_i64(below_uj, amount_uj, energy_uj, JB_ROUND_CEIL);
    half.high_uj = jb_muldiv_sat_i64(above_uj, amount_uj, energy_uj, JB_ROUND_CEIL);
    return half;
}

static jb_rc add(struct jb_figure *sum, int64_t best_uj, int64_t below_uj, int64_t above_uj)
{
    const int64_t low_uj = at_least_0(jb_add_sat_i64(best_uj, -below_uj));
    jb_rc rc = jb_add_i64(sum->best, best_uj, &sum->best);

    if (rc == JB_OK)
        rc = jb_add_i64(sum->high, jb_add_sat_i64(best_uj, above_uj), &sum->high);
    sum->low = jb_add_sat_i64(sum->low, low_uj);
    sum->is_known = true;
    return rc;
}

/* R-STATEMENT-06: added up as if all erred alike. Edges and gaps are of the work alone. */
static jb_rc add_energy(struct jb_share *share, const struct jb_interval *interval,
                        const struct part *part, int64_t energy_uj, struct jb_error *err)
{
    struct jb_statement_energy *const energy = &part->run->energy;
    const struct jb_line *const line = part->line;
    const bool is_parent = interval->role == JB_ROLE_PARENT;
    const struct half work = device_half(interval, part->work_uj, energy_uj);
    const struct half idle = device_half(interval, part->idle_uj, energy_uj);
    const struct half platform = device_half(interval, part->platform_uj, energy_uj);
    int64_t edge_uj = 0;
    int64_t below_uj = 0;
    int64_t above_uj = 0;
    jb_rc rc = JB_OK;

    if (!is_parent) {
        rc = edge_of(share, interval, part->run, &edge_uj, err);
        if (rc < 0)
            return rc;
        below_uj = line->has_share ? at_least_0(line->amount_uj - line->low_uj) : 0;
        above_uj = line->has_share ? at_least_0(line->high_uj - line->amount_uj) : 0;
    }
    rc = add(&energy->work_uj, part->work_uj,
             jb_add_sat_i64(jb_add_sat_i64(work.low_uj, below_uj), edge_uj),
             jb_add_sat_i64(jb_add_sat_i64(work.high_uj, above_uj),
                            jb_add_sat_i64(edge_uj, is_parent ? 0 : interval->gap_high_uj)));
    /* What of the work is doubtful may be idle instead, and the other way round. */
    if (rc == JB_OK)
        rc = add(&energy->idle_uj, part->idle_uj,
                 jb_add_sat_i64(idle.low_uj, part->idle_uj > 0 ? above_uj : 0),
                 jb_add_sat_i64(idle.high_uj, part->idle_uj > 0 ? below_uj : 0));
    if (rc == JB_OK)
        rc = add(&energy->platform_uj, part->platform_uj, platform.low_uj, platform.high_uj);
    return rc;
}

/* --- a posting ----------------------------------------------------------------------------------------------------- */

static void add_facts(const struct jb_interval *interval, const struct part *part, bool is_shared)
{
    struct jb_share_run *const run = part->run;

    run->is_there = true;
    if (run->first_utc_us == 0 || interval->utc_start_us < run->first_utc_us)
        run->first_utc_us = interval->utc_start_us;
    if (interval->utc_end_us > run->last_utc_us)
        run->last_utc_us = interval->utc_end_us;
    if (interval->role != JB_ROLE_POST)
        return;
    run->is_shared = run->is_shared || is_shared;
    run->is_metered = run->is_metered || interval->origin != JB_ORIGIN_RATED;
    run->device_uj[interval->device] += part->work_uj;
    run->origin_uj[interval->origin] += part->work_uj;
    run->coverage.counter_ns = jb_add_sat_i64(run->coverage.counter_ns, interval->counter_ns);
    run->coverage.gauge_ns = jb_add_sat_i64(run->coverage.gauge_ns, interval->gauge_ns);
    run->coverage.interpolated_ns =
        jb_add_sat_i64(run->coverage.interpolated_ns, interval->interpolated_ns);
    run->coverage.unobserved_ns =
        jb_add_sat_i64(run->coverage.unobserved_ns, interval->unobserved_ns);
    run->n_gaps += interval->gap[0] != '\0';
    if (interval->device != JB_DEVICE_GPU)
        return;
    run->board_ns = jb_add_sat_i64(run->board_ns, interval->mono_end_ns - interval->mono_start_ns);
    if (!interval->board[0] || (run->board[0] && strcmp(run->board, interval->board) != 0))
        run->has_boards_of_kinds = true;
    else
        (void)snprintf(run->board, sizeof run->board, "%s", interval->board);
}

static jb_rc add_rest(struct jb_share_rest *rest, const struct parts *parts, bool is_parent)
{
    int64_t *const nobody_uj = is_parent ? &rest->nobody_platform_uj : &rest->nobody_idle_uj;
    jb_rc rc = jb_add_i64(rest->metered_uj, parts->metered_uj, &rest->metered_uj);

    if (rc == JB_OK)
        rc = jb_add_i64(rest->others_uj, parts->others_uj, &rest->others_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(*nobody_uj, parts->nobody_uj, nobody_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(rest->discrepancy_uj, parts->discrepancy_uj, &rest->discrepancy_uj);
    rest->n_postings++;
    return rc;
}

static jb_rc take(struct jb_share *share, const struct jb_interval *interval, struct parts *parts,
                  struct jb_error *err)
{
    const bool is_parent = interval->role == JB_ROLE_PARENT;
    const int64_t energy_uj = is_parent ? parts->platform_uj : interval->energy_uj;
    const bool is_shared = parts->idle_uj > 0 || parts->others_uj > 0;
    jb_rc rc = share_overhead(share, is_parent, parts);

    if (rc == JB_OK)
        rc = share_facility(share, interval, parts);
    if (rc == JB_OK)
        rc = add_rest(&share->rest, parts, is_parent);
    for (size_t i = 0; rc == JB_OK && i < parts->n; i++) {
        const struct part *const part = &parts->list[i];
        if (!part->run || part->run->is_void)
            continue;
        add_facts(interval, part, is_shared || part->line->amount_uj < interval->energy_uj);
        rc = add_energy(share, interval, part, energy_uj, err);
        if (rc == JB_OK && part->facility_uj >= 0)
            rc = add(&part->run->energy.facility_uj, part->facility_uj, 0, 0);
    }
    return rc == JB_E_RANGE
               ? jb_fail(err, rc, "make statements of shorter periods",
                         "a sum of the period is more than 64 bits of microjoule hold: 2.56 GWh")
               : rc;
}

jb_rc jb_share_take(struct jb_share *share, const struct jb_interval *interval,
                    const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct parts parts = {.n = 0};
    char from[32];
    char until[32];

    if (interval->semantics == JB_SEMANTICS_TOLD || interval->utc_end_us <= share->since_us ||
        interval->utc_start_us >= share->until_us || n_lines > JB_ENTRY_LINES_MAX)
        return JB_OK;
    /* R-STATEMENT-01 */
    if (interval->utc_start_us < share->since_us || interval->utc_end_us > share->until_us)
        return jb_fail(err, JB_E_INPUT, "choose a begin and an end that no posting goes across",
                       "the period cuts a posting of '%s/%s' from %s to %s", interval->host,
                       interval->channel,
                       jb_format_utc(interval->utc_start_us, false, from, sizeof from),
                       jb_format_utc(interval->utc_end_us, false, until, sizeof until));
    for (size_t i = 0; i < n_lines; i++)
        sort_line(share, &lines[i], &parts);
    return take(share, interval, &parts, err);
}

void jb_share_facility_band(struct jb_statement_energy *energy)
{
    struct jb_figure *const facility = &energy->facility_uj;
    const struct jb_figure *const parts[] = {&energy->work_uj, &energy->idle_uj,
                                             &energy->platform_uj};
    struct jb_figure sum = {.is_known = true};

    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++) {
        sum.low = jb_add_sat_i64(sum.low, parts[i]->low);
        sum.best = jb_add_sat_i64(sum.best, parts[i]->best);
        sum.high = jb_add_sat_i64(sum.high, parts[i]->high);
    }
    facility->low = facility->high = facility->best;
    if (!facility->is_known || sum.best <= 0)
        return;
    facility->low = jb_muldiv_sat_i64(sum.low, facility->best, sum.best, JB_ROUND_FLOOR);
    facility->high = jb_muldiv_sat_i64(sum.high, facility->best, sum.best, JB_ROUND_CEIL);
}
