/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook recover`: what a dead recorder left in the spool, entered in the book. */
#include <sys/stat.h>

#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "pipeline/settle.h"
#include "spool/spool.h"

static jb_rc settle_spool(const char *path, struct jb_ledger *ledger, struct jb_settlement *ret,
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
    rc = jb_recover(&spool, ledger, host, boot_id, ret, err);
    *ret_is_busy = rc == JB_E_BUSY;
    /* A recorder at work ends its own runs; what has ended by now can be entered beside it. */
    if (rc == JB_E_BUSY)
        rc = jb_settle(&spool, ledger, ret, err);
    jb_spool_close(&spool);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    char path[4096], spool_path[4200];
    jb_rc rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), path, sizeof path, err);
    if (rc < 0)
        return rc;
    struct stat st;
    (void)snprintf(spool_path, sizeof spool_path, "%s.spool", path);
    struct jb_settlement settlement = {0};
    bool is_busy = false;
    if (stat(spool_path, &st) == 0) {
        JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
        rc = jb_ledger_open(path, JB_LEDGER_CREATE, cli->clock, &ledger, err);
        if (rc == JB_OK)
            rc = settle_spool(path, ledger, &settlement, &is_busy, err);
        if (rc < 0)
            return rc;
    }
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out,
                    "{\"closed\":%zu,\"interrupted\":%zu,\"intervals\":%zu,\"recording\":%s}\n",
                    settlement.n_closed, settlement.n_interrupted, settlement.n_intervals,
                    is_busy ? "true" : "false");
    else
        jb_buf_addf(&cli->out,
                    "%zu intervals entered, %zu runs closed (%zu of them interrupted)%s\n",
                    settlement.n_intervals, settlement.n_closed, settlement.n_interrupted,
                    is_busy ? "; a recorder is at work" : "");
    return JB_OK;
}

const struct jb_command jb_cmd_recover = {
    .name = "recover",
    .summary = "enter what an interrupted run left in its spool",
    .usage = "[--book PATH] [--json]",
    .about = "After a crash, a kill, a full disk or a book that could not be written, what was "
             "measured stands in\n"
             "the spool beside the book. The next `joulebook run` enters it by itself; this does "
             "it now.\n"
             "It may be called at any time, also while runs are being recorded, and any number of "
             "times.",
    .examples = "  joulebook recover\n"
                "  joulebook recover --book /data/team.db\n",
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .run = run,
};
