/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case's account: what was published and whether it comes out again, each reading, what the doubts contribute, table
 * 4.1 as a decision, and equivalents. Must never print one figure alone where readings differ (R-CASE-04 to -06).
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "carbon/carbon.h"
#include "catalogue/catalogue.h"
#include "cli/case_tell.h"
#include "cli/estimate_beside.h"
#include "report/report_estimate.h"
#include "report/table.h"

#define UJ_PER_10WH INT64_C(36000000000)

const char *jb_case_kwh(int64_t energy_uj, char *buf, size_t size)
{
    char number[32];

    (void)jb_format_decimal(jb_muldiv_sat_i64(energy_uj, 1, UJ_PER_10WH, JB_ROUND_NEAREST), 2,
                            number, sizeof number);
    (void)snprintf(buf, size, "%s kWh", number);
    return buf;
}

/* "121.5 to 226.8 kWh", or one figure where both ends are the same to 10 Wh. */
static const char *span_words(int64_t low, int64_t high, char *buf, size_t size)
{
    char a[32], b[32];

    (void)jb_case_kwh(low, a, sizeof a);
    (void)jb_case_kwh(high, b, sizeof b);
    if (strcmp(a, b) == 0)
        (void)snprintf(buf, size, "%s", a);
    else
        (void)snprintf(buf, size, "%.*s to %s", (int)(strlen(a) - 4), a, b);
    return buf;
}

/* "85.5 kWh (38.3 to 218)" */
static const char *figure_words(const struct jb_figure *figure, char *buf, size_t size)
{
    char best[32], low[32], high[32];

    if (!figure->is_known)
        return "";
    (void)jb_format_kwh_rounded(figure->low, low, sizeof low);
    (void)jb_format_kwh_rounded(figure->high, high, sizeof high);
    (void)snprintf(buf, size, "%s (%.*s to %.*s)",
                   jb_format_kwh_rounded(figure->best, best, sizeof best), (int)(strlen(low) - 4),
                   low, (int)(strlen(high) - 4), high);
    return buf;
}

static struct jb_figure with_facility(const struct jb_estimate *estimate)
{
    const struct jb_figure *const it = &estimate->energy_uj, *const more = &estimate->facility_uj;

    if (!it->is_known || !more->is_known)
        return (struct jb_figure){0};
    return (struct jb_figure){
        true, it->is_hard_bound && more->is_hard_bound, jb_add_sat_i64(it->low, more->low),
        jb_add_sat_i64(it->best, more->best), jb_add_sat_i64(it->high, more->high)};
}

static const char *name_of(const struct jb_case_told *told)
{
    return told->name[0] ? told->name : "as understood here";
}

/* --- equivalents ----------------------------------------------------------------------------------------------- */

/* What an energy is in carbon, by the grid of the case's place: a zone, or the region of a provider. */
struct emitted {
    struct jb_figure ug;
    char zone[24];
};

static struct emitted emitted_by(const struct jb_work *work, const struct jb_figure *energy_uj)
{
    const char *zone = work->place.text;
    struct emitted emitted = {0};
    struct jb_region region;
    struct jb_grid_intensity grid;

    /* Without a place there is no figure of carbon. */
    if (!energy_uj->is_known || work->place.known != JB_KNOWN_VALUE)
        return emitted;
    if (jb_catalogue_find_grid(zone, work->year, NULL, &grid, NULL) < 0) {
        if (jb_catalogue_find_region(NULL, zone, work->year, &region, NULL) < 0 ||
            !region.zone[0] ||
            jb_catalogue_find_grid(region.zone, work->year, NULL, &grid, NULL) < 0)
            return emitted;
    }
    const struct jb_carbon_factor annual = {grid.low_mg_per_kwh, grid.best_mg_per_kwh,
                                            grid.high_mg_per_kwh};
    if (jb_carbon_of_energy(energy_uj, &annual, &emitted.ug, NULL) == JB_OK)
        (void)snprintf(emitted.zone, sizeof emitted.zone, "%s", grid.zone);
    else
        emitted.ug = (struct jb_figure){0};
    return emitted;
}

/*
 * R-CASE-07: how many of a unit an energy or its carbon is, in milli; the span of the sources beside that of the figure.
 * One that is below a tenth or above 9999 tells nobody anything and is left out.
 */
static bool equivalent_of(const struct jb_figure *energy_uj, const struct emitted *emitted,
                          const struct jb_equivalent *one, struct jb_figure *ret_milli)
{
    const struct jb_figure *const of = one->is_carbon ? &emitted->ug : energy_uj;
    const struct jb_span *const unit = &one->micro_per_unit; /* 1e-6 kWh: 3600 uJ are 1e-9 */
    const int64_t per = one->is_carbon ? 1 : 3600;           /* 1e-6 kg: 1 ug is 1e-9 */

    if (!of->is_known || unit->n_rows == 0 || unit->low <= 0)
        return false;
    *ret_milli = (struct jb_figure){
        .is_known = true,
        .low = jb_muldiv_sat_i64(of->low / per, 1, unit->high, JB_ROUND_NEAREST),
        .best = jb_muldiv_sat_i64(of->best / per, 1, unit->best, JB_ROUND_NEAREST),
        .high = jb_muldiv_sat_i64(of->high / per, 1, unit->low, JB_ROUND_NEAREST),
    };
    return ret_milli->best >= 100 && ret_milli->best <= 9999000;
}

/* The published energy as a figure, best in the middle. */
static struct jb_figure published(const struct jb_case *one)
{
    const struct jb_case_documented *const told = &one->documented;

    if (!told->is_told || !told->is_computable)
        return (struct jb_figure){0};
    return (struct jb_figure){true, true, told->low_uj,
                              told->low_uj + (told->high_uj - told->low_uj) / 2, told->high_uj};
}

static const char *three(const struct jb_figure *milli, char *buf, size_t size)
{
    char low[32], best[32], high[32];

    /* One decimal is all that such a comparison bears. */
    (void)jb_format_decimal(jb_muldiv_sat_i64(milli->best, 1, 100, JB_ROUND_NEAREST), 1, best,
                            sizeof best);
    (void)jb_format_decimal(jb_muldiv_sat_i64(milli->low, 1, 100, JB_ROUND_NEAREST), 1, low,
                            sizeof low);
    (void)jb_format_decimal(jb_muldiv_sat_i64(milli->high, 1, 100, JB_ROUND_NEAREST), 1, high,
                            sizeof high);
    (void)snprintf(buf, size, "%s (%s to %s)", best, low, high);
    return buf;
}

static void equivalents_text(const struct jb_work *work, const struct jb_figure *of,
                             const char *what, const struct jb_style *style, struct jb_buf *out)
{
    static const char *const titles[] = {"as many as", "of", "one is", "source"};
    const struct emitted emitted = emitted_by(work, of);
    struct jb_table table;
    char text[128], low[32], high[32];

    if (!of->is_known)
        return;
    jb_buf_addf(out, "\n%s is%s%s%s\n", what, emitted.zone[0] ? " (carbon by the grid of " : "",
                emitted.zone, emitted.zone[0] ? ")" : "");
    jb_table_begin(&table, "rlrl", titles);
    for (size_t i = 0; i < jb_catalogue_n_equivalents(); i++) {
        const struct jb_equivalent one = jb_catalogue_equivalent_at(i);
        const char *const unit = one.is_carbon ? "kg CO2e" : "kWh";
        struct jb_figure milli;
        /* All of the catalogue's are in the JSON; the published account speaks of televisions too. */
        if (!jb_beside_is_usual(&one) && strncmp(one.key, "led_tv_year", 11) != 0)
            continue;
        if (!equivalent_of(of, &emitted, &one, &milli))
            continue;
        jb_table_add(&table, three(&milli, text, sizeof text));
        jb_table_add(&table, one.unit_name);
        (void)jb_format_decimal(one.micro_per_unit.low, 6, low, sizeof low);
        (void)jb_format_decimal(one.micro_per_unit.high, 6, high, sizeof high);
        if (one.micro_per_unit.low == one.micro_per_unit.high)
            jb_table_addf(&table, "%s %s", low, unit);
        else
            jb_table_addf(&table, "%s to %s %s", low, high, unit);
        jb_table_add(&table, one.source);
    }
    jb_table_end(&table, 2, style, out);
}

static json_t *equivalents_json(const struct jb_work *work, const struct jb_figure *of)
{
    const struct emitted emitted = emitted_by(work, of);
    json_t *const list = json_array();

    for (size_t i = 0; i < jb_catalogue_n_equivalents(); i++) {
        const struct jb_equivalent one = jb_catalogue_equivalent_at(i);
        struct jb_figure milli;
        if (equivalent_of(of, &emitted, &one, &milli))
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "key",
                                one.key, "unit", one.unit_name, "is_carbon", (int)one.is_carbon,
                                "zone", one.is_carbon ? emitted.zone : "", "low_milli",
                                (json_int_t)milli.low, "best_milli", (json_int_t)milli.best,
                                "high_milli", (json_int_t)milli.high, "unit_low_micro",
                                (json_int_t)one.micro_per_unit.low, "unit_high_micro",
                                (json_int_t)one.micro_per_unit.high, "source", one.source));
    }
    return list;
}

/* --- text ------------------------------------------------------------------------------------------------------ */

static void published_text(const struct jb_case *one, const struct jb_case_account *account,
                           const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_case_documented *const told = &one->documented;
    const struct jb_case_told *const reading = &account->told[account->documented];
    char span[80], line[512];

    if (!told->is_told)
        return;
    if (!told->is_computable) {
        (void)snprintf(line, sizeof line, "not computable: %s (%s)", told->why_not, told->source);
        jb_text_wrap(line, "published: ", "           ", style, out);
        jb_buf_addf(out, "here:      %s\n", account->is_reproduced ? "the same" : "computable");
        return;
    }
    (void)snprintf(line, sizeof line, "%s, printed as %s (%s)",
                   span_words(told->low_uj, told->high_uj, span, sizeof span),
                   told->printed[0] ? told->printed : span, told->source);
    jb_text_wrap(line, "published: ", "           ", style, out);
    if (!account->plain_uj.is_known)
        (void)snprintf(line, sizeof line, "formula (%s) cannot be applied", told->formula);
    else
        (void)snprintf(line, sizeof line, "%s by formula (%s) from the reading '%s': %s",
                       span_words(account->plain_uj.low, account->plain_uj.high, span, sizeof span),
                       told->formula, name_of(reading),
                       account->is_reproduced ? "the same" : "not the same");
    jb_text_wrap(line, "here:      ", "           ", style, out);
}

static const char *plain_of(const struct jb_estimate *estimate, const char *formula, char *buf,
                            size_t size)
{
    for (size_t i = 0; i < estimate->n_readings; i++)
        if (strcmp(estimate->readings[i].formula, formula) == 0)
            return span_words(estimate->readings[i].energy_uj.low,
                              estimate->readings[i].energy_uj.high, buf, size);
    return "";
}

static const char *carbon_words(const struct jb_work *work, const struct jb_figure *energy_uj,
                                char *buf, size_t size)
{
    const struct emitted emitted = emitted_by(work, energy_uj);
    char best[32], low[32], high[32];

    if (!emitted.ug.is_known)
        return "";
    (void)snprintf(buf, size, "%s (%s to %s), %s",
                   jb_format_co2e(emitted.ug.best, best, sizeof best),
                   jb_format_co2e(emitted.ug.low, low, sizeof low),
                   jb_format_co2e(emitted.ug.high, high, sizeof high), emitted.zone);
    return buf;
}

static void readings_text(const struct jb_case_account *account, const struct jb_style *style,
                          struct jb_buf *out)
{
    static const char *const titles[] = {
        "reading",           "rated power x time (4.4)", "x PUE (4.8)",
        "estimate, machine", "estimate, with PUE",       "carbon"};
    struct jb_table table;
    char a[96], b[96], c[128], d[128], e[128];

    jb_buf_add_text(out, "\n");
    jb_table_begin(&table, "lrrrrr", titles);
    for (size_t i = 0; i < account->n; i++) {
        const struct jb_estimate *const estimate = &account->told[i].estimate;
        const struct jb_figure all = with_facility(estimate);
        jb_table_add(&table, name_of(&account->told[i]));
        jb_table_add(&table, plain_of(estimate, "4.4", a, sizeof a));
        jb_table_add(&table, plain_of(estimate, "4.8", b, sizeof b));
        jb_table_add(&table, figure_words(&estimate->energy_uj, c, sizeof c));
        jb_table_add(&table, figure_words(&all, d, sizeof d));
        jb_table_add(&table, carbon_words(account->told[i].work,
                                          all.is_known ? &all : &estimate->energy_uj, e, sizeof e));
    }
    jb_table_end(&table, 0, style, out);
    for (size_t i = 1; i < account->n; i++) {
        char first[80];
        (void)snprintf(first, sizeof first, "  %s: ", account->told[i].name);
        jb_text_wrap(account->told[i].why, first, "    ", style, out);
    }
    jb_buf_add_text(out,
                    "The estimate is a 90 % band of the whole machine; (4.4) and (4.8) take the "
                    "rated power alone.\n");
}

static void contributions_text(const struct jb_estimate *estimate, const struct jb_style *style,
                               struct jb_buf *out)
{
    static const char *const titles[] = {"doubt", "from", "to", "what would narrow it"};
    struct jb_table table;
    char text[32];

    if (estimate->n_doubts == 0)
        return;
    jb_buf_add_text(out, "\nWhat each doubt contributes, the others at their best:\n");
    jb_table_begin(&table, "lrrl", titles);
    for (size_t i = 0; i < estimate->n_doubts; i++) {
        const struct jb_estimate_doubt *const doubt = &estimate->doubts[i];
        jb_table_add(&table, doubt->name);
        jb_table_add(&table, jb_format_kwh_rounded(doubt->low_uj, text, sizeof text));
        jb_table_add(&table, jb_format_kwh_rounded(doubt->high_uj, text, sizeof text));
        jb_table_add(&table, doubt->step);
    }
    jb_table_end(&table, 2, style, out);
}

static void choices_text(const struct jb_estimate *estimate, const struct jb_style *style,
                         struct jb_buf *out)
{
    static const char *const titles[] = {"method", "formula", "", "why"};
    struct jb_table table;

    jb_buf_add_text(out, "\nMethods (table 4.1):\n");
    jb_table_begin(&table, "llll", titles);
    for (size_t i = 0; i < estimate->n_choices; i++) {
        const struct jb_estimate_choice *const choice = &estimate->choices[i];
        jb_table_add(&table, jb_method_name(choice->method));
        jb_table_add(&table, choice->formula);
        jb_table_add(&table, choice->is_chosen     ? "chosen"
                             : choice->is_possible ? "possible"
                                                   : "not possible");
        jb_table_add(&table, choice->why);
    }
    jb_table_end(&table, 2, style, out);
}

static void list_text(const char *title, const char *lines, size_t stride, size_t n,
                      const struct jb_style *style, struct jb_buf *out)
{
    if (n > 0)
        jb_buf_addf(out, "\n%s:\n", title);
    for (size_t i = 0; i < n; i++)
        jb_text_wrap(lines + i * stride, "  - ", "    ", style, out);
}

static void account_text(const struct jb_case *one, const struct jb_case_account *account,
                         bool with_equivalents, const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_estimate *const estimate = &account->told[0].estimate;
    const struct jb_figure printed = published(one);
    char line[512];

    (void)snprintf(line, sizeof line, "%s: %s", one->id, one->title);
    jb_text_wrap(line, "", "  ", style, out);
    jb_buf_add_text(out, "\n");
    published_text(one, account, style, out);
    if (!estimate->is_computable) {
        const struct jb_case_answer *const hardware = &one->answers[JB_CASE_HARDWARE];
        jb_buf_addf(out, "account:   not computable: %s\n", estimate->why_not);
        jb_buf_add_text(out,
                        "needed:    hours, and the name of accelerator, processor or instance\n");
        if (hardware->is_told && hardware->text[0] && hardware->known != JB_KNOWN_VALUE)
            jb_text_wrap(hardware->text, "           said of it: ", "           ", style, out);
    } else {
        readings_text(account, style, out);
        contributions_text(estimate, style, out);
    }
    choices_text(estimate, style, out);
    list_text("Doubts that no band holds", one->doubts[0], sizeof one->doubts[0], one->n_doubts,
              style, out);
    list_text("Notes", estimate->notes[0], sizeof estimate->notes[0], estimate->n_notes, style,
              out);
    if (with_equivalents) {
        const struct jb_figure all = with_facility(estimate);
        equivalents_text(&one->work, &printed, "What was published", style, out);
        equivalents_text(&one->work, all.is_known ? &all : &estimate->energy_uj,
                         all.is_known ? "The estimate with PUE" : "The estimate", style, out);
    }
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static json_t *figure_json(const struct jb_figure *figure)
{
    if (!figure->is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:I}", "low", (json_int_t)figure->low, "best",
                     (json_int_t)figure->best, "high", (json_int_t)figure->high);
}

static json_t *told_json(const struct jb_case_told *told)
{
    const struct jb_estimate *const estimate = &told->estimate;
    const struct jb_figure all = with_facility(estimate);
    json_t *const plain = json_array(), *const doubts = json_array(), *const choices = json_array(),
                  *const notes = json_array();

    for (size_t i = 0; i < estimate->n_readings; i++)
        (void)json_array_append_new(
            plain, json_pack("{s:s, s:s, s:o}", "formula", estimate->readings[i].formula, "name",
                             estimate->readings[i].name, "energy_uj",
                             figure_json(&estimate->readings[i].energy_uj)));
    for (size_t i = 0; i < estimate->n_doubts; i++)
        (void)json_array_append_new(
            doubts,
            json_pack("{s:s, s:I, s:I, s:s}", "name", estimate->doubts[i].name, "low_uj",
                      (json_int_t)estimate->doubts[i].low_uj, "high_uj",
                      (json_int_t)estimate->doubts[i].high_uj, "step", estimate->doubts[i].step));
    for (size_t i = 0; i < estimate->n_choices; i++)
        (void)json_array_append_new(choices,
                                    json_pack("{s:s, s:s, s:b, s:b, s:s}", "method",
                                              jb_method_name(estimate->choices[i].method),
                                              "formula", estimate->choices[i].formula,
                                              "is_possible", (int)estimate->choices[i].is_possible,
                                              "is_chosen", (int)estimate->choices[i].is_chosen,
                                              "why", estimate->choices[i].why));
    for (size_t i = 0; i < estimate->n_notes; i++)
        (void)json_array_append_new(notes, json_string(estimate->notes[i]));
    const struct emitted emitted =
        emitted_by(told->work, all.is_known ? &all : &estimate->energy_uj);
    return json_pack("{s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "name",
                     told->name, "why", told->why, "is_computable", (int)estimate->is_computable,
                     "why_not", estimate->is_computable ? "" : estimate->why_not, "energy_uj",
                     figure_json(&estimate->energy_uj), "facility_uj",
                     figure_json(&estimate->facility_uj), "with_facility_uj", figure_json(&all),
                     "carbon_ugco2e", figure_json(&emitted.ug), "zone", emitted.zone, "plain",
                     plain, "contributions", doubts, "methods", choices, "notes", notes);
}

static json_t *published_json(const struct jb_case *one, const struct jb_case_account *account)
{
    const struct jb_case_documented *const told = &one->documented;
    const struct jb_figure figure = published(one);

    if (!told->is_told)
        return json_null();
    return json_pack("{s:b, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:b}", "is_computable",
                     (int)told->is_computable, "why_not", told->why_not, "energy_uj",
                     figure_json(&figure), "formula", told->formula, "reading", told->reading,
                     "printed", told->printed, "source", told->source, "here_uj",
                     figure_json(&account->plain_uj), "is_reproduced", (int)account->is_reproduced);
}

static jb_rc account_json(const struct jb_case *one, const struct jb_case_account *account,
                          const struct jb_case_entered *entered, bool with_equivalents,
                          struct jb_buf *out, struct jb_error *err)
{
    json_t *const readings = json_array(), *const doubts = json_array();
    const struct jb_figure printed = published(one);
    const struct jb_figure all = with_facility(&account->told[0].estimate);

    for (size_t i = 0; i < account->n; i++)
        (void)json_array_append_new(readings, told_json(&account->told[i]));
    for (size_t i = 0; i < one->n_doubts; i++)
        (void)json_array_append_new(doubts, json_string(one->doubts[i]));
    json_t *const value =
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "case", one->id, "title", one->title, "published",
                  published_json(one, account), "readings", readings, "doubts", doubts);
    if (value && with_equivalents) {
        (void)json_object_set_new(value, "equivalents_published",
                                  equivalents_json(&one->work, &printed));
        (void)json_object_set_new(
            value, "equivalents_estimate",
            equivalents_json(&one->work,
                             all.is_known ? &all : &account->told[0].estimate.energy_uj));
    }
    if (value && entered)
        (void)json_object_set_new(value, "entered",
                                  json_pack("{s:s, s:s, s:s}", "run_id", entered->run_id, "state",
                                            entered->state, "reading", entered->reading));
    return jb_case_dump(value, out, err);
}

/* --- CSV ------------------------------------------------------------------------------------------------------- */

static void figure_csv(const struct jb_figure *figure, struct jb_buf *out)
{
    if (figure->is_known)
        jb_buf_addf(out, ",%lld,%lld,%lld", (long long)figure->low, (long long)figure->best,
                    (long long)figure->high);
    else
        jb_buf_add_text(out, ",,,");
}

static void account_csv(const struct jb_case *one, const struct jb_case_account *account,
                        struct jb_buf *out)
{
    jb_buf_add_text(out, "case,reading,formula,low_uj,best_uj,high_uj\r\n");
    for (size_t i = 0; i < account->n; i++) {
        const struct jb_case_told *const told = &account->told[i];
        const struct jb_figure all = with_facility(&told->estimate);
        for (size_t k = 0; k < told->estimate.n_readings; k++) {
            jb_buf_addf(out, "%s,", one->id);
            jb_buf_add_csv(out, told->name);
            jb_buf_addf(out, ",%s", told->estimate.readings[k].formula);
            figure_csv(&told->estimate.readings[k].energy_uj, out);
            jb_buf_add_text(out, "\r\n");
        }
        jb_buf_addf(out, "%s,", one->id);
        jb_buf_add_csv(out, told->name);
        jb_buf_add_text(out, ",estimate");
        figure_csv(&told->estimate.energy_uj, out);
        jb_buf_addf(out, "\r\n%s,", one->id);
        jb_buf_add_csv(out, told->name);
        jb_buf_add_text(out, ",estimate with PUE");
        figure_csv(&all, out);
        jb_buf_add_text(out, "\r\n");
    }
}

jb_rc jb_case_tell_account(const struct jb_case *one, const struct jb_case_account *account,
                           const struct jb_case_entered *entered, bool with_equivalents,
                           enum jb_format format, const struct jb_style *style, struct jb_buf *out,
                           struct jb_error *err)
{
    switch (format) {
    case JB_FORMAT_JSON: return account_json(one, account, entered, with_equivalents, out, err);
    case JB_FORMAT_CSV: account_csv(one, account, out); return JB_OK;
    case JB_FORMAT_TEXT:
        account_text(one, account, with_equivalents, style, out);
        if (entered)
            jb_buf_addf(out, "\nrun %s (%s): %s\n", entered->run_id,
                        entered->reading[0] ? entered->reading : "as understood here",
                        entered->state);
        return JB_OK;
    }
    return JB_E_INTERNAL;
}
