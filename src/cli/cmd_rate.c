/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook rate`: low, normal or high beside others of the kind; and what a project's runs gained for their energy. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/rate_tell.h"
#include "cli/scope.h"
#include "pipeline/inventory.h"

#define FILE_BYTES_MAX ((size_t)32 << 20)
#define SHARE_MAX      ((size_t)256 << 20)
#define SVG_MAX        ((size_t)16 << 20)
#define WH_UJ          INT64_C(3600000000)
#define SOURCE_MAX     200

static const struct jb_option options[] = {
    JB_SCOPE_OPTIONS,
    {0, "reference", "FILE",
     "beside this file, `book` or `catalogue` (the default); may be given again", true},
    {0, "per", "MEASURE", "flop, example, parameter or run; else the first that has a class",
     false},
    {0, "relax", "WHAT", "take references of any `size`, or of any `architecture`", true},
    {0, "any-method", NULL, "take references by any method: not apples with apples", false},
    {0, "share", "FILE", "write the runs as a file of references for others, and rate nothing",
     false},
    {0, "as", "SOURCE", "with --share: who gives them", false},
    {0, "pareto", NULL, "a metric against energy over the runs, instead", false},
    {0, "metric", "NAME", "with --pareto: of this metric; NAME:max or NAME:min says what is better",
     false},
    {0, "point", "NUMBER",
     "with --pareto: what a point is (0.01 where no value is above 1, else 1)", false},
    {0, "worth", "WH", "with --pareto: what a point may cost, in watt-hours", false},
    {0, "svg", "FILE", "with --pareto: write the picture to FILE", false},
    {0, "csv", NULL, "print CSV", false},
    {0, NULL, NULL, NULL, false},
};

/* --- the runs ---------------------------------------------------------------------------------------------------------------- */

/* A rank alone is not the training: its group is taken. */
static jb_rc make_inventory(struct jb_cli *cli, struct jb_ledger *ledger, struct jb_inventory *ret,
                            struct jb_error *err)
{
    struct jb_inventory_scope scope;
    jb_rc rc = jb_cli_scope(cli, &scope, err);

    if (rc == JB_OK)
        rc = jb_inventory_make(ledger, &scope, ret, err);
    if (rc < 0 || !scope.run_id[0] || ret->n_runs != 1 || !ret->runs[0].group[0])
        return rc;
    struct jb_inventory ranks = {0};
    const struct jb_inventory_scope all = {.group = ret->runs[0].group};
    rc = jb_inventory_make(ledger, &all, &ranks, err);
    if (rc < 0)
        return rc;
    jb_inventory_release(ret);
    *ret = ranks;
    return JB_OK;
}

/* --- references -------------------------------------------------------------------------------------------------------------- */

static void close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static jb_rc add_file(struct jb_rate_refs *refs, const char *path, struct jb_error *err)
{
    JB_AUTO(close_file) FILE *file = fopen(path, "re");
    JB_AUTO(jb_free_auto) char *bytes = file ? malloc(FILE_BYTES_MAX + 1) : NULL;

    if (!file)
        return jb_fail_errno(err, errno, "give a file of references, 'book' or 'catalogue'",
                             "cannot read '%s'", path);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    const size_t len = fread(bytes, 1, FILE_BYTES_MAX + 1, file);
    if (ferror(file))
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    if (len > FILE_BYTES_MAX)
        return jb_fail(err, JB_E_RANGE, "give it in parts, or fewer rows", "'%s' is over 32 MiB",
                       path);
    return jb_rate_refs_parse(refs, path, bytes, len, err);
}

static jb_rc add_book(struct jb_rate_refs *refs, struct jb_ledger *ledger, struct jb_error *err)
{
    JB_AUTO(jb_inventory_release) struct jb_inventory inventory = {0};
    const struct jb_inventory_scope all = {.run_id = NULL};
    const jb_rc rc = jb_inventory_make(ledger, &all, &inventory, err);

    return rc == JB_OK ? jb_rate_refs_add_inventory(refs, &inventory, err) : rc;
}

static jb_rc add_references(const struct jb_cli *cli, struct jb_ledger *ledger,
                            struct jb_rate_refs *refs, struct jb_buf *from, struct jb_error *err)
{
    const char *name = jb_args_nth(&cli->args, "reference", 0);
    jb_rc rc = JB_OK;

    if (!name)
        name = "catalogue";
    for (size_t i = 1; rc == JB_OK && name; i++) {
        char shown[256];
        jb_clean_copy(name, shown, sizeof shown);
        jb_buf_add_text(from, from->len > 0 ? ", " : "");
        if (strcmp(name, "catalogue") == 0) {
            jb_buf_addf(from, "the catalogue %s", jb_catalogue_edition());
            rc = jb_rate_refs_add_catalogue(refs, err);
        } else if (strcmp(name, "book") == 0) {
            jb_buf_add_text(from, "the book");
            rc = add_book(refs, ledger, err);
        } else {
            jb_buf_add_text(from, shown);
            rc = add_file(refs, name, err);
        }
        name = jb_args_nth(&cli->args, "reference", i);
    }
    return rc;
}

static jb_rc take_rules(const struct jb_cli *cli, struct jb_rate_rules *ret, struct jb_error *err)
{
    const char *const per = jb_args_text(&cli->args, "per");
    const char *what = NULL;

    *ret = (struct jb_rate_rules){.allowed = {.any_method = jb_args_has(&cli->args, "any-method")},
                                  .measure = per ? jb_rate_measure_from_name(per) : -1};
    if (per && ret->measure < 0)
        return jb_fail(err, JB_E_USAGE, "flop, example, parameter or run",
                       "--per '%s' is no measure", per);
    for (size_t i = 0; (what = jb_args_nth(&cli->args, "relax", i)) != NULL; i++)
        if (strcmp(what, "size") == 0)
            ret->allowed.size = JB_RATE_ANY_SIZE;
        else if (strcmp(what, "architecture") == 0)
            ret->allowed.any_architecture = true;
        else
            return jb_fail(err, JB_E_USAGE, "size or architecture",
                           "--relax '%s' is nothing that can be widened", what);
    return JB_OK;
}

/* --- what is done ------------------------------------------------------------------------------------------------------------ */

static jb_rc rate_all(struct jb_cli *cli, struct jb_ledger *ledger,
                      const struct jb_rate_subject *subjects, size_t n, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_rating *ratings = calloc(n + 1, sizeof ratings[0]);
    JB_AUTO(jb_rate_refs_release) struct jb_rate_refs refs = {0};
    JB_AUTO(jb_buf_release) struct jb_buf from = JB_BUF(65536);
    struct jb_rate_rules rules;
    enum jb_format format;
    bool is_any_rated = false;
    jb_rc rc = ratings ? take_rules(cli, &rules, err)
                       : jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu ratings", n);

    if (rc == JB_OK)
        rc = jb_cli_format(cli, &format, err);
    if (rc == JB_OK)
        rc = add_references(cli, ledger, &refs, &from, err);
    for (size_t i = 0; rc == JB_OK && i < n; i++) {
        rc = jb_rate(&subjects[i], &refs, &rules, &ratings[i], err);
        is_any_rated = is_any_rated || (rc == JB_OK && ratings[i].is_rated);
    }
    if (rc < 0)
        return rc;
    if (!is_any_rated)
        cli->exit_code = JB_EXIT_UNAVAILABLE;
    const struct jb_rate_told told = {subjects, ratings, n, &refs, jb_buf_text(&from)};
    return jb_rate_tell(&told, format, &cli->style, &cli->out, err);
}

static jb_rc share(struct jb_cli *cli, const struct jb_rate_subject *subjects, size_t n,
                   struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(SHARE_MAX);
    const char *const file = jb_args_text(&cli->args, "share");
    const char *const source = jb_args_text(&cli->args, "as");
    size_t n_left_out = 0;

    if (!source || !source[0] || strlen(source) > SOURCE_MAX || !jb_clean_is(source))
        return jb_fail(err, JB_E_USAGE, "--as 'Example Lab 2026': rows of one source are one study",
                       "it is not said who gives the references");
    jb_rate_write_refs(subjects, n, source, &out, &n_left_out);
    if (out.failed < 0)
        return jb_fail(err, out.failed, "share fewer runs", "no room for the references");
    if (n_left_out == n)
        return jb_fail(err, JB_E_NOT_FOUND,
                       "`joulebook amend` can tell a run's application and stage",
                       "none of the runs is a training with energy, application and stage");
    const jb_rc rc = jb_cli_write_file(file, out.bytes, out.len, err);
    if (rc == JB_OK)
        jb_buf_addf(&cli->out, "%zu references written, %zu runs left out\n", n - n_left_out,
                    n_left_out);
    return rc;
}

/* "accuracy:max": the name and which way is better. */
static jb_rc take_metric(const struct jb_cli *cli, char *ret, size_t size,
                         enum jb_metric_way *ret_way, struct jb_error *err)
{
    const char *const text = jb_args_text(&cli->args, "metric");
    const char *const colon = text ? strrchr(text, ':') : NULL;
    const bool is_max = colon && strcmp(colon, ":max") == 0;
    const bool is_min = colon && strcmp(colon, ":min") == 0;
    const size_t len = !text ? 0 : is_max || is_min ? (size_t)(colon - text) : strlen(text);

    if (len == 0 || len >= size)
        return jb_fail(err, JB_E_USAGE, "for example --metric accuracy, or --metric score:max",
                       "--pareto needs the metric");
    memcpy(ret, text, len);
    ret[len] = '\0';
    *ret_way = is_max ? JB_METRIC_WAY_MAX : is_min ? JB_METRIC_WAY_MIN : JB_METRIC_WAY_UNKNOWN;
    return JB_OK;
}

static jb_rc pareto(struct jb_cli *cli, const struct jb_inventory *inventory, struct jb_error *err)
{
    JB_AUTO(jb_pareto_release) struct jb_pareto made = {0};
    JB_AUTO(jb_buf_release) struct jb_buf svg = JB_BUF(SVG_MAX);
    const char *const file = jb_args_text(&cli->args, "svg");
    char metric[64];
    enum jb_metric_way way = JB_METRIC_WAY_UNKNOWN;
    enum jb_format format;
    int64_t point = 0, worth_mwh = -1, worth_uj = -1;
    jb_rc rc = jb_cli_format(cli, &format, err);

    if (rc == JB_OK)
        rc = take_metric(cli, metric, sizeof metric, &way, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(&cli->args, "point", JB_METRIC_SCALE, 1, INT64_MAX, 0, &point, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(&cli->args, "worth", 3, 0, INT64_MAX, -1, &worth_mwh, err);
    if (rc == JB_OK && worth_mwh >= 0)
        worth_uj = jb_muldiv_sat_i64(worth_mwh, WH_UJ, 1000, JB_ROUND_NEAREST);
    if (rc == JB_OK)
        rc = jb_pareto_make(inventory, metric, way, point, worth_uj, &made, err);
    if (rc == JB_OK)
        rc = jb_pareto_tell(&made, inventory, format, &cli->style, &cli->out, err);
    if (rc < 0 || !file)
        return rc;
    jb_pareto_svg(&made, &svg);
    if (svg.failed < 0)
        return jb_fail(err, svg.failed, "select fewer runs", "no room for the picture");
    return jb_cli_write_file(file, svg.bytes, svg.len, err);
}

/* What only one of the three ways to use it takes. */
static jb_rc check_use(const struct jb_cli *cli, struct jb_error *err)
{
    static const char *const of_pareto[] = {"metric", "point", "worth", "svg"};
    const bool is_pareto = jb_args_has(&cli->args, "pareto");

    for (size_t i = 0; i < JB_ARRAY_LEN(of_pareto); i++)
        if (!is_pareto && jb_args_has(&cli->args, of_pareto[i]))
            return jb_fail(err, JB_E_USAGE,
                           "for example: joulebook rate --pareto --project p "
                           "--metric accuracy",
                           "--%s goes with --pareto", of_pareto[i]);
    if (jb_args_has(&cli->args, "as") && !jb_args_has(&cli->args, "share"))
        return jb_fail(err, JB_E_USAGE, "--share FILE --as SOURCE", "--as goes with --share");
    if (is_pareto && jb_args_has(&cli->args, "share"))
        return jb_fail(err, JB_E_USAGE, "one after the other", "--share and --pareto are two uses");
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_inventory_release) struct jb_inventory inventory = {0};
    JB_AUTO(jb_free_auto) struct jb_rate_subject *subjects = NULL;
    size_t n = 0;
    jb_rc rc = check_use(cli, err);

    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = make_inventory(cli, ledger, &inventory, err);
    if (rc == JB_OK && jb_args_has(&cli->args, "pareto"))
        return pareto(cli, &inventory, err);
    const bool is_share = jb_args_has(&cli->args, "share");
    if (rc == JB_OK)
        rc = jb_rate_subjects(&inventory, !is_share && jb_args_has(&cli->args, "model"), &subjects,
                              &n, err);
    if (rc < 0)
        return rc;
    return is_share ? share(cli, subjects, n, err) : rate_all(cli, ledger, subjects, n, err);
}

const struct jb_command jb_cmd_rate = {
    .name = "rate",
    .summary = "low, normal or high beside others of the kind; accuracy against energy",
    .usage = "RUN | last | group:NAME | --project NAME | --model NAME [OPTION...]",
    .about =
        "Says whether trainings took little, usual or much energy for their application, "
        "architecture, stage and\n"
        "size, by quartiles of references that were made by the same method: published trainings, "
        "your own book,\n"
        "or a file (docs/format/reference.md). With fewer than five runs or two sources there is "
        "no comparable\n"
        "reference: what is lacking is said, with the nearest classes, and the exit code is 5.\n"
        "--pareto sets a metric of the runs against what was spent, and says up to which run it "
        "was worth it.",
    .examples = "  joulebook rate last\n"
                "  joulebook rate --project vision --reference book --reference lab.csv\n"
                "  joulebook rate last --relax size --per run\n"
                "  joulebook rate --project vision --share vision.csv --as 'Example Lab 2026'\n"
                "  joulebook rate --pareto --project vision --metric accuracy --svg vision.svg\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_max = 1,
    .run = run,
};
