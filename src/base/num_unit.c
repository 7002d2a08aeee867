/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number with its unit, as people write it ("2s", "1.5 kW", "2 %"), to a whole number of the smallest unit. Must
 * never guess: a unit that is not in the caller's table, or none where one is needed, is refused.
 */
#include "base/num.h"

#include <string.h>

#include "base/compiler.h"

#define SCALE       9
#define SCALE_POWER INT64_C(1000000000)

jb_rc jb_parse_quantity(const char *text, const struct jb_unit *units, size_t n_units, int64_t *ret)
{
    const size_t n_number = strspn(text, "0123456789.");
    const char *const unit = text + n_number + strspn(text + n_number, " ");
    int64_t number;

    for (size_t i = 0; i < n_units; i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;
        const jb_rc rc = jb_parse_decimal(text, n_number, SCALE, &number);
        return rc < 0 ? rc
                      : jb_muldiv_i64(number, units[i].factor, SCALE_POWER, JB_ROUND_NEAREST, ret);
    }
    return JB_E_INPUT;
}
