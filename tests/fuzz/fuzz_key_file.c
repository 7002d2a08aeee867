/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file with a secret key: refused, or a key that signs. R-KEY-01. */
#include <stdlib.h>
#include <string.h>

#include "sign/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A passphrase would take a second of every try. */
static jb_rc nobody(void *arg, const char *prompt, char *ret, size_t size, struct jb_error *err)
{
    (void)arg;
    (void)prompt;
    (void)ret;
    (void)size;
    (void)err;
    return JB_E_UNAVAILABLE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_secret_key key;
    struct jb_error err = {0};
    uint8_t signature[JB_SIGNATURE_SIZE];
    const jb_rc rc = jb_key_file_parse((const char *)data, size, nobody, NULL, &key, &err);

    if (rc == JB_OK) {
        jb_sign(&key, data, size, signature);
        if (!jb_signature_holds(&key.public, data, size, signature))
            abort();
    } else if (rc != JB_E_UNAVAILABLE && err.message[0] == '\0') {
        abort();
    }
    return 0;
}
