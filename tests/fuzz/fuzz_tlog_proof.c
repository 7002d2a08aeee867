/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a proof of inclusion: refused, or written again to the same bytes. R-SIGN-08. */
#include <stdlib.h>
#include <string.h>

#include "sign/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_tlog_proof proof = {0};
    struct jb_error err = {0};

    if (jb_tlog_proof_parse((const char *)data, size, &proof, &err) < 0) {
        if (err.message[0] == '\0' || proof.extra)
            abort();
        return 0;
    }
    struct jb_buf out = JB_BUF(size + 1);
    jb_tlog_proof_text(&proof, &out);
    if (out.len != size || memcmp(out.bytes, data, size) != 0)
        abort();
    jb_buf_release(&out);
    jb_tlog_proof_release(&proof);
    return 0;
}
