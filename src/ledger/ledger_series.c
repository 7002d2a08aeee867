/* SPDX-License-Identifier: Apache-2.0 */
/* Series of power and utilisation: the bytes lie beside the journal, their digest stands in it (R-BOOK-09). */
#include <string.h>

#include "ledger/ledger_int.h"

jb_rc jb_ledger_add_series(struct jb_ledger *ledger, const char *run_id, const char *name,
                           const void *bytes, size_t len, struct jb_error *err)
{
    const struct jb_hash_part part = {bytes, len};
    const struct jb_hash digest = jb_hash_parts(&part, 1);
    char hex[LEDGER_LEAF_TEXT];
    char size[24];
    const struct jb_field fields[] = {
        {LEDGER_FIELD_NAME, name},
        {"bytes", size},
        {LEDGER_FIELD_SHA256, ledger__leaf_text(&digest, hex)},
    };
    struct jb_entry entry = {
        .kind = LEDGER_KIND_SERIES,
        .layer = JB_LAYER_MEASURED,
        .n_fields = JB_ARRAY_LEN(fields),
        .fields = fields,
    };
    const struct ledger__index index = {.series = len > 0 ? bytes : "", .n_series_bytes = len};

    (void)snprintf(size, sizeof size, "%zu", len);
    (void)snprintf(entry.run_id, sizeof entry.run_id, "%s", run_id);
    return ledger__enter(ledger, &entry, &index, NULL, err);
}

/* JB_E_DAMAGED where the bytes are not those that were entered. Borrowed until store__series_done. */
jb_rc ledger__series_of(struct store *store, const struct ledger__stored *stored,
                        const void **ret_bytes, size_t *ret_len, struct jb_error *err)
{
    const char *entered = ledger__field(stored, LEDGER_FIELD_SHA256);
    char hex[LEDGER_LEAF_TEXT];
    const jb_rc rc = store__series(store, stored->seq, ret_bytes, ret_len, err);

    if (rc < 0)
        return rc;
    const struct jb_hash_part part = {*ret_bytes, *ret_len};
    const struct jb_hash digest = jb_hash_parts(&part, 1);
    if (!*ret_bytes || !entered || strcmp(ledger__leaf_text(&digest, hex), entered) != 0)
        return jb_fail(err, JB_E_DAMAGED, "go back to a backup",
                       "the series of entry %lld is not what was entered (R-BOOK-09)",
                       (long long)stored->seq);
    return JB_OK;
}

jb_rc jb_ledger_each_series(struct jb_ledger *ledger, const char *run_id, jb_series_fn fn,
                            void *arg, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__entries(ledger->store, LEDGER_KIND_SERIES, run_id, &cursor, err);

    if (rc == JB_OK)
        rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        const void *bytes = NULL;
        size_t len = 0;
        const char *name;
        rc = ledger__load(ledger->store, &row, stored, err);
        if (rc == JB_OK)
            rc = ledger__series_of(ledger->store, stored, &bytes, &len, err);
        name = ledger__field(stored, LEDGER_FIELD_NAME);
        if (rc == JB_OK)
            rc = fn(arg, name ? name : "", bytes, len, err);
        store__series_done(ledger->store);
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    return rc;
}
