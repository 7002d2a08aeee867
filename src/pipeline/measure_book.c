/* SPDX-License-Identifier: Apache-2.0 */
/* A run and its book: entered when it has begun, settled when it has ended, and by a child at full hours between. */
#include "pipeline/measure_int.h"

#include <sys/wait.h>

#include "pipeline/account_of_run.h"
#include "pipeline/settle.h"

static jb_rc need_ledger(struct measure *m, struct jb_error *err)
{
    return m->ledger
               ? JB_OK
               : jb_ledger_open(m->options->book_path, JB_LEDGER_CREATE, m->clock, &m->ledger, err);
}

void measure__drop_ledger(struct measure *m)
{
    jb_ledger_close(m->ledger);
    m->ledger = NULL;
}

void measure__open_in_book(struct measure *m)
{
    struct jb_error err = {0};
    jb_rc rc = need_ledger(m, &err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(m->ledger, &err);
    if (rc < 0)
        return;
    rc = jb_ledger_open_run(m->ledger, m->run, &err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(m->ledger, &err);
    if (rc < 0)
        jb_ledger_rollback(m->ledger);
    /* A failure is not said yet: the end tries again, and only that one counts. */
}

void measure__settle(struct measure *m)
{
    struct jb_error err = {0};
    struct jb_settlement settlement;
    struct jb_wanted_account wanted = {.run_id = m->run->id};
    jb_rc rc = need_ledger(m, &err);
    if (rc == JB_OK)
        rc = jb_settle_for(&m->spool, m->ledger, &wanted, &settlement, &err);
    if (rc == JB_OK && wanted.is_there)
        m->result->account = wanted.account;
    else if (rc == JB_OK) /* somebody else has settled it */
        rc = jb_pipeline_account_entered(m->ledger, m->run->id, &m->result->account, &err);
    m->result->has_account = rc == JB_OK;
    m->result->is_spooled = rc < 0 && m->has_slot;
    if (rc < 0) {
        m->result->error = err; /* before any other: it says what to do for the account */
        return;
    }
    if (jb_spool_lock(&m->spool, NULL) < 0)
        return; /* others go on */
    jb_spool_reset_if_idle(&m->spool, m->run->host, m->run->boot_id);
    jb_spool_unlock(&m->spool);
}

static int clerk_settle(const struct measure *m)
{
    struct jb_spool spool = m->spool;
    struct jb_settlement settlement;
    struct jb_ledger *ledger = NULL;
    jb_rc rc = jb_spool_map_again(&spool, NULL);
    if (rc == JB_OK)
        rc = jb_ledger_open(m->options->book_path, JB_LEDGER_CREATE, m->clock, &ledger, NULL);
    if (rc == JB_OK)
        rc = jb_settle(&spool, ledger, &settlement, NULL);
    jb_ledger_close(ledger);
    return rc == JB_OK ? 0 : 1;
}

/* R-SETTLE-06 */
void measure__start_clerk(struct measure *m)
{
    if (m->clerk > 0 || !m->recorder)
        return;
    measure__drop_ledger(m); /* SQLite must not be carried through a fork */
    int64_t mark = jb_recorder_log_mark(m->recorder);
    pid_t pid = fork();
    if (pid == 0) {
        if (m->supervise)
            jb_supervise_restore_signals(m->supervise);
        _exit(clerk_settle(m));
    }
    if (pid < 0)
        return;
    if (m->supervise && jb_supervise_ignore_pid(m->supervise, pid, NULL) < 0)
        return;
    if (m->tree && jb_tree_ignore(m->tree, pid, NULL) < 0)
        return;
    m->clerk = pid;
    m->clerk_mark = mark;
}

void measure__clerk_is_done(struct measure *m, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && m->recorder) {
        struct jb_error err = {0};
        if (jb_recorder_cut_log(m->recorder, m->clerk_mark, &err) < 0)
            measure__keep_error(m, &err);
    }
    m->clerk = 0;
}

void measure__look_for_helper(struct measure *m)
{
    pid_t pid = m->recorder ? jb_recorder_helper(m->recorder) : 0;
    if (m->tree && m->recorder)
        jb_tree_set_helpers_cpu_ns(m->tree, jb_recorder_helper_cpu_ns(m->recorder));
    if (pid == m->helper || pid == 0)
        return;
    struct jb_error err = {0};
    m->helper = pid;
    if ((m->supervise && jb_supervise_ignore_pid(m->supervise, pid, &err) < 0) ||
        (m->tree && jb_tree_ignore(m->tree, pid, &err) < 0))
        measure__keep_error(m, &err);
}

void measure__helper_is_done(struct measure *m)
{
    if (m->recorder)
        jb_recorder_helper_ended(m->recorder, m->helper);
    m->helper = 0;
}

/* With a command of our own its end comes with the others'. */
void measure__look_for_clerk(struct measure *m)
{
    int status;
    if (!m->supervise && m->clerk > 0 && waitpid(m->clerk, &status, WNOHANG) == m->clerk)
        measure__clerk_is_done(m, status);
}
