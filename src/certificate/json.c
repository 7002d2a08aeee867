/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical JSON, literally: what is written has one form, and nothing else scans. Must never read past its end, and takes no
 * escape, blank or order but those that the writer makes. R-CERT-01.
 */
#include "certificate/json_int.h"

#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/clean.h"
#include "base/num.h"

#define COUNT_MAX ((INT64_C(1) << 53) - 1) /* what every reader of JSON holds exactly */

void certificate__put_string(struct jb_buf *out, const char *text, size_t len)
{
    size_t from = 0;

    jb_buf_add_u8(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '"' && text[i] != '\\' && text[i] != '\n')
            continue;
        const char escape[2] = {'\\', text[i] == '\n' ? 'n' : text[i]};
        jb_buf_add(out, text + from, i - from);
        jb_buf_add(out, escape, sizeof escape);
        from = i + 1;
    }
    jb_buf_add(out, text + from, len - from);
    jb_buf_add_u8(out, '"');
}

void certificate__put_hash64(struct jb_buf *out, const struct jb_hash *hash)
{
    jb_buf_add_u8(out, '"');
    jb_base64_add(out, hash->bytes, sizeof hash->bytes);
    jb_buf_add_u8(out, '"');
}

void certificate__put_proof(struct jb_buf *out, const struct jb_merkle_proof *proof)
{
    jb_buf_add_u8(out, '[');
    for (size_t i = 0; i < proof->n; i++) {
        if (i > 0)
            jb_buf_add_u8(out, ',');
        certificate__put_hash64(out, &proof->hashes[i]);
    }
    jb_buf_add_u8(out, ']');
}

bool certificate__skip(struct certificate__scan *scan, const char *text)
{
    const size_t len = strlen(text);

    if (scan->has_failed || (size_t)(scan->end - scan->at) < len ||
        memcmp(scan->at, text, len) != 0)
        return false;
    scan->at += len;
    return true;
}

void certificate__expect(struct certificate__scan *scan, const char *text)
{
    if (!certificate__skip(scan, text))
        scan->has_failed = true;
}

/* ASCII that stands for itself. */
static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* One character that is not plain, from the scan to *to. */
static bool take_other(struct certificate__scan *scan, char **to)
{
    const size_t left = (size_t)(scan->end - scan->at);

    if (*scan->at == '\\') {
        if (left < 2 || (scan->at[1] != '"' && scan->at[1] != '\\' && scan->at[1] != 'n'))
            return false;
        *(*to)++ = scan->at[1] == 'n' ? '\n' : scan->at[1];
        scan->at += 2;
        return true;
    }
    const size_t n = jb_clean_character(scan->at, left);
    if (n < 2)
        return false;
    memcpy(*to, scan->at, n);
    *to += n;
    scan->at += n;
    return true;
}

const char *certificate__take_string(struct certificate__scan *scan, size_t *ret_len)
{
    char *const text = scan->room;
    char *to = text;

    *ret_len = 0;
    certificate__expect(scan, "\"");
    while (!scan->has_failed) {
        const char *run = scan->at;
        while (run < scan->end && is_plain(*run))
            run++;
        memcpy(to, scan->at, (size_t)(run - scan->at));
        to += run - scan->at;
        scan->at = run;
        if (run == scan->end)
            scan->has_failed = true;
        else if (*run == '"')
            break;
        else if (!take_other(scan, &to))
            scan->has_failed = true;
    }
    if (scan->has_failed)
        return "";
    scan->at++;
    *to = '\0'; /* the quotes left room for it */
    *ret_len = (size_t)(to - text);
    scan->room = to + 1;
    return text;
}

int64_t certificate__take_count(struct certificate__scan *scan)
{
    const char *digits = scan->at;
    int64_t count = 0;

    while (digits < scan->end && *digits >= '0' && *digits <= '9')
        digits++;
    const size_t len = (size_t)(digits - scan->at);
    if (scan->has_failed || len == 0 || (len > 1 && *scan->at == '0') ||
        jb_parse_i64(scan->at, len, false, &count) < 0 || count > COUNT_MAX) {
        scan->has_failed = true;
        return 0;
    }
    scan->at = digits;
    return count;
}

void certificate__take_hash64(struct certificate__scan *scan, struct jb_hash *ret)
{
    size_t len = 0;
    size_t n = 0;
    const char *const text = certificate__take_string(scan, &len);

    if (!scan->has_failed && (jb_base64_decode(text, len, ret->bytes, sizeof ret->bytes, &n) < 0 ||
                              n != sizeof ret->bytes))
        scan->has_failed = true;
}

void certificate__take_hex(struct certificate__scan *scan, void *ret_bytes, size_t len)
{
    size_t text_len = 0;
    const char *const text = certificate__take_string(scan, &text_len);

    if (scan->has_failed || text_len != 2 * len || jb_unhex(text, ret_bytes, len) < 0) {
        scan->has_failed = true;
        return;
    }
    for (size_t i = 0; i < text_len; i++)
        if (text[i] >= 'A' && text[i] <= 'F')
            scan->has_failed = true; /* lower case is the one form */
}

void certificate__take_proof(struct certificate__scan *scan, struct jb_merkle_proof *ret)
{
    ret->n = 0;
    certificate__expect(scan, "[");
    if (certificate__skip(scan, "]"))
        return;
    do {
        if (ret->n == JB_MERKLE_PROOF_MAX) {
            scan->has_failed = true;
            return;
        }
        certificate__take_hash64(scan, &ret->hashes[ret->n++]);
    } while (certificate__skip(scan, ","));
    certificate__expect(scan, "]");
}
