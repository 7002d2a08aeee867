/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inclusion proof with its checkpoint to a c2sp.org/tlog-proof@v1 file and back. Never checks the proof (journal/merkle_proof.h) nor
 * the signature (sign/note.h), and never trusts `extra`, which nothing signs. R-SIGN-08.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "sign/note.h"
#include "sign/note_int.h"

#define HEADER    "c2sp.org/tlog-proof@v1"
#define PROOF_MAX ((size_t)4 << 20)

void jb_tlog_proof_release(struct jb_tlog_proof *proof)
{
    free(proof->extra);
    *proof = (struct jb_tlog_proof){0};
}

static bool begins(const char *line, size_t len, const char *word)
{
    return len > strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* NULL where it is not base64 of at least one byte. */
static char *decode_extra(const char *text, size_t len, size_t *ret_len)
{
    char *const bytes = malloc(len / 4 * 3 + 1);

    if (!bytes || jb_base64_decode(text, len, bytes, len / 4 * 3, ret_len) != JB_OK ||
        *ret_len == 0) {
        free(bytes);
        return NULL;
    }
    bytes[*ret_len] = '\0';
    return bytes;
}

static bool take(struct jb_cursor *cursor, struct jb_tlog_proof *proof)
{
    const size_t max = sizeof proof->hashes / sizeof proof->hashes[0];
    size_t len;
    const char *line = note__line(cursor, &len);

    if (len != strlen(HEADER) || memcmp(line, HEADER, len) != 0)
        return false;
    line = note__line(cursor, &len);
    if (begins(line, len, "extra ")) {
        proof->extra = decode_extra(line + 6, len - 6, &proof->extra_len);
        if (!proof->extra)
            return false;
        line = note__line(cursor, &len);
    }
    if (!begins(line, len, "index ") || !note__count(line + 6, len - 6, &proof->index))
        return false;
    for (line = note__line(cursor, &len); len > 0; line = note__line(cursor, &len)) {
        if (proof->n_hashes == max || !note__hash(line, len, &proof->hashes[proof->n_hashes]))
            return false;
        proof->n_hashes++;
    }
    return !cursor->failed && cursor->left > 0;
}

jb_rc jb_tlog_proof_parse(const char *bytes, size_t len, struct jb_tlog_proof *ret,
                          struct jb_error *err)
{
    struct jb_cursor cursor = jb_cursor_over(bytes, len);
    struct jb_tlog_proof proof = {0};

    if (len > PROOF_MAX || !take(&cursor, &proof)) {
        jb_tlog_proof_release(&proof);
        return jb_fail(err, JB_E_INPUT, "ask for the file again: it was changed or cut on its way",
                       "this is not a " HEADER);
    }
    proof.checkpoint = (const char *)cursor.at;
    proof.checkpoint_len = cursor.left;
    *ret = proof;
    return JB_OK;
}

void jb_tlog_proof_text(const struct jb_tlog_proof *proof, struct jb_buf *out)
{
    jb_buf_add_text(out, HEADER "\n");
    if (proof->extra) {
        jb_buf_add_text(out, "extra ");
        jb_base64_add(out, proof->extra, proof->extra_len);
        jb_buf_add_u8(out, '\n');
    }
    jb_buf_addf(out, "index %lld\n", (long long)proof->index);
    for (size_t i = 0; i < proof->n_hashes; i++) {
        jb_base64_add(out, proof->hashes[i].bytes, sizeof proof->hashes[i].bytes);
        jb_buf_add_u8(out, '\n');
    }
    jb_buf_add_u8(out, '\n');
    jb_buf_add(out, proof->checkpoint, proof->checkpoint_len);
}
