/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook run -- CMD`: measures a command as if it ran alone. Nothing of ours goes to its output: the account goes to
 * stderr when it has ended, and a status line only if asked for or if nothing else is seen there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/amend_enter.h"
#include "cli/budget.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/plan_enter.h"
#include "cli/run_facts.h"
#include "cli/status_text.h"
#include "cli/work_count.h"
#include "pipeline/account_of_run.h"
#include "pipeline/measure.h"
#include "pipeline/planned.h"
#include "subject/supervise.h"

#define STATED_MAX     32
#define WORK_MAX       INT64_C(1000000000000000)
#define METRICS_MAX    4
#define COUNT_NS       (60 * JB_NS_PER_S) /* for the model's file, when the command has ended */
#define TERMINAL_WIDTH 80                 /* of one that does not tell */
#define EXIT_OURS      125 /* as env(1): a failure of joulebook itself before the command could start */

static const struct jb_option options[] = {
    {0, "interval", "TIME", "between two readings: 1s, 100ms, 1ms (else chosen from the meters)",
     false},
    {0, "quiet", "TIME", "measure the idle machine this long before the command starts", false},
    {0, "idle-power", "CHANNEL=WATT",
     "state the idle power of a channel or of cpu, dram, gpu, node", true},
    {'p', "pid", "PID", "attach to a running process instead of starting a command", false},
    {0, "status", NULL, "one quiet line on stderr, renewed every second", false},
    {0, "work", "N", "the same in steps, for trainings that mark steps", false},
    {0, "count", "FILE",
     "count operations and parameters of this model file once the command has ended", false},
    {0, "bind", "NAME=N", "sizes that the file leaves open: seq=128", true},
    {0, "metric", "NAME:max|min", "which way a metric of the marks is better", true},
    {0, "budget", "AMOUNT", "warn at 80 % and all of 500Wh, 200gCO2e or 1.5EUR", true},
    {0, "on-budget", "SIGNAL", "warn (the default), or also send TERM, INT, ... to the command",
     false},
    {'o', "account", "FILE", "write the account as JSON to FILE as well", false},
    {0, "sensors-root", "DIR", "read sensors from a recorded tree instead of /sys and /proc",
     false},
    {0, "replay", "FILE", "play a recorded file of `joulebook meters --record` instead of sensors",
     false},
    {0, NULL, NULL, NULL, false},
};

struct status_line {
    bool is_wanted;
    bool is_terminal;
    bool is_shown;
    int64_t mg_per_kwh; /* of the place given, times the PUE; 0: none was, and no carbon is shown */
    struct jb_budgets budgets;
};

static void show_status(struct status_line *line, const struct jb_measure_status *status)
{
    struct jb_buf text = JB_BUF(1024);
    jb_buf_add_text(&text, line->is_terminal ? "\r\033[K" : "");
    /* One column is left for the cursor; a terminal may be made wider or narrower meanwhile. */
    const int width = jb_cli_style(STDERR_FILENO).width;
    jb_status_text(status, line->mg_per_kwh,
                   !line->is_terminal ? 0
                   : width > 0        ? width - 1
                                      : TERMINAL_WIDTH - 1,
                   &text);
    if (!line->is_terminal)
        jb_buf_add_u8(&text, '\n');
    if (text.failed == JB_OK) {
        ssize_t written = write(STDERR_FILENO, text.bytes, text.len);
        line->is_shown = written > 0;
    }
    jb_buf_release(&text);
}

static void on_status(void *arg, const struct jb_measure_status *status,
                      struct jb_measure_order *ret_order)
{
    struct status_line *line = arg;
    char warning[256];
    if (jb_budgets_watch(&line->budgets, status, ret_order, warning, sizeof warning))
        (void)dprintf(STDERR_FILENO, "%sjoulebook: %s\n",
                      line->is_terminal && line->is_shown ? "\r\033[K" : "", warning);
    if (line->is_wanted && !status->has_ended)
        show_status(line, status);
}

/* "cpu=23.5": borrowed text is copied, because the name must end where the '=' stands. */
static jb_rc stated_idle(const struct jb_cli *cli, struct jb_stated_idle *stated, char names[][96],
                         size_t *ret_n, struct jb_error *err)
{
    size_t n = 0;
    const char *text;
    while ((text = jb_args_nth(&cli->args, "idle-power", n)) != NULL) {
        const char *equals = strchr(text, '=');
        if (n == STATED_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "at most %d idle powers can be stated",
                           STATED_MAX);
        if (!equals || equals == text || (size_t)(equals - text) >= sizeof names[0] ||
            jb_parse_decimal(equals + 1, strlen(equals + 1), 6, &stated[n].power_uw) < 0 ||
            stated[n].power_uw < 0)
            return jb_fail(err, JB_E_USAGE, "write it as cpu=23.5 or rapl/package-0=41",
                           "'%s' is not an idle power", text);
        memcpy(names[n], text, (size_t)(equals - text));
        names[n][equals - text] = '\0';
        stated[n].channel = names[n];
        n++;
    }
    *ret_n = n;
    return JB_OK;
}

/* The book's path from the root, because the command may go elsewhere and start a run inside this one. */
static jb_rc absolute_book(const struct jb_cli *cli, char *path, size_t size, struct jb_error *err)
{
    char given[PATH_MAX], here[PATH_MAX];
    jb_rc rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), given, sizeof given, err);
    const char *storage = rc == JB_OK ? jb_ledger_shared_storage(given) : NULL;
    if (storage) {
        /* The training goes on: it is entered on this node, and its owner brings it in. */
        char local[PATH_MAX];
        rc = jb_cli_local_book(local, sizeof local, err);
        if (rc < 0)
            return rc;
        (void)fprintf(stderr,
                      "joulebook: '%s' lies on %s, where a book cannot be shared safely: this run "
                      "is entered in '%s'\n  hint: bring it in with `joulebook merge`\n",
                      given, storage, local);
        (void)snprintf(given, sizeof given, "%s", local);
    }
    if (rc < 0)
        return rc;
    int n = 0;
    if (given[0] == '/')
        n = snprintf(path, size, "%s", given);
    else if (getcwd(here, sizeof here))
        n = snprintf(path, size, "%s/%s", here, given);
    else
        return jb_fail_errno(err, errno, "name the book by its full path",
                             "cannot tell the present folder");
    return n > 0 && (size_t)n < size
               ? JB_OK
               : jb_fail(err, JB_E_RANGE, "use a shorter path", "the book's path is too long");
}

static jb_rc take_options(struct jb_cli *cli, struct jb_measure_options *ret, struct jb_error *err)
{
    int64_t pid = 0;
    jb_rc rc = jb_args_duration(&cli->args, "interval", 0, &ret->period_ns, err);
    if (rc == JB_OK)
        rc = jb_args_duration(&cli->args, "quiet", 0, &ret->quiet_ns, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(&cli->args, "pid", 0, 1, INT32_MAX, 0, &pid, err);
    if (rc < 0)
        return rc;
    if (ret->period_ns != 0 && (ret->period_ns < JB_NS_PER_MS || ret->period_ns > 60 * JB_NS_PER_S))
        return jb_fail(err, JB_E_USAGE, "choose between 1ms and 60s",
                       "'%s' is no interval to read meters at",
                       jb_args_text(&cli->args, "interval"));
    bool has_command = cli->args.n_rest > 0;
    if (pid == 0 && !has_command)
        return jb_fail(err, JB_E_USAGE, "for example: joulebook run -- python3 train.py",
                       "there is no command to run");
    if (pid != 0 && has_command)
        return jb_fail(err, JB_E_USAGE, NULL, "give a command or --pid, not both");
    ret->pid = (pid_t)pid;
    ret->argv = has_command ? cli->args.rest : NULL;
    rc = jb_cli_sensors_root(cli, &ret->sensors_root, err);
    if (rc < 0)
        return rc;
    ret->replay_path = jb_args_text(&cli->args, "replay");
    if (ret->replay_path && access(ret->replay_path, R_OK) < 0)
        return jb_fail_errno(err, errno, "`joulebook meters --record FILE` makes one",
                             "option '--replay': '%s'", ret->replay_path);
    if (cli->is_privileged && (ret->sensors_root || ret->replay_path))
        return jb_fail(
            err, JB_E_USAGE, "use a copy of the program without capabilities for recorded sensors",
            "this executable carries a capability and takes no sensors of the user's choice");
    return JB_OK;
}

static void say(const char *what, const struct jb_error *err)
{
    (void)fprintf(stderr, "joulebook: %s%s\n", what, err->message);
    if (err->hint[0])
        (void)fprintf(stderr, "  hint: %s\n", err->hint);
}

static void tell_account(struct jb_cli *cli, const struct jb_measure_result *result)
{
    struct jb_style style = jb_cli_style(STDERR_FILENO);
    struct jb_error err = {0};
    struct jb_buf text = JB_BUF((size_t)1024 * 1024);
    if (jb_report_summary(&result->account, &style, &text, &err) < 0)
        say("", &err);
    else
        (void)fwrite(jb_buf_text(&text), 1, text.len, stderr);
    jb_buf_release(&text);
    const char *file = jb_args_text(&cli->args, "account");
    char *json = NULL;
    if (!file)
        return;
    jb_rc rc = jb_account_to_json_with_run(&result->account, &json, &err);
    if (rc == JB_OK)
        rc = jb_cli_write_file(file, json, strlen(json), &err);
    if (rc < 0)
        say("", &err);
    free(json);
}

static void tell(struct jb_cli *cli, const struct jb_measure_result *result)
{
    if (!result->was_started) {
        say("", &result->start_error);
        return;
    }
    if (result->has_account)
        tell_account(cli, result);
    if (result->error.code == JB_OK)
        return;
    if (result->has_account)
        say("", &result->error);
    else if (result->is_spooled)
        say("measured, but not in the book yet: ", &result->error);
    else
        say("this run was not measured: ", &result->error);
}

/* R-WORK-17: after the account is safe in the book, which is amended by what was counted. */
static jb_rc amend_by_count(const struct jb_cli *cli, const char *book,
                            const struct jb_work_counted *counted, struct jb_account *account,
                            struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *found = malloc(sizeof *found);
    JB_AUTO(jb_account_release) struct jb_account anew = {0};
    struct jb_work_facts facts;
    bool has_account;

    if (!found)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    jb_rc rc = jb_ledger_open(book, JB_LEDGER_WRITE, cli->clock, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_find_run(ledger, account->run.id, found, err);
    if (rc < 0)
        return rc;
    jb_work_facts(counted, found->n_parameters > 0, &facts);
    const struct jb_amendment amendment = {.changes = facts.fields,
                                           .n_changes = facts.n,
                                           .reason = "counted of the model's file",
                                           .note = counted->doubt};
    rc = jb_amend_enter(ledger, found, &amendment, &has_account, err);
    if (rc == JB_OK)
        rc = jb_pipeline_account_entered(ledger, found->id, &anew, err);
    if (rc < 0)
        return rc;
    const struct jb_account before = *account;
    *account = anew;
    anew = before;
    return JB_OK;
}

/* Nothing that goes wrong here changes how the command ended. */
static void count_work(const struct jb_cli *cli, const struct jb_count_order *order,
                       const char *book, struct jb_measure_result *result)
{
    struct jb_work_counted counted;
    struct jb_error why = {0};
    struct jb_error err = {0};

    if (!order->path || !result->was_started)
        return;
    jb_rc rc =
        result->has_account ? jb_work_count(order, COUNT_NS, &counted, &why) : JB_E_NOT_FOUND;
    if (rc == JB_OK)
        rc = amend_by_count(cli, book, &counted, &result->account, &why);
    if (rc == JB_OK || !result->has_account)
        return;
    rc = jb_fail(&err, rc, "`joulebook amend RUN --count FILE --reason TEXT` can do it later",
                 "the model is not counted: %.250s%s%.60s", why.message, why.hint[0] ? "; " : "",
                 why.hint);
    (void)rc;
    say("", &err);
}

/* The plan is shown beside the run; where that cannot be, `joulebook show` tells why. */
static void add_plan(const struct jb_cli *cli, const char *book, struct jb_measure_result *result)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;

    if (!result->has_account || !result->account.run.plan[0] ||
        jb_ledger_open(book, JB_LEDGER_READ, cli->clock, &ledger, NULL) < 0)
        return;
    if (jb_planned_beside(ledger, &result->account, NULL) < 0)
        result->account.planned.is_told = false;
}

static jb_rc measure(struct jb_cli *cli, struct jb_supervise *supervise,
                     const struct jb_count_order *order, struct jb_measure_options *measuring,
                     struct jb_error *err)
{
    /* The command's output is elsewhere and somebody looks at this terminal: then one line tells them it is alive. */
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    struct status_line line = {.is_terminal = is_terminal};
    jb_rc rc = jb_budgets_from_options(&cli->args, measuring->run, &line.budgets, err);
    if (rc < 0)
        return rc;
    struct jb_grid_intensity grid;
    if (measuring->run->place[0] &&
        jb_catalogue_find_grid(measuring->run->place, 0, NULL, &grid, NULL) == JB_OK)
        line.mg_per_kwh = measuring->run->pue_milli > 0
                              ? jb_muldiv_sat_i64(grid.best_mg_per_kwh, measuring->run->pue_milli,
                                                  1000, JB_ROUND_NEAREST)
                              : grid.best_mg_per_kwh;
    line.is_wanted =
        jb_args_has(&cli->args, "status") || (is_terminal && isatty(STDOUT_FILENO) != 1);
    if (line.is_wanted || line.budgets.n > 0) {
        measuring->on_status = on_status;
        measuring->arg = &line;
    }
    struct jb_measure_result result;
    rc = jb_measure(supervise, measuring, &result);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory to measure");
    if (line.is_shown && line.is_terminal)
        (void)fputs("\r\033[K", stderr);
    count_work(cli, order, measuring->book_path, &result);
    add_plan(cli, measuring->book_path, &result);
    tell(cli, &result);
    (void)fflush(NULL);
    cli->exit_code = result.exit_code;
    jb_measure_result_release(&result);
    if (supervise)
        jb_supervise_exit_like(supervise);
    return JB_OK;
}

/* What is stated about the run is a mark at its start, as its training could have made it. */
static jb_rc state_marks(const struct jb_cli *cli, const struct jb_run *facts,
                         struct jb_measure_options *measuring, char texts[][128],
                         const char **stated, struct jb_error *err)
{
    const char *metric;
    size_t n = 0;
    jb_rc rc = jb_args_decimal(&cli->args, "work", 0, 1, WORK_MAX, 0, &measuring->total_steps, err);
    measuring->total_epochs = facts->n_epochs;
    if (rc < 0)
        return rc;
    if (measuring->total_epochs > 0)
        (void)snprintf(texts[n++], sizeof texts[0], "total epochs=%lld",
                       (long long)measuring->total_epochs);
    if (measuring->total_steps > 0)
        (void)snprintf(texts[n++], sizeof texts[0], "total steps=%lld",
                       (long long)measuring->total_steps);
    for (size_t i = 0; (metric = jb_args_nth(&cli->args, "metric", i)) != NULL; i++) {
        const char *way = strrchr(metric, ':');
        if (i == METRICS_MAX || !way || way == metric || strlen(metric) > 60 ||
            strpbrk(metric, " \t\n=") || (strcmp(way, ":max") != 0 && strcmp(way, ":min") != 0))
            return jb_fail(err, JB_E_USAGE, "write it as accuracy:max or loss:min, at most four",
                           "'%.60s' does not say which way a metric is better", metric);
        (void)snprintf(texts[n++], sizeof texts[0], "metric %s", metric);
    }
    for (size_t i = 0; i < n; i++)
        stated[i] = texts[i];
    measuring->stated_marks = stated;
    measuring->n_stated_marks = n;
    return JB_OK;
}

/* No place for a book (no home folder, say): the command runs, and its user is told why nothing was measured. */
static jb_rc find_book(const struct jb_cli *cli, char *path, size_t size,
                       struct jb_error *ret_no_book, struct jb_error *err)
{
    jb_rc rc = absolute_book(cli, path, size, err);
    if (rc == JB_OK || rc == JB_E_USAGE)
        return rc;
    path[0] = '\0';
    *ret_no_book = *err;
    return JB_OK;
}

/* A whole id is taken where there is no book yet: it may be merged with the one that has the plan. */
static jb_rc find_plan(const struct jb_cli *cli, const char *book, struct jb_run *facts,
                       struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    char text[JB_RUN_ID];

    memcpy(text, facts->plan, sizeof text);
    if (jb_ledger_open(book, JB_LEDGER_READ, cli->clock, &ledger, NULL) == JB_OK)
        return jb_plan_link(ledger, text, facts->plan, err);
    return strlen(text) == JB_RUN_ID - 1
               ? JB_OK
               : jb_fail(err, JB_E_INPUT, "give all of its id",
                         "there is no book to find the plan '%s' in", text);
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    char book[PATH_MAX], names[STATED_MAX][96];
    char marks[METRICS_MAX + 2][128];
    const char *stated_marks[METRICS_MAX + 2];
    struct jb_stated_idle stated[STATED_MAX];
    struct jb_measure_options measuring = {.clock = cli->clock,
                                           .is_privileged = cli->is_privileged};
    struct jb_count_order order;
    jb_rc rc = take_options(cli, &measuring, err);
    if (rc == JB_OK)
        rc = jb_work_order(&cli->args, cli->is_privileged, &order, err);
    if (rc == JB_OK)
        rc = stated_idle(cli, stated, names, &measuring.n_stated_idle, err);
    if (rc == JB_OK)
        rc = find_book(cli, book, sizeof book, &measuring.no_book, err);
    JB_AUTO(jb_free_auto) struct jb_meters *meters = NULL;
    if (rc == JB_OK)
        rc = jb_cli_meters(cli, &meters, err);
    measuring.meters = meters;
    JB_AUTO(jb_free_auto) struct jb_run *facts = calloc(1, sizeof *facts);
    if (rc == JB_OK && !facts)
        rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory");
    if (rc == JB_OK)
        rc = jb_run_facts_from_options(cli, facts, err);
    if (rc == JB_OK && facts->plan[0])
        rc = find_plan(cli, book, facts, err);
    if (rc == JB_OK)
        rc = state_marks(cli, facts, &measuring, marks, stated_marks, err);
    if (rc < 0)
        return rc;
    facts->pid = measuring.pid;
    jb_run_facts_find(facts, measuring.argv, cli->clock);
    measuring.book_path = book;
    measuring.run = facts;
    measuring.stated_idle = stated;
    JB_AUTO(jb_supervise_free_auto) struct jb_supervise *supervise = NULL;
    if (measuring.argv) {
        rc = jb_supervise_prepare(&supervise, err);
        if (rc < 0)
            return rc;
    }
    return measure(cli, supervise, &order, &measuring, err);
}

const struct jb_command jb_cmd_run = {
    .name = "run",
    .summary = "measure a command and enter it in the book",
    .usage = "[OPTION...] -- COMMAND [ARGUMENT...]",
    .about = "Runs the command exactly as if it ran alone: its output, input, terminal, signals "
             "and exit code pass\n"
             "through. When it has ended, its account is entered in the book and printed on "
             "stderr. If joulebook\n"
             "itself fails at anything, the command goes on. 125, 126 and 127 are joulebook's own "
             "exit codes: it\n"
             "failed before the command started, the command cannot be executed, there is no such "
             "command.\n"
             "Facts may also come from ~/.config/joulebook/config and from variables such as "
             "JOULEBOOK_PLACE.",
    .examples =
        "  joulebook run -- python3 train.py\n"
        "  joulebook run --project vision --model resnet50 --stage train --place NL -- ./train.sh\n"
        "  joulebook run --quiet 10s --interval 100ms -- make experiment\n"
        "  joulebook run --pid 4711            # attach; ends with the process\n"
        "  joulebook run --epochs 90 --budget 5kWh --on-budget TERM -- ./train.sh\n",
    .options = options,
    .more_options = jb_run_fact_options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_METERS | JB_COMMAND_FIRST_WORD_ENDS | JB_COMMAND_DIRECT |
             JB_COMMAND_MEASURES,
    .words_max = 0,
    .fail_code = EXIT_OURS,
    .run = run,
};
