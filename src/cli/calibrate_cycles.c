/* SPDX-License-Identifier: Apache-2.0 */
/* Past runs, or a stated figure, to the energy per cycle of a machine, entered and told. R-CYCLES-07 to -09. */
#include "cli/calibrate_cycles.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/os.h"
#include "cli/cli.h"
#include "model/quantity_text.h"
#include "pipeline/calibration_cycles.h"
#include "report/report.h"

static json_t *json_of(const struct jb_cycles_calibration *cal)
{
    json_t *const runs = json_array();

    for (size_t i = 0; i < cal->n_runs; i++)
        (void)json_array_append_new(runs, json_string(cal->runs[i]));
    return json_pack(
        "{s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I}", "kind",
        "cycles", "host", cal->host, "is_given", (int)cal->epc.is_given, "is_user_only",
        (int)cal->epc.is_user_only, "low_fj", (json_int_t)cal->epc.low_fj, "best_fj",
        (json_int_t)cal->epc.best_fj, "high_fj", (json_int_t)cal->epc.high_fj, "n_runs",
        (json_int_t)cal->epc.n_runs, "n_left_out", (json_int_t)cal->fit.n_left_out, "mean_half_ppm",
        (json_int_t)cal->fit.mean_half_ppm, "scatter_ppm", (json_int_t)cal->fit.scatter_ppm,
        "cycles_min", (json_int_t)cal->fit.cycles_min, "cycles_max",
        (json_int_t)cal->fit.cycles_max, "runs", runs, "utc_us", (json_int_t)cal->epc.utc_us);
}

static const char *percent(int64_t ppm, char *buf, size_t size)
{
    return jb_format_decimal(jb_muldiv_sat_i64(ppm, 1, 1000, JB_ROUND_NEAREST), 1, buf, size);
}

static void add_text(struct jb_cli *cli, const struct jb_cycles_calibration *cal)
{
    struct jb_buf *const out = &cli->out;
    char a[40], b[40], c[40];

    jb_buf_addf(out, "energy per cycle of %s: %s  (%s .. %s%s)\n", cal->host,
                jb_report_epc(cal->epc.best_fj, a, sizeof a),
                jb_report_epc(cal->epc.low_fj, b, sizeof b),
                jb_report_epc(cal->epc.high_fj, c, sizeof c),
                cal->epc.is_given ? ", given" : ", 90 % of runs");
    if (!cal->epc.is_given) {
        jb_buf_addf(out, "  runs      %" PRId64 ", and %" PRId64 " left out as too far from them\n",
                    cal->epc.n_runs, cal->fit.n_left_out);
        jb_buf_addf(out, "  scatter   %s %% of one run; their mean is known to %s %%\n",
                    percent(cal->fit.scatter_ppm, a, sizeof a),
                    percent(cal->fit.mean_half_ppm, b, sizeof b));
        jb_buf_addf(out, "  fitted    processors' energy of each run above idle, through zero%s\n",
                    cal->epc.is_user_only ? "; cycles without the kernel's" : "");
    }
    jb_buf_addf(out, "  made      %s\n", jb_format_utc(cal->epc.utc_us, false, a, sizeof a));
}

static jb_rc tell(struct jb_cli *cli, const struct jb_cycles_calibration *cal, struct jb_error *err)
{
    if (!jb_args_has(&cli->args, "json")) {
        add_text(cli, cal);
        return JB_OK;
    }
    json_t *const value = json_of(cal);
    JB_AUTO(jb_free_auto) char *text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;
    json_decref(value);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the calibration");
    jb_buf_addf(&cli->out, "%s\n", text);
    return JB_OK;
}

static jb_rc take_given(struct jb_cli *cli, const char *text, struct jb_cycles_calibration *cal,
                        struct jb_error *err)
{
    struct jb_error why = {.code = JB_OK};
    struct jb_quantity epc;

    if (jb_args_has(&cli->args, "from"))
        return jb_fail(err, JB_E_USAGE, NULL, "give --epc or --from, not both");
    if (jb_quantity_parse(text, &jb_form_epc_fj, &epc, &why) < 0)
        return jb_fail(err, JB_E_USAGE, why.hint, "option '--epc': %s", why.message);
    if (epc.known != JB_KNOWN_VALUE && epc.known != JB_KNOWN_RANGE)
        return jb_fail(err, JB_E_USAGE, "write 0.8nJ or 0.7..0.9nJ",
                       "option '--epc': '%s' states no energy per cycle", text);
    cal->epc.is_known = cal->epc.is_given = true;
    cal->epc.low_fj = epc.low;
    cal->epc.best_fj = epc.best;
    cal->epc.high_fj = epc.high;
    return JB_OK;
}

static jb_rc take_runs(struct jb_cli *cli, struct jb_ledger *ledger,
                       struct jb_cycles_calibration *cal, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    const char *text;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    for (size_t i = 0; (text = jb_args_nth(&cli->args, "from", i)) != NULL; i++) {
        if (i == JB_CALIBRATION_RUNS_MAX)
            return jb_fail(err, JB_E_USAGE, "leave --from out: then every run is taken",
                           "at most %d runs can be named", JB_CALIBRATION_RUNS_MAX);
        const jb_rc rc = jb_ledger_find_run(ledger, text, run, err);
        if (rc < 0)
            return rc;
        memcpy(cal->runs[cal->n_runs++], run->id, JB_RUN_ID);
    }
    return JB_OK;
}

static jb_rc enter(struct jb_ledger *ledger, const struct jb_cycles_calibration *cal,
                   struct jb_error *err)
{
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc = jb_cycles_calibration_enter(ledger, cal, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}

jb_rc jb_calibrate_cycles(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_cycles_calibration *cal = calloc(1, sizeof *cal);
    const char *const given = jb_args_text(&cli->args, "epc");
    const struct jb_os os = jb_os_real("");
    jb_rc rc = cal ? jb_os_host_name(&os, cal->host, sizeof cal->host, err)
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");

    if (rc == JB_OK && given)
        rc = take_given(cli, given, cal, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, given ? JB_LEDGER_CREATE : JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK && !given)
        rc = take_runs(cli, ledger, cal, err);
    if (rc < 0)
        return rc;
    cal->epc.utc_us = jb_utc_us(cli->clock);
    if (!given)
        rc = jb_cycles_calibration_fit(ledger, cal, err);
    if (rc == JB_OK)
        rc = enter(ledger, cal, err);
    return rc == JB_OK ? tell(cli, cal, err) : rc;
}

struct list {
    struct jb_cli *cli;
    json_t *all;
    size_t *n;
};

static jb_rc list_one(void *arg, const struct jb_cycles_calibration *cal, struct jb_error *err)
{
    const struct list *const list = arg;

    (void)err;
    if (list->all)
        (void)json_array_append_new(list->all, json_of(cal));
    else
        jb_buf_add_text(&list->cli->out, *list->n > 0 ? "\n" : "");
    if (!list->all)
        add_text(list->cli, cal);
    (*list->n)++;
    return JB_OK;
}

jb_rc jb_calibrate_list_cycles(struct jb_cli *cli, struct jb_ledger *ledger, json_t *all,
                               size_t *inout_n, struct jb_error *err)
{
    struct list list = {.cli = cli, .all = all, .n = inout_n};

    return jb_cycles_calibration_each(ledger, list_one, &list, err);
}
