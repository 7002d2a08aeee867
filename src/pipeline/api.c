/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions of libjoulebook over the stages; the only file that knows <joulebook/joulebook.h>'s handles. */
#include <joulebook/joulebook.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/os.h"
#include "catalogue/catalogue.h"
#include "ledger/ledger.h"
#include "pipeline/account_of_run.h"
#include "pipeline/settle.h"
#include "spool/spool.h"

#define MARK_MAX 255

struct jb_book {
    struct jb_ledger *ledger;
};

const char *jb_version(void)
{
    return JB_VERSION;
}

const char *jb_edition(void)
{
    return jb_catalogue_edition();
}

void jb_free(void *text)
{
    free(text);
}

jb_rc jb_mark(const char *text, struct jb_error *err)
{
    const char *path = getenv("JOULEBOOK_MARKS");
    char line[MARK_MAX + 32];
    if (!path || !path[0])
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "put `joulebook run --` before the training that calls it",
                       "this is not inside a run: JOULEBOOK_MARKS is not set");
    if (strchr(text, '\n') || strlen(text) > MARK_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "a mark is one line of at most %d bytes", MARK_MAX);
    int len =
        snprintf(line, sizeof line, "@%lld %s\n", (long long)jb_mono_ns(&jb_clock_system), text);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    /* One write to an append-only file: marks of several processes do not mix. */
    jb_rc rc = JB_OK;
    if (fd < 0 || write(fd, line, (size_t)len) != len)
        rc = jb_fail_errno(err, errno, "the run may have ended", "cannot write the mark to '%s'",
                           path);
    if (fd >= 0)
        close(fd);
    return rc;
}

jb_rc jb_book_open(const char *path, unsigned flags, struct jb_book **ret_book,
                   struct jb_error *err)
{
    enum jb_ledger_mode mode = flags == JB_BOOK_CREATE  ? JB_LEDGER_CREATE
                               : flags == JB_BOOK_WRITE ? JB_LEDGER_WRITE
                                                        : JB_LEDGER_READ;
    struct jb_book *book = calloc(1, sizeof *book);
    if (!book)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a book");
    jb_rc rc = jb_ledger_open(path, mode, &jb_clock_system, &book->ledger, err);
    if (rc < 0) {
        free(book);
        return rc;
    }
    *ret_book = book;
    return JB_OK;
}

void jb_book_close(struct jb_book *book)
{
    if (!book)
        return;
    jb_ledger_close(book->ledger);
    free(book);
}

jb_rc jb_book_account(struct jb_book *book, const char *run, char **ret_json, struct jb_error *err)
{
    struct jb_account account;
    jb_rc rc = jb_pipeline_account_entered(book->ledger, run, &account, err);
    if (rc < 0)
        return rc;
    rc = jb_account_to_json_with_run(&account, ret_json, err);
    jb_account_release(&account);
    return rc;
}

struct each_run {
    jb_run_view_fn fn;
    void *arg;
};

static jb_rc show_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    const struct each_run *each = arg;
    struct jb_run_view view = {
        .size = sizeof view,
        .id = run->id,
        .project = run->project,
        .model = run->model,
        .stage = run->stage,
        .status = jb_run_status_name(run->status),
        .command = run->command,
        .start_utc_us = run->start_utc_us,
        .end_utc_us = run->end_utc_us,
    };
    return each->fn(each->arg, &view, err);
}

jb_rc jb_book_each_run(struct jb_book *book, const char *project, int64_t limit, jb_run_view_fn fn,
                       void *arg, struct jb_error *err)
{
    struct each_run each = {.fn = fn, .arg = arg};
    struct jb_run_filter filter = {
        .project = project, .status = -1, .with_void = false, .limit = limit};
    return jb_ledger_each_run(book->ledger, &filter, show_run, &each, err);
}

static jb_rc first_failure(const struct jb_balance *balance, struct jb_error *err)
{
    for (size_t i = 0; i < balance->n_checks; i++) {
        const struct jb_balance_check *check = &balance->checks[i];
        if (check->n_failed > 0)
            return jb_fail(err, JB_E_DAMAGED,
                           "see `joulebook balance`; keep a copy before anything else",
                           "%s fails: %s: %s", check->rule, check->claim, check->first_failure);
    }
    return JB_OK;
}

jb_rc jb_book_balance(struct jb_book *book, char **ret_root_hex, struct jb_error *err)
{
    struct jb_balance *balance = calloc(1, sizeof *balance);
    if (!balance)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to balance the book");
    jb_rc rc = jb_ledger_balance(book->ledger, balance, err);
    char *hex = rc == JB_OK && ret_root_hex ? malloc(2 * JB_HASH_BYTES + 1) : NULL;
    if (hex)
        *ret_root_hex = (char *)(uintptr_t)jb_hex(balance->root.bytes, JB_HASH_BYTES, hex,
                                                  2 * JB_HASH_BYTES + 1);
    else if (rc == JB_OK && ret_root_hex)
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory to balance the book");
    if (rc == JB_OK)
        rc = first_failure(balance, err);
    free(balance);
    return rc;
}

static jb_rc recover_spool(struct jb_book *book, const char *path, struct jb_settlement *ret,
                           bool *ret_is_busy, struct jb_error *err)
{
    struct jb_os os = jb_os_real("");
    char host[JB_HOST_NAME], boot_id[JB_BOOT_ID];
    struct jb_spool spool;
    bool is_stale;
    jb_rc rc = jb_os_host_name(&os, host, sizeof host, err);
    if (rc == JB_OK)
        rc = jb_os_boot_id(&os, boot_id, err);
    if (rc == JB_OK)
        rc = jb_spool_open(path, host, boot_id, &spool, &is_stale, err);
    if (rc < 0)
        return rc;
    rc = jb_recover(&spool, book->ledger, host, boot_id, ret, err);
    *ret_is_busy = rc == JB_E_BUSY;
    /* A recorder at work ends its own runs; what has ended by now can be entered beside it. */
    if (rc == JB_E_BUSY)
        rc = jb_settle(&spool, book->ledger, ret, err);
    jb_spool_close(&spool);
    return rc;
}

jb_rc jb_book_recover(struct jb_book *book, struct jb_recovery *inout_recovery,
                      struct jb_error *err)
{
    char spool_path[4200];
    struct stat st;
    struct jb_settlement settlement = {0};
    bool is_busy = false;
    const char *path = jb_ledger_path(book->ledger);
    if (inout_recovery->size < sizeof *inout_recovery)
        return jb_fail(err, JB_E_USAGE, "set size to sizeof(struct jb_recovery)",
                       "the struct for the recovery has no size");
    (void)snprintf(spool_path, sizeof spool_path, "%s.spool", path);
    if (stat(spool_path, &st) == 0) {
        jb_rc rc = recover_spool(book, path, &settlement, &is_busy, err);
        if (rc < 0)
            return rc;
    }
    inout_recovery->n_intervals = settlement.n_intervals;
    inout_recovery->n_closed = settlement.n_closed;
    inout_recovery->n_interrupted = settlement.n_interrupted;
    inout_recovery->is_recording = is_busy;
    return JB_OK;
}
