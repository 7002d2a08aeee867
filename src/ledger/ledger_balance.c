/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of the book: one walk over all entries with the index beside it, then the claims about the whole. Memory
 * does not grow with the book, except for a number per memo. What cannot be read is a failed claim, not a crash.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "ledger/ledger_balance_int.h"

_Static_assert(CLAIM_COUNT <= JB_BALANCE_CHECKS_MAX, "every claim has its place in the result");

static const struct {
    const char *rule;
    const char *claim;
} claims[CLAIM_COUNT] = {
    [CLAIM_SUM] = {"R-BOOK-01", "every entry sums to zero"},
    [CLAIM_OVERLAP] = {"R-BOOK-02", "intervals of a meter do not overlap"},
    [CLAIM_COUNTS] = {"R-BOOK-03", "posted energy is the converted difference of the counts"},
    [CLAIM_RUNS] = {"R-BOOK-04", "every run's account equals its postings"},
    [CLAIM_TRIAL] = {"R-BOOK-05", "meters equal runs, idle, others, platform and discrepancy"},
    [CLAIM_BYTES] = {"R-BOOK-06", "fields and columns are what the entries' bytes say"},
    [CLAIM_MERGED] = {"R-BOOK-07", "only what a merge named is a memo"},
    [CLAIM_TREE] = {"R-BOOK-08", "the leaves give the Merkle root"},
    [CLAIM_SERIES] = {"R-BOOK-09", "series are what was entered"},
    [CLAIM_FILE] = {"R-BOOK-10", "the file is sound and its guards are in place"},
    [CLAIM_REVERSAL] = {"R-BOOK-13",
                        "every reversal undoes one posting of a void or reconciled run"},
};

void balance__checked(struct balance *b, enum balance__claim claim)
{
    b->result->checks[claim].n_checked++;
}

void balance__failed(struct balance *b, enum balance__claim claim, const char *format, ...)
{
    struct jb_balance_check *check = &b->result->checks[claim];
    va_list args;

    if (check->n_failed++ > 0)
        return;
    va_start(args, format);
    (void)vsnprintf(check->first_failure, sizeof check->first_failure, format, args);
    va_end(args);
}

const char *balance__i128_text(jb_i128 value, char buf[48])
{
    jb_u128 rest = value < 0 ? -(jb_u128)value : (jb_u128)value;
    char digits[48];
    size_t n = 0;
    size_t at = 0;

    do {
        digits[n++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        buf[at++] = '-';
    while (n > 0)
        buf[at++] = digits[--n];
    buf[at] = '\0';
    return buf;
}

static void start_result(struct jb_balance *result)
{
    memset(result, 0, sizeof *result);
    result->n_checks = CLAIM_COUNT;
    for (int i = 0; i < CLAIM_COUNT; i++) {
        result->checks[i].rule = claims[i].rule;
        result->checks[i].claim = claims[i].claim;
    }
}

static jb_rc check_file(struct balance *b, struct jb_error *err)
{
    char finding[256] = "";
    jb_rc rc = store__check_file(b->store, finding, sizeof finding, err);

    if (rc < 0)
        return rc;
    balance__checked(b, CLAIM_FILE);
    if (finding[0])
        balance__failed(b, CLAIM_FILE, "%.200s", finding);
    rc = store__check_schema(b->store, finding, sizeof finding, err);
    if (rc < 0)
        return rc;
    balance__checked(b, CLAIM_FILE);
    if (finding[0])
        balance__failed(b, CLAIM_FILE, "%.200s", finding);
    return JB_OK;
}

static jb_rc walk(struct balance *b, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__entries(b->store, NULL, NULL, &cursor, err);

    if (rc == JB_OK)
        rc = store__lines(b->store, &b->lines, err);
    if (rc == JB_OK)
        rc = store__postings(b->store, false, &b->postings, err);
    if (rc == JB_OK)
        rc = store__next_line(b->lines, &b->line, &b->has_line, err);
    if (rc == JB_OK)
        rc = store__next_posting(b->postings, &b->posting, &b->has_posting, err);
    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        rc = balance__entry(b, &row, err);
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    return rc == JB_OK ? balance__index_end(b, err) : rc;
}

static jb_rc check_counts(struct balance *b, struct jb_error *err)
{
    struct store__counts here;
    const jb_rc rc = store__count(b->store, &here, err);

    if (rc < 0)
        return rc;
    balance__checked(b, CLAIM_BYTES);
    if (here.n_openings != b->counts.n_openings || here.n_series != b->counts.n_series ||
        here.n_runs != b->counts.n_runs || here.n_intervals != b->counts.n_intervals)
        balance__failed(b, CLAIM_BYTES,
                        "there are rows that belong to no entry, or entries without theirs");
    balance__checked(b, CLAIM_TREE);
    if (here.n_nodes != b->counts.n_nodes)
        balance__failed(b, CLAIM_TREE, "%" PRId64 " roots of subtrees are kept, not %" PRId64,
                        here.n_nodes, b->counts.n_nodes);
    return JB_OK;
}

static jb_rc check_tree(struct balance *b, struct jb_error *err)
{
    struct jb_merkle stored;
    const struct jb_hash root = jb_merkle_root(&b->tree);
    char want[LEDGER_LEAF_TEXT];
    char have[LEDGER_LEAF_TEXT];
    const jb_rc rc = store__read_tree(b->store, &stored, err);

    b->result->root = root;
    b->result->n_entries = b->tree.size;
    if (rc < 0)
        return rc;
    const struct jb_hash stored_root = jb_merkle_root(&stored);
    balance__checked(b, CLAIM_TREE);
    if (stored.size != b->tree.size || !jb_hash_equal(&root, &stored_root))
        balance__failed(b, CLAIM_TREE,
                        "%" PRId64 " leaves give %.16s..., the book says %" PRId64 " and %.16s...",
                        b->tree.size, ledger__leaf_text(&root, want), stored.size,
                        ledger__leaf_text(&stored_root, have));
    return JB_OK;
}

/* R-BOOK-05, by layer, from the sums that the walk made. */
static void check_trial(struct balance *b)
{
    for (int layer = JB_LAYER_MEASURED; layer <= JB_LAYER_PREDICTED; layer++) {
        jb_i128 total = 0;
        bool is_used = false;
        char text[48];
        for (size_t i = 0; i < b->result->n_sums; i++) {
            struct jb_balance_sum *sum = &b->result->sums[i];
            if ((int)sum->layer != layer)
                continue;
            is_used = true;
            total += b->sums[i];
            (void)balance__i128_text(b->sums[i], sum->total_text);
            sum->total_uj = b->sums[i] > INT64_MAX   ? INT64_MAX
                            : b->sums[i] < INT64_MIN ? INT64_MIN
                                                     : (int64_t)b->sums[i];
        }
        if (!is_used)
            continue;
        balance__checked(b, CLAIM_TRIAL);
        if (total != 0)
            balance__failed(b, CLAIM_TRIAL, "in the layer '%s' meters and accounts differ by %s uJ",
                            jb_layer_name((enum jb_layer)layer), balance__i128_text(total, text));
    }
}

static jb_rc prove(struct balance *b, struct jb_error *err)
{
    jb_rc rc = check_file(b, err);

    if (rc == JB_OK)
        rc = walk(b, err);
    check_trial(b);
    if (rc == JB_OK)
        rc = check_tree(b, err);
    if (rc == JB_OK)
        rc = check_counts(b, err);
    if (rc == JB_OK)
        rc = balance__overlaps(b, err);
    if (rc == JB_OK)
        rc = balance__runs(b, err);
    return rc == JB_OK ? balance__merges(b, err) : rc;
}

static jb_rc prove_in_one_moment(struct balance *b, struct jb_error *err)
{
    struct jb_error finding = {.code = JB_OK};
    jb_rc rc = store__begin_read(b->store, err);

    if (rc < 0)
        return rc;
    rc = prove(b, &finding);
    store__cursor_close(b->lines);
    store__cursor_close(b->postings);
    store__rollback(b->store);
    if (rc == JB_E_DAMAGED) {
        balance__failed(b, CLAIM_FILE, "%.240s", finding.message);
        return JB_OK;
    }
    if (rc < 0 && err)
        *err = finding;
    return rc;
}

jb_rc jb_ledger_balance(struct jb_ledger *ledger, struct jb_balance *ret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct balance *b = calloc(1, sizeof *b);
    JB_AUTO(jb_free_auto) struct jb_balance *result = malloc(sizeof *result);
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *other = NULL;
    jb_rc rc = ledger__stored_new(&stored, err);

    if (rc == JB_OK)
        rc = ledger__stored_new(&other, err);
    if (rc < 0)
        return rc;
    if (!b || !result)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot balance the book '%s'", ledger->path);
    if (ledger->is_writing)
        return jb_fail(err, JB_E_USAGE, NULL, "the book '%s' is being written", ledger->path);
    start_result(result);
    b->ledger = ledger;
    b->store = ledger->store;
    b->result = result;
    b->stored = stored;
    b->other = other;
    b->memos = JB_BUF((size_t)256 * 1024 * 1024);
    b->merged = JB_BUF((size_t)64 * 1024 * 1024);
    rc = prove_in_one_moment(b, err);
    jb_buf_release(&b->memos);
    jb_buf_release(&b->merged);
    if (rc < 0)
        return rc;
    result->is_balanced = true;
    for (size_t i = 0; i < result->n_checks; i++)
        result->is_balanced = result->is_balanced && result->checks[i].n_failed == 0;
    *ret = *result;
    return JB_OK;
}
