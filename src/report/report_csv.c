/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as CSV (RFC 4180): a title line that never changes its words, units in the titles; unknown is empty. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/report_int.h"

#define END                 "\r\n"
#define FIGURES(name, unit) name "_low_" unit "," name "_best_" unit "," name "_high_" unit

static void comma(struct jb_buf *out)
{
    jb_buf_add_text(out, ",");
}

static void word(struct jb_buf *out, const char *text)
{
    jb_buf_add_csv(out, text);
    comma(out);
}

static void number(struct jb_buf *out, int64_t value)
{
    jb_buf_addf(out, "%" PRId64 ",", value);
}

static void figure(struct jb_buf *out, const struct jb_figure *value)
{
    if (value->is_known)
        jb_buf_addf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",", value->low, value->best,
                    value->high);
    else
        jb_buf_add_text(out, ",,,");
}

static void csv_account(const struct jb_account *account, const char *json,
                        const struct jb_style *style, struct jb_buf *out)
{
    (void)json;
    (void)style;
    jb_buf_add_text(out,
                    "run_id,host,channel,role,scope,device,origin,method,run_low_uj,run_best_uj,"
                    "run_high_uj,total_low_uj,"
                    "total_best_uj,total_high_uj,above_idle_low_uj,above_idle_best_uj,above_idle_"
                    "high_uj,idle_uj,others_uj,"
                    "platform_uj,discrepancy_uj,reserved_uj,all_uj,counter_ns,gauge_ns,"
                    "interpolated_ns,unobserved_ns,gap_best_uj,"
                    "gap_high_uj,n_failed,n_gaps,idle_power_uw,idle_source,gaps,correlation" END);
    for (size_t i = 0; i < account->n_lines; i++) {
        const struct jb_account_line *const line = &account->lines[i];
        word(out, account->run.id);
        word(out, line->host);
        word(out, line->channel);
        word(out, jb_role_name(line->role));
        word(out, jb_scope_name(line->scope));
        word(out, jb_device_name(line->device));
        word(out, jb_origin_name(line->origin));
        word(out, jb_method_name(account->method));
        figure(out, &line->run_uj);
        figure(out, &line->total_uj);
        figure(out, &line->above_idle_uj);
        number(out, line->idle_uj);
        number(out, line->others_uj);
        number(out, line->platform_uj);
        number(out, line->discrepancy_uj);
        number(out, line->reserved_uj);
        number(out, line->all_uj);
        number(out, line->coverage.counter_ns);
        number(out, line->coverage.gauge_ns);
        number(out, line->coverage.interpolated_ns);
        number(out, line->coverage.unobserved_ns);
        number(out, line->gap_best_uj);
        number(out, line->gap_high_uj);
        number(out, line->n_failed);
        number(out, line->n_gaps);
        if (line->idle_power_uw >= 0)
            number(out, line->idle_power_uw);
        else
            comma(out);
        word(out, line->idle_source);
        word(out, line->gaps);
        jb_buf_add_csv(out, line->correlation);
        jb_buf_add_text(out, END);
    }
}

static void known(struct jb_buf *out, int64_t value)
{
    if (value >= 0)
        number(out, value);
    else
        comma(out);
}

/* The last columns of a run: the last of them ends without a comma. */
static void work_columns(struct jb_buf *out, const struct jb_account_work *work)
{
    static const struct jb_account_work *const unknown = &JB_ACCOUNT_WORK_UNKNOWN;
    const struct jb_account_work *const from = work->is_known ? work : unknown;
    char digits[48];

    word(out, from->training_flop >= 0 ? jb_flop_method_name(from->method) : "");
    word(out, from->training_flop >= 0 ? jb_format_i128(from->training_flop, digits, sizeof digits)
                                       : "");
    known(out, from->millipfsd);
    known(out, from->n_examples);
    known(out, from->n_parameters);
    known(out, from->n_boards);
    known(out, from->board_ns);
    known(out, from->processor_ns);
    figure(out, &from->energy_per_example_nj);
    figure(out, &from->energy_per_flop_aj);
    figure(out, &from->energy_per_parameter_nj);
    figure(out, &from->share_of_best_ppm);
    figure(out, &from->busy_ppm);
    if (from->mfu_ppm.is_known)
        jb_buf_addf(out, "%" PRId64 ",%" PRId64 ",%" PRId64, from->mfu_ppm.low, from->mfu_ppm.best,
                    from->mfu_ppm.high);
    else
        jb_buf_add_text(out, ",,");
}

static jb_rc csv_runs(const struct jb_report_run_row *rows, size_t n_rows,
                      const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    char text[40];
    char tags[JB_TAGS_MAX * 130];

    (void)style;
    (void)err;
    jb_buf_add_text(
        out,
        "run_id,group,parent_id,host,project,model,model_version,architecture,application,"
        "configuration,stage,status,exit_code,start_utc,end_utc,duration_ns,energy_low_uj,"
        "energy_best_uj,energy_high_uj,location_low_ugco2e,location_best_ugco2e,location_high_"
        "ugco2e,"
        "tags,command,layer,source,same_as,flop_method,training_flop,millipfsd,n_examples,"
        "n_parameters,n_boards,board_ns,processor_ns," FIGURES("energy_per_example", "nj") "," FIGURES(
            "energy_per_flop",
            "aj") "," FIGURES("energy_per_parameter",
                              "nj") "," FIGURES("share_of_best",
                                                "ppm") "," FIGURES("busy", "ppm") "," FIGURES("mfu",
                                                                                              "ppm")
            END);
    for (size_t i = 0; i < n_rows; i++) {
        const struct jb_run *const run = rows[i].run;
        size_t used = 0;

        tags[0] = '\0';
        for (size_t k = 0; k < run->n_tags && k < JB_TAGS_MAX && used < sizeof tags; k++)
            used += (size_t)snprintf(tags + used, sizeof tags - used, "%s%s", k > 0 ? " " : "",
                                     run->tags[k]);
        word(out, run->id);
        word(out, run->group);
        word(out, run->parent_id);
        word(out, run->host);
        word(out, run->project);
        word(out, run->model);
        word(out, run->model_version);
        word(out, run->architecture);
        word(out, run->application);
        word(out, run->configuration);
        word(out, run->stage);
        word(out, jb_run_status_name(run->status));
        number(out, run->exit_code);
        word(out, jb_format_utc(run->start_utc_us, true, text, sizeof text));
        word(out,
             run->end_utc_us > 0 ? jb_format_utc(run->end_utc_us, true, text, sizeof text) : "");
        number(out,
               run->end_mono_ns > run->start_mono_ns ? run->end_mono_ns - run->start_mono_ns : 0);
        figure(out, &rows[i].energy_uj);
        figure(out, &rows[i].location_ugco2e);
        word(out, tags);
        word(out, run->command);
        word(out, jb_layer_name(run->layer));
        word(out, run->source);
        word(out, run->same_as);
        work_columns(out, &rows[i].work);
        jb_buf_add_text(out, END);
    }
    return JB_OK;
}

const struct jb_report_format jb_report_csv = {
    .name = "csv",
    .account = csv_account,
    .runs = csv_runs,
};
