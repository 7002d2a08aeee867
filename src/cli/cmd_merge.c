/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook merge OTHER.db...`: the entries of other books into this one; whatever is there already is skipped. */
#include <inttypes.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "pipeline/reconstruct.h"

static jb_rc merge_one(struct jb_cli *cli, struct jb_ledger *ledger, const char *path,
                       int64_t *ret_n_entries, int64_t *ret_n_runs, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *other = NULL;
    jb_rc rc = jb_ledger_open(path, JB_LEDGER_READ, cli->clock, &other, err);

    if (rc < 0)
        return rc;
    rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = jb_ledger_merge(ledger, other, ret_n_entries, ret_n_runs, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}

/* R-REBUILT-05: what no merge can decide is told. */
static jb_rc tell_doubles(struct jb_cli *cli, struct jb_ledger *ledger, bool is_json,
                          struct jb_error *err)
{
    char key[JB_REBUILT_KEY];
    size_t n = 0;
    const jb_rc rc = jb_reconstruct_find_doubles(ledger, &n, key, err);

    if (rc == JB_OK && n > 0 && !is_json)
        jb_buf_addf(
            &cli->out,
            "%zu paper%s in the book in two versions that both count, the first '%s': import "
            "the newest export again, which takes their place\n",
            n, n == 1 ? " is" : "s are", key);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    int64_t all_entries = 0;
    int64_t all_runs = 0;
    const bool is_json = jb_args_has(&cli->args, "json");
    jb_rc rc;

    rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    for (size_t i = 0; i < cli->args.n_words && rc == JB_OK; i++) {
        int64_t n_entries = 0;
        int64_t n_runs = 0;
        rc = merge_one(cli, ledger, cli->args.words[i], &n_entries, &n_runs, err);
        all_entries += n_entries;
        all_runs += n_runs;
        if (rc == JB_OK && !is_json)
            jb_buf_addf(&cli->out, "%s: %" PRId64 " new entries, %" PRId64 " new runs\n",
                        cli->args.words[i], n_entries, n_runs);
    }
    if (rc == JB_OK)
        rc = tell_doubles(cli, ledger, is_json, err);
    if (rc == JB_OK && is_json)
        jb_buf_addf(&cli->out, "{\"n_entries\":%" PRId64 ",\"n_runs\":%" PRId64 "}\n", all_entries,
                    all_runs);
    return rc;
}

const struct jb_command jb_cmd_merge = {
    .name = "merge",
    .summary = "bring the entries of other nodes' books into this one",
    .usage = "OTHER.db... [--book PATH]",
    .about = "Adds every entry of the other books that is not here yet, byte for byte; their books "
             "stay as they are.\n"
             "May be repeated: the same entries are not entered twice. Each book is merged whole "
             "or not at all.\n"
             "The book that they are brought into is made if it does not exist.",
    .examples = "  joulebook merge node1.db node2.db\n"
                "  joulebook merge --book team.db /shared/*/book.db\n",
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
