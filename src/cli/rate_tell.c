/* SPDX-License-Identifier: Apache-2.0 */
/* Ratings for people, and as CSV. Must never show a verdict without the class and the number of runs and sources behind it. */
#include "cli/rate_tell.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "report/table.h"

#define LABEL     15
#define UJ_PER_MJ 1000

/* Three digits and a unit of the ladder that fits. */
static const char *ladder(int64_t value, size_t rung, char *buf, size_t size)
{
    static const char *const units[] = {"aJ", "fJ", "pJ", "nJ", "uJ", "mJ", "J", "kJ", "MJ", "GJ"};
    int64_t over = 1;
    char number[32];

    while (value / over >= 1000 && rung + 1 < JB_ARRAY_LEN(units)) {
        over *= 1000;
        rung++;
    }
    const int64_t whole = value / over;
    const unsigned scale = over == 1 ? 0 : whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
    const int64_t tens = scale == 0 ? 1 : scale == 1 ? 10 : 100;
    (void)jb_format_decimal(jb_muldiv_sat_i64(value, tens, over, JB_ROUND_NEAREST), scale, number,
                            sizeof number);
    (void)snprintf(buf, size, "%s %s", number, units[rung]);
    return buf;
}

const char *jb_rate_value_text(int64_t value, enum jb_rate_measure measure, char *buf, size_t size)
{
    static const int64_t gwh_mj = INT64_C(3600000000000000);
    char number[32];

    if (measure == JB_RATE_PER_FLOP)
        return ladder(value, 0, buf, size);
    if (measure != JB_RATE_PER_RUN)
        return ladder(value, 3, buf, size);
    if (value <= INT64_MAX / UJ_PER_MJ)
        return jb_format_energy(value * UJ_PER_MJ, buf, size);
    (void)jb_format_decimal(jb_muldiv_sat_i64(value, 100, gwh_mj, JB_ROUND_NEAREST), 2, number,
                            sizeof number);
    (void)snprintf(buf, size, "%s GWh", number);
    return buf;
}

const char *jb_rate_widening_text(const struct jb_rate_class *of, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s%s%s",
                   of->widening.size == JB_RATE_ANY_SIZE && of->measure == JB_RATE_PER_RUN
                       ? " --relax size"
                       : "",
                   of->widening.any_architecture ? " --relax architecture" : "",
                   of->widening.any_method ? " --any-method" : "");
    if (buf[0] == ' ')
        memmove(buf, buf + 1, strlen(buf));
    return buf;
}

static void method_text(const struct jb_rate_method *method, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s, %s, %s", jb_rate_boundary_name(method->boundary),
                   jb_rate_basis_name(method->basis), jb_rate_overhead_name(method->overhead));
}

/* "10M to 100M parameters", "... and the sizes beside it", "any size (3000000 to 400000000 parameters)". */
static void sizes_text(const struct jb_rate_subject *subject, const struct jb_rate_class *of,
                       char *buf, size_t size)
{
    char own[48];

    (void)jb_rate_size_text(subject, own, sizeof own);
    if (of->widening.size == JB_RATE_ANY_SIZE)
        (void)snprintf(buf, size, "of any size");
    else
        (void)snprintf(buf, size, "%s%s", own[0] ? own : "size not told",
                       of->widening.size == JB_RATE_NEXT_SIZES ? " and the sizes beside it" : "");
    if (of->widening.size != JB_RATE_SAME_SIZE && of->least_parameters > 0) {
        const size_t used = strlen(buf);
        (void)snprintf(buf + used, size - used, ", %lld to %lld parameters",
                       (long long)of->least_parameters, (long long)of->most_parameters);
    }
}

static void class_text(const struct jb_rate_subject *subject, const struct jb_rate_class *of,
                       char *buf, size_t size)
{
    char sizes[128], method[64];

    sizes_text(subject, of, sizes, sizeof sizes);
    method_text(&of->method, method, sizeof method);
    (void)snprintf(buf, size, "%s, %s, %s; %s; %s", subject->application,
                   of->widening.any_architecture ? "any architecture"
                   : subject->architecture[0]    ? subject->architecture
                                                 : "architecture not told",
                   subject->stage, sizes, of->widening.any_method ? "any method" : method);
}

static void line(const char *label, const char *text, const struct jb_style *style,
                 struct jb_buf *out)
{
    char first[LABEL + 1], rest[LABEL + 1];

    (void)snprintf(first, sizeof first, "%-*s", LABEL, label);
    (void)snprintf(rest, sizeof rest, "%-*s", LABEL, "");
    jb_text_wrap(text, first, rest, style, out);
}

static const char *percent(int64_t ppm, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%lld", (long long)((ppm + 5000) / 10000));
    return buf;
}

static void tell_class(const struct jb_rate_subject *subject, const struct jb_rating *rating,
                       const struct jb_style *style, struct jb_buf *out)
{
    const struct jb_rate_class *const of = &rating->of;
    char text[400], a[48], b[48], c[48], d[48], e[48], label[32];

    class_text(subject, of, text, sizeof text);
    line("class", text, style, out);
    (void)snprintf(text, sizeof text, "%zu runs of %zu sources", of->n_runs, of->n_sources);
    if (of->n_twice > 0)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       "; %zu more are the same trainings again", of->n_twice);
    line("references", text, style, out);
    (void)snprintf(label, sizeof label, "per %s", jb_rate_measure_name(of->measure));
    (void)snprintf(text, sizeof text,
                   "low below %s, median %s, high above %s (least %s, greatest %s)",
                   jb_rate_value_text(of->q1, of->measure, a, sizeof a),
                   jb_rate_value_text(of->median, of->measure, b, sizeof b),
                   jb_rate_value_text(of->q3, of->measure, c, sizeof c),
                   jb_rate_value_text(of->least, of->measure, d, sizeof d),
                   jb_rate_value_text(of->greatest, of->measure, e, sizeof e));
    line(label, text, style, out);
}

static void tell_rated(const struct jb_rate_subject *subject, const struct jb_rating *rating,
                       const struct jb_style *style, struct jb_buf *out)
{
    const enum jb_rate_measure measure = rating->of.measure;
    char text[320], a[48], b[48], c[48], method[64];

    (void)snprintf(text, sizeof text, "%s  (%s)",
                   jb_format_energy(rating->energy_uj.best, a, sizeof a),
                   jb_report_band(&rating->energy_uj, jb_format_energy, b, sizeof b));
    method_text(&rating->of.method, method, sizeof method);
    if (!rating->of.widening.any_method)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), ": %s", method);
    line("energy", text, style, out);
    if (measure != JB_RATE_PER_RUN) {
        (void)snprintf(text, sizeof text, "%s per %s  (%s .. %s)",
                       jb_rate_value_text(rating->value.best, measure, a, sizeof a),
                       jb_rate_measure_name(measure),
                       jb_rate_value_text(rating->value.low, measure, b, sizeof b),
                       jb_rate_value_text(rating->value.high, measure, c, sizeof c));
        line("", text, style, out);
    }
    tell_class(subject, rating, style, out);
    (void)snprintf(text, sizeof text,
                   "%s of 100  (%s .. %s, with its own band and the number of references)",
                   percent(rating->percentile_ppm, a, sizeof a),
                   percent(rating->low_ppm, b, sizeof b), percent(rating->high_ppm, c, sizeof c));
    line("percentile", text, style, out);
    if (rating->could_be != rating->verdicts) {
        (void)snprintf(text, sizeof text, "%s, beside as many other references",
                       jb_rate_verdict_text(rating->could_be, a, sizeof a));
        line("could be", text, style, out);
    }
}

static void tell_near(const struct jb_rate_subject *subject, const struct jb_rating *rating,
                      const struct jb_style *style, struct jb_buf *out)
{
    char text[512], what[400], with[64];

    for (size_t i = 0; i < rating->n_near; i++) {
        const struct jb_rate_class *const near = &rating->near[i];
        class_text(subject, near, what, sizeof what);
        (void)jb_rate_widening_text(near, with, sizeof with);
        (void)snprintf(text, sizeof text, "%zu runs of %zu sources: %s (%s%s--per %s)",
                       near->n_runs, near->n_sources, what, with, with[0] ? " " : "",
                       jb_rate_measure_name(near->measure));
        line(i == 0 ? "nearest" : "", text, style, out);
    }
    if (rating->n_near == 0)
        line("nearest", "no class of this application and stage exists", style, out);
}

static void tell_one(const struct jb_rate_subject *subject, const struct jb_rating *rating,
                     const struct jb_style *style, struct jb_buf *out)
{
    char text[320], verdict[32];

    (void)snprintf(text, sizeof text, "%s%s%s", subject->id[0] ? subject->id : "the whole",
                   subject->model[0] ? ", " : "", subject->model);
    if (subject->n_runs > 1)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), ", %zu runs together",
                       subject->n_runs);
    line(subject->id[0] ? "run" : "model", text, style, out);
    if (rating->is_rated) {
        line("verdict", jb_rate_verdict_text(rating->verdicts, verdict, sizeof verdict), style,
             out);
        tell_rated(subject, rating, style, out);
        return;
    }
    line("verdict", "no comparable reference", style, out);
    line("lacking", rating->why_not, style, out);
    if (subject->application[0] && subject->stage[0] && subject->n_views > 0)
        tell_near(subject, rating, style, out);
}

/* --- several ------------------------------------------------------------------------------------------------------------------ */

static void tell_table(const struct jb_rate_told *told, const struct jb_style *style,
                       struct jb_buf *out)
{
    static const char *const titles[] = {"RUN",        "MODEL",      "STAGE", "ENERGY", "VERDICT",
                                         "PERCENTILE", "REFERENCES", "PER",   "WIDENED"};
    struct jb_table table;
    char text[64];

    jb_table_begin(&table, "lllrlrrll", titles);
    for (size_t i = 0; i < told->n; i++) {
        const struct jb_rate_subject *const subject = &told->subjects[i];
        const struct jb_rating *const rating = &told->ratings[i];
        const struct jb_rate_class *const of = &rating->of;
        jb_table_addf(&table, "%.18s", subject->id[0] ? subject->id : "the whole");
        jb_table_add(&table, subject->model);
        jb_table_add(&table, subject->stage);
        jb_table_add(&table,
                     subject->n_views == 0
                         ? "unknown"
                         : jb_format_energy(subject->views[0].energy_uj.best, text, sizeof text));
        jb_table_add(&table, rating->is_rated
                                 ? jb_rate_verdict_text(rating->verdicts, text, sizeof text)
                                 : "no comparable reference");
        if (rating->is_rated) {
            char low[8], high[8], best[8];
            jb_table_addf(&table, "%s (%s .. %s)",
                          percent(rating->percentile_ppm, best, sizeof best),
                          percent(rating->low_ppm, low, sizeof low),
                          percent(rating->high_ppm, high, sizeof high));
        } else {
            jb_table_add(&table, "");
        }
        jb_table_addf(&table, "%zu of %zu sources", of->n_runs, of->n_sources);
        jb_table_add(&table, rating->is_rated ? jb_rate_measure_name(of->measure) : "");
        jb_table_addf(&table, "%s%s%s",
                      of->widening.size == JB_RATE_SAME_SIZE    ? ""
                      : of->widening.size == JB_RATE_NEXT_SIZES ? "next sizes"
                                                                : "any size",
                      of->widening.any_architecture ? ", any architecture" : "",
                      of->widening.any_method ? ", any method" : "");
    }
    jb_table_end(&table, 0, style, out);
}

static void tell_refs(const struct jb_rate_told *told, const struct jb_style *style,
                      struct jb_buf *out)
{
    char text[600];
    size_t used = (size_t)snprintf(text, sizeof text, "%zu rows of %s", told->refs->n, told->from);

    for (int i = 0; i < JB_RATE_LEFT_OUT && used < sizeof text; i++)
        if (told->refs->n_left_out[i] > 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "; %lld %s",
                                     (long long)told->refs->n_left_out[i],
                                     jb_rate_left_out_text((enum jb_rate_left_out)i));
    line("from", text, style, out);
}

static void tell_csv(const struct jb_rate_told *told, struct jb_buf *out)
{
    char verdict[32];

    jb_buf_add_text(out, "run,model,application,architecture,stage,verdict,percentile_ppm,low_ppm,"
                         "high_ppm,measure,value,q1,median,q3,n_runs,n_sources,lacking\r\n");
    for (size_t i = 0; i < told->n; i++) {
        const struct jb_rate_subject *const subject = &told->subjects[i];
        const struct jb_rating *const rating = &told->ratings[i];
        const struct jb_rate_class *const of = &rating->of;
        const char *const texts[] = {
            subject->id,
            subject->model,
            subject->application,
            subject->architecture,
            subject->stage,
            rating->is_rated ? jb_rate_verdict_text(rating->verdicts, verdict, sizeof verdict)
                             : "no comparable reference"};
        for (size_t k = 0; k < JB_ARRAY_LEN(texts); k++) {
            jb_buf_add_csv(out, texts[k]);
            jb_buf_add_text(out, ",");
        }
        if (rating->is_rated)
            jb_buf_addf(out, "%lld,%lld,%lld,%s,%lld,%lld,%lld,%lld,",
                        (long long)rating->percentile_ppm, (long long)rating->low_ppm,
                        (long long)rating->high_ppm, jb_rate_measure_name(of->measure),
                        (long long)rating->value.best, (long long)of->q1, (long long)of->median,
                        (long long)of->q3);
        else
            jb_buf_add_text(out, ",,,,,,,,");
        jb_buf_addf(out, "%zu,%zu,", of->n_runs, of->n_sources);
        jb_buf_add_csv(out, rating->why_not);
        jb_buf_add_text(out, "\r\n");
    }
}

jb_rc jb_rate_tell(const struct jb_rate_told *told, enum jb_format format,
                   const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    if (format == JB_FORMAT_JSON)
        return jb_rate_tell_json(told, out, err);
    if (format == JB_FORMAT_CSV) {
        tell_csv(told, out);
        return JB_OK;
    }
    if (told->n == 1)
        tell_one(&told->subjects[0], &told->ratings[0], style, out);
    else
        tell_table(told, style, out);
    tell_refs(told, style, out);
    return JB_OK;
}
