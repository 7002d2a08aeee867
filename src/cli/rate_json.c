/* SPDX-License-Identifier: Apache-2.0 */
/* Ratings and the frontier as JSON: integers, units in the names, what is not known null. docs/format/rating.md. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/rate_tell.h"

static const char *const units[JB_RATE_MEASURES] = {[JB_RATE_PER_FLOP] = "aJ/FLOP",
                                                    [JB_RATE_PER_EXAMPLE] = "nJ/example",
                                                    [JB_RATE_PER_PARAMETER] = "nJ/parameter",
                                                    [JB_RATE_PER_RUN] = "mJ"};

static json_t *text_of(const char *text)
{
    json_t *const string = json_string(text);
    return text[0] && string ? string : (json_decref(string), json_null());
}

static json_t *number_of(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *verdicts_of(unsigned verdicts)
{
    json_t *const list = json_array();
    char word[32];

    for (unsigned verdict = JB_RATE_LOW; verdict <= JB_RATE_HIGH; verdict *= 2)
        if (verdicts & verdict)
            (void)json_array_append_new(
                list, json_string(jb_rate_verdict_text(verdict, word, sizeof word)));
    return list;
}

static json_t *band(int64_t low, int64_t best, int64_t high)
{
    return json_pack("{s:I, s:I, s:I}", "low", (json_int_t)low, "best", (json_int_t)best, "high",
                     (json_int_t)high);
}

static json_t *class_of(const struct jb_rate_class *of)
{
    static const char *const sizes[] = {"same", "next", "any"};
    const bool is_empty = of->n_runs == 0;
    json_t *const object = json_pack(
        "{s:s, s:s, s:s, s:b, s:I, s:I, s:I}", "measure", jb_rate_measure_name(of->measure), "unit",
        units[of->measure], "size", sizes[of->widening.size], "any_architecture",
        (int)of->widening.any_architecture, "n_runs", (json_int_t)of->n_runs, "n_sources",
        (json_int_t)of->n_sources, "n_twice", (json_int_t)of->n_twice);
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"boundary", of->widening.any_method
                         ? json_null()
                         : json_string(jb_rate_boundary_name(of->method.boundary))},
        {"basis",
         of->widening.any_method ? json_null() : json_string(jb_rate_basis_name(of->method.basis))},
        {"has_pue", of->widening.any_method
                        ? json_null()
                        : json_boolean(of->method.overhead == JB_RATE_FACILITY)},
        {"least", is_empty ? json_null() : json_integer(of->least)},
        {"q1", is_empty ? json_null() : json_integer(of->q1)},
        {"median", is_empty ? json_null() : json_integer(of->median)},
        {"q3", is_empty ? json_null() : json_integer(of->q3)},
        {"greatest", is_empty ? json_null() : json_integer(of->greatest)},
        {"least_parameters", number_of(is_empty ? -1 : of->least_parameters)},
        {"most_parameters", number_of(is_empty ? -1 : of->most_parameters)},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        (void)json_object_set_new(object, members[i].key, members[i].value);
    return object;
}

static json_t *rating_of(const struct jb_rate_subject *subject, const struct jb_rating *rating)
{
    json_t *const near = json_array();
    const bool is_rated = rating->is_rated;
    json_t *const object =
        json_pack("{s:b, s:I}", "is_rated", (int)is_rated, "n_runs", (json_int_t)subject->n_runs);

    for (size_t i = 0; i < rating->n_near; i++)
        (void)json_array_append_new(near, class_of(&rating->near[i]));
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"run", text_of(subject->id)},
        {"model", text_of(subject->model)},
        {"application", text_of(subject->application)},
        {"architecture", text_of(subject->architecture)},
        {"stage", text_of(subject->stage)},
        {"parameters", number_of(subject->n_parameters)},
        {"verdicts", verdicts_of(rating->verdicts)},
        {"could_be", verdicts_of(rating->could_be)},
        {"lacking", text_of(rating->why_not)},
        {"energy_uj",
         is_rated ? band(rating->energy_uj.low, rating->energy_uj.best, rating->energy_uj.high)
                  : json_null()},
        {"value",
         is_rated ? band(rating->value.low, rating->value.best, rating->value.high) : json_null()},
        {"percentile_ppm",
         is_rated ? band(rating->low_ppm, rating->percentile_ppm, rating->high_ppm) : json_null()},
        {"class", class_of(&rating->of)},
        {"near", near},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        (void)json_object_set_new(object, members[i].key, members[i].value);
    return object;
}

static jb_rc dump(json_t *object, struct jb_buf *out, struct jb_error *err)
{
    char *const text = object ? json_dumps(object, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;

    json_decref(object);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for JSON");
    jb_buf_addf(out, "%s\n", text);
    free(text);
    return JB_OK;
}

jb_rc jb_rate_tell_json(const struct jb_rate_told *told, struct jb_buf *out, struct jb_error *err)
{
    json_t *const ratings = json_array();

    for (size_t i = 0; i < told->n; i++)
        (void)json_array_append_new(ratings, rating_of(&told->subjects[i], &told->ratings[i]));
    const int64_t *const left_out = told->refs->n_left_out;
    return dump(json_pack("{s:s, s:s, s:I, s:{s:I, s:I, s:I, s:I}, s:o}", "schema",
                          "joulebook.rating/1", "references", told->from, "n_references",
                          (json_int_t)told->refs->n, "left_out", "no_energy",
                          (json_int_t)left_out[JB_RATE_NO_ENERGY], "implausible",
                          (json_int_t)left_out[JB_RATE_IMPLAUSIBLE], "known_wrong",
                          (json_int_t)left_out[JB_RATE_KNOWN_WRONG], "no_training",
                          (json_int_t)left_out[JB_RATE_NO_TRAINING], "ratings", ratings),
                out, err);
}

jb_rc jb_pareto_tell_json(const struct jb_pareto *pareto, const struct jb_inventory *inventory,
                          struct jb_buf *out, struct jb_error *err)
{
    static const char *const rules[] = {NULL, "knee", "worth"};
    json_t *const points = json_array();
    const bool has_stop = pareto->rule != JB_PARETO_TOO_FEW;

    for (size_t i = 0; i < pareto->n; i++) {
        const struct jb_pareto_point *const point = &pareto->points[i];
        (void)json_array_append_new(
            points,
            json_pack("{s:s, s:s, s:I, s:o, s:I, s:b, s:b, s:b, s:o}", "run",
                      inventory->runs[point->run].id, "at", point->at, "value_nano",
                      (json_int_t)point->value, "energy_uj",
                      band(point->energy_uj.low, point->energy_uj.best, point->energy_uj.high),
                      "cumulative_uj", (json_int_t)point->cumulative_uj, "is_frontier",
                      (int)point->is_frontier, "is_record", (int)point->is_record, "is_on_hull",
                      (int)point->is_on_hull, "marginal_uj_per_point",
                      number_of(point->marginal_uj)));
    }
    json_t *const stop =
        has_stop ? json_pack("{s:s, s:s, s:I, s:I, s:o}", "rule", rules[pareto->rule], "run",
                             inventory->runs[pareto->points[pareto->stop].run].id, "after_uj",
                             (json_int_t)pareto->after_uj, "after_gain_nano",
                             (json_int_t)pareto->after_gain, "worth_uj_per_point",
                             number_of(pareto->worth_uj))
                 : json_null();
    return dump(json_pack("{s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:o}", "schema",
                          "joulebook.pareto/1", "metric", pareto->metric, "is_more_better",
                          (int)(pareto->way == JB_METRIC_WAY_MAX), "layer",
                          jb_layer_name(pareto->layer), "point_nano", (json_int_t)pareto->point,
                          "total_uj", (json_int_t)pareto->total_uj, "n_without_metric",
                          (json_int_t)pareto->n_without, "n_without_energy",
                          (json_int_t)pareto->n_unknown, "stop", stop, "points", points),
                out, err);
}
