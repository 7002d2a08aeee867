/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corrections, all of them entries. R-BOOK-13: a void reverses each posting of a run and charges it to the others
 * of that host, so that what the meter gave stays posted once; what a paper told goes back to its contra account. R-BOOK-14: an amendment never touches energy.
 * R-BOOK-06: an erasure takes value and salt, is entered itself, and leaves commitment and tree as they were.
 */
#include <string.h>

#include "base/num.h"
#include "ledger/facts_int.h"
#include "ledger/ledger_int.h"

const char *ledger__leaf_text(const struct jb_hash *leaf, char buf[LEDGER_LEAF_TEXT])
{
    return jb_hex(leaf->bytes, JB_HASH_BYTES, buf, LEDGER_LEAF_TEXT);
}

/* The run must be there and not void. */
static jb_rc check_run(struct jb_ledger *ledger, const char *run_id, bool may_be_open,
                       enum jb_layer *ret_layer, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc < 0)
        return rc;
    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot correct run %.36s", run_id);
    rc = ledger__load_run(ledger, run_id, run, err);
    if (rc < 0)
        return rc;
    if (run->status == JB_RUN_VOID)
        return jb_fail(err, JB_E_CONFLICT, NULL, "run %s is void", run_id);
    if (run->status == JB_RUN_OPEN && !may_be_open)
        return jb_fail(err, JB_E_CONFLICT, "wait for its end, or `joulebook recover` it",
                       "run %s is still open", run_id);
    if (run->status == JB_RUN_RECONCILED && !may_be_open)
        return jb_fail(err, JB_E_CONFLICT, "it is in no sum already",
                       "run %s is reconciled with run %s", run_id, run->same_as);
    *ret_layer = run->layer;
    return JB_OK;
}

static struct jb_entry about_run(const char *kind, enum jb_layer layer, const char *run_id,
                                 const struct jb_field *fields, size_t n_fields)
{
    struct jb_entry entry = {.layer = layer, .n_fields = n_fields, .fields = fields};

    memcpy(entry.kind, kind, strnlen(kind, sizeof entry.kind - 1));
    memcpy(entry.run_id, run_id, strnlen(run_id, sizeof entry.run_id - 1));
    return entry;
}

/* A reason and an account are optional. */
static void add_field(struct jb_field *fields, size_t *n_fields, const char *name,
                      const char *value)
{
    if (value)
        fields[(*n_fields)++] = (struct jb_field){name, value};
}

jb_rc jb_ledger_amend(struct jb_ledger *ledger, const char *run_id, const struct jb_field *changes,
                      size_t n_changes, const char *reason, const char *account_json,
                      struct jb_error *err)
{
    struct jb_field fields[JB_ENTRY_FIELDS_MAX];
    size_t n_fields = 0;
    enum jb_layer layer = JB_LAYER_MEASURED;
    jb_rc rc = check_run(ledger, run_id, true, &layer, err);

    if (rc == JB_OK && n_changes > JB_ENTRY_FIELDS_MAX - 2)
        rc = jb_fail(err, JB_E_INPUT, "amend it in two steps", "more than %d changes at once",
                     JB_ENTRY_FIELDS_MAX - 2);
    for (size_t i = 0; i < n_changes && rc == JB_OK; i++) {
        if (!changes[i].value)
            rc = jb_fail(err, JB_E_USAGE, NULL, "'%s' is amended to nothing", changes[i].name);
        else
            rc = facts__check_amendment(changes[i].name, changes[i].value, err);
        fields[n_fields++] = changes[i];
    }
    if (rc < 0)
        return rc;
    add_field(fields, &n_fields, LEDGER_FIELD_REASON, reason);
    add_field(fields, &n_fields, LEDGER_FIELD_ACCOUNT, account_json);
    const struct jb_entry entry = about_run(LEDGER_KIND_AMEND, layer, run_id, fields, n_fields);
    return ledger__enter(ledger, &entry, NULL, NULL, err);
}

/* The seqs of a run's intervals, gathered before anything is added to what they are read from. */
static jb_rc gather_intervals(struct jb_ledger *ledger, const char *account, struct jb_buf *seqs,
                              struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    int64_t seq = 0;
    jb_rc rc = store__interval_seqs(ledger->store, account, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_seq(cursor, &seq, err);
    while (rc == JB_OK && seq > 0) {
        jb_buf_add(seqs, &seq, sizeof seq);
        rc = store__next_seq(cursor, &seq, err);
    }
    if (rc == JB_OK && seqs->failed < 0)
        rc = jb_fail(err, seqs->failed, NULL, "cannot hold the intervals of '%s'", account);
    return rc;
}

static jb_rc reverse_interval(struct jb_ledger *ledger, const char *run_id, const char *account,
                              int64_t seq, struct ledger__stored *stored, struct jb_error *err)
{
    struct jb_line lines[2] = {{.amount_uj = 0}, {.amount_uj = 0}};
    struct jb_interval interval;
    char leaf[LEDGER_LEAF_TEXT];
    const struct jb_field field = {LEDGER_FIELD_REVERSES, leaf};
    struct jb_entry entry = about_run(LEDGER_KIND_REVERSAL, JB_LAYER_MEASURED, run_id, &field, 1);
    const struct ledger__index index = {.about_seq = seq};
    jb_rc rc = ledger__load_seq(ledger->store, seq, stored, err);

    if (rc == JB_OK)
        rc = ledger__interval_of(stored, &interval, err);
    if (rc < 0 || stored->is_memo)
        return rc;
    for (size_t i = 0; i < stored->entry.n_lines && rc == JB_OK; i++) {
        if (strcmp(stored->lines[i].account, account) == 0)
            rc = jb_sub_i64(lines[0].amount_uj, stored->lines[i].amount_uj, &lines[0].amount_uj);
    }
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the lines of '%s' in entry %lld do not fit 64 bits", account,
                       (long long)seq);
    if (lines[0].amount_uj == 0)
        return JB_OK;
    lines[1].amount_uj = -lines[0].amount_uj;
    (void)snprintf(lines[0].account, sizeof lines[0].account, "%s", account);
    ledger__reversal_account(&interval, lines[1].account);
    entry.layer = stored->entry.layer;
    (void)ledger__leaf_text(&stored->leaf, leaf);
    entry.n_lines = 2;
    entry.lines = lines;
    return ledger__enter(ledger, &entry, &index, NULL, err);
}

static jb_rc reverse_all(struct jb_ledger *ledger, const char *run_id, struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    struct jb_buf seqs = JB_BUF((size_t)256 * 1024 * 1024);
    char account[JB_ACCOUNT_NAME];
    jb_rc rc = ledger__stored_new(&stored, err);

    (void)snprintf(account, sizeof account, "run:%s", run_id);
    if (rc == JB_OK)
        rc = gather_intervals(ledger, account, &seqs, err);
    for (size_t at = 0; rc == JB_OK && at < seqs.len; at += sizeof(int64_t)) {
        int64_t seq;
        int64_t reversal_seq = 0;
        memcpy(&seq, seqs.bytes + at, sizeof seq);
        rc = store__find_reversal(ledger->store, run_id, seq, &reversal_seq, err);
        if (rc == JB_OK && reversal_seq == 0)
            rc = reverse_interval(ledger, run_id, account, seq, stored, err);
    }
    jb_buf_release(&seqs);
    return rc;
}

jb_rc jb_ledger_void(struct jb_ledger *ledger, const char *run_id, const char *reason,
                     struct jb_error *err)
{
    struct jb_field field[1];
    size_t n_fields = 0;
    enum jb_layer layer = JB_LAYER_MEASURED;
    jb_rc rc = check_run(ledger, run_id, false, &layer, err);

    if (rc < 0)
        return rc;
    add_field(field, &n_fields, LEDGER_FIELD_REASON, reason);
    const struct jb_entry entry = about_run(LEDGER_KIND_VOID, layer, run_id, field, n_fields);
    rc = ledger__enter(ledger, &entry, NULL, NULL, err);
    if (rc == JB_OK)
        rc = reverse_all(ledger, run_id, err);
    if (rc < 0)
        ledger->is_broken = true; /* void and half reversed must not be committed */
    return rc;
}

#define RECONCILED_FIELDS_MAX 8

/* R-REBUILT-08 */
jb_rc jb_ledger_reconcile(struct jb_ledger *ledger, const char *rebuilt_id, const char *measured_id,
                          const struct jb_field *fields, size_t n_fields, const char *reason,
                          struct jb_error *err)
{
    struct jb_field entered[RECONCILED_FIELDS_MAX + 2];
    size_t n_entered = 0;
    enum jb_layer rebuilt = JB_LAYER_MEASURED;
    enum jb_layer measured = JB_LAYER_MEASURED;
    jb_rc rc = check_run(ledger, rebuilt_id, false, &rebuilt, err);

    if (rc == JB_OK)
        rc = check_run(ledger, measured_id, false, &measured, err);
    if (rc < 0)
        return rc;
    if (rebuilt != JB_LAYER_RECONSTRUCTED || measured != JB_LAYER_MEASURED)
        return jb_fail(err, JB_E_CONFLICT, "a reconstructed run is reconciled with a measured one",
                       "run %s is %s, run %s is %s", rebuilt_id, jb_layer_name(rebuilt),
                       measured_id, jb_layer_name(measured));
    if (n_fields > RECONCILED_FIELDS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "more than %d fields", RECONCILED_FIELDS_MAX);
    for (size_t i = 0; i < n_fields; i++)
        entered[n_entered++] = fields[i];
    add_field(entered, &n_entered, LEDGER_FIELD_SAME_AS, measured_id);
    add_field(entered, &n_entered, LEDGER_FIELD_REASON, reason);
    const struct jb_entry entry =
        about_run(LEDGER_KIND_RECONCILED, rebuilt, rebuilt_id, entered, n_entered);
    rc = ledger__enter(ledger, &entry, NULL, NULL, err);
    if (rc == JB_OK)
        rc = reverse_all(ledger, rebuilt_id, err);
    if (rc < 0)
        ledger->is_broken = true; /* as in a void */
    return rc;
}

bool ledger__is_protected(const char *kind, const char *field_name)
{
    static const struct {
        const char *kind, *field_name; /* NULL: any */
    } fields[] = {
        {NULL, JB_ENTRY_LINES_NAME},
        {NULL, LEDGER_FIELD_ACCOUNT},
        {LEDGER_KIND_INTERVAL, NULL},
        {LEDGER_KIND_REVERSAL, NULL},
        {LEDGER_KIND_SERIES, NULL},
        {LEDGER_KIND_MERGED, NULL},
        {LEDGER_KIND_ERASE, LEDGER_FIELD_ERASED},
        {LEDGER_KIND_ERASE, LEDGER_FIELD_LEAVES},
        {LEDGER_KIND_OPENED, "host"},
        {LEDGER_KIND_OPENED, "start_utc_us"},
        {LEDGER_KIND_CLOSED, "status"},
        {LEDGER_KIND_RECONCILED, LEDGER_FIELD_SAME_AS},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(fields); i++) {
        if ((!fields[i].kind || strcmp(fields[i].kind, kind) == 0) &&
            (!fields[i].field_name || strcmp(fields[i].field_name, field_name) == 0))
            return true;
    }
    return false;
}

/* Erases the field where `stored` has it; *ret_has_it tells whether it was there and still open. */
static jb_rc erase_in(struct jb_ledger *ledger, const struct ledger__stored *stored,
                      const char *field_name, bool *ret_has_it, struct jb_error *err)
{
    *ret_has_it = false;
    for (size_t i = 0; i < stored->head.n_fields; i++) {
        if (!stored->openings[i].is_open || strcmp(stored->head.fields[i].name, field_name) != 0)
            continue;
        if (ledger__is_protected(stored->head.kind, field_name))
            return jb_fail(err, JB_E_INPUT, "void the run if its figures must go",
                           "'%s' of an entry '%s' is a figure of the book and cannot be erased",
                           field_name, stored->head.kind);
        *ret_has_it = true;
        const jb_rc rc = store__erase(ledger->store, stored->seq, (int64_t)i, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* In every entry about the run; the leaves of those that had it, a line each. */
static jb_rc erase_everywhere(struct jb_ledger *ledger, const char *run_id, const char *field_name,
                              struct jb_buf *leaves, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__entries(ledger->store, NULL, run_id, &cursor, err);

    if (rc == JB_OK)
        rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        char leaf[LEDGER_LEAF_TEXT];
        bool has_it = false;
        rc = ledger__load(ledger->store, &row, stored, err);
        if (rc == JB_OK)
            rc = erase_in(ledger, stored, field_name, &has_it, err);
        if (rc == JB_OK && has_it)
            jb_buf_addf(leaves, "%s\n", ledger__leaf_text(&stored->leaf, leaf));
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    if (rc == JB_OK && leaves->failed < 0)
        rc = jb_fail(err, leaves->failed, NULL, "'%s' stands in too many entries", field_name);
    return rc;
}

jb_rc jb_ledger_erase(struct jb_ledger *ledger, const char *run_id, const char *field_name,
                      const char *reason, struct jb_error *err)
{
    struct jb_buf leaves = JB_BUF(JB_FIELD_VALUE_MAX);
    struct jb_field fields[3];
    size_t n_fields = 0;
    enum jb_layer layer = JB_LAYER_MEASURED;
    bool is_run = false;
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc == JB_OK)
        rc = ledger__layer_of_run(ledger->store, run_id, &layer, &is_run, err);
    if (rc == JB_OK)
        rc = erase_everywhere(ledger, run_id, field_name, &leaves, err);
    if (rc == JB_OK && leaves.len == 0) {
        rc = jb_fail(err, JB_E_NOT_FOUND, "`joulebook show` tells what is known of it",
                     "run %.36s has no field '%s'", run_id, field_name);
    } else if (rc == JB_OK) {
        add_field(fields, &n_fields, LEDGER_FIELD_ERASED, field_name);
        add_field(fields, &n_fields, LEDGER_FIELD_LEAVES, jb_buf_text(&leaves));
        add_field(fields, &n_fields, LEDGER_FIELD_REASON, reason);
        const struct jb_entry entry = about_run(LEDGER_KIND_ERASE, layer, run_id, fields, n_fields);
        rc = ledger__enter(ledger, &entry, NULL, NULL, err);
        ledger->flush_after = true;
    }
    if (rc < 0 && leaves.len > 0)
        ledger->is_broken = true; /* erased and not entered must not be committed */
    jb_buf_release(&leaves);
    return rc;
}
