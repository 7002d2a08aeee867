/* SPDX-License-Identifier: Apache-2.0 */
/* The proof of one entry: its bytes, lines, counts and what it names (R-BOOK-01, -03, -06, -07, -09, -13). */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "ledger/facts_int.h"
#include "ledger/ledger_balance_int.h"

static bool is_same_line(const struct jb_line *a, const struct jb_line *b)
{
    return strcmp(a->account, b->account) == 0 && a->amount_uj == b->amount_uj &&
           a->has_share == b->has_share && a->low_uj == b->low_uj && a->high_uj == b->high_uj &&
           a->reserved_uj == b->reserved_uj && a->all_uj == b->all_uj;
}

/* Rows of the index that come before `seq` belong to no entry. */
static jb_rc skip_index(struct balance *b, int64_t seq, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    while (rc == JB_OK && b->has_line && b->line.seq < seq) {
        balance__failed(b, CLAIM_BYTES,
                        "a line in the index belongs to entry %" PRId64 ", which has none",
                        b->line.seq);
        rc = store__next_line(b->lines, &b->line, &b->has_line, err);
    }
    while (rc == JB_OK && b->has_posting && b->posting.seq < seq) {
        balance__failed(b, CLAIM_BYTES,
                        "an interval in the index belongs to entry %" PRId64 ", which is none",
                        b->posting.seq);
        rc = store__next_posting(b->postings, &b->posting, &b->has_posting, err);
    }
    return rc;
}

jb_rc balance__index_end(struct balance *b, struct jb_error *err)
{
    return skip_index(b, INT64_MAX, err);
}

static jb_rc check_index_lines(struct balance *b, bool is_readable, struct jb_error *err)
{
    const struct jb_entry *entry = &b->stored->entry;
    const int64_t seq = b->stored->seq;
    size_t n_lines = 0;
    bool is_same = true;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && b->has_line && b->line.seq == seq) {
        is_same = is_same && n_lines < entry->n_lines &&
                  is_same_line(&b->line.line, &entry->lines[n_lines]);
        n_lines++;
        rc = store__next_line(b->lines, &b->line, &b->has_line, err);
    }
    if (is_readable && (!is_same || n_lines != entry->n_lines))
        balance__failed(b, CLAIM_BYTES,
                        "the lines of entry %" PRId64 " in the index are not those of its bytes",
                        seq);
    return rc;
}

static bool is_same_posting(const struct store__posting *posting,
                            const struct jb_interval *interval)
{
    return strcmp(posting->host, interval->host) == 0 &&
           strcmp(posting->boot_id, interval->boot_id) == 0 &&
           strcmp(posting->channel, interval->channel) == 0 &&
           strcmp(posting->parent, interval->parent) == 0 &&
           posting->mono_start_ns == interval->mono_start_ns &&
           posting->mono_end_ns == interval->mono_end_ns &&
           posting->utc_start_us == interval->utc_start_us &&
           posting->utc_end_us == interval->utc_end_us && posting->energy_uj == interval->energy_uj;
}

/* `interval` NULL: the entry holds none, or cannot be read. */
static jb_rc check_index_interval(struct balance *b, const struct jb_interval *interval,
                                  bool is_readable, struct jb_error *err)
{
    const int64_t seq = b->stored->seq;
    const bool has = b->has_posting && b->posting.seq == seq;

    if (is_readable &&
        (has != (interval != NULL) || (has && !is_same_posting(&b->posting, interval)) ||
         (has && b->posting.is_memo != b->stored->is_memo)))
        balance__failed(b, CLAIM_BYTES,
                        "the interval of entry %" PRId64 " in the index is not that of its bytes",
                        seq);
    if (has)
        b->counts.n_intervals++;
    return has ? store__next_posting(b->postings, &b->posting, &b->has_posting, err) : JB_OK;
}

/* R-BOOK-03 for a parent: what it posts is what it read above the posted children within its time. */
static jb_rc check_parent(struct balance *b, const struct jb_interval *interval,
                          struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    const struct jb_entry *entry = &b->stored->entry;
    jb_i128 rest_uj = interval->energy_uj;
    jb_i128 posted_uj = 0;
    int64_t amount_uj = 0;
    bool has = false;
    char want[48];
    char have[48];
    jb_rc rc = store__children(b->store, interval, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_amount(cursor, &amount_uj, &has, err);
    while (rc == JB_OK && has) {
        rest_uj -= amount_uj;
        rc = store__next_amount(cursor, &amount_uj, &has, err);
    }
    for (size_t i = 0; i < entry->n_lines; i++) {
        if (strncmp(entry->lines[i].account, "platform:", 9) == 0 ||
            strncmp(entry->lines[i].account, "discrepancy:", 12) == 0)
            posted_uj += entry->lines[i].amount_uj;
    }
    if (rc == JB_OK && rest_uj != posted_uj)
        balance__failed(b, CLAIM_COUNTS,
                        "entry %" PRId64
                        " posts %s uJ above the children of '%.60s', which leave %s",
                        b->stored->seq, balance__i128_text(posted_uj, have), interval->channel,
                        balance__i128_text(rest_uj, want));
    return rc;
}

/* R-BOOK-05: what was told stands in the reconstructed or the predicted layer, what was read in the measured one, as do the runs. */
static jb_rc check_layer(struct balance *b, const struct jb_interval *interval,
                         struct jb_error *err)
{
    const struct jb_entry *entry = &b->stored->entry;
    jb_rc rc = JB_OK;

    if (!ledger__may_stand_in(interval, entry->layer))
        balance__failed(b, CLAIM_TRIAL, "entry %" PRId64 " of '%.90s' stands in the layer '%s'",
                        b->stored->seq, interval->channel, jb_layer_name(entry->layer));
    for (size_t i = 0; i < entry->n_lines && rc == JB_OK; i++) {
        const char *account = entry->lines[i].account;
        bool has = false;
        if (strncmp(account, "run:", 4) != 0)
            continue;
        /* Lines of one run follow each other. */
        if (strcmp(account, b->layer_account) != 0) {
            b->layer = entry->layer;
            rc = ledger__layer_of_run(b->store, account + 4, &b->layer, &has, err);
            (void)snprintf(b->layer_account, sizeof b->layer_account, "%s", has ? account : "");
        }
        if (rc == JB_OK && b->layer != entry->layer)
            balance__failed(b, CLAIM_TRIAL,
                            "entry %" PRId64 " of the layer '%s' charges '%.60s' of the layer '%s'",
                            b->stored->seq, jb_layer_name(entry->layer), account,
                            jb_layer_name(b->layer));
    }
    return rc;
}

static jb_rc check_interval(struct balance *b, struct jb_error *err)
{
    const struct jb_entry *entry = &b->stored->entry;
    struct jb_interval interval;
    struct jb_error finding = {.code = JB_OK};
    jb_rc rc = JB_OK;

    if (strcmp(entry->kind, LEDGER_KIND_INTERVAL) != 0)
        return check_index_interval(b, NULL, true, err);
    b->result->n_intervals++;
    balance__checked(b, CLAIM_COUNTS);
    if (ledger__interval_of(b->stored, &interval, &finding) < 0) {
        balance__failed(b, CLAIM_COUNTS, "%.240s", finding.message);
        return check_index_interval(b, NULL, false, err);
    }
    if (ledger__check_interval(&interval, entry->lines, entry->n_lines, &finding) < 0)
        balance__failed(b, CLAIM_COUNTS, "entry %" PRId64 ": %.200s", b->stored->seq,
                        finding.message);
    else if (interval.role == JB_ROLE_PARENT && !b->stored->is_memo)
        rc = check_parent(b, &interval, err);
    if (rc == JB_OK)
        rc = check_layer(b, &interval, err);
    return rc == JB_OK ? check_index_interval(b, &interval, true, err) : rc;
}

/* R-BOOK-01, and the sums of R-BOOK-05 by layer and kind of account. */
static void add_lines(struct balance *b)
{
    const struct jb_entry *entry = &b->stored->entry;
    struct jb_balance *result = b->result;
    jb_i128 total = 0;
    char text[48];

    for (size_t i = 0; i < entry->n_lines; i++) {
        const size_t len = strcspn(entry->lines[i].account, ":");
        size_t at = 0;
        total += entry->lines[i].amount_uj;
        if (b->stored->is_memo)
            continue;
        while (at < result->n_sums &&
               (result->sums[at].layer != entry->layer || strlen(result->sums[at].kind) != len ||
                memcmp(result->sums[at].kind, entry->lines[i].account, len) != 0))
            at++;
        if (at == JB_BALANCE_SUMS_MAX || len >= sizeof result->sums[0].kind) {
            balance__failed(b, CLAIM_TRIAL, "entry %" PRId64 " has a line of unknown kind",
                            b->stored->seq);
            continue;
        }
        if (at == result->n_sums) {
            result->sums[at] = (struct jb_balance_sum){.layer = entry->layer};
            memcpy(result->sums[at].kind, entry->lines[i].account, len);
            result->n_sums++;
        }
        b->sums[at] += entry->lines[i].amount_uj;
        result->sums[at].n_lines++;
    }
    if (entry->n_lines == 0)
        return;
    balance__checked(b, CLAIM_SUM);
    if (total != 0)
        balance__failed(b, CLAIM_SUM, "the lines of entry %" PRId64 " (%s) sum to %s uJ",
                        b->stored->seq, entry->kind, balance__i128_text(total, text));
}

static bool names_erasure(const struct ledger__stored *erase, const char *field_name,
                          const char *leaf)
{
    const char *name = ledger__field(erase, LEDGER_FIELD_ERASED);
    const char *leaves = ledger__field(erase, LEDGER_FIELD_LEAVES);

    return name && leaves && strcmp(name, field_name) == 0 && strstr(leaves, leaf) != NULL;
}

/* A field without its value must have been erased by an entry. */
static jb_rc check_erased(struct balance *b, const char *field_name, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__row row;
    bool has = false;
    bool is_entered = false;
    char leaf[LEDGER_LEAF_TEXT];
    jb_rc rc = store__entries(b->store, LEDGER_KIND_ERASE, b->stored->entry.run_id, &cursor, err);

    (void)ledger__leaf_text(&b->stored->leaf, leaf);
    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has && !is_entered) {
        is_entered = ledger__load(b->store, &row, b->other, NULL) == JB_OK &&
                     names_erasure(b->other, field_name, leaf);
        rc = store__next_entry(cursor, &row, &has, err);
    }
    if (rc == JB_OK && !is_entered)
        balance__failed(b, CLAIM_BYTES,
                        "field '%s' of entry %" PRId64 " is gone, and no entry erased it",
                        field_name, b->stored->seq);
    return rc;
}

static jb_rc check_openings(struct balance *b, struct jb_error *err)
{
    const struct ledger__stored *stored = b->stored;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < stored->head.n_fields && rc == JB_OK; i++) {
        if (stored->openings[i].is_open)
            continue;
        if (ledger__is_protected(stored->head.kind, stored->head.fields[i].name))
            balance__failed(b, CLAIM_BYTES, "figure '%s' of entry %" PRId64 " is gone",
                            stored->head.fields[i].name, stored->seq);
        else
            rc = check_erased(b, stored->head.fields[i].name, err);
    }
    return rc;
}

static jb_rc check_opened(struct balance *b, struct jb_error *err)
{
    int64_t seq = 0;
    jb_rc rc;

    if (strcmp(b->stored->entry.kind, LEDGER_KIND_OPENED) != 0)
        return JB_OK;
    b->counts.n_runs++;
    b->result->n_runs++;
    rc = store__find_run(b->store, b->stored->entry.run_id, &seq, err);
    if (rc == JB_OK && seq != b->stored->seq)
        balance__failed(b, CLAIM_BYTES, "run %s of entry %" PRId64 " is not in the index",
                        b->stored->entry.run_id, b->stored->seq);
    return rc;
}

static jb_rc check_series(struct balance *b, struct jb_error *err)
{
    struct jb_error finding = {.code = JB_OK};
    const void *bytes;
    size_t len;

    if (strcmp(b->stored->entry.kind, LEDGER_KIND_SERIES) != 0)
        return JB_OK;
    balance__checked(b, CLAIM_SERIES);
    b->counts.n_series++;
    const jb_rc rc = ledger__series_of(b->store, b->stored, &bytes, &len, &finding);
    store__series_done(b->store);
    if (rc == JB_E_DAMAGED) {
        balance__failed(b, CLAIM_SERIES, "%.240s", finding.message);
        return JB_OK;
    }
    return rc < 0 ? jb_fail(err, rc, NULL, "%s", finding.message) : JB_OK;
}

/* The amount an account has in an entry. */
static jb_i128 amount_of(const struct ledger__stored *stored, const char *account)
{
    jb_i128 amount_uj = 0;

    for (size_t i = 0; i < stored->entry.n_lines; i++) {
        if (strcmp(stored->lines[i].account, account) == 0)
            amount_uj += stored->lines[i].amount_uj;
    }
    return amount_uj;
}

/* R-BOOK-13: the run's amount back, and charged to where it belongs then, in the layer of the posting. */
static bool is_undone(const struct ledger__stored *reversal, const struct ledger__stored *posting)
{
    char account[JB_ACCOUNT_NAME];
    struct jb_interval interval;

    (void)snprintf(account, sizeof account, "run:%s", reversal->entry.run_id);
    const jb_i128 amount_uj = amount_of(posting, account);
    if (reversal->entry.n_lines != 2 || reversal->entry.layer != posting->entry.layer ||
        amount_of(reversal, account) != -amount_uj ||
        ledger__interval_of(posting, &interval, NULL) < 0)
        return false;
    ledger__reversal_account(&interval, account);
    return amount_of(reversal, account) == amount_uj;
}

static jb_rc check_reversal(struct balance *b, struct jb_error *err)
{
    const struct ledger__stored *stored = b->stored;
    char leaf[LEDGER_LEAF_TEXT];
    int64_t first_seq = 0;

    if (strcmp(stored->entry.kind, LEDGER_KIND_REVERSAL) != 0) {
        if (stored->about_seq != 0)
            balance__failed(b, CLAIM_BYTES,
                            "entry %" PRId64 " is no reversal, but the index says so", stored->seq);
        return JB_OK;
    }
    balance__checked(b, CLAIM_REVERSAL);
    jb_rc rc = ledger__load_seq(b->store, stored->about_seq, b->other, err);
    if (rc == JB_E_DAMAGED) {
        balance__failed(b, CLAIM_REVERSAL, "entry %" PRId64 " reverses what is not there",
                        stored->seq);
        return JB_OK;
    }
    if (rc == JB_OK && !stored->is_memo)
        rc = store__find_reversal(b->store, stored->entry.run_id, stored->about_seq, &first_seq,
                                  err);
    const char *reverses = ledger__field(stored, LEDGER_FIELD_REVERSES);
    if (rc == JB_OK &&
        (!reverses || strcmp(reverses, ledger__leaf_text(&b->other->leaf, leaf)) != 0 ||
         strcmp(b->other->entry.kind, LEDGER_KIND_INTERVAL) != 0 || !is_undone(stored, b->other) ||
         (!stored->is_memo && (b->other->is_memo || first_seq != stored->seq))))
        balance__failed(b, CLAIM_REVERSAL,
                        "entry %" PRId64 " does not undo what entry %" PRId64
                        " posted, or not once",
                        stored->seq, stored->about_seq);
    return rc;
}

static jb_rc number_of(const struct ledger__stored *stored, const char *name, int64_t *ret)
{
    const char *text = ledger__field(stored, name);

    return text ? jb_parse_i64(text, strlen(text), false, ret) : JB_E_DAMAGED;
}

static void note_merge(struct balance *b)
{
    struct balance__merged merged = {.seq = b->stored->seq};

    if (b->stored->is_memo)
        jb_buf_add(&b->memos, &b->stored->seq, sizeof b->stored->seq);
    if (strcmp(b->stored->entry.kind, LEDGER_KIND_MERGED) != 0)
        return;
    if (number_of(b->stored, LEDGER_FIELD_FIRST, &merged.first_seq) < 0 ||
        number_of(b->stored, LEDGER_FIELD_LAST, &merged.last_seq) < 0)
        balance__failed(b, CLAIM_MERGED, "entry %" PRId64 " does not say what it merged",
                        merged.seq);
    else
        jb_buf_add(&b->merged, &merged, sizeof merged);
}

static jb_rc check_readable(struct balance *b, struct jb_error *err)
{
    jb_rc rc;

    b->counts.n_openings += (int64_t)b->stored->head.n_fields;
    add_lines(b);
    note_merge(b);
    rc = check_openings(b, err);
    if (rc == JB_OK)
        rc = check_index_lines(b, true, err);
    if (rc == JB_OK)
        rc = check_interval(b, err);
    if (rc == JB_OK)
        rc = check_opened(b, err);
    if (rc == JB_OK)
        rc = check_series(b, err);
    return rc == JB_OK ? check_reversal(b, err) : rc;
}

/* The leaf, and with it the kept roots of the subtrees that it completes. */
static void append_leaf(struct balance *b, const struct jb_hash *leaf)
{
    struct jb_hash completed[JB_MERKLE_COMPLETED_MAX];
    const size_t n_completed = jb_merkle_append_noting(&b->tree, leaf, completed);

    if (!store__has_nodes(b->store))
        return;
    for (size_t bits = STORE_NODE_BITS; bits < n_completed; bits += STORE_NODE_BITS) {
        const int level = (int)(bits / STORE_NODE_BITS);
        const int64_t position = (b->tree.size >> bits) - 1;
        struct jb_merkle kept = {.size = 0};
        b->counts.n_nodes++;
        balance__checked(b, CLAIM_TREE);
        /* That it is missing, or cannot be read, is the finding. */
        if (store__fold(b->store, level, position, 1, &kept, NULL) < 0 ||
            !jb_hash_equal(&kept.edge[0], &completed[bits]))
            balance__failed(b, CLAIM_TREE,
                            "the root kept of the leaves up to entry %" PRId64
                            " (level %d) is not theirs",
                            b->tree.size, level);
    }
}

jb_rc balance__entry(struct balance *b, const struct store__row *row, struct jb_error *err)
{
    struct jb_error finding = {.code = JB_OK};
    jb_rc rc = skip_index(b, row->seq, err);

    if (rc < 0)
        return rc;
    balance__checked(b, CLAIM_BYTES);
    if (row->seq != b->tree.size + 1)
        balance__failed(b, CLAIM_TREE, "entry %" PRId64 " stands where %" PRId64 " should",
                        row->seq, b->tree.size + 1);
    append_leaf(b, &row->leaf);
    rc = ledger__load(b->store, row, b->stored, &finding);
    if (rc == JB_OK)
        return check_readable(b, err);
    if (rc != JB_E_DAMAGED)
        return jb_fail(err, rc, finding.hint, "%s", finding.message);
    balance__failed(b, CLAIM_BYTES, "%.240s", finding.message);
    rc = check_index_lines(b, false, err);
    return rc == JB_OK ? check_index_interval(b, NULL, false, err) : rc;
}
