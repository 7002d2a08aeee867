/* SPDX-License-Identifier: Apache-2.0 */
/* An entry read back from its canonical bytes and openings, and proved against them (R-BOOK-06). */
#include <string.h>

#include "ledger/facts_int.h"
#include "ledger/ledger_int.h"

jb_rc ledger__stored_new(struct ledger__stored **ret_stored, struct jb_error *err)
{
    struct ledger__stored *stored = calloc(1, sizeof *stored);

    if (!stored)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot read an entry");
    stored->bytes = JB_BUF(JB_ENTRY_BYTES_MAX);
    stored->values = JB_BUF((size_t)JB_ENTRY_STORED_MAX * (JB_FIELD_VALUE_MAX + 1));
    *ret_stored = stored;
    return JB_OK;
}

void ledger__stored_free(struct ledger__stored *stored)
{
    if (!stored)
        return;
    jb_buf_release(&stored->bytes);
    jb_buf_release(&stored->values);
    free(stored);
}

#define DAMAGED_HINT "`joulebook balance` tells what else; go back to a backup"

static jb_rc damaged(struct jb_error *err, int64_t seq, const char *what)
{
    return jb_fail(err, JB_E_DAMAGED, DAMAGED_HINT, "entry %lld is damaged: %s", (long long)seq,
                   what);
}

static jb_rc load_openings(struct store *store, struct ledger__stored *stored, struct jb_error *err)
{
    struct store__opening opening;
    bool has = false;
    size_t n = 0;
    jb_rc rc = store__opening(store, stored->seq, &opening, &has, err);

    while (rc == JB_OK && has) {
        if (n == stored->head.n_fields || opening.position != (int64_t)n)
            return damaged(err, stored->seq, "it has a field too many");
        struct ledger__opening *own = &stored->openings[n];
        own->is_open = opening.is_open;
        own->at = stored->values.len;
        own->len = opening.len;
        if (opening.is_open) {
            if (memchr(opening.value, '\0', opening.len) != NULL)
                return damaged(err, stored->seq, "a field holds a NUL");
            memcpy(own->salt, opening.salt, JB_SALT_BYTES);
            jb_buf_add(&stored->values, opening.value, opening.len);
        }
        jb_buf_add_u8(&stored->values, '\0');
        n++;
        rc = store__opening(store, 0, &opening, &has, err);
    }
    if (rc < 0)
        return rc;
    if (n != stored->head.n_fields)
        return damaged(err, stored->seq, "a field is missing");
    return stored->values.failed < 0
               ? jb_fail(err, stored->values.failed, NULL, "cannot read an entry")
               : JB_OK;
}

static jb_rc prove(const struct ledger__stored *stored, const struct store__row *row,
                   struct jb_error *err)
{
    const struct jb_hash leaf = jb_merkle_leaf(stored->bytes.bytes, stored->bytes.len);

    if (!jb_hash_equal(&leaf, &stored->leaf))
        return damaged(err, stored->seq, "its bytes do not give its leaf");
    if (strcmp(row->kind, stored->head.kind) != 0 || row->layer != (int64_t)stored->head.layer ||
        row->utc_us != stored->head.utc_us || strcmp(row->run_id, stored->head.run_id) != 0)
        return damaged(err, stored->seq, "its columns are not what its bytes say");
    for (size_t i = 0; i < stored->head.n_fields; i++) {
        const struct ledger__opening *opening = &stored->openings[i];
        if (!opening->is_open)
            continue;
        const struct jb_hash hash =
            jb_entry_commit(opening->salt, stored->head.fields[i].name,
                            stored->values.bytes + opening->at, opening->len);
        if (!jb_hash_equal(&hash, &stored->head.fields[i].hash))
            return jb_fail(err, JB_E_DAMAGED, DAMAGED_HINT,
                           "entry %lld is damaged: field '%s' does not fit its commitment",
                           (long long)stored->seq, stored->head.fields[i].name);
    }
    return JB_OK;
}

/* Points `entry` at what was loaded; the lines are a field of their own in the store only. */
static jb_rc assemble(struct ledger__stored *stored, struct jb_error *err)
{
    const struct jb_entry_head *head = &stored->head;
    struct jb_entry *entry = &stored->entry;

    memset(entry, 0, sizeof *entry);
    memcpy(entry->kind, head->kind, sizeof entry->kind);
    memcpy(entry->run_id, head->run_id, sizeof entry->run_id);
    entry->layer = head->layer;
    entry->utc_us = head->utc_us;
    entry->fields = stored->fields;
    entry->lines = stored->lines;
    for (size_t i = 0; i < head->n_fields; i++) {
        const struct ledger__opening *opening = &stored->openings[i];
        const char *value = stored->values.bytes + opening->at;
        if (strcmp(head->fields[i].name, JB_ENTRY_LINES_NAME) != 0) {
            stored->fields[entry->n_fields].name = head->fields[i].name;
            stored->fields[entry->n_fields].value = opening->is_open ? value : NULL;
            entry->n_fields++;
            continue;
        }
        if (!opening->is_open || i + 1 != head->n_fields ||
            jb_entry_lines_from_text(value, opening->len, stored->lines, &entry->n_lines, NULL) < 0)
            return damaged(err, stored->seq, "its lines cannot be read");
    }
    return JB_OK;
}

static jb_rc load(struct store *store, const struct store__row *row, struct ledger__stored *stored,
                  struct jb_error *err)
{
    jb_rc rc;

    stored->seq = row->seq;
    stored->is_memo = row->is_memo;
    stored->about_seq = row->about_seq;
    stored->leaf = row->leaf;
    jb_buf_clear(&stored->bytes);
    jb_buf_clear(&stored->values);
    jb_buf_add(&stored->bytes, row->bytes, row->n_bytes);
    if (stored->bytes.failed < 0)
        return damaged(err, stored->seq, "it is too long");
    if (jb_entry_decode(stored->bytes.bytes, stored->bytes.len, &stored->head, NULL) < 0)
        return damaged(err, stored->seq, "its bytes cannot be read");
    rc = load_openings(store, stored, err);
    if (rc == JB_OK)
        rc = prove(stored, row, err);
    return rc == JB_OK ? assemble(stored, err) : rc;
}

jb_rc ledger__load(struct store *store, const struct store__row *row, struct ledger__stored *stored,
                   struct jb_error *err)
{
    const jb_rc rc = load(store, row, stored, err);

    store__done(store);
    return rc;
}

jb_rc ledger__load_seq(struct store *store, int64_t seq, struct ledger__stored *stored,
                       struct jb_error *err)
{
    struct store__row row;
    bool has = false;
    const jb_rc rc = store__entry(store, seq, &row, &has, err);

    if (rc == JB_OK && has)
        return ledger__load(store, &row, stored, err);
    store__done(store);
    return rc < 0 ? rc : damaged(err, seq, "it is missing");
}

const char *ledger__field(const struct ledger__stored *stored, const char *name)
{
    for (size_t i = 0; i < stored->entry.n_fields; i++) {
        if (strcmp(stored->fields[i].name, name) == 0)
            return stored->fields[i].value;
    }
    return NULL;
}

jb_rc ledger__interval_of(const struct ledger__stored *stored, struct jb_interval *ret,
                          struct jb_error *err)
{
    const char *meter = ledger__field(stored, LEDGER_FIELD_METER);
    const char *reading = ledger__field(stored, LEDGER_FIELD_READING);

    memset(ret, 0, sizeof *ret);
    if (!meter || !reading || facts__to_interval(meter, strlen(meter), ret, NULL) < 0 ||
        facts__to_interval(reading, strlen(reading), ret, NULL) < 0)
        return damaged(err, stored->seq, "its interval cannot be read");
    return JB_OK;
}
