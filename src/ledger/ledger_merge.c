/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Books brought together (R-BOOK-07). An entry is known by its leaf; its bytes, salts and time stay what they are.
 * Where both books posted the same time of one meter, the one that is here stays posted and the other becomes a
 * memo: kept, shown with its run, and in no sum. A "merged" entry says what came and what became a memo.
 */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "ledger/facts_int.h"
#include "ledger/ledger_int.h"

struct merge {
    struct jb_ledger *ledger;
    struct store *from;
    const char *from_path;
    struct ledger__stored *stored; /* the entry at hand, as the other book has it */
    struct jb_run *run;
    struct jb_interval interval;
    int64_t first_seq;
    int64_t n_entries;
    int64_t n_runs;
    struct jb_buf memos;
};

static jb_rc refuse(const struct merge *merge, const char *why, struct jb_error *err)
{
    return jb_fail(err, JB_E_DAMAGED,
                   "`joulebook balance` on that book tells more; nothing was brought in",
                   "entry %" PRId64 " of '%s' %s", merge->stored->seq, merge->from_path, why);
}

static jb_rc look_at_interval(struct merge *merge, struct ledger__index *index, bool *ret_is_memo,
                              struct jb_error *err)
{
    const struct jb_entry *entry = &merge->stored->entry;
    int64_t overlap_seq = 0;

    if (ledger__interval_of(merge->stored, &merge->interval, NULL) < 0 ||
        ledger__check_interval(&merge->interval, entry->lines, entry->n_lines, NULL) < 0)
        return refuse(merge, "posts what its counts do not give", err);
    if (!ledger__may_stand_in(&merge->interval, entry->layer))
        return refuse(merge, "stands in a layer that is not its own", err);
    const jb_rc rc = store__find_overlap(merge->ledger->store, &merge->interval, &overlap_seq, err);
    index->interval = &merge->interval;
    *ret_is_memo = overlap_seq > 0;
    return rc;
}

static jb_rc look_at_opened(struct merge *merge, struct ledger__index *index, struct jb_error *err)
{
    int64_t seq = 0;
    jb_rc rc = store__find_run(merge->ledger->store, merge->stored->entry.run_id, &seq, err);

    if (rc < 0)
        return rc;
    if (seq > 0)
        return jb_fail(
            err, JB_E_CONFLICT,
            "each node's run needs an id of its own; ranks of one training share a group",
            "run %s is in both books as two different runs", merge->stored->entry.run_id);
    facts__clear_run(merge->run);
    memcpy(merge->run->id, merge->stored->entry.run_id, sizeof merge->run->id);
    rc = ledger__apply_to_run(merge->run, merge->stored, err);
    index->opened = merge->run;
    merge->n_runs++;
    return rc;
}

/* Reverses what is a memo here, or what was reversed here already: then it is a memo itself. */
static jb_rc look_at_reversal(struct merge *merge, struct ledger__index *index, bool *ret_is_memo,
                              struct jb_error *err)
{
    const char *text = ledger__field(merge->stored, LEDGER_FIELD_REVERSES);
    struct jb_hash leaf;
    int64_t reversal_seq = 0;
    jb_rc rc;

    if (!text || jb_unhex(text, leaf.bytes, JB_HASH_BYTES) < 0)
        return refuse(merge, "reverses nothing", err);
    rc = store__find_leaf(merge->ledger->store, &leaf, &index->about_seq, ret_is_memo, err);
    if (rc < 0)
        return rc;
    if (index->about_seq == 0)
        return refuse(merge, "reverses what is in neither book", err);
    rc = store__find_reversal(merge->ledger->store, merge->stored->entry.run_id, index->about_seq,
                              &reversal_seq, err);
    *ret_is_memo = *ret_is_memo || reversal_seq > 0;
    return rc;
}

/* What was erased there is erased here too. The leaves are those of entries that came before. */
static jb_rc erase_as_there(struct merge *merge, struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *own = NULL;
    const char *name = ledger__field(merge->stored, LEDGER_FIELD_ERASED);
    const char *at = ledger__field(merge->stored, LEDGER_FIELD_LEAVES);
    jb_rc rc = ledger__stored_new(&own, err);

    while (rc == JB_OK && name && at && strlen(at) >= LEDGER_LEAF_TEXT) {
        char text[LEDGER_LEAF_TEXT] = "";
        struct jb_hash leaf;
        int64_t seq = 0;
        bool is_memo;
        memcpy(text, at, LEDGER_LEAF_TEXT - 1);
        at += LEDGER_LEAF_TEXT; /* with the line feed */
        if (jb_unhex(text, leaf.bytes, JB_HASH_BYTES) < 0)
            return refuse(merge, "erases nothing", err);
        rc = store__find_leaf(merge->ledger->store, &leaf, &seq, &is_memo, err);
        if (rc == JB_OK && seq > 0)
            rc = ledger__load_seq(merge->ledger->store, seq, own, err);
        for (size_t i = 0; rc == JB_OK && seq > 0 && i < own->head.n_fields; i++) {
            if (strcmp(own->head.fields[i].name, name) != 0 ||
                ledger__is_protected(own->head.kind, name))
                continue;
            rc = store__erase(merge->ledger->store, seq, (int64_t)i, err);
            merge->ledger->flush_after = true;
        }
    }
    return rc;
}

static jb_rc look_at_series(struct merge *merge, struct ledger__index *index, struct jb_error *err)
{
    return ledger__series_of(merge->from, merge->stored, &index->series, &index->n_series_bytes,
                             err);
}

/* Fills the index by the entry's kind. */
static jb_rc look_at(struct merge *merge, struct ledger__index *index, bool *ret_is_memo,
                     struct jb_error *err)
{
    const struct jb_entry *entry = &merge->stored->entry;

    *ret_is_memo = false;
    if (ledger__check_lines(entry->lines, entry->n_lines, NULL) < 0)
        return refuse(merge, "does not sum to zero", err);
    if (strcmp(entry->kind, LEDGER_KIND_INTERVAL) == 0)
        return look_at_interval(merge, index, ret_is_memo, err);
    if (strcmp(entry->kind, LEDGER_KIND_OPENED) == 0)
        return look_at_opened(merge, index, err);
    if (strcmp(entry->kind, LEDGER_KIND_REVERSAL) == 0)
        return look_at_reversal(merge, index, ret_is_memo, err);
    if (strcmp(entry->kind, LEDGER_KIND_SERIES) == 0)
        return look_at_series(merge, index, err);
    if (strcmp(entry->kind, LEDGER_KIND_ERASE) == 0)
        return erase_as_there(merge, err);
    return JB_OK;
}

static jb_rc put(struct merge *merge, const struct ledger__index *index, bool is_memo,
                 struct jb_error *err)
{
    const struct ledger__stored *stored = merge->stored;
    const struct store__row row = {
        .seq = merge->ledger->tree.size + 1,
        .kind = stored->head.kind,
        .layer = stored->head.layer,
        .utc_us = stored->head.utc_us,
        .run_id = stored->head.run_id,
        .is_memo = is_memo,
        .about_seq = index->about_seq,
        .leaf = stored->leaf,
        .bytes = stored->bytes.bytes,
        .n_bytes = stored->bytes.len,
    };
    struct store__opening openings[JB_ENTRY_STORED_MAX];

    for (size_t i = 0; i < stored->head.n_fields; i++) {
        openings[i] = (struct store__opening){
            .position = (int64_t)i,
            .is_open = stored->openings[i].is_open,
            .value = stored->values.bytes + stored->openings[i].at,
            .len = stored->openings[i].len,
        };
        memcpy(openings[i].salt, stored->openings[i].salt, JB_SALT_BYTES);
    }
    if (merge->n_entries == 0)
        merge->first_seq = row.seq;
    merge->n_entries++;
    if (is_memo)
        jb_buf_addf(&merge->memos, "%" PRId64 "\n", row.seq);
    return ledger__put(merge->ledger, &row, openings, stored->head.n_fields, stored->entry.lines,
                       stored->entry.n_lines, index, err);
}

static jb_rc bring(struct merge *merge, const struct store__row *row, struct jb_error *err)
{
    struct ledger__index index = {.about_seq = 0};
    bool is_memo = false;
    int64_t seq = 0;
    jb_rc rc = store__find_leaf(merge->ledger->store, &row->leaf, &seq, &is_memo, err);

    if (rc < 0 || seq > 0)
        return rc;
    rc = ledger__load(merge->from, row, merge->stored, err);
    if (rc == JB_OK)
        rc = look_at(merge, &index, &is_memo, err);
    if (rc == JB_OK)
        rc = put(merge, &index, is_memo, err);
    store__series_done(merge->from);
    return rc;
}

static jb_rc bring_all(struct merge *merge, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__entries(merge->from, NULL, NULL, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        rc = bring(merge, &row, err);
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    return rc;
}

/* The other book's size and root say which state of it was brought in. */
static jb_rc enter_merged(struct merge *merge, struct jb_error *err)
{
    struct jb_merkle tree;
    char root_text[LEDGER_LEAF_TEXT];
    char texts[4][24];
    const struct jb_field fields[] = {
        {"size", texts[0]},
        {"root", root_text},
        {LEDGER_FIELD_FIRST, texts[1]},
        {LEDGER_FIELD_LAST, texts[2]},
        {"n_runs", texts[3]},
        {LEDGER_FIELD_MEMOS, jb_buf_text(&merge->memos)},
    };
    const struct jb_entry entry = {
        .kind = LEDGER_KIND_MERGED,
        .layer = JB_LAYER_MEASURED,
        .n_fields = JB_ARRAY_LEN(fields),
        .fields = fields,
    };
    const jb_rc rc = store__read_tree(merge->from, &tree, err);

    if (rc < 0)
        return rc;
    if (merge->memos.failed < 0)
        return jb_fail(err, JB_E_RANGE, "merge a copy of the book as it was earlier first",
                       "too many intervals of '%s' overlap what is here", merge->from_path);
    const struct jb_hash root = jb_merkle_root(&tree);
    (void)ledger__leaf_text(&root, root_text);
    (void)snprintf(texts[0], sizeof texts[0], "%" PRId64, tree.size);
    (void)snprintf(texts[1], sizeof texts[1], "%" PRId64, merge->first_seq);
    (void)snprintf(texts[2], sizeof texts[2], "%" PRId64, merge->ledger->tree.size);
    (void)snprintf(texts[3], sizeof texts[3], "%" PRId64, merge->n_runs);
    return ledger__enter(merge->ledger, &entry, NULL, NULL, err);
}

static jb_rc merge_all(struct merge *merge, struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc = ledger__stored_new(&stored, err);

    if (rc == JB_OK && !run)
        rc = jb_fail(err, JB_E_NOMEM, NULL, "cannot merge '%s'", merge->from_path);
    merge->stored = stored;
    merge->run = run;
    if (rc == JB_OK)
        rc = bring_all(merge, err);
    if (rc == JB_OK && merge->n_entries > 0)
        rc = enter_merged(merge, err);
    return rc;
}

jb_rc jb_ledger_merge(struct jb_ledger *ledger, struct jb_ledger *other, int64_t *ret_n_entries,
                      int64_t *ret_n_runs, struct jb_error *err)
{
    struct merge merge = {
        .ledger = ledger,
        .from = other->store,
        .from_path = other->path,
        .memos = JB_BUF(JB_FIELD_VALUE_MAX),
    };
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc == JB_OK && other->is_writing)
        rc = jb_fail(err, JB_E_USAGE, NULL, "the book '%s' is being written", other->path);
    if (rc == JB_OK)
        rc = store__begin_read(other->store, err);
    if (rc == JB_OK) {
        rc = merge_all(&merge, err);
        store__rollback(other->store);
    }
    jb_buf_release(&merge.memos);
    if (rc < 0) {
        ledger->is_broken = true;
        return rc;
    }
    *ret_n_entries = merge.n_entries;
    *ret_n_runs = merge.n_runs;
    return JB_OK;
}

jb_rc jb_ledger_backup(struct jb_ledger *ledger, const char *to_path, struct jb_error *err)
{
    return store__backup(ledger->store, to_path, err);
}
