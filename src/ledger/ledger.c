/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a book, transactions, entering one entry, and reading one back with its proof. Nothing is entered that
 * does not balance (R-BOOK-01), nothing is given out whose bytes do not prove it (R-BOOK-06).
 */
#include "ledger/ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/ledger_int.h"

static jb_rc make_folders(const char *folder, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *path = strdup(folder);

    if (!path)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot make the folder '%s'", folder);
    for (char *at = path + 1; *path != '\0'; at++) {
        const char was = *at;
        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return jb_fail_errno(err, errno,
                                 "name a book in a folder that can be written, with --book",
                                 "cannot make the folder '%s'", path);
        *at = was;
        if (was == '\0')
            break;
    }
    return JB_OK;
}

/* The log beside a book holds entries that the file does not have yet. */
static bool has_log(const char *path)
{
    JB_AUTO(jb_free_auto) char *real = realpath(path, NULL);
    struct jb_buf log = JB_BUF(65536);
    struct stat st;

    jb_buf_addf(&log, "%s-wal", real ? real : path);
    const bool has = log.failed == JB_OK && stat(jb_buf_text(&log), &st) == 0 && st.st_size > 0;
    jb_buf_release(&log);
    return has;
}

static jb_rc no_book(const char *path, struct jb_error *err)
{
    return jb_fail(err, JB_E_NOT_FOUND,
                   "the first `joulebook run` makes it; or name one with --book",
                   "there is no book '%s'", path);
}

/* R-BOOK-11. *ret_still: it may be read as it lies, since nobody can be writing it there. */
static jb_rc check_storage(const char *path, const char *folder, enum jb_ledger_mode mode,
                           storage__type_fn storage_type, bool *ret_still, struct jb_error *err)
{
    uint64_t f_type = 0;
    const int sys = storage_type(folder, &f_type);

    if (sys == -ENOENT && mode != JB_LEDGER_CREATE)
        return no_book(path, err);
    if (sys < 0)
        return jb_fail_errno(err, -sys, "name the book with --book",
                             "cannot look at the folder '%s'", folder);
    const char *name = storage__shared_name(f_type);
    *ret_still = name && mode == JB_LEDGER_READ && !has_log(path);
    if (!name || *ret_still)
        return JB_OK;
    return jb_fail(
        err, JB_E_UNAVAILABLE,
        "keep a book on this node's local disk (--book) and bring it in with `joulebook merge`",
        "'%s' lies on %s, where a book cannot be shared safely", path, name);
}

/* Without a file: makes one where that was asked for. */
static jb_rc ensure_file(const char *path, enum jb_ledger_mode mode, struct jb_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0)
        return S_ISREG(st.st_mode) ? JB_OK
                                   : jb_fail(err, JB_E_INPUT, "name the book's file with --book",
                                             "'%s' is not a file", path);
    if (errno != ENOENT)
        return jb_fail_errno(err, errno, "name the book with --book", "cannot open the book '%s'",
                             path);
    if (mode != JB_LEDGER_CREATE)
        return no_book(path, err);
    const jb_rc rc = store__create(path, err);
    return rc == JB_E_CONFLICT ? JB_OK : rc;
}

/* Where the folder cannot be written, a reader cannot lock; without a log there is nothing to wait for either. */
static jb_rc open_store(const char *path, enum jb_ledger_mode mode, bool is_still,
                        struct store **ret_store, struct jb_error *err)
{
    if (mode != JB_LEDGER_READ)
        return store__open(path, STORE_WRITE, ret_store, err);
    const jb_rc rc = store__open(path, is_still ? STORE_READ_STILL : STORE_READ, ret_store, err);
    if ((rc == JB_E_READONLY || rc == JB_E_PERMISSION || rc == JB_E_IO || rc == JB_E_NOT_FOUND) &&
        !is_still && !has_log(path))
        return store__open(path, STORE_READ_STILL, ret_store, err);
    return rc;
}

jb_rc ledger__open(const char *path, enum jb_ledger_mode mode, const struct jb_clock *clock,
                   storage__type_fn storage_type, struct jb_ledger **ret_ledger,
                   struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = calloc(1, sizeof *ledger);
    const char *slash = strrchr(path, '/');
    JB_AUTO(jb_free_auto)
    char *folder = slash ? strndup(path, slash > path ? (size_t)(slash - path) : 1) : strdup(".");
    bool is_still = false;
    jb_rc rc = JB_OK;

    if (!ledger || !folder || !(ledger->path = strdup(path)))
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot open the book '%s'", path);
    ledger->clock = clock;
    ledger->mode = mode;
    if (mode == JB_LEDGER_CREATE)
        rc = make_folders(folder, err);
    if (rc == JB_OK)
        rc = check_storage(path, folder, mode, storage_type, &is_still, err);
    if (rc == JB_OK)
        rc = ensure_file(path, mode, err);
    if (rc == JB_OK)
        rc = open_store(path, mode, is_still, &ledger->store, err);
    if (rc < 0)
        return rc;
    *ret_ledger = ledger;
    ledger = NULL;
    return JB_OK;
}

jb_rc jb_ledger_open(const char *path, enum jb_ledger_mode mode, const struct jb_clock *clock,
                     struct jb_ledger **ret_ledger, struct jb_error *err)
{
    return ledger__open(path, mode, clock, storage__type, ret_ledger, err);
}

void jb_ledger_close(struct jb_ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->is_writing)
        store__rollback(ledger->store);
    store__close(ledger->store);
    free(ledger->path);
    free(ledger);
}

const char *jb_ledger_path(const struct jb_ledger *ledger)
{
    return ledger->path;
}

jb_rc jb_ledger_begin(struct jb_ledger *ledger, struct jb_error *err)
{
    jb_rc rc;

    if (ledger->mode == JB_LEDGER_READ)
        return jb_fail(err, JB_E_READONLY, NULL, "the book '%s' was opened to be read",
                       ledger->path);
    if (ledger->is_writing)
        return jb_fail(err, JB_E_USAGE, NULL, "the book '%s' is being written already",
                       ledger->path);
    rc = store__begin(ledger->store, err);
    if (rc < 0)
        return rc;
    rc = store__read_tree(ledger->store, &ledger->tree, err);
    if (rc < 0) {
        store__rollback(ledger->store);
        return rc;
    }
    ledger->is_writing = true;
    ledger->is_broken = false;
    ledger->flush_after = false;
    return JB_OK;
}

jb_rc jb_ledger_commit(struct jb_ledger *ledger, struct jb_error *err)
{
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc < 0)
        return rc;
    if (ledger->is_broken)
        rc = jb_fail(err, JB_E_CONFLICT, "nothing of it was kept; enter it again",
                     "an entry of this transaction of '%s' failed half-way", ledger->path);
    if (rc == JB_OK)
        rc = store__write_tree(ledger->store, &ledger->tree, err);
    if (rc < 0) {
        jb_ledger_rollback(ledger);
        return rc;
    }
    rc = store__commit(ledger->store, err);
    ledger->is_writing = false;
    return rc == JB_OK && ledger->flush_after ? store__flush(ledger->store, err) : rc;
}

void jb_ledger_rollback(struct jb_ledger *ledger)
{
    if (ledger->is_writing)
        store__rollback(ledger->store);
    ledger->is_writing = false;
}

jb_rc ledger__check_writing(const struct jb_ledger *ledger, struct jb_error *err)
{
    if (!ledger->is_writing)
        return jb_fail(err, JB_E_USAGE, NULL, "the book '%s' is written outside of a transaction",
                       ledger->path);
    return JB_OK;
}

/* Names of kinds with their side; only contra accounts may be credited by what a meter or a paper gave. */
static const char *const account_kinds[] = {
    "meter", "calibrated", "modelled", "billed",   "stated",      "pue", /* contra */
    "run",   "idle",       "others",   "platform", "discrepancy", "facility",
};

static bool is_known_account(const char *account)
{
    const size_t len = strcspn(account, ":");

    for (size_t i = 0; i < JB_ARRAY_LEN(account_kinds); i++) {
        if (strncmp(account, account_kinds[i], len) == 0 && account_kinds[i][len] == '\0')
            return account[len] == ':';
    }
    return false;
}

jb_rc ledger__check_lines(const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    jb_i128 sum = 0;

    if (n_lines > JB_ENTRY_LINES_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "an entry has more than %d lines",
                       JB_ENTRY_LINES_MAX);
    for (size_t i = 0; i < n_lines; i++) {
        if (!is_known_account(lines[i].account))
            return jb_fail(err, JB_E_INPUT,
                           "see R-BOOK-05 in docs/method/book.md for the accounts there are",
                           "'%.191s' is no account of the book", lines[i].account);
        sum += lines[i].amount_uj;
    }
    if (sum != 0)
        return jb_fail(err, JB_E_CONFLICT,
                       "what a meter gave must stand in exactly one account each",
                       "the lines of an entry do not sum to zero (R-BOOK-01)");
    return JB_OK;
}

/* The fields of an entry as they are stored: the caller's, and the lines. */
struct draft {
    const struct jb_entry *entry;
    struct jb_buf lines;
    struct jb_buf bytes;
    struct jb_entry_head head;
    uint8_t salts[JB_ENTRY_STORED_MAX][JB_SALT_BYTES];
};

static const char *draft_value(const struct draft *draft, size_t i)
{
    return i < draft->entry->n_fields ? draft->entry->fields[i].value : jb_buf_text(&draft->lines);
}

static jb_rc commit_field(struct draft *draft, size_t i, struct jb_error *err)
{
    const bool is_lines = i == draft->entry->n_fields;
    const char *name = is_lines ? JB_ENTRY_LINES_NAME : draft->entry->fields[i].name;
    const char *value = draft_value(draft, i);
    const size_t len = value ? strlen(value) : 0;

    if (strlen(name) >= JB_FIELD_NAME || (!is_lines && strcmp(name, JB_ENTRY_LINES_NAME) == 0))
        return jb_fail(err, JB_E_INPUT, NULL, "'%.60s' cannot be the name of a field", name);
    if (!value || len > JB_FIELD_VALUE_MAX)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "field '%s' of an entry is missing or longer than %d MiB", name,
                       JB_FIELD_VALUE_MAX / 1024 / 1024);
    memcpy(draft->head.fields[i].name, name, strlen(name) + 1);
    draft->head.fields[i].hash = jb_entry_commit(draft->salts[i], name, value, len);
    return JB_OK;
}

static jb_rc draft_make(struct draft *draft, int64_t utc_us, struct jb_error *err)
{
    const struct jb_entry *entry = draft->entry;
    jb_rc rc = jb_entry_lines_to_text(entry->lines, entry->n_lines, &draft->lines, err);

    if (rc < 0)
        return rc;
    if (entry->n_fields > JB_ENTRY_FIELDS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "an entry '%.23s' has more than %d fields",
                       entry->kind, JB_ENTRY_FIELDS_MAX);
    memcpy(draft->head.kind, entry->kind, sizeof draft->head.kind);
    memcpy(draft->head.run_id, entry->run_id, sizeof draft->head.run_id);
    draft->head.layer = entry->layer;
    draft->head.utc_us = utc_us;
    draft->head.n_fields = entry->n_fields + (entry->n_lines > 0);
    jb_random(draft->salts, draft->head.n_fields * JB_SALT_BYTES);
    for (size_t i = 0; i < draft->head.n_fields && rc == JB_OK; i++)
        rc = commit_field(draft, i, err);
    return rc == JB_OK ? jb_entry_encode(&draft->head, &draft->bytes, err) : rc;
}

jb_rc ledger__put(struct jb_ledger *ledger, const struct store__row *row,
                  const struct store__opening *openings, size_t n_openings,
                  const struct jb_line *lines, size_t n_lines, const struct ledger__index *index,
                  struct jb_error *err)
{
    jb_rc rc = store__add_entry(ledger->store, row, err);

    for (size_t i = 0; i < n_openings && rc == JB_OK; i++)
        rc = store__add_opening(ledger->store, row->seq, &openings[i], err);
    for (size_t i = 0; i < n_lines && rc == JB_OK; i++)
        rc = store__add_line(ledger->store, row->seq, (int64_t)i, &lines[i], err);
    if (rc == JB_OK && index->interval)
        rc = store__add_interval(ledger->store, row->seq, index->interval, row->is_memo, err);
    if (rc == JB_OK && index->opened)
        rc = store__add_run(ledger->store, index->opened->id, row->seq, index->opened->start_utc_us,
                            err);
    if (rc == JB_OK && index->series)
        rc = store__add_series(ledger->store, row->seq, index->series, index->n_series_bytes, err);
    if (rc == JB_OK) {
        struct jb_hash completed[JB_MERKLE_COMPLETED_MAX];
        const size_t n_completed = jb_merkle_append_noting(&ledger->tree, &row->leaf, completed);
        rc = store__add_nodes(ledger->store, ledger->tree.size, completed, n_completed, err);
    }
    if (rc < 0)
        ledger->is_broken = true;
    return rc;
}

static jb_rc put_draft(struct jb_ledger *ledger, const struct draft *draft,
                       const struct ledger__index *index, int64_t *ret_seq, struct jb_error *err)
{
    const struct store__row row = {
        .seq = ledger->tree.size + 1,
        .kind = draft->head.kind,
        .layer = draft->head.layer,
        .utc_us = draft->head.utc_us,
        .run_id = draft->head.run_id,
        .about_seq = index->about_seq,
        .leaf = jb_merkle_leaf(draft->bytes.bytes, draft->bytes.len),
        .bytes = draft->bytes.bytes,
        .n_bytes = draft->bytes.len,
    };
    struct store__opening openings[JB_ENTRY_STORED_MAX];

    for (size_t i = 0; i < draft->head.n_fields; i++) {
        openings[i] = (struct store__opening){
            .position = (int64_t)i, .is_open = true, .value = draft_value(draft, i)};
        openings[i].len = strlen(openings[i].value);
        memcpy(openings[i].salt, draft->salts[i], JB_SALT_BYTES);
    }
    const jb_rc rc = ledger__put(ledger, &row, openings, draft->head.n_fields, draft->entry->lines,
                                 draft->entry->n_lines, index, err);
    if (rc == JB_OK && ret_seq)
        *ret_seq = row.seq;
    return rc;
}

jb_rc ledger__enter(struct jb_ledger *ledger, const struct jb_entry *entry,
                    const struct ledger__index *index, int64_t *ret_seq, struct jb_error *err)
{
    static const struct ledger__index no_index = {.about_seq = 0};
    JB_AUTO(jb_free_auto) struct draft *draft = calloc(1, sizeof *draft);
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc < 0)
        return rc;
    if (!draft)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot make an entry");
    draft->entry = entry;
    draft->lines = JB_BUF(256 * 1024);
    draft->bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    rc = draft_make(draft, entry->utc_us != 0 ? entry->utc_us : jb_utc_us(ledger->clock), err);
    if (rc == JB_OK)
        rc = put_draft(ledger, draft, index ? index : &no_index, ret_seq, err);
    jb_buf_release(&draft->lines);
    jb_buf_release(&draft->bytes);
    return rc;
}

/* Kinds with rules of their own have functions of their own. */
static bool is_own_kind(const char *kind)
{
    static const char *const own[] = {
        LEDGER_KIND_INTERVAL, LEDGER_KIND_OPENED,     LEDGER_KIND_CLOSED, LEDGER_KIND_AMEND,
        LEDGER_KIND_VOID,     LEDGER_KIND_REVERSAL,   LEDGER_KIND_ERASE,  LEDGER_KIND_SERIES,
        LEDGER_KIND_MERGED,   LEDGER_KIND_RECONCILED,
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(own); i++) {
        if (strcmp(kind, own[i]) == 0)
            return true;
    }
    return false;
}

jb_rc jb_ledger_append(struct jb_ledger *ledger, const struct jb_entry *entry, int64_t *ret_seq,
                       struct jb_error *err)
{
    jb_rc rc;

    if (memchr(entry->kind, '\0', sizeof entry->kind) == NULL ||
        memchr(entry->run_id, '\0', sizeof entry->run_id) == NULL || is_own_kind(entry->kind))
        return jb_fail(err, JB_E_USAGE, NULL,
                       "entries of kind '%.23s' have a function of their own", entry->kind);
    for (size_t i = 0; i < entry->n_lines && i < JB_ENTRY_LINES_MAX; i++) {
        if (strncmp(entry->lines[i].account, "meter:", 6) == 0)
            return jb_fail(err, JB_E_CONFLICT, "post an interval with its counts",
                           "an entry '%s' credits a meter without counts (R-BOOK-03)", entry->kind);
    }
    rc = ledger__check_lines(entry->lines, entry->n_lines, err);
    return rc == JB_OK ? ledger__enter(ledger, entry, NULL, ret_seq, err) : rc;
}
