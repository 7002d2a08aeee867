/* SPDX-License-Identifier: Apache-2.0 */
/* Statements to files and back. Must never take a signed file whose signature does not hold as an unsigned one. R-STATEMENT-14. */
#include "cli/statement_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/num.h"
#include "sign/key_file.h"
#include "statement/document.h"

#define KEYS_BYTES_MAX ((size_t)1024 * 1024)

static void close_auto(const int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

static jb_rc read_bytes(const char *path, struct jb_buf *bytes, struct jb_error *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    JB_AUTO(close_auto)
    const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char chunk[65536];

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%.200s'", path);
    for (;;) {
        const ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%.200s'", path);
        if (got == 0)
            break;
        jb_buf_add(bytes, chunk, (size_t)got);
    }
    if (bytes->failed < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "'%.200s' is larger than any statement", path);
    return JB_OK;
}

jb_rc jb_statement_file_make(const struct jb_statement *statement, const struct jb_secret_key *key,
                             struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_dsse_release) struct jb_dsse envelope = {.payload_type = JB_STATEMENT_PAYLOAD_TYPE};
    JB_AUTO(jb_buf_release) struct jb_buf document = JB_BUF(JB_STATEMENT_BYTES_MAX);
    jb_rc rc = jb_statement_encode(statement, &document, err);

    if (rc < 0)
        return rc;
    if (!key) {
        jb_buf_add(out, document.bytes, document.len);
        jb_buf_add_u8(out, '\n');
    } else {
        envelope.payload = document.bytes;
        envelope.payload_len = document.len;
        document = JB_BUF(JB_STATEMENT_BYTES_MAX);
        rc = jb_dsse_sign(&envelope, key, err);
        if (rc == JB_OK)
            rc = jb_dsse_encode(&envelope, out, err);
    }
    if (rc == JB_OK && out->failed < 0)
        rc = jb_fail(err, out->failed, NULL, "no memory for a statement");
    return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* The document out of its envelope, every signature of which was checked. */
static jb_rc open_envelope(const struct jb_buf *bytes, struct jb_statement *ret,
                           struct jb_statement_signers *signers, struct jb_error *err)
{
    JB_AUTO(jb_dsse_release) struct jb_dsse envelope = {.n_signatures = 0};
    jb_rc rc = jb_dsse_decode(bytes->bytes, bytes->len, &envelope, err);

    if (rc == JB_OK && strcmp(envelope.payload_type, JB_STATEMENT_PAYLOAD_TYPE) != 0)
        rc = jb_fail(err, JB_E_INPUT, "`joulebook verify` checks certificates",
                     "what is signed is a '%.100s' and no statement", envelope.payload_type);
    if (rc == JB_OK)
        rc = jb_statement_decode(envelope.payload, envelope.payload_len, ret, err);
    if (rc < 0)
        return rc;
    signers->n = envelope.n_signatures;
    for (size_t i = 0; i < envelope.n_signatures; i++)
        signers->keys[i] = envelope.signatures[i].key;
    return JB_OK;
}

static jb_rc read_statement(const char *path, struct jb_statement *ret,
                            struct jb_statement_signers *signers, struct jb_error *err)
{
    static const char envelope[] = "{\"payload\":";
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(2 * JB_STATEMENT_BYTES_MAX);
    struct jb_error why = {.code = JB_OK};
    jb_rc rc = read_bytes(path, &bytes, err);

    if (rc < 0)
        return rc;
    if (bytes.len < 2 || bytes.bytes[bytes.len - 1] != '\n')
        return jb_fail(err, JB_E_INPUT, "a statement is one line with its end",
                       "'%.200s' is cut short, or no statement", path);
    if (strncmp(bytes.bytes, envelope, sizeof envelope - 1) == 0)
        rc = open_envelope(&bytes, ret, signers, &why);
    else
        rc = jb_statement_decode(bytes.bytes, bytes.len - 1, ret, &why);
    /* What is damaged is this file and not the book. */
    if (rc == JB_E_DAMAGED)
        rc = JB_E_INPUT;
    return rc < 0 ? jb_fail(err, rc, why.hint, "'%.120s': %s", path, why.message) : JB_OK;
}

/* --- who signed ---------------------------------------------------------------------------------------------------- */

/* R-STATEMENT-14 */
static jb_rc check_key(const struct jb_listed_key *listed, const struct jb_statement *statement,
                       struct jb_error *err)
{
    char when[40];

    if (listed->revoked_utc_us != 0 && listed->revoked_utc_us <= statement->issued_utc_us)
        return jb_fail(err, JB_E_INPUT, "ask its provider for one that is signed anew",
                       "the statement is signed by '%.100s', which is revoked since %s: %.60s",
                       listed->key.name,
                       jb_format_utc(listed->revoked_utc_us, false, when, sizeof when),
                       listed->reason);
    if (listed->valid_from_utc_us > statement->issued_utc_us)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "the statement says it was issued before its key '%.100s' was valid, %s",
                       listed->key.name,
                       jb_format_utc(listed->valid_from_utc_us, false, when, sizeof when));
    return JB_OK;
}

static jb_rc check_signer(const char *path, const struct jb_statement *statement,
                          struct jb_statement_signers *signers, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(KEYS_BYTES_MAX);
    JB_AUTO(jb_free_auto) struct jb_listed_key *keys = NULL;
    struct jb_error why = {.code = JB_OK};
    size_t n = 0;
    jb_rc rc = read_bytes(path, &text, err);

    if (rc < 0)
        return rc;
    rc = jb_key_list_parse(jb_buf_text(&text), text.len, &keys, &n, &why);
    if (rc < 0)
        return jb_fail(err, rc, why.hint, "'%.120s': %s", path, why.message);
    if (signers->n == 0)
        return jb_fail(err, JB_E_INPUT, "ask its provider for a signed one",
                       "the statement is not signed, and --key asks who signed it");
    for (size_t i = 0; i < n; i++)
        if (jb_public_key_equal(&keys[i].key, &signers->keys[0])) {
            signers->is_known = true;
            return check_key(&keys[i], statement, err);
        }
    return jb_fail(err, JB_E_INPUT, "compare fingerprints before a key is trusted",
                   "the statement is signed by '%.100s', a key that '%.100s' does not name",
                   signers->keys[0].name, path);
}

jb_rc jb_statement_file_read(const char *path, const char *keys, struct jb_statement *ret,
                             struct jb_statement_signers *ret_signers, struct jb_error *err)
{
    struct jb_statement_signers signers = {.n = 0};
    jb_rc rc = read_statement(path, ret, &signers, err);

    if (rc < 0)
        return rc;
    if (keys)
        rc = check_signer(keys, ret, &signers, err);
    if (rc < 0) {
        jb_statement_release(ret);
        return rc;
    }
    *ret_signers = signers;
    return JB_OK;
}

const char *jb_statement_signer_text(const struct jb_statement_signers *signers, char *buf,
                                     size_t size)
{
    char name[JB_KEY_NAME];
    char print[JB_FINGERPRINT];

    if (signers->n == 0)
        return NULL;
    jb_clean_copy(signers->keys[0].name, name, sizeof name);
    (void)snprintf(buf, size, "signed by '%s', fingerprint %s, %s", name,
                   jb_fingerprint(&signers->keys[0], print, sizeof print),
                   signers->is_known ? "a key that was known" : "a key that was not looked up");
    return buf;
}
