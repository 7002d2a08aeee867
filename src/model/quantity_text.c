/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities as text: words, bounds, numbers with units, two or three of them as a range. Must never guess
 * (R-KNOWN-02); bounds: R-KNOWN-03.
 */
#include "model/quantity_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "base/compiler.h"

#define NANO INT64_C(1000000000)
#define HOUR (3600 * NANO)

/* R-KNOWN-05: no months or years, whose length differs. */
static const struct jb_unit times[] = {
    {"h", HOUR},         {"hour", HOUR},      {"hours", HOUR},       {"hr", HOUR},
    {"hrs", HOUR},       {"min", 60 * NANO},  {"minute", 60 * NANO}, {"minutes", 60 * NANO},
    {"mins", 60 * NANO}, {"s", NANO},         {"sec", NANO},         {"second", NANO},
    {"seconds", NANO},   {"ms", NANO / 1000}, {"d", 24 * HOUR},      {"day", 24 * HOUR},
    {"days", 24 * HOUR}, {"w", 168 * HOUR},   {"week", 168 * HOUR},  {"weeks", 168 * HOUR},
};
static const struct jb_unit powers[] = {
    {"W", 1000}, {"watt", 1000},      {"watts", 1000},
    {"mW", 1},   {"kW", 1000 * 1000}, {"MW", 1000 * 1000 * 1000},
};
/* R-KNOWN-05: main memory is sold in powers of two, whatever the label says. */
static const struct jb_unit memories[] = {
    {"GiB", 1024}, {"GB", 1024},         {"G", 1024},         {"MiB", 1},         {"MB", 1},
    {"M", 1},      {"TiB", 1024 * 1024}, {"TB", 1024 * 1024}, {"T", 1024 * 1024},
};
static const struct jb_unit counts[] = {{"", 1000}};
static const struct jb_unit wholes[] = {{"", 1}};
static const struct jb_unit shares[] = {
    {"%", 10000}, {"", 1000000}, {"percent", 10000}, {"per cent", 10000}};

static const struct jb_unit energies_per_cycle[] = {
    {"nJ", 1000000}, {"pJ", 1000}, {"fJ", 1}, {"uJ", INT64_C(1000000000)}};
/* Powers of ten are the units of counts that nobody writes out. */
static const struct jb_unit tens[] = {{"e12", INT64_C(1000000000000)},
                                      {"e9", INT64_C(1000000000)},
                                      {"e6", INT64_C(1000000)},
                                      {"e15", INT64_C(1000000000000000)},
                                      {"e18", INT64_C(1000000000000000000)},
                                      {"e3", INT64_C(1000)},
                                      {"e4", INT64_C(10000)},
                                      {"e5", INT64_C(100000)},
                                      {"e7", INT64_C(10000000)},
                                      {"e8", INT64_C(100000000)},
                                      {"e10", INT64_C(10000000000)},
                                      {"e11", INT64_C(100000000000)},
                                      {"e13", INT64_C(10000000000000)},
                                      {"e14", INT64_C(100000000000000)},
                                      {"e16", INT64_C(10000000000000000)},
                                      {"e17", INT64_C(100000000000000000)},
                                      {"", 1}};
static const struct jb_unit ratios[] = {{"", 1000000}};
static const struct jb_unit capacitances[] = {{"pF", 1000},
                                              {"nF", 1000000},
                                              {"fF", 1},
                                              {"uF", INT64_C(1000000000)},
                                              {"mF", INT64_C(1000000000000)}};
static const struct jb_unit voltages[] = {{"V", 1000000}, {"mV", 1000}, {"uV", 1}};
static const struct jb_unit rates[] = {{"TFLOP/s", 1000},   {"TFLOPS", 1000}, {"PFLOP/s", 1000000},
                                       {"PFLOPS", 1000000}, {"GFLOP/s", 1},   {"GFLOPS", 1}};
static const struct jb_unit frequencies[] = {
    {"GHz", INT64_C(1000000000)}, {"MHz", 1000000}, {"kHz", 1000}, {"Hz", 1}};

#define FORM_UNITS(table) .units = (table), .n_units = JB_ARRAY_LEN(table), .divisor = 1

const struct jb_quantity_form jb_form_duration_ns = {
    .noun = "a time",
    .examples = "'12 h', a range as '360..672 h' or '5-10 weeks', a bound as '<= 6000 h'",
    FORM_UNITS(times),
    .min = NANO / 1000,
    .max = 876600 * HOUR,
    .is_any_case = true};
const struct jb_quantity_form jb_form_power_mw = {
    .noun = "a power",
    .examples = "'250 W', a range as '180..250 W' or '1.2-1.5 kW'",
    FORM_UNITS(powers),
    .min = 0,
    .max = INT64_C(1000000000000)};
const struct jb_quantity_form jb_form_memory_mib = {
    .noun = "an amount of memory",
    .examples = "'64 GB', '512 MiB', a range as '32..64 GB'",
    FORM_UNITS(memories),
    .min = 0,
    .max = INT64_C(1) << 40,
    .is_any_case = true};
const struct jb_quantity_form jb_form_count_milli = {.noun = "a number",
                                                     .examples =
                                                         "'2', '0.5', '1/2', a range as '6-7'",
                                                     FORM_UNITS(counts),
                                                     .min = 0,
                                                     .max = INT64_C(1000000000000)};
const struct jb_quantity_form jb_form_whole = {.noun = "a whole number",
                                               .examples = "'16', a range as '8..16'",
                                               FORM_UNITS(wholes),
                                               .min = 0,
                                               .max = INT64_C(1000000000),
                                               .is_whole = true};
const struct jb_quantity_form jb_form_epc_fj = {.noun = "an energy per cycle",
                                                .examples =
                                                    "'0.8 nJ', '900 pJ', a range as '0.7..0.9 nJ'",
                                                FORM_UNITS(energies_per_cycle),
                                                .min = 1,
                                                .max = INT64_C(1000000000000)};
const struct jb_quantity_form jb_form_events = {.noun = "a number of events",
                                                .examples = "'2e12', a range as '2e12..3e12'",
                                                FORM_UNITS(tens),
                                                .min = 1,
                                                .max = INT64_C(1000000000000000000)};
const struct jb_quantity_form jb_form_cpi_ppm = {.noun = "cycles per instruction",
                                                 .examples = "'0.8', a range as '0.5..1.2'",
                                                 FORM_UNITS(ratios),
                                                 .min = 1,
                                                 .max = INT64_C(1000000000)};
const struct jb_quantity_form jb_form_capacitance_ff = {
    .noun = "a capacitance",
    .examples = "'1.2 nF', '300 pF', a range as '1..1.5 nF'",
    FORM_UNITS(capacitances),
    .min = 1,
    .max = INT64_C(1000000000000000)};
const struct jb_quantity_form jb_form_voltage_uv = {
    .noun = "a voltage",
    .examples = "'1.1 V', '900 mV', a range as '0.9..1.1 V'",
    FORM_UNITS(voltages),
    .min = 1,
    .max = INT64_C(1000000000)};
const struct jb_quantity_form jb_form_frequency_hz = {
    .noun = "a frequency",
    .examples = "'2.4 GHz', '800 MHz', a range as '2..3 GHz'",
    FORM_UNITS(frequencies),
    .min = 1,
    .max = INT64_C(1000000000000)};
const struct jb_quantity_form jb_form_rate_gflops = {
    .noun = "a rate",
    .examples = "'312 TFLOP/s', '2.25 PFLOP/s', a range as '60..125 TFLOP/s'",
    FORM_UNITS(rates),
    .min = 1,
    .max = INT64_C(1000000000000)};
const struct jb_quantity_form jb_form_share_ppm = {
    .noun = "a share",
    .examples = "'50 %', '0.5', a range as '40..60 %'; not above 100 %",
    FORM_UNITS(shares),
    .min = 0,
    .max = 1000000};
const struct jb_quantity_form jb_form_pue_milli = {.noun = "a PUE",
                                                   .examples =
                                                       "'1.58', a range as '1.1..1.3'; not below 1",
                                                   FORM_UNITS(counts),
                                                   .min = 1000,
                                                   .max = 10000};

/* --- parsing --------------------------------------------------------------------------------------------------- */

struct number {
    int64_t nano;
    const struct jb_unit *unit; /* NULL: none stands after it */
};

/* A text being read, and what was expected where it stopped. */
struct reader {
    const char *text, *at;
    const struct jb_quantity_form *form;
    struct jb_error *err;
};

JB_PRINTF(3, 4)
static jb_rc refuse(const struct reader *reader, const char *hint, const char *format, ...)
{
    char why[128], usual[320];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    (void)snprintf(usual, sizeof usual, "write %s, 'unknown' or 'withheld'",
                   reader->form->examples);
    return jb_fail(reader->err, JB_E_INPUT, hint ? hint : usual, "'%.80s' is not %s: %s",
                   reader->text, reader->form->noun, why);
}

static void skip_blanks(struct reader *reader)
{
    reader->at += strspn(reader->at, " ");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes `word` where it stands next, in any case; a word of letters must end there. */
static bool take_word(struct reader *reader, const char *word)
{
    const size_t len = strlen(word);

    if (strncasecmp(reader->at, word, len) != 0 ||
        (jb_clean_is_alnum(word[len - 1]) && jb_clean_is_alnum(reader->at[len])))
        return false;
    reader->at += len;
    skip_blanks(reader);
    return true;
}

static bool take_any(struct reader *reader, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (take_word(reader, words[i]))
            return true;
    return false;
}

/* Bytes of a decimal at `at`: digits, and a point only where a digit follows, so that ".." divides. */
static size_t decimal_len(const char *at)
{
    size_t n = strspn(at, "0123456789");

    if (at[n] == '.' && is_digit(at[n + 1]))
        n += 1 + strspn(at + n + 1, "0123456789");
    return n;
}

static jb_rc take_figure(struct reader *reader, int64_t *ret_nano)
{
    const size_t n = decimal_len(reader->at);
    const char *const under = reader->at + n + (reader->at[n] == '/');
    const size_t n_under = reader->at[n] == '/' ? strspn(under, "0123456789") : 0;
    int64_t below = 1;

    if (n == 0 && (take_word(reader, "a half") || take_word(reader, "half"))) {
        *ret_nano = NANO / 2;
        return JB_OK;
    }
    if (n == 0 && !*reader->at)
        return refuse(reader, NULL, "a number is missing at its end");
    if (n == 0)
        return refuse(reader, NULL, "a number is expected at '%.20s'", reader->at);
    if (jb_parse_decimal(reader->at, n, 9, ret_nano) < 0)
        return refuse(reader, NULL, "it is too large");
    if (n_under > 0 && (jb_parse_i64(under, n_under, false, &below) < 0 || below == 0 ||
                        jb_muldiv_i64(*ret_nano, 1, below, JB_ROUND_NEAREST, ret_nano) < 0))
        return refuse(reader, NULL, "the fraction is none");
    reader->at = n_under > 0 ? under + n_under : reader->at + n;
    if (*reader->at == ',')
        return refuse(reader, "write a decimal point, and no marks for thousands",
                      "a comma could be either");
    if (*reader->at == '.' && reader->at[1] != '.')
        return refuse(reader, NULL, "a digit is missing after the point");
    return JB_OK;
}

/* The unit that stands next: the longest of the form's names that ends there. */
static const struct jb_unit *take_unit(struct reader *reader)
{
    const struct jb_unit *found = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < reader->form->n_units; i++) {
        const struct jb_unit *const unit = &reader->form->units[i];
        const size_t len = strlen(unit->name);
        const bool is_it = reader->form->is_any_case ? strncasecmp(reader->at, unit->name, len) == 0
                                                     : strncmp(reader->at, unit->name, len) == 0;
        if (is_it && len > longest && !jb_clean_is_alnum(reader->at[len])) {
            found = unit;
            longest = len;
        }
    }
    reader->at += longest;
    skip_blanks(reader);
    return found;
}

static const struct jb_unit *bare_unit(const struct jb_quantity_form *form)
{
    for (size_t i = 0; i < form->n_units; i++)
        if (!form->units[i].name[0])
            return &form->units[i];
    return NULL;
}

static jb_rc take_number(struct reader *reader, struct number *ret_number)
{
    const jb_rc rc = take_figure(reader, &ret_number->nano);

    if (rc < 0)
        return rc;
    skip_blanks(reader);
    ret_number->unit = take_unit(reader);
    return JB_OK;
}

static jb_rc to_kept(const struct reader *reader, const struct number *number, int64_t *ret)
{
    const struct jb_quantity_form *const form = reader->form;
    int64_t value;

    if (form->is_whole && number->nano % NANO != 0)
        return refuse(reader, NULL, "it has a fraction");
    if (jb_muldiv_i64(number->nano, number->unit->factor, NANO * form->divisor, JB_ROUND_NEAREST,
                      &value) < 0 ||
        value > form->max)
        return refuse(reader, NULL, "it is too large");
    if (value < form->min)
        return refuse(reader, NULL, "it is too small");
    *ret = value;
    return JB_OK;
}

/* R-KNOWN-04: one unit after the last number is that of all. */
static jb_rc settle_units(const struct reader *reader, struct number *numbers, size_t n)
{
    const struct jb_unit *last = numbers[n - 1].unit;

    for (size_t i = 0; i + 1 < n && !last; i++)
        if (numbers[i].unit)
            return refuse(reader, NULL, "the last number has no unit");
    if (!last)
        last = bare_unit(reader->form);
    if (!last)
        return refuse(reader, NULL, "it has no unit");
    for (size_t i = 0; i < n; i++)
        if (!numbers[i].unit)
            numbers[i].unit = last;
    return JB_OK;
}

static bool take_divider(struct reader *reader)
{
    static const char *const dividers[] = {"..", "-", "\xe2\x80\x93", "to"};

    return take_any(reader, dividers, JB_ARRAY_LEN(dividers));
}

static jb_rc range_of(const struct reader *reader, const int64_t *values, size_t n,
                      struct jb_quantity *ret)
{
    struct jb_quantity range = {.known = JB_KNOWN_RANGE,
                                .is_best_told = n == 3,
                                .low = values[0],
                                .best = values[n / 2],
                                .high = values[n - 1]};

    if (n < 3)
        range.best = range.low + (range.high - range.low) / 2;
    if (range.low > range.high)
        return refuse(reader, "write the low end first", "it runs backwards");
    if (range.best < range.low || range.best > range.high)
        return refuse(reader, "write low..best..high", "the best lies outside");
    if (range.low == range.high)
        range = (struct jb_quantity){
            .known = JB_KNOWN_VALUE, .low = range.low, .best = range.low, .high = range.low};
    *ret = range;
    return JB_OK;
}

static jb_rc take_numbers(struct reader *reader, bool is_bound, struct jb_quantity *ret)
{
    struct number numbers[3];
    int64_t values[3] = {0};
    size_t n = 0;

    do {
        const jb_rc rc = take_number(reader, &numbers[n]);
        if (rc < 0)
            return rc;
        n++;
    } while (n < 3 && take_divider(reader));
    if (*reader->at)
        return refuse(reader, NULL, "'%.20s' is not understood", reader->at);
    jb_rc rc = settle_units(reader, numbers, n);
    for (size_t i = 0; i < n && rc == JB_OK; i++)
        rc = to_kept(reader, &numbers[i], &values[i]);
    if (rc < 0)
        return rc;
    if (is_bound && n > 1)
        return refuse(reader, "write the bound or the range", "it is a bound and a range");
    if (is_bound) {
        values[1] = values[2] = values[0];
        values[0] = reader->form->min;
        n = 3;
    }
    return range_of(reader, values, n, ret);
}

/* What nobody can turn into figures, with what to write instead. */
static jb_rc check_vague(struct reader *reader)
{
    static const char *const abouts[] = {"~",      "\xc2\xb1", "\xe2\x89\x88", "about",   "approx",
                                         "around", "ca",       "circa",        "roughly", "some"};
    static const char *const floors[] = {">=",   "\xe2\x89\xa5", ">",       "at least",
                                         "over", "more than",    "minimum", "min"};

    if (take_any(reader, abouts, JB_ARRAY_LEN(abouts)))
        return refuse(reader,
                      "write how far off it may be as a range: LOW..HIGH or LOW..BEST..HIGH",
                      "how far off may it be?");
    if (take_any(reader, floors, JB_ARRAY_LEN(floors)))
        return refuse(reader, "write a high end as well: LOW..HIGH", "it has no high end");
    return JB_OK;
}

static bool take_unknown(struct reader *reader, struct jb_quantity *ret)
{
    static const char *const unknowns[] = {"unknown", "not known"};
    static const char *const withhelds[] = {"withheld", "confidential"};
    const char *const begin = reader->at;

    *ret = (struct jb_quantity){.known = JB_KNOWN_UNKNOWN};
    if (take_any(reader, unknowns, JB_ARRAY_LEN(unknowns)) && !*reader->at)
        return true;
    reader->at = begin;
    ret->known = JB_KNOWN_WITHHELD;
    if (take_any(reader, withhelds, JB_ARRAY_LEN(withhelds)) && !*reader->at)
        return true;
    reader->at = begin;
    return false;
}

jb_rc jb_quantity_parse(const char *text, const struct jb_quantity_form *form,
                        struct jb_quantity *ret_quantity, struct jb_error *err)
{
    static const char *const bounds[] = {"<=",    "\xe2\x89\xa4", "<",    "at most",
                                         "up to", "less than",    "under"};
    struct reader reader = {.text = text, .at = text, .form = form, .err = err};
    struct jb_quantity quantity;

    if (!jb_clean_is(text)) {
        reader.text = "...";
        return refuse(&reader, NULL, "control characters or bytes that are not UTF-8");
    }
    skip_blanks(&reader);
    if (!*reader.at)
        return refuse(&reader, NULL, "nothing is written");
    if (take_unknown(&reader, &quantity)) {
        *ret_quantity = quantity;
        return JB_OK;
    }
    jb_rc rc = check_vague(&reader);
    if (rc < 0)
        return rc;
    const bool is_bound = take_any(&reader, bounds, JB_ARRAY_LEN(bounds));
    rc = take_numbers(&reader, is_bound, &quantity);
    if (rc < 0)
        return rc;
    *ret_quantity = quantity;
    return JB_OK;
}

jb_rc jb_answer_parse(const char *text, bool is_quoted, struct jb_answer *ret_answer,
                      struct jb_error *err)
{
    struct reader reader = {.text = text, .at = text};
    struct jb_quantity word;
    struct jb_answer answer = {.known = JB_KNOWN_VALUE};

    if (!jb_clean_is(text))
        return jb_fail(err, JB_E_INPUT, "write it in UTF-8, in one line",
                       "the name is not plain text");
    skip_blanks(&reader);
    if (!*reader.at)
        return jb_fail(err, JB_E_INPUT, "write the name, 'unknown' or 'withheld'",
                       "the name is empty");
    if (strlen(text) >= sizeof answer.text)
        return jb_fail(err, JB_E_INPUT, "shorten it", "'%.40s...' is longer than %zu bytes", text,
                       sizeof answer.text - 1);
    if (!is_quoted && take_unknown(&reader, &word))
        answer.known = word.known;
    else
        (void)snprintf(answer.text, sizeof answer.text, "%s", reader.at);
    *ret_answer = answer;
    return JB_OK;
}

/* --- formatting ------------------------------------------------------------------------------------------------ */

/* The largest unit that the smallest figure reaches, among those shown: the first of each factor; else the smallest. */
static const struct jb_unit *shown_unit(const struct jb_quantity_form *form, int64_t value)
{
    const struct jb_unit *best = &form->units[0];

    /* Hours suit days and weeks too; shares are per cents. */
    for (size_t i = 0; i < form->n_units; i++) {
        const struct jb_unit *const unit = &form->units[i];
        const bool fits = unit->factor / form->divisor <= value;
        const bool best_fits = best->factor / form->divisor <= value;
        if (!best_fits && (fits || unit->factor < best->factor))
            best = unit;
    }
    return best;
}

const char *jb_quantity_format(const struct jb_quantity *quantity,
                               const struct jb_quantity_form *form, char *buf, size_t size)
{
    const int64_t values[3] = {quantity->low, quantity->best, quantity->high};
    char texts[3][32];

    if (quantity->known != JB_KNOWN_VALUE && quantity->known != JB_KNOWN_RANGE) {
        (void)snprintf(buf, size, "%s", jb_known_name(quantity->known));
        return buf;
    }
    const struct jb_unit *const unit =
        shown_unit(form, quantity->low > form->min ? quantity->low : quantity->high);
    for (size_t i = 0; i < 3; i++)
        (void)jb_format_decimal(
            jb_muldiv_sat_i64(values[i], 1000 * form->divisor, unit->factor, JB_ROUND_NEAREST), 3,
            texts[i], sizeof texts[i]);
    const char *const blank = unit->name[0] ? " " : "";
    if (quantity->known == JB_KNOWN_VALUE)
        (void)snprintf(buf, size, "%s%s%s", texts[1], blank, unit->name);
    else if (quantity->is_best_told && quantity->low == form->min &&
             quantity->best == quantity->high)
        (void)snprintf(buf, size, "<= %s%s%s", texts[2], blank, unit->name);
    else if (quantity->is_best_told)
        (void)snprintf(buf, size, "%s..%s..%s%s%s", texts[0], texts[1], texts[2], blank,
                       unit->name);
    else
        (void)snprintf(buf, size, "%s..%s%s%s", texts[0], texts[2], blank, unit->name);
    return buf;
}
