/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook import` of other people's books: what the user says of the file, the runs that came of it, and what is in it
 * that is none. Prints nothing of a book that was not changed. R-BOOKS-05.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/num.h"
#include "case/work_fields.h"
#include "cli/import_cli.h"
#include "estimate/estimate.h"
#include "pipeline/import_book.h"
#include "yaml/yaml.h"

#define HOURS_SCALE   4
#define HOURS_UNIT    INT64_C(10000)
#define HOURS_MAX     (14 * HOURS_UNIT)
#define NOT_GIVEN     INT64_MIN
#define SHOWN_MAX     40
#define PARTITION_MAX 512

struct listing {
    struct jb_cli *cli;
    bool is_json;
    bool is_dry_run;
    int64_t n;
};

/* --- what the user says ----------------------------------------------------------------------------------------- */

static jb_rc take_delimiter(const struct jb_args *args, char *ret, struct jb_error *err)
{
    const char *const text = jb_args_text(args, "delimiter");

    *ret = '\0';
    if (!text)
        return JB_OK;
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        *ret = '\t';
    else if (strlen(text) == 1 && !jb_clean_is_alnum(text[0]) && !strchr("\"\r\n", text[0]))
        *ret = text[0];
    else
        return jb_fail(err, JB_E_USAGE, "one character, such as '|' or $'\\x1f'",
                       "option '--delimiter': '%.20s' cannot stand between columns", text);
    return JB_OK;
}

static jb_rc take_offset(const struct jb_args *args, int64_t *ret_s, struct jb_error *err)
{
    int64_t hours = NOT_GIVEN;
    const jb_rc rc = jb_args_decimal(args, "utc-offset", HOURS_SCALE, -HOURS_MAX, HOURS_MAX,
                                     NOT_GIVEN, &hours, err);

    *ret_s = hours == NOT_GIVEN ? INT64_MIN : hours * 3600 / HOURS_UNIT;
    return rc;
}

struct partitions {
    struct jb_yaml *yaml; /* owns the names */
    struct jb_import_partition *list;
    size_t n;
};

static void partitions_release(struct partitions *partitions)
{
    jb_yaml_free(partitions->yaml);
    free(partitions->list);
}

/* A name that the catalogue does not know is told once, here, and not of every job of the partition. */
static jb_rc check_names(const struct jb_yaml *yaml, const struct jb_yaml_node *node,
                         const struct jb_import_partition *partition, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_estimate *estimate = calloc(1, sizeof *estimate);
    struct jb_error why = {.code = JB_OK};

    if (!estimate)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a partition");
    if (jb_estimate_make(&partition->work, estimate, &why) < 0)
        return jb_yaml_fail(yaml, node, err, why.hint, "partition '%.60s': %s", partition->name,
                            why.message);
    return JB_OK;
}

/* "gpu: {accelerator: A100, threads: 64}": the fields of a work, of one node. */
static jb_rc take_partitions(const struct jb_args *args, struct partitions *ret,
                             struct jb_error *err)
{
    const char *const path = jb_args_text(args, "partitions");
    const struct jb_yaml_node *root;
    jb_rc rc;

    if (!path)
        return JB_OK;
    rc = jb_yaml_read(path, &ret->yaml, err);
    if (rc < 0)
        return rc;
    root = jb_yaml_root(ret->yaml);
    if (!root || root->kind != JB_YAML_MAP || root->n == 0 || root->n > PARTITION_MAX)
        return jb_fail(err, JB_E_INPUT, "write 'gpu:' and below it, indented, what a node has",
                       "'%.100s' does not map names of partitions to their nodes", path);
    ret->list = calloc(root->n, sizeof *ret->list);
    if (!ret->list)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu partitions", root->n);
    for (size_t i = 0; i < root->n && rc == JB_OK; i++) {
        if (root->items[i]->kind != JB_YAML_MAP)
            return jb_yaml_fail(ret->yaml, root->items[i], err,
                                "write what a node of it has below it", "'%.60s' has no fields",
                                root->keys[i]->text);
        ret->list[i].name = root->keys[i]->text;
        rc = jb_yaml_take(ret->yaml, root->items[i], jb_work_fields, &ret->list[i].work, err);
        if (rc == JB_OK)
            rc = check_names(ret->yaml, root->items[i], &ret->list[i], err);
    }
    ret->n = root->n;
    return rc;
}

/* --- what came of it -------------------------------------------------------------------------------------------- */

static const char *state_name(enum jb_paper_state state)
{
    static const char *const names[] = {
        [JB_PAPER_NEW] = "new", [JB_PAPER_SAME] = "same", [JB_PAPER_SUPERSEDES] = "supersedes"};

    return names[state];
}

static void add_json_text(struct jb_buf *out, const char *text)
{
    jb_buf_add_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            jb_buf_add_u8(out, '\\');
        jb_buf_add_u8(out, (uint8_t)*text);
    }
    jb_buf_add_u8(out, '"');
}

static jb_rc show_run(void *arg, const struct jb_rebuilt *rebuilt,
                      const struct jb_reconstructed *entered, struct jb_error *err)
{
    struct listing *const listing = arg;
    struct jb_buf *const out = &listing->cli->out;
    char energy[32];
    char low[32];
    char high[32];

    (void)err;
    listing->n++;
    if (listing->is_json) {
        jb_buf_addf(out,
                    "%s{\"energy_uj\":{\"best\":%" PRId64 ",\"high\":%" PRId64 ",\"low\":%" PRId64
                    "},\"key\":",
                    listing->n > 1 ? "," : "", entered->energy_uj.best, entered->energy_uj.high,
                    entered->energy_uj.low);
        add_json_text(out, rebuilt->key);
        jb_buf_addf(out, ",\"run_id\":\"%s\",\"same_as\":\"%s\",\"state\":\"%s\"}", entered->run_id,
                    entered->same_as, state_name(entered->state));
        return JB_OK;
    }
    if (listing->n > SHOWN_MAX)
        return JB_OK;
    /* What a dry run would number is numbered anew when it is entered. */
    if (!listing->is_dry_run || entered->state == JB_PAPER_SAME)
        jb_buf_addf(out, "%s  ", entered->run_id);
    else
        jb_buf_addf(out, "%-36s  ", "not entered");
    jb_buf_addf(out, "%-10s  %s (%s .. %s)  %s%s\n", state_name(entered->state),
                jb_format_energy(entered->energy_uj.best, energy, sizeof energy),
                jb_format_energy(entered->energy_uj.low, low, sizeof low),
                jb_format_energy(entered->energy_uj.high, high, sizeof high), rebuilt->key,
                entered->same_as[0] != '\0' ? "  (looks like a measured run)" : "");
    return JB_OK;
}

static void finish_json(const struct jb_import_book_result *result, bool is_dry_run,
                        struct jb_buf *out)
{
    if (result->is_vast)
        jb_buf_add_text(out, "],\"energy_uj\":null");
    else
        jb_buf_addf(
            out, "],\"energy_uj\":{\"best\":%" PRId64 ",\"high\":%" PRId64 ",\"low\":%" PRId64 "}",
            result->energy_uj.best, result->energy_uj.high, result->energy_uj.low);
    jb_buf_addf(out, ",\"is_dry_run\":%s,\"left\":[", is_dry_run ? "true" : "false");
    for (size_t i = 0; i < result->told.n_left; i++) {
        const struct jb_import_left *const left = &result->told.left[i];
        jb_buf_addf(out,
                    "%s{\"first_line\":%" PRId64 ",\"n\":%" PRId64 ",\"reason\":", i > 0 ? "," : "",
                    left->first_line, left->n);
        add_json_text(out, left->reason);
        jb_buf_addf(out, "}");
    }
    jb_buf_addf(out,
                "],\"n_new\":%" PRId64 ",\"n_rows\":%" PRId64 ",\"n_same\":%" PRId64
                ",\"n_superseded\":%" PRId64 "}\n",
                result->n_new, result->told.n_rows, result->n_same, result->n_superseded);
}

static void finish_text(const struct jb_import_book_result *result, int64_t n_shown,
                        bool is_dry_run, struct jb_buf *out)
{
    char best[32];
    char low[32];
    char high[32];

    if (n_shown > SHOWN_MAX)
        jb_buf_addf(out, "... and %" PRId64 " more\n", n_shown - SHOWN_MAX);
    jb_buf_addf(out,
                "%" PRId64 " row%s: %" PRId64 " run%s new, %" PRId64
                " in the book already, %" PRId64 " in place of an older one\n",
                result->told.n_rows, result->told.n_rows == 1 ? "" : "s", result->n_new,
                result->n_new == 1 ? "" : "s", result->n_same, result->n_superseded);
    if (result->is_vast)
        jb_buf_add_text(out, "together more than 2.56 GWh, which no one sum here holds\n");
    if (result->energy_uj.is_known)
        jb_buf_addf(out, "together %s (%s .. %s)\n",
                    jb_format_energy(result->energy_uj.best, best, sizeof best),
                    jb_format_energy(result->energy_uj.low, low, sizeof low),
                    jb_format_energy(result->energy_uj.high, high, sizeof high));
    for (size_t i = 0; i < result->told.n_left; i++)
        jb_buf_addf(out, "left out: %s: %" PRId64 ", first in line %" PRId64 "\n",
                    result->told.left[i].reason, result->told.left[i].n,
                    result->told.left[i].first_line);
    if (result->n_look_measured > 0)
        jb_buf_addf(out,
                    "%" PRId64 " look like runs that were measured: `joulebook amend RUN --same-as "
                    "MEASURED` takes one out of the sums\n",
                    result->n_look_measured);
    if (is_dry_run)
        jb_buf_addf(out, "nothing was entered: --dry-run\n");
}

static jb_rc enter(struct jb_cli *cli, struct jb_import_book_order *order, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct jb_import_book_result result = {.n_new = 0};
    struct listing listing = {
        .cli = cli, .is_json = jb_args_has(&cli->args, "json"), .is_dry_run = order->is_dry_run};
    struct jb_cli_import_progress progress = {.clock = cli->clock,
                                              .last_ns = jb_mono_ns(cli->clock)};
    const struct jb_import_progress shown = {jb_cli_import_show, &progress};
    struct stat st;
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);

    if (rc < 0)
        return rc;
    if (stat(order->path, &st) == 0)
        progress.all_bytes = st.st_size;
    order->progress = isatty(STDERR_FILENO) == 1 ? &shown : NULL;
    order->fn = show_run;
    order->arg = &listing;
    if (listing.is_json)
        jb_buf_addf(&cli->out, "{\"runs\":[");
    rc = jb_import_book_enter(ledger, order, &result, err);
    if (progress.is_shown)
        (void)fputs("\r\033[K", stderr);
    if (rc < 0)
        return rc;
    if (listing.is_json)
        finish_json(&result, order->is_dry_run, &cli->out);
    else
        finish_text(&result, listing.n, order->is_dry_run, &cli->out);
    return JB_OK;
}

jb_rc jb_cli_import_book(struct jb_cli *cli, const struct jb_import_book *book,
                         const struct jb_run *facts, struct jb_error *err)
{
    JB_AUTO(partitions_release) struct partitions partitions = {.n = 0};
    struct jb_import_asked asked = {
        .facts = facts,
        .cluster = jb_args_text(&cli->args, "cluster"),
    };
    struct jb_import_book_order order = {
        .book = book,
        .path = cli->args.words[1],
        .asked = &asked,
        .clock = cli->clock,
        .command = "",
        .is_dry_run = jb_args_has(&cli->args, "dry-run"),
    };
    jb_rc rc;

    if (cli->args.n_words != 2)
        return jb_fail(err, JB_E_USAGE, "import them one after the other",
                       "%zu files: a book of others is one", cli->args.n_words - 1);
    rc = take_delimiter(&cli->args, &asked.delimiter, err);
    if (rc == JB_OK)
        rc = take_offset(&cli->args, &asked.utc_offset_s, err);
    if (rc == JB_OK)
        rc = take_partitions(&cli->args, &partitions, err);
    if (rc < 0)
        return rc;
    asked.partitions = partitions.list;
    asked.n_partitions = partitions.n;
    return enter(cli, &order, err);
}
