/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that cannot be are refused by name. R-EST-01. */
#include "estimate/estimate_int.h"

#include <stddef.h>

#include "tap.h"

static jb_rc check(const struct jb_work *work, struct jb_error *err)
{
    return estimate__check(work, err);
}

int main(void)
{
    static const struct {
        size_t at;
        struct jb_quantity quantity;
        const char *what;
    } refused[] = {
        {offsetof(struct jb_work, idle_ppm),
         {JB_KNOWN_VALUE, false, 1000001, 1000001, 1000001},
         "more idle than time"},
        {offsetof(struct jb_work, accelerator_use_ppm),
         {JB_KNOWN_RANGE, false, 0, 1, 1000001},
         "use above all"},
        {offsetof(struct jb_work, memory_mib), {JB_KNOWN_RANGE, false, 5, 4, 6}, "best below low"},
        {offsetof(struct jb_work, memory_mib), {JB_KNOWN_RANGE, false, 5, 7, 6}, "best above high"},
        {offsetof(struct jb_work, duration_ns),
         {JB_KNOWN_RANGE, false, -1, 4, 6},
         "less than no time"},
        {offsetof(struct jb_work, pue_milli),
         {JB_KNOWN_RANGE, false, 999, 1000, 1000},
         "a PUE below 1"},
    };
    struct jb_error err = {0};
    struct jb_work work = {0};

    is_i64(check(&work, &err), JB_OK, "nothing told is nothing wrong");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        work = (struct jb_work){0};
        *(struct jb_quantity *)(void *)((char *)&work + refused[i].at) = refused[i].quantity;
        ok(check(&work, &err) == JB_E_INPUT && err.message[0], "%s is refused", refused[i].what);
        ((struct jb_quantity *)(void *)((char *)&work + refused[i].at))->known = JB_KNOWN_WITHHELD;
        is_i64(check(&work, &err), JB_OK, "withheld, it is not looked at");
    }
    work = (struct jb_work){.n_repeats = JB_WORK_REPEATS_MAX + 1};
    is_i64(check(&work, &err), JB_E_INPUT, "more numbers of repeats than there are places");
    return done_testing();
}
