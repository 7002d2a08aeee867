/* SPDX-License-Identifier: Apache-2.0 */
/* An account for people: the headline with its band first, then what it stands on, then every doubt. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"
#include "report/table.h"

#define LABEL 11 /* width of the words in front of figures */

static const char *bold(const struct jb_style *style)
{
    return style->is_colour ? "\033[1m" : "";
}

static const char *plain(const struct jb_style *style)
{
    return style->is_colour ? "\033[0m" : "";
}

/* "12.3 Wh  (11.1 .. 14.0 Wh)", "unknown" */
static void figure(const struct jb_figure *value, jb_format_fn format, struct jb_buf *out)
{
    char best[32];
    char band[80];

    if (value->is_known)
        jb_buf_addf(out, "%-9s  (%s)", format(value->best, best, sizeof best),
                    jb_report_band(value, format, band, sizeof band));
    else
        jb_buf_add_text(out, "unknown");
}

/* R-REBUILT-09: no meter of ours saw it, so nothing of meters is shown. */
static bool is_told(const struct jb_account *account)
{
    return account->run.layer != JB_LAYER_MEASURED;
}

static void headline(const struct jb_account *account, const struct jb_style *style,
                     struct jb_buf *out)
{
    const struct jb_figure *const energy = &account->energy_uj;
    char best[32];
    char band[80];
    char origins[256];

    if (!energy->is_known) {
        jb_buf_addf(out, "%senergy unknown%s\n", bold(style), plain(style));
        return;
    }
    (void)jb_report_origins(account, origins, sizeof origins);
    jb_buf_addf(out, "%s%s%s  (%s, %s)  method %s%s%s%s%s\n", bold(style),
                jb_format_energy(energy->best, best, sizeof best), plain(style),
                jb_report_band(energy, jb_format_energy, band, sizeof band),
                energy->is_hard_bound ? "hard bounds" : "90 %", jb_method_name(account->method),
                origins[0] ? ", " : "", origins, is_told(account) ? "; " : "",
                is_told(account) ? jb_layer_name(account->run.layer) : "");
}

/* Duration, host and how it ended: "12 min 03 s on node7, done, exit code 0". */
static void circumstances(const struct jb_account *account, struct jb_buf *out)
{
    const struct jb_run *const run = &account->run;
    char duration[32];

    if (account->duration_ns > 0)
        jb_buf_addf(out, "%s ",
                    jb_format_duration(account->duration_ns, duration, sizeof duration));
    jb_buf_addf(out, "on %s, %s", run->host, jb_run_status_name(run->status));
    if (run->exit_code >= 0)
        jb_buf_addf(out, ", exit code %" PRId64, run->exit_code);
}

static void fact(const char *name, const char *value, const struct jb_style *style,
                 struct jb_buf *out)
{
    char first[64];
    char rest[64];

    if (!value[0])
        return;
    (void)snprintf(first, sizeof first, "%-*s", LABEL, name);
    (void)snprintf(rest, sizeof rest, "%*s", LABEL, "");
    jb_text_wrap(value, first, rest, style, out);
}

static void head(const struct jb_account *account, const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_run *const run = &account->run;
    char text[3 * JB_RUN_TEXT];
    char start[40];
    char end[40];

    jb_buf_addf(out, "%s%s%s%s\n", bold(style), strncmp(run->id, "group:", 6) == 0 ? "" : "run ",
                run->id, plain(style));
    if (is_told(account)) {
        (void)snprintf(text, sizeof text, "%s; %s, not measured", run->source,
                       jb_layer_name(run->layer));
        fact("source", text, style, out);
    }
    fact("command", run->command, style, out);
    fact("project", run->project, style, out);
    (void)snprintf(text, sizeof text, "%s%s%s%s%s", run->model, run->model_version[0] ? " " : "",
                   run->model_version, run->architecture[0] ? ", " : "", run->architecture);
    fact("model", text, style, out);
    (void)snprintf(text, sizeof text, "%s%s%s", run->stage, run->application[0] ? ", " : "",
                   run->application);
    fact("stage", text, style, out);
    fact("config", run->configuration, style, out);
    fact("commit", run->git_commit, style, out);
    fact("inside of", run->parent_id, style, out);
    (void)snprintf(text, sizeof text, "%s%s%s", run->group, run->rank[0] ? ", rank " : "",
                   run->rank);
    fact("group", text, style, out);
    text[0] = '\0';
    for (size_t i = 0; i < run->n_tags && i < JB_TAGS_MAX; i++) {
        const size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "", run->tags[i]);
    }
    fact("tags", text, style, out);
    jb_buf_addf(out, "%-*s%s .. %s\n", LABEL, "when",
                jb_format_utc(run->start_utc_us, false, start, sizeof start),
                run->end_utc_us > 0 ? jb_format_utc(run->end_utc_us, false, end, sizeof end) : "?");
    jb_buf_addf(out, "%-*s", LABEL, "took");
    circumstances(account, out);
    jb_buf_add_text(out, "\n\n");
    if (run->status == JB_RUN_VOID)
        jb_buf_add_text(out, "This run is void: its postings were reversed, and the figures are "
                             "what they were.\n\n");
    if (run->status == JB_RUN_RECONCILED)
        jb_buf_addf(out,
                    "This run is the same work as the measured run %s: it is in no sum, and the "
                    "figures are what they were.\n\n",
                    run->same_as);
}

static void title(const char *text, const struct jb_style *style, struct jb_buf *out)
{
    jb_buf_addf(out, "\n%s%s%s\n", bold(style), text, plain(style));
}

static void cell_energy(struct jb_table *table, int64_t energy_uj, bool is_known)
{
    char text[32];

    jb_table_add(table, is_known ? jb_format_energy(energy_uj, text, sizeof text) : "");
}

static void devices(const struct jb_account *account, const struct jb_style *style,
                    struct jb_buf *out)
{
    static const char *const titles[] = {"device", "channel", "host",     "role",
                                         "run",    "band",    "meter",    "above idle",
                                         "idle",   "others",  "platform", "origin"};
    struct jb_table table;
    bool is_one_host = true;
    char band[80];

    if (account->n_lines == 0)
        return;
    for (size_t i = 1; i < account->n_lines; i++)
        is_one_host = is_one_host && strcmp(account->lines[i].host, account->lines[0].host) == 0;
    title("by device", style, out);
    jb_table_begin(&table, "llllrlrrrrrl", titles);
    for (size_t i = 0; i < account->n_lines; i++) {
        const struct jb_account_line *const line = &account->lines[i];
        const bool is_post = line->role == JB_ROLE_POST;

        jb_table_add(&table, jb_device_name(line->device));
        jb_table_add(&table, line->channel);
        jb_table_add(&table, is_one_host ? "" : line->host);
        jb_table_add(&table, is_post ? "" : jb_role_name(line->role));
        cell_energy(&table, line->run_uj.best, line->run_uj.is_known);
        jb_table_add(&table, line->run_uj.is_known ? jb_report_band(&line->run_uj, jb_format_energy,
                                                                    band, sizeof band)
                                                   : "");
        cell_energy(&table, line->total_uj.best, line->total_uj.is_known && !is_told(account));
        cell_energy(&table, line->above_idle_uj.best, line->above_idle_uj.is_known);
        cell_energy(&table, line->idle_uj, is_post && !is_told(account));
        cell_energy(&table, line->others_uj, is_post && !is_told(account));
        cell_energy(&table, line->platform_uj, line->platform_uj != 0);
        jb_table_add(&table, jb_origin_name(line->origin));
    }
    jb_table_end(&table, 2, style, out);
}

static void views(const struct jb_account *account, const struct jb_style *style,
                  struct jb_buf *out)
{
    static const char *const names[][2] = {
        {"active", "what the run itself used"},
        {"reserved", "and the idle power of the CPUs it kept for itself"},
        {"all", "everything the meters gave while it was there, shared with other runs"},
    };
    static const char *const titles[] = {"view", "energy", "band", "is"};
    struct jb_table table;
    char band[80];

    if (!account->energy_uj.is_known || is_told(account))
        return;
    title("who pays for idle", style, out);
    jb_table_begin(&table, "lrll", titles);
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        jb_table_add(&table, names[i][0]);
        cell_energy(&table, account->views_uj[i].best, true);
        jb_table_add(&table,
                     jb_report_band(&account->views_uj[i], jb_format_energy, band, sizeof band));
        jb_table_add(&table, names[i][1]);
    }
    jb_table_end(&table, 2, style, out);
}

/* A line of its own; nothing where no time was covered. */
static void coverage(const struct jb_account *account, const char *indent, struct jb_buf *out)
{
    const struct jb_coverage *const seen = &account->coverage;
    const struct {
        const char *word;
        int64_t ns;
    } parts[] = {
        {"by counter", seen->counter_ns},
        {"by gauge or model", seen->gauge_ns},
        {"interpolated", seen->interpolated_ns},
        {"unobserved", seen->unobserved_ns},
    };
    int64_t whole_ns = 0;
    char percent[40];

    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++)
        whole_ns = jb_add_sat_i64(whole_ns, parts[i].ns);
    if (whole_ns == 0)
        return;
    jb_buf_addf(out, "%s%-*s", indent, LABEL, "coverage");
    for (size_t i = 0, n = 0; i < JB_ARRAY_LEN(parts); i++)
        if (parts[i].ns > 0 || i + 1 == JB_ARRAY_LEN(parts))
            jb_buf_addf(out, "%s%s %s", n++ > 0 ? ", " : "", parts[i].word,
                        jb_report_percent(parts[i].ns, whole_ns, percent, sizeof percent));
    jb_buf_add_text(out, " of the channels' time\n");
}

static const struct jb_factor *find_factor(const struct jb_account *account, const char *name)
{
    for (size_t i = 0; i < account->n_factors; i++)
        if (strcmp(account->factors[i].name, name) == 0)
            return &account->factors[i];
    return NULL;
}

/* Facility, carbon and cost, each where it is known. Short is for the summary. */
static void consequences(const struct jb_account *account, const char *indent, struct jb_buf *out)
{
    const struct jb_factor *const pue =
        find_factor(account, account->is_facility_posted ? "PUE" : "PUE, default");
    char best[64];
    char low[64];
    char high[64];

    if (account->facility_uj.is_known) {
        jb_buf_addf(out, "%s%-*s", indent, LABEL, "facility");
        if (account->is_facility_posted) {
            figure(&account->facility_uj, jb_format_energy, out);
            jb_buf_addf(out, "  on top of it, PUE %s as given\n", pue ? pue->value : "?");
        } else {
            jb_buf_addf(out, "%-9s  (%s)  PUE not given: a band, in no other figure\n", "-",
                        jb_report_band(&account->facility_uj, jb_format_energy, best, sizeof best));
        }
    }
    if (account->location_ugco2e.is_known) {
        jb_buf_addf(out, "%s%-*s", indent, LABEL, "carbon");
        figure(&account->location_ugco2e, jb_format_co2e, out);
        jb_buf_addf(out, " CO2e location-based%s%s%s\n",
                    account->run.place[0] ? ", " : ", place unknown: the world", account->run.place,
                    find_factor(account, "grid intensity, hourly") ? ", by the hour" : "");
    }
    if (account->market_ugco2e.is_known) {
        jb_buf_addf(out, "%s%-*s", indent, LABEL, "");
        figure(&account->market_ugco2e, jb_format_co2e, out);
        jb_buf_add_text(out, " CO2e market-based, beside it\n");
    }
    if (account->cost_micro.is_known)
        jb_buf_addf(
            out, "%s%-*s%-9s  (%s .. %s)\n", indent, LABEL, "cost",
            jb_report_money(account->cost_micro.best, account->run.currency, best, sizeof best),
            jb_format_decimal(account->cost_micro.low, 6, low, sizeof low),
            jb_report_money(account->cost_micro.high, account->run.currency, high, sizeof high));
}

/* "best accuracy 0.97 at epoch 12 of 30; 41 % of the energy (123 kJ) was spent after it" */
static void add_overshoot(const struct jb_account_overshoot *overshoot, struct jb_buf *out)
{
    char after[32];

    jb_buf_addf(out, "best %s %s", overshoot->metric, overshoot->best);
    if (overshoot->at[0])
        jb_buf_addf(out, " at %s of %lld", overshoot->at, (long long)overshoot->n_epochs);
    jb_buf_addf(out, "; %lld %% of the energy (%s) was spent after it",
                (long long)((overshoot->after_ppm + 5000) / 10000),
                jb_format_energy(overshoot->after_uj, after, sizeof after));
}

static void overshoots(const struct jb_account *account, const struct jb_style *style,
                       struct jb_buf *out)
{
    for (size_t i = 0; i < account->n_overshoots; i++) {
        struct jb_buf text = JB_BUF(512);
        add_overshoot(&account->overshoots[i], &text);
        jb_text_wrap(jb_buf_text(&text), "  ", "  ", style, out);
        jb_buf_release(&text);
    }
}

static void epochs(const struct jb_account *account, const struct jb_style *style,
                   struct jb_buf *out)
{
    static const char *const titles[] = {"mark",     "time",           "energy",
                                         "marks +-", "of the meters'", "metrics"};
    struct jb_table table;
    char text[32];

    if (account->n_epochs == 0)
        return;
    title("epochs, steps and phases", style, out);
    jb_table_begin(&table, "lrrrrl", titles);
    for (size_t i = 0; i < account->n_epochs; i++) {
        const struct jb_account_epoch *const epoch = &account->epochs[i];
        jb_table_add(&table, epoch->name);
        jb_table_add(&table, jb_format_duration(epoch->duration_ns, text, sizeof text));
        cell_energy(&table, epoch->run_uj, true);
        cell_energy(&table, epoch->interpolated_uj, true);
        cell_energy(&table, epoch->total_uj, true);
        jb_table_add(&table, epoch->metrics);
    }
    jb_table_end(&table, 2, style, out);
    jb_text_wrap(
        "marks +-: what the instants of the marks leave open; the band of the run's energy "
        "applies to each besides",
        "  ", "  ", style, out);
    overshoots(account, style, out);
}

static void factors(const struct jb_account *account, const struct jb_style *style,
                    struct jb_buf *out)
{
    char text[sizeof(struct jb_factor) + 16];

    if (account->n_factors == 0)
        return;
    title("factors", style, out);
    for (size_t i = 0; i < account->n_factors; i++) {
        const struct jb_factor *const factor = &account->factors[i];
        (void)snprintf(text, sizeof text, "%s: %s%s%s%s%s", factor->name, factor->value,
                       factor->source[0] ? "; " : "", factor->source,
                       factor->edition[0] ? "; edition " : "", factor->edition);
        jb_text_wrap(text, "  ", "    ", style, out);
    }
}

static void notes(const struct jb_account *account, const struct jb_style *style,
                  struct jb_buf *out)
{
    if (account->n_notes == 0)
        return;
    title("notes", style, out);
    for (size_t i = 0; i < account->n_notes; i++)
        jb_text_wrap(account->notes[i], "  - ", "    ", style, out);
}

static void text_account(const struct jb_account *account, const char *json,
                         const struct jb_style *style, struct jb_buf *out)
{
    (void)json;
    head(account, style, out);
    headline(account, style, out);
    consequences(account, "", out);
    coverage(account, "", out);
    jb_report_work(account, style, out);
    jb_report_cycles(account, "", false, style, out);
    jb_report_planned(account, style, out);
    devices(account, style, out);
    views(account, style, out);
    epochs(account, style, out);
    factors(account, style, out);
    notes(account, style, out);
}

/* --- the summary at the end of a run ------------------------------------------------------------------------------ */

/* "cpu 9.1 Wh, dram 2.2 Wh" of the posted channels. */
static void device_sums(const struct jb_account *account, struct jb_buf *out)
{
    bool is_first = true;
    char text[32];

    for (int device = JB_DEVICE_CPU; device <= JB_DEVICE_OTHER; device++) {
        int64_t sum_uj = 0;
        bool is_there = false;
        for (size_t i = 0; i < account->n_lines; i++) {
            const struct jb_account_line *const line = &account->lines[i];
            if ((int)line->device != device || line->role != JB_ROLE_POST)
                continue;
            sum_uj = jb_add_sat_i64(sum_uj, line->run_uj.best);
            is_there = true;
        }
        if (is_there)
            jb_buf_addf(out, "%s%s %s", is_first ? "" : ", ",
                        jb_device_name((enum jb_device)device),
                        jb_format_energy(sum_uj, text, sizeof text));
        is_first = is_first && !is_there;
    }
}

static void summary_marks(const struct jb_account *account, struct jb_buf *out)
{
    const struct jb_account_epoch *last = NULL;
    size_t n = 0;
    char text[32];

    for (size_t i = 0; i < account->n_epochs; i++)
        if (strncmp(account->epochs[i].name, "epoch", 5) == 0) {
            last = &account->epochs[i];
            n++;
        }
    if (!last)
        return;
    jb_buf_addf(out, "  %-*s%zu marked; %s: %s%s%s\n", LABEL, "epochs", n, last->name,
                jb_format_energy(last->run_uj, text, sizeof text), last->metrics[0] ? ", " : "",
                last->metrics);
    for (size_t i = 0; i < account->n_overshoots; i++) {
        jb_buf_addf(out, "  %-*s", LABEL, i == 0 ? "overshoot" : "");
        add_overshoot(&account->overshoots[i], out);
        jb_buf_add_text(out, "\n");
    }
}

jb_rc jb_report_summary(const struct jb_account *account, const struct jb_style *style,
                        struct jb_buf *out, struct jb_error *err)
{
    char all[32];
    char reserved[32];

    jb_buf_add_text(out, "joulebook: ");
    headline(account, style, out);
    jb_buf_addf(out, "  %-*s%s, ", LABEL, "run", account->run.id);
    circumstances(account, out);
    jb_buf_add_text(out, "\n");
    if (account->energy_uj.is_known) {
        jb_buf_addf(out, "  %-*s", LABEL, "devices");
        device_sums(account, out);
        jb_buf_add_text(out, "\n");
    }
    if (account->energy_uj.is_known && !is_told(account)) {
        jb_buf_addf(
            out, "  %-*s%s with idle of the CPUs it kept, %s all the meters gave meanwhile\n",
            LABEL, "views", jb_format_energy(account->views_uj[1].best, reserved, sizeof reserved),
            jb_format_energy(account->views_uj[2].best, all, sizeof all));
    }
    consequences(account, "  ", out);
    coverage(account, "  ", out);
    jb_report_work_short(account, out);
    jb_report_cycles(account, "  ", true, style, out);
    jb_report_planned_short(account, out);
    summary_marks(account, out);
    jb_buf_addf(out, "  %-*s%zu; `joulebook show %.*s` has all of it\n", LABEL, "notes",
                account->n_notes, JB_SHORT_ID, account->run.id);
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "cannot hold the summary") : JB_OK;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static void cell_figure(struct jb_table *table, const struct jb_figure *value, jb_format_fn format)
{
    char text[32];

    jb_table_add(table, value->is_known ? format(value->best, text, sizeof text) : "");
}

static const char *format_ppm(int64_t ppm, char *buf, size_t size)
{
    return jb_report_percent(ppm, 1000000, buf, size);
}

/* Columns of which nothing is known are not shown. */
static void work_cells(struct jb_table *table, const struct jb_account_work *work)
{
    const bool has_flop = work->is_known && work->training_flop >= 0;
    const bool has_boards = work->is_known && work->n_boards > 0;
    char text[48];

    jb_table_add(table, has_flop ? jb_format_flop(work->training_flop, text, sizeof text) : "");
    cell_figure(table, &work->energy_per_flop_aj, jb_report_aj);
    cell_figure(table, &work->energy_per_example_nj, jb_report_nj);
    jb_table_add(table, has_boards ? jb_report_hours(work->board_ns, text, sizeof text) : "");
    cell_figure(table, &work->busy_ppm, format_ppm);
    cell_figure(table, &work->mfu_ppm, format_ppm);
}

static jb_rc text_runs(const struct jb_report_run_row *rows, size_t n_rows,
                       const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    static const char *const titles[] = {"run",   "start", "time",     "energy",      "band",
                                         "CO2e",  "FLOP",  "per FLOP", "per example", "boards",
                                         "busy",  "MFU",   "layer",    "status",      "project",
                                         "model", "stage", "command"};
    struct jb_table table;
    char text[80];

    (void)err;
    if (n_rows == 0) {
        jb_buf_add_text(out, "no such run is in the book\n");
        return JB_OK;
    }
    jb_table_begin(&table, "llrrlrrrrrrrllllll", titles);
    for (size_t i = 0; i < n_rows; i++) {
        const struct jb_report_run_row *const row = &rows[i];
        const struct jb_run *const run = row->run;
        const bool is_ended = run->end_mono_ns > run->start_mono_ns;

        jb_table_addf(&table, "%.*s", JB_SHORT_ID, run->id);
        jb_table_addf(&table, "%.16s", jb_format_utc(run->start_utc_us, false, text, sizeof text));
        jb_table_add(&table, is_ended ? jb_format_duration(run->end_mono_ns - run->start_mono_ns,
                                                           text, sizeof text)
                                      : "");
        cell_energy(&table, row->energy_uj.best, row->energy_uj.is_known);
        jb_table_add(&table,
                     row->energy_uj.is_known
                         ? jb_report_band(&row->energy_uj, jb_format_energy, text, sizeof text)
                         : "");
        jb_table_add(&table, row->location_ugco2e.is_known
                                 ? jb_format_co2e(row->location_ugco2e.best, text, sizeof text)
                                 : "");
        work_cells(&table, &row->work);
        /* R-REBUILT-09: an empty column is not shown, and what was measured is the rule. */
        jb_table_add(&table, run->layer == JB_LAYER_MEASURED ? "" : jb_layer_name(run->layer));
        jb_table_add(&table, jb_run_status_name(run->status));
        jb_table_add(&table, run->project);
        jb_table_add(&table, run->model);
        jb_table_add(&table, run->stage);
        jb_table_addf(&table, "%.200s", run->command);
    }
    jb_table_end(&table, 0, style, out);
    return JB_OK;
}

const struct jb_report_format jb_report_text = {
    .name = "text",
    .account = text_account,
    .runs = text_runs,
};
