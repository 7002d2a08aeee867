/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook verify`: certificates, and proofs that an entry is in a log, against what the command line gives and nothing else: no book,
 * no network, no configuration. Must never print a text of a file that could move the terminal. R-CERT-08.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "certificate/certificate_page.h"
#include "certificate/tlog.h"
#include "certificate/verify.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "journal/merkle.h"

#define KEYS_MAX    ((size_t)1024 * 1024)
#define NOTE_MAX    ((size_t)64 * 1024)
#define OPENING_MAX ((size_t)JB_FIELD_VALUE_MAX * 2)
#define PAGE_MAX    ((size_t)16 * 1024 * 1024)
#define GIVEN_MAX   32 /* of what may be given several times */
#define PROOF_HEAD  "c2sp.org/tlog-proof@v1\n"

static const struct jb_option options[] = {
    {0, "key", "FILE", "public keys to trust, one a line (docs/format/key.md)", true},
    {0, "checkpoint", "FILE", "the log as you know it: a signed checkpoint", false},
    {0, "previous", "CERT", "an earlier certificate of the same book", false},
    {0, "log", "FILE", "the whole log, as its owner exported it", false},
    {0, "opening", "FILE", "a field that was withheld and is opened to you", true},
    {0, "model-file", "FILE", "a file of the model that the certificate is about", true},
    {0, "html", "FILE", "write an accepted certificate as a page for people", false},
    {0, "pdf", "FILE", "the same as one page of PDF", false},
    {0, NULL, NULL, NULL, false},
};

/* All that was given; large, so not on the stack. */
struct given {
    struct jb_trust trust;
    struct jb_buf checkpoint;
    struct jb_certificate *previous;
    struct jb_tlog_seen *log;
    struct jb_listed_key *keys;
    struct jb_opening openings[GIVEN_MAX];
    struct jb_trust_file files[GIVEN_MAX];
    struct jb_findings findings;
    struct jb_buf bytes;
    json_t *list; /* --json */
};

static void given_free(struct given *given)
{
    jb_buf_release(&given->checkpoint);
    jb_buf_release(&given->bytes);
    jb_certificate_free(given->previous);
    jb_tlog_seen_free(given->log);
    free(given->keys);
    for (size_t i = 0; i < given->trust.n_openings; i++)
        jb_opening_release(&given->openings[i]);
    json_decref(given->list);
    free(given);
}
JB_AUTO_POINTER(struct given, given_free)

/* --- what was given ---------------------------------------------------------------------------------------------- */

/* With the file's name before the reason. */
static jb_rc in_file(const char *path, jb_rc rc, struct jb_error *err)
{
    const struct jb_error why = *err;

    return rc < 0
               ? jb_fail(err, rc, why.hint[0] ? why.hint : NULL, "'%.100s': %s", path, why.message)
               : rc;
}

static jb_rc take_keys(const struct jb_args *args, struct given *given, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(KEYS_MAX);
    const char *path = NULL;
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && (path = jb_args_nth(args, "key", i)); i++) {
        struct jb_listed_key *more = NULL;
        size_t n = 0;
        given->trust.has_keys = true;
        jb_buf_clear(&text);
        rc = jb_cli_read_bytes(path, &text, err);
        if (rc == JB_OK)
            rc =
                in_file(path, jb_key_list_parse(jb_buf_text(&text), text.len, &more, &n, err), err);
        if (rc < 0 || n == 0)
            continue;
        struct jb_listed_key *const all =
            realloc(given->keys, (given->trust.n_keys + n) * sizeof all[0]);
        if (all) {
            memcpy(all + given->trust.n_keys, more, n * sizeof all[0]);
            given->keys = all;
            given->trust.n_keys += n;
        } else {
            rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for the keys");
        }
        free(more);
    }
    given->trust.keys = given->keys;
    return rc;
}

static jb_rc take_openings(const struct jb_args *args, struct given *given, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(OPENING_MAX);
    const char *path = NULL;
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && (path = jb_args_nth(args, "opening", i)); i++) {
        if (i == GIVEN_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "more than %d openings", GIVEN_MAX);
        jb_buf_clear(&bytes);
        rc = jb_cli_read_bytes(path, &bytes, err);
        if (rc == JB_OK)
            rc = in_file(
                path, jb_opening_decode(jb_buf_text(&bytes), bytes.len, &given->openings[i], err),
                err);
        given->trust.n_openings += rc == JB_OK;
    }
    given->trust.openings = given->openings;
    return rc;
}

static jb_rc take_files(const struct jb_args *args, struct given *given, struct jb_error *err)
{
    const char *path = NULL;
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && (path = jb_args_nth(args, "model-file", i)); i++) {
        if (i == GIVEN_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "more than %d files of the model", GIVEN_MAX);
        given->files[i].name = path;
        rc = jb_cli_digest_file(path, &given->files[i].digest, err);
        given->trust.n_files++;
    }
    given->trust.files = given->files;
    return rc;
}

struct log_file {
    const char *path;
    int fd;
};

static jb_rc read_log(void *arg, void *ret_bytes, size_t size, size_t *ret_n, struct jb_error *err)
{
    const struct log_file *const file = arg;

    return jb_cli_read_some(file->fd, file->path, ret_bytes, size, ret_n, err);
}

static jb_rc take_log(const char *path, struct given *given, struct jb_error *err)
{
    struct log_file file = {.path = path, .fd = -1};
    jb_rc rc = jb_cli_open_file(path, &file.fd, err);

    if (rc < 0)
        return rc;
    rc = in_file(path, jb_tlog_read(read_log, &file, &given->log, err), err);
    if (file.fd > STDERR_FILENO)
        (void)close(file.fd);
    given->trust.log = given->log;
    return rc;
}

static jb_rc take_given(const struct jb_args *args, struct given *given, struct jb_error *err)
{
    const char *const checkpoint = jb_args_text(args, "checkpoint");
    const char *const previous = jb_args_text(args, "previous");
    const char *const log = jb_args_text(args, "log");
    jb_rc rc = take_keys(args, given, err);

    if (rc == JB_OK && checkpoint) {
        rc = jb_cli_read_bytes(checkpoint, &given->checkpoint, err);
        given->trust.checkpoint = jb_buf_text(&given->checkpoint);
        given->trust.checkpoint_len = given->checkpoint.len;
    }
    if (rc == JB_OK && previous) {
        rc = jb_cli_read_bytes(previous, &given->bytes, err);
        if (rc == JB_OK)
            rc = in_file(previous,
                         jb_certificate_decode(jb_buf_text(&given->bytes), given->bytes.len,
                                               &given->previous, err),
                         err);
        given->trust.previous = given->previous;
    }
    if (rc == JB_OK && log)
        rc = take_log(log, given, err);
    if (rc == JB_OK)
        rc = take_openings(args, given, err);
    return rc == JB_OK ? take_files(args, given, err) : rc;
}

/* --- a proof that an entry is in a log ---------------------------------------------------------------------------- */

/* c2sp.org/tlog-proof; the extra data are the entry's canonical bytes. */
static void verify_proof(struct given *given, const char *bytes, size_t len)
{
    struct jb_findings *const findings = &given->findings;
    struct jb_tlog_proof proof = {.extra = NULL};
    struct jb_merkle_proof hashes = {.n = 0};
    struct jb_checkpoint checkpoint;
    struct jb_note note;
    struct jb_error err = {0};
    size_t n_signed = 0;
    size_t n_revoked = 0;

    if (jb_tlog_proof_parse(bytes, len, &proof, &err) < 0 ||
        jb_note_parse(proof.checkpoint, proof.checkpoint_len, &note, &err) < 0 ||
        jb_checkpoint_parse(note.text, note.len, &checkpoint, &err) < 0) {
        jb_finding_add(findings, JB_FINDING_REFUSED, "%s", err.message);
        jb_tlog_proof_release(&proof);
        return;
    }
    const struct jb_hash leaf = jb_merkle_leaf(proof.extra ? proof.extra : "", proof.extra_len);
    hashes.n = proof.n_hashes;
    memcpy(hashes.hashes, proof.hashes, proof.n_hashes * sizeof hashes.hashes[0]);
    if (!proof.extra)
        jb_finding_add(findings, JB_FINDING_REFUSED, "the proof does not carry its entry");
    else if (!jb_merkle_check_inclusion(proof.index, checkpoint.size, &leaf, &hashes,
                                        &checkpoint.root))
        jb_finding_add(findings, JB_FINDING_REFUSED,
                       "the proof does not lead from the entry to the root of the tree");
    else
        jb_finding_add(findings, JB_FINDING_HOLDS,
                       "entry %lld is in the tree of %lld entries of '%s'", (long long)proof.index,
                       (long long)checkpoint.size, checkpoint.origin);
    for (size_t i = 0; i < given->trust.n_keys; i++) {
        const bool is_signed = jb_note_is_signed_by(&note, &given->trust.keys[i].key);
        n_revoked += is_signed && given->trust.keys[i].revoked_utc_us != 0;
        n_signed += is_signed;
    }
    if (given->trust.checkpoint || given->trust.previous || given->trust.log ||
        given->trust.n_openings > 0 || given->trust.n_files > 0)
        jb_finding_add(findings, JB_FINDING_REFUSED,
                       "a proof of an entry is held against --key only: leave the rest out");
    if (n_revoked > 0)
        jb_finding_add(findings, JB_FINDING_REFUSED,
                       "the tree is signed by a key that is revoked, and nothing says when");
    else if (n_signed > 0)
        jb_finding_add(findings, JB_FINDING_HOLDS, "the tree is signed by %zu of the keys given",
                       n_signed);
    else if (given->trust.has_keys)
        jb_finding_add(findings, JB_FINDING_REFUSED,
                       "the tree is signed by none of the keys given");
    else
        jb_finding_add(findings, JB_FINDING_OPEN, "who signed the tree: no --key was given");
    jb_tlog_proof_release(&proof);
}

/* --- told ----------------------------------------------------------------------------------------------------------- */

static void tell_text(const struct jb_findings *findings, const char *path, struct jb_buf *out)
{
    char clean[sizeof findings->list[0].text];

    jb_clean_copy(path, clean, sizeof clean);
    jb_buf_addf(out, "%s: %s\n", clean, findings->is_refused ? "refused" : "accepted");
    for (size_t i = 0; i < findings->n; i++) {
        jb_clean_copy(findings->list[i].text, clean, sizeof clean);
        jb_buf_addf(out, "  %-8s %s\n", jb_finding_kind_name(findings->list[i].kind), clean);
    }
}

static json_t *json_fields(const struct jb_certificate *certificate)
{
    json_t *const fields = json_object();

    for (size_t i = 0; certificate && i < certificate->n_fields; i++) {
        const struct jb_certificate_field *const field = &certificate->fields[i];
        (void)json_object_set_new(fields, field->name,
                                  field->value ? json_stringn(field->value, field->len)
                                               : json_null());
    }
    return fields;
}

static void tell_json(struct given *given, const char *path,
                      const struct jb_certificate *certificate)
{
    const struct jb_findings *const findings = &given->findings;
    json_t *const list = json_array();
    char clean[sizeof findings->list[0].text];

    for (size_t i = 0; i < findings->n; i++) {
        jb_clean_copy(findings->list[i].text, clean, sizeof clean);
        (void)json_array_append_new(list, json_pack("{s:s, s:s}", "kind",
                                                    jb_finding_kind_name(findings->list[i].kind),
                                                    "text", clean));
    }
    jb_clean_copy(path, clean, sizeof clean);
    (void)json_array_append_new(given->list,
                                json_pack("{s:s, s:b, s:o, s:o}", "file", clean, "is_accepted",
                                          (int)!findings->is_refused, "findings", list, "fields",
                                          json_fields(certificate)));
}

/* R-PAGE-16: pages of an accepted certificate alone. */
static jb_rc write_pages(const struct jb_cli *cli, const struct given *given,
                         const struct jb_certificate *certificate, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf page = JB_BUF(PAGE_MAX);
    const char *const html = jb_args_text(&cli->args, "html");
    const char *const pdf = jb_args_text(&cli->args, "pdf");
    const struct jb_hash_part part = {jb_buf_text(&given->bytes), given->bytes.len};
    const struct jb_hash file = jb_hash_parts(&part, 1);
    jb_rc rc = JB_OK;

    if ((!html && !pdf) || given->findings.is_refused)
        return JB_OK;
    if (!certificate)
        return jb_fail(err, JB_E_USAGE, NULL, "a proof of an entry has no page");
    if (html)
        rc = jb_certificate_html(certificate, &given->findings, &file, cli->is_privileged, &page,
                                 err);
    if (rc == JB_OK && html)
        rc = jb_cli_write_file(html, jb_buf_text(&page), page.len, err);
    jb_buf_clear(&page);
    if (rc == JB_OK && pdf)
        rc = jb_certificate_pdf(certificate, &given->findings, &file, cli->is_privileged, &page,
                                err);
    return rc == JB_OK && pdf ? jb_cli_write_file(pdf, jb_buf_text(&page), page.len, err) : rc;
}

static jb_rc verify_one(struct jb_cli *cli, struct given *given, const char *path,
                        struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *certificate = NULL;
    struct jb_error why = {0};

    given->findings.n = 0;
    given->findings.is_refused = false;
    jb_buf_clear(&given->bytes);
    const bool is_alone = cli->args.n_words == 1;
    const jb_rc rc = jb_cli_read_bytes(path, &given->bytes, is_alone ? err : &why);
    if (rc < 0 && is_alone)
        return rc;
    const char *const bytes = jb_buf_text(&given->bytes);
    const size_t len = given->bytes.len;
    /* What is found of the others is told all the same. */
    if (rc < 0)
        jb_finding_add(&given->findings, JB_FINDING_REFUSED, "%s", why.message);
    else if (len >= strlen(PROOF_HEAD) && memcmp(bytes, PROOF_HEAD, strlen(PROOF_HEAD)) == 0)
        verify_proof(given, bytes, len);
    else if (jb_certificate_decode(bytes, len, &certificate, &why) < 0)
        jb_finding_add(&given->findings, JB_FINDING_REFUSED, "%s", why.message);
    else
        jb_certificate_verify(certificate, &given->trust, &given->findings);
    if (given->findings.is_refused)
        cli->exit_code = JB_EXIT_INPUT;
    if (given->list)
        tell_json(given, path, certificate);
    else
        tell_text(&given->findings, path, &cli->out);
    return write_pages(cli, given, certificate, err);
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(given_free_auto) struct given *given = calloc(1, sizeof *given);
    jb_rc rc;

    if (!given)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to verify");
    if (cli->args.n_words > 1 &&
        (jb_args_has(&cli->args, "html") || jb_args_has(&cli->args, "pdf")))
        return jb_fail(err, JB_E_USAGE, "one certificate for --html and --pdf",
                       "pages of several certificates are asked for");
    given->checkpoint = JB_BUF(NOTE_MAX);
    given->bytes = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    rc = take_given(&cli->args, given, err);
    if (rc == JB_OK && jb_args_has(&cli->args, "json") && !(given->list = json_array()))
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory to verify");
    for (size_t i = 0; rc == JB_OK && i < cli->args.n_words; i++)
        rc = verify_one(cli, given, cli->args.words[i], err);
    if (rc < 0 || !given->list)
        return rc;
    JB_AUTO(jb_free_auto) char *text = json_dumps(given->list, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to tell it");
    jb_buf_addf(&cli->out, "%s\n", text);
    return JB_OK;
}

const struct jb_command jb_cmd_verify = {
    .name = "verify",
    .summary = "check a certificate with nothing but its file",
    .usage = "FILE... [--key FILE] [--checkpoint FILE] [--previous CERT] [--log FILE] [--json]",
    .about =
        "Checks certificates and proofs of entries, and says of each what holds, what it only "
        "says, "
        "what was\n"
        "left open, and why it is refused. Reads the files it is given: no book, no network, no "
        "configuration.\n"
        "Who signed, whether the key was revoked and whether the log has gone on is told only "
        "against a key,\n"
        "a checkpoint or a log that you give. Exit code 3 if any is refused.",
    .examples = "  joulebook verify project.cert\n"
                "  joulebook verify project.cert --key trusted.keys --checkpoint latest.note\n"
                "  joulebook verify project.cert --pdf project.pdf\n"
                "  joulebook verify new.cert --previous old.cert --model-file model.safetensors\n",
    .options = options,
    .flags = JB_COMMAND_JSON | JB_COMMAND_PURE,
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
