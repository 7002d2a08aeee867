/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an envelope: refused, or written again to the same bytes. R-SIGN-04. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "sign/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_dsse envelope = {0};
    struct jb_error err = {0};

    if (jb_dsse_decode((const char *)data, size, &envelope, &err) < 0) {
        if (err.message[0] == '\0' || envelope.payload)
            abort();
    } else {
        struct jb_buf out = JB_BUF(2 * size + 4096);
        if (jb_dsse_encode(&envelope, &out, &err) < 0 || out.len != size ||
            memcmp(out.bytes, data, size) != 0)
            abort();
        jb_buf_release(&out);
        jb_dsse_release(&envelope);
    }

    /* Base64 by itself: what is read has one spelling. */
    uint8_t bytes[3 * 1024];
    size_t n = 0;
    if (jb_base64_decode((const char *)data, size, bytes, sizeof bytes, &n) == JB_OK) {
        struct jb_buf out = JB_BUF(size + 1);
        jb_base64_add(&out, bytes, n);
        if (out.len != size || (size > 0 && memcmp(out.bytes, data, size) != 0))
            abort();
        jb_buf_release(&out);
    }
    return 0;
}
