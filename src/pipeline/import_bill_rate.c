/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine, a part of one or a function as a bill names it, to what it draws: through the catalogue and estimate/, once
 * for each name. Whatever the catalogue does not know has no figures, and says so. R-BILL-10 to -12.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "pipeline/import_bill_int.h"

#define MILLI INT64_C(1000)

void bill_rates_release(struct bill_rates *rates)
{
    free(rates->list);
    free(rates->factors);
    free(rates->estimate);
    *rates = (struct bill_rates){.n = 0};
}

static struct jb_quantity exactly(int64_t value)
{
    return (struct jb_quantity){
        .known = JB_KNOWN_VALUE, .low = value, .best = value, .high = value};
}

/* R-BILL-11: a bill does not tell how busy a processor was. */
static struct jb_quantity any_use(void)
{
    return (struct jb_quantity){.known = JB_KNOWN_RANGE, .low = 0, .best = 500000, .high = 1000000};
}

static const char *name_or(const char *text, const char *otherwise)
{
    return text[0] != '\0' ? text : otherwise;
}

static bool is_same(const struct bill_rate *rate, const struct jb_bill_group *group,
                    bool has_own_cpu)
{
    const struct jb_bill_group *const of = rate->of;

    return of->class == group->class && of->part == group->part &&
           rate->has_own_cpu == has_own_cpu && strcmp(of->instance, group->instance) == 0 &&
           strcmp(of->provider, group->provider) == 0 &&
           (group->class == JB_BILL_INSTANCE || strcmp(of->service, group->service) == 0);
}

/* --- what is known of it ---------------------------------------------------------------------------------------- */

static jb_rc work_of_machine(const struct jb_bill_group *group, struct bill_rate *rate,
                             struct jb_work *work, struct jb_error *err)
{
    const char *const provider = group->provider[0] != '\0' ? group->provider : NULL;
    struct jb_instance found;
    const jb_rc rc = jb_catalogue_find_instance(provider, group->instance, &found, err);

    if (rc < 0)
        return rc;
    work->instance.known = JB_KNOWN_VALUE;
    work->n_instances_milli = exactly(MILLI);
    (void)snprintf(work->instance.text, sizeof work->instance.text, "%s/%s", found.provider,
                   found.type);
    (void)snprintf(rate->label, sizeof rate->label, "%.15s %.54s", found.provider, found.type);
    rate->n_boards_milli = found.n_accelerators_milli;
    if (found.accelerator[0] == '\0') {
        work->processor_use_ppm = any_use();
        (void)snprintf(rate->what, sizeof rate->what, "%lld threads of %.64s",
                       (long long)found.n_vcpus, name_or(found.processor, "an unknown processor"));
        return JB_OK;
    }
    char boards[32];
    work->is_time_held = true;
    (void)snprintf(rate->what, sizeof rate->what, "%s x %.40s, %lld threads of %.40s",
                   jb_format_decimal(found.n_accelerators_milli, 3, boards, sizeof boards),
                   found.accelerator, (long long)found.n_vcpus,
                   name_or(found.processor, "an unknown processor"));
    return JB_OK;
}

/* A part stands for itself: what else the machine has is billed in rows of its own. */
static void work_of_part(const struct jb_bill_group *group, struct bill_rate *rate,
                         struct jb_work *work)
{
    const bool is_gpu = group->part == JB_BILL_GPU;
    const bool is_cpu = group->part == JB_BILL_VCPU || rate->has_own_cpu;
    const char *const name =
        name_or(group->class == JB_BILL_INSTANCE ? group->instance : group->service, "machines");

    work->n_threads = exactly(is_cpu ? 1 : 0);
    work->processor_use_ppm = any_use();
    work->memory_mib = exactly(rate->has_own_cpu                   ? BILL_FUNCTION_MIB
                               : group->part == JB_BILL_MEMORY_GIB ? BILL_GIB_MIB
                                                                   : 0);
    if (is_gpu) {
        work->accelerator.known = JB_KNOWN_VALUE;
        (void)snprintf(work->accelerator.text, sizeof work->accelerator.text, "%.127s",
                       group->instance);
        work->n_accelerators_milli = exactly(MILLI);
        work->is_time_held = true;
        rate->n_boards_milli = MILLI;
    }
    (void)snprintf(rate->label, sizeof rate->label, "%.50s %s", name,
                   is_gpu                        ? "boards"
                   : group->part == JB_BILL_VCPU ? "processors"
                                                 : "memory");
    (void)snprintf(rate->what, sizeof rate->what, "%s",
                   is_gpu              ? "the board alone"
                   : rate->has_own_cpu ? "memory, with one thread for each 1769 MiB"
                   : is_cpu            ? "a thread of an unknown server processor"
                                       : "memory of servers");
}

/* --- its figures ------------------------------------------------------------------------------------------------ */

jb_rc bill_grow(void *array_pointer, size_t *size, size_t n, size_t each, struct jb_error *err)
{
    void **const array = array_pointer;

    if (n < *size)
        return JB_OK;
    const size_t next = *size < 16 ? 16 : 2 * *size;
    void *const grown = next > SIZE_MAX / each ? NULL : realloc(*array, next * each);
    if (!grown)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for what the bill holds");
    *array = grown;
    *size = next;
    return JB_OK;
}

/* The same factor stands once, however many machines it is of. */
static jb_rc keep_factors(struct bill_rates *rates, struct bill_rate *rate, struct jb_error *err)
{
    const struct jb_estimate *const estimate = rates->estimate;

    for (size_t i = 0; i < estimate->n_factors; i++) {
        const struct jb_factor *const factor = &estimate->factors[i];
        size_t at = 0;
        while (at < rates->n_factors && (strcmp(rates->factors[at].name, factor->name) != 0 ||
                                         strcmp(rates->factors[at].value, factor->value) != 0 ||
                                         strcmp(rates->factors[at].source, factor->source) != 0))
            at++;
        if (at > UINT16_MAX)
            return JB_OK;
        if (at == rates->n_factors) {
            const jb_rc rc = bill_grow(&rates->factors, &rates->factors_size, rates->n_factors,
                                       sizeof rates->factors[0], err);
            if (rc < 0)
                return rc;
            rates->factors[rates->n_factors++] = *factor;
        }
        rate->factors[rate->n_factors++] = (uint16_t)at;
    }
    return JB_OK;
}

/* R-BILL-11: boards apart, because their hours are compared with those that were measured. */
static void keep_figures(const struct jb_estimate *estimate, struct bill_rate *rate)
{
    rate->whole_uj = estimate->energy_uj;
    for (size_t i = 0; i < estimate->n_parts; i++) {
        const struct jb_estimate_part *const part = &estimate->parts[i];
        if (part->device == JB_DEVICE_GPU) {
            rate->boards_uj = part->energy_uj;
            memcpy(rate->boards_key, part->correlation, sizeof rate->boards_key);
        } else if (rate->host_key[0] == '\0') {
            memcpy(rate->host_key, part->correlation, sizeof rate->host_key);
        }
    }
}

static void scale_figure(struct jb_figure *figure, int64_t num, int64_t den)
{
    figure->low = jb_muldiv_sat_i64(figure->low, num, den, JB_ROUND_FLOOR);
    figure->best = jb_muldiv_sat_i64(figure->best, num, den, JB_ROUND_NEAREST);
    figure->high = jb_muldiv_sat_i64(figure->high, num, den, JB_ROUND_CEIL);
}

static void say_unknown(const struct jb_bill_group *group, struct bill_rate *rate)
{
    const bool is_board = group->part == JB_BILL_GPU;

    (void)snprintf(rate->why_not, sizeof rate->why_not, "%s '%.80s'%s%.40s is not in the catalogue",
                   is_board ? "accelerator" : "instance type", group->instance,
                   group->provider[0] != '\0' ? " of " : "", group->provider);
}

static jb_rc fill(struct bill_rates *rates, struct bill_rate *rate, struct jb_error *err)
{
    const struct jb_bill_group *const group = rate->of;
    struct jb_work work = {.duration_ns = exactly(BILL_RATE_US * MILLI)};
    struct jb_error why = {.code = JB_OK};
    jb_rc rc = JB_OK;

    if (group->class == JB_BILL_FUNCTION && group->part == JB_BILL_WHOLE) {
        (void)snprintf(rate->why_not, sizeof rate->why_not,
                       "time of functions whose memory is not told: %.60s", group->service);
        return JB_OK;
    }
    if (group->part == JB_BILL_WHOLE)
        rc = work_of_machine(group, rate, &work, &why);
    else
        work_of_part(group, rate, &work);
    if (rc == JB_OK)
        rc = jb_estimate_make(&work, rates->estimate, &why);
    if (rc == JB_E_INPUT) {
        say_unknown(group, rate);
        return JB_OK;
    }
    if (rc < 0)
        return jb_fail(err, rc, why.hint[0] != '\0' ? why.hint : NULL, "%s", why.message);
    if (!rates->estimate->is_computable) {
        /* What else an estimate would take, a row of a bill cannot tell. */
        (void)snprintf(rate->why_not, sizeof rate->why_not, "%.60s: %.*s", rate->label,
                       (int)strcspn(rates->estimate->why_not, ":"), rates->estimate->why_not);
        return JB_OK;
    }
    keep_figures(rates->estimate, rate);
    if (rate->has_own_cpu)
        scale_figure(&rate->whole_uj, BILL_GIB_MIB, BILL_FUNCTION_MIB);
    return keep_factors(rates, rate, err);
}

jb_rc bill_rate_find(struct bill_rates *rates, const struct jb_bill_group *group, bool has_own_cpu,
                     size_t *ret_at, struct jb_error *err)
{
    struct bill_rate rate = {.of = group, .has_own_cpu = has_own_cpu};
    jb_rc rc;

    /* Neighbours are alike more often than not. */
    for (size_t i = rates->n; i > 0; i--)
        if (is_same(&rates->list[i - 1], group, has_own_cpu)) {
            *ret_at = i - 1;
            return JB_OK;
        }
    if (!rates->estimate)
        rates->estimate = calloc(1, sizeof *rates->estimate);
    if (!rates->estimate)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for an estimate");
    rc = fill(rates, &rate, err);
    if (rc == JB_OK)
        rc = bill_grow(&rates->list, &rates->size, rates->n, sizeof rates->list[0], err);
    if (rc < 0)
        return rc;
    rates->list[rates->n] = rate;
    *ret_at = rates->n++;
    return JB_OK;
}

jb_rc bill_rate_energy(const struct jb_figure *rate, int64_t time_us, struct jb_figure *ret_uj,
                       struct jb_error *err)
{
    struct jb_figure energy = {.is_known = true};

    if (jb_muldiv_i64(rate->low, time_us, BILL_RATE_US, JB_ROUND_FLOOR, &energy.low) < 0 ||
        jb_muldiv_i64(rate->best, time_us, BILL_RATE_US, JB_ROUND_NEAREST, &energy.best) < 0 ||
        jb_muldiv_i64(rate->high, time_us, BILL_RATE_US, JB_ROUND_CEIL, &energy.high) < 0)
        return jb_fail(err, JB_E_RANGE, "choose a finer rule: --by resource",
                       "a run of the bill has more than 2.56 GWh");
    *ret_uj = energy;
    return JB_OK;
}
