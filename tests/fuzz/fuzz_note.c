/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a signed note and its text as a checkpoint: refused, or written again to the same bytes. R-SIGN-06, R-SIGN-07. */
#include <stdlib.h>
#include <string.h>

#include "sign/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void checkpoint(const char *text, size_t len)
{
    struct jb_checkpoint checkpoint;
    struct jb_buf out = JB_BUF(len + 1);

    if (jb_checkpoint_parse(text, len, &checkpoint, NULL) < 0)
        return;
    jb_checkpoint_text(&checkpoint, &out);
    if (out.len != len || memcmp(out.bytes, text, len) != 0)
        abort();
    jb_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const bytes = (const char *)data;
    struct jb_public_key key = {.bytes = {1, 2, 3}};
    struct jb_note note;
    struct jb_error err = {0};

    checkpoint(bytes, size);
    if (jb_note_parse(bytes, size, &note, &err) < 0) {
        if (err.message[0] == '\0')
            abort();
        return 0;
    }
    if (note.len == 0 || note.len >= size || note.text[note.len - 1] != '\n' ||
        note.n_signatures == 0)
        abort();
    checkpoint(note.text, note.len);
    memcpy(key.name, note.signatures[0].name, sizeof key.name);
    if (jb_note_is_signed_by(&note, &key))
        abort(); /* nobody has the secret of these bytes */
    return 0;
}
