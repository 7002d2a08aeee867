/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved answer of a grid's API into rows of intensity: whose it is, and what all of them share (R-CARBON-20). It must never
 * mix signals, bases or models, and never take a local time for UTC.
 */
#include <math.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "carbon/carbon_int.h"

static const struct grid__provider *const PROVIDERS[] = {
    &grid__electricity_maps,
    &grid__gb,
    &grid__watttime,
};

jb_rc grid__fail(const struct grid__answer *answer, size_t i, const char *what, const char *hint,
                 struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, hint, "%s: row %zu: %s", answer->name, i, what);
}

const char *grid__text(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool grid__time(const json_t *text, int64_t *ret_utc_us)
{
    static const char day_and_minute[] = "2026-11-23T06:00";
    const char *at = json_string_value(text);
    char whole[sizeof "2026-11-23T06:00:00Z"];

    if (!at || strlen(at) < sizeof day_and_minute - 1)
        return false;
    memcpy(whole, at, sizeof day_and_minute - 1);
    memcpy(whole + sizeof day_and_minute - 1, ":00Z", sizeof ":00Z");
    at += sizeof day_and_minute - 1;
    if (at[0] == ':' && at[1] && at[2]) {
        memcpy(whole + sizeof day_and_minute - 1, at, 3);
        at += 3;
        if (*at == '.') {
            at++;
            while (*at == '0')
                at++;
        }
    }
    return (strcmp(at, "Z") == 0 || strcmp(at, "+00:00") == 0) &&
           jb_parse_utc(whole, strlen(whole), ret_utc_us) == JB_OK;
}

bool grid__mg(const json_t *number, double mg, int64_t *ret_mg)
{
    if (!json_is_number(number))
        return false;
    const double value = json_number_value(number) * mg;
    if (!(value >= 0) || value > (double)JB_HOURLY_MG_MAX)
        return false;
    *ret_mg = llround(value);
    return true;
}

static jb_rc parse_json(const char *name, const char *text, size_t len, json_t **ret,
                        struct jb_error *err)
{
    json_error_t why;
    char clean[160];

    *ret = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (*ret)
        return JB_OK;
    jb_clean_copy(why.text, clean, sizeof clean);
    return jb_fail(err, JB_E_INPUT, "save the answer as it came", "%s:%d:%d: not JSON: %s", name,
                   why.line, why.column, clean);
}

static jb_rc read_any(const struct grid__answer *answer, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(PROVIDERS); i++)
        if (PROVIDERS[i]->is_mine(answer->root)) {
            struct jb_hourly_about *const about = hourly__about(answer->hourly);
            jb_clean_copy(PROVIDERS[i]->name, about->provider, sizeof about->provider);
            return PROVIDERS[i]->read(answer, err);
        }
    return jb_fail(err, JB_E_INPUT,
                   "answers of Electricity Maps, of the GB Carbon Intensity API and of WattTime "
                   "are known; else write a CSV file: utc_hour_start,gco2e_per_kwh",
                   "'%s' is no answer of a grid's API that is known", answer->name);
}

jb_rc grid__parse(const char *name, const char *text, size_t len, struct jb_hourly *hourly,
                  struct jb_error *err)
{
    json_t *root = NULL;
    jb_rc rc = parse_json(name, text, len, &root, err);

    if (rc < 0)
        return rc;
    rc = read_any(&(struct grid__answer){name, root, hourly}, err);
    json_decref(root);
    if (rc == JB_OK && jb_hourly_n_rows(hourly) == 0)
        rc = jb_fail(err, JB_E_INPUT, "ask for another stretch of time",
                     "'%s' holds no intensities", name);
    return rc == JB_OK ? hourly__sort(hourly, name, "row", err) : rc;
}
