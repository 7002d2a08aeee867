/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book as a log for others (docs/format/log.md): each entry's canonical bytes, and the openings of those about keys alone. One
 * moment of the book, in one pass, a piece at a time; the root over what was put must be the book's. R-BOOK-16.
 */
#include <inttypes.h>
#include <string.h>

#include "journal/journal_log.h"
#include "ledger/ledger_int.h"

#define PIECE 65536

struct export
{
    struct store *store;
    struct ledger__stored *stored; /* an entry whose openings are put */
    struct jb_entry_head head;
    struct jb_journal_log_opening openings[JB_ENTRY_STORED_MAX];
    struct jb_merkle tree;
    struct jb_buf piece;
    jb_put_fn put;
    void *arg;
};

static jb_rc flush(struct export *export, struct jb_error *err)
{
    const jb_rc rc = export->piece.len > 0
                         ? export->put(export->arg, export->piece.bytes, export->piece.len, err)
                         : JB_OK;

    jb_buf_clear(&export->piece);
    return rc;
}

/* The openings of an entry about keys, proved (R-BOOK-06). */
static jb_rc load_openings(struct export *export, const struct store__row *row,
                           struct jb_error *err)
{
    const struct ledger__stored *const stored = export->stored;
    const jb_rc rc = ledger__load(export->store, row, export->stored, err);

    for (size_t i = 0; rc == JB_OK && i < stored->head.n_fields; i++) {
        const struct ledger__opening *const from = &stored->openings[i];
        struct jb_journal_log_opening *const to = &export->openings[i];
        *to = (struct jb_journal_log_opening){.len = from->len};
        memcpy(to->salt, from->salt, JB_SALT_BYTES);
        to->value = from->is_open ? stored->values.bytes + from->at : NULL;
    }
    return rc;
}

/* Of the entries that stay closed the root tells whether they are what they were. */
static jb_rc add_entry(struct export *export, const struct store__row *row, struct jb_error *err)
{
    const struct jb_hash leaf = jb_merkle_leaf(row->bytes, row->n_bytes);
    jb_rc rc = jb_entry_decode(row->bytes, row->n_bytes, &export->head, err);

    jb_merkle_append(&export->tree, &leaf);
    if (rc == JB_OK && jb_journal_log_opens(export->head.kind))
        rc = load_openings(export, row, err);
    if (rc == JB_OK)
        rc = jb_journal_log_put_entry(row->bytes, row->n_bytes, &export->head, export->openings,
                                      &export->piece, err);
    return rc == JB_OK && export->piece.len >= PIECE ? flush(export, err) : rc;
}

static jb_rc add_entries(struct export *export, int64_t size, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__row row;
    bool has = true;
    jb_rc rc = store__entries(export->store, NULL, NULL, &cursor, err);

    while (rc == JB_OK && has && export->tree.size < size) {
        rc = store__next_entry(cursor, &row, &has, err);
        if (rc == JB_OK && has)
            rc = add_entry(export, &row, err);
    }
    return rc == JB_OK ? flush(export, err) : rc;
}

static jb_rc export_all(struct jb_ledger *ledger, struct export *export, int64_t size,
                        const char *origin, struct jb_error *err)
{
    struct jb_hash want;
    jb_rc rc = jb_ledger_root_at(ledger, size, &want, err);

    if (rc == JB_OK)
        rc = jb_journal_log_put_header(size, origin, &export->piece, err);
    if (rc == JB_OK)
        rc = add_entries(export, size, err);
    if (rc < 0)
        return rc;
    const struct jb_hash root = jb_merkle_root(&export->tree);
    if (export->tree.size != size || !jb_hash_equal(&root, &want))
        return jb_fail(err, JB_E_DAMAGED, "`joulebook balance` tells more; go back to a backup",
                       "the entries of the book '%s' do not give its tree of %" PRId64,
                       ledger->path, size);
    return JB_OK;
}

jb_rc jb_ledger_export_log(struct jb_ledger *ledger, int64_t size, const char *origin,
                           jb_put_fn put, void *arg, struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    JB_AUTO(jb_free_auto) struct export *export = calloc(1, sizeof *export);
    jb_rc rc = ledger__stored_new(&stored, err);

    if (rc == JB_OK && !export)
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory to write a log");
    if (rc == JB_OK && ledger->is_writing)
        rc = jb_fail(err, JB_E_USAGE, NULL, "the book '%s' is being written", ledger->path);
    if (rc == JB_OK)
        rc = store__begin_read(ledger->store, err);
    if (rc < 0 || !export)
        return rc;
    export->store = ledger->store;
    export->stored = stored;
    export->piece = JB_BUF(PIECE + JB_JOURNAL_LOG_RECORD_MAX);
    export->put = put;
    export->arg = arg;
    rc = export_all(ledger, export, size, origin, err);
    store__rollback(ledger->store);
    jb_buf_release(&export->piece);
    return rc;
}
