/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a tree to the text of a C2SP checkpoint and back. Never takes extension lines: nobody who follows a log can check
 * them. The signature is the note's (sign/note.c). R-SIGN-07.
 */
#include <string.h>

#include "base/base64.h"
#include "base/clean.h"
#include "base/num.h"
#include "sign/note.h"
#include "sign/note_int.h"

void jb_checkpoint_text(const struct jb_checkpoint *checkpoint, struct jb_buf *out)
{
    jb_buf_addf(out, "%s\n%lld\n", checkpoint->origin, (long long)checkpoint->size);
    jb_base64_add(out, checkpoint->root.bytes, sizeof checkpoint->root.bytes);
    jb_buf_add_u8(out, '\n');
}

const char *note__line(struct jb_cursor *cursor, size_t *ret_len)
{
    const uint8_t *const end = cursor->failed ? NULL : memchr(cursor->at, '\n', cursor->left);

    *ret_len = 0;
    if (!end) {
        cursor->failed = true;
        return "";
    }
    *ret_len = (size_t)(end - cursor->at);
    const char *const text = (const char *)jb_cursor_bytes(cursor, *ret_len);
    (void)jb_cursor_u8(cursor);
    return text;
}

bool note__count(const char *text, size_t len, int64_t *ret)
{
    return len > 0 && text[0] != '-' && (text[0] != '0' || len == 1) &&
           jb_parse_i64(text, len, false, ret) == JB_OK;
}

bool note__hash(const char *text, size_t len, struct jb_hash *ret)
{
    size_t n;

    return jb_base64_decode(text, len, ret->bytes, sizeof ret->bytes, &n) == JB_OK &&
           n == sizeof ret->bytes;
}

jb_rc jb_checkpoint_parse(const char *text, size_t len, struct jb_checkpoint *ret,
                          struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(text, len);
    struct jb_checkpoint checkpoint = {0};
    size_t origin_len;
    size_t size_len;
    size_t root_len;

    const char *const origin = note__line(&cursor, &origin_len);
    const char *const size = note__line(&cursor, &size_len);
    const char *const root = note__line(&cursor, &root_len);
    bool is_one = !cursor.failed && cursor.left == 0 && origin_len > 0 &&
                  origin_len < sizeof checkpoint.origin && !memchr(origin, '\0', origin_len) &&
                  note__count(size, size_len, &checkpoint.size) &&
                  note__hash(root, root_len, &checkpoint.root);
    if (is_one) {
        memcpy(checkpoint.origin, origin, origin_len);
        is_one = jb_clean_is(checkpoint.origin);
    }
    if (!is_one)
        return jb_fail(err, JB_E_INPUT, "three lines: origin, size of the tree, its root in base64",
                       "this is not a checkpoint");
    *ret = checkpoint;
    return JB_OK;
}
