/* SPDX-License-Identifier: Apache-2.0 */
/* Starts of a training over a series worked out by hand. R-PLAN-20, R-PLAN-21. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "plan/plan_hours.h"
#include "tap.h"

#define H(n) ((n)*JB_US_PER_HOUR)

static int64_t utc(const char *text)
{
    int64_t us = 0;

    if (jb_parse_utc(text, strlen(text), &us) < 0)
        bail_out("not a time: %s", text);
    return us;
}

static struct jb_hourly *series(void)
{
    /* 00: 400, 01: 200, 02: 100, 03: 300, gap, 05: 50, 06: 60 g/kWh */
    static const char text[] = "utc_hour_start,gco2e_per_kwh\n2026-01-01T00:00:00Z,400\n"
                               "2026-01-01T01:00:00Z,200\n2026-01-01T02:00:00Z,100\n"
                               "2026-01-01T03:00:00Z,300\n2026-01-01T05:00:00Z,50\n"
                               "2026-01-01T06:00:00Z,60\n";
    struct jb_hourly *hourly = NULL;

    if (jb_hourly_parse("x", text, sizeof text - 1, &hourly, NULL) < 0)
        bail_out("the series is refused");
    return hourly;
}

/* 9 to 10 to 12 kWh over `us` */
static struct jb_plan plan_of(int64_t us)
{
    return (struct jb_plan){
        .is_computable = true,
        .wall_us = {.is_known = true, .low = us, .best = us, .high = us},
        .facility_mj = {.is_known = true,
                        .low = INT64_C(32400000000),
                        .best = INT64_C(36000000000),
                        .high = INT64_C(43200000000)},
    };
}

int main(void)
{
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = series();
    struct jb_plan plan = plan_of(H(2) + H(1) / 2);
    struct jb_plan_hours hours;
    struct jb_error err = {0};

    is_i64(jb_plan_hours(&plan, hourly, utc("2025-12-31T00:00:00Z"), &hours, &err), JB_OK,
           "two and a half hours");
    is_i64((int64_t)hours.n_starts, 2,
           "fit at midnight and at one: not into the gap, not at the end");
    is_i64(hours.first.utc_us, utc("2026-01-01T00:00:00Z"), "midnight is the first");
    /* (400 + 200 + 100 / 2) / 2.5 = 260 g */
    is_i64(hours.first.mean_mg_per_kwh, 260000, "its mean is by the time in each hour");
    is_i64(hours.best.utc_us, utc("2026-01-01T01:00:00Z"), "one o'clock is the best");
    /* (200 + 100 + 300 / 2) / 2.5 = 180 g x 10 kWh */
    is_i64(hours.best.mean_mg_per_kwh, 180000, "with 180 g");
    is_i64(hours.best.mass_ugco2e.best, INT64_C(1800000000), "10 kWh are 1.8 kg");
    is_i64(hours.best.mass_ugco2e.low, INT64_C(1620000000), "9 kWh are 1.62 kg");
    is_i64(hours.best.mass_ugco2e.high, INT64_C(2160000000), "12 kWh are 2.16 kg");
    is_i64(hours.worst.utc_us, hours.first.utc_us, "midnight is the worst");

    plan = plan_of(H(1));
    is_i64(jb_plan_hours(&plan, hourly, utc("2026-01-01T02:30:00Z"), &hours, &err), JB_OK,
           "one hour from half past two");
    is_i64((int64_t)hours.n_starts, 4, "fits at half past two, three, five and six");
    is_i64(hours.first.mean_mg_per_kwh, 200000, "half an hour of 100 and half of 300");
    is_i64(hours.best.mean_mg_per_kwh, 50000, "five o'clock is the best");

    plan = plan_of(H(9));
    is_i64(jb_plan_hours(&plan, hourly, 0, &hours, &err), JB_OK, "nine hours");
    is_i64((int64_t)hours.n_starts, 0, "fit nowhere");
    plan = plan_of(H(1));
    is_i64(jb_plan_hours(&plan, hourly, utc("2027-01-01T00:00:00Z"), &hours, &err), JB_OK,
           "after the series");
    is_i64((int64_t)hours.n_starts, 0, "there is no start");
    plan.is_computable = false;
    is_i64(jb_plan_hours(&plan, hourly, 0, &hours, &err), JB_E_INPUT,
           "what is not computable is refused");
    return done_testing();
}
