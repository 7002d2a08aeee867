/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook certify`: a signed certificate over runs of the book, and what its holder may be asked for besides: openings of withheld
 * fields, checkpoints, proofs of entries, the log; and the signature of a second party. Must never sign what does not verify.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "certificate/certificate.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/key_enter.h"
#include "cli/scope.h"
#include "cli/signing_key.h"
#include "pipeline/certify.h"

#define WITHHELD_MAX 64
#define FILES_MAX    64
#define ORIGIN_BYTES 8
#define POLICY_MAX   ((size_t)64 * 1024)
#define SMALL_MAX    ((size_t)JB_FIELD_VALUE_MAX * 2)

static const struct jb_option options[] = {
    JB_SCOPE_OPTIONS,
    {0, "policy", "FILE", "conditions to judge (docs/format/certificate.md)", false},
    {0, "withhold", "FIELD", "leave only its salted hash: run.host, run.configuration ...", true},
    {0, "model-file", "FILE", "a file of the model: what the certificate is about", true},
    {0, "previous", "CERT", "an earlier certificate of this book: prove nothing was rewritten",
     false},
    {'o', "out", "FILE", "write it here (else to standard output)", false},
    {0, "open", "CERT", "open a withheld field of CERT: with --field", false},
    {0, "field", "NAME", "with --open: which one", false},
    {0, "countersign", "CERT", "add your signature to somebody's certificate", false},
    {0, "proof", "RUN", "prove that the account of RUN is in the log (c2sp tlog-proof)", false},
    {0, "checkpoint", NULL, "sign the log as it is now (c2sp checkpoint)", false},
    {0, "log", NULL, "write the whole log to --out, for an auditor", false},
    {0, NULL, NULL, NULL, false},
};

/* To --out, or to standard output. */
static jb_rc give(struct jb_cli *cli, const struct jb_buf *bytes, struct jb_error *err)
{
    const char *const path = jb_args_text(&cli->args, "out");

    if (path)
        return jb_cli_write_file(path, bytes->bytes, bytes->len, err);
    jb_buf_add(&cli->out, bytes->bytes, bytes->len);
    return JB_OK;
}

/* --- a certificate -------------------------------------------------------------------------------------------------- */

/* What the order borrows from. */
struct desk {
    struct jb_certify_order order;
    struct jb_buf policy, previous, out;
    const char *withheld[WITHHELD_MAX + 1];
    struct jb_certificate_file files[FILES_MAX];
    char software[64];
};

static void desk_free(struct desk *desk)
{
    jb_buf_release(&desk->policy);
    jb_buf_release(&desk->previous);
    jb_buf_release(&desk->out);
    free(desk);
}
JB_AUTO_POINTER(struct desk, desk_free)

static jb_rc take_lists(const struct jb_args *args, struct desk *desk, struct jb_error *err)
{
    const char *text = NULL;

    for (size_t i = 0; (text = jb_args_nth(args, "withhold", i)); i++) {
        if (i == WITHHELD_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "more than %d fields to withhold", WITHHELD_MAX);
        desk->withheld[i] = text;
    }
    for (size_t i = 0; (text = jb_args_nth(args, "model-file", i)); i++) {
        const char *const slash = strrchr(text, '/');
        if (i == FILES_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "more than %d files of the model", FILES_MAX);
        desk->files[i].name = slash ? slash + 1 : text; /* where it lies is nobody's business */
        const jb_rc rc = jb_cli_digest_file(text, &desk->files[i].digest, err);
        if (rc < 0)
            return rc;
        desk->order.n_files++;
    }
    desk->order.withheld = desk->withheld;
    desk->order.files = desk->files;
    return JB_OK;
}

static jb_rc take_order(struct jb_cli *cli, struct desk *desk, struct jb_error *err)
{
    const char *const policy = jb_args_text(&cli->args, "policy");
    const char *const previous = jb_args_text(&cli->args, "previous");
    jb_rc rc = jb_cli_scope(cli, &desk->order.scope, err);

    if (rc == JB_OK)
        rc = take_lists(&cli->args, desk, err);
    if (rc == JB_OK && policy)
        rc = jb_cli_read_bytes(policy, &desk->policy, err);
    if (rc == JB_OK && previous)
        rc = jb_cli_read_bytes(previous, &desk->previous, err);
    if (rc < 0)
        return rc;
    desk->order.policy_name = policy;
    desk->order.policy = policy ? jb_buf_text(&desk->policy) : NULL;
    desk->order.policy_len = desk->policy.len;
    desk->order.previous = previous ? jb_buf_text(&desk->previous) : NULL;
    desk->order.previous_len = desk->previous.len;
    desk->order.now_utc_us = jb_utc_us(cli->clock);
    (void)snprintf(desk->software, sizeof desk->software, "joulebook %s", JB_VERSION);
    desk->order.software = desk->software;
    return JB_OK;
}

/* What was issued, where the certificate itself went to a file. */
static jb_rc tell(struct jb_cli *cli, const struct desk *desk, const struct jb_certified *made,
                  struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *certificate = NULL;
    const char *line = NULL;
    size_t len = 0;
    const jb_rc rc = jb_certificate_decode(desk->out.bytes, desk->out.len, &certificate, err);

    if (rc < 0)
        return rc;
    jb_buf_addf(&cli->out, "certified %" PRId64 " run%s in entry %" PRId64 ", totals %s\n",
                certificate->n_runs, certificate->n_runs == 1 ? "" : "s", made->index,
                jb_certificate_text(certificate, "totals"));
    struct jb_certificate_lines lines = jb_certificate_lines(certificate, "policy");
    while (jb_certificate_next_line(&lines, &line, &len))
        jb_buf_addf(&cli->out, "  %.*s\n", (int)len, line);
    return JB_OK;
}

/* Nobody would take it. */
static jb_rc check_revoked(struct jb_ledger *ledger, const struct jb_public_key *key,
                           struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_book_keys *keys = malloc(sizeof *keys);
    char at[32];
    jb_rc rc = keys ? jb_key_of_book(ledger, keys, err)
                    : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the keys");

    for (size_t i = 0; rc == JB_OK && i < keys->n; i++)
        if (keys->keys[i].revoked_utc_us != 0 &&
            memcmp(keys->keys[i].key.bytes, key->bytes, sizeof key->bytes) == 0)
            rc = jb_fail(err, JB_E_CONFLICT, "sign with another key: `joulebook key new` makes one",
                         "the key of '%s' is revoked since %s", key->name,
                         jb_format_utc(keys->keys[i].revoked_utc_us, false, at, sizeof at));
    return rc;
}

static jb_rc issue(struct jb_cli *cli, const struct jb_secret_key *key, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(desk_free_auto) struct desk *desk = calloc(1, sizeof *desk);
    struct jb_certified made = {.index = 0};

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a certificate");
    desk->policy = JB_BUF(POLICY_MAX);
    desk->previous = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    desk->out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    desk->order.key = key;
    jb_rc rc = take_order(cli, desk, err);
    /* Before it is entered: what stands in the book can be issued again, but not be taken back. */
    if (rc == JB_OK && jb_args_has(&cli->args, "out"))
        rc = jb_cli_check_writable(jb_args_text(&cli->args, "out"), err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = check_revoked(ledger, &key->public, err);
    if (rc == JB_OK)
        rc = jb_certify(ledger, &desk->order, &desk->out, &made, err);
    if (rc == JB_OK)
        rc = give(cli, &desk->out, err);
    return rc == JB_OK && jb_args_has(&cli->args, "out") ? tell(cli, desk, &made, err) : rc;
}

/* --- what a holder asks for ----------------------------------------------------------------------------------------- */

static jb_rc open_field(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(SMALL_MAX);
    const char *const field = jb_args_text(&cli->args, "field");

    if (!field)
        return jb_fail(err, JB_E_USAGE, "name it with --field NAME",
                       "it is not said which field is to be opened");
    jb_rc rc = jb_cli_read_bytes(jb_args_text(&cli->args, "open"), &bytes, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_certify_open(ledger, jb_buf_text(&bytes), bytes.len, field, &out, err);
    return rc == JB_OK ? give(cli, &out, err) : rc;
}

static jb_rc countersign(struct jb_cli *cli, const struct jb_secret_key *key, struct jb_error *err)
{
    JB_AUTO(jb_certificate_free_auto) struct jb_certificate *certificate = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf bytes = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(JB_CERTIFICATE_BYTES_MAX);
    struct jb_dsse envelope = {.payload = NULL};
    jb_rc rc = jb_cli_read_bytes(jb_args_text(&cli->args, "countersign"), &bytes, err);

    if (rc == JB_OK)
        rc = jb_certificate_decode(jb_buf_text(&bytes), bytes.len, &certificate, err);
    if (rc == JB_OK)
        rc = jb_dsse_decode(jb_buf_text(&bytes), bytes.len, &envelope, err);
    if (rc == JB_OK)
        rc = jb_dsse_sign(&envelope, key, err);
    if (rc == JB_OK)
        rc = jb_dsse_encode(&envelope, &out, err);
    jb_dsse_release(&envelope);
    return rc == JB_OK ? give(cli, &out, err) : rc;
}

static jb_rc prove(struct jb_cli *cli, const struct jb_secret_key *key, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(SMALL_MAX);
    const char *const text = jb_args_text(&cli->args, "proof");
    jb_rc rc = run ? jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err)
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

    if (rc == JB_OK && text)
        rc = jb_ledger_find_run(ledger, text, run, err);
    if (rc == JB_OK)
        rc = text ? jb_certify_proof(ledger, run->id, key, &out, err)
                  : jb_certify_checkpoint(ledger, 0, key, &out, err);
    return rc == JB_OK ? give(cli, &out, err) : rc;
}

static jb_rc write_piece(void *arg, const void *bytes, size_t len, struct jb_error *err)
{
    const int *const fd = arg;
    bool is_quiet = false;

    return jb_cli_write(*fd, "the log", bytes, len, &is_quiet, err);
}

/* Piece by piece: a log may be larger than memory. A file that is there is not written over. */
static jb_rc export_log(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    const char *const path = jb_args_text(&cli->args, "out");
    char hex[2 * JB_HASH_BYTES + 1] = "";
    struct jb_hash hash;
    int64_t size = 0;

    if (!path)
        return jb_fail(err, JB_E_USAGE, "name it with -o FILE", "the log needs a file to go to");
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_leaf_at(ledger, 0, &hash, err);
    if (rc < 0)
        return rc;
    /* As the origin of its checkpoints ends. */
    (void)jb_hex(hash.bytes, ORIGIN_BYTES, hex, sizeof hex);
    rc = jb_ledger_root(ledger, &size, &hash, err);
    if (rc < 0)
        return rc;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot make '%.200s'", path);
    rc = jb_ledger_export_log(ledger, size, hex, write_piece, &fd, err);
    if (close(fd) < 0 && rc == JB_OK)
        rc = jb_fail_errno(err, errno, NULL, "cannot write '%.200s'", path);
    if (rc < 0)
        (void)unlink(path);
    else
        jb_buf_addf(&cli->out, "log of %" PRId64 " entries\n", size);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    static const char *const modes[] = {"open", "countersign", "proof", "checkpoint", "log"};
    const char *mode = NULL;
    struct jb_secret_key key;

    for (size_t i = 0; i < JB_ARRAY_LEN(modes); i++) {
        if (!jb_args_has(&cli->args, modes[i]))
            continue;
        if (mode || jb_cli_has_scope(cli) || cli->args.n_words > 0)
            return jb_fail(err, JB_E_USAGE, NULL, "'--%s' stands alone", modes[i]);
        mode = modes[i];
    }
    if (mode && strcmp(mode, "open") == 0)
        return open_field(cli, err);
    if (mode && strcmp(mode, "log") == 0)
        return export_log(cli, err);
    jb_rc rc = jb_signing_key_read(&cli->args, &key, err);
    if (rc < 0)
        return rc;
    if (!mode)
        rc = issue(cli, &key, err);
    else
        rc = strcmp(mode, "countersign") == 0 ? countersign(cli, &key, err) : prove(cli, &key, err);
    jb_secret_key_wipe(&key);
    return rc;
}

const struct jb_command jb_cmd_certify = {
    .name = "certify",
    .summary = "a signed certificate that a stranger can check",
    .usage = "[RUN | --project NAME ...] [--policy FILE] [--withhold FIELD] [-o FILE]",
    .about =
        "Signs the runs of a project and period, or of a model version: every one with its\n"
        "hours, its energy and its band, totals, coverage, methods, factors, and which conditions\n"
        "of a policy are met. It is entered in the book first, and proves that it stands there.\n"
        "Any field but energies, hours and totals can be withheld, and opened later to whom you\n"
        "choose. `joulebook key new` makes the key it needs; `joulebook verify` checks it.",
    .examples = "  joulebook certify --project vision --since 2026-01-01 --until 2027-01-01 -o "
                "vision.cert\n"
                "  joulebook certify --model net --model-version 7 --model-file net.safetensors -o "
                "net.cert\n"
                "  joulebook certify --project vision --withhold run.host --policy policy.yaml -o "
                "vision.cert\n"
                "  joulebook certify --open vision.cert --field run.host -o hosts.opening\n"
                "  joulebook certify --countersign vision.cert -o both.cert\n"
                "  joulebook certify --proof last -o run.tlog-proof\n",
    .options = options,
    .more_options = jb_signing_options,
    .flags = JB_COMMAND_BOOK,
    .words_max = 1,
    .run = run,
};
