/* SPDX-License-Identifier: Apache-2.0 */
/* The judge is judged: energies of scripted courses against figures worked out by hand. */
#include "course.h"

#include "tap.h"

#define S  INT64_C(1000000000)
#define MS INT64_C(1000000)

static void is_mj(const char *text, int64_t t_ns, int64_t want_mj, const char *name)
{
    struct course course;

    if (!course_parse(text, &course))
        bail_out("'%s' is no course", text);
    const fj_t fj = course_fj(&course, t_ns);
    is_i64((int64_t)(fj / ((fj_t)1000 * FJ_PER_UJ)), want_mj, "%s", name);
    ok(fj % ((fj_t)1000 * FJ_PER_UJ) == 0, "%s, to the last femtojoule", name);
}

static void test_energies(void)
{
    is_mj("const:50", 2 * S, 100000, "50 W for 2 s are 100 J");
    is_mj("const:0.25", 4 * MS, 1, "a quarter watt for 4 ms is a millijoule");
    /* 0.65 s at 180 W and 0.65 s at 20 W */
    is_mj("square:20:180:1300", 1300 * MS, 130000, "a whole period of a square is its mean");
    is_mj("square:20:180:1300", 650 * MS, 117000, "the high half comes first");
    is_mj("square:20:180:1300", 1400 * MS, 148000, "a tenth of a second into the second period");
    is_mj("bursts:0:200:1000:120", 2 * S, 48000, "two bursts of 120 ms");
    is_mj("bursts:0:200:1000:120", 1060 * MS, 36000, "half of the second burst");
    /* 20 W x 3 s + 160 W x 3 s / 2 */
    is_mj("ramp:20:180:3000", 3 * S, 300000, "a whole rise");
    is_mj("ramp:20:180:3000", 5 * S, 660000, "a rise, then level");
    /* at half of the rise: 20 W x 1.5 s + 160 W x 1.5^2 / 6 */
    is_mj("ramp:20:180:3000", 1500 * MS, 90000, "half of a rise");
    is_mj("ramp:180:20:3000", 3 * S, 300000, "a fall");
    is_mj("const:50", -S, 0, "nothing before the begin");
    is_mj("const:50", INT64_C(31557600) * S, INT64_C(1577880000000), "a year of it");
}

static void test_texts(void)
{
    static const char *const bad[] = {"const",        "const:",
                                      "const:1:2",    "square:1:2",
                                      "square:1:2:0", "bursts:1:2:10:11",
                                      "ramp:1:2:0",   "sine:1",
                                      "const:-1",     ""};
    struct course course;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(!course_parse(bad[i], &course), "'%s' is no course", bad[i]);
}

int main(void)
{
    test_energies();
    test_texts();
    return done_testing();
}
