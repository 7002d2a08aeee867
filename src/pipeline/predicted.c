/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prediction to its line and its JSON, and back: what was shown is what is entered, digit by digit. A figure that was
 * not known stays unknown. Must never take a line of a training for one of ours.
 */
#include "pipeline/predicted.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "carbon/carbon.h"
#include "catalogue/catalogue.h"
#include "pipeline/marks_file.h"

#define WORD      "prediction"
#define N_FIGURES 4

static struct jb_figure *figure_at(struct jb_predicted *predicted, size_t i)
{
    struct jb_figure *const figures[N_FIGURES] = {&predicted->energy_uj, &predicted->duration_ns,
                                                  &predicted->location_ugco2e,
                                                  &predicted->cost_micro};
    return figures[i];
}

static const struct jb_figure *figure_of(const struct jb_predicted *predicted, size_t i)
{
    const struct jb_figure *const figures[N_FIGURES] = {
        &predicted->energy_uj, &predicted->duration_ns, &predicted->location_ugco2e,
        &predicted->cost_micro};
    return figures[i];
}

static void price(const struct jb_run *run, struct jb_predicted *predicted)
{
    struct jb_figure energy = predicted->energy_uj;
    struct jb_grid_intensity grid;

    if (run->pue_milli > 0) {
        energy.low = jb_muldiv_sat_i64(energy.low, run->pue_milli, 1000, JB_ROUND_FLOOR);
        energy.best = jb_muldiv_sat_i64(energy.best, run->pue_milli, 1000, JB_ROUND_NEAREST);
        energy.high = jb_muldiv_sat_i64(energy.high, run->pue_milli, 1000, JB_ROUND_CEIL);
    }
    if (run->place[0] && jb_catalogue_find_grid(run->place, 0, NULL, &grid, NULL) == JB_OK) {
        const struct jb_carbon_factor factor = {grid.low_mg_per_kwh, grid.best_mg_per_kwh,
                                                grid.high_mg_per_kwh};
        if (jb_carbon_of_energy(&energy, &factor, &predicted->location_ugco2e, NULL) < 0)
            predicted->location_ugco2e = (struct jb_figure){0};
    }
    if (run->tariff_micro_per_kwh >= 0) {
        if (jb_cost_of_energy(&energy, run->tariff_micro_per_kwh, &predicted->cost_micro, NULL) < 0)
            predicted->cost_micro = (struct jb_figure){0};
        memcpy(predicted->currency, run->currency, sizeof predicted->currency);
    }
}

void jb_predicted_make(const struct jb_run *run, const struct jb_prediction *prediction,
                       const char *unit, int64_t elapsed_ns, int64_t utc_us,
                       struct jb_predicted *ret)
{
    struct jb_predicted predicted = {
        .utc_us = utc_us,
        .elapsed_ns = elapsed_ns,
        .work = prediction->work,
        .total_work = prediction->total_work,
        .energy_uj = prediction->energy_uj,
        .duration_ns = prediction->duration_ns,
    };
    (void)snprintf(predicted.unit, sizeof predicted.unit, "%s", unit);
    memcpy(predicted.run_id, run->id, sizeof predicted.run_id);
    price(run, &predicted);
    *ret = predicted;
}

jb_rc jb_predicted_to_line(const struct jb_predicted *predicted, char *line, size_t size,
                           struct jb_error *err)
{
    struct jb_buf text = JB_BUF(JB_MARK_TEXT - 1);
    jb_buf_addf(&text, "%c" WORD " %s %lld %lld %lld", JB_MARK_OURS, predicted->unit,
                (long long)predicted->work, (long long)predicted->total_work,
                (long long)predicted->elapsed_ns);
    for (size_t i = 0; i < N_FIGURES; i++) {
        const struct jb_figure *const figure = figure_of(predicted, i);
        if (figure->is_known)
            jb_buf_addf(&text, " %lld %lld %lld", (long long)figure->low, (long long)figure->best,
                        (long long)figure->high);
        else
            jb_buf_add_text(&text, " - - -");
    }
    jb_buf_addf(&text, " %s", predicted->currency[0] ? predicted->currency : "-");
    const bool fits = text.failed == JB_OK && text.len < size;
    if (fits)
        memcpy(line, jb_buf_text(&text), text.len + 1);
    jb_buf_release(&text);
    return fits ? JB_OK : jb_fail(err, JB_E_RANGE, NULL, "a prediction does not fit a line");
}

/* The next word of a line, which is ended there; "" at its end. */
static const char *next_word(const char **at, char *word, size_t size)
{
    const size_t len = strcspn(*at, " ");
    const size_t n = len < size - 1 ? len : size - 1;

    memcpy(word, *at, n);
    word[n] = '\0';
    *at += len + ((*at)[len] == ' ' ? 1 : 0);
    return word;
}

static bool number_of(const char **at, int64_t *ret)
{
    char word[32];

    (void)next_word(at, word, sizeof word);
    return jb_parse_i64(word, strlen(word), false, ret) == JB_OK;
}

static bool take_figure(const char **at, struct jb_figure *ret)
{
    char word[32];

    if (strncmp(*at, "- - - ", 6) == 0) {
        for (int i = 0; i < 3; i++)
            (void)next_word(at, word, sizeof word);
        return true;
    }
    ret->is_known = number_of(at, &ret->low) && number_of(at, &ret->best) &&
                    number_of(at, &ret->high) && ret->low <= ret->best && ret->best <= ret->high;
    return ret->is_known;
}

jb_rc jb_predicted_from_line(const char *line, struct jb_predicted *ret, struct jb_error *err)
{
    struct jb_predicted predicted = {.run_id = ""};
    const char *at = line + 1;
    char word[32];
    bool is_right = line[0] == JB_MARK_OURS &&
                    strcmp(next_word(&at, word, sizeof word), WORD) == 0 &&
                    next_word(&at, predicted.unit, sizeof predicted.unit)[0] != '\0';

    is_right = is_right && number_of(&at, &predicted.work) &&
               number_of(&at, &predicted.total_work) && number_of(&at, &predicted.elapsed_ns);
    for (size_t i = 0; i < N_FIGURES; i++)
        is_right = is_right && take_figure(&at, figure_at(&predicted, i));
    if (!is_right || !predicted.energy_uj.is_known || !predicted.duration_ns.is_known)
        return jb_fail(err, JB_E_INPUT, NULL, "a line of the spool is no prediction");
    (void)next_word(&at, predicted.currency, sizeof predicted.currency);
    if (strcmp(predicted.currency, "-") == 0)
        predicted.currency[0] = '\0';
    *ret = predicted;
    return JB_OK;
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static const char *const figure_names[N_FIGURES] = {"energy_uj", "duration_ns", "location_ugco2e",
                                                    "cost_micro"};
static const char *const number_names[] = {"work", "total_work", "elapsed_ns", "utc_us"};

static int64_t *number_at(struct jb_predicted *predicted, size_t i)
{
    int64_t *const numbers[] = {&predicted->work, &predicted->total_work, &predicted->elapsed_ns,
                                &predicted->utc_us};
    return numbers[i];
}

jb_rc jb_predicted_to_json(const struct jb_predicted *predicted, char **ret_json,
                           struct jb_error *err)
{
    struct jb_predicted copy = *predicted;
    json_t *const object = json_object();
    bool is_whole = object && json_object_set_new(object, "unit", json_string(copy.unit)) == 0 &&
                    json_object_set_new(object, "currency", json_string(copy.currency)) == 0 &&
                    json_object_set_new(object, "basis", json_string("all meters")) == 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(number_names); i++)
        is_whole = is_whole && json_object_set_new(object, number_names[i],
                                                   json_integer(*number_at(&copy, i))) == 0;
    for (size_t i = 0; i < N_FIGURES; i++) {
        const struct jb_figure *const figure = figure_at(&copy, i);
        if (figure->is_known)
            is_whole = is_whole && json_object_set_new(object, figure_names[i],
                                                       json_pack("{s:I, s:I, s:I}", "best",
                                                                 (json_int_t)figure->best, "high",
                                                                 (json_int_t)figure->high, "low",
                                                                 (json_int_t)figure->low)) == 0;
    }
    char *const json = is_whole ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(object);
    if (!json)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a prediction");
    *ret_json = json;
    return JB_OK;
}

static bool take_i64(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *const value = json_object_get(object, name);

    if (!json_is_integer(value))
        return false;
    *ret = json_integer_value(value);
    return true;
}

jb_rc jb_predicted_from_json(const char *json, struct jb_predicted *ret, struct jb_error *err)
{
    json_t *const object = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    struct jb_predicted predicted = {.run_id = ""};
    const char *const unit = json_string_value(json_object_get(object, "unit"));
    const char *const currency = json_string_value(json_object_get(object, "currency"));
    bool is_right = unit && currency;

    for (size_t i = 0; i < JB_ARRAY_LEN(number_names); i++)
        is_right = is_right && take_i64(object, number_names[i], number_at(&predicted, i));
    for (size_t i = 0; i < N_FIGURES; i++) {
        struct jb_figure *const figure = figure_at(&predicted, i);
        const json_t *const one = json_object_get(object, figure_names[i]);
        if (!one)
            continue;
        figure->is_known = take_i64(one, "low", &figure->low) &&
                           take_i64(one, "best", &figure->best) &&
                           take_i64(one, "high", &figure->high);
        is_right = is_right && figure->is_known;
    }
    if (is_right) {
        (void)snprintf(predicted.unit, sizeof predicted.unit, "%s", unit);
        (void)snprintf(predicted.currency, sizeof predicted.currency, "%s", currency);
    }
    json_decref(object);
    if (!is_right || !predicted.energy_uj.is_known || !predicted.duration_ns.is_known)
        return jb_fail(err, JB_E_INPUT, NULL, "a prediction in the book is not what it should be");
    *ret = predicted;
    return JB_OK;
}
