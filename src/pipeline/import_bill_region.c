/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region of a run of a bill to the zone of its grid and its PUE, as far as the catalogue has them and the user states
 * nothing else. No place is guessed: a region nobody knows leaves the run without. R-BILL-14.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"
#include "pipeline/import_bill_int.h"

static int64_t year_of(int64_t utc_us)
{
    char text[32];
    int64_t year = 0;

    if (utc_us <= 0)
        return 0;
    (void)jb_format_utc(utc_us, false, text, sizeof text);
    return jb_parse_i64(text, 4, false, &year) == JB_OK ? year : 0;
}

static void note_pue(const struct jb_region *found, struct jb_rebuilt *rebuilt)
{
    const struct jb_span *const pue = &found->pue_milli;
    char best[32];
    char low[32];
    char high[32];

    if (pue->low == pue->high)
        bill_note(rebuilt, "PUE %s of %s %s in %" PRId64 ", as its provider tells: %.160s",
                  jb_format_decimal(pue->best, 3, best, sizeof best), found->provider,
                  found->region, found->pue_year, found->source);
    else
        bill_note(rebuilt,
                  "PUE %s (%s to %s) of regions of %s in %" PRId64
                  ", as it tells; none is known of %s: %.120s",
                  jb_format_decimal(pue->best, 3, best, sizeof best),
                  jb_format_decimal(pue->low, 3, low, sizeof low),
                  jb_format_decimal(pue->high, 3, high, sizeof high), found->provider,
                  found->pue_year, found->region, found->source);
}

void bill_set_place(const struct jb_bill_group *group, const struct jb_run *facts,
                    struct jb_rebuilt *rebuilt)
{
    struct jb_run *const run = &rebuilt->run;
    const char *const provider = group->provider[0] != '\0' ? group->provider : NULL;
    struct jb_region found;

    if (group->region[0] == '\0') {
        if (facts->place[0] == '\0')
            bill_note(rebuilt, "the bill tells no region of this, so neither grid nor PUE");
        return;
    }
    if (jb_catalogue_find_region(provider, group->region, year_of(run->start_utc_us), &found,
                                 NULL) < 0) {
        bill_note(rebuilt, "region '%.80s' is not in the catalogue: --place states it",
                  group->region);
        return;
    }
    if (facts->place[0] == '\0')
        (void)snprintf(run->place, sizeof run->place, "%s", found.zone);
    if (facts->pue_milli <= 0 && found.pue_milli.n_rows > 0) {
        run->pue_milli = found.pue_milli.best;
        note_pue(&found, rebuilt);
    }
}
