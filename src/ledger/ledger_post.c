/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postings: one interval of one meter becomes one entry. R-BOOK-02 (no overlap), R-BOOK-03 (energy is the converted
 * difference of the counts, the counts follow the raw values, the meter's line is that energy).
 */
#include <inttypes.h>
#include <string.h>

#include "base/counter.h"
#include "base/num.h"
#include "ledger/facts_int.h"
#include "ledger/ledger_int.h"

static bool is_counter(const struct jb_interval *interval)
{
    return interval->semantics == JB_SEMANTICS_COUNTER;
}

static bool is_told(const struct jb_interval *interval)
{
    return interval->semantics == JB_SEMANTICS_TOLD;
}

bool ledger__may_stand_in(const struct jb_interval *interval, enum jb_layer layer)
{
    return is_told(interval) ? layer != JB_LAYER_MEASURED : layer == JB_LAYER_MEASURED;
}

/* Counts of gauges and busy time are nJ (model/sample.h); what was told is uJ. */
static jb_rc count_to_uj(const struct jb_interval *interval, uint64_t count, int64_t *ret_uj)
{
    if (is_counter(interval) || is_told(interval))
        return jb_muldiv_u64(count, interval->unit_num, interval->unit_den, JB_ROUND_FLOOR, ret_uj);
    return jb_muldiv_u64(count, 1, 1000, JB_ROUND_FLOOR, ret_uj);
}

/* The unit_den 0 of an unfilled interval is refused by the conversion. */
static jb_rc check_counts(const struct jb_interval *interval, struct jb_error *err)
{
    int64_t start_uj = 0;
    int64_t end_uj = 0;
    int64_t energy_uj = 0;

    if (interval->count_end < interval->count_start)
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "the count of '%s' falls within an interval (R-BOOK-03)", interval->channel);
    if (count_to_uj(interval, interval->count_start, &start_uj) < 0 ||
        count_to_uj(interval, interval->count_end, &end_uj) < 0 ||
        jb_sub_i64(end_uj, start_uj, &energy_uj) < 0)
        return jb_fail(err, JB_E_RANGE, "split the interval",
                       "the count of '%s' does not fit 64 bits of uJ", interval->channel);
    if (energy_uj != interval->energy_uj)
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "'%s' posts %" PRId64 " uJ where its counts give %" PRId64 " (R-BOOK-03)",
                       interval->channel, interval->energy_uj, energy_uj);
    return JB_OK;
}

static jb_rc check_raw(const struct jb_interval *interval, struct jb_error *err)
{
    const uint64_t modulus = interval->modulus;
    const uint64_t counted = interval->count_end - interval->count_start;

    if (is_told(interval) &&
        (interval->unit_num != 1 || interval->unit_den != 1 || modulus != 0 ||
         interval->raw_start != interval->count_start || interval->raw_end != interval->count_end))
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "'%s' was told, and its raw values are not its counts in uJ (R-BOOK-03)",
                       interval->channel);
    if (!is_counter(interval))
        return JB_OK;
    if (modulus != 0 && (interval->raw_start >= modulus || interval->raw_end >= modulus))
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "a raw value of '%s' is not below its modulus (R-BOOK-03)",
                       interval->channel);
    if (jb_counter_delta(interval->raw_start, interval->raw_end, modulus) !=
        (modulus != 0 ? counted % modulus : counted))
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "the raw values of '%s' do not differ as its counts do (R-BOOK-03)",
                       interval->channel);
    return JB_OK;
}

/* What stands against the debits, by how the figure came to be. A rating times time is a model too. */
static const char *contra_kind(enum jb_origin origin)
{
    switch (origin) {
    case JB_ORIGIN_COUNTER:
    case JB_ORIGIN_GAUGE: return "meter";
    case JB_ORIGIN_RATED: return jb_origin_name(JB_ORIGIN_MODELLED);
    default: return jb_origin_name(origin);
    }
}

void ledger__contra_account(const struct jb_interval *interval, char ret_account[JB_ACCOUNT_NAME])
{
    (void)snprintf(ret_account, JB_ACCOUNT_NAME, "%s:%s/%s", contra_kind(interval->origin),
                   interval->host, interval->channel);
}

void ledger__reversal_account(const struct jb_interval *interval, char ret_account[JB_ACCOUNT_NAME])
{
    if (is_told(interval))
        ledger__contra_account(interval, ret_account);
    else
        (void)snprintf(ret_account, JB_ACCOUNT_NAME, "others:%s", interval->host);
}

static bool begins_with(const char *text, const char *kind)
{
    const size_t len = strlen(kind);

    return strncmp(text, kind, len) == 0 && text[len] == ':';
}

/* Whether it may stand against the meter. A parent charges no run, but shows each its view of the rest. */
static bool is_debit(const struct jb_interval *interval, const struct jb_line *line)
{
    if (is_told(interval))
        return begins_with(line->account, "run") && line->amount_uj >= 0;
    if (interval->role == JB_ROLE_PARENT)
        return (begins_with(line->account, "platform") && line->amount_uj >= 0) ||
               (begins_with(line->account, "discrepancy") && line->amount_uj <= 0) ||
               (begins_with(line->account, "run") && line->amount_uj == 0);
    return (begins_with(line->account, "run") || begins_with(line->account, "idle") ||
            begins_with(line->account, "others")) &&
           line->amount_uj >= 0;
}

/* A posted channel charges all its energy; a parent only what it read above its children, which may be negative. */
static jb_rc check_sides(const struct jb_interval *interval, const struct jb_line *lines,
                         size_t n_lines, struct jb_error *err)
{
    char contra[JB_ACCOUNT_NAME];
    size_t n_contra = 0;
    int64_t amount_uj = 0;

    ledger__contra_account(interval, contra);
    for (size_t i = 0; i < n_lines; i++) {
        if (strcmp(lines[i].account, contra) == 0) {
            n_contra++;
            amount_uj = lines[i].amount_uj;
        } else if (!is_debit(interval, &lines[i])) {
            return jb_fail(err, JB_E_CONFLICT, NULL,
                           "an interval of '%s' cannot charge %" PRId64
                           " uJ to '%.100s' (R-BOOK-03)",
                           interval->channel, lines[i].amount_uj, lines[i].account);
        }
    }
    if (n_contra != 1)
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "an interval of '%s' needs one line of '%.120s' (R-BOOK-03)",
                       interval->channel, contra);
    if (interval->role == JB_ROLE_PARENT ? amount_uj < -interval->energy_uj
                                         : amount_uj != -interval->energy_uj)
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "'%s' is credited %" PRId64 " uJ for an energy of %" PRId64 " (R-BOOK-03)",
                       interval->channel, amount_uj, interval->energy_uj);
    return JB_OK;
}

jb_rc ledger__check_interval(const struct jb_interval *interval, const struct jb_line *lines,
                             size_t n_lines, struct jb_error *err)
{
    jb_rc rc;

    if (interval->role != JB_ROLE_POST && interval->role != JB_ROLE_PARENT)
        return jb_fail(err, JB_E_CONFLICT, NULL, "'%s' is watched, not posted (R-BOOK-03)",
                       interval->channel);
    if (is_told(interval) &&
        (interval->role != JB_ROLE_POST || strcmp(contra_kind(interval->origin), "meter") == 0 ||
         interval->origin == JB_ORIGIN_CALIBRATED))
        return jb_fail(err, JB_E_CONFLICT, NULL,
                       "'%s' was told, and no meter can have given it (R-BOOK-03)",
                       interval->channel);
    if (interval->mono_end_ns <= interval->mono_start_ns)
        return jb_fail(err, JB_E_CONFLICT, NULL, "an interval of '%s' has no time (R-BOOK-02)",
                       interval->channel);
    rc = check_counts(interval, err);
    if (rc == JB_OK)
        rc = check_raw(interval, err);
    if (rc == JB_OK)
        rc = ledger__check_lines(lines, n_lines, err);
    return rc == JB_OK ? check_sides(interval, lines, n_lines, err) : rc;
}

static jb_rc check_texts(const struct jb_interval *interval, struct jb_error *err)
{
    if (strnlen(interval->host, sizeof interval->host) == 0 || interval->boot_id[0] == '\0' ||
        interval->channel[0] == '\0')
        return jb_fail(err, JB_E_INPUT, NULL, "an interval names no host, boot or channel");
    if (strlen("modelled:/") + strnlen(interval->host, sizeof interval->host) +
            strnlen(interval->channel, sizeof interval->channel) >=
        JB_ACCOUNT_NAME)
        return jb_fail(err, JB_E_INPUT, NULL, "the channel '%.95s' has too long a name",
                       interval->channel);
    return JB_OK;
}

jb_rc ledger__layer_of_run(struct store *store, const char *run_id, enum jb_layer *ret_layer,
                           bool *ret_has, struct jb_error *err)
{
    struct store__row row;
    int64_t seq = 0;
    jb_rc rc = store__find_run(store, run_id, &seq, err);

    *ret_has = false;
    if (rc < 0 || seq == 0)
        return rc;
    rc = store__entry(store, seq, &row, ret_has, err);
    if (rc == JB_OK && *ret_has)
        *ret_layer = (enum jb_layer)row.layer;
    store__done(store);
    return rc;
}

/* R-BOOK-05: no run gets energy of another layer than its own. What was told is of the layer of the first run it charges. */
static jb_rc find_layer(struct jb_ledger *ledger, const struct jb_interval *interval,
                        const struct jb_line *lines, size_t n_lines, enum jb_layer *ret_layer,
                        struct jb_error *err)
{
    enum jb_layer layer = is_told(interval) ? JB_LAYER_RECONSTRUCTED : JB_LAYER_MEASURED;
    bool is_first = true;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n_lines && rc == JB_OK; i++) {
        enum jb_layer of_run = layer;
        bool has = false;
        if (!begins_with(lines[i].account, "run"))
            continue;
        rc = ledger__layer_of_run(ledger->store, lines[i].account + strlen("run:"), &of_run, &has,
                                  err);
        if (rc == JB_OK && has && is_first && ledger__may_stand_in(interval, of_run))
            layer = of_run;
        is_first = is_first && !has;
        if (rc == JB_OK && has && of_run != layer)
            return jb_fail(err, JB_E_CONFLICT, "layers are never added to each other",
                           "an interval of '%s' is %s and '%.100s' is %s (R-BOOK-05)",
                           interval->channel, jb_layer_name(layer), lines[i].account,
                           jb_layer_name(of_run));
    }
    *ret_layer = layer;
    return rc;
}

/* With the two texts made by the caller, which lie as long as it needs. */
static jb_rc enter_interval(struct jb_ledger *ledger, const struct jb_interval *interval,
                            const struct jb_line *lines, size_t n_lines, const struct jb_buf *texts,
                            int64_t *ret_seq, struct jb_error *err)
{
    const struct jb_field fields[] = {
        {LEDGER_FIELD_METER, jb_buf_text(&texts[0])},
        {LEDGER_FIELD_READING, jb_buf_text(&texts[1])},
    };
    struct jb_entry entry = {
        .kind = LEDGER_KIND_INTERVAL,
        .n_fields = JB_ARRAY_LEN(fields),
        .fields = fields,
        .n_lines = n_lines,
        .lines = lines,
    };
    const struct ledger__index index = {.interval = interval};
    int64_t overlap_seq = 0;
    jb_rc rc = ledger__check_interval(interval, lines, n_lines, err);

    if (rc == JB_OK)
        rc = find_layer(ledger, interval, lines, n_lines, &entry.layer, err);
    if (rc == JB_OK)
        rc = store__find_overlap(ledger->store, interval, &overlap_seq, err);
    if (rc == JB_OK && overlap_seq > 0)
        return jb_fail(err, JB_E_CONFLICT,
                       "one recorder writes a node's meters in a book; another joins it",
                       "an interval of '%s' overlaps what entry %" PRId64 " posted (R-BOOK-02)",
                       interval->channel, overlap_seq);
    return rc == JB_OK ? ledger__enter(ledger, &entry, &index, ret_seq, err) : rc;
}

jb_rc jb_ledger_post_interval(struct jb_ledger *ledger, const struct jb_interval *interval,
                              const struct jb_line *lines, size_t n_lines, int64_t *ret_seq,
                              struct jb_error *err)
{
    struct jb_buf texts[2] = {JB_BUF(8192), JB_BUF(8192)};
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc == JB_OK)
        rc = facts__from_interval(interval, &texts[0], &texts[1], err);
    if (rc == JB_OK)
        rc = check_texts(interval, err);
    if (rc == JB_OK)
        rc = enter_interval(ledger, interval, lines, n_lines, texts, ret_seq, err);
    jb_buf_release(&texts[0]);
    jb_buf_release(&texts[1]);
    return rc;
}

jb_rc jb_ledger_last_interval(struct jb_ledger *ledger, const char *host, const char *boot_id,
                              const char *channel, struct jb_interval *ret, bool *ret_found,
                              struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    int64_t seq = 0;
    jb_rc rc = store__last_interval(ledger->store, host, boot_id, channel, &seq, err);

    if (rc == JB_OK && seq > 0)
        rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK && seq > 0)
        rc = ledger__load_seq(ledger->store, seq, stored, err);
    if (rc == JB_OK && seq > 0)
        rc = ledger__interval_of(stored, ret, err);
    if (rc == JB_OK)
        *ret_found = seq > 0;
    return rc;
}

jb_rc jb_ledger_each_interval(struct jb_ledger *ledger, const char *run_id, jb_interval_fn fn,
                              void *arg, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    char account[JB_ACCOUNT_NAME];
    int64_t seq = 0;
    jb_rc rc;

    if (run_id)
        (void)snprintf(account, sizeof account, "run:%s", run_id);
    rc = store__interval_seqs(ledger->store, run_id ? account : NULL, &cursor, err);
    if (rc == JB_OK)
        rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK)
        rc = store__next_seq(cursor, &seq, err);
    while (rc == JB_OK && seq > 0) {
        struct jb_interval interval;
        rc = ledger__load_seq(ledger->store, seq, stored, err);
        if (rc == JB_OK)
            rc = ledger__interval_of(stored, &interval, err);
        if (rc == JB_OK)
            rc = fn(arg, seq, &interval, stored->entry.lines, stored->entry.n_lines, err);
        if (rc == JB_OK)
            rc = store__next_seq(cursor, &seq, err);
    }
    return rc;
}

jb_rc jb_ledger_each_entry(struct jb_ledger *ledger, const char *kind, const char *run_id,
                           jb_entry_fn fn, void *arg, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__entries(ledger->store, kind, run_id, &cursor, err);

    if (rc == JB_OK)
        rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        rc = ledger__load(ledger->store, &row, stored, err);
        if (rc == JB_OK)
            rc = fn(arg, stored->seq, &stored->entry, err);
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    return rc;
}
