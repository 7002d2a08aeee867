/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the equivalents table into what a quantity is as much as, with the span of the rows that mean the same thing
 * (R-CAT-19). It must never mix a unit of energy with one of carbon: a base key stands for one quantity only.
 */
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

enum bound { BOUND_BEST, BOUND_LOW, BOUND_HIGH };

/* Length of the key without "_low" and "_high", and which of them it had. */
static size_t base_length(const char *key, enum bound *ret_bound)
{
    static const struct {
        const char *text;
        enum bound bound;
    } ends[] = {{"_low", BOUND_LOW}, {"_high", BOUND_HIGH}};
    const size_t len = strlen(key);

    *ret_bound = BOUND_BEST;
    for (size_t i = 0; i < JB_ARRAY_LEN(ends); i++) {
        const size_t end = strlen(ends[i].text);
        if (len <= end || strcmp(key + len - end, ends[i].text) != 0)
            continue;
        *ret_bound = ends[i].bound;
        return len - end;
    }
    return len;
}

static const char *key_at(size_t row)
{
    const char *const key = catalogue__text(CAT_equivalents, row, CAT_equivalents_key);
    return key ? key : "";
}

static bool is_same_base(size_t a, size_t b)
{
    enum bound bound;
    const size_t len = base_length(key_at(a), &bound);
    return base_length(key_at(b), &bound) == len && strncmp(key_at(a), key_at(b), len) == 0;
}

/* The first row of its base: rows are few, so every earlier one is looked at. */
static bool is_first(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (is_same_base(i, row))
            return false;
    return true;
}

size_t jb_catalogue_n_equivalents(void)
{
    size_t n = 0;
    for (size_t row = 0; row < catalogue__n_rows(CAT_equivalents); row++)
        n += is_first(row);
    return n;
}

static void widen(struct jb_span *span, int64_t value)
{
    span->low = span->n_rows == 0 || value < span->low ? value : span->low;
    span->high = span->n_rows == 0 || value > span->high ? value : span->high;
    span->n_rows++;
}

static struct jb_equivalent join(size_t first)
{
    struct jb_equivalent found = {.key = ""};
    const char *const quantity = catalogue__text(CAT_equivalents, first, CAT_equivalents_quantity);
    bool has_best = false;
    enum bound bound;

    (void)snprintf(found.key, sizeof found.key, "%.*s", (int)base_length(key_at(first), &bound),
                   key_at(first));
    found.is_carbon = quantity && strcmp(quantity, "kgCO2e") == 0;
    for (size_t row = first; row < catalogue__n_rows(CAT_equivalents); row++) {
        const int64_t micro = catalogue__number(CAT_equivalents, row, CAT_equivalents_value);
        if (!is_same_base(first, row) || micro <= 0)
            continue;
        (void)base_length(key_at(row), &bound);
        widen(&found.micro_per_unit, micro);
        if (bound == BOUND_BEST || !has_best) {
            const char *const name =
                catalogue__text(CAT_equivalents, row, CAT_equivalents_unit_name);
            const int64_t year = catalogue__number(CAT_equivalents, row, CAT_equivalents_year);
            (void)snprintf(found.unit_name, sizeof found.unit_name, "%s", name ? name : found.key);
            found.year = year < 0 ? 0 : year;
        }
        if (bound == BOUND_BEST) {
            found.micro_per_unit.best = micro;
            has_best = true;
        }
        catalogue__cite(found.source, sizeof found.source,
                        catalogue__text(CAT_equivalents, row, CAT_equivalents_source));
    }
    if (!has_best) {
        const struct jb_span *const span = &found.micro_per_unit;
        found.micro_per_unit.best = span->low + (span->high - span->low) / 2;
        char *const mark = strstr(found.unit_name, " (");
        if (mark && (strcmp(mark, " (low)") == 0 || strcmp(mark, " (high)") == 0))
            *mark = '\0';
    }
    return found;
}

struct jb_equivalent jb_catalogue_equivalent_at(size_t i)
{
    size_t row = 0;
    for (size_t left = i;; row++) {
        if (!is_first(row))
            continue;
        if (left-- == 0)
            break;
    }
    return join(row);
}
