/* SPDX-License-Identifier: Apache-2.0 */
/* The opening of one withheld field: canonical JSON to salt and value, and back. Says nothing of whether it fits. R-CERT-12. */
#include <string.h>

#include "certificate/json_int.h"
#include "certificate/verify.h"

#define KEY_LEAF  "{\"leaf\":\""
#define KEY_NAME  "\",\"name\":"
#define KEY_SALT  ",\"salt\":\""
#define KEY_VALUE "\",\"schema\":\"joulebook.opening/1\",\"value\":"

#define BYTES_MAX ((size_t)JB_FIELD_VALUE_MAX * 2)

void jb_opening_release(struct jb_opening *opening)
{
    free(opening->texts);
    opening->texts = NULL;
}

jb_rc jb_opening_encode(const struct jb_opening *opening, struct jb_buf *out, struct jb_error *err)
{
    char hex[2 * JB_HASH_BYTES + 1];

    jb_buf_addf(out, KEY_LEAF "%s" KEY_NAME,
                jb_hex(opening->leaf.bytes, JB_HASH_BYTES, hex, sizeof hex));
    certificate__put_string(out, opening->name, strlen(opening->name));
    jb_buf_addf(out, KEY_SALT "%s" KEY_VALUE,
                jb_hex(opening->salt, JB_SALT_BYTES, hex, sizeof hex));
    certificate__put_string(out, opening->value, opening->len);
    jb_buf_add_text(out, "}\n");
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "no memory for the opening") : JB_OK;
}

static bool scan_opening(struct certificate__scan *scan, struct jb_opening *opening)
{
    size_t len = 0;

    certificate__expect(scan, "{\"leaf\":");
    certificate__take_hex(scan, opening->leaf.bytes, JB_HASH_BYTES);
    certificate__expect(scan, ",\"name\":");
    const char *const name = certificate__take_string(scan, &len);
    if (len == 0 || len >= sizeof opening->name)
        return false;
    memcpy(opening->name, name, len + 1);
    certificate__expect(scan, ",\"salt\":");
    certificate__take_hex(scan, opening->salt, JB_SALT_BYTES);
    certificate__expect(scan, ",\"schema\":\"joulebook.opening/1\",\"value\":");
    opening->value = certificate__take_string(scan, &opening->len);
    certificate__expect(scan, "}\n");
    return !scan->has_failed && scan->at == scan->end;
}

jb_rc jb_opening_decode(const char *bytes, size_t len, struct jb_opening *ret, struct jb_error *err)
{
    struct jb_opening opening = {.texts = NULL};

    if (len > BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "%zu bytes are more than an opening has", len);
    opening.texts = malloc(len + 1);
    if (!opening.texts)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the opening");
    struct certificate__scan scan = {.at = bytes, .end = bytes + len, .room = opening.texts};
    if (!scan_opening(&scan, &opening)) {
        jb_opening_release(&opening);
        return jb_fail(err, JB_E_INPUT, "`joulebook certify --open` writes one",
                       "this is not the opening of a field in its one form");
    }
    *ret = opening;
    return JB_OK;
}
