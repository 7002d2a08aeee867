/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options to one wish. Must never fill in hardware, a place or a number of operations that nobody said.
 */
#include "cli/plan_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/plan_work.h"
#include "model/quantity_text.h"
#include "pipeline/grid_fetch.h"

#define DEVICES_MAX 10000000

const struct jb_option jb_plan_options[] = {
    {0, "bind", "NAME=N", "size that the model file leaves open, such as batch=1,seq=128", true},
    {0, "examples", "N", "training examples of one epoch", false},
    {0, "epochs", "N", "how often they are seen (1)", false},
    {0, "factor", "N", "training over forward: 3, or 4 where activations are computed again",
     false},
    {0, "parameters", "N", "parameters of the model, such as 7e9: with --tokens, 6 x N x D", false},
    {0, "tokens", "N", "tokens that the training sees, all epochs together", false},
    {0, "flop", "N", "operations of the whole training, such as 3.14e23", false},
    {0, "class", "WORD", "transformer, convolution, recurrent, recommender", false},
    {0, "on", "HARDWARE", "such as '8 x A100' or '2 x aws/p4d.24xlarge'; may be given again", true},
    {0, "place", "PLACE", "zone of the grid, such as NL, or aws/eu-west-1; may be given again",
     true},
    {0, "hourly", "[PLACE=]SOURCE",
     "intensities by the hour: a file, or electricity-maps:ZONE, gb, watttime:REGION", true},
    {0, "hourly-url", "URL", "another server than the provider's own", false},
    {0, "credentials", "FILE", "key of that provider, in a file that only you can read", false},
    {0, "from", "MOMENT", "the first start that is looked at (now)", false},
    {0, "utilisation", "SHARE", "share of peak (MFU) where you know it: 0.35, 30..45%", false},
    {0, "peak", "RATE", "dense peak of one device, where you know it: '312 TFLOP/s'", false},
    {0, "power", "POWER", "mean draw of one board, where you know it", false},
    {0, "idle", "SHARE", "share of the time in which the hardware is held idle", false},
    {0, "pue", "RATIO", "power usage effectiveness of the data centre: 1.58, 1.1..1.3", false},
    {0, "year", "YEAR", "for the grid's figures", false},
    {0, "tariff", "PER_KWH", "price of one kWh", false},
    {0, "price", "PER_HOUR", "price of one device for an hour", false},
    {0, "currency", "CODE", "currency of both, such as EUR", false},
    {0, "retrain", "EVERY", "trained anew hourly, daily, weekly, or every so often: 12h, 30d",
     false},
    {0, "life", "TIME", "how long the model is kept so (365d)", false},
    {0, NULL, NULL, NULL, false},
};

void jb_plan_wish_release(struct jb_plan_wish *wish)
{
    for (size_t i = 0; i < wish->n_places; i++)
        jb_hourly_free(wish->places[i].hourly);
}

/* --- hardware --------------------------------------------------------------------------------------------------- */

/* "8 x A100", "8xA100", "A100": the digits before an x are the number. */
static jb_rc take_hardware(const char *text, struct jb_plan_hardware *ret, struct jb_error *err)
{
    const size_t n_digits = strspn(text, "0123456789");
    const char *name = text + n_digits;
    int64_t n = 1;

    name += strspn(name, " ");
    const bool is_counted = n_digits > 0 && (name[0] == 'x' || name[0] == 'X');
    if (is_counted)
        name += 1 + strspn(name + 1, " ");
    else
        name = text;
    if (is_counted && (jb_parse_i64(text, n_digits, false, &n) < 0 || n < 1 || n > DEVICES_MAX))
        return jb_fail(err, JB_E_USAGE, "write '8 x A100'",
                       "option '--on': '%.60s': not a number of devices", text);
    if (name[0] == '\0' || strlen(name) >= sizeof ret->name)
        return jb_fail(err, JB_E_USAGE, "write '8 x A100'", "option '--on': '%.60s': no hardware",
                       text);
    *ret = (struct jb_plan_hardware){.is_instance = strchr(name, '/') != NULL, .n = n};
    memcpy(ret->name, name, strlen(name) + 1);
    return JB_OK;
}

static jb_rc take_all_hardware(const struct jb_args *args, struct jb_plan_wish *wish,
                               struct jb_error *err)
{
    const char *text;

    for (size_t i = 0; (text = jb_args_nth(args, "on", i)) != NULL; i++) {
        if (i == JB_PLAN_HARDWARE_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "option '--on': more than %d",
                           JB_PLAN_HARDWARE_MAX);
        const jb_rc rc = take_hardware(text, &wish->hardware[i], err);
        if (rc < 0)
            return rc;
        wish->n_hardware++;
    }
    if (wish->n_hardware == 0)
        return jb_fail(err, JB_E_USAGE, "such as --on '8 x A100'; may be given again to compare",
                       "no hardware is said");
    return JB_OK;
}

/* How many devices the driver lists in so many instances. What a part of a board can compute is not published. */
static jb_rc devices_of_instances(const char *type, int64_t n, int64_t *ret_n, struct jb_error *err)
{
    struct jb_instance instance;
    struct jb_accelerator board;
    jb_rc rc = jb_catalogue_find_instance(NULL, type, &instance, err);

    if (rc < 0)
        return rc;
    if (instance.accelerator[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "choose a type with accelerators",
                       "'%s' has no accelerator that is known", type);
    rc = jb_catalogue_find_accelerator(instance.accelerator, &board, err);
    if (rc < 0)
        return rc;
    const int64_t dies = board.dies_per_board > 0 ? board.dies_per_board : 1;
    const int64_t each_milli = instance.n_accelerators_milli * dies;
    if (each_milli % 1000 != 0)
        return jb_fail(err, JB_E_INPUT, "plan for whole boards, or take a larger type",
                       "'%s' holds a part of one %s, and what a part computes is not published",
                       type, instance.accelerator);
    *ret_n = jb_muldiv_sat_i64(each_milli / 1000, n, 1, JB_ROUND_NEAREST);
    return JB_OK;
}

jb_rc jb_plan_wish_cell(const struct jb_plan_wish *wish, size_t hardware, size_t place,
                        struct jb_plan_order *ret, struct jb_error *err)
{
    const struct jb_plan_hardware *const chosen = &wish->hardware[hardware];
    jb_rc rc = JB_OK;

    *ret = wish->order;
    ret->n_devices = chosen->n;
    struct jb_answer *const name = chosen->is_instance ? &ret->instance : &ret->accelerator;
    *name = (struct jb_answer){.known = JB_KNOWN_VALUE};
    memcpy(name->text, chosen->name, sizeof name->text);
    if (chosen->is_instance)
        rc = devices_of_instances(chosen->name, chosen->n, &ret->n_devices, err);
    if (rc == JB_OK && ret->n_devices > DEVICES_MAX)
        rc = jb_fail(err, JB_E_USAGE, NULL, "more than %d devices", DEVICES_MAX);
    if (rc == JB_OK && wish->places[place].name[0]) {
        ret->place.known = JB_KNOWN_VALUE;
        memcpy(ret->place.text, wish->places[place].name, sizeof ret->place.text);
    }
    return rc;
}

/* --- places ----------------------------------------------------------------------------------------------------- */

static jb_rc take_places(const struct jb_args *args, struct jb_plan_wish *wish,
                         struct jb_error *err)
{
    const char *text;

    for (size_t i = 0; (text = jb_args_nth(args, "place", i)) != NULL; i++) {
        if (i == JB_PLAN_PLACES_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "option '--place': more than %d",
                           JB_PLAN_PLACES_MAX);
        if (text[0] == '\0' || strlen(text) >= sizeof wish->places[i].name)
            return jb_fail(err, JB_E_USAGE, "such as NL or aws/eu-west-1",
                           "option '--place': no place");
        memcpy(wish->places[i].name, text, strlen(text) + 1);
        wish->n_places++;
    }
    if (wish->n_places == 0)
        wish->n_places = 1; /* nowhere: energy without carbon */
    return JB_OK;
}

/* "NL=FILE", or the source alone where there is one place. */
static jb_rc place_of_source(const struct jb_plan_wish *wish, const char *text, size_t *ret_place,
                             const char **ret_source, struct jb_error *err)
{
    for (size_t i = 0; i < wish->n_places; i++) {
        const size_t len = strlen(wish->places[i].name);
        if (len > 0 && strncmp(text, wish->places[i].name, len) == 0 && text[len] == '=') {
            *ret_place = i;
            *ret_source = text + len + 1;
            return JB_OK;
        }
    }
    if (wish->n_places > 1)
        return jb_fail(err, JB_E_USAGE, "write NL=FILE, with one of the places given",
                       "option '--hourly': '%.80s': of which place?", text);
    *ret_place = 0;
    *ret_source = text;
    return JB_OK;
}

static jb_rc fetch(const struct jb_args *args, const struct jb_plan_wish *wish, const char *source,
                   struct jb_hourly **ret, struct jb_error *err)
{
    const char *const colon = strchr(source, ':');
    const char *const credentials = jb_args_text(args, "credentials");
    char provider[32];

    (void)snprintf(provider, sizeof provider, "%.*s",
                   colon ? (int)(colon - source) : (int)strlen(source), source);
    const struct jb_grid_order order = {
        .provider = provider,
        .zone = colon ? colon + 1 : "",
        .url = jb_args_text(args, "hourly-url"),
        .credentials = credentials ? credentials : "",
        .ca_file = "",
        .from_utc_us = wish->from_utc_us,
    };
    return jb_grid_fetch(&order, ret, err);
}

static bool is_provider(const char *source)
{
    char word[32];
    const size_t n = strcspn(source, ":");

    if (n >= sizeof word)
        return false;
    memcpy(word, source, n);
    word[n] = '\0';
    return jb_grid_is_provider(word);
}

static jb_rc take_hours(const struct jb_args *args, struct jb_plan_wish *wish, struct jb_error *err)
{
    static const char *const of_a_provider[] = {"hourly-url", "credentials"};
    bool is_asked = false;
    const char *text;
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && (text = jb_args_nth(args, "hourly", i)) != NULL; i++) {
        const char *source = NULL;
        size_t place = 0;
        rc = place_of_source(wish, text, &place, &source, err);
        if (rc < 0)
            return rc;
        if (wish->places[place].hourly)
            return jb_fail(err, JB_E_USAGE, "give one source for each place",
                           "option '--hourly': '%.80s': the place has one already", text);
        is_asked = is_asked || is_provider(source);
        rc = is_provider(source) ? fetch(args, wish, source, &wish->places[place].hourly, err)
                                 : jb_hourly_read_signal(source, &wish->places[place].hourly, err);
    }
    for (size_t i = 0; rc == JB_OK && !is_asked && i < JB_ARRAY_LEN(of_a_provider); i++)
        if (jb_args_has(args, of_a_provider[i]))
            rc = jb_fail(err, JB_E_USAGE, "such as --hourly electricity-maps:NL",
                         "option '--%s' is for a provider that is asked, and none is",
                         of_a_provider[i]);
    if (rc == JB_OK && jb_args_has(args, "from") && !jb_args_has(args, "hourly"))
        rc = jb_fail(err, JB_E_USAGE, "give --hourly, or leave it out",
                     "option '--from' is where a series of hours begins");
    return rc;
}

/* --- the rest --------------------------------------------------------------------------------------------------- */

static jb_rc take_quantity(const struct jb_args *args, const char *name,
                           const struct jb_quantity_form *form, struct jb_quantity *ret,
                           struct jb_error *err)
{
    const char *const text = jb_args_text(args, name);
    struct jb_error why = {.code = JB_OK};

    if (!text || jb_quantity_parse(text, form, ret, &why) == JB_OK)
        return JB_OK;
    return jb_fail(err, JB_E_USAGE, why.hint, "option '--%s': %s", name, why.message);
}

static jb_rc take_prices(const struct jb_args *args, struct jb_plan_order *order,
                         struct jb_error *err)
{
    const char *const currency = jb_args_text(args, "currency");
    jb_rc rc = jb_args_decimal(args, "tariff", 6, 0, INT64_C(1000000000000), -1,
                               &order->tariff_micro_per_kwh, err);

    if (rc == JB_OK)
        rc = jb_args_decimal(args, "price", 6, 0, INT64_C(1000000000000), -1,
                             &order->price_micro_per_device_hour, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "year", 0, 1990, 2100, 0, &order->year, err);
    if (rc < 0 || !currency)
        return rc;
    if (strlen(currency) >= sizeof order->currency ||
        strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3 || currency[3])
        return jb_fail(err, JB_E_USAGE, "three letters, such as EUR",
                       "option '--currency': '%.20s'", currency);
    memcpy(order->currency, currency, strlen(currency) + 1);
    return JB_OK;
}

static jb_rc take_class(const struct jb_args *args, struct jb_plan_order *order,
                        struct jb_error *err)
{
    const char *const text = jb_args_text(args, "class");
    const int found = text ? jb_plan_class_from_name(text) : (int)JB_PLAN_CLASS_ANY;

    if (found < 0)
        return jb_fail(err, JB_E_USAGE, "transformer, convolution, recurrent, recommender or any",
                       "option '--class': '%.40s' is none of the classes", text);
    order->model_class = (enum jb_plan_class)found;
    return JB_OK;
}

static jb_rc take_retraining(const struct jb_args *args, struct jb_plan_wish *wish,
                             struct jb_error *err)
{
    static const struct {
        const char *word;
        int64_t ns;
    } words[] = {{"hourly", JB_NS_PER_HOUR},
                 {"daily", 24 * JB_NS_PER_HOUR},
                 {"weekly", 7 * 24 * JB_NS_PER_HOUR}};
    const char *const every = jb_args_text(args, "retrain");
    const char *const life = jb_args_text(args, "life");
    struct jb_quantity quantity = {.known = JB_KNOWN_UNKNOWN};
    jb_rc rc;

    if (!every)
        return life ? jb_fail(err, JB_E_USAGE, "give --retrain daily",
                              "option '--life' is for retraining")
                    : JB_OK;
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strcmp(words[i].word, every) == 0)
            wish->every_ns = words[i].ns;
    if (wish->every_ns == 0) {
        rc = take_quantity(args, "retrain", &jb_form_duration_ns, &quantity, err);
        if (rc < 0)
            return rc;
        if (quantity.known != JB_KNOWN_VALUE)
            return jb_fail(err, JB_E_USAGE, "hourly, daily, weekly, or 30d",
                           "option '--retrain': one time is wanted");
        wish->every_ns = quantity.best;
    }
    wish->life_ns = 365 * 24 * JB_NS_PER_HOUR;
    if (!life)
        return JB_OK;
    rc = take_quantity(args, "life", &jb_form_duration_ns, &quantity, err);
    if (rc == JB_OK && quantity.known != JB_KNOWN_VALUE)
        rc = jb_fail(err, JB_E_USAGE, "such as 2years", "option '--life': one time is wanted");
    if (rc == JB_OK)
        wish->life_ns = quantity.best;
    return rc;
}

jb_rc jb_plan_wish_take(const struct jb_cli *cli, struct jb_plan_wish *wish, struct jb_error *err)
{
    const struct jb_args *const args = &cli->args;
    const struct {
        const char *name;
        const struct jb_quantity_form *form;
        struct jb_quantity *to;
    } quantities[] = {
        {"utilisation", &jb_form_share_ppm, &wish->order.utilisation_ppm},
        {"peak", &jb_form_rate_gflops, &wish->order.peak_gflops},
        {"power", &jb_form_power_mw, &wish->order.accelerator_mw},
        {"idle", &jb_form_share_ppm, &wish->order.idle_ppm},
        {"pue", &jb_form_pue_milli, &wish->order.pue_milli},
    };
    jb_rc rc = jb_plan_work_take(cli, wish, err);

    for (size_t i = 0; rc == JB_OK && i < JB_ARRAY_LEN(quantities); i++)
        rc = take_quantity(args, quantities[i].name, quantities[i].form, quantities[i].to, err);
    if (rc == JB_OK)
        rc = take_class(args, &wish->order, err);
    if (rc == JB_OK)
        rc = take_prices(args, &wish->order, err);
    if (rc == JB_OK)
        rc = take_retraining(args, wish, err);
    if (rc == JB_OK)
        rc = take_all_hardware(args, wish, err);
    if (rc == JB_OK)
        rc = take_places(args, wish, err);
    if (rc == JB_OK)
        rc = jb_args_moment(args, "from", jb_utc_us(cli->clock), &wish->from_utc_us, err);
    if (rc == JB_OK && wish->from_utc_us == 0)
        wish->from_utc_us = jb_utc_us(cli->clock);
    return rc == JB_OK ? take_hours(args, wish, err) : rc;
}
