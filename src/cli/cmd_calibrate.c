/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook calibrate`: fits what the whole node draws to what its parts draw, or finds what it draws when idle, and
 * enters it in the book. The climb is measured like any run, so its energy is in the book as well. R-CAL-01...
 */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/calibrate_cycles.h"
#include "cli/calibrate_tell.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/run_facts.h"
#include "pipeline/calibration.h"
#include "pipeline/measure.h"
#include "sensor/sensor.h"
#include "subject/staircase.h"
#include "subject/supervise.h"

#define SELF            "/proc/self/exe"
#define LEVELS_DEFAULT  "0,25,50,75,100,0"
#define STEP_DEFAULT    (30 * JB_NS_PER_S)
#define IDLE_DEFAULT    (60 * JB_NS_PER_S)
#define ARGS_MAX        256
#define PPM_PER_PERCENT 10000

static const struct jb_option options[] = {
    {0, "levels", "PERCENT,...", "how much of the time the load runs (" LEVELS_DEFAULT ")", false},
    {0, "step", "TIME", "how long each level lasts: 30s unless given", false},
    {0, "idle", NULL, "find the idle power of each meter instead", false},
    {0, "cycles", NULL, "find the energy per cycle instead, from past runs that have both", false},
    {0, "epc", "ENERGY", "state it, such as 0.8nJ or 0.7..0.9nJ, instead of finding it", false},
    {0, "for", "TIME", "how long to look at the idle machine: 60s unless given", false},
    {0, "from", "RUN", "fit past runs that read both, instead of a load now", true},
    {0, "list", NULL, "the calibrations in the book", false},
    {0, "plot", "FILE", "fit and residuals as SVG as well", false},
    {0, "climb", NULL, "only make the load, measure nothing", false},
    {0, "sensors-root", "DIR", "read sensors from a recorded tree instead of /sys and /proc",
     false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc take_levels(const struct jb_cli *cli, struct jb_staircase *ret, struct jb_error *err)
{
    const char *text = jb_args_text(&cli->args, "levels");

    text = text ? text : LEVELS_DEFAULT;
    ret->n_levels = 0;
    for (const char *at = text; at;) {
        const char *const comma = strchr(at, ',');
        const size_t len = comma ? (size_t)(comma - at) : strlen(at);
        int64_t percent_1e4;
        if (ret->n_levels == JB_STAIRCASE_LEVELS_MAX ||
            jb_parse_decimal(at, len, 4, &percent_1e4) < 0 || percent_1e4 < 0 ||
            percent_1e4 > 100 * PPM_PER_PERCENT)
            return jb_fail(err, JB_E_USAGE, "write per cents with commas, for example 0,50,100",
                           "option '--levels': '%s' is no list of levels", text);
        ret->levels_ppm[ret->n_levels++] = percent_1e4;
        at = comma ? comma + 1 : NULL;
    }
    return jb_args_duration(&cli->args, "step", STEP_DEFAULT, &ret->step_ns, err);
}

/* A line in the run's marks, so that its account shows each level. */
static void mark_level(void *arg, size_t level, int64_t level_ppm)
{
    const char *const path = getenv("JOULEBOOK_MARKS");
    char percent[32];

    (void)arg;
    FILE *const file = path ? fopen(path, "ae") : NULL;
    if (!file)
        return;
    (void)fprintf(file, "phase level-%zu-load-%s%%\n", level + 1,
                  jb_format_decimal(level_ppm, 4, percent, sizeof percent));
    (void)fclose(file);
}

static jb_rc climb(struct jb_cli *cli, struct jb_error *err)
{
    struct jb_staircase staircase = {.argv = cli->args.n_rest > 0 ? cli->args.rest : NULL,
                                     .on_level = mark_level};
    const jb_rc rc = take_levels(cli, &staircase, err);

    return rc < 0 ? rc : jb_staircase_climb(&staircase, err);
}

/* The command line of the measured load: this program, told to climb. */
struct load_line {
    char words[4][16]; /* argv takes no constants */
    char step[48], levels[512];
    char *argv[ARGS_MAX + 10];
};

static jb_rc load_of(struct jb_cli *cli, struct load_line *load, struct jb_error *err)
{
    const bool is_idle = jb_args_has(&cli->args, "idle");
    const char *const levels = jb_args_text(&cli->args, "levels");
    struct jb_staircase checked;
    int64_t step_ns;
    size_t n = 0;
    jb_rc rc = take_levels(cli, &checked, err);

    if (rc == JB_OK && is_idle)
        rc = jb_args_duration(&cli->args, "for", IDLE_DEFAULT, &step_ns, err);
    else
        step_ns = checked.step_ns;
    if (rc < 0)
        return rc;
    if (cli->args.n_rest > ARGS_MAX)
        return jb_fail(err, JB_E_RANGE, "put it into a script", "the command has too many words");
    static const char *const words[] = {SELF, "calibrate", "--climb", "--"};
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        (void)snprintf(load->words[i], sizeof load->words[i], "%s", words[i]);
    (void)snprintf(load->step, sizeof load->step, "--step=%" PRId64 "ms", step_ns / JB_NS_PER_MS);
    (void)snprintf(load->levels, sizeof load->levels, "--levels=%s",
                   is_idle  ? "0"
                   : levels ? levels
                            : LEVELS_DEFAULT);
    load->argv[n++] = load->words[0];
    load->argv[n++] = load->words[1];
    load->argv[n++] = load->words[2];
    load->argv[n++] = load->step;
    load->argv[n++] = load->levels;
    if (cli->args.n_rest > 0)
        load->argv[n++] = load->words[3];
    for (size_t i = 0; i < cli->args.n_rest; i++)
        load->argv[n++] = cli->args.rest[i];
    load->argv[n] = NULL;
    return JB_OK;
}

static void show_status(void *arg, const struct jb_measure_status *status,
                        struct jb_measure_order *ret_order)
{
    char elapsed[32], power[32];

    (void)arg;
    (void)ret_order;
    (void)fprintf(stderr, "\r\033[Kjoulebook: %s  %s  %.60s",
                  jb_format_duration(status->elapsed_ns, elapsed, sizeof elapsed),
                  status->has_power ? jb_format_power(status->power_uw, power, sizeof power) : "",
                  status->mark);
}

/* The load takes minutes: what would be missed at its end is said before it. A meter may still come, so it is not refused. */
static void warn_without_meter(const struct jb_cli *cli, const char *root,
                               const struct jb_meters *meters)
{
    JB_AUTO(jb_sensor_set_free_auto) struct jb_sensor_set *set = NULL;
    const struct jb_os os = jb_os_real(root ? root : "");
    const struct jb_sensor_env env = {
        .os = &os, .clock = cli->clock, .meters = meters, .is_privileged = cli->is_privileged};

    if (jb_sensor_probe_all(&env, &set, NULL) < 0)
        return;
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++)
        if (jb_sensor_channel(set, i)->role == JB_ROLE_PARENT)
            return;
    (void)fputs(
        "joulebook calibrate: no meter that has parts is seen now; without one nothing can "
        "be fitted\n  hint: `joulebook meters --tree` shows what is seen; a plug, a BMC or a "
        "PDU can be named in meters.yaml\n",
        stderr);
}

/* Measures the load as a run of the stage "calibrate"; its id is what the fit is made from. */
static jb_rc measure_load(struct jb_cli *cli, char *const argv[], char ret_run[JB_RUN_ID],
                          struct jb_error *err)
{
    JB_AUTO(jb_supervise_free_auto) struct jb_supervise *supervise = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *facts = calloc(1, sizeof *facts);
    JB_AUTO(jb_free_auto) struct jb_meters *meters = NULL;
    const bool is_terminal = isatty(STDERR_FILENO) == 1;
    struct jb_measure_result result;
    char book[PATH_MAX] = "";
    jb_rc rc;

    if (!facts)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    rc = jb_run_facts_from_options(cli, facts, err);
    if (rc == JB_OK)
        rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), book, sizeof book, err);
    if (rc == JB_OK)
        rc = jb_cli_meters(cli, &meters, err);
    struct jb_measure_options measuring = {.clock = cli->clock,
                                           .meters = meters,
                                           .is_privileged = cli->is_privileged,
                                           .book_path = book,
                                           .argv = argv,
                                           .run = facts,
                                           .on_status = is_terminal ? show_status : NULL};
    if (rc == JB_OK)
        rc = jb_cli_sensors_root(cli, &measuring.sensors_root, err);
    if (rc == JB_OK && !jb_args_has(&cli->args, "idle"))
        warn_without_meter(cli, measuring.sensors_root, meters);
    if (rc == JB_OK)
        rc = jb_supervise_prepare(&supervise, err);
    if (rc < 0)
        return rc;
    (void)snprintf(facts->stage, sizeof facts->stage, "%s", JB_CALIBRATION_STAGE);
    jb_run_facts_find(facts, argv, cli->clock);
    rc = jb_measure(supervise, &measuring, &result);
    if (is_terminal)
        (void)fputs("\r\033[K", stderr);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory to measure");
    if (!result.was_started)
        rc = jb_fail(err, JB_E_IO, result.start_error.hint, "%s", result.start_error.message);
    else if (result.exit_code != 0)
        rc = jb_fail(err, JB_E_AGAIN, "see what the load said, and try again",
                     "the load ended with code %d: nothing was calibrated", result.exit_code);
    else if (!result.has_account)
        rc = jb_fail(err, result.error.code ? result.error.code : JB_E_IO, result.error.hint,
                     "the load was not measured: %s", result.error.message);
    else
        memcpy(ret_run, facts->id, JB_RUN_ID);
    jb_measure_result_release(&result);
    return rc;
}

static jb_rc within_transaction(struct jb_cli *cli, struct jb_ledger *ledger,
                                const struct jb_calibration *cal, struct jb_idle_calibration *idle,
                                struct jb_error *err)
{
    jb_rc rc = jb_ledger_begin(ledger, err);

    (void)cli;
    if (rc < 0)
        return rc;
    rc =
        cal ? jb_calibration_enter(ledger, cal, err) : jb_calibration_enter_idle(ledger, idle, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}

static jb_rc calibrate_idle(struct jb_cli *cli, const char *run_id, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_idle_calibration *idle = calloc(1, sizeof *idle);
    jb_rc rc = idle ? jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err)
                    : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");

    if (rc < 0)
        return rc;
    memcpy(idle->run_id, run_id, sizeof idle->run_id);
    idle->utc_us = jb_utc_us(cli->clock);
    rc = jb_calibration_idle_from_run(ledger, idle, err);
    if (rc == JB_OK)
        rc = within_transaction(cli, ledger, NULL, idle, err);
    if (rc == JB_OK)
        rc = jb_calibrate_tell_idle(cli, idle, err);
    return rc;
}

static jb_rc take_runs(struct jb_cli *cli, struct jb_ledger *ledger, const char *run_id,
                       struct jb_calibration *cal, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    const char *text;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (run_id) {
        memcpy(cal->runs[cal->n_runs++], run_id, JB_RUN_ID);
        return JB_OK;
    }
    for (size_t i = 0; (text = jb_args_nth(&cli->args, "from", i)) != NULL; i++) {
        if (i == JB_CALIBRATION_RUNS_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "at most %d runs make one calibration",
                           JB_CALIBRATION_RUNS_MAX);
        const jb_rc rc = jb_ledger_find_run(ledger, text, run, err);
        if (rc < 0)
            return rc;
        if (run->status == JB_RUN_VOID)
            return jb_fail(err, JB_E_INPUT, "name runs that hold; `joulebook runs` shows which",
                           "run %.18s is void", run->id);
        if (run->layer != JB_LAYER_MEASURED)
            return jb_fail(err, JB_E_INPUT, "name runs that were measured", "run %.18s is %s",
                           run->id, jb_layer_name(run->layer));
        memcpy(cal->runs[cal->n_runs++], run->id, JB_RUN_ID);
    }
    return JB_OK;
}

static jb_rc calibrate_node(struct jb_cli *cli, const char *run_id, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_calibration *cal = calloc(1, sizeof *cal);
    JB_AUTO(jb_free_auto) struct jb_fit_point *points = NULL;
    size_t n_points = 0;
    jb_rc rc = cal ? jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err)
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a calibration");

    if (rc == JB_OK)
        rc = take_runs(cli, ledger, run_id, cal, err);
    if (rc < 0)
        return rc;
    cal->utc_us = jb_utc_us(cli->clock);
    rc = jb_calibration_from_runs(ledger, cal, &points, &n_points, err);
    if (rc == JB_OK)
        rc = within_transaction(cli, ledger, cal, NULL, err);
    return rc == JB_OK ? jb_calibrate_tell(cli, cal, points, n_points, err) : rc;
}

static jb_rc list(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    const jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);

    return rc == JB_OK ? jb_calibrate_tell_list(cli, ledger, err) : rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    const bool is_idle = jb_args_has(&cli->args, "idle"), is_past = jb_args_has(&cli->args, "from");
    JB_AUTO(jb_free_auto) struct load_line *load = calloc(1, sizeof *load);
    char run_id[JB_RUN_ID] = "";
    jb_rc rc;

    if (!load)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to calibrate");
    if (jb_args_has(&cli->args, "list"))
        return list(cli, err);
    if (jb_args_has(&cli->args, "climb"))
        return climb(cli, err);
    if (jb_args_has(&cli->args, "epc") && !jb_args_has(&cli->args, "cycles"))
        return jb_fail(err, JB_E_USAGE, "write --cycles --epc 0.8nJ",
                       "--epc is of the calibration of cycles");
    if (jb_args_has(&cli->args, "cycles"))
        return is_idle || cli->args.n_rest > 0
                   ? jb_fail(err, JB_E_USAGE, "leave --idle and the command out",
                             "--cycles fits past runs, and measures nothing itself")
                   : jb_calibrate_cycles(cli, err);
    if ((is_idle || is_past) && cli->args.n_rest > 0)
        return jb_fail(err, JB_E_USAGE, NULL, "%s takes no command",
                       is_idle ? "an idle machine" : "a fit of past runs");
    if (is_idle && is_past)
        return jb_fail(err, JB_E_USAGE, NULL, "give --idle or --from, not both");
    if (is_past)
        return calibrate_node(cli, NULL, err);
    rc = load_of(cli, load, err);
    if (rc == JB_OK)
        rc = measure_load(cli, load->argv, run_id, err);
    if (rc < 0)
        return rc;
    return is_idle ? calibrate_idle(cli, run_id, err) : calibrate_node(cli, run_id, err);
}

const struct jb_command jb_cmd_calibrate = {
    .name = "calibrate",
    .summary = "what the whole node draws above its parts, and when idle",
    .usage = "[OPTION...] [-- COMMAND [ARGUMENT...]]",
    .about =
        "Runs a load in steps from idle to full (the command given, or one of its own on every "
        "CPU), "
        "reads the node's\n"
        "or wall's meter beside those of its parts, and fits a line through them. The line is "
        "entered "
        "in the book and\n"
        "stands in for the node's meter in later runs on this machine that have none. With --idle, "
        "finds what each\n"
        "meter reads when nothing runs; with --cycles, what a cycle of the processors takes, from "
        "past runs.",
    .examples = "  joulebook calibrate                       # a load of its own on every CPU\n"
                "  joulebook calibrate -- python3 train.py   # your own load, GPU and all\n"
                "  joulebook calibrate --from last --from 3f2a --plot fit.svg\n"
                "  joulebook calibrate --idle --for 2min\n"
                "  joulebook calibrate --cycles\n",
    .options = options,
    .more_options = jb_run_fact_options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON | JB_COMMAND_METERS | JB_COMMAND_FIRST_WORD_ENDS,
    .words_max = 0,
    .run = run,
};
