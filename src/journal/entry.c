/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries to canonical bytes and back; lines to text and back. One value has one form: what decodes is encoded
 * again to the same bytes. Must never read past what it is given.
 */
#include "journal/entry.h"

#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/cursor.h"
#include "base/num.h"

struct jb_hash jb_entry_commit(const uint8_t salt[JB_SALT_BYTES], const char *name,
                               const void *value, size_t len)
{
    const uint8_t prefix = 0x02;
    const size_t name_len = strlen(name);
    const uint8_t name_len_byte = (uint8_t)name_len;
    const struct jb_hash_part parts[] = {
        {&prefix, 1}, {salt, JB_SALT_BYTES}, {&name_len_byte, 1}, {name, name_len}, {value, len}};

    return jb_hash_parts(parts, JB_ARRAY_LEN(parts));
}

/* Names of kinds, fields and runs: printable ASCII without blanks, so that they mean the same everywhere. */
static bool is_word(const char *text, size_t len, size_t min, size_t size)
{
    if (len < min || len >= size)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return true;
}

static void add_word(struct jb_buf *bytes, const char *text)
{
    const size_t len = strlen(text);

    jb_buf_add_u8(bytes, (uint8_t)len);
    jb_buf_add(bytes, text, len);
}

static jb_rc check_head(const struct jb_entry_head *head, struct jb_error *err)
{
    if (!is_word(head->kind, strnlen(head->kind, sizeof head->kind), 1, sizeof head->kind))
        return jb_fail(err, JB_E_INPUT, NULL, "entry kind '%.24s' is not a word", head->kind);
    if (!is_word(head->run_id, strnlen(head->run_id, sizeof head->run_id), 0, sizeof head->run_id))
        return jb_fail(err, JB_E_INPUT, "use letters, digits and dashes, at most 36",
                       "run id '%.36s' is not a word", head->run_id);
    if ((unsigned)head->layer > JB_LAYER_PREDICTED)
        return jb_fail(err, JB_E_INPUT, NULL, "an entry '%s' has no known layer", head->kind);
    if (head->n_fields > JB_ENTRY_STORED_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "an entry '%s' has more than %d fields", head->kind,
                       JB_ENTRY_FIELDS_MAX);
    for (size_t i = 0; i < head->n_fields; i++) {
        const char *name = head->fields[i].name;
        if (!is_word(name, strnlen(name, JB_FIELD_NAME), 1, JB_FIELD_NAME))
            return jb_fail(err, JB_E_INPUT, NULL, "a field name in an entry '%s' is not a word",
                           head->kind);
    }
    return JB_OK;
}

jb_rc jb_entry_encode(const struct jb_entry_head *head, struct jb_buf *bytes, struct jb_error *err)
{
    const jb_rc rc = check_head(head, err);

    if (rc < 0)
        return rc;
    jb_buf_add(bytes, JB_ENTRY_MAGIC, 4);
    jb_buf_add_u8(bytes, JB_ENTRY_VERSION);
    jb_buf_add_u8(bytes, (uint8_t)head->layer);
    jb_buf_add_u64(bytes, (uint64_t)head->utc_us);
    add_word(bytes, head->kind);
    add_word(bytes, head->run_id);
    jb_buf_add_u8(bytes, (uint8_t)head->n_fields);
    for (size_t i = 0; i < head->n_fields; i++) {
        add_word(bytes, head->fields[i].name);
        jb_buf_add(bytes, head->fields[i].hash.bytes, JB_HASH_BYTES);
    }
    if (bytes->failed < 0)
        return jb_fail(err, bytes->failed, NULL, "cannot hold an entry '%s'", head->kind);
    return JB_OK;
}

/* False where it is no word; ret_text of `size` then holds anything. */
static bool take_word(struct jb_cursor *cursor, size_t min, char *ret_text, size_t size)
{
    const size_t len = jb_cursor_u8(cursor);
    const uint8_t *at = jb_cursor_bytes(cursor, len);

    if (!at || len >= size)
        return false;
    memcpy(ret_text, at, len);
    ret_text[len] = '\0';
    return is_word(ret_text, len, min, size);
}

static bool decode_head(struct jb_cursor *cursor, struct jb_entry_head *head)
{
    const uint8_t *magic = jb_cursor_bytes(cursor, 4);

    if (!magic || memcmp(magic, JB_ENTRY_MAGIC, 4) != 0 || jb_cursor_u8(cursor) != JB_ENTRY_VERSION)
        return false;
    const uint8_t layer = jb_cursor_u8(cursor);
    if (layer > JB_LAYER_PREDICTED)
        return false;
    head->layer = (enum jb_layer)layer;
    head->utc_us = (int64_t)jb_cursor_u64(cursor);
    if (!take_word(cursor, 1, head->kind, sizeof head->kind) ||
        !take_word(cursor, 0, head->run_id, sizeof head->run_id))
        return false;
    head->n_fields = jb_cursor_u8(cursor);
    if (cursor->failed || head->n_fields > JB_ENTRY_STORED_MAX)
        return false;
    for (size_t i = 0; i < head->n_fields; i++) {
        if (!take_word(cursor, 1, head->fields[i].name, sizeof head->fields[i].name))
            return false;
        const uint8_t *hash = jb_cursor_bytes(cursor, JB_HASH_BYTES);
        if (!hash)
            return false;
        memcpy(head->fields[i].hash.bytes, hash, JB_HASH_BYTES);
    }
    return !cursor->failed && cursor->left == 0;
}

jb_rc jb_entry_decode(const void *bytes, size_t len, struct jb_entry_head *ret_head,
                      struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);
    JB_AUTO(jb_free_auto) struct jb_entry_head *head = malloc(sizeof *head);

    if (!head)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot read an entry");
    if (!decode_head(&cursor, head))
        return jb_fail(err, JB_E_DAMAGED, NULL, "%zu bytes are no canonical entry", len);
    *ret_head = *head;
    return JB_OK;
}

/* "KIND:REST": a lower-case kind, and nothing that could be taken for the end of the line. */
static bool is_account(const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);

    if (!colon || colon == text || len >= JB_ACCOUNT_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
        if (text + i < colon && (text[i] < 'a' || text[i] > 'z'))
            return false;
    }
    return true;
}

jb_rc jb_entry_lines_to_text(const struct jb_line *lines, size_t n_lines, struct jb_buf *text,
                             struct jb_error *err)
{
    for (size_t i = 0; i < n_lines; i++) {
        const struct jb_line *line = &lines[i];
        if (!is_account(line->account, strnlen(line->account, sizeof line->account)))
            return jb_fail(err, JB_E_INPUT, "write it as meter:HOST/CHANNEL, run:ID, idle:HOST ...",
                           "'%.191s' is not the name of an account", line->account);
        jb_buf_addf(text, "%" PRId64 " ", line->amount_uj);
        if (line->has_share)
            jb_buf_addf(text, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " ", line->low_uj,
                        line->high_uj, line->reserved_uj, line->all_uj);
        jb_buf_add_text(text, line->account);
        jb_buf_add_u8(text, '\n');
    }
    if (text->failed < 0)
        return jb_fail(err, text->failed, NULL, "cannot hold %zu lines of an entry", n_lines);
    return JB_OK;
}

/* A number as "%lld" writes it, and the blank behind it. */
static bool take_number(const char **at, const char *end, int64_t *ret)
{
    const char *blank = memchr(*at, ' ', (size_t)(end - *at));

    if (!blank || jb_parse_i64(*at, (size_t)(blank - *at), false, ret) < 0)
        return false;
    const char *digits = **at == '-' ? *at + 1 : *at;
    if (digits[0] == '0' && (blank - digits > 1 || digits != *at))
        return false; /* "007" and "-0" have a shorter form */
    *at = blank + 1;
    return true;
}

static bool take_line(const char *at, const char *end, struct jb_line *line)
{
    int64_t numbers[5];
    size_t n_numbers = 0;

    memset(line, 0, sizeof *line);
    while (at < end && n_numbers < JB_ARRAY_LEN(numbers) && !(*at >= 'a' && *at <= 'z')) {
        if (!take_number(&at, end, &numbers[n_numbers++]))
            return false;
    }
    const size_t len = (size_t)(end - at);
    if ((n_numbers != 1 && n_numbers != 5) || len == 0 || !is_account(at, len))
        return false;
    line->amount_uj = numbers[0];
    if (n_numbers == 5) {
        line->has_share = true;
        line->low_uj = numbers[1];
        line->high_uj = numbers[2];
        line->reserved_uj = numbers[3];
        line->all_uj = numbers[4];
    }
    memcpy(line->account, at, len);
    return true;
}

jb_rc jb_entry_lines_from_text(const char *text, size_t len, struct jb_line *lines,
                               size_t *ret_n_lines, struct jb_error *err)
{
    const char *at = text;
    const char *const end = text + len;
    size_t n_lines = 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline || n_lines == JB_ENTRY_LINES_MAX || !take_line(at, newline, &lines[n_lines]))
            return jb_fail(err, JB_E_DAMAGED, NULL, "line %zu of an entry cannot be read",
                           n_lines + 1);
        n_lines++;
        at = newline + 1;
    }
    *ret_n_lines = n_lines;
    return JB_OK;
}
