/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of hourly intensities: taken or refused, and what is taken gives a sound result. R-CARBON-04. */
#include "base/clock.h"
#include "carbon/carbon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_hourly *hourly = NULL;
    struct jb_error err = {0};
    if (jb_hourly_parse("fuzz", data, size, &hourly, &err) < 0) {
        if (err.message[0] == '\0' || hourly)
            abort();
        return 0;
    }

    const int64_t day_us = 24 * JB_US_PER_HOUR;
    const struct jb_energy_slice slices[] = {
        {20780 * day_us, 20790 * day_us + 1, 1, 1000000007, 2000000011},
        {-4 * INT64_C(1000000000000000000), 4 * INT64_C(1000000000000000000), 0, INT64_MAX,
         INT64_MAX},
    };
    const struct jb_carbon_factor annual = {1, 475000, 1306300};
    struct jb_carbon carbon;
    if (jb_carbon_of_slices(slices, JB_ARRAY_LEN(slices), &annual, hourly, &carbon, &err) < 0 ||
        carbon.mass_ugco2e.low > carbon.mass_ugco2e.best ||
        carbon.mass_ugco2e.best > carbon.mass_ugco2e.high)
        abort();
    jb_hourly_free(hourly);
    return 0;
}
