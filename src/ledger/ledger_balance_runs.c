/* SPDX-License-Identifier: Apache-2.0 */
/* The proof across entries: no overlap (R-BOOK-02), runs against their accounts (R-BOOK-04), memos (R-BOOK-07). */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/num.h"
#include "ledger/ledger_balance_int.h"

struct meter_end {
    char host[JB_HOST_NAME];
    char boot_id[JB_BOOT_ID];
    char channel[JB_CHANNEL_ID];
    int64_t mono_end_ns;
};

static bool is_same_meter(const struct meter_end *last, const struct store__posting *posting)
{
    return strcmp(last->host, posting->host) == 0 && strcmp(last->boot_id, posting->boot_id) == 0 &&
           strcmp(last->channel, posting->channel) == 0;
}

jb_rc balance__overlaps(struct balance *b, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__posting posting;
    struct meter_end last = {.mono_end_ns = INT64_MIN};
    bool has = false;
    jb_rc rc = store__postings(b->store, true, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_posting(cursor, &posting, &has, err);
    while (rc == JB_OK && has) {
        balance__checked(b, CLAIM_OVERLAP);
        if (is_same_meter(&last, &posting) && posting.mono_start_ns < last.mono_end_ns)
            balance__failed(b, CLAIM_OVERLAP,
                            "entry %" PRId64
                            " begins before the end of another interval of '%.90s'",
                            posting.seq, posting.channel);
        (void)snprintf(last.host, sizeof last.host, "%s", posting.host);
        (void)snprintf(last.boot_id, sizeof last.boot_id, "%s", posting.boot_id);
        (void)snprintf(last.channel, sizeof last.channel, "%s", posting.channel);
        last.mono_end_ns = posting.mono_end_ns;
        rc = store__next_posting(cursor, &posting, &has, err);
    }
    return rc;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* The run's own energy of a posted line of its account; NULL where no such line is left, which is then taken out. */
static bool take_account_line(json_t *lines, const char *host, const char *channel,
                              int64_t *ret_best_uj)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const json_t *best = json_object_get(json_object_get(line, "run_uj"), "best");
        if (strcmp(text_of(line, "role"), jb_role_name(JB_ROLE_POST)) != 0 ||
            strcmp(text_of(line, "host"), host) != 0 ||
            strcmp(text_of(line, "channel"), channel) != 0)
            continue;
        *ret_best_uj = json_integer_value(best);
        const bool is_number = json_is_integer(best);
        (void)json_array_remove(lines, i);
        return is_number;
    }
    return false;
}

static void compare_channel(struct balance *b, const char *run_id, json_t *lines, const char *host,
                            const char *channel, jb_i128 posted_uj)
{
    int64_t best_uj = 0;
    char text[48];
    const bool is_there = take_account_line(lines, host, channel, &best_uj);

    if (is_there ? posted_uj != best_uj : posted_uj != 0)
        balance__failed(b, CLAIM_RUNS,
                        "the account of run %s says %" PRId64 " uJ of '%.60s', its postings say %s",
                        run_id, best_uj, channel, balance__i128_text(posted_uj, text));
}

/* The lines come by host and channel; each group is one sum. */
static jb_rc compare_postings(struct balance *b, const char *run_id, json_t *lines,
                              struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    char account[JB_ACCOUNT_NAME];
    char last_host[JB_HOST_NAME] = "";
    char last_channel[JB_CHANNEL_ID] = "";
    jb_i128 posted_uj = 0;
    bool has = false;
    bool is_first = true;
    jb_rc rc;

    (void)snprintf(account, sizeof account, "run:%s", run_id);
    rc = store__account_lines(b->store, account, &cursor, err);
    while (rc == JB_OK) {
        const char *host = "";
        const char *channel = "";
        int64_t amount_uj = 0;
        rc = store__next_account_line(cursor, &host, &channel, &amount_uj, &has, err);
        if (rc < 0)
            break;
        if (!is_first &&
            (!has || strcmp(host, last_host) != 0 || strcmp(channel, last_channel) != 0)) {
            compare_channel(b, run_id, lines, last_host, last_channel, posted_uj);
            posted_uj = 0;
        }
        if (!has)
            break;
        is_first = false;
        (void)snprintf(last_host, sizeof last_host, "%s", host);
        (void)snprintf(last_channel, sizeof last_channel, "%s", channel);
        posted_uj += amount_uj;
    }
    return rc;
}

/* Lines of the account that no posting stands behind. */
static void check_rest(struct balance *b, const char *run_id, const json_t *lines)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const json_t *best = json_object_get(json_object_get(line, "run_uj"), "best");
        if (strcmp(text_of(line, "role"), jb_role_name(JB_ROLE_POST)) == 0 &&
            json_integer_value(best) != 0)
            balance__failed(b, CLAIM_RUNS,
                            "the account of run %s has '%.90s', of which nothing was posted",
                            run_id, text_of(line, "channel"));
    }
}

/* The headline is the sum of the posted lines; null where nothing is known. */
static void check_headline(struct balance *b, const char *run_id, const json_t *account)
{
    const json_t *lines = json_object_get(account, "lines");
    const json_t *headline = json_object_get(json_object_get(account, "energy_uj"), "best");
    char text[48];
    jb_i128 sum_uj = 0;

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        if (strcmp(text_of(line, "role"), jb_role_name(JB_ROLE_POST)) == 0)
            sum_uj += json_integer_value(json_object_get(json_object_get(line, "run_uj"), "best"));
    }
    if (headline && json_integer_value(headline) != sum_uj)
        balance__failed(b, CLAIM_RUNS,
                        "the account of run %s says %" JSON_INTEGER_FORMAT
                        " uJ in all, its lines say %s",
                        run_id, json_integer_value(headline), balance__i128_text(sum_uj, text));
}

static jb_rc compare_account(struct balance *b, const char *run_id, const char *json,
                             struct jb_error *err)
{
    json_t *account = json_loads(json, 0, NULL);
    json_t *lines = json_object_get(account, "lines");
    jb_rc rc = JB_OK;

    if (json_is_array(lines)) {
        check_headline(b, run_id, account);
        rc = compare_postings(b, run_id, lines, err);
        if (rc == JB_OK)
            check_rest(b, run_id, lines);
    } else {
        balance__failed(b, CLAIM_RUNS, "the account of run %s cannot be read", run_id);
    }
    json_decref(account);
    return rc;
}

/* Of a run that is void or reconciled nothing is left. */
static jb_rc check_void(struct balance *b, const char *run_id, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    char account[JB_ACCOUNT_NAME];
    char text[48];
    jb_i128 left_uj = 0;
    int64_t amount_uj = 0;
    bool has = false;
    jb_rc rc;

    (void)snprintf(account, sizeof account, "run:%s", run_id);
    rc = store__account_amounts(b->store, account, &cursor, err);
    if (rc == JB_OK)
        rc = store__next_amount(cursor, &amount_uj, &has, err);
    while (rc == JB_OK && has) {
        left_uj += amount_uj;
        rc = store__next_amount(cursor, &amount_uj, &has, err);
    }
    if (rc == JB_OK && left_uj != 0)
        balance__failed(b, CLAIM_RUNS, "run %s was taken out, and %s uJ are left in its account",
                        run_id, balance__i128_text(left_uj, text));
    return rc;
}

static jb_rc check_run(struct balance *b, const char *run_id, struct jb_run *run,
                       struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_error finding = {.code = JB_OK};
    jb_rc rc = ledger__load_run(b->ledger, run_id, run, &finding);

    balance__checked(b, CLAIM_RUNS);
    if (rc == JB_OK)
        rc = jb_ledger_run_account(b->ledger, run_id, &json, &finding);
    if (rc == JB_OK)
        rc = compare_account(b, run_id, json, &finding);
    if (rc == JB_E_NOT_FOUND)
        rc = JB_OK; /* still open, or closed without one */
    if (rc == JB_OK && (run->status == JB_RUN_VOID || run->status == JB_RUN_RECONCILED))
        rc = check_void(b, run_id, &finding);
    if (rc < 0 && rc != JB_E_DAMAGED && rc != JB_E_INPUT && rc != JB_E_RANGE)
        return jb_fail(err, rc, finding.hint, "%s", finding.message);
    if (rc < 0)
        balance__failed(b, CLAIM_RUNS, "%.240s", finding.message);
    return JB_OK;
}

/* Energy must not be charged to a run that was never opened. */
static jb_rc check_accounts_have_runs(struct balance *b, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    const char *name = NULL;
    jb_rc rc = store__run_accounts(b->store, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_name(cursor, &name, err);
    while (rc == JB_OK && name) {
        int64_t seq = 0;
        rc = store__find_run(b->store, name + strlen("run:"), &seq, err);
        if (rc == JB_OK && seq == 0)
            balance__failed(b, CLAIM_RUNS, "energy is charged to '%.60s', which was never opened",
                            name);
        if (rc == JB_OK)
            rc = store__next_name(cursor, &name, err);
    }
    return rc;
}

jb_rc balance__runs(struct balance *b, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    const char *run_id = NULL;
    int64_t seq = 0;
    int64_t start_utc_us = 0;
    jb_rc rc = run ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "cannot read the runs");

    if (rc == JB_OK)
        rc = store__runs(b->store, NULL, &cursor, err);
    if (rc == JB_OK)
        rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
    while (rc == JB_OK && run_id) {
        run->start_utc_us =
            start_utc_us; /* stays where the run cannot be read, which check_run counts */
        rc = check_run(b, run_id, run, err);
        if (rc == JB_OK && run->start_utc_us != start_utc_us)
            balance__failed(b, CLAIM_BYTES,
                            "the start of run %s in the index is not that of its entry", run_id);
        if (rc == JB_OK)
            rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
    }
    return rc == JB_OK ? check_accounts_have_runs(b, err) : rc;
}

/* The next number of a list, a line each; 0 at its end. */
static int64_t next_memo(const char **at)
{
    const char *end = strchr(*at, '\n');
    int64_t seq = 0;

    if (!end || jb_parse_i64(*at, (size_t)(end - *at), false, &seq) < 0)
        return 0;
    *at = end + 1;
    return seq;
}

/* The memos that one merge names must be the next ones that there are. */
static jb_rc match_memos(struct balance *b, const struct balance__merged *merged, size_t *at,
                         struct jb_error *err)
{
    jb_rc rc = ledger__load_seq(b->store, merged->seq, b->other, err);
    const char *list = rc == JB_OK ? ledger__field(b->other, LEDGER_FIELD_MEMOS) : NULL;

    balance__checked(b, CLAIM_MERGED);
    while (rc == JB_OK && list && *list) {
        const int64_t seq = next_memo(&list);
        int64_t memo = -1;
        if (*at < b->memos.len)
            memcpy(&memo, b->memos.bytes + *at, sizeof memo);
        if (seq != memo || seq < merged->first_seq || seq > merged->last_seq) {
            balance__failed(b, CLAIM_MERGED,
                            "merge %" PRId64 " and the index differ on the memo %" PRId64,
                            merged->seq, seq);
            return JB_OK;
        }
        *at += sizeof memo;
    }
    return rc;
}

/* Merges that came in with another merge speak of numbers in that other book: only those entered here count. */
static size_t drop_merges_of_others(struct balance *b, struct balance__merged *own, size_t n)
{
    int64_t covered_from = INT64_MAX;
    size_t n_own = 0;

    for (size_t i = n; i > 0; i--) {
        const struct balance__merged *merged = &own[i - 1];
        if (merged->seq >= covered_from)
            continue;
        if (merged->last_seq + 1 != merged->seq || merged->first_seq < 1 ||
            merged->first_seq > merged->last_seq)
            balance__failed(b, CLAIM_MERGED,
                            "merge %" PRId64 " names entries that it cannot have brought",
                            merged->seq);
        covered_from = merged->first_seq;
        own[n - 1 - n_own++] = *merged;
    }
    return n_own;
}

jb_rc balance__merges(struct balance *b, struct jb_error *err)
{
    const size_t n = b->merged.len / sizeof(struct balance__merged);
    JB_AUTO(jb_free_auto) struct balance__merged *own = calloc(n + 1, sizeof *own);
    size_t at = 0;
    jb_rc rc = JB_OK;

    if (!own || b->memos.failed < 0 || b->merged.failed < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot hold the merges of the book");
    if (n > 0)
        memcpy(own, b->merged.bytes, b->merged.len);
    const size_t n_own = drop_merges_of_others(b, own, n);
    for (size_t i = n - n_own; i < n && rc == JB_OK; i++)
        rc = match_memos(b, &own[i], &at, err);
    if (rc == JB_OK && at != b->memos.len)
        balance__failed(b, CLAIM_MERGED, "%zu entries are memos, and %zu were named by a merge",
                        b->memos.len / sizeof(int64_t), at / sizeof(int64_t));
    return rc;
}
