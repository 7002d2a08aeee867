/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal written as a log and read as one (docs/format/log.md, R-BOOK-16). What is read is held until an entry is whole, so memory
 * does not grow with the log; a log has one form, and every leaf is made from the bytes that stand in it.
 */
#include "journal/journal_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/num.h"

#define MAGIC      "joulebook.log/1 "
#define HEADER_MAX (sizeof MAGIC + 20 + JB_JOURNAL_LOG_ORIGIN)
#define ERASED     UINT32_MAX
#define PIECE      65536

bool jb_journal_log_opens(const char *kind)
{
    return strcmp(kind, "key") == 0 || strcmp(kind, "key-revoked") == 0;
}

/* One line's worth of text that cannot be taken for its end. */
static bool is_origin(const char *text, size_t len)
{
    if (len == 0 || len >= JB_JOURNAL_LOG_ORIGIN)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

jb_rc jb_journal_log_put_header(int64_t size, const char *origin, struct jb_buf *out,
                                struct jb_error *err)
{
    if (size < 0 || !is_origin(origin, strlen(origin)))
        return jb_fail(err, JB_E_INPUT, NULL, "'%.100s' cannot be the origin of a log", origin);
    jb_buf_addf(out, MAGIC "%" PRId64 " %s\n", size, origin);
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "cannot hold the head of a log")
                           : JB_OK;
}

static jb_rc put_openings(const struct jb_entry_head *head,
                          const struct jb_journal_log_opening *openings, struct jb_buf *out,
                          struct jb_error *err)
{
    for (size_t i = 0; i < head->n_fields; i++) {
        if (!openings[i].value) {
            jb_buf_add_u32(out, ERASED);
            continue;
        }
        if (openings[i].len > JB_JOURNAL_LOG_VALUE_MAX)
            return jb_fail(err, JB_E_RANGE, NULL,
                           "field '%s' of an entry '%s' is too long for a log",
                           head->fields[i].name, head->kind);
        jb_buf_add_u32(out, (uint32_t)openings[i].len);
        jb_buf_add(out, openings[i].salt, JB_SALT_BYTES);
        jb_buf_add(out, openings[i].value, openings[i].len);
    }
    return JB_OK;
}

jb_rc jb_journal_log_put_entry(const void *bytes, size_t len, const struct jb_entry_head *head,
                               const struct jb_journal_log_opening *openings, struct jb_buf *out,
                               struct jb_error *err)
{
    jb_rc rc = JB_OK;

    if (len > JB_ENTRY_BYTES_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "an entry '%s' is too long for a log", head->kind);
    jb_buf_add_u16(out, (uint16_t)len);
    jb_buf_add(out, bytes, len);
    if (jb_journal_log_opens(head->kind))
        rc = put_openings(head, openings, out, err);
    return rc == JB_OK && out->failed < 0 ? jb_fail(err, out->failed, NULL, "cannot hold an entry")
                                          : rc;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

struct jb_journal_log {
    jb_journal_log_fn fn;
    void *arg;
    char origin[JB_JOURNAL_LOG_ORIGIN];
    int64_t size; /* -1: the header was not read yet */
    struct jb_merkle tree;
    struct jb_buf rest; /* what is not a whole entry yet */
    struct jb_entry_head head;
    struct jb_journal_log_opening openings[JB_ENTRY_STORED_MAX];
};

jb_rc jb_journal_log_new(jb_journal_log_fn fn, void *arg, struct jb_journal_log **ret_log,
                         struct jb_error *err)
{
    struct jb_journal_log *const log = calloc(1, sizeof *log);

    if (!log)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read a log");
    log->fn = fn;
    log->arg = arg;
    log->size = -1;
    log->rest = JB_BUF(JB_JOURNAL_LOG_RECORD_MAX + PIECE);
    *ret_log = log;
    return JB_OK;
}

void jb_journal_log_free(struct jb_journal_log *log)
{
    if (!log)
        return;
    jb_buf_release(&log->rest);
    free(log);
}

const char *jb_journal_log_origin(const struct jb_journal_log *log)
{
    return log->origin;
}

int64_t jb_journal_log_size(const struct jb_journal_log *log)
{
    return log->size;
}

static jb_rc no_log(struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, "`joulebook certify --log FILE` writes one",
                   "this is no log of a book");
}

static jb_rc refuse(const struct jb_journal_log *log, const char *why, struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, "get the log again from where it came",
                   "entry %" PRId64 " of the log %s", log->tree.size + 1, why);
}

/* The first line, if it is whole; *ret_used 0 if not. */
static jb_rc take_header(struct jb_journal_log *log, const char *at, size_t len, size_t *ret_used,
                         struct jb_error *err)
{
    static const char magic[] = MAGIC;
    const size_t n_magic = sizeof magic - 1;
    const char *const end = memchr(at, '\n', len < HEADER_MAX ? len : HEADER_MAX);
    char digits[24];

    if (memcmp(at, magic, len < n_magic ? len : n_magic) != 0 || (!end && len >= HEADER_MAX))
        return no_log(err);
    *ret_used = 0;
    if (!end)
        return JB_OK;
    const char *const number = at + n_magic;
    const char *const blank = number < end ? memchr(number, ' ', (size_t)(end - number)) : NULL;
    if (!blank || jb_parse_i64(number, (size_t)(blank - number), false, &log->size) < 0)
        return no_log(err);
    /* One number has one form. */
    (void)snprintf(digits, sizeof digits, "%" PRId64 " ", log->size);
    if (log->size < 0 || strncmp(number, digits, strlen(digits)) != 0 ||
        !is_origin(blank + 1, (size_t)(end - blank - 1)))
        return no_log(err);
    memcpy(log->origin, blank + 1, (size_t)(end - blank - 1));
    *ret_used = (size_t)(end - at) + 1;
    return JB_OK;
}

/* Fails the cursor where they are not whole. */
static jb_rc take_openings(struct jb_journal_log *log, struct jb_cursor *cursor,
                           struct jb_error *err)
{
    for (size_t i = 0; i < log->head.n_fields; i++) {
        struct jb_journal_log_opening *const opening = &log->openings[i];
        const struct jb_entry_commitment *const field = &log->head.fields[i];
        const uint32_t len = jb_cursor_u32(cursor);
        *opening = (struct jb_journal_log_opening){.value = NULL};
        if (cursor->failed)
            return JB_OK;
        if (len == ERASED)
            continue;
        if (len > JB_JOURNAL_LOG_VALUE_MAX)
            return refuse(log, "has a field that is too long", err);
        const uint8_t *const salt = jb_cursor_bytes(cursor, JB_SALT_BYTES);
        const uint8_t *const value = jb_cursor_bytes(cursor, len);
        if (!salt || !value)
            return JB_OK;
        memcpy(opening->salt, salt, JB_SALT_BYTES);
        opening->value = (const char *)value;
        opening->len = len;
        const struct jb_hash hash = jb_entry_commit(salt, field->name, value, len);
        if (!jb_hash_equal(&hash, &field->hash))
            return refuse(log, "has a field that does not fit its commitment", err);
    }
    return JB_OK;
}

/* The next entry, if it is whole; *ret_used 0 if not. */
static jb_rc take_entry(struct jb_journal_log *log, const char *at, size_t len, size_t *ret_used,
                        struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(at, len);
    const uint16_t n_bytes = jb_cursor_u16(&cursor);

    *ret_used = 0;
    if (!cursor.failed && n_bytes > JB_ENTRY_BYTES_MAX)
        return refuse(log, "is too long", err);
    const uint8_t *const bytes = jb_cursor_bytes(&cursor, n_bytes);
    if (!bytes)
        return JB_OK;
    if (jb_entry_decode(bytes, n_bytes, &log->head, NULL) < 0)
        return refuse(log, "is not in canonical form", err);
    const bool is_opened = jb_journal_log_opens(log->head.kind);
    jb_rc rc = is_opened ? take_openings(log, &cursor, err) : JB_OK;
    if (rc < 0 || cursor.failed)
        return rc;
    struct jb_journal_log_entry entry = {
        .index = log->tree.size,
        .leaf = jb_merkle_leaf(bytes, n_bytes),
        .head = &log->head,
        .openings = is_opened ? log->openings : NULL,
        .tree = &log->tree,
    };
    jb_merkle_append(&log->tree, &entry.leaf);
    rc = log->fn(log->arg, &entry, err);
    *ret_used = len - cursor.left;
    return rc;
}

/* Everything that is whole in what is held. */
static jb_rc take_all(struct jb_journal_log *log, struct jb_error *err)
{
    size_t done = 0, used = 1;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && used > 0 && done < log->rest.len) {
        const char *const at = log->rest.bytes + done;
        const size_t len = log->rest.len - done;
        if (log->size < 0)
            rc = take_header(log, at, len, &used, err);
        else if (log->tree.size < log->size)
            rc = take_entry(log, at, len, &used, err);
        else
            rc = jb_fail(err, JB_E_INPUT, "get the log again from where it came",
                         "the log goes on after its %" PRId64 " entries", log->size);
        done += rc == JB_OK ? used : 0;
    }
    if (rc < 0)
        return rc;
    log->rest.len -= done;
    memmove(log->rest.bytes, log->rest.bytes + done, log->rest.len);
    return JB_OK;
}

jb_rc jb_journal_log_feed(struct jb_journal_log *log, const void *bytes, size_t len,
                          struct jb_error *err)
{
    const char *at = bytes;

    while (len > 0) {
        const size_t n = len < PIECE ? len : PIECE;
        jb_buf_add(&log->rest, at, n);
        if (log->rest.failed < 0)
            return jb_fail(err, log->rest.failed, NULL, "no memory to read a log");
        const jb_rc rc = take_all(log, err);
        if (rc < 0)
            return rc;
        at += n;
        len -= n;
    }
    return JB_OK;
}

jb_rc jb_journal_log_end(struct jb_journal_log *log, struct jb_error *err)
{
    if (log->size < 0)
        return no_log(err);
    return log->tree.size < log->size ? refuse(log, "is missing: it was cut off", err) : JB_OK;
}
