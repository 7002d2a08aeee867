/* SPDX-License-Identifier: Apache-2.0 */
/* The factors of formulas 4.1 and 4.3 to energy, in integers of 128 bits; a product that does not fit is refused. R-CYCLES-11. */
#include "estimate/method_a.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { LOW, BEST, HIGH, ENDS };
static const enum jb_round rounds[ENDS] = {JB_ROUND_FLOOR, JB_ROUND_NEAREST, JB_ROUND_CEIL};

static bool is_told(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

static int64_t end_of(const struct jb_quantity *quantity, int end)
{
    return end == LOW ? quantity->low : end == BEST ? quantity->best : quantity->high;
}

struct factor {
    const char *option;
    const struct jb_quantity *quantity;
};

static jb_rc too_large(struct jb_error *err)
{
    return jb_fail(err, JB_E_RANGE, "look at the units again",
                   "the factors of method A give no energy of 64 bits");
}

/* The value x factor, where it fits 127 bits. */
static bool times(jb_u128 *value, int64_t factor)
{
    const jb_u128 most = ((jb_u128)1 << 127) - 1;

    if (factor < 0 || (factor > 0 && *value > most / (uint64_t)factor))
        return false;
    *value *= (uint64_t)factor;
    return true;
}

static bool divided(jb_u128 value, jb_u128 divisor, enum jb_round round, int64_t *ret)
{
    jb_u128 whole = value / divisor;
    const jb_u128 rest = value % divisor;

    if ((round == JB_ROUND_CEIL && rest > 0) ||
        (round == JB_ROUND_NEAREST && rest >= divisor - rest))
        whole++;
    if (whole > INT64_MAX)
        return false;
    *ret = (int64_t)whole;
    return true;
}

/* fJ x ppm x events: 10^-15 x 10^-6 J, so 10^15 of them are a microjoule. */
static bool by_cycles(const struct jb_software *s, int end, int64_t *ret_uj)
{
    jb_u128 product = 1;

    return times(&product, end_of(&s->instructions, end)) &&
           times(&product, end_of(&s->cpi_ppm, end)) && times(&product, end_of(&s->epc_fj, end)) &&
           divided(product, (jb_u128)1000000000 * 1000000, rounds[end], ret_uj);
}

/* ppm x fF x uV^2 x Hz: 10^-33 W. Cut to 10^-18 W, so that the time still fits: 10^21 of that x ns are a microjoule. */
static bool by_power(const struct jb_software *s, const struct jb_work *work, int end,
                     int64_t *ret_uw, int64_t *ret_uj)
{
    const jb_u128 atto = (jb_u128)1000000000 * 1000000;
    jb_u128 product = 1;

    if (!times(&product, end_of(&s->activity_ppm, end)) ||
        !times(&product, end_of(&s->capacitance_ff, end)) ||
        !times(&product, end_of(&s->voltage_uv, end)) ||
        !times(&product, end_of(&s->voltage_uv, end)) ||
        !times(&product, end_of(&s->frequency_hz, end)))
        return false;
    product = product / atto + (end == HIGH && product % atto > 0 ? 1 : 0);
    return divided(product, (jb_u128)1000000000 * 1000, JB_ROUND_NEAREST, ret_uw) &&
           times(&product, end_of(&work->duration_ns, end)) &&
           divided(product, atto * 1000000, rounds[end], ret_uj);
}

bool jb_software_is_told(const struct jb_software *s)
{
    const struct jb_quantity *const all[] = {&s->instructions, &s->cpi_ppm,        &s->epc_fj,
                                             &s->activity_ppm, &s->capacitance_ff, &s->voltage_uv,
                                             &s->frequency_hz};

    for (size_t i = 0; i < JB_ARRAY_LEN(all); i++)
        if (all[i]->known != JB_KNOWN_UNKNOWN)
            return true;
    return false;
}

/* True where something of it is told; what is missing then is an error. */
static jb_rc check_factors(const struct factor *factors, size_t n, bool *ret_is_meant,
                           struct jb_error *err)
{
    const char *missing = NULL;

    *ret_is_meant = false;
    for (size_t i = 0; i < n; i++) {
        if (is_told(factors[i].quantity))
            *ret_is_meant = true;
        else
            missing = missing ? missing : factors[i].option;
    }
    if (*ret_is_meant && missing)
        return jb_fail(err, JB_E_USAGE, "every factor of the formula is needed",
                       "method A by this formula lacks --%s", missing);
    return JB_OK;
}

/* Which of the two formulas is meant: never both. */
static jb_rc choose_formula(const struct jb_software *s, const struct jb_work *work,
                            bool *ret_is_power, struct jb_error *err)
{
    const struct factor cycles[] = {
        {"instructions", &s->instructions}, {"cpi", &s->cpi_ppm}, {"epc", &s->epc_fj}};
    const struct factor power[] = {{"activity", &s->activity_ppm},
                                   {"capacitance", &s->capacitance_ff},
                                   {"voltage", &s->voltage_uv},
                                   {"frequency", &s->frequency_hz}};
    bool is_cycles = false;
    *ret_is_power = false;
    jb_rc rc = check_factors(cycles, JB_ARRAY_LEN(cycles), &is_cycles, err);

    if (rc == JB_OK)
        rc = check_factors(power, JB_ARRAY_LEN(power), ret_is_power, err);
    if (rc < 0)
        return rc;
    if (is_cycles == *ret_is_power)
        return jb_fail(err, JB_E_USAGE,
                       "give --instructions, --cpi and --epc, or --activity, --capacitance, "
                       "--voltage, --frequency and --duration",
                       "method A takes one of its two formulas");
    if (*ret_is_power && !is_told(&work->duration_ns))
        return jb_fail(err, JB_E_USAGE, "such as --duration 3h",
                       "method A by this formula lacks --duration");
    return JB_OK;
}

static jb_rc repeat(const struct jb_work *work, struct jb_figure *energy, struct jb_error *err)
{
    for (size_t i = 0; i < work->n_repeats; i++) {
        const struct jb_quantity *const n = &work->repeats[i].n_milli;
        if (!is_told(n))
            continue;
        if (jb_muldiv_i64(energy->low, n->low, 1000, JB_ROUND_FLOOR, &energy->low) < 0 ||
            jb_muldiv_i64(energy->best, n->best, 1000, JB_ROUND_NEAREST, &energy->best) < 0 ||
            jb_muldiv_i64(energy->high, n->high, 1000, JB_ROUND_CEIL, &energy->high) < 0)
            return too_large(err);
    }
    return JB_OK;
}

/* Nothing else could be computed: this is the estimate. */
static void make_it_the_estimate(const struct jb_work *work, const struct jb_figure *energy,
                                 int64_t power_uw, const char *basis, struct jb_estimate *estimate)
{
    struct jb_estimate_part *const part = &estimate->parts[0];
    const struct jb_quantity *const pue = &work->pue_milli;

    estimate->is_computable = true;
    estimate->why_not[0] = '\0';
    estimate->method = JB_METHOD_A;
    estimate->energy_uj = estimate->devices_uj = *energy;
    estimate->power_uw = power_uw;
    estimate->n_parts = 1;
    *part = (struct jb_estimate_part){.device = JB_DEVICE_CPU,
                                      .scope = JB_SCOPE_PACKAGE,
                                      .origin = JB_ORIGIN_STATED,
                                      .energy_uj = *energy};
    (void)snprintf(part->basis, sizeof part->basis, "%s", basis);
    (void)snprintf(estimate->notes[0], sizeof estimate->notes[0],
                   "method A: what the processor switches while it works; idle power, memory, "
                   "boards and the rest of the machine are not in it");
    estimate->n_notes = 1;
    if (is_told(pue))
        estimate->facility_uj = (struct jb_figure){
            .is_known = true,
            .is_hard_bound = true,
            .low = jb_muldiv_sat_i64(energy->low, pue->low - 1000, 1000, JB_ROUND_FLOOR),
            .best = jb_muldiv_sat_i64(energy->best, pue->best - 1000, 1000, JB_ROUND_NEAREST),
            .high = jb_muldiv_sat_i64(energy->high, pue->high - 1000, 1000, JB_ROUND_CEIL)};
}

static void tell_choice(struct jb_estimate *estimate, const char *formula, bool is_chosen)
{
    for (size_t i = 0; i < estimate->n_choices; i++) {
        struct jb_estimate_choice *const choice = &estimate->choices[i];
        if (choice->method != JB_METHOD_A)
            continue;
        choice->is_possible = true;
        choice->is_chosen = is_chosen;
        (void)snprintf(choice->formula, sizeof choice->formula, "%s", formula);
        (void)snprintf(choice->why, sizeof choice->why, "%s",
                       is_chosen ? "every factor was told, and nothing that method B needs"
                                 : "every factor was told; it shows the processor alone, as a "
                                   "reading below");
    }
}

jb_rc jb_software_add(const struct jb_software *s, const struct jb_work *work,
                      struct jb_estimate *estimate, struct jb_error *err)
{
    struct jb_figure energy = {.is_known = true, .is_hard_bound = true}; /* of what was told */
    int64_t *const ends[ENDS] = {&energy.low, &energy.best, &energy.high};
    int64_t power_uw[ENDS] = {0};
    bool is_power = false;
    jb_rc rc = choose_formula(s, work, &is_power, err);

    if (rc < 0)
        return rc;
    for (int end = LOW; end < ENDS; end++)
        if (!(is_power ? by_power(s, work, end, &power_uw[end], ends[end])
                       : by_cycles(s, end, ends[end])))
            return too_large(err);
    rc = repeat(work, &energy, err);
    if (rc < 0)
        return rc;
    const char *const formula = is_power ? "4.1" : "4.3";
    const char *const basis = is_power ? "activity x capacitance x voltage^2 x frequency x time"
                                       : "instructions x cycles per instruction x energy per cycle";
    const bool is_chosen = !estimate->is_computable;
    if (estimate->n_readings < JB_ESTIMATE_READINGS_MAX) {
        struct jb_estimate_reading *const reading = &estimate->readings[estimate->n_readings++];
        *reading = (struct jb_estimate_reading){.energy_uj = energy};
        (void)snprintf(reading->formula, sizeof reading->formula, "%s", formula);
        (void)snprintf(reading->name, sizeof reading->name, "%s", basis);
    }
    if (is_chosen)
        make_it_the_estimate(work, &energy, power_uw[BEST], basis, estimate);
    tell_choice(estimate, formula, is_chosen);
    return JB_OK;
}
